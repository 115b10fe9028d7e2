//! The answers of the verbs about claims: `claim`, `wait`, `heartbeat`, `release`, `fence`, `run`
//! and `push`.
//!
//! Owns their words and their JSON. Never decides which claims conflict.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::holding::{particulars, token};
use super::news::{Untold, expired, fetch_first, moved, untold};
use super::present::{Present, Terminal};
use super::remote::{self, Backing};
use super::shapes::{self, At, Claim, Record, labels};
use super::style::{BOLD, GOOD, WARN, clean, join, more};
use crate::app::claims::fence::Fenced;
use crate::app::claims::free::Freed;
use crate::app::claims::heartbeat::Beat;
use crate::app::claims::push::Pushed;
use crate::app::claims::release::Released;
use crate::app::claims::report::Claimed;
use crate::app::claims::run::Ran;
use crate::app::remote::confirmation::Confirmation;
use crate::guard::shell::quote;
use crate::model::holding::Holding;

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
    /// what happened to claims and requests of this session that it was not told before
    news: Vec<Untold<'a>>,
    /// unreadable records that may hold what was claimed
    unreadable: Vec<Record<'a>>,
}

impl Present for Claimed {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = String::new();
        for h in &self.mine {
            let verb = match (h.mode.holds(), self.renewed) {
                (false, _) => "Requested",
                (true, true) => "Renewed",
                (true, false) => "Claimed",
            };
            let until = when.both(h.expires_at);
            let _ = writeln!(
                out,
                "{GOOD}{verb}{GOOD:#} {BOLD}{}{BOLD:#}{} until {until}{}",
                h.resource,
                exclusively(h),
                remote::confirmation(&self.confirmation)
            );
        }
        out.push_str(&untold(&self.news));
        out.push_str(&moved(self.moved.as_ref()));
        for h in self.others.iter().take(OTHERS_MAX) {
            let _ = writeln!(
                out,
                "{WARN}ALSO CLAIMED BY{WARN:#} {}: {BOLD}{}{BOLD:#} is already claimed",
                h.holder(),
                h.resource
            );
            particulars(&mut out, h, &when);
        }
        more(&mut out, self.others.len(), OTHERS_MAX);
        for u in self.hidden.iter().take(OTHERS_MAX) {
            let _ = writeln!(out, "{WARN}MAY BE CLAIMED{WARN:#} in {u}");
        }
        more(&mut out, self.hidden.len(), OTHERS_MAX);
        if !self.others.is_empty() {
            let mine = self.mine.iter().map(|h| quote(h.resource.label()));
            let mine: Vec<String> = mine.collect();
            let _ = writeln!(
                out,
                "Defer: do not change it yet; wait, agree with its holder, or release your claim:\n  \
                 git presence release {}",
                clean(&mine.join(" "))
            );
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
            news: Untold::all(&self.news),
            unreadable: Record::all(&self.hidden),
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

fn exclusively(h: &Holding) -> String {
    let token = |token| format!(" exclusively, token {token},");
    h.token.map(token).unwrap_or_default()
}

/// What `heartbeat` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct HeartbeatAnswer<'a> {
    /// whose heartbeat it was
    session_id: &'a str,
    /// whether a heartbeat was recorded; false if the last one is recent enough
    written: bool,
    /// the last heartbeat
    seen_at: At,
    /// how many claims the session holds
    claims: usize,
    /// labels of claims that had expired and were dropped
    #[serde(rename = "lapsed")]
    expired: Vec<&'a str>,
    /// as in `claim`
    news: Vec<Untold<'a>>,
}

impl Present for Beat {
    fn text(&self, _: &Terminal) -> String {
        // Hooks call this all day, so a plain heartbeat prints nothing.
        untold(&self.news)
    }

    fn json(&self) -> Value {
        shapes::value(&HeartbeatAnswer {
            session_id: self.me.as_str(),
            written: self.written,
            seen_at: At(self.seen_at),
            claims: self.claims,
            expired: expired(&self.news),
            news: Untold::all(&self.news),
        })
    }
}

/// What `release` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ReleaseAnswer<'a> {
    /// who released
    session_id: &'a str,
    /// labels
    released: Vec<&'a str>,
    /// labels of claims of this session that had expired already
    #[serde(rename = "lapsed")]
    expired: Vec<&'a str>,
    /// as in `claim`; null if there was nothing to release
    guarantee: Option<&'static str>,
    /// as in `claim`
    remote: Option<&'a str>,
    /// as in `claim`
    unconfirmed_because: Option<&'a str>,
}

