//! Lists of tasks at a glance, for `status`: what this session has, what is ready, what waits.
//!
//! Owns which lists are looked at: `main`, and those of which the session has a task. Never writes.

use crate::app::tasks::look::{self, Row};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::board::Board;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::task::{MAIN_LIST, TASK, TaskId, place_of};
use crate::model::time::Timestamp;
use crate::model::transition::TaskState;

/// A task that waits for others, and the sessions that have those.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The task.
    pub row: Row,
    /// What it needs, each with the session that has it, if one does.
    pub on: Vec<(TaskId, Option<SessionId>)>,
}

/// A list at a glance.
#[derive(Clone, Debug)]
pub struct Glance {
    /// The list.
    pub list: Resource,
    /// What this session has.
    pub mine: Vec<Row>,
    /// What can be taken now, the first one first.
    pub ready: Vec<Row>,
    /// What waits for others.
    pub waiting: Vec<Waiting>,
    /// What other sessions have.
    pub held: Vec<Row>,
    /// What waits for a person.
    pub blocked: Vec<Row>,
}

/// Returns the lists that have tasks which are not over. A list that cannot be read is left out: it
/// is one of the problems.
pub fn execute(context: &Context, mine: &[Holding]) -> Result<Vec<Glance>, Failure> {
    let held = mine.iter().filter_map(|held| place_of(&held.resource));
    let mut names: Vec<&str> = held.map(|(list, _)| list).collect();
    names.push(MAIN_LIST);
    names.sort_unstable();
    names.dedup();
    let mut all = Vec::new();
    for name in names {
        let list = Resource::parse(&format!("{TASK}:{name}")).map_err(Failure::usage)?;
        let Ok(read) = context.ledger.locks().get_known(&list) else {
            continue;
        };
        if !read.cell.tasks.tasks.is_empty() {
            let rows = look::rows(&list, &read.cell, context.now());
            all.push(of(list, rows, mine));
        }
    }
    Ok(all)
}

/// Returns the lists of a board that was read: `main`, and those of which the session has a task.
pub fn of_board(board: &Board, mine: &[Holding], now: Timestamp) -> Vec<Glance> {
    let is_looked_at = |list: &Resource| {
        let (name, _) = place_of(list)?;
        let mut held = mine.iter().filter_map(|held| place_of(&held.resource));
        (name == MAIN_LIST || held.any(|(list, _)| list == name)).then_some(())
    };
    let all = board.lists.iter();
    all.filter(|(list, _)| is_looked_at(list).is_some())
        .map(|(list, register)| of(list.clone(), look::rows(list, register, now), mine))
        .collect()
}

fn of(list: Resource, rows: Vec<Row>, mine: &[Holding]) -> Glance {
    let is_mine = |row: &Row| mine.iter().any(|held| held.resource == row.resource);
    let holder_of = |id: &TaskId| {
        let row = rows.iter().find(|row| row.task.spec.id == *id);
        row.and_then(|row| Some(row.lock.as_ref()?.holder.id.clone()))
    };
    let waits = |row: &&Row| row.state == TaskState::Open && !row.task.spec.needs.is_empty();
    let waiting = rows.iter().filter(waits).map(|row| Waiting {
        on: { row.task.spec.needs.iter() }
            .map(|id| (id.clone(), holder_of(id)))
            .collect(),
        row: row.clone(),
    });
    let of_state = |wanted: TaskState| {
        let rows = rows.iter().filter(move |row| row.state == wanted);
        rows.cloned().collect::<Vec<Row>>()
    };
    let mut held = of_state(TaskState::Held);
    held.retain(|row| !is_mine(row));
    Glance {
        waiting: waiting.collect(),
        mine: rows.iter().filter(|row| is_mine(row)).cloned().collect(),
        ready: rows.iter().filter(|row| row.is_ready).cloned().collect(),
        held,
        blocked: of_state(TaskState::Blocked),
        list,
    }
}
