//! The record of a state, `state-<key>.toml`.
//!
//! Owns its shape on disk, and its conversion from and to the model ([`decode`], [`encode`]). Never
//! decides which statement counts, never touches Git.

use serde::Deserialize;
use toml::value::Datetime;

use crate::ledger::records::wire::{Lines, Rest, instant, known_format, malformed, parse};
use crate::model::resource::Resource;
use crate::model::state::{LASTS_SECS_MAX, Saying, Statement, Version, Word};
use crate::model::text::Purpose;
use crate::model::unreadable::Defect;

#[derive(Deserialize)]
struct StateWire {
    format: u64,
    resource: String,
    state: String,
    version: Option<String>,
    notes: Option<String>,
    at: Datetime,
    lasts_seconds: u64,
    #[serde(default)]
    forced: bool,
    #[serde(flatten)]
    rest: Rest,
}

/// Reads a state from TOML, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Result<(Statement, Rest), Defect> {
    let wire: StateWire = parse(bytes)?;
    known_format(wire.format)?;
    let resource =
        Resource::from_record(&wire.resource).map_err(|e| malformed(format!("resource: {e}")))?;
    let word = Word::parse(&wire.state);
    let word = word.ok_or_else(|| malformed(format!("state {:?}", wire.state)))?;
    let statement = Statement {
        saying: Saying {
            resource,
            word,
            version: wire.version.as_deref().and_then(Version::from_record),
            notes: wire.notes.as_deref().map(Purpose::from_record),
            lasts_secs: wire.lasts_seconds.min(LASTS_SECS_MAX),
            is_forced: wire.forced,
        },
        at: instant("at", wire.at)?,
    };
    Ok((statement, wire.rest))
}

/// Writes a state as TOML.
pub fn encode(statement: &Statement, rest: &Rest) -> Vec<u8> {
    let saying = &statement.saying;
    let mut out = Lines::default();
    out.text("resource", saying.resource.label());
    out.text("state", saying.word.as_str());
    if let Some(version) = &saying.version {
        out.text("version", version.as_str());
    }
    if let Some(notes) = &saying.notes {
        out.text("notes", notes.as_str());
    }
    out.line("at", statement.at.to_rfc3339());
    out.line("lasts_seconds", saying.lasts_secs);
    if saying.is_forced {
        out.line("forced", true);
    }
    out.finish(rest)
}
