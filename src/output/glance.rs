//! Lists of tasks at a glance, as `status` shows them.
//!
//! Owns their words and their JSON. Never decides which lists are shown.

use serde::Serialize;

use super::style::{BOLD, DIM, GOOD, WARN};
use crate::app::tasks::glance::{Glance, Waiting};
use crate::app::tasks::look::Row;
use crate::model::id::SessionId;
use crate::model::task::{TaskId, place_of};
use crate::model::text::list;

/// A list at a glance.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct GlanceShape<'a> {
    /// the name of the list
    list: &'a str,
    /// the tasks that this session has, by their ids
    mine: Vec<&'a str>,
    /// the tasks that can be taken now, the first one first
    ready: Vec<&'a str>,
    /// the tasks that wait for others
    waiting: Vec<WaitingShape<'a>>,
    /// how many tasks other sessions have
    held: usize,
    /// how many tasks wait for a person
    blocked: usize,
}

/// A task that waits for others.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WaitingShape<'a> {
    /// the task
    id: &'a str,
    /// what it needs
    needs: Vec<&'a str>,
    /// the sessions that have what it needs
    holders: Vec<&'a str>,
}

fn id_of(row: &Row) -> &str {
    row.task.spec.id.as_str()
}

impl<'a> GlanceShape<'a> {
    pub(super) fn of(glance: &'a Glance) -> Self {
        Self {
            list: place_of(&glance.list).map_or("", |(name, _)| name),
            mine: glance.mine.iter().map(id_of).collect(),
            ready: glance.ready.iter().map(id_of).collect(),
            waiting: glance.waiting.iter().map(WaitingShape::of).collect(),
            held: glance.held.len(),
            blocked: glance.blocked.len(),
        }
    }
}

impl<'a> WaitingShape<'a> {
    fn of(waiting: &'a Waiting) -> Self {
        let holders = waiting.on.iter().filter_map(|(_, holder)| holder.as_ref());
        Self {
            id: id_of(&waiting.row),
            needs: waiting.on.iter().map(|(id, _)| id.as_str()).collect(),
            holders: holders.map(SessionId::as_str).collect(),
        }
    }
}

/// Returns the line above the tasks of a list.
pub(super) fn head(glance: &Glance) -> String {
    let name = place_of(&glance.list).map_or("", |(name, _)| name);
    format!(
        "{BOLD}Tasks of {name}:{BOLD:#} {} yours, {} ready, {} held, {} waiting, {} blocked\n",
        glance.mine.len(),
        glance.ready.len(),
        glance.held.len(),
        glance.waiting.len(),
        glance.blocked.len()
    )
}

/// Returns a line for each task of a list that the session has, can take or has to wait for.
pub(super) fn rows(glance: &Glance) -> Vec<String> {
    let spec = |row: &Row| format!("{} {}", row.task.spec.id, row.task.spec.title);
    let mut rows = Vec::new();
    if !glance.blocked.is_empty() {
        let name = place_of(&glance.list).map_or("", |(name, _)| name);
        rows.push(format!(
            "  {WARN}a person is asked:{WARN:#} git presence task --blocked --list {name}\n"
        ));
    }
    let mine = glance.mine.iter();
    rows.extend(mine.map(|row| format!("  yours  {}\n", spec(row))));
    let ready = glance.ready.iter();
    rows.extend(ready.map(|row| format!("  {GOOD}ready{GOOD:#}  {}\n", spec(row))));
    rows.extend(glance.waiting.iter().map(|waiting| {
        let on = list(waiting.on.iter().map(on_whom));
        format!("  {DIM}waits{DIM:#}  {} for {on}\n", spec(&waiting.row))
    }));
    rows
}

fn on_whom((id, holder): &(TaskId, Option<SessionId>)) -> String {
    match holder {
        Some(holder) => format!("{id}, which {holder} has"),
        None => id.to_string(),
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<GlanceShape<'_>>("status tasks"),
        whole::<WaitingShape<'_>>("status tasks waiting"),
    ]
}
