//! A claim for people: one line, or two with all that is known.
//!
//! Owns the words for a claim that several answers share. Never knows a report.

use std::fmt::Write as _;

use super::style::DIM;
use super::when::When;
use crate::model::claim::Mode;
use crate::model::holding::Holding;

/// Returns `  "upgrade"; exclusively until 10:15, in 12 min; seen 3 min ago in "/src" on main`;
/// for failures. Before it, if they are not told elsewhere, the resource and the session.
pub(super) fn one_line(h: &Holding, when: &When, has_label: bool, has_holder: bool) -> String {
    let mut out = "  ".to_owned();
    match (has_label, has_holder) {
        (true, true) => out.push_str(&format!("{} by {}: ", h.resource, h.holder())),
        (true, false) => out.push_str(&format!("{}: ", h.resource)),
        (false, true) => out.push_str(&format!("{}: ", h.holder())),
        (false, false) => {}
    }
    let how = match h.mode {
        Mode::Exclusive => "exclusively until",
        Mode::Frozen => "frozen until",
        Mode::Shared => "until",
        Mode::Waiting => "waits until",
    };
    let until = when.both(h.expires_at);
    let _ = writeln!(out, "{}; {how} {until}; {}", h.purpose, life(h, when));
    out
}

/// Returns when and where the session was heard of last, and whether its program has ended.
pub(super) fn life(h: &Holding, when: &When) -> String {
    let gone = match (h.is_gone, h.runs && !when.is_recent(h.seen_at)) {
        (true, _) => "; its process is gone",
        (false, true) => "; its process runs",
        (false, false) => "",
    };
    format!("seen {}{}{gone}", when.relative(h.seen_at), h.whence())
}

/// Returns what stands before the purpose of a claim that the remote does not have yet.
pub(super) fn unconfirmed(h: &Holding) -> &'static str {
    if h.confirmed { "" } else { "(not sent yet) " }
}

/// Returns the fencing token as a number, or nothing.
pub(super) fn token(h: &Holding) -> String {
    h.token.map(|token| token.to_string()).unwrap_or_default()
}

/// Adds the lines that say everything about one claim.
pub(super) fn details(out: &mut String, h: &Holding, when: &When) {
    let mut rest = String::new();
    particulars(&mut rest, h, when);
    let _ = write!(out, "  {}: {}", h.holder(), rest.trim_start());
}

/// Adds the lines that say everything about one claim but its session.
pub(super) fn particulars(out: &mut String, h: &Holding, when: &When) {
    let _ = writeln!(out, "  {}{}", unconfirmed(h), h.purpose);
    let ends = if h.is_live(when.now) {
        "until"
    } else {
        "expired"
    };
    let _ = writeln!(
        out,
        "    {DIM}since {}; {ends} {}; {}{DIM:#}",
        when.both(h.claimed_at),
        when.both(h.expires_at),
        life(h, when)
    );
}
