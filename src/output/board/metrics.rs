//! The answer of `metrics`: the text format of Prometheus, and the same numbers as JSON.
//!
//! Owns the names of the metrics. Never counts.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use crate::app::board::metrics::{Counts, Metrics};
use crate::output::present::{Present, Terminal};
use crate::output::shapes::{self, At};

/// What `metrics` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct MetricsAnswer<'a> {
    /// live sessions, by harness or CI system; `person`, and `other` for an unknown one
    sessions: &'a Counts,
    /// those whose program has certainly ended; known of this machine only
    gone: usize,
    /// live claims, by mode
    claims: &'a Counts,
    /// claims that overlap one of another session
    contested: usize,
    /// what no session holds and only one may have for a while
    offers: usize,
    /// what is frozen
    frozen: usize,
    /// states that are not as they should be, besides what is frozen
    not_fine: usize,
    /// tasks that are not over, by state
    tasks: &'a Counts,
    /// records that cannot be read
    unreadable: usize,
    /// the remote, or null without one
    remote: Option<RemoteNumbers>,
    /// how often each thing happened, by the word that `log` has for it, without heartbeats
    events: &'a Counts,
}

/// The remote in numbers.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct RemoteNumbers {
    /// when it was last fetched; null if that never succeeded
    fetched_at: Option<At>,
    /// whether all that it has is known here as of then, and that is not long ago
    known: bool,
    /// refs of this clone that it does not have
    pending: usize,
}

/// A text in the format of Prometheus.
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP git_presence_{name} {help}");
        let _ = writeln!(self.0, "# TYPE git_presence_{name} {kind}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: &dyn std::fmt::Display) {
        self.family(name, "gauge", help);
        let _ = writeln!(self.0, "git_presence_{name} {value}");
    }

    /// Writes a number for each value of a label. All of them are words of this program.
    fn by(&mut self, (name, kind, label): (&str, &str, &str), help: &str, counts: &Counts) {
        self.family(name, kind, help);
        for (value, count) in counts {
            let _ = writeln!(self.0, "git_presence_{name}{{{label}=\"{value}\"}} {count}");
        }
    }
}

impl Metrics {
    /// Returns the numbers in the text format of Prometheus.
    pub fn prometheus(&self) -> String {
        let mut text = Text(String::new());
        let sessions = ("sessions", "gauge", "agent");
        text.by(sessions, "Live sessions.", &self.sessions);
        let help = "Live sessions whose program has ended on this machine.";
        text.gauge("sessions_gone", help, &self.gone);
        text.by(("claims", "gauge", "mode"), "Live claims.", &self.claims);
        let help = "Claims that overlap one of another session.";
        text.gauge("claims_contested", help, &self.contested);
        text.gauge(
            "offers",
            "Resources that are offered to one session.",
            &self.offers,
        );
        text.gauge("frozen", "Resources that are frozen.", &self.frozen);
        let help = "States that are not as they should be, besides frozen.";
        text.gauge("states_not_fine", help, &self.not_fine);
        text.by(
            ("tasks", "gauge", "state"),
            "Tasks that are not over.",
            &self.tasks,
        );
        let help = "Records that cannot be read.";
        text.gauge("records_unreadable", help, &self.unreadable);
        if let Some(remote) = &self.remote {
            if let Some(at) = remote.fetched_at {
                let help = "When the remote was last fetched.";
                let seconds = at.as_millis().div_euclid(1000);
                text.gauge("remote_fetched_timestamp_seconds", help, &seconds);
            }
            let help = "Whether all that the remote has is known here.";
            text.gauge("remote_known", help, &u8::from(remote.is_known));
            let help = "Refs of this clone that the remote does not have.";
            text.gauge("remote_pending_refs", help, &remote.pending);
        }
        let help = "What happened, as far as the history in this clone goes.";
        text.by(("events_total", "counter", "event"), help, &self.events);
        text.0
    }
}

impl Present for Metrics {
    fn text(&self, _: &Terminal) -> String {
        match self.is_filed {
            true => String::new(),
            false => self.prometheus(),
        }
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn json(&self) -> Value {
        shapes::value(&MetricsAnswer {
            sessions: &self.sessions,
            gone: self.gone,
            claims: &self.claims,
            contested: self.contested,
            offers: self.offers,
            frozen: self.frozen,
            not_fine: self.not_fine,
            tasks: &self.tasks,
            unreadable: self.unreadable,
            remote: self.remote.as_ref().map(|remote| RemoteNumbers {
                fetched_at: remote.fetched_at.map(At),
                known: remote.is_known,
                pending: remote.pending,
            }),
            events: &self.events,
        })
    }
}
