//! The record of a claim, `claim-<key>.toml`.
//!
//! Owns its shape on disk, and its conversion from and to the model ([`decode`], [`encode`]). Never
//! decides what a claim means, never touches Git.

use serde::Deserialize;
use toml::value::Datetime;

use crate::ledger::records::wire::{Lines, Rest, instant, known_format, malformed, parse};
use crate::model::claim::{Claim, Mode};
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::time::Ttl;
use crate::model::unreadable::Defect;

#[derive(Deserialize)]
struct ClaimWire {
    format: u64,
    resource: String,
    purpose: String,
    mode: String,
    claimed_at: Datetime,
    ttl_seconds: u64,
    place_until: Option<Datetime>,
    #[serde(flatten)]
    rest: Rest,
}

/// Reads a claim from TOML, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Result<(Claim, Rest), Defect> {
    let wire: ClaimWire = parse(bytes)?;
    known_format(wire.format)?;
    let resource =
        Resource::from_record(&wire.resource).map_err(|e| malformed(format!("resource: {e}")))?;
    // An exclusive claim is stored only in its cell; a second copy here could contradict it.
    let mode = match wire.mode.as_str() {
        "shared" => Mode::Shared,
        "waiting" => Mode::Waiting,
        other => return Err(malformed(format!("mode {other:?}"))),
    };
    let claim = Claim {
        resource,
        purpose: Purpose::from_record(&wire.purpose),
        mode,
        claimed_at: instant("claimed_at", wire.claimed_at)?,
        ttl: Ttl::from_secs(wire.ttl_seconds).map_err(malformed)?,
        place_until: match wire.place_until {
            Some(until) if mode == Mode::Waiting => Some(instant("place_until", until)?),
            _ => None,
        },
    };
    Ok((claim, wire.rest))
}

/// Writes a claim as TOML.
pub fn encode(claim: &Claim, rest: &Rest) -> Vec<u8> {
    let mut out = Lines::default();
    out.text("resource", claim.resource.label());
    out.text("purpose", claim.purpose.as_str());
    out.text("mode", claim.mode.as_str());
    out.line("claimed_at", claim.claimed_at.to_rfc3339());
    out.line("ttl_seconds", claim.ttl.as_secs());
    if let Some(until) = claim.place_until {
        out.line("place_until", until.to_rfc3339());
    }
    out.finish(rest)
}
