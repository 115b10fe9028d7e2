//! What a record looks like on disk.
//!
//! Owns the wire shapes of `session.toml` and `claim-<key>.toml`, their format number, their
//! size limit, and the way between them and the model. Unknown fields are kept; a newer format is
//! recognised and left alone. Never decides what a claim means, never touches Git.

use chrono::NaiveDate;
use serde::Deserialize;
use toml::value::{Datetime, Offset};

use crate::model::actor::{Actor, Process};
use crate::model::claim::{Claim, Mode};
use crate::model::id::{LABEL_BYTES_MAX, NodeId, SessionId};
use crate::model::resource::Resource;
use crate::model::text::{Purpose, harmless};
use crate::model::time::{Timestamp, Ttl};
use crate::model::unreadable::Defect;

pub use lock::{CellRecord, LockRecord, read_cell, read_lock, write_cell, write_lock};

/// The format that this version writes, and the newest that it reads.
const FORMAT: u64 = 1;
const FIRST_LINE: &str = "format = 1\n";
/// Larger blobs are not records of ours.
pub const RECORD_BYTES_MAX: u64 = 64 * 1024;
/// The longest of the short texts in a record: user, host, agent, worktree, branch.
const WORD_BYTES_MAX: usize = 255;

/// Fields that this version does not know, kept on rewrite.
pub type Rest = toml::Table;

#[derive(Deserialize)]
struct Probe {
    format: u64,
}

#[derive(Deserialize)]
struct SessionWire {
    format: u64,
    id: String,
    node: String,
    agent: Option<String>,
    user: String,
    host: String,
    host_id: Option<String>,
    boot_id: Option<String>,
    pid: Option<u32>,
    started_at: Option<Datetime>,
    worktree: Option<String>,
    branch: Option<String>,
    seen_at: Datetime,
    ttl_seconds: u64,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
struct ClaimWire {
    format: u64,
    resource: String,
    purpose: String,
    mode: String,
    claimed_at: Datetime,
    ttl_seconds: u64,
    #[serde(flatten)]
    rest: Rest,
}

/// `session.toml`, without the claims that stand beside it.
#[derive(Clone, Debug)]
pub struct SessionRecord {
    pub who: Actor,
    pub seen_at: Timestamp,
    pub ttl: Ttl,
    pub rest: Rest,
}

/// `claim-<key>.toml`.
#[derive(Clone, Debug)]
pub struct ClaimRecord {
    pub claim: Claim,
    pub rest: Rest,
}

fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, Defect> {
    let text = std::str::from_utf8(bytes).map_err(|_| Defect::NotUtf8)?;
    // A newer format may well lack a field that this one needs: then only its number counts.
    toml::from_str(text).map_err(|error| match toml::from_str(text) {
        Ok(Probe { format }) if format > FORMAT => Defect::Newer { format },
        _ => malformed(error.message()),
    })
}

fn malformed(detail: impl ToString) -> Defect {
    Defect::Malformed {
        detail: harmless(&detail.to_string(), WORD_BYTES_MAX),
    }
}

fn known_format(format: u64) -> Result<(), Defect> {
    match format {
        FORMAT => Ok(()),
        newer if newer > FORMAT => Err(Defect::Newer { format }),
        other => Err(malformed(format!("format {other}"))),
    }
}

fn instant(field: &str, value: Datetime) -> Result<Timestamp, Defect> {
    to_timestamp(value)
        .ok_or_else(|| malformed(format!("{field} is not an instant with an offset")))
}

/// From the parts, because every reader does this for every record.
fn to_timestamp(value: Datetime) -> Option<Timestamp> {
    let (date, time) = (value.date?, value.time?);
    let offset_secs = match value.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes) * 60,
    };
    let date = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())?;
    let (second, nano) = (time.second.unwrap_or(0), time.nanosecond.unwrap_or(0));
    let at = date.and_hms_nano_opt(time.hour.into(), time.minute.into(), second.into(), nano)?;
    Some(Timestamp::from_millis(
        at.and_utc().timestamp_millis() - offset_secs * 1000,
    ))
}

