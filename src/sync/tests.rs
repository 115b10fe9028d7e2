//! Tests of the sync as a whole.
//!
//! Owns the tests that run the loop of `rounds` itself, with many peers, one remote and every fault
//! between them, and the search over the rules of exclusive claims.

#![expect(
    unreachable_pub,
    reason = "`pub` is what the other files of a test may use"
)]

mod search;
mod simulator;
mod third_kind;
