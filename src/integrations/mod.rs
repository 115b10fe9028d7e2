//! What others send us, made into requests of ours.
//!
//! Owns the translation of foreign input: command lines that somebody is about to run, what an
//! agent harness tells its hooks, what Git tells its hooks, and where it looks for them. Never
//! decides who may do what, never reads the world.

pub mod git_hooks;
pub mod guard;
pub mod harness;