fn word(text: String) -> String {
    harmless(&text, WORD_BYTES_MAX)
}

/// Whether these bytes start as every record that this version writes.
pub fn opens_with_this_format(bytes: &[u8]) -> bool {
    bytes.starts_with(FIRST_LINE.as_bytes())
}

pub fn read_session(bytes: &[u8]) -> Result<SessionRecord, Defect> {
    let wire: SessionWire = parse(bytes)?;
    known_format(wire.format)?;
    let id = SessionId::parse(&wire.id).map_err(|e| malformed(format!("id: {e}")))?;
    let node = NodeId::parse(&wire.node).ok_or_else(|| malformed("node is not 32 hex digits"))?;
    let process = process(wire.pid, wire.started_at, wire.host_id, wire.boot_id)?;
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
        rest: wire.rest,
    })
}

/// A process is known by all four or not at all.
fn process(
    pid: Option<u32>,
    started_at: Option<Datetime>,
    host_id: Option<String>,
    boot_id: Option<String>,
) -> Result<Option<Process>, Defect> {
    match (pid, started_at, host_id, boot_id) {
        (Some(pid), Some(started_at), Some(host_id), Some(boot_id)) => Ok(Some(Process {
            pid,
            started_at: instant("started_at", started_at)?,
            host_id: word(host_id),
            boot_id: word(boot_id),
        })),
        _ => Ok(None),
    }
}

pub fn read_claim(bytes: &[u8]) -> Result<ClaimRecord, Defect> {
    let wire: ClaimWire = parse(bytes)?;
    known_format(wire.format)?;
    let resource =
        Resource::parse(&wire.resource).map_err(|e| malformed(format!("resource: {e}")))?;
    // An exclusive claim lives in its cell alone; here it would be a second truth.
    let mode = match wire.mode.as_str() {
        "shared" => Mode::Shared,
        "waiting" => Mode::Waiting,
        other => return Err(malformed(format!("mode {other:?}"))),
    };
    Ok(ClaimRecord {
        claim: Claim {
            resource,
            purpose: Purpose::from_record(&wire.purpose),
            mode,
            claimed_at: instant("claimed_at", wire.claimed_at)?,
            ttl: Ttl::from_secs(wire.ttl_seconds).map_err(malformed)?,
        },
        rest: wire.rest,
    })
}

pub fn write_session(record: &SessionRecord) -> Vec<u8> {
    let who = &record.who;
    let mut out = Lines::new();
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
    out.finish(&record.rest)
}

pub fn write_claim(record: &ClaimRecord) -> Vec<u8> {
    let claim = &record.claim;
    let mut out = Lines::new();
    out.text("resource", claim.resource.label());
    out.text("purpose", claim.purpose.as_str());
    out.text("mode", claim.mode.as_str());
    out.line("claimed_at", claim.claimed_at.to_rfc3339());
    out.line("ttl_seconds", claim.ttl.as_secs());
    out.finish(&record.rest)
}

/// A record in the order in which a person reads it; `toml` alone would sort the keys.
struct Lines(String);

impl Lines {
    fn new() -> Self {
        Self(FIRST_LINE.to_owned())
    }

    fn line(&mut self, key: &str, value: impl std::fmt::Display) {
        self.0.push_str(&format!("{key} = {value}\n"));
    }

    fn text(&mut self, key: &str, value: &str) {
        self.line(key, toml::Value::from(value));
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, &harmless(value, LABEL_BYTES_MAX));
        }
    }

    fn process(&mut self, process: Option<&Process>) {
        if let Some(process) = process {
            self.text("host_id", &process.host_id);
            self.text("boot_id", &process.boot_id);
            self.line("pid", process.pid);
            self.line("started_at", process.started_at.to_rfc3339());
        }
    }

    fn finish(mut self, rest: &Rest) -> Vec<u8> {
        // Scalars before tables, as TOML wants; `rest` comes from TOML and so is writable.
        self.0.push_str(&toml::to_string(rest).unwrap_or_default());
        self.0.into_bytes()
    }
}

pub mod event;
pub mod lock;
#[cfg(test)]
mod tests;
