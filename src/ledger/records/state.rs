//! The record of a state, `state-<key>.toml`.
//!
//! Owns its shape on disk, and its conversion from and to the model ([`decode`], [`encode`]). Never
//! decides which statement counts, never touches Git.

use serde::Deserialize;
use toml::value::Datetime;

use crate::ledger::records::wire::{Lines, Rest, instant, known_format, malformed, parse};
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::state::{LASTS_SECS_MAX, Lifted, Saying, Statement, Version, Word};
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
    lifts: Vec<LiftedWire>,
    #[serde(flatten)]
    rest: Rest,
}

#[derive(Deserialize)]
struct LiftedWire {
    by: String,
    at: Datetime,
    until: Datetime,
}

/// Reads a state from TOML, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Result<(Statement, Rest), Defect> {
    let wire: StateWire = parse(bytes)?;
    known_format(wire.format)?;
    let resource =
        Resource::from_record(&wire.resource).map_err(|e| malformed(format!("resource: {e}")))?;
    let word = Word::parse(&wire.state);
    let word = word.ok_or_else(|| malformed(format!("state {:?}", wire.state)))?;
    let lifts = wire.lifts.into_iter().map(|one| {
        Ok(Lifted {
            by: SessionId::from_record(&one.by).map_err(|e| malformed(format!("lifts: {e}")))?,
            at: instant("lifts.at", one.at)?,
            until: instant("lifts.until", one.until)?,
        })
    });
    let statement = Statement {
        saying: Saying {
            resource,
            word,
            version: wire.version.as_deref().and_then(Version::from_record),
            notes: wire.notes.as_deref().map(Purpose::from_record),
            lasts_secs: wire.lasts_seconds.min(LASTS_SECS_MAX),
            lifts: lifts.collect::<Result<_, Defect>>()?,
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
    let lifts = saying.lifts.iter().map(|one| {
        let by = toml::Value::from(one.by.as_str());
        let (at, until) = (one.at.to_rfc3339(), one.until.to_rfc3339());
        format!("{{ by = {by}, at = {at}, until = {until} }}")
    });
    let lifts: Vec<String> = lifts.collect();
    if !lifts.is_empty() {
        out.line("lifts", format!("[{}]", lifts.join(", ")));
    }
    out.finish(rest)
}
