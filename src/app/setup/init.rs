//! The use case of `init`: checking that a board can be kept, before the first claim.
//!
//! Owns what is checked, and the line that keeps the choice of the remote. No verb needs it: a
//! claim does the same. Never touches a setting but the lines that it shows, and removes exactly
//! those.

use crate::app::remote::confirmation::no_such_remote;
use crate::app::setup::doctor;
use crate::context::{Context, Upstream};
use crate::failure::{Failure, Kind};
use crate::identity;
use crate::ledger::layout;
use crate::model::finding::Finding;
use crate::model::id::SessionId;

/// A board that can be used.
#[derive(Debug)]
pub struct Ready {
    /// The session that acts.
    pub me: SessionId,
    /// The id of this clone.
    pub node: String,
    /// The directory of the repository that keeps the board.
    pub ledger: String,
    /// The prefix of the refs that keep the board.
    pub refs: &'static str,
    /// Whether this call gave the clone its id.
    pub created: bool,
    /// The remote that the board is shared through.
    pub remote: Option<String>,
    /// Lines that were added to the settings.
    pub added: Vec<String>,
    /// Lines of an earlier version that were removed from the settings.
    pub removed: Vec<String>,
    /// What the remote lets this job do, if that was asked.
    pub rights: Option<Vec<Finding>>,
}

/// The lines that `init --undo` removed.
#[derive(Debug)]
pub struct Unwired {
    /// The directory of the repository that keeps the board.
    pub ledger: String,
    /// The lines.
    pub removed: Vec<String>,
}

/// Checks that the board can be read and written, and keeps the choice of the remote.
pub fn execute(context: &Context) -> Result<Ready, Failure> {
    if let Upstream::Missing(name) = &context.upstream {
        return Err(no_such_remote(name));
    }
    let created = context.ledger.node().is_none();
    let actor = context.actor()?;
    // What would fail a first claim fails here.
    context.ledger.board()?;
    let remote = context.upstream.name();
    let changed = context.ledger.config_lines().add(remote)?;
    Ok(Ready {
        me: actor.id,
        node: actor.node.to_string(),
        refs: layout::ROOT,
        ledger: context.ledger_dir.display().to_string(),
        created,
        remote: remote.map(str::to_owned),
        added: changed.added,
        removed: changed.removed,
        rights: None,
    })
}

/// Does the same for the job of a CI system, whose clone lasts as long as the job:
/// tries at the remote what it will need, too.
///
/// # Errors
///
/// [`Kind::Remote`] if a ref cannot be created, moved or removed there; a hint says what the job
/// needs.
pub fn execute_in_ci(context: &Context) -> Result<Ready, Failure> {
    let ready = execute(context)?;
    let Some(remote) = context.remote() else {
        return Err(
            Failure::usage("a job shares the board through a remote, and there is none")
                .hint("name one: git presence init --ci --remote <remote>"),
        );
    };
    let findings = doctor::examine_remote(context, &remote)?;
    let Some(open) = findings.iter().find(|finding| finding.is_open()) else {
        return Ok(Ready {
            rights: Some(findings),
            ..ready
        });
    };
    let mut failure = Failure::new(Kind::Remote, anyhow::anyhow!(open.what.clone()));
    let right = context.me.agent.as_deref().and_then(identity::right_of);
    if let Some(right) = right {
        failure = failure.hint(format!("give the job what it needs: {right}"));
    }
    Err(match &open.advice {
        Some(advice) => failure.hint(advice.clone()),
        None => failure,
    })
}

/// Removes the lines that `init` added.
pub fn undo(context: &Context) -> Result<Unwired, Failure> {
    let removed = context.ledger.config_lines().remove()?;
    Ok(Unwired {
        ledger: context.ledger_dir.display().to_string(),
        removed,
    })
}
