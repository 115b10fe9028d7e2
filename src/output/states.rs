//! The answers of `state`.
//!
//! Owns their words and their JSON, and the lines about states in other answers. Never decides
//! which statement counts.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::remote::{self, Backing};
use super::shapes::{self, At};
use super::style::{BOLD, DIM, GOOD, WARN, more};
use super::when::When;
use crate::app::states::list::States;
use crate::app::states::say::SayReport;
use crate::model::id::SessionId;
use crate::model::standing::{Said, Standing};
use crate::model::state::{Version, Word};
use crate::model::text::{Purpose, list, name};

/// What a session said of a resource.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SaidShape<'a> {
    /// the label
    resource: &'a str,
    /// the word: `deploying`, `deployed`, `frozen`, …; `cleared` if nothing is said any more
    state: &'a str,
    /// the version that is meant; null if none was named
    version: Option<&'a str>,
    /// why, or what else there is to say; null if nothing was
    notes: Option<&'a str>,
    /// the session that said it
    session_id: &'a str,
    /// the user of that session
    user: &'a str,
    /// the machine of that session
    host: &'a str,
    /// when it was said
    at: At,
    /// when it ends
    expires_at: At,
}

/// The state of a resource.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StateShape<'a> {
    #[serde(flatten)]
    said: SaidShape<'a>,
    /// what other sessions have frozen as well, the newest first: each is lifted by itself
    also_frozen: Vec<SaidShape<'a>>,
    /// what else is said of it and does not count, the newest first
    superseded: Vec<SaidShape<'a>>,
}

/// What `state` answers to programs if something is said or cleared.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StatedAnswer<'a> {
    /// what counts now, as states; empty after `--clear`
    states: Vec<StateShape<'a>>,
    /// the labels of what it was about
    resources: Vec<&'a str>,
    /// the sessions whose `frozen` was lifted by force
    over: Vec<&'a str>,
    /// `local`, `confirmed` or `unconfirmed`, as in `claim`
    guarantee: &'static str,
    /// the name of the remote; null with `local`
    remote: Option<&'a str>,
    /// why the remote does not have it, for people; null otherwise
    unconfirmed_because: Option<&'a str>,
}

impl<'a> SaidShape<'a> {
    fn of(said: &'a Said) -> Self {
        let saying = &said.statement.saying;
        Self {
            resource: saying.resource.label(),
            state: saying.word.as_str(),
            version: saying.version.as_ref().map(Version::as_str),
            notes: saying.notes.as_ref().map(Purpose::as_str),
            session_id: said.by.id.as_str(),
            user: &said.by.user,
            host: &said.by.host,
            at: At(said.statement.at),
            expires_at: At(said.statement.expires_at()),
        }
    }
}

impl<'a> StateShape<'a> {
    /// Takes the statement that counts, and the others.
    pub(super) fn of(standing: &'a Standing) -> Self {
        Self {
            said: SaidShape::of(&standing.said),
            also_frozen: standing.also_frozen.iter().map(SaidShape::of).collect(),
            superseded: standing.superseded.iter().map(SaidShape::of).collect(),
        }
    }
}

/// Returns `service:web  deploying 1.4.0  "notes"`, and by which session since and until when.
fn line(said: &Said, when: &When) -> String {
    let (saying, by) = (&said.statement.saying, &said.by);
    let style = match saying.word.is_fine() || saying.word.is_cleared() {
        true => GOOD,
        false => WARN,
    };
    let mut out = format!(
        "{BOLD}{}{BOLD:#} {style}{}{style:#}",
        saying.resource, saying.word
    );
    if let Some(version) = &saying.version {
        let _ = write!(out, " {version}");
    }
    if let Some(notes) = &saying.notes {
        let _ = write!(out, ": {notes}");
    }
    let agent = by.agent.as_deref();
    let agent = agent.map(|agent| format!("{}, ", name(agent)));
    let _ = writeln!(
        out,
        "\n    {DIM}{} ({}{}@{}), {}; until {}{DIM:#}",
        by.id,
        agent.unwrap_or_default(),
        name(&by.user),
        name(&by.host),
        when.relative(said.statement.at),
        when.both(said.statement.expires_at())
    );
    out
}

/// Returns the states that are not as they should be.
pub(super) fn odd(standings: &[Standing]) -> impl Iterator<Item = &Standing> {
    standings.iter().filter(|one| {
        let word: &Word = &one.said.statement.saying.word;
        !word.is_fine() && !word.is_cleared()
    })
}

