//! Tasks: what is to be done, in lists that no two sessions take one task from.
//!
//! Owns how a list is read, and in which order a step is decided at the arbiter. Never decides what
//! may be taken: that is `model::task` and the lock register.

pub mod add;
pub mod change;
mod ending;
pub mod glance;
mod heeded;
pub mod look;
pub mod mine;
mod places;
mod stuck;
pub mod supervise;
pub mod take;
pub mod unsent;
pub mod waits;
