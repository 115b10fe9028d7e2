//! The answers of the verbs that read the board: `list`, `log` and `prompt` here, `peek` and
//! `status` below.
//!
//! Owns their words and their JSON. Never decides which claims conflict, and never counts them.

pub(super) mod peek;
pub(super) mod status;
pub(super) mod who;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::remote;
use super::shapes::{self, At, Claim};
use super::style::{BOLD, DIM, join, plural};
use super::table::Table;
use super::when::When;
use crate::app::board::candidates::Candidates;
use crate::app::board::list::{Conflict, Listing};
use crate::app::board::log::Log;
use crate::app::board::prompt::{Place, Prompt};
use crate::model::event::{Around, Entry, Event, EventKind};
use crate::model::holding::Holding;
use crate::model::text::{list, name};

const SHORT_ID_DIGITS: usize = 10;

/// A claim in the JSON of `list`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ListedClaim<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// whether it is live; false only with `--expired`
    is_live: bool,
    /// `shared`, `exclusive`, `waiting` or `expired`; with a claim of another session that overlaps
    /// it, `conflict`
    state: &'static str,
    /// the live claims of other sessions that overlap it
    conflicts_with: Vec<ConflictingWith<'a>>,
    /// the time of the last fetch; null without a remote or before the first fetch
    as_of: Option<At>,
}

/// A claim that conflicts with a listed one.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ConflictingWith<'a> {
    /// the other session
    session_id: &'a str,
    /// the label that it claims
    resource: &'a str,
}

impl Listing {
    fn rows(&self) -> impl Iterator<Item = (&Holding, &[Conflict])> {
        let conflicts = self.conflicts.iter().map(Vec::as_slice);
        self.holdings.iter().zip(conflicts)
    }

    fn claims(&self) -> impl Iterator<Item = ListedClaim<'_>> {
        self.rows().map(move |(h, conflicts)| ListedClaim {
            claim: Claim::seen_by(&self.me, h),
            is_live: h.is_live(self.now),
            state: self.state(h, conflicts),
            conflicts_with: conflicts.iter().map(conflicting).collect(),
            as_of: remote::as_of_json(&self.known),
        })
    }

    fn state(&self, h: &Holding, conflicts: &[Conflict]) -> &'static str {
        match (h.is_live(self.now), conflicts.is_empty()) {
            (false, _) => "expired",
            (true, false) => "conflict",
            (true, true) => h.mode.as_str(),
        }
    }

    /// Returns the rows, those first that conflict.
    fn table(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        // A narrow terminal has no room for what matters less.
        let (is_wide, is_narrow) = (terminal.width >= WIDE, terminal.width < NARROW);
        let (header, middles): (&[&str], &[usize]) = match (is_wide, is_narrow) {
            (true, _) => (
                &[
                    "", "RESOURCE", "STATE", "SESSION", "AGENT", "FOLDER", "PURPOSE", "SEEN",
                    "EXPIRES",
                ],
                &[1, 3, 5],
            ),
            (false, false) => (
                &[
                    "", "RESOURCE", "STATE", "SESSION", "PURPOSE", "SEEN", "EXPIRES",
                ],
                &[1, 3],
            ),
            (false, true) => (&["", "RESOURCE", "STATE", "SESSION", "EXPIRES"], &[1, 3]),
        };
        let mut table = Table::new(header).cutting_in_the_middle(middles);
        let (troubled, rest): (Vec<_>, Vec<_>) = self
            .rows()
            .partition(|(_, conflicts)| !conflicts.is_empty());
        for (h, conflicts) in troubled.into_iter().chain(rest) {
            let mine = if self.me.owns(h) { "*" } else { "" };
            let conflict = if conflicts.is_empty() { "" } else { "!" };
            table.cell(format_args!("{mine}{conflict}"));
            table.cell(&h.resource);
            let gone = if h.is_gone { ", gone" } else { "" };
            let state = match h.is_live(self.now) {
                true => h.mode.as_str(),
                false => "expired",
            };
            table.cell(format_args!("{state}{gone}{}", unsent(h)));
            table.cell(&h.session);
            if is_wide {
                let agent = h.agent.as_deref();
                table.cell(agent.map_or_else(String::new, |agent| name(agent).to_string()));
                table.cell(place(h));
            }
            if !is_narrow {
                table.cell(&h.purpose);
                table.cell(when.relative(h.seen_at));
            }
            table.cell(when.relative(h.expires_at));
        }
        table.render(terminal.width)
    }
}

fn conflicting(one: &Conflict) -> ConflictingWith<'_> {
    ConflictingWith {
        session_id: one.session.as_str(),
        resource: one.resource.label(),
    }
}

/// Returns the name of the folder of a session, and its branch.
fn place(h: &Holding) -> String {
    let at = &h.whereabouts;
    let folder = at.folder.as_deref().unwrap_or_default();
    let folder = folder
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    match (folder, &at.branch) {
        ("", None) => String::new(),
        ("", Some(branch)) => name(branch).to_string(),
        (folder, None) => name(folder).to_string(),
        (folder, Some(branch)) => format!("{} ({})", name(folder), name(branch)),
    }
}

fn unsent(h: &Holding) -> &'static str {
    if h.confirmed { "" } else { " (not sent yet)" }
}

/// From this many columns on, the agent and the place have columns.
const WIDE: usize = 100;
/// Below this many, the purpose and the last heartbeat have none.
const NARROW: usize = 60;
/// What the marks before a row mean, for a person.
const LEGEND: &str = "* yours   ! another session claims it, too";

