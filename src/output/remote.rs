//! What a remote knows, for people.
//!
//! Owns the words of `sync`, of a guarantee, and of how old a view is. Never decides when to sync.

use std::fmt::Write as _;

use super::style::{DIM, GOOD, WARN, clean, plural};
use super::when;
use crate::app::board::status::RemoteStatus;
use crate::app::remote::guarantee::{Guarantee, View};
use crate::app::setup::init;
use crate::app::{Report, sync};
use crate::model::time::Timestamp;

/// What stands behind a change: who knows of it.
pub fn guarantee(guarantee: &Guarantee) -> String {
    match guarantee {
        Guarantee::Local => " (local)".to_owned(),
        Guarantee::Confirmed { remote } => format!(" (confirmed by {})", clean(remote)),
        Guarantee::Unconfirmed { remote, .. } => {
            format!(" (recorded here, not yet at {})", clean(remote))
        }
    }
}

pub fn synced(r: &sync::Synced) -> String {
    if r.in_background {
        return String::new();
    }
    let mut out = format!(
        "received {}, sent {}, refused {}, pending {}\n",
        r.received, r.sent, r.refused, r.pending
    );
    for held in &r.granted {
        let _ = writeln!(out, "granted to {}: {} alone", held.session, held.resource);
    }
    out
}

pub fn unwired(r: &init::Unwired) -> String {
    if r.removed.is_empty() {
        return format!(
            "Nothing of git presence init is in {}/config.\n",
            clean(&r.ledger)
        );
    }
    let mut out = "Removed from the configuration:\n".to_owned();
    for line in &r.removed {
        let _ = writeln!(out, "  {DIM}{}{DIM:#}", clean(line.trim()));
    }
    out
}

/// How old what is shown is, where it is a view of a remote.
pub fn as_of(report: &Report) -> String {
    let (view, now) = match report {
        Report::Listing(r) => (&r.view, r.now),
        Report::Peeked(r) => (&r.view, r.now),
        Report::Log(r) => (&r.view, r.now),
        _ => return String::new(),
    };
    let line = |view: &View| format!("{DIM}{}{DIM:#}\n", age(view, now));
    view.as_ref().map(line).unwrap_or_default()
}

fn age(view: &View, now: Timestamp) -> String {
    let remote = clean(&view.remote);
    match view.as_of {
        Some(at) => format!("as of {} ({remote})", when::relative(at, now)),
        None => format!("{remote} was not looked at yet"),
    }
}

/// The line of `status` about the remote, and one for each thing that is not well.
pub fn remote(r: &RemoteStatus, now: Timestamp) -> String {
    let pending = match r.pending {
        0 => format!("{GOOD}all sent{GOOD:#}"),
        n => format!("{WARN}{} not sent yet{WARN:#}", plural(n, "change")),
    };
    let mut out = format!("Remote: {}, {pending}\n", age(&r.view, now));
    let troubles = [
        ("refuses the board", &r.refused),
        ("last sync failed", &r.error),
    ];
    for (what, said) in troubles {
        if let Some(said) = said {
            let _ = writeln!(out, "  {WARN}{what}:{WARN:#} {}", clean(said));
        }
    }
    if r.refused_refs > 0 {
        let refs = plural(r.refused_refs, "ref");
        let _ = writeln!(
            out,
            "  {WARN}refuses{WARN:#} {refs} of ours: git presence sync --retry"
        );
    }
    for odd in r.odd.iter().take(2) {
        let _ = writeln!(out, "  {WARN}odd:{WARN:#} {}", clean(odd));
    }
    out
}
