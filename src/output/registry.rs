//! The answer of `sessions`: the sessions that are here, a line each.
//!
//! Owns its words and its JSON. Never decides who is here.

use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;
use serde_json::Value;

use crate::app::sessions::list::{Everyone, Present as Here, TaskOf};
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::id::HarnessId;
use crate::model::task::place_of;
use crate::model::text::{Purpose, is_word, list, name};
use crate::output::present::{Present, Terminal};
use crate::output::remote;
use crate::output::shapes::{self, At};
use crate::output::style::{BAD, BOLD, DIM, GOOD, WARN, plural};
use crate::output::table::Table;
use crate::output::when::When;

/// How wide a session and a folder are at least, unless they are shorter.
const SESSION_MIN: usize = 16;
const FOLDER_MIN: usize = 16;

/// A session in the JSON of `sessions`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct SessionHere<'a> {
    /// the session
    session_id: &'a str,
    /// `working`: it holds something; `waiting`: it only waits for something; `idle`: it has
    /// nothing; `silent`: it was not heard of within its time to live; `gone`: its program has
    /// ended without a word; `ended`: it said so, or was found ended
    status: &'static str,
    /// how many of its claims overlap one of another session
    conflicts: usize,
    /// the harness or CI system, if known
    agent: Option<&'a str>,
    /// the id that its harness has for it; null until its transcript was seen
    harness_session: Option<&'a str>,
    /// the user
    user: &'a str,
    /// the machine
    host: &'a str,
    /// the path of its work tree, if known
    folder: Option<&'a str>,
    /// the branch that it had checked out, if known
    branch: Option<&'a str>,
    /// when it began, or claimed what it holds: the earliest that is known
    since: Option<At>,
    /// its last heartbeat
    seen_at: At,
    /// whether its program has certainly ended; known of this machine only
    gone: bool,
    /// labels of what it holds
    holds: Vec<&'a str>,
    /// labels of what it waits for
    waits: Vec<&'a str>,
    /// labels of what it has frozen
    frozen: Vec<&'a str>,
    /// the task that it holds, or null; of several the one that it took last
    task: Option<TaskShape<'a>>,
    /// the pane of tmux in which its process runs, as `%3`; known of this machine only
    pane: Option<&'a str>,
    /// whether it is the caller's session
    is_me: bool,
    /// as in `list`
    as_of: Option<At>,
}

/// The task of a session.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct TaskShape<'a> {
    /// the list
    list: &'a str,
    /// the task
    id: &'a str,
    /// what is to be done; null if its list could not be read
    title: Option<&'a str>,
}

impl Here {
    /// Returns the word for people: a conflict says more than that something is held.
    fn word(&self) -> &'static str {
        match (self.conflicts, self.is_gone) {
            (0, _) => self.status.as_str(),
            (_, true) => "gone, conflict",
            (_, false) => "conflict",
        }
    }

    fn labels(&self, waits: bool) -> Vec<&str> {
        let of = self.claims.iter();
        let of = of.filter(|claim| (claim.mode == Mode::Waiting) == waits);
        of.map(|claim| claim.resource.label()).collect()
    }

    fn is_me(&self, everyone: &Everyone) -> bool {
        self.session == everyone.me.id && Some(self.node) == everyone.me.node
    }
}

/// A column of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Me,
    Session,
    Status,
    Agent,
    User,
    Folder,
    Branch,
    Pane,
    Since,
    Seen,
    Task,
    Claims,
}

/// All columns, in their order.
const COLUMNS: [Column; 12] = [
    Column::Me,
    Column::Session,
    Column::Status,
    Column::Agent,
    Column::User,
    Column::Folder,
    Column::Branch,
    Column::Pane,
    Column::Since,
    Column::Seen,
    Column::Task,
    Column::Claims,
];
/// Those that a narrow terminal leaves out, the first one first: whose it is says less than where
/// it is.
const DROPPED: [Column; 6] = [
    Column::User,
    Column::Since,
    Column::Pane,
    Column::Folder,
    Column::Branch,
    Column::Agent,
];
/// Those that are cut last.
const KEPT: [Column; 4] = [
    Column::Session,
    Column::Status,
    Column::Claims,
    Column::Task,
];
/// Those that a narrow terminal has in a line below.
const BELOW: [Column; 2] = [Column::Claims, Column::Task];

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::Me => "",
            Self::Session => "SESSION",
            Self::Status => "STATUS",
            Self::Agent => "AGENT",
            Self::User => "USER",
            Self::Folder => "FOLDER",
            Self::Branch => "BRANCH",
            Self::Pane => "PANE",
            Self::Since => "SINCE",
            Self::Seen => "SEEN",
            Self::Task => "TASK",
            Self::Claims => "CLAIMS",
        }
    }

    fn style(self, one: &Here) -> Option<Style> {
        match self {
            Self::Me => Some(GOOD),
            Self::Session => Some(BOLD),
            Self::Status if one.is_gone => Some(BAD),
            Self::Status if one.conflicts > 0 => Some(WARN),
            Self::Status => Some(DIM),
            _ => None,
        }
    }

    fn text(self, one: &Here, everyone: &Everyone, when: &When) -> String {
        let optional =
            |text: Option<&str>| text.map_or_else(String::new, |text| name(text).to_string());
        match self {
            Self::Me if one.is_me(everyone) => "*".to_owned(),
            Self::Me => String::new(),
            Self::Session => one.session.to_string(),
            Self::Status => one.word().to_owned(),
            Self::Agent => optional(one.agent.as_deref()),
            Self::User => format!("{}@{}", name(&one.user), name(&one.host)),
            Self::Folder => one.folder.as_deref().map_or_else(String::new, path),
            Self::Branch => optional(one.branch.as_deref()),
            Self::Pane => one.pane.clone().unwrap_or_default(),
            Self::Since => one.since.map_or_else(String::new, |at| when.since(at)),
            Self::Seen => when.since(one.seen_at),
            Self::Task => one.task.as_ref().map_or_else(String::new, task),
            Self::Claims => claims(one),
        }
    }
}

