//! What a remote knows: the answer of `sync`, and what others say about a remote.
//!
//! Owns the words for a confirmation, for the age of a view, and for the remote in `status`. Never
//! decides when to sync.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::handoff::{self, Handoff};
use super::present::{Present, Terminal};
use super::shapes::{self, At, Claim};
use super::style::{DIM, GOOD, WARN, clean, plural};
use super::when::When;
use crate::app::board::status::RemoteStatus;
use crate::app::remote::confirmation::Confirmation;
use crate::app::sync::{Grant, Synced};
use crate::failure::Kind;
use crate::model::forbidden::{Forbidden, RefChange};
use crate::model::knowledge::Knowledge;
use crate::model::text::{WORDS_BYTES_MAX, quote};

/// What `sync` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Sync<'a> {
    /// its name
    remote: &'a str,
    /// how many refs of other clones changed
    received: usize,
    /// how many refs of this clone the remote accepted
    sent: usize,
    /// how many refs of this clone a rule of the remote forbids
    refused: usize,
    /// how many refs of this clone the remote does not have yet
    pending: usize,
    /// queued requests of this clone's sessions that were granted now: claims without `is_me`, each
    /// with `handoff`, what the last holder left for the next one or null, and `kept_by`, the
    /// process that renews it or null
    granted: Vec<Granted<'a>>,
}

/// A queued request that was granted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Granted<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// what the last holder left for the next one, see `handoff`; null if nothing
    handoff: Option<Handoff<'a>>,
    /// the process that renews it; null if it ends unless the session renews it
    kept_by: Option<u32>,
}

impl<'a> Granted<'a> {
    fn of(grant: &'a Grant) -> Self {
        Self {
            claim: Claim::of(&grant.held),
            handoff: grant.left.as_ref().map(Handoff::of),
            kept_by: grant.kept_by,
        }
    }
}

impl Present for Synced {
    fn text(&self, terminal: &Terminal) -> String {
        if self.in_background {
            return String::new();
        }
        let remote = clean(&self.remote);
        let count = |count: usize| match count {
            0 => "nothing".to_owned(),
            count => plural(count, "change"),
        };
        let mut out = match (self.received, self.sent) {
            (0, 0) if self.pending + self.refused == 0 => {
                format!("Synced with {remote}: nothing new: the board is the same here and there")
            }
            (0, 0) => format!("Synced with {remote}: nothing new"),
            (received, sent) => format!(
                "Synced with {remote}: received {}, sent {}",
                count(received),
                count(sent)
            ),
        };
        if self.pending > 0 {
            let _ = write!(out, "; {WARN}{} not sent yet{WARN:#}", count(self.pending));
        }
        if self.refused > 0 {
            let _ = write!(out, ", {} refused by {remote}", count(self.refused));
        }
        out.push('\n');
        for grant in &self.granted {
            let held = &grant.held;
            // It was granted a moment ago.
            let when = terminal.when(held.claimed_at);
            let until = when.both(held.expires_at);
            let _ = writeln!(
                out,
                "Granted to {}: {} exclusively",
                held.holder(),
                held.resource
            );
            let _ = match grant.kept_by {
                Some(pid) => writeln!(out, "  process {pid} renews it until that session ends"),
                None => writeln!(
                    out,
                    "  no process renews it: it ends at {until} unless that session does"
                ),
            };
            if let Some(left) = &grant.left {
                out.push_str(&handoff::text(left, &when));
            }
        }
        out
    }