/// Returns the line about a state in other answers.
pub(super) fn glance_line(one: &Standing) -> String {
    let saying = &one.said.statement.saying;
    let version = saying.version.as_ref();
    let version = version.map(|version| format!(" {version}"));
    let notes = saying.notes.as_ref().map(|notes| format!(": {notes}"));
    format!(
        "{BOLD}{}{BOLD:#} is {WARN}{}{WARN:#}{}, says {}{}\n",
        saying.resource,
        saying.word,
        version.unwrap_or_default(),
        one.said.by.id,
        notes.unwrap_or_default()
    )
}

/// Returns a line for each state that is not as it should be, of at most `max`; for other answers.
pub(super) fn glance(standings: &[Standing], max: usize) -> String {
    let mut out: String = odd(standings).take(max).map(glance_line).collect();
    more(&mut out, odd(standings).count(), max);
    out
}

impl Present for States {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = String::new();
        for standing in &self.standings {
            out.push_str(&line(&standing.said, &when));
            for said in &standing.also_frozen {
                out.push_str(&line(said, &when));
            }
            for said in standing.superseded.iter().filter(|_| self.all) {
                let text = line(said, &when);
                let _ = write!(out, "  not counted: {text}");
            }
        }
        if self.standings.is_empty() {
            out.push_str("No state is known.\n");
            out.push_str(&remote::not_known_yet(&self.known));
        }
        out
    }

    fn json(&self) -> Value {
        let states: Vec<StateShape<'_>> = self.standings.iter().map(StateShape::of).collect();
        shapes::value(&states)
    }

    fn notices(&self, terminal: &Terminal) -> String {
        remote::as_of(&self.known, &terminal.when(self.now))
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Present for SayReport {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let sent = remote::confirmation(&self.confirmation);
        let mut out = String::new();
        let is_mine = |said: &Said| said.by.id == self.by.id && said.by.node == self.by.node;
        for standing in &self.standings {
            if !is_mine(&standing.said) {
                out.push_str("Said, but something else counts:\n");
                out.push_str(&line(&standing.said, &when));
                continue;
            }
            let saying = &standing.said.statement.saying;
            let version = saying.version.as_ref();
            let version = version.map(|version| format!(" {version}"));
            let until = when.both(standing.said.statement.expires_at());
            let _ = writeln!(
                out,
                "{BOLD}{}{BOLD:#} is {GOOD}{}{GOOD:#}{} until {until}{sent}",
                saying.resource,
                saying.word,
                version.unwrap_or_default()
            );
            if saying.word.is_frozen() {
                let pushes = match self.stops_pushes {
                    Some(false) => {
                        "  In this clone no hook of Git stops a push yet; to install it: git presence install\n"
                    }
                    _ => "",
                };
                let _ = writeln!(
                    out,
                    "{DIM}  Other sessions cannot claim it exclusively, and are stopped from pushing \
                     or applying it where the hooks are installed.\n{pushes}  To lift it: git presence \
                     state {} --clear{DIM:#}",
                    saying.resource
                );
            }
        }
        if self.is_nothing {
            let none = list(self.resources.iter());
            let _ = writeln!(
                out,
                "Nothing is said of {BOLD}{none}{BOLD:#}, so nothing was cleared"
            );
        } else if self.standings.is_empty() {
            let cleared = list(self.resources.iter());
            let _ = writeln!(out, "{GOOD}Cleared{GOOD:#} {BOLD}{cleared}{BOLD:#}{sent}");
        }
        if !self.over.is_empty() {
            let over = list(self.over.iter());
            let _ = writeln!(out, "  It was frozen by {over}; that is lifted, on record.");
        }
        out
    }

    fn json(&self) -> Value {
        let backing = Backing::of(&self.confirmation);
        shapes::value(&StatedAnswer {
            states: self.standings.iter().map(StateShape::of).collect(),
            resources: shapes::labels(&self.resources),
            over: self.over.iter().map(SessionId::as_str).collect(),
            guarantee: backing.guarantee,
            remote: backing.remote,
            unconfirmed_because: backing.unconfirmed_because,
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::{fields, schema, whole};
    vec![
        whole::<SaidShape<'_>>("state"),
        (
            "state superseded",
            fields(&schema::<StateShape<'_>>(), &[&schema::<SaidShape<'_>>()]),
        ),
        whole::<StatedAnswer<'_>>("state said"),
    ]
}
