//! What a session is told of the lists of tasks.
//!
//! Owns which tasks are told, and that each is told once as it stands: what was told is kept as a
//! mark for each. Reads nothing but the board that the hook read anyway. Never words the text.

use crate::app::tasks::glance::{self, Glance};
use crate::app::tasks::look::Row;
use crate::context::Context;
use crate::integrations::harness::{self, Briefing, TaskFact, TaskPart};
use crate::ledger::{Notices, Topic};
use crate::model::board::Board;
use crate::model::task::place_of;

/// Of which tasks a session is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Of its own.
    Mine,
    /// Also of what can be taken, and of what waits.
    WholeList,
}

/// Which of them are news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// All: the session starts.
    All,
    /// What was not told as it stands now.
    Changed,
}

/// Returns the text about tasks, of at most `room` characters, and notes what it tells as told.
/// `None` without a list, at no cost.
pub(super) fn told(
    context: &Context,
    (board, known): (&Board, &Briefing),
    which: Which,
    news: News,
    room: usize,
) -> Option<String> {
    if board.lists.is_empty() {
        return None;
    }
    let glances = glance::of_board(board, &known.mine, known.now);
    let facts = facts(&glances, which);
    let notices = context.ledger.notices();
    let before = notices.kept(&context.me.id, Topic::Tasks);
    let was_told = |mark: &str| before.split(' ').any(|one| one == mark);
    let marks: Vec<String> = facts.iter().map(|one| Notices::mark(&one.line())).collect();
    let new = facts.iter().zip(&marks);
    let new = new.filter(|(_, mark)| news == News::All || !was_told(mark));
    let new: Vec<TaskFact> = new.map(|(fact, _)| fact.clone()).collect();
    let text = harness::tasks_briefing(known.now, &new, room);
    // What there was no room for is told later; what is over is forgotten.
    let is_kept = |mark: &&String| text.is_some() || was_told(mark);
    let kept: Vec<&str> = { marks.iter().filter(is_kept) }
        .map(String::as_str)
        .collect();
    let kept = kept.join(" ");
    if kept != before {
        // What cannot be noted is told again.
        let _ = notices.keep(&context.me.id, Topic::Tasks, &kept);
    }
    text
}

/// Returns what there is to tell: what the session has first, then what is ready, then what waits.
fn facts(glances: &[Glance], which: Which) -> Vec<TaskFact> {
    let fact = |row: &Row, part: TaskPart| TaskFact {
        list: place_of(&row.resource).map_or_else(String::new, |(list, _)| list.to_owned()),
        id: row.task.spec.id.clone(),
        title: row.task.spec.title.clone(),
        part,
    };
    let mine = glances.iter().flat_map(|list| &list.mine);
    let mut all: Vec<TaskFact> = mine.map(|row| fact(row, TaskPart::Mine)).collect();
    if which == Which::WholeList {
        let ready = glances.iter().flat_map(|list| &list.ready);
        all.extend(ready.map(|row| fact(row, TaskPart::Ready)));
        let waiting = glances.iter().flat_map(|list| &list.waiting);
        all.extend(waiting.map(|one| fact(&one.row, TaskPart::Waiting(one.on.clone()))));
    }
    all
}
