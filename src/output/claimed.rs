//! The answer of `claim`.
//!
//! Owns its words and its JSON: what was claimed, what that means, which other sessions claim it,
//! and whether the session goes on or defers. Never decides which claims conflict.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::handoff::{self, Handoff};
use super::holding::particulars;
use super::news::{Untold, expired, fetch_first, moved, untold};
use super::present::{Present, Terminal};
use super::remote::{self, Backing};
use super::shapes::{self, At, Claim, Record};
use super::style::{BOLD, DIM, GOOD, WARN, clean, more};
use super::when::When;
use crate::app::claims::report::Claimed;
use crate::guard::shell::quote;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::turn;

/// The most claims of others that are shown to people.
const OTHERS_MAX: usize = 20;

/// What `claim` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ClaimAnswer<'a> {
    /// the session that claimed
    session_id: &'a str,
    /// whether all named resources were held already; an exclusive claim then keeps its token
    renewed: bool,
    /// `local`: there is no remote; `confirmed`: the remote has it; `unconfirmed`: it is recorded
    /// here and will be sent
    guarantee: &'static str,
    /// the name of the remote; null with `local`
    remote: Option<&'a str>,
    /// why the remote does not have it, for people; null otherwise
    unconfirmed_because: Option<&'a str>,
    /// the time of the last fetch, as of which `also_claimed_by` is complete; null with `local`, or
    /// if the remote was never fetched
    as_of: Option<At>,
    /// why what the remote has now is not known, for people: then other sessions may claim it, too;
    /// null if it is known
    unknown_because: Option<&'a str>,
    /// what was claimed or renewed, as claims, ordered by resource
    claims: Vec<Claim<'a>>,
    /// conflicting live claims of other sessions, overlapping paths included
    also_claimed_by: Vec<Claim<'a>>,
    /// labels of claims of this session that had expired and were dropped
    #[serde(rename = "lapsed")]
    expired: Vec<&'a str>,
    /// the commit of the code at which the last other holder left it, if it is not here or not in
    /// the branch here: fetch or merge it first; null otherwise
    fetch_first: Option<&'a str>,
    /// what the last holders of new exclusive claims left for the next one, see `handoff`
    handoffs: Vec<Handoff<'a>>,
    /// what happened to claims and requests of this session that it was not told before
    news: Vec<Untold<'a>>,
    /// unreadable records that may hold what was claimed
    unreadable: Vec<Record<'a>>,
}

