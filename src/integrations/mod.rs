//! Integrations: hooks of Git and of agent harnesses.
//!
//! Owns the translation of foreign input into our requests, and of our answers into what the caller
//! understands. Never decides what a session may do, never reads the world.

pub mod checks_file;
pub mod git_hooks;
pub mod handoff_file;
pub mod harness;
pub mod plan_file;
