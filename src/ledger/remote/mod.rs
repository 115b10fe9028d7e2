//! What a remote has, and how it answered, as far as this clone knows.
//!
//! Owns the tracking refs, their damaged copies, and the state of a remote. Never talks to one.

pub mod copies;
mod lineage;
pub mod state;
pub mod tracking;
