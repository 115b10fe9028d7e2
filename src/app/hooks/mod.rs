//! Hooks: what Git, an agent's harness and a deployment ask before they go on.
//!
//! Owns what is checked for each of them, and what is recorded. Never parses a foreign format: that
//! is `integrations`.

pub mod agent;
pub mod audit;
mod board_refs;
pub mod coverage;
pub(crate) mod elsewhere;
pub mod explain;
pub mod guard;
pub mod hooked;
pub mod learn;
pub mod measure;
pub mod pre_apply;
pub mod pre_commit;
pub mod pre_push;
mod required;
pub mod rules_in_use;
