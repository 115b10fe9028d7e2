//! The answers of `task`.
//!
//! Owns their words; their JSON is in `task_shapes`. Never decides what may be taken.

use std::fmt::Write as _;

use serde_json::Value;

use super::handoff;
use super::present::{Present, Terminal};
use super::remote;
use super::style::{BOLD, DIM, GOOD, WARN, plural};
use super::task_shapes;
use super::when::When;
use crate::app::claims::refused::list_option;
use crate::app::tasks::look::{Did, Row, Tasks};
use crate::model::id::SessionId;
use crate::model::task::{TaskId, WorkflowView};
use crate::model::text::{list, name, quoted_lines};
use crate::model::transition::TaskState;

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
        (None, None) if row.is_unsent => format!("{WARN}not sent yet{WARN:#}"),
        (None, None) if !task.spec.needs.is_empty() => {
            format!("waits for {}", list(task.spec.needs.iter()))
        }
        (None, None) if row.is_ready => match &row.stuck {
            Some(why) => format!("{GOOD}ready{GOOD:#}, but {WARN}{why}{WARN:#}"),
            None => format!("{GOOD}ready{GOOD:#}"),
        },
        (None, None) => "open".to_owned(),
    };
    let stale = if row.is_stale {
        ", for more than 7 days"
    } else {
        ""
    };
    let to = task.spec.to.as_ref();
    let to = to.map(|to| format!(", for {}", name(&to.typed())));
    let to = to.unwrap_or_default();
    format!(
        "{BOLD}{}{BOLD:#} {}  {what}{to}{stale}\n",
        task.spec.id, task.spec.title
    )
}

/// Returns all that is known of a task.
fn detail(row: &Row, me: &SessionId, when: &When) -> String {
    let task = &row.task;
    let mut out = line(row, me, when);
    if let Some(text) = &task.spec.text {
        out.push_str(&quoted_lines(text.as_str()));
    }
    if !task.spec.claims.is_empty() {
        let _ = writeln!(
            out,
            "  claimed together with it: {}",
            list(task.spec.claims.iter())
        );
    }
    if !task.spec.checks.is_empty() {
        let checks = list(task.spec.checks.iter());
        let _ = writeln!(out, "  judged by: {checks}");
    }
    if let Some(workflow) = &task.spec.workflow {
        let _ = writeln!(out, "  part of: {workflow}");
    }
    if let Some(lock) = &row.lock {
        let _ = writeln!(out, "  token {}, {}", lock.token, row.resource);
    }
    if let Some(attempt) = &task.attempt {
        let (state, number) = (attempt.state.as_str().replace('_', " "), attempt.number);
        let check = attempt.check.as_ref();
        let check = check
            .map(|check| format!(" by {check}"))
            .unwrap_or_default();
        let _ = writeln!(
            out,
            "  attempt {number}: {state}{check} {}, {} failed",
            when.relative(attempt.since),
            attempt.failed
        );
        let said = attempt
            .said
            .as_ref()
            .map(|said| quoted_lines(said.as_str()));
        out.push_str(&said.unwrap_or_default());
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
        task.spec.priority,
        plural(usize::try_from(task.attempts).unwrap_or(usize::MAX), "time")
    );
    out
}

/// Returns a workflow on a line.
fn workflow(view: &WorkflowView) -> String {
    let said = view.workflow.description.as_ref();
    let said = said.map(|said| format!("; {said}")).unwrap_or_default();
    let (name, status) = (&view.workflow.name, view.status.as_str());
    let left = plural(view.left, "task");
    format!(
        "{DIM}workflow {name}: {status}, {left} left, {} done{said}{DIM:#}\n",
        view.done
    )
}

impl Tasks {
    fn sent(&self) -> String {
        let confirmation = self.confirmation.as_ref();
        confirmation.map(remote::confirmation).unwrap_or_default()
    }

    /// Returns the lines that say what was added, and what was there before.
    fn added(&self, sent: &str) -> String {
        let named = self.rows.iter().map(|row| &row.task.spec.id);
        let named = named.chain(self.over.iter().map(|over| &over.id));
        let (new, old): (Vec<&TaskId>, Vec<&TaskId>) =
            named.partition(|id| self.added.contains(id));
        let mut out = String::new();
        if !new.is_empty() {
            let _ = writeln!(out, "{GOOD}Added{GOOD:#} {}{sent}", list(new.into_iter()));
        }
        if !old.is_empty() {
            let sent = if out.is_empty() { sent } else { "" };
            let _ = writeln!(out, "There already: {}{sent}", list(old.into_iter()));
        }
        out
    }

    /// Returns the line that says what was done, if anything was.
    fn done(&self) -> String {
        let sent = self.sent();
        let named = self.rows.iter().map(|row| &row.task.spec.id);
        let named: Vec<&TaskId> = named.chain(self.over.iter().map(|over| &over.id)).collect();
        let named = list(named.into_iter());
        match self.did {
            Did::Show | Did::Detail => String::new(),
            Did::Add => self.added(&sent),
            Did::Take => format!("{GOOD}Taken{GOOD:#}: {named}{sent}\n"),
            Did::Finish(TaskState::Done) if self.over.is_empty() => {
                format!("{GOOD}Handed in{GOOD:#}: {named}; its checks judge it{sent}\n")
            }
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
        for left in &self.left {
            out.push_str(&handoff::text(left, &when));
        }
        if self.did == Did::Take
            && let Some(row) = self.rows.first()
        {
            let id = &row.task.spec.id;
            let at = list_option(&self.list);
            let _ = writeln!(
                out,
                "When done: git presence task done {id}{at}; to give it back: git presence task \
                 back {id}{at} -m \"<why>\""
            );
        }
        if self.did == Did::Finish(TaskState::Done) && !self.over.is_empty() && !self.is_drained {
            let at = list_option(&self.list);
            let _ = writeln!(out, "{DIM}Next: git presence task next{at}{DIM:#}");
        }
        if matches!(self.did, Did::Show | Did::Detail | Did::Add) {
            for over in &self.over {
                let word = if over.is_done { "done" } else { "dropped" };
                let title = self.titles.get(&over.id);
                let title = title.map(|title| format!(" {title} ")).unwrap_or_default();
                let _ = writeln!(out, "{BOLD}{}{BOLD:#}{title} {word}", over.id);
            }
        }
        if self.did == Did::Show {
            self.workflows
                .iter()
                .for_each(|view| out.push_str(&workflow(view)));
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
        task_shapes::json(self)
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn notices(&self, terminal: &Terminal) -> String {
        match self.confirmation {
            Some(_) => String::new(),
            None => remote::as_of(&self.known, &terminal.when(self.now)),
        }
    }
}
