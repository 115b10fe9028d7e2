//! The use case of `count`: how many claims are live.
//!
//! Owns the figure ([`Count`]). Never writes.

use crate::context::Context;
use crate::failure::Failure;

/// How many claims are live.
#[derive(Debug)]
pub struct Count {
    /// The live claims of all sessions.
    pub live: usize,
}

/// Counts the live claims of all sessions.
pub fn execute(context: &Context) -> Result<Count, Failure> {
    let live = context.ledger.board()?.live(context.now()).len();
    Ok(Count { live })
}
