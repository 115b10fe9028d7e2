//! Tasks as rows of the board: [`section`].
//!
//! Owns the words of each and its details. Never decides which task is ready.

use super::sections::{Addressee, Mark, Row, Section};
use super::sessions::counts;
use crate::app::board::status::Status;
use crate::app::tasks::glance::Glance;
use crate::app::tasks::look::Row as Task;
use crate::model::id::SessionId;
use crate::model::task::{MAIN_LIST, TaskId, place_of};
use crate::output::When;

/// Returns the tasks of all lists: those of the session that asks, those that other sessions have,
/// those that wait for a person, and then those that can be taken, or wait for others.
pub(super) fn section(status: &Status, when: &When) -> Section {
    let mut rows = Vec::new();
    for glance in &status.tasks {
        rows.extend(rows_of(glance, when));
    }
    let count = |of: fn(&Glance) -> usize| status.tasks.iter().map(of).sum::<usize>();
    let summary = counts(&[
        (count(|one| one.mine.len()), "yours"),
        (count(|one| one.held.len()), "held"),
        (count(|one| one.ready.len()), "ready"),
        (count(|one| one.waiting.len()), "waiting"),
        (count(|one| one.blocked.len()), "blocked"),
    ]);
    Section {
        title: "Tasks",
        summary,
        rows,
    }
}

fn rows_of(glance: &Glance, when: &When) -> Vec<Row> {
    let list = match place_of(&glance.list) {
        Some((list, _)) if list != MAIN_LIST => format!("{list}/"),
        _ => String::new(),
    };
    let row = |task: &Task, mark, who: String| row(&list, task, (mark, who), when);
    let mut rows = Vec::new();
    for task in &glance.mine {
        rows.push(row(task, Mark::Mine, "you".to_owned()));
    }
    for task in &glance.held {
        let holder = task.lock.as_ref().map(|lock| &lock.holder.id);
        let mut one = row(
            task,
            Mark::Plain,
            holder.map(ToString::to_string).unwrap_or_default(),
        );
        one.to = holder.map(|holder| Addressee {
            session: holder.as_str().to_owned(),
            reply_to: None,
        });
        rows.push(one);
    }
    for task in &glance.blocked {
        rows.push(row(task, Mark::Trouble, "blocked".to_owned()));
    }
    for task in &glance.ready {
        rows.push(row(task, Mark::ForMe, "ready".to_owned()));
    }
    for waiting in &glance.waiting {
        let mut one = row(&waiting.row, Mark::Quiet, "waits".to_owned());
        one.details.extend(waiting.on.iter().map(needs));
        rows.push(one);
    }
    rows
}

fn row(list: &str, task: &Task, (mark, who): (Mark, String), when: &When) -> Row {
    let spec = &task.task.spec;
    let mut details = vec![
        format!("task {list}{}: {}", spec.id, spec.title),
        format!(
            "added by {} {}",
            task.task.by,
            when.both(task.task.added_at)
        ),
    ];
    if let Some(lock) = &task.lock {
        let holder = &lock.holder.id;
        details.push(format!(
            "{holder} has it until {}",
            when.both(lock.expires_at())
        ));
    }
    details.extend(
        task.task
            .blocked
            .as_ref()
            .map(|why| format!("blocked: {why}")),
    );
    let last = task.task.last.as_ref();
    details.extend(last.map(|last| format!("{} said last: {}", last.by, last.words)));
    details.extend(spec.claims.iter().map(|claim| format!("claims {claim}")));
    let text = spec.text.as_ref().map(|text| text.as_str().to_owned());
    if let Some(text) = text {
        details.push(String::new());
        details.push(text);
    }
    Row {
        key: format!("task {}", task.resource.label()),
        mark,
        name: format!("{list}{}", spec.id),
        who,
        what: spec.title.to_string(),
        when: match &task.lock {
            Some(lock) => when.left(lock.expires_at()),
            None => when.since(task.task.added_at),
        },
        details,
        ..Row::default()
    }
}

fn needs((id, holder): &(TaskId, Option<SessionId>)) -> String {
    match holder {
        Some(holder) => format!("needs {id}, which {holder} has"),
        None => format!("needs {id}"),
    }
}