impl Present for Released {
    fn text(&self, _: &Terminal) -> String {
        let mut out = String::new();
        if !self.released.is_empty() {
            let known = self.confirmation.as_ref();
            let known = known.filter(|known| **known != Confirmation::Local);
            let confirmation = known.map(remote::confirmation);
            let _ = writeln!(
                out,
                "{GOOD}Released{GOOD:#} {}{}",
                join(&self.released),
                confirmation.unwrap_or_default()
            );
        }
        if !self.expired.is_empty() {
            let _ = writeln!(out, "Already expired: {}", join(&self.expired));
        }
        if out.is_empty() {
            out.push_str("Nothing to release.\n");
        }
        out
    }

    fn json(&self) -> Value {
        let backing = self.confirmation.as_ref().map(Backing::of);
        let backing = backing.as_ref();
        shapes::value(&ReleaseAnswer {
            session_id: self.me.as_str(),
            released: labels(&self.released),
            expired: labels(&self.expired),
            guarantee: backing.map(|backing| backing.guarantee),
            remote: backing.and_then(|backing| backing.remote),
            unconfirmed_because: backing.and_then(|backing| backing.unconfirmed_because),
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// What `wait` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WaitAnswer<'a> {
    /// the session that waited
    session_id: &'a str,
    /// labels of what no other session claims
    free: Vec<&'a str>,
    /// as in `claim`
    fetch_first: Option<&'a str>,
}

impl Present for Freed {
    fn text(&self, _: &Terminal) -> String {
        let words = self.resources.iter().map(|r| quote(r.label()));
        let words: Vec<String> = words.collect();
        format!(
            "{GOOD}Free{GOOD:#} {}\n{}Claim it now: git presence claim {} --purpose \"<why>\"\n",
            join(&self.resources),
            moved(self.moved.as_ref()),
            clean(&words.join(" "))
        )
    }

    fn json(&self) -> Value {
        shapes::value(&WaitAnswer {
            session_id: self.me.as_str(),
            free: labels(&self.resources),
            fetch_first: fetch_first(self.moved.as_ref()),
        })
    }
}

impl Present for Fenced {
    fn text(&self, terminal: &Terminal) -> String {
        format!(
            "{GOOD}Yours:{GOOD:#} {BOLD}{}{BOLD:#}, token {}, until {}\n",
            self.held.resource,
            token(&self.held),
            terminal.when(self.now).both(self.held.expires_at)
        )
    }

    fn json(&self) -> Value {
        shapes::value(&Claim::of(&self.held))
    }
}

/// What `run` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct RunAnswer<'a> {
    /// that of the command, and of `git presence run` itself: 128 plus the signal that ended it,
    /// 126 or 127 if it could not be run
    exit_code: u8,
    /// how the exclusive claim was lost while the command ran, for people; null otherwise
    lost: Option<&'a str>,
}

impl Present for Ran {
    fn text(&self, _: &Terminal) -> String {
        // The output of the command is the answer.
        String::new()
    }

    fn json(&self) -> Value {
        shapes::value(&RunAnswer {
            exit_code: self.code,
            lost: self.lost.as_deref(),
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn exit_code(&self) -> u8 {
        self.code
    }
}

/// What `push` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PushAnswer<'a> {
    /// its name
    remote: &'a str,
    /// what was pushed, by its name at the remote
    refs: &'a [String],
    /// the claim that fenced the push, with its token
    fence: Claim<'a>,
}

impl Present for Pushed {
    fn text(&self, _: &Terminal) -> String {
        format!(
            "{GOOD}Pushed{GOOD:#} {} to {}, fenced by {BOLD}{}{BOLD:#}, token {}\n",
            clean(&self.refs.join(", ")),
            clean(&self.remote),
            self.held.resource,
            token(&self.held)
        )
    }

    fn json(&self) -> Value {
        shapes::value(&PushAnswer {
            remote: &self.remote,
            refs: &self.refs,
            fence: Claim::of(&self.held),
        })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<ClaimAnswer<'_>>("claim answer"),
        whole::<WaitAnswer<'_>>("wait"),
        whole::<HeartbeatAnswer<'_>>("heartbeat"),
        whole::<ReleaseAnswer<'_>>("release"),
        whole::<RunAnswer<'_>>("run"),
        whole::<PushAnswer<'_>>("push"),
    ]
}
