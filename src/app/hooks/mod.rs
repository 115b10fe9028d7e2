//! What Git, an agent's harness and a deployment ask before they go on.
//!
//! Owns what is looked at for each of them, and what is recorded. Never reads a foreign format:
//! that is `integrations`.

pub mod agent;
pub mod audit;
pub mod bypass;
pub mod coverage;
pub mod guard;
pub mod pre_apply;
pub mod pre_push;
