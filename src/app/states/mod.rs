//! States: what is true of a resource, as sessions say it.
//!
//! Owns how a statement is checked, written and published, and how those that count are listed.
//! Never decides which of several counts: that is `model::state`.

pub mod deploy;
pub mod list;
pub mod say;
