//! A sync as a whole.
//!
//! Owns the tests that run the loop of `rounds` itself: many peers, one remote, and all that can
//! go wrong between them.

#![expect(
    unreachable_pub,
    reason = "`pub` is what the other files of a test may use"
)]

mod search;
mod simulator;
mod third_kind;
