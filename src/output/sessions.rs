//! The answers about sessions: `whoami` and `keep`.
//!
//! Owns their words and their JSON. Never decides who acts.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes::{self, At};
use super::style::{BOLD, DIM, clean};
use crate::app::sessions::keepalive::{Ended, Kept};
use crate::app::sessions::whoami::Who;
use crate::model::text::name;

/// What `whoami` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WhoamiAnswer<'a> {
    /// the session of the caller
    session_id: &'a str,
    /// how that was found out: `flag`, `variable`, `harness`, `ci` or `person`
    rule: &'static str,
    /// the harness or CI system, if known
    agent: Option<&'a str>,
    /// the user of the session
    user: &'a str,
    /// the machine of the session
    host: &'a str,
    /// the process that the session is known by; null for a chosen id, for a CI job, and if unknown
    process: Option<ProcessAnswer<'a>>,
    /// the repository that keeps the board
    ledger: &'a str,
    /// the last heartbeat of this session; null for a session that never wrote
    seen_at: Option<At>,
    /// with `--explain` only: a sentence for each rule that was tried
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'a [String]>,
}

/// A process of one machine.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ProcessAnswer<'a> {
    /// its number
    pid: u32,
    /// when it was started
    started_at: At,
    /// the machine
    host_id: &'a str,
    /// this start of the machine
    boot_id: &'a str,
}

impl Present for Who {
    fn text(&self, terminal: &Terminal) -> String {
        let me = &self.me;
        if !self.explain {
            // Scripts read it, so it is the id itself.
            return format!("{}\n", clean(me.id.as_str()));
        }
        let when = terminal.when(self.now);
        let mut out = String::new();
        let _ = writeln!(out, "{BOLD}{}{BOLD:#}", me.id);
        let _ = writeln!(out, "  rule     {}", me.rule.as_str());
        let agent = me.agent.as_deref().map(|agent| name(agent).to_string());
        let agent = agent.unwrap_or_else(|| "none".to_owned());
        let _ = writeln!(out, "  agent    {agent}");
        let _ = writeln!(out, "  user     {}@{}", name(&me.user), name(&me.host));
        let process = me.process.as_ref();
        let process = process.map(|p| format!("{}, started {}", p.pid, when.both(p.started_at)));
        let process = process.unwrap_or_else(|| no_process(me.rule.as_str()).to_owned());
        let _ = writeln!(out, "  process  {process}");
        let _ = writeln!(out, "  ledger   {}", clean(&self.ledger));
        for (n, reason) in me.explanation.iter().enumerate() {
            let _ = writeln!(out, "  {DIM}{}.{DIM:#} {}", n + 1, clean(reason));
        }
        out
    }

    fn json(&self) -> Value {
        let me = &self.me;
        let process = me.process.as_ref().map(|process| ProcessAnswer {
            pid: process.pid,
            started_at: At(process.started_at),
            host_id: &process.host_id,
            boot_id: &process.boot_id,
        });
        shapes::value(&WhoamiAnswer {
            session_id: me.id.as_str(),
            rule: me.rule.as_str(),
            agent: me.agent.as_deref(),
            user: &me.user,
            host: &me.host,
            process,
            ledger: &self.ledger,
            seen_at: self.session.as_ref().map(|session| At(session.seen_at)),
            explanation: self.explain.then_some(&me.explanation),
        })
    }
}

/// Returns why a session that `rule` named is known by no process.
fn no_process(rule: &str) -> &'static str {
    match rule {
        "flag" | "variable" => "none: the id was chosen, and any process can have it",
        "ci" => "none: the steps of a job are one session, whatever their processes",
        "harness" => "not found: nothing follows from the end of one",
        _ => "not found",
    }
}

/// What `keep` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct KeepAnswer {
    /// how often it renewed a claim
    beats: u64,
    /// `process_gone`, `kept_already`, `dismissed` or `time_up`
    ended: &'static str,
}

impl Present for Kept {
    fn text(&self, _: &Terminal) -> String {
        let why = match self.ended {
            Ended::ProcessGone => "the process has ended",
            Ended::KeptAlready => "already running",
            Ended::Dismissed => "no longer needed",
            Ended::TimeUp => "time limit reached",
        };
        format!("Renewed {} times; ended: {why}\n", self.beats)
    }

    fn json(&self) -> Value {
        shapes::value(&KeepAnswer {
            beats: self.beats,
            ended: match self.ended {
                Ended::ProcessGone => "process_gone",
                Ended::KeptAlready => "kept_already",
                Ended::Dismissed => "dismissed",
                Ended::TimeUp => "time_up",
            },
        })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<WhoamiAnswer<'_>>("whoami"),
        whole::<ProcessAnswer<'_>>("whoami process"),
        whole::<KeepAnswer>("keep"),
    ]
}
