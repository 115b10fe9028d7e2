//! What others send us, made into requests of ours.
//!
//! Owns the translation of foreign input: command lines that somebody is about to run. Never
//! decides who may do what, never reads the world.

pub mod guard;
