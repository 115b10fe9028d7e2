//! The record of a session, `session.toml`.
//!
//! Owns [`SessionRecord`], its shape on disk, and its conversion from and to the model. The claims
//! of the session are records of their own. Never touches Git.

use serde::Deserialize;
use toml::value::Datetime;

use crate::ledger::records::wire::{
    Lines, ProcessWire, Rest, instant, known_format, malformed, parse, word,
};
use crate::model::actor::Actor;
use crate::model::id::{HarnessId, NodeId, SessionId};
use crate::model::session::Life;
use crate::model::time::{Timestamp, Ttl};
use crate::model::unreadable::Defect;

#[derive(Deserialize)]
struct SessionWire {
    format: u64,
    id: String,
    node: String,
    agent: Option<String>,
    user: String,
    host: String,
    #[serde(flatten)]
    process: ProcessWire,
    worktree: Option<String>,
    branch: Option<String>,
    seen_at: Datetime,
    ttl_seconds: u64,
    began_at: Option<Datetime>,
    ended_at: Option<Datetime>,
    harness_session: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

/// The content of `session.toml`, without the claims beside it.
#[derive(Clone, Debug)]
pub struct SessionRecord {
    /// The session, its clone and its process.
    pub who: Actor,
    /// The time of its last heartbeat.
    pub seen_at: Timestamp,
    /// How long it counts as live after a heartbeat.
    pub ttl: Ttl,
    /// When it began and ended, and what its harness calls it.
    pub life: Life,
    /// Fields that this version does not know.
    pub rest: Rest,
}

/// Reads the record of a session from TOML.
pub fn read_session(bytes: &[u8]) -> Result<SessionRecord, Defect> {
    let wire: SessionWire = parse(bytes)?;
    known_format(wire.format)?;
    let id = SessionId::from_record(&wire.id).map_err(|e| malformed(format!("id: {e}")))?;
    let node = NodeId::parse(&wire.node).ok_or_else(|| malformed("node is not 32 hex digits"))?;
    let process = wire.process.read()?;
    Ok(SessionRecord {
        who: Actor {
            id,
            node,
            agent: wire.agent.map(word),
            user: word(wire.user),
            host: word(wire.host),
            process,
            worktree: wire.worktree.map(word),
            branch: wire.branch.map(word),
        },
        seen_at: instant("seen_at", wire.seen_at)?,
        ttl: Ttl::from_secs(wire.ttl_seconds).map_err(malformed)?,
        life: Life {
            began_at: optional("began_at", wire.began_at)?,
            ended_at: optional("ended_at", wire.ended_at)?,
            // What a later version may know under this name is none of ours.
            harness_id: wire.harness_session.as_deref().and_then(HarnessId::parse),
        },
        rest: wire.rest,
    })
}

fn optional(field: &str, at: Option<Datetime>) -> Result<Option<Timestamp>, Defect> {
    at.map(|at| instant(field, at)).transpose()
}

/// Writes the record of a session as TOML.
pub fn write_session(record: &SessionRecord) -> Vec<u8> {
    let who = &record.who;
    let mut out = Lines::default();
    out.text("id", who.id.as_str());
    out.text("node", &who.node.to_string());
    out.maybe("agent", who.agent.as_deref());
    out.text("user", &who.user);
    out.text("host", &who.host);
    out.process(who.process.as_ref());
    out.maybe("worktree", who.worktree.as_deref());
    out.maybe("branch", who.branch.as_deref());
    out.line("seen_at", record.seen_at.to_rfc3339());
    out.line("ttl_seconds", record.ttl.as_secs());
    let life = &record.life;
    for (field, at) in [("began_at", life.began_at), ("ended_at", life.ended_at)] {
        if let Some(at) = at {
            out.line(field, at.to_rfc3339());
        }
    }
    out.maybe(
        "harness_session",
        life.harness_id.as_ref().map(HarnessId::as_str),
    );
    out.finish(&record.rest)
}
