//! What others send us, made into requests of ours.
//!
//! Owns the translation of foreign input: what an agent harness tells its hooks, what Git tells its
//! hooks, and where it looks for them. Never decides who may do what, never reads the world.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    unreachable_pub,
    reason = "wider than it reaches; goes when `pub` here means public"
)]

pub mod git_hooks;
pub mod harness;
