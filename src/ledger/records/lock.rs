//! The records of a cell: `cell.toml` and `lock-<key>.toml`.
//!
//! Owns [`CellRecord`], [`Standing`], the shapes on disk, and their conversion from and to the
//! model. Never decides which session holds a lock.
//!
//! What is offered is written as a lock that no session holds: of a clone whose id is all zeros,
//! with a lease that ends with the offer. A version that knows no offers grants it to no session
//! until then.

use serde::Deserialize;
use toml::value::Datetime;

use crate::ledger::records::wire::{
    Lines, ProcessWire, Rest, instant, known_format, malformed, parse, word,
};
use crate::model::actor::Actor;
use crate::model::id::{NodeId, SessionId};
use crate::model::lock::Lock;
use crate::model::offer::Offered;
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::time::{Timestamp, Ttl};
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
    with: Option<String>,
    offered_to: Option<String>,
    offered_until: Option<Datetime>,
    offered_by: Option<String>,
    #[serde(flatten)]
    rest: Rest,
}

/// The format of the record of a cell that is a list of tasks.
const LIST_FORMAT: u64 = 2;

/// The clone of what no session holds.
const NO_NODE: NodeId = NodeId::from_bytes([0; 16]);

/// What stands in a register for one resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// A session holds it.
    Held(Lock),
    /// No session holds it, and it is offered to one.
    Offered(Offered),
}

impl Standing {
    /// Returns the resource.
    pub fn resource(&self) -> &Resource {
        match self {
            Self::Held(lock) => &lock.resource,
            Self::Offered(offered) => &offered.resource,
        }
    }
}

/// The content of `cell.toml`: the highest token that was granted.
#[derive(Clone, Debug, Default)]
pub struct CellRecord {
    /// The highest token that was granted in this cell.
    pub floor: Token,
    /// Whether it is the cell of a list of tasks. Its format is another one: a version that knows
    /// no tasks reads none of it, and never writes it.
    pub is_list: bool,
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
    let is_list = wire.format == LIST_FORMAT;
    if !is_list {
        known_format(wire.format)?;
    }
    Ok(CellRecord {
        floor: token(wire.token)?,
        is_list,
        rest: wire.rest,
    })
}

/// Reads a lock or an offer from TOML, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Result<(Standing, Rest), Defect> {
    let mut wire: LockWire = parse(bytes)?;
    known_format(wire.format)?;
    let offer = (wire.offered_to.take(), wire.offered_until.take());
    let by = wire.offered_by.take();
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
        with: wire.with.and_then(|task| Resource::from_record(&task).ok()),
    };
    // A version that knows no offers keeps these fields in the record of a later grant.
    let standing = match offer {
        (Some(to), Some(until)) if lock.holder.node == NO_NODE => {
            let until = instant("offered_until", until)?;
            Standing::Offered(offered(lock, &to, by.as_deref(), until)?)
        }
        _ => Standing::Held(lock),
    };
    Ok((standing, wire.rest))
}

/// Takes an offer from the record of a lock. One that ends later than any offer can is cut.
fn offered(lock: Lock, to: &str, by: Option<&str>, until: Timestamp) -> Result<Offered, Defect> {
    let to = SessionId::from_record(to).map_err(|e| malformed(format!("offered_to: {e}")))?;
    let by = by.and_then(|by| SessionId::from_record(by).ok());
    let latest = lock.renewed_at.plus_secs(Ttl::MAX.as_secs());
    Ok(Offered {
        resource: lock.resource,
        token: lock.token,
        by: Actor {
            id: by.unwrap_or(lock.holder.id),
            process: None,
            ..lock.holder
        },
        purpose: lock.purpose,
        granted_at: lock.granted_at,
        at: lock.renewed_at,
        to,
        until: until.min(latest),
    })
}

/// Writes the record of a cell as TOML.
pub fn write_cell(record: &CellRecord) -> Vec<u8> {
    let mut out = match record.is_list {
        true => Lines::of_format(LIST_FORMAT),
        false => Lines::default(),
    };
    out.line("token", record.floor);
    out.finish(&record.rest)
}

/// Writes a lock or an offer as TOML.
pub fn encode(standing: &Standing, rest: &Rest) -> Vec<u8> {
    let mut out = Lines::default();
    match standing {
        Standing::Held(lock) => write_lock(&mut out, lock),
        Standing::Offered(offered) => {
            let secs = offered.until.secs_since(offered.at);
            let lock = Lock {
                resource: offered.resource.clone(),
                token: offered.token,
                holder: Actor {
                    node: NO_NODE,
                    process: None,
                    ..offered.by.clone()
                },
                purpose: offered.purpose.clone(),
                granted_at: offered.granted_at,
                renewed_at: offered.at,
                ttl: Ttl::from_secs(secs).unwrap_or(Ttl::MIN),
                with: None,
            };
            write_lock(&mut out, &lock);
            out.text("offered_to", offered.to.as_str());
            out.line("offered_until", offered.until.to_rfc3339());
            out.text("offered_by", offered.by.id.as_str());
        }
    }
    out.finish(rest)
}

fn write_lock(out: &mut Lines, lock: &Lock) {
    let holder = &lock.holder;
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
    out.maybe("with", lock.with.as_ref().map(Resource::label));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered() -> Offered {
        let at = Timestamp::from_millis(1_763_719_200_000);
        Offered {
            resource: Resource::parse("turn:main").unwrap(),
            token: Token::new(7),
            by: Actor {
                node: NO_NODE,
                ..Actor::example("ann", 1)
            },
            purpose: Purpose::parse("the zone").unwrap(),
            granted_at: at.minus_secs(60),
            at,
            to: SessionId::parse("bob").unwrap(),
            until: at.plus_secs(1200),
        }
    }

    fn text() -> String {
        let bytes = encode(&Standing::Offered(offered()), &Rest::new());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_offer_is_read_as_it_was_written() {
        let (read, rest) = decode(text().as_bytes()).unwrap();
        assert_eq!((read, rest), (Standing::Offered(offered()), Rest::new()));
    }

    #[test]
    fn a_lock_that_an_older_version_wrote_over_an_offer_is_a_lock() {
        let granted = text().replace(&NO_NODE.to_string(), &"ab".repeat(16));
        let (read, rest) = decode(granted.as_bytes()).unwrap();
        assert!(matches!(read, Standing::Held(_)));
        assert!(rest.is_empty(), "and the next write drops the offer");
    }

    #[test]
    fn no_offer_lasts_longer_than_a_day() {
        let long = text().replace("offered_until = 2025", "offered_until = 2925");
        assert_ne!(long, text());
        let (Standing::Offered(read), _) = decode(long.as_bytes()).unwrap() else {
            panic!("no offer");
        };
        assert_eq!(read.until, offered().at.plus_secs(86_400));
    }
}
