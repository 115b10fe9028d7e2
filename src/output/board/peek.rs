//! The answer of `peek`: who has a resource, or may have it.
//!
//! Owns its words and its JSON. Never decides which claims conflict.

mod advice;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::list::ConflictingWith;
use crate::app::board::peek::{Peeked, Peeks, Standing};
use crate::failure::Kind;
use crate::guard::shell::quote;
use crate::model::claim::Mode;
use crate::model::event::Entry;
use crate::model::holding::Holding;
use crate::model::resource::ResourceKind;
use crate::model::turn::{self, is_turn};
use crate::output::holding::{details, particulars};
use crate::output::news::moved;
use crate::output::offers::{self, OfferOf};
use crate::output::present::{Present, Terminal};
use crate::output::remote;
use crate::output::shapes::{self, At, Claim, Record, labels};
use crate::output::style::{BOLD, DIM, GOOD, WARN, clean, join, more};
use crate::output::when::When;

/// The most of each relation that are shown to people.
const SHOWN_MAX: usize = 20;
/// The most claims that are named of those that conflict with one.
const CONFLICTS_MAX: usize = 16;

/// What `peek` found, in the order of the answer.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "relation", rename_all = "lowercase")]
pub(in crate::output) enum Related<'a> {
    /// a live claim of this resource
    Exact(Met<'a>),
    /// a live claim of a path that can name a file of this one
    Overlap(Met<'a>),
    /// a live claim of another session on a path in the folder of this stack, or on the stack whose
    /// folder has this path
    Folder(Met<'a>),
    /// an expired exclusive claim of another session that cannot be taken over yet
    #[serde(rename = "lapsing")]
    Expiring(Expiring<'a>),
    /// not a claim: no session holds it, and only one may have it for a while
    Offered(OfferOf<'a>),
    /// not a claim: no session holds the task, and it is over or waits for something
    #[serde(rename = "not_ready")]
    NotReady {
        /// why, for people
        why: String,
    },
    /// an unreadable record that may hold it
    Unreadable(Record<'a>),
    /// a claim that expired within the last hour and is still recorded in its session
    Expired(Met<'a>),
    /// not a claim: what the remote has now is not known, and so the resource is not free
    Unknown(Unknown<'a>),
    /// claims that expired and were dropped within the last hour
    #[serde(rename = "lapsed")]
    Dropped(Dropped<'a>),
}

/// A claim that `peek` met.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct Met<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// as in `list`, of what overlaps the resource that was asked about
    conflicts_with: Vec<ConflictingWith<'a>>,
    /// as in `list`
    as_of: Option<At>,
}

/// A claim that expired and is still kept for its holder.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct Expiring<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// as in `list`
    as_of: Option<At>,
    /// the time from which it can be taken over
    takeover_from: At,
}

/// Why the answer is not complete.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct Unknown<'a> {
    /// the name of the remote
    remote: &'a str,
    /// the time of the last fetch; null if it was never fetched
    as_of: Option<At>,
    /// why what it has now is not known, for people
    why: &'a str,
}

/// Claims that are gone.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct Dropped<'a> {
    /// who held them
    session_id: &'a str,
    /// labels, those that overlap
    resources: Vec<&'a str>,
    /// when they were dropped
    dropped_at: At,
}

/// What `peek` found about a resource, with that.
#[derive(Serialize)]
struct Asked<'a> {
    asked: &'a str,
    #[serde(flatten)]
    related: Related<'a>,
}

impl Present for Peeks {
    fn text(&self, terminal: &Terminal) -> String {
        self.peeks.iter().map(|one| one.text(terminal)).collect()
    }

    fn json(&self) -> Value {
        let related = self.peeks.iter().flat_map(|one| {
            let all = one.related().into_iter();
            all.map(|related| Asked {
                asked: one.resource.label(),
                related,
            })
        });
        shapes::value(&related.collect::<Vec<_>>())
    }

    fn notices(&self, terminal: &Terminal) -> String {
        // What is free says its age itself.
        let now = self
            .peeks
            .iter()
            .find(|one| !one.is_free())
            .map(|one| one.now);
        now.map_or_else(String::new, |now| {
            remote::as_of(&self.known, &terminal.when(now))
        })
    }

    fn exit_code(&self) -> u8 {
        let worst = self.peeks.iter().map(Peeked::standing).max();
        match worst {
            Some(Standing::Held) if self.has_exit_code => Kind::Refused.exit_code(),
            Some(Standing::Unknown) if self.has_exit_code => Kind::Remote.exit_code(),
            _ if self.is_fresh && self.known.problem().is_some() => Kind::Remote.exit_code(),
            _ => remote::exit_code(self.is_unseen),
        }
    }
}

impl Peeked {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = self.found(terminal);
        if out.is_empty() && (self.is_stack() || self.in_folder.is_empty()) {
            out = self.unclaimed(&when);
        }
        for h in self.in_folder.iter().take(SHOWN_MAX) {
            let how = match self.is_stack() {
                true => format!("has {} in its folder", h.resource),
                false => format!("is in the folder of {}", h.resource),
            };
            let _ = writeln!(out, "{BOLD}{}{BOLD:#} {how}, claimed by", self.resource);
            details(&mut out, h, &when);
        }
        more(&mut out, self.in_folder.len(), SHOWN_MAX);
        out.push_str(&moved(self.moved.as_ref()));
        for h in self.expired.iter().take(SHOWN_MAX) {
            let _ = writeln!(out, "Expired within the last hour: {}", h.resource);
            details(&mut out, h, &when);
        }
        more(&mut out, self.expired.len(), SHOWN_MAX);
        for entry in self.dropped.iter().take(SHOWN_MAX) {
            let _ = writeln!(
                out,
                "Expired within the last hour: {} of {}, dropped {}",
                join(&entry.event.expired),
                entry.event.session,
                when.both(entry.at)
            );
        }
        more(&mut out, self.dropped.len(), SHOWN_MAX);
        match self.is_free() {
            true => out.push_str(&self.way_to_claim()),
            false => out.push_str(&self.advice()),
        }
        out
    }

    fn is_stack(&self) -> bool {
        self.resource.kind() == ResourceKind::Named("stack")
    }

    /// Returns whether no claim is known, and nothing speaks against that.
    fn is_free(&self) -> bool {
        if !self.is_stack() && !self.in_folder.is_empty() {
            return false;
        }
        let found = self.exact.len() + self.overlapping.len() + self.expiring.len();
        let found = found + self.offers.len() + self.hidden.len();
        found == 0 && self.denied.is_none() && self.known.problem().is_none()
    }

    /// Returns how what is free is claimed.
    fn way_to_claim(&self) -> String {
        let word = clean(&quote(self.resource.label()));
        let decides = match self.known.as_of() {
            Some(_) => "; the remote decides who gets it",
            None => "",
        };
        if is_turn(&self.resource) {
            let take = turn::take(&self.resource, &word, "");
            return format!("{DIM}To take it: {take}{DIM:#}\n");
        }
        if self.is_stack() {
            return format!(
                "{DIM}To apply: git presence run --exclusive {word} --purpose \"<why>\" -- \
                 <command>{decides}{DIM:#}\n"
            );
        }
        format!(
            "{DIM}To claim it: git presence claim {word} --purpose \"<why>\" (-x to have it \
             alone{decides}){DIM:#}\n"
        )
    }

    /// Returns a claim with those of other sessions that conflict with it.
    fn met<'a>(&'a self, h: &'a Holding) -> Met<'a> {
        let holds = |one: &Holding| one.mode.holds() && one.is_live(self.now);
        let all = self.exact.iter().chain(&self.overlapping);
        let conflicts = all.filter(|other| {
            let is_same = other.session == h.session && other.node == h.node;
            !is_same && holds(h) && holds(other) && other.resource.overlaps(&h.resource)
        });
        Met {
            claim: Claim::seen_by(&self.me, h),
            conflicts_with: conflicts
                .take(CONFLICTS_MAX)
                .map(ConflictingWith::of)
                .collect(),
            as_of: remote::as_of_json(&self.known),
        }
    }

    /// Returns what was found, in the order of the answer.
    fn related(&self) -> Vec<Related<'_>> {
        let as_of = remote::as_of_json(&self.known);
        let claim = |h| Claim::seen_by(&self.me, h);
        let met = |h| self.met(h);
        let expiring = self.expiring.iter().map(|(h, from)| {
            Related::Expiring(Expiring {
                claim: claim(h),
                as_of,
                takeover_from: At(*from),
            })
        });
        let exact = self.exact.iter().map(|h| Related::Exact(met(h)));
        let overlapping = self.overlapping.iter().map(|h| Related::Overlap(met(h)));
        let in_folder = self.in_folder.iter().map(|h| Related::Folder(met(h)));
        let offers = self.offers.iter().map(OfferOf::of).map(Related::Offered);
        let why = self.denied.as_ref().map(ToString::to_string);
        let denied = why.map(|why| Related::NotReady { why });
        let hidden = self.hidden.iter().map(Record::of).map(Related::Unreadable);
        let expired = self.expired.iter().map(|h| Related::Expired(met(h)));
        let unknown = self.known.problem().map(|why| {
            Related::Unknown(Unknown {
                remote: self.known.remote().unwrap_or_default(),
                as_of,
                why,
            })
        });
        let all = exact
            .chain(overlapping)
            .chain(in_folder)
            .chain(expiring)
            .chain(offers)
            .chain(denied)
            .chain(hidden)
            .chain(unknown)
            .chain(expired)
            .chain(self.dropped.iter().map(dropped));
        all.collect()
    }

    /// Returns that no claim is known: free if all is known, and else why not.
    fn unclaimed(&self, when: &When) -> String {
        let resource = &self.resource;
        match (self.known.problem(), self.known.as_of()) {
            (None, None) => format!("{GOOD}{resource} is free{GOOD:#}\n"),
            (None, Some(at)) => format!(
                "{GOOD}{resource} is free{GOOD:#} as of {} ({})\n",
                when.relative(at),
                clean(self.known.remote().unwrap_or_default())
            ),
            (Some(why), at) => {
                let at = at.map(|at| format!(" (last fetched {})", when.relative(at)));
                format!(
                    "{WARN}it is not known yet whether {resource} is claimed{WARN:#}: {}{}; to find \
                     out: git presence sync\n",
                    clean(why),
                    at.unwrap_or_default()
                )
            }
        }
    }

    /// Returns what speaks against changing the resource now; nothing where it is free.
    fn found(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = String::new();
        for h in self.exact.iter().take(SHOWN_MAX) {
            let is_elsewhere = self.me.has_its_id(h) && !self.me.is_of_its_session(h);
            let who = match (self.me.owns(h), is_elsewhere) {
                (true, _) => "you".to_owned(),
                (false, true) => format!("{}, in another clone", h.holder()),
                (false, false) => h.holder().to_string(),
            };
            let verb = match h.mode {
                Mode::Shared => "claimed by",
                Mode::Exclusive => "held exclusively by",
                Mode::Frozen => "frozen by",
                Mode::Waiting => "waited for by",
            };
            let _ = writeln!(out, "{BOLD}{}{BOLD:#} is {verb} {who}", h.resource);
            particulars(&mut out, h, &when);
        }
        more(&mut out, self.exact.len(), SHOWN_MAX);
        for h in self.overlapping.iter().take(SHOWN_MAX) {
            let frozen = match h.mode {
                Mode::Frozen => ", which is frozen by",
                _ => "",
            };
            let _ = writeln!(
                out,
                "{BOLD}{}{BOLD:#} overlaps {}{frozen}",
                self.resource, h.resource
            );
            details(&mut out, h, &when);
        }
        more(&mut out, self.overlapping.len(), SHOWN_MAX);
        if let Some(way) = &self.past_gone {
            let _ = writeln!(out, "To go on: {}", clean(&when.spelled(way)));
        }
        for (h, from) in self.expiring.iter().take(SHOWN_MAX) {
            let _ = writeln!(
                out,
                "{BOLD}{}{BOLD:#} expired, and no other session can have it before {}",
                h.resource,
                when.both(*from)
            );
            details(&mut out, h, &when);
        }
        more(&mut out, self.expiring.len(), SHOWN_MAX);
        out.push_str(&offers::lines(&self.offers, &when));
        if let Some(why) = &self.denied {
            let _ = writeln!(out, "{BOLD}{}{BOLD:#} is not free: {why}", self.resource);
        }
        for u in self.hidden.iter().take(SHOWN_MAX) {
            let _ = writeln!(out, "{WARN}{} may be claimed{WARN:#} in {u}", self.resource);
        }
        more(&mut out, self.hidden.len(), SHOWN_MAX);
        out
    }
}

fn dropped(entry: &Entry) -> Related<'_> {
    Related::Dropped(Dropped {
        session_id: entry.event.session.as_str(),
        resources: labels(&entry.event.expired),
        dropped_at: At(entry.at),
    })
}