impl Present for Claimed {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        // What is to be done first stands first.
        let mut out = self.verdict(&when);
        out.push_str(&self.to_get_first());
        for h in &self.mine {
            let verb = match (h.mode.holds(), self.renewed) {
                (false, _) => "Requested",
                (true, true) => "Renewed",
                (true, false) => "Claimed",
            };
            let until = when.both(h.expires_at);
            let _ = writeln!(
                out,
                "{GOOD}{verb}{GOOD:#} {BOLD}{}{BOLD:#}{}{} until {until}{}",
                h.resource,
                exclusively(h),
                self.behind(h),
                remote::confirmation(&self.confirmation)
            );
        }
        out.push_str(&untold(&self.news, &when));
        for left in &self.left {
            out.push_str(&handoff::text(left, &when));
        }
        if self.others.is_empty() && self.hidden.is_empty() {
            out.push_str(&self.meaning());
        }
        for h in self.others.iter().take(OTHERS_MAX) {
            let _ = writeln!(
                out,
                "{WARN}{}{WARN:#} {}: {BOLD}{}{BOLD:#} is {}",
                if h.is_frozen() {
                    "FROZEN BY"
                } else {
                    "ALSO CLAIMED BY"
                },
                h.holder(),
                h.resource,
                if h.is_frozen() {
                    "frozen"
                } else {
                    "already claimed"
                }
            );
            particulars(&mut out, h, &when);
        }
        more(&mut out, self.others.len(), OTHERS_MAX);
        for u in self.hidden.iter().take(OTHERS_MAX) {
            let _ = writeln!(out, "{WARN}MAY BE CLAIMED{WARN:#} in {u}");
        }
        more(&mut out, self.hidden.len(), OTHERS_MAX);
        if let Some(way) = &self.past_gone {
            let _ = writeln!(out, "Or {}", clean(&when.spelled(way)));
        }
        out
    }

    fn json(&self) -> Value {
        let backing = Backing::of(&self.confirmation);
        let claim = |h| Claim::seen_by(&self.me, h);
        shapes::value(&ClaimAnswer {
            session_id: self.me.id.as_str(),
            renewed: self.renewed,
            guarantee: backing.guarantee,
            remote: backing.remote,
            unconfirmed_because: backing.unconfirmed_because,
            as_of: remote::as_of_json(&self.known),
            unknown_because: self.known.problem(),
            claims: self.mine.iter().map(claim).collect(),
            also_claimed_by: self.others.iter().map(claim).collect(),
            expired: expired(&self.news),
            fetch_first: fetch_first(self.moved.as_ref()),
            handoffs: self.left.iter().map(Handoff::of).collect(),
            news: Untold::all(&self.news),
            unreadable: Record::all(&self.hidden),
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Claimed {
    /// Returns whether the session goes on or defers, and how; nothing where it is alone.
    fn verdict(&self, when: &When) -> String {
        if self.others.is_empty() {
            return String::new();
        }
        let mine = clean(&self.labels());
        if let Some(frozen) = self.others.iter().find(|other| other.is_frozen()) {
            let (what, label) = (&frozen.resource, clean(&quote(frozen.resource.label())));
            return format!(
                "Stop: do not push, apply or deploy {what} until {}; ask its holder, or release your \
                 claim:\n  git presence tell {label} --ask -m \"<question>\"\n  git presence \
                 release {mine}\n  git presence state {label} --clear --force --reason \"<why>\"  \
                 (only if the user decides so)\n",
                when.both(frozen.expires_at)
            );
        }
        match self.came_first() {
            true => {
                format!(
                    "Go on: you were first. When you are done: {}\n",
                    self.release_line()
                )
            }
            false => format!(
                "Defer: do not change {0} yet; wait for it, ask its holder, or release your claim:\n  \
                 git presence wait {mine}\n  git presence tell {0} --ask -m \"<question>\"\n  \
                 git presence release {mine}\n",
                clean(&self.contested())
            ),
        }
    }

    /// Returns what the code here lacks, unless what was left for the session says so.
    fn to_get_first(&self) -> String {
        let left = self.left.iter();
        let told = left.filter(|left| left.have_commit == Some(false));
        let mut told = told.map(|left| left.handoff.code.commit.as_deref());
        let missing = self.moved.as_ref().map(|moved| moved.last.commit.as_str());
        match told.any(|commit| commit == missing) {
            true => String::new(),
            false => moved(self.moved.as_ref()),
        }
    }

    /// Returns the labels of what was claimed as words of a command.
    fn labels(&self) -> String {
        let words = self.mine.iter().map(|h| quote(h.resource.label()));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Returns the commands that release what was claimed.
    fn release_line(&self) -> String {
        let all = self.mine.iter();
        let all = all.map(|h| (&h.resource, quote(h.resource.label())));
        clean(&turn::release_line(all))
    }

    /// Returns the label of what another session claims, too, as a word of a command.
    fn contested(&self) -> String {
        let is_shared = |own: &&Holding| {
            let mut others = self.others.iter();
            others.any(|other| other.resource.overlaps(&own.resource))
        };
        let own = self.mine.iter().find(is_shared);
        own.map_or_else(
            || "<resource>".to_owned(),
            |own| quote(own.resource.label()),
        )
    }

    /// Returns whether what the session holds of each conflict is older, and not excluded.
    fn came_first(&self) -> bool {
        let is_later = |other: &Holding| {
            let mut mine = self
                .mine
                .iter()
                .filter(|own| own.resource.overlaps(&other.resource));
            mine.any(|own| own.mode.holds() && goes_before(own, other))
        };
        self.others.iter().all(is_later)
    }

    /// Returns what is said of a claim beside one that goes before it.
    fn behind(&self, own: &Holding) -> &'static str {
        let mut others = self.others.iter();
        let is_first =
            others.all(|other| !own.resource.overlaps(&other.resource) || goes_before(own, other));
        if is_first {
            ""
        } else {
            ", behind another session,"
        }
    }

    /// Returns the line that says whether the session goes on, what kind of claim it is, what
    /// renews it, and how it ends. The kind of what was held before is known.
    fn meaning(&self) -> String {
        let Some(first) = self.mine.first() else {
            return String::new();
        };
        let (it, any) = match self.mine.len() {
            1 => ("it", "it"),
            _ => ("any of it", "all of it"),
        };
        let (alone, kind) = match (first.mode, self.known.problem()) {
            (Mode::Shared, Some(_)) => (String::new(), SHARED),
            (Mode::Shared, None) => (format!("Go on: no other session claims {it}. "), SHARED),
            // An agent passes no token on by itself: `fence` and `--json` have it.
            (Mode::Exclusive, _) if first.agent.is_some() => (only(any), ""),
            (Mode::Exclusive, _) => (only(any), "The token numbers this grant. "),
            (Mode::Waiting | Mode::Frozen, _) => return String::new(),
        };
        // A session of a CI job has no process, and no hooks that renew its claims.
        let renewal = match (&first.agent, &first.whereabouts.process) {
            (Some(_), Some(_)) => "Renewed while you work. ",
            _ => "To renew it: git presence heartbeat. ",
        };
        let (kind, renewal) = match self.renewed {
            true => ("", ""),
            false => (kind, renewal),
        };
        let done = self.release_line();
        format!("{DIM}{alone}{kind}{renewal}When done: {done}{DIM:#}\n")
    }
}

const SHARED: &str = "Shared: other sessions can claim it, too. ";

/// Returns what is said of an exclusive claim.
fn only(all: &str) -> String {
    format!("Go on: you alone have {all}. ")
}

/// Returns how it is held. An agent does not need the token: `fence` and `--json` have it.
fn exclusively(h: &Holding) -> String {
    match h.token {
        Some(_) if h.agent.is_some() => " exclusively,".to_owned(),
        Some(token) => format!(" exclusively, token {token},"),
        None => String::new(),
    }
}

/// Returns whether a claim is older than one of another session, and not excluded by it.
fn goes_before(own: &Holding, other: &Holding) -> bool {
    let order = |h: &Holding| (h.claimed_at, h.session.clone());
    let excludes = other.token.is_some() || other.is_frozen();
    !excludes && order(own) < order(other)
}
