//! A sync as a whole.
//!
//! Owns the tests that run the loop of `rounds` itself: many peers, one remote, and all that can
//! go wrong between them.

mod search;
mod simulator;
