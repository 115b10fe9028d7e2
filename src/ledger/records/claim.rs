//! The record of a claim, `claim-<key>.toml`.
//!
//! Owns its wire shape and the way between that and the model. Never decides what a claim means,
//! never touches Git.

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
    #[serde(flatten)]
    rest: Rest,
}

/// `claim-<key>.toml`.
#[derive(Clone, Debug)]
pub struct ClaimRecord {
    pub claim: Claim,
    pub rest: Rest,
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
