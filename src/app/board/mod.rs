//! Reading the board: `list`, `log`, `metrics`, `peek`, `prompt`, `status`.
//!
//! Owns what each of them picks from the board. Never changes a record.

pub mod aside;
pub mod candidates;
pub mod changes;
pub mod fetches;
mod folder;
pub mod follow;
pub mod list;
pub mod log;
pub mod metrics;
mod next;
pub mod peek;
pub mod prompt;
mod standing;
pub mod status;
pub mod turns;
pub mod watch;
