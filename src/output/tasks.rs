//! The answers of `task`.
//!
//! Owns their words and their JSON. Never decides what may be taken.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::remote::{self, Backing};
use super::shapes::{self, At};
use super::style::{BOLD, DIM, GOOD, WARN, plural};
use super::when::When;
use crate::app::tasks::look::{Did, Row, Tasks};
use crate::model::id::SessionId;
use crate::model::message::Text;
use crate::model::task::{Finished, Key, Task, TaskId, place_of};
use crate::model::text::{Purpose, list};
use crate::model::token::Token;
use crate::model::transition::TaskState;

/// What the last session that gave a task up said of it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LastShape<'a> {
    /// the session
    session_id: &'a str,
    /// when
    at: At,
    /// what it said
    words: &'a str,
}

/// A task.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TaskShape<'a> {
    /// its id, 8 letters and digits
    id: &'a str,
    /// the label of its exclusive claim, for `fence` and `push --fence`
    resource: &'a str,
    /// what is to be done
    title: &'a str,
    /// what else there is to say; null if there is nothing
    text: Option<&'a str>,
    /// `open`, `held` or `blocked`
    state: &'static str,
    /// the same as `pending`, `in_progress` or `blocked`
    status: &'static str,
    /// whether it can be taken now
    ready: bool,
    /// whether it is open or held for more than 7 days
    stale: bool,
    /// the tasks that have to be done before, as far as they are not done
    needs: Vec<&'a str>,
    /// what comes first: a lower number, then the older task
    priority: u8,
    /// what is claimed exclusively together with it
    claims: Vec<&'a str>,
    /// the key under which it is not added twice; null if it has none
    key: Option<&'a str>,
    /// the session that added it
    added_by: &'a str,
    /// when it was added
    added_at: At,
    /// why it waits for a person; null unless it is blocked
    blocked_because: Option<&'a str>,
    /// how often it was taken
    attempts: u32,
    /// the session that holds it; null if none does
    holder: Option<&'a str>,
    /// the fencing token of the hold; null if none holds it
    token: Option<u64>,
    /// when the hold expires unless it is renewed; null if none holds it
    expires_at: Option<At>,
    /// what the last session that gave it up said; null if none did
    last: Option<LastShape<'a>>,
}

/// A task that is over.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OverShape<'a> {
    /// its id
    id: &'a str,
    /// its key; null if it has none
    key: Option<&'a str>,
    /// `done` or `dropped`
    state: &'static str,
    /// the same as `completed` or `cancelled`
    status: &'static str,
}

/// What `task` and its verbs answer to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TasksAnswer<'a> {
    /// the name of the list
    list: &'a str,
    /// whether nothing new is given out
    drained: bool,
    /// the tasks that were asked for, added, taken or changed
    tasks: Vec<TaskShape<'a>>,
    /// those of them that are over, and with `--done` all that the list remembers
    over: Vec<OverShape<'a>>,
    /// `local` or `confirmed`, as in `claim`; null if nothing was changed
    guarantee: Option<&'static str>,
    /// the name of the remote; null with `local`, and if nothing was changed
    remote: Option<&'a str>,
}

impl<'a> TaskShape<'a> {
    fn of(row: &'a Row) -> Self {
        let task: &Task = &row.task;
        let lock = row.lock.as_ref();
        Self {
            id: task.id.as_str(),
            resource: row.resource.label(),
            title: task.title.as_str(),
            text: task.text.as_ref().map(Text::as_str),
            state: row.state.as_str(),
            status: row.state.status(),
            ready: row.is_ready,
            stale: row.is_stale,
            needs: task.needs.iter().map(TaskId::as_str).collect(),
            priority: task.priority,
            claims: shapes::labels(&task.claims),
            key: task.key.as_ref().map(Key::as_str),
            added_by: task.by.as_str(),
            added_at: At(task.added_at),
            blocked_because: task.blocked.as_ref().map(Purpose::as_str),
            attempts: task.attempts,
            holder: lock.map(|lock| lock.holder.id.as_str()),
            token: lock.map(|lock| lock.token).map(Token::number),
            expires_at: lock.map(|lock| At(lock.expires_at())),
            last: task.last.as_ref().map(|last| LastShape {
                session_id: last.by.as_str(),
                at: At(last.at),
                words: last.words.as_str(),
            }),
        }
    }
}

impl<'a> OverShape<'a> {
    fn of(over: &'a Finished) -> Self {
        let state = match over.is_done {
            true => TaskState::Done,
            false => TaskState::Dropped,
        };
        Self {
            id: over.id.as_str(),
            key: over.key.as_ref().map(Key::as_str),
            state: state.as_str(),
            status: state.status(),
        }
    }
}

