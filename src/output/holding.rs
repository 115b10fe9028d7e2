//! A claim for people: one line, or two with all that is known.
//!
//! Owns the words for a claim that several answers share. Never knows a report.

use std::fmt::Write as _;

use super::style::DIM;
use super::when::When;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::text::name;

/// Returns `  node:a by wizard@devvm@a1 (wizard@devvm), until …: "upgrade"`; for failures.
pub(super) fn one_line(h: &Holding) -> String {
    format!(
        "  {} by {} ({}@{}), until {}: {}\n",
        h.resource,
        h.session,
        name(&h.user),
        name(&h.host),
        h.expires_at.to_rfc3339(),
        h.purpose
    )
}

/// Returns what stands before the purpose of an exclusive claim.
pub(super) fn exclusive(h: &Holding) -> &'static str {
    match h.mode {
        Mode::Exclusive => "(exclusive) ",
        Mode::Shared | Mode::Waiting => "",
    }
}

/// Returns what stands before the purpose of a claim that the remote does not have yet.
pub(super) fn unconfirmed(h: &Holding) -> &'static str {
    if h.confirmed { "" } else { "(not sent yet) " }
}

/// Returns the fencing token as a number, or nothing.
pub(super) fn token(h: &Holding) -> String {
    h.token.map(|token| token.to_string()).unwrap_or_default()
}

/// Adds the two lines that say everything about one claim.
pub(super) fn details(out: &mut String, h: &Holding, when: &When) {
    let agent = h.agent.as_deref();
    let agent = agent.map(|agent| format!(", {}", name(agent)));
    let _ = writeln!(
        out,
        "  {} ({}@{}{}): {}{}",
        h.session,
        name(&h.user),
        name(&h.host),
        agent.unwrap_or_default(),
        unconfirmed(h),
        h.purpose
    );
    let ends = if h.is_live(when.now) {
        "until"
    } else {
        "expired"
    };
    let _ = writeln!(
        out,
        "    {DIM}since {}; {ends} {}{DIM:#}",
        when.both(h.claimed_at),
        when.both(h.expires_at)
    );
}
