//! The answer of `status`: this session, its claims and those of others at one glance.
//!
//! Owns its words and its JSON, and how much of a long list is shown. Never decides which claims
//! conflict.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use crate::app::board::status::Status;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::text::name;
use crate::output::holding::{exclusive, unconfirmed};
use crate::output::news::{Untold, untold};
use crate::output::present::{Present, Terminal};
use crate::output::remote::{self, RemoteState};
use crate::output::shapes::{self, At, Claim, Record};
use crate::output::style::{BOLD, WARN, clean, more, plural};
use crate::output::when::When;

const MINE_MAX: usize = 5;
const OTHERS_MAX: usize = 5;
const PROBLEMS_MAX: usize = 2;

/// What `status` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct StatusAnswer<'a> {
    /// the session of the caller
    session_id: &'a str,
    /// how that was found out: `flag`, `variable`, `harness`, `ci` or `person`
    rule: &'static str,
    /// the harness or CI system, if known
    agent: Option<&'a str>,
    /// the repository that keeps the board
    ledger: &'a str,
    /// the last heartbeat of this session; null for a session that never wrote
    seen_at: Option<At>,
    /// claims of this session
    mine: Vec<Claim<'a>>,
    /// claims of other sessions; those that conflict with `mine` come first
    others: Vec<Claim<'a>>,
    /// how many live sessions there are besides this one, with or without claims
    other_sessions: usize,
    /// what happened to claims and requests of this session that it was not told yet; `status`
    /// shows it until another verb or a hook told it
    news: Vec<Untold<'a>>,
    /// records that cannot be read
    problems: Vec<Record<'a>>,
    /// the remote, or null without one
    remote: Option<RemoteState<'a>>,
    /// a command to go on with, for a person
    next: &'a str,
}

impl Present for Status {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = String::new();
        let agent = self.agent.as_deref();
        let agent = agent.map(|agent| format!(", {}", name(agent)));
        let seen = self.seen_at;
        let seen = seen.map(|at| format!(", seen {}", when.relative(at)));
        let _ = writeln!(
            out,
            "{BOLD}{}{BOLD:#} ({}{}{})",
            self.me.id,
            self.rule.as_str(),
            agent.unwrap_or_default(),
            seen.unwrap_or_default()
        );
        let _ = writeln!(out, "ledger {}", clean(&self.ledger));
        let _ = writeln!(out, "Yours: {}", plural(self.mine.len(), "claim"));
        for h in self.mine.iter().take(MINE_MAX) {
            out.push_str(&glance(h, &when, None));
        }
        more(&mut out, self.mine.len(), MINE_MAX);
        out.push_str(&untold(&self.news));
        let _ = writeln!(
            out,
            "Others: {}, {}",
            plural(self.others.len(), "claim"),
            plural(self.other_sessions, "session")
        );
        if let Some(remote) = &self.remote {
            out.push_str(&remote::not_known_yet(&remote.known));
        }
        for h in self.others.iter().take(OTHERS_MAX) {
            out.push_str(&glance(h, &when, Some(&h.session)));
        }
        more(&mut out, self.others.len(), OTHERS_MAX);
        for problem in self.problems.iter().take(PROBLEMS_MAX) {
            let _ = writeln!(out, "{WARN}Problem:{WARN:#} {problem}");
        }
        more(&mut out, self.problems.len(), PROBLEMS_MAX);
        if let Some(remote) = &self.remote {
            out.push_str(&remote::state(remote, &when));
        }
        let _ = writeln!(out, "Next: {}", self.next);
        out
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        let claim = |h| Claim::seen_by(&self.me, h);
        shapes::value(&StatusAnswer {
            session_id: self.me.id.as_str(),
            rule: self.rule.as_str(),
            agent: self.agent.as_deref(),
            ledger: &self.ledger,
            seen_at: self.seen_at.map(At),
            mine: self.mine.iter().map(claim).collect(),
            others: self.others.iter().map(claim).collect(),
            other_sessions: self.other_sessions,
            news: Untold::all(&self.news),
            problems: Record::all(&self.problems),
            remote: self.remote.as_ref().map(RemoteState::of),
            next: &self.next,
        })
    }
}

/// Returns a claim in one line.
fn glance(h: &Holding, when: &When, with: Option<&SessionId>) -> String {
    let by = with.map(|id| format!("  {id}")).unwrap_or_default();
    let until = when.both(h.expires_at);
    format!(
        "  {BOLD}{}{BOLD:#}{by}  until {until}: {}{}{}\n",
        h.resource,
        exclusive(h),
        unconfirmed(h),
        h.purpose
    )
}
