//! The answers of the verbs about claims, except `claim`: `wait`, `heartbeat`, `release`, `fence`,
//! `run` and `push`.
//!
//! Owns their words and their JSON. Never decides which claims conflict.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::holding::token;
use super::news::{Untold, expired, fetch_first, moved, untold};
use super::present::{Present, Terminal};
use super::remote::{self, Backing};
use super::shapes::{self, At, Claim, labels};
use super::style::{BOLD, GOOD, clean, join, more};
use crate::app::claims::fence::Fenced;
use crate::app::claims::free::Freed;
use crate::app::claims::heartbeat::Beat;
use crate::app::claims::push::Pushed;
use crate::app::claims::release::Released;
use crate::app::claims::run::Ran;
use crate::app::remote::confirmation::Confirmation;
use crate::guard::shell::quote;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::task::{MAIN_LIST, place_of};
use crate::model::turn::{self, is_turn};

/// The most sessions in a queue that are shown.
const WAITING_MAX: usize = 3;

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
    fn text(&self, terminal: &Terminal) -> String {
        // Hooks call this all day, so a plain heartbeat prints nothing.
        untold(&self.news, &terminal.when(self.now))
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
    /// labels of those among them that the session only waited for
    withdrawn: Vec<&'a str>,
    /// the places of other sessions in the queue for that, as claims without `is_me`, the next one
    /// first
    waiting: Vec<Claim<'a>>,
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
        let is_withdrawn = |one: &&Resource| self.withdrawn.contains(one);
        let (waited, held): (Vec<&Resource>, Vec<&Resource>) =
            self.released.iter().partition(is_withdrawn);
        if !waited.is_empty() {
            let waited: Vec<Resource> = waited.into_iter().cloned().collect();
            let _ = writeln!(out, "You do not wait for {} any more", join(&waited));
        }
        if !held.is_empty() {
            let held: Vec<Resource> = held.into_iter().cloned().collect();
            let known = self.confirmation.as_ref();
            let known = known.filter(|known| **known != Confirmation::Local);
            let confirmation = known.map(remote::confirmation);
            let _ = writeln!(
                out,
                "{GOOD}Released{GOOD:#} {}{}",
                join(&held),
                confirmation.unwrap_or_default()
            );
        }
        for next in self.waiting.iter().take(WAITING_MAX) {
            let (who, what) = (next.holder(), &next.resource);
            let _ = writeln!(out, "{who} waits for {what}, and can have it now.");
        }
        more(&mut out, self.waiting.len(), WAITING_MAX);
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
            withdrawn: labels(&self.withdrawn),
            waiting: self.waiting.iter().map(Claim::of).collect(),
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
    /// labels of the tasks among them that cannot be taken: they are over, or not ready
    not_ready: Vec<&'a str>,
    /// as in `claim`
    fetch_first: Option<&'a str>,
}

impl Present for Freed {
    fn text(&self, _: &Terminal) -> String {
        let is_denied = |one: &Resource| {
            self.denied.iter().any(|(task, _)| task == one) || self.mine.contains(one)
        };
        let (tasks, rest): (Vec<&Resource>, Vec<&Resource>) = { self.resources.iter() }
            .filter(|one| !is_denied(one))
            .partition(|one| matches!(place_of(one), Some((_, Some(_)))));
        let mut out = moved(self.moved.as_ref());
        for (task, why) in &self.denied {
            let _ = writeln!(out, "No session has {task}, and it cannot be taken: {why}");
        }
        if !self.mine.is_empty() {
            let words: Vec<String> = self.mine.iter().map(|one| quote(one.label())).collect();
            let _ = writeln!(
                out,
                "{GOOD}Yours already:{GOOD:#} {}: no other session claims it. When done: git presence \
                 release {}",
                join(&self.mine),
                clean(&words.join(" "))
            );
        }
        if tasks.len() + rest.len() > 0 {
            let free = tasks.iter().chain(&rest).map(|one| (*one).clone());
            let free: Vec<Resource> = free.collect();
            let _ = writeln!(out, "{GOOD}Free{GOOD:#} {}", join(&free));
        }
        for (list, id) in tasks.iter().filter_map(|one| place_of(one)) {
            let id = id.map(|id| id.to_string()).unwrap_or_default();
            let at = match list {
                MAIN_LIST => String::new(),
                list => format!(" --list {}", clean(&quote(list))),
            };
            let _ = writeln!(out, "Take it now: git presence task start {id}{at}");
        }
        let (turns, rest): (Vec<&Resource>, Vec<&Resource>) =
            rest.into_iter().partition(|one| is_turn(one));
        for turn in turns {
            let word = clean(&quote(turn.label())).to_string();
            let _ = writeln!(out, "Take it now: {}", turn::take(turn, &word, ""));
        }
        if rest.is_empty() {
            return out;
        }
        let words: Vec<String> = rest.iter().map(|r| quote(r.label())).collect();
        let is_file = |one: &Resource| matches!(one.kind(), ResourceKind::Path);
        let option = match rest.iter().all(|one| is_file(one)) {
            true => "",
            false => "--exclusive ",
        };
        let words = clean(&words.join(" "));
        let _ = writeln!(
            out,
            "Claim it now: git presence claim {option}{words} --purpose \"<why>\""
        );
        out
    }

    fn json(&self) -> Value {
        shapes::value(&WaitAnswer {
            session_id: self.me.as_str(),
            free: labels(&self.resources),
            not_ready: self.denied.iter().map(|(task, _)| task.label()).collect(),
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
        whole::<super::claimed::ClaimAnswer<'_>>("claim answer"),
        whole::<WaitAnswer<'_>>("wait"),
        whole::<HeartbeatAnswer<'_>>("heartbeat"),
        whole::<ReleaseAnswer<'_>>("release"),
        whole::<RunAnswer<'_>>("run"),
        whole::<PushAnswer<'_>>("push"),
    ]
}
