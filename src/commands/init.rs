//! `init`: make sure that everything is in place, and say what to do first.
//!
//! Owns the check before the first claim, which nothing needs: a claim does the same. It is there
//! to try before one relies on it. Never touches the user's settings.

use super::cli::Globals;
use crate::context::Context;
use crate::failure::Failure;
use crate::host::Host;
use crate::ledger::layout;
use crate::model::id::SessionId;

/// Check that a board can be kept here, and show the first commands
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Debug)]
pub struct Ready {
    pub me: SessionId,
    pub node: String,
    pub ledger: String,
    /// The refs below which the board is kept.
    pub refs: &'static str,
    /// Whether this call named the clone.
    pub created: bool,
}

pub fn run(globals: &Globals, host: Host) -> Result<Ready, Failure> {
    let context = globals.context(host, None, true)?;
    execute(&context)
}

pub fn execute(context: &Context) -> Result<Ready, Failure> {
    let created = context.ledger.node().is_none();
    let actor = context.actor()?;
    // Read once: what is in the way of a first claim is in the way of this.
    context.ledger.board()?;
    Ok(Ready {
        me: actor.id,
        node: actor.node.to_string(),
        refs: layout::ROOT,
        ledger: context.ledger_dir.display().to_string(),
        created,
    })
}
