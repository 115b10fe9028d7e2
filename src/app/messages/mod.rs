//! Messages between sessions: `tell`, `inbox`, and what hooks hand over.
//!
//! Owns the order in which a message is written, published and announced to the sessions of this
//! clone. Never decides whom a message means: that is `model::message`.

pub mod addresses;
mod behind;
pub mod handover;
pub mod inbox;
pub mod last_there;
pub mod look;
pub mod owed;
pub mod reach;
pub mod reading;
pub mod tell;