impl Present for Listing {
    fn text(&self, terminal: &Terminal) -> String {
        let not_known = match self.asks_others {
            true => remote::not_known_yet(&self.known),
            false => String::new(),
        };
        if self.holdings.is_empty() {
            let nothing = match (self.hidden, not_known.is_empty()) {
                (0, true) => "Nothing is claimed.\n".to_owned(),
                (0, false) => "Nothing that is claimed is known.\n".to_owned(),
                (hidden, _) => format!(
                    "{}; {} not shown: git presence list\n",
                    match self.asks_others {
                        true => "No claim matches",
                        false => "You claim nothing",
                    },
                    plural(hidden, "claim")
                ),
            };
            return nothing + &not_known;
        }
        let mut out = self.table(terminal);
        if terminal.is_watched {
            let _ = writeln!(out, "{DIM}{LEGEND}{DIM:#}");
        }
        out + &not_known
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        shapes::value(&self.claims().collect::<Vec<_>>())
    }

    fn line(&self) -> String {
        shapes::line_of_list(self.claims())
    }

    fn notices(&self, terminal: &Terminal) -> String {
        remote::as_of(&self.known, &terminal.when(self.now))
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// The words alone: a shell reads them.
impl Present for Candidates {
    fn text(&self, _: &Terminal) -> String {
        self.0.iter().map(|word| format!("{word}\n")).collect()
    }

    fn json(&self) -> Value {
        Value::from(self.0.clone())
    }
}

impl Present for Log {
    fn text(&self, terminal: &Terminal) -> String {
        if self.entries.is_empty() {
            let not_known = remote::not_known_yet(&self.known);
            return "No events yet.\n".to_owned() + &not_known;
        }
        let when = terminal.when(self.now);
        self.entries
            .iter()
            .map(|entry| line(entry, &when))
            .collect()
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        let events = self.entries.iter().map(shapes::Event::of);
        shapes::value(&events.collect::<Vec<_>>())
    }

    fn notices(&self, terminal: &Terminal) -> String {
        let mut out = remote::as_of(&self.known, &terminal.when(self.now));
        if let Some(begins) = self.begins {
            let _ = writeln!(
                out,
                "The archives here begin in {begins}; sessions that other clones folded are in theirs."
            );
        }
        out
    }
}

/// Returns one event in one line.
fn line(entry: &Entry, when: &When) -> String {
    let event = &entry.event;
    let id = entry.commit.get(..SHORT_ID_DIGITS).unwrap_or(&entry.commit);
    let mut line = format!(
        "{DIM}{id}{DIM:#} {}  {BOLD}{}{BOLD:#}",
        when.both(entry.at),
        name(event.kind.word())
    );
    if !event.resources.is_empty() {
        let _ = write!(line, " {}", join(&event.resources));
    }
    if !event.expired.is_empty() {
        let _ = write!(line, " (expired: {})", join(&event.expired));
    }
    let _ = write!(line, "  {}", event.session);
    let details = event.kind.details();
    if let Some(by) = details.by {
        let _ = write!(line, " by {by}");
    }
    line.push_str(&former_holders(event));
    if let Some(purpose) = details.purpose {
        let _ = write!(line, ": {purpose}");
    }
    line + "\n"
}

/// Returns whose claim it was, or is: taken over, taken away, or bypassed.
fn former_holders(event: &Event) -> String {
    let details = event.kind.details();
    let ids = details.from;
    let one = |one: &Around| format!("{} of {}", one.resource, one.session);
    let around = details.around;
    let is_bypass = matches!(event.kind, EventKind::Bypassed { .. });
    match (around.is_empty(), ids.is_empty()) {
        (true, true) => String::new(),
        (true, false) if is_bypass => format!(" around {}", list(ids.iter())),
        (true, false) => format!(" from {}", list(ids.iter())),
        (false, _) => format!(" around {}", list(around.iter().map(one))),
    }
}

/// What `prompt` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PromptAnswer {
    /// how many claims the caller has
    mine: usize,
    /// how many claims other sessions have
    others: usize,
    /// how many claims of the caller conflict with one of another session
    contested: usize,
}

impl Present for Prompt {
    fn text(&self, _: &Terminal) -> String {
        if self.mine + self.others == 0 {
            return String::new();
        }
        let mark = if self.contested > 0 { "!" } else { "" };
        let text = match (self.mine, self.others) {
            (mine, 0) => format!("{mine} mine"),
            (0, others) => format!("{others} others"),
            (mine, others) => format!("{mine}{mark} mine, {others} others"),
        };
        match self.place {
            Place::Terminal => format!("{text}\n"),
            Place::Tmux => {
                let color = match (self.contested, self.mine) {
                    (1.., _) => "red",
                    (_, 1..) => "yellow",
                    _ => "default",
                };
                format!("#[fg={color}]{text}#[default]\n")
            }
        }
    }

    fn json(&self) -> Value {
        shapes::value(&PromptAnswer {
            mine: self.mine,
            others: self.others,
            contested: self.contested,
        })
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::{fields, relations, schema, whole};
    let claim = schema::<super::shapes::Claim<'_>>();
    vec![
        ("list", fields(&schema::<ListedClaim<'_>>(), &[&claim])),
        ("peek", relations(&schema::<peek::Related<'_>>(), &claim)),
        whole::<PromptAnswer>("prompt"),
        whole::<who::SessionHere<'_>>("who"),
        whole::<ConflictingWith<'_>>("list conflicts"),
        whole::<status::StatusAnswer<'_>>("status"),
    ]
}
