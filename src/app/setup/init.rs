//! `init`: make sure that everything is in place, and say what to do first.
//!
//! Owns the check before the first claim, which nothing needs: a claim does the same. It is there
//! to try before one relies on it, and for a `git fetch` that brings the board in. Never touches
//! a setting but the lines that it shows, and takes exactly those back.

use crate::app::remote::confirmation::no_such_remote;
use crate::context::{Context, Upstream};
use crate::failure::Failure;
use crate::ledger::layout;
use crate::model::id::SessionId;

#[derive(Debug)]
pub struct Ready {
    pub me: SessionId,
    pub node: String,
    pub ledger: String,
    /// The refs below which the board is kept.
    pub refs: &'static str,
    /// Whether this call named the clone.
    pub created: bool,
    /// The remote that the board is shared through.
    pub remote: Option<String>,
    /// Lines that were added to the configuration.
    pub added: Vec<String>,
}

/// What `init --undo` took back.
#[derive(Debug)]
pub struct Unwired {
    pub ledger: String,
    pub removed: Vec<String>,
}

pub fn execute(context: &Context) -> Result<Ready, Failure> {
    if let Upstream::Missing(name) = &context.upstream {
        return Err(no_such_remote(name));
    }
    let created = context.ledger.node().is_none();
    let actor = context.actor()?;
    // Read once: what is in the way of a first claim is in the way of this.
    context.ledger.board()?;
    let remote = context.upstream.name();
    let added = remote
        .map(|remote| context.ledger.config_lines().add(remote))
        .transpose()?;
    Ok(Ready {
        me: actor.id,
        node: actor.node.to_string(),
        refs: layout::ROOT,
        ledger: context.ledger_dir.display().to_string(),
        created,
        remote: remote.map(str::to_owned),
        added: added.unwrap_or_default(),
    })
}

pub fn undo(context: &Context) -> Result<Unwired, Failure> {
    let removed = context.ledger.config_lines().remove()?;
    Ok(Unwired {
        ledger: context.ledger_dir.display().to_string(),
        removed,
    })
}