/// Returns one task on a line: its id, what is to be done, and who does it or what it waits for.
fn line(row: &Row, me: &SessionId, when: &When) -> String {
    let task = &row.task;
    let what = match (&row.lock, &task.blocked) {
        (Some(lock), _) => {
            let who = match lock.holder.id == *me {
                true => "you".to_owned(),
                false => lock.holder.id.to_string(),
            };
            format!("held by {who} until {}", when.both(lock.expires_at()))
        }
        (None, Some(why)) => format!("{WARN}blocked{WARN:#}: {why}"),
        (None, None) if !task.needs.is_empty() => format!("waits for {}", list(task.needs.iter())),
        (None, None) if row.is_ready => format!("{GOOD}ready{GOOD:#}"),
        (None, None) => "open".to_owned(),
    };
    let stale = if row.is_stale {
        ", for more than 7 days"
    } else {
        ""
    };
    format!("{BOLD}{}{BOLD:#} {}  {what}{stale}\n", task.id, task.title)
}

/// Returns all that is known of a task.
fn detail(row: &Row, me: &SessionId, when: &When) -> String {
    let task = &row.task;
    let mut out = line(row, me, when);
    if let Some(text) = &task.text {
        for line in text.as_str().lines() {
            let _ = writeln!(out, "    {line}");
        }
    }
    if !task.claims.is_empty() {
        let _ = writeln!(
            out,
            "  claimed together with it: {}",
            list(task.claims.iter())
        );
    }
    if let Some(lock) = &row.lock {
        let _ = writeln!(out, "  token {}, {}", lock.token, row.resource);
    }
    if let Some(last) = &task.last {
        let at = when.both(last.at);
        let _ = writeln!(out, "  last said by {} at {at}: {}", last.by, last.words);
    }
    let _ = writeln!(
        out,
        "{DIM}  added by {} {}; priority {}; taken {}{DIM:#}",
        task.by,
        when.relative(task.added_at),
        task.priority,
        plural(usize::try_from(task.attempts).unwrap_or(usize::MAX), "time")
    );
    out
}

impl Tasks {
    fn sent(&self) -> String {
        let confirmation = self.confirmation.as_ref();
        confirmation.map(remote::confirmation).unwrap_or_default()
    }

    /// Returns the line that says what was done, if anything was.
    fn done(&self) -> String {
        let sent = self.sent();
        let named = self.rows.iter().map(|row| &row.task.id);
        let named: Vec<&TaskId> = named.chain(self.over.iter().map(|over| &over.id)).collect();
        let named = list(named.into_iter());
        match self.did {
            Did::Show | Did::Detail => String::new(),
            Did::Add => format!("{GOOD}Added{GOOD:#} {named}{sent}\n"),
            Did::Take => format!("{GOOD}Taken{GOOD:#}: {named}{sent}\n"),
            Did::Finish(TaskState::Done) => format!("{GOOD}Done{GOOD:#}: {named}{sent}\n"),
            Did::Finish(_) => format!("{GOOD}Dropped{GOOD:#} {named}{sent}\n"),
            Did::Change => format!("{GOOD}Changed{GOOD:#} {named}{sent}\n"),
            Did::Drain if self.is_drained => {
                format!("{GOOD}Drained{GOOD:#}: nothing new is given out{sent}\n")
            }
            Did::Drain => format!("{GOOD}Tasks are given out again{GOOD:#}{sent}\n"),
        }
    }
}

impl Present for Tasks {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = self.done();
        for row in &self.rows {
            out.push_str(&match self.did {
                Did::Take | Did::Detail => detail(row, &self.me, &when),
                _ => line(row, &self.me, &when),
            });
        }
        if self.did == Did::Take
            && let Some(row) = self.rows.first()
        {
            let id = &row.task.id;
            let _ = writeln!(
                out,
                "When done: git presence task done {id}; to give it back: git presence task back \
                 {id} -m \"<why>\""
            );
        }
        if self.did == Did::Show {
            for over in &self.over {
                let word = OverShape::of(over).state;
                let _ = writeln!(out, "{BOLD}{}{BOLD:#} {word}", over.id);
            }
            if self.rows.is_empty() && self.over.is_empty() {
                out.push_str("No task.\n");
                out.push_str(&remote::not_known_yet(&self.known));
            }
            if self.is_drained {
                let _ = writeln!(out, "{WARN}Drained{WARN:#}: nothing new is given out");
            }
        }
        out
    }

    fn json(&self) -> Value {
        let backing = self.confirmation.as_ref().map(Backing::of);
        let list = place_of(&self.list).map(|(list, _)| list);
        shapes::value(&TasksAnswer {
            list: list.unwrap_or_default(),
            drained: self.is_drained,
            tasks: self.rows.iter().map(TaskShape::of).collect(),
            over: self.over.iter().map(OverShape::of).collect(),
            guarantee: backing.as_ref().map(|backing| backing.guarantee),
            remote: backing.and_then(|backing| backing.remote),
        })
    }

    fn notices(&self, terminal: &Terminal) -> String {
        match self.confirmation {
            Some(_) => String::new(),
            None => remote::as_of(&self.known, &terminal.when(self.now)),
        }
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<TasksAnswer<'_>>("task"),
        whole::<TaskShape<'_>>("task tasks"),
        whole::<OverShape<'_>>("task over"),
        whole::<LastShape<'_>>("task last"),
    ]
}