/// Returns the task of a session for a table: which, and what is to be done.
fn task(task: &TaskOf) -> String {
    match &task.title {
        Some(title) => format!("{} {title}", task.id),
        None => task.id.to_string(),
    }
}

/// Returns what a session claims, waits for and froze, without its task, which has a column.
fn claims(one: &Here) -> String {
    let is_its_task = |claim: &Holding| {
        let (task, place) = (one.task.as_ref(), place_of(&claim.resource));
        task.zip(place)
            .is_some_and(|(task, (list, id))| task.list == list && Some(&task.id) == id.as_ref())
    };
    let claims = one.claims.iter().filter(|claim| !is_its_task(claim));
    let claims = claims.map(|claim| {
        let waits = if claim.mode.holds() { "" } else { " (waiting)" };
        format!("{}{waits}", claim.resource)
    });
    let frozen = one.frozen.iter();
    let frozen = frozen.map(|frozen| format!("{} (frozen)", frozen.resource));
    let all: Vec<String> = claims.chain(frozen).collect();
    list(all.into_iter())
}

/// Returns a path for a table: without quotes if it is one word.
fn path(text: &str) -> String {
    match text.strip_prefix('/').is_some_and(is_word) {
        true => text.to_owned(),
        false => name(text).to_string(),
    }
}

impl Present for Everyone {
    fn text(&self, terminal: &Terminal) -> String {
        if self.sessions.is_empty() {
            return "No session is here.\n".to_owned();
        }
        let has = |what: fn(&Here) -> bool| self.sessions.iter().any(what);
        let optional = [
            (has(|one| one.agent.is_some()), Column::Agent),
            (has(|one| one.task.is_some()), Column::Task),
            (has(|one| one.pane.is_some()), Column::Pane),
        ];
        let is_away = |column: &Column| optional.contains(&(false, *column));
        let columns: Vec<Column> = COLUMNS.into_iter().filter(|one| !is_away(one)).collect();
        let at = |wanted: &[Column]| {
            let places = wanted.iter();
            let places = places.filter_map(|one| columns.iter().position(|it| it == one));
            places.collect::<Vec<usize>>()
        };
        let header: Vec<&str> = columns.iter().map(|column| column.name()).collect();
        let middles = at(&[Column::Session, Column::Folder]);
        let middles: Vec<(usize, usize)> = { middles.into_iter() }
            .zip([SESSION_MIN, FOLDER_MIN])
            .collect();
        let dropped = at(&DROPPED);
        let (kept, below) = (at(&KEPT), at(&BELOW));
        let mut table = Table::new(&header)
            .cutting_in_the_middle(&middles)
            .keeping(&kept)
            .giving_way(&dropped, &below)
            .with_styles(terminal.has_styles());
        let when = terminal.when(self.now);
        for one in &self.sessions {
            for column in &columns {
                let text = column.text(one, self, &when);
                match column.style(one).filter(|_| terminal.has_styles()) {
                    Some(style) => table.styled(style, text),
                    None => table.cell(text),
                }
            }
        }
        table.render(terminal.width)
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        let row = |one| {
            let one: &Here = one;
            SessionHere {
                session_id: one.session.as_str(),
                status: one.status.as_str(),
                conflicts: one.conflicts,
                agent: one.agent.as_deref(),
                harness_session: one.harness_id.as_ref().map(HarnessId::as_str),
                user: &one.user,
                host: &one.host,
                folder: one.folder.as_deref(),
                branch: one.branch.as_deref(),
                since: one.since.map(At),
                seen_at: At(one.seen_at),
                gone: one.is_gone,
                holds: one.labels(false),
                waits: one.labels(true),
                frozen: one.frozen.iter().map(|one| one.resource.label()).collect(),
                task: one.task.as_ref().map(|task| TaskShape {
                    list: &task.list,
                    id: task.id.as_str(),
                    title: task.title.as_ref().map(Purpose::as_str),
                }),
                pane: one.pane.as_deref(),
                is_me: one.is_me(self),
                as_of: remote::as_of_json(&self.known),
            }
        };
        shapes::value(&self.sessions.iter().map(row).collect::<Vec<_>>())
    }

    fn notices(&self, terminal: &Terminal) -> String {
        let mut out = remote::as_of(&self.known, &terminal.when(self.now));
        if self.hidden > 0 {
            let _ = writeln!(
                out,
                "{} silent or ended: git presence sessions --all",
                plural(self.hidden, "session")
            );
        }
        out
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<SessionHere<'_>>("sessions"),
        whole::<TaskShape<'_>>("sessions task"),
    ]
}
