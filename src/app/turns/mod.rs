//! Turns, and what a holder hands over: `turn`, `turn take`, `turn pass`, `release --to`.
//!
//! Owns what stands above a claim: who is offered something, what is left for the next holder, and
//! who keeps a turn alive. A turn is an ordinary exclusive claim. Never decides who holds what.

mod beat;
pub mod grant;
pub mod instructions;
pub mod look;
pub mod pass;
pub mod passed;
mod recipient;

pub mod take;
