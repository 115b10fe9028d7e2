//! Claims, shared and exclusive, from `claim` to `release`.
//!
//! Owns the order in which a claim is written, published and decided. Never decides who holds
//! what: that is `model`.

pub mod akin;
pub mod arbiter;
mod attempts;
pub mod bypass;
pub mod conflicts;
pub mod exclusive;
pub mod fence;
pub mod force;
pub mod free;
pub mod gone;
pub mod granted;
pub mod handoffs;
pub mod heartbeat;
pub mod lease;
pub mod level;
pub mod moved;
pub mod obstacle;
pub mod offers;
pub mod place;
pub mod push;
pub mod refused;
pub mod release;
pub mod report;
pub mod request;
pub mod run;
mod run_claims;
pub mod shared;
pub mod succession;
pub(crate) mod unpushed;
pub mod untold;
pub mod wait;
pub mod waiters;
pub mod waitlist;
pub mod wants;
pub(crate) mod written;
