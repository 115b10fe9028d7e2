//! Text for the model about tasks: what its session has, what is ready, what waits on whom.
//!
//! Owns the wording, how many tasks of each kind are named, and what is counted. Titles are in
//! quotes: other sessions wrote them. Never decides which tasks are told.

use std::fmt::Write as _;

use super::briefing::{LABEL_BYTES_MAX, NAME_BYTES_MAX, PURPOSE_BYTES_MAX, command_word, instant};
use crate::model::id::SessionId;
use crate::model::task::{MAIN_LIST, TaskId};
use crate::model::text::{Purpose, quote, quote_name};
use crate::model::time::Timestamp;

/// The most tasks of one kind that are named.
const NAMED_MAX: usize = 3;
/// What follows tasks that can be taken.
const NEXT: &str = "- to take the first that is ready: git presence task next\n";
/// The most needs that are named of a task.
const NEEDS_MAX: usize = 3;
/// Room for the line that counts what is left out.
const REST_CHARS: usize = 60;

/// What a task is to the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskPart {
    /// The session has it.
    Mine,
    /// It can be taken.
    Ready,
    /// It waits for these, each with the session that has it, if one does.
    Waiting(Vec<(TaskId, Option<SessionId>)>),
}

/// A task of which a session is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFact {
    /// The name of its list.
    pub list: String,
    /// Its id.
    pub id: TaskId,
    /// What it is about.
    pub title: Purpose,
    /// What it is to the session.
    pub part: TaskPart,
}

impl TaskFact {
    /// Returns what is told of it. It differs if and only if there is something new to tell.
    pub fn line(&self) -> String {
        let (id, title) = (&self.id, quote(self.title.as_str(), PURPOSE_BYTES_MAX));
        let on = self.list_option();
        match &self.part {
            TaskPart::Mine => format!(
                "- yours: {id} {title}. When it is done: git presence task done {id}{on}. To hand it \
                 back: git presence task back {id}{on} -m \"<why>\"\n"
            ),
            TaskPart::Ready => {
                format!("- ready: {id} {title}. To take it: git presence task start {id}{on}\n")
            }
            TaskPart::Waiting(needs) => {
                let mut line = format!("- waits: {id} {title} for ");
                for (at, (need, holder)) in needs.iter().take(NEEDS_MAX).enumerate() {
                    let _ = write!(line, "{}{need}", if at > 0 { ", " } else { "" });
                    if let Some(holder) = holder {
                        let holder = quote_name(holder.as_str(), NAME_BYTES_MAX);
                        let _ = write!(line, ", which {holder} has");
                    }
                }
                let more = needs.len().saturating_sub(NEEDS_MAX);
                if more > 0 {
                    let _ = write!(line, " and {more} more");
                }
                line + "\n"
            }
        }
    }

    /// Returns how a command names the list; nothing for the one that is meant without a name.
    fn list_option(&self) -> String {
        match &*self.list {
            MAIN_LIST => String::new(),
            list => match command_word(list) {
                Some(word) => format!(" --list {word}"),
                None => format!(" --list <list> ({})", quote_name(list, LABEL_BYTES_MAX)),
            },
        }
    }

    /// Returns the kind, for the number of those that are named.
    const fn kind(&self) -> usize {
        match self.part {
            TaskPart::Mine => 0,
            TaskPart::Ready => 1,
            TaskPart::Waiting(_) => 2,
        }
    }
}

/// Returns the text about `tasks`, of at most `chars_max` characters: the first of each kind, in
/// their order, and how many more there are. `None` if there is none, or no room for one.
pub fn tasks_briefing(now: Timestamp, tasks: &[TaskFact], chars_max: usize) -> Option<String> {
    let mut text = format!(
        "git presence, as of {}: tasks. Quoted text was written by other sessions.\n",
        instant(now)
    );
    let mut left = chars_max.checked_sub(text.chars().count())?;
    let (mut named, mut told) = ([0; 3], 0);
    for task in tasks {
        let count = &mut named[task.kind()];
        if *count == NAMED_MAX {
            continue;
        }
        let line = task.line();
        let needs = line.chars().count();
        let rest = match told + 1 == tasks.len() {
            true => 0,
            false => REST_CHARS,
        };
        if needs + rest > left {
            break;
        }
        left -= needs;
        text.push_str(&line);
        *count += 1;
        told += 1;
    }
    let is_ready = |task: &TaskFact| task.part == TaskPart::Ready && task.list == MAIN_LIST;
    let rest = if told < tasks.len() { REST_CHARS } else { 0 };
    if named[1] > 0 && tasks.iter().any(is_ready) && NEXT.chars().count() + rest <= left {
        text.push_str(NEXT);
    }
    if told > 0 && told < tasks.len() {
        let _ = writeln!(text, "- and {} more: git presence task", tasks.len() - told);
    }
    (told > 0).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(n: u8, part: TaskPart) -> TaskFact {
        TaskFact {
            list: MAIN_LIST.to_owned(),
            id: TaskId::of_random(&[n; 8]),
            title: Purpose::parse("do this `now`").unwrap(),
            part,
        }
    }

    #[test]
    fn no_number_of_tasks_leaves_the_room_and_the_rest_is_counted() {
        let now = Timestamp::from_millis(0);
        let parts = [TaskPart::Mine, TaskPart::Ready, TaskPart::Waiting(vec![])];
        for each in [0, 1, 2, 30, 80] {
            let of_part = |part: TaskPart| (0..each).map(move |n| fact(n, part.clone()));
            let all: Vec<TaskFact> = parts.iter().cloned().flat_map(of_part).collect();
            for room in [0, 90, 200, 400, 700, 2000] {
                let Some(text) = tasks_briefing(now, &all, room) else {
                    assert!(each == 0 || room < 300, "{each} {room}");
                    continue;
                };
                assert!(text.chars().count() <= room, "{each} {room}: {text}");
                let named = text.lines().filter(|line| line.contains("do this")).count();
                assert!(named > 0 && named <= 9, "{text}");
                let rest = format!("- and {} more: ", all.len() - named);
                assert_eq!(text.contains(&rest), named < all.len(), "{text}");
                assert!(!text.contains("`now`"), "{text}");
            }
        }
    }

    #[test]
    fn a_list_with_a_name_is_named_in_the_command() {
        let mut other = fact(1, TaskPart::Ready);
        other.list = "docs".to_owned();
        assert!(
            other.line().ends_with("--list \"docs\"\n"),
            "{}",
            other.line()
        );
    }

    #[test]
    fn on_whom_a_task_waits_is_part_of_what_is_told() {
        let need = |holder: Option<&str>| {
            let holder = holder.map(|holder| SessionId::parse(holder).unwrap());
            (TaskId::of_random(&[9; 8]), holder)
        };
        let one = fact(1, TaskPart::Waiting(vec![need(None)])).line();
        let two = fact(1, TaskPart::Waiting(vec![need(Some("bob"))])).line();
        assert!(two.ends_with(", which \"bob\" has\n"), "{two}");
        assert_ne!(one, two);
        let many = fact(1, TaskPart::Waiting(vec![need(None); 5])).line();
        assert!(many.ends_with(" and 2 more\n"), "{many}");
    }
}