    fn json(&self) -> Value {
        shapes::value(&Sync {
            remote: &self.remote,
            received: self.received,
            sent: self.sent,
            refused: self.refused,
            pending: self.pending,
            granted: self.granted.iter().map(Granted::of).collect(),
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// What stands behind a change, for programs.
pub(super) struct Backing<'a> {
    /// `local`, `confirmed` or `unconfirmed`.
    pub guarantee: &'static str,
    /// The name of the remote.
    pub remote: Option<&'a str>,
    /// Why the remote does not have it.
    pub unconfirmed_because: Option<&'a str>,
}

impl<'a> Backing<'a> {
    /// Takes a confirmation apart.
    pub(super) fn of(confirmation: &'a Confirmation) -> Self {
        let (guarantee, remote, unconfirmed_because) = match confirmation {
            Confirmation::Local => ("local", None, None),
            Confirmation::Confirmed { remote } => ("confirmed", Some(remote), None),
            Confirmation::Unconfirmed { remote, why } => ("unconfirmed", Some(remote), Some(why)),
        };
        Self {
            guarantee,
            remote: remote.map(String::as_str),
            unconfirmed_because: unconfirmed_because.map(String::as_str),
        }
    }
}

/// Returns what stands behind a change, in brackets: who knows of it.
pub(super) fn confirmation(confirmation: &Confirmation) -> String {
    match confirmation {
        Confirmation::Local => " (local)".to_owned(),
        Confirmation::Confirmed { remote } => format!(" (confirmed by {})", clean(remote)),
        Confirmation::Unconfirmed { remote, .. } => {
            format!(" (recorded here, not yet at {})", clean(remote))
        }
    }
}

/// Returns a line about how old what is shown is, where it is a view of a remote.
pub(super) fn as_of(known: &Knowledge, when: &When) -> String {
    match known {
        Knowledge::Whole => String::new(),
        Knowledge::Known { .. } => {
            format!("{DIM}other clones are known {}{DIM:#}\n", age(known, when))
        }
        Knowledge::Unknown { .. } => format!("{WARN}{}{WARN:#}\n", age(known, when)),
    }
}

/// Returns a line of the answer itself where what other clones claim is not known; nothing where it
/// is. Without it, an answer that shows nothing would be taken for "free".
pub(super) fn not_known_yet(known: &Knowledge) -> String {
    match known.problem() {
        None => String::new(),
        Some(_) => format!(
            "{WARN}What other clones claim now is not known yet{WARN:#}; to find out: git presence \
             sync\n"
        ),
    }
}

/// Returns the exit code of an answer about other sessions: 5 if nothing of other clones was ever
/// seen.
pub(super) fn exit_code(is_unseen: bool) -> u8 {
    match is_unseen {
        true => Kind::Remote.exit_code(),
        false => 0,
    }
}

/// Returns the time of the last fetch, for programs.
pub(super) fn as_of_json(known: &Knowledge) -> Option<At> {
    known.as_of().map(At)
}

fn age(known: &Knowledge, when: &When) -> String {
    let remote = clean(known.remote().unwrap_or_default());
    match (known.as_of(), known.problem()) {
        (Some(at), None) => format!("as of {} ({remote})", when.relative(at)),
        (Some(at), Some(why)) => format!(
            "as of {} ({remote}); what it has now is not known: {}",
            when.relative(at),
            clean(why)
        ),
        (None, why) => format!(
            "what {remote} has is not known: {}",
            clean(why.unwrap_or_default())
        ),
    }
}

/// The remote in the JSON of `status`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RemoteState<'a> {
    /// its name
    name: &'a str,
    /// the time of the last fetch
    as_of: Option<At>,
    /// why what it has now is not known, for people; null if it is known as of `as_of`
    unknown_because: Option<&'a str>,
    /// how many refs of this clone differ at the remote
    pending: usize,
    /// why the last sync failed
    error: Option<&'a str>,
    /// its message, if it accepts nothing from this clone
    refused: Option<&'a str>,
    /// how many refs of this clone it refuses
    refused_refs: usize,
    /// how many of them are new: it cannot create them
    refused_new_refs: usize,
    /// what it said about one of them
    refused_because: Option<&'a str>,
    /// recent anomalies, for people
    odd: &'a [String],
}

impl<'a> RemoteState<'a> {
    /// Takes the remote as `status` found it.
    pub(super) fn of(r: &'a RemoteStatus) -> Self {
        Self {
            name: &r.name,
            as_of: as_of_json(&r.known),
            unknown_because: r.known.problem(),
            pending: r.pending,
            error: r.error.as_deref(),
            refused: r.refused.as_deref(),
            refused_refs: r.refused_refs.len(),
            refused_new_refs: forbidden(r, RefChange::Create).count(),
            refused_because: r.refused_refs.first().map(|first| first.said.as_str()),
            odd: &r.odd,
        }
    }
}

fn forbidden(r: &RemoteStatus, change: RefChange) -> impl Iterator<Item = &Forbidden> {
    let refs = r.refused_refs.iter();
    refs.filter(move |refused| refused.change == change)
}

/// Returns the line of `status` about the remote, and one for each trouble with it.
pub(super) fn state(r: &RemoteStatus, when: &When) -> String {
    let pending = match r.unsent {
        0 => format!("{GOOD}all of yours sent{GOOD:#}"),
        n => format!("{WARN}{} not sent yet{WARN:#}", plural(n, "change")),
    };
    let of_others = match r.known.as_of() {
        // What was sent since is not in the age of the view of others.
        Some(_) => "other clones ",
        None => "",
    };
    let mut out = format!("Remote: {of_others}{}; {pending}\n", age(&r.known, when));
    let troubles = [
        ("refuses the board", &r.refused),
        ("last sync failed", &r.error),
    ];
    // The age may have said why nothing was fetched, and a refusal is the error of its sync.
    let mut told = r.known.problem().unwrap_or_default().to_owned();
    for (what, message) in troubles {
        if let Some(message) = message {
            let said = quote(message, WORDS_BYTES_MAX).to_string();
            if told.contains(&said) {
                continue;
            }
            told.push_str(&said);
            let _ = writeln!(out, "  {WARN}{what}:{WARN:#} {said}");
        }
    }
    for (change, does) in [(RefChange::Create, "create"), (RefChange::Move, "change")] {
        let refs = plural(forbidden(r, change).count(), "ref");
        if let Some(first) = forbidden(r, change).next() {
            let said = quote(&first.said, WORDS_BYTES_MAX);
            let _ = writeln!(
                out,
                "  {WARN}refuses{WARN:#} {refs} of this clone (cannot {does}): {said}; ask again: git \
                 presence sync --retry"
            );
        }
    }
    for odd in r.odd.iter().take(2) {
        let _ = writeln!(out, "  {WARN}anomaly:{WARN:#} {}", clean(odd));
    }
    out
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<Sync<'_>>("sync"),
        whole::<RemoteState<'_>>("status remote"),
    ]
}
