//! Lists of tasks at a glance, as `status` shows them.
//!
//! Owns their words and their JSON. Never decides which lists are shown.

use std::fmt::Write as _;

use serde::Serialize;

use super::style::{BOLD, DIM, GOOD, WARN};
use crate::app::tasks::glance::{Glance, Waiting};
use crate::app::tasks::look::Row;
use crate::model::id::SessionId;
use crate::model::task::{TaskId, place_of};
use crate::model::text::list;

/// The most tasks of a kind that are shown.
const SHOWN_MAX: usize = 3;

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
            held: glance.held,
            blocked: glance.blocked,
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

/// Returns the lines about the lists.
pub(super) fn lines(glances: &[Glance]) -> String {
    let mut out = String::new();
    for glance in glances {
        let name = place_of(&glance.list).map_or("", |(name, _)| name);
        let (ready, waiting) = (glance.ready.len(), glance.waiting.len());
        let _ = writeln!(
            out,
            "{BOLD}Tasks of {name}:{BOLD:#} {} yours, {ready} ready, {} held, {waiting} waiting, {} \
             blocked",
            glance.mine.len(),
            glance.held,
            glance.blocked
        );
        for row in glance.mine.iter().take(SHOWN_MAX) {
            let _ = writeln!(out, "  yours  {} {}", row.task.spec.id, row.task.spec.title);
        }
        for row in glance.ready.iter().take(SHOWN_MAX) {
            let spec = &row.task.spec;
            let _ = writeln!(out, "  {GOOD}ready{GOOD:#}  {} {}", spec.id, spec.title);
        }
        for waiting in glance.waiting.iter().take(SHOWN_MAX) {
            let spec = &waiting.row.task.spec;
            let on = list(waiting.on.iter().map(on_whom));
            let _ = writeln!(
                out,
                "  {DIM}waits{DIM:#}  {} {} for {on}",
                spec.id, spec.title
            );
        }
        if glance.blocked > 0 {
            let _ = writeln!(
                out,
                "  {WARN}a person is asked:{WARN:#} git presence task --blocked --list {name}"
            );
        }
    }
    out
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
