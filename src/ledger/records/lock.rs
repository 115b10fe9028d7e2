//! The records of a cell: `cell.toml` and `lock-<key>.toml`.
//!
//! Owns [`CellRecord`], the shapes on disk, and their conversion from and to the model. Never
//! decides which session holds a lock.

use serde::Deserialize;
use toml::value::Datetime;

use crate::ledger::records::wire::{
    Lines, ProcessWire, Rest, instant, known_format, malformed, parse, word,
};
use crate::model::actor::Actor;
use crate::model::id::{NodeId, SessionId};
use crate::model::lock::Lock;
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::time::Ttl;
use crate::model::token::Token;
use crate::model::unreadable::Defect;

#[derive(Deserialize)]
struct CellWire {
    format: u64,
    token: u64,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
struct LockWire {
    format: u64,
    resource: String,
    token: u64,
    holder: String,
    node: String,
    agent: Option<String>,
    user: String,
    host: String,
    #[serde(flatten)]
    process: ProcessWire,
    worktree: Option<String>,
    branch: Option<String>,
    purpose: String,
    granted_at: Datetime,
    renewed_at: Datetime,
    ttl_seconds: u64,
    #[serde(flatten)]
    rest: Rest,
}

/// The content of `cell.toml`: the highest token that was granted.
#[derive(Clone, Debug, Default)]
pub struct CellRecord {
    /// The highest token that was granted in this cell.
    pub floor: Token,
    /// Fields that this version does not know.
    pub rest: Rest,
}

fn token(number: u64) -> Result<Token, Defect> {
    let token = Token::new(number);
    match token <= Token::MAX {
        true => Ok(token),
        false => Err(malformed(format!("the token {number} is beyond any clock"))),
    }
}

/// Reads the record of a cell from TOML. Fails if the token is larger than any clock could make.
pub fn read_cell(bytes: &[u8]) -> Result<CellRecord, Defect> {
    let wire: CellWire = parse(bytes)?;
    known_format(wire.format)?;
    Ok(CellRecord {
        floor: token(wire.token)?,
        rest: wire.rest,
    })
}

/// Reads a lock from TOML, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Result<(Lock, Rest), Defect> {
    let wire: LockWire = parse(bytes)?;
    known_format(wire.format)?;
    let resource =
        Resource::from_record(&wire.resource).map_err(|e| malformed(format!("resource: {e}")))?;
    let id = SessionId::from_record(&wire.holder).map_err(|e| malformed(format!("holder: {e}")))?;
    let node = NodeId::parse(&wire.node).ok_or_else(|| malformed("node is not 32 hex digits"))?;
    let lock = Lock {
        resource,
        token: token(wire.token)?,
        holder: Actor {
            id,
            node,
            agent: wire.agent.map(word),
            user: word(wire.user),
            host: word(wire.host),
            process: wire.process.read()?,
            worktree: wire.worktree.map(word),
            branch: wire.branch.map(word),
        },
        purpose: Purpose::from_record(&wire.purpose),
        granted_at: instant("granted_at", wire.granted_at)?,
        renewed_at: instant("renewed_at", wire.renewed_at)?,
        ttl: Ttl::from_secs(wire.ttl_seconds).map_err(malformed)?,
    };
    Ok((lock, wire.rest))
}

/// Writes the record of a cell as TOML.
pub fn write_cell(record: &CellRecord) -> Vec<u8> {
    let mut out = Lines::default();
    out.line("token", record.floor);
    out.finish(&record.rest)
}

/// Writes a lock as TOML.
pub fn encode(lock: &Lock, rest: &Rest) -> Vec<u8> {
    let holder = &lock.holder;
    let mut out = Lines::default();
    out.text("resource", lock.resource.label());
    out.line("token", lock.token);
    out.text("holder", holder.id.as_str());
    out.text("node", &holder.node.to_string());
    out.maybe("agent", holder.agent.as_deref());
    out.text("user", &holder.user);
    out.text("host", &holder.host);
    out.process(holder.process.as_ref());
    out.maybe("worktree", holder.worktree.as_deref());
    out.maybe("branch", holder.branch.as_deref());
    out.text("purpose", lock.purpose.as_str());
    out.line("granted_at", lock.granted_at.to_rfc3339());
    out.line("renewed_at", lock.renewed_at.to_rfc3339());
    out.line("ttl_seconds", lock.ttl.as_secs());
    out.finish(rest)
}
