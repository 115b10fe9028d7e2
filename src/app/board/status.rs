//! `status`: everything that matters now, at one glance.
//!
//! Owns what comes first and what the next command is. Changes nothing.

use crate::app::remote::confirmation::Freshness;
use crate::app::remote::publish;
use crate::context::Context;
use crate::failure::Failure;
use crate::identity::Rule;
use crate::model::holding::{Holding, split_by};
use crate::model::id::SessionId;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

#[derive(Debug)]
pub struct Status {
    pub now: Timestamp,
    pub me: SessionId,
    pub rule: Rule,
    pub agent: Option<String>,
    pub ledger: String,
    /// When this session last showed a sign of life.
    pub seen_at: Option<Timestamp>,
    pub mine: Vec<Holding>,
    pub others: Vec<Holding>,
    /// Live sessions besides me, with or without claims.
    pub other_sessions: usize,
    pub problems: Vec<Unreadable>,
    /// `None` where there is no remote.
    pub remote: Option<RemoteStatus>,
    pub next: String,
}

/// Where we stand with the remote.
#[derive(Debug)]
pub struct RemoteStatus {
    pub view: Freshness,
    /// Refs of ours that it does not have as they are.
    pub pending: usize,
    /// Why the last sync failed, if it did.
    pub error: Option<String>,
    /// Its words, if it refuses us.
    pub refused: Option<String>,
    /// Refs of ours that it does not take.
    pub refused_refs: usize,
    /// What was odd in the last look.
    pub odd: Vec<String>,
}

pub fn execute(context: &Context) -> Result<Status, Failure> {
    let board = context.ledger.board()?;
    let now = context.now();
    let me = &context.me.id;
    let (mine, mut others) = split_by(board.live(now), me);
    // What is in my way comes first.
    let in_my_way = |h: &Holding| mine.iter().any(|m| m.resource.overlaps(&h.resource));
    others.sort_by_key(|holding| !in_my_way(holding));
    let shared = others.iter().find(|holding| in_my_way(holding));
    let next = match (shared, mine.first(), board.unreadable.is_empty()) {
        (_, _, false) => "git presence doctor".to_owned(),
        (Some(shared), ..) => format!("git presence peek {}", shared.resource),
        (None, Some(_), _) => "git presence release --all-mine  (when you are done)".to_owned(),
        (None, None, _) => "git presence claim <type>:<name> --purpose <text>".to_owned(),
    };
    let live = |s: &&crate::model::session::Session| s.who.id != *me && s.is_live(now);
    Ok(Status {
        now,
        me: me.clone(),
        rule: context.me.rule,
        agent: context.me.agent.clone(),
        ledger: context.ledger_dir.display().to_string(),
        seen_at: board.session(me).map(|session| session.seen_at),
        other_sessions: board.sessions.iter().filter(live).count(),
        mine,
        others,
        problems: board.unreadable,
        remote: remote_status(context)?,
        next,
    })
}

fn remote_status(context: &Context) -> Result<Option<RemoteStatus>, Failure> {
    let Some(view) = publish::freshness(context) else {
        return Ok(None);
    };
    let known = context.ledger.remote(&view.remote).state();
    let ahead = context.ledger.tracking().ahead()?;
    let mut refused_refs = known.refused_refs(context.now());
    refused_refs.retain(|name, _| ahead.iter().any(|ahead| ahead.name == *name));
    Ok(Some(RemoteStatus {
        view,
        pending: ahead.len(),
        refused: known.refused(context.now()).map(str::to_owned),
        refused_refs: refused_refs.len(),
        error: known.error,
        odd: known.odd,
    }))
}
