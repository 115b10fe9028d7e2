//! Tasks of a list, as an onlooker keeps them.
//!
//! Owns the list that a search begins with, and the rules about it: no task is given out before
//! what it needs is done, none once it is over, and only its holder ends it as done. Never gives
//! one out.

use std::sync::Arc;

use super::rules::{Question, Ruled, Rules, ticks};
use super::scope::{Design, Tasks};
use super::state::{Attempt, CellId, Grant, Kind, RESOURCES, State};
use super::steps::{World, name};
use crate::model::lock::LockRegister;
use crate::model::lock_request::{Request, TaskRequest, TaskStep};
use crate::model::resource::Resource;
use crate::model::task::{Addition, Recipient, TaskId, TaskList, TaskSpec, place_of};
use crate::model::text::Purpose;
use crate::model::time::Ttl;
use crate::model::transition::TaskState;

/// The tasks of the list, as resources.
pub const LABELS: [&str; RESOURCES] = ["task:main/xxxxxxxx", "task:main/yyyyyyyy"];
const LIST: &str = "task:main";

/// What is told of a list apart: its open tasks with how many needs they have and whether they are
/// blocked, and how those that are over ended.
pub type Key = (Vec<(TaskId, usize, bool)>, Vec<(TaskId, bool)>);

/// Leaves out what no rule depends on, and returns what is told apart.
pub fn simplified(list: &mut TaskList) -> Key {
    for task in &mut list.tasks {
        let task = Arc::make_mut(task);
        (task.attempts, task.last) = (0, None);
    }
    list.finished.sort_by(|a, b| a.id.cmp(&b.id));
    let open = list.tasks.iter().map(|task| {
        let id = task.spec.id.clone();
        (id, task.spec.needs.len(), task.blocked.is_some())
    });
    let over = list
        .finished
        .iter()
        .map(|over| (over.id.clone(), over.is_done));
    (open.collect(), over.collect())
}

impl Rules {
    /// The register in the beginning.
    pub fn listed(&self) -> LockRegister {
        let mut register = LockRegister::default();
        if self.scope.tasks == Tasks::None {
            return register;
        }
        let ids = self.resources.iter().map(|resource| self.id_of(resource));
        let mut tasks: Vec<TaskSpec> = ids
            .map(|id| TaskSpec::new(id, Purpose::from_record("work")))
            .collect();
        if self.scope.tasks == Tasks::InOrder {
            let first = tasks[0].id.clone();
            tasks[1].needs.push(first);
        }
        let added = Addition {
            tasks,
            workflow: None,
            by: self.actors[0].id.clone(),
            node: self.actors[0].node,
            at: super::rules::NOW,
        };
        register.tasks.add(&added, super::rules::NOW).unwrap();
        register
    }

    fn id_of(&self, resource: &Resource) -> TaskId {
        place_of(resource).and_then(|(_, id)| id).unwrap()
    }

    /// What is asked about tasks; `None`: it is asked as about any resource.
    pub fn about_a_task(&self, question: Question, about: &[usize]) -> Option<Request> {
        let id = |n: usize| self.id_of(&self.resources[n]);
        let end = |to| TaskStep::End {
            id: id(about[0]),
            to,
            words: None,
            parting: None,
        };
        let step = match question.kind {
            Kind::Grant if self.scope.tasks != Tasks::None => TaskStep::Take {
                // A session that asks for both takes the next one.
                which: (about.len() == 1).then(|| id(about[0])),
                ttl: Ttl::from_secs(ticks(self.scope.ttl)).unwrap(),
                asks: Box::new(Recipient::by_name(&self.actors[usize::from(question.who)])),
            },
            Kind::Done => end(TaskState::Done),
            Kind::Drop => end(TaskState::Dropped),
            _ => return None,
        };
        let list = Resource::parse(LIST).unwrap();
        let request = TaskRequest::new(list, step, Vec::new());
        Some(Request::Tasks(Box::new(request)))
    }

    /// The register that a request is decided on: a broken design forgets what is needed.
    pub fn as_asked(&self, id: CellId) -> LockRegister {
        let mut cell = self.cell(id).clone();
        if self.scope.design == Design::NeedsForgotten {
            let tasks = cell.tasks.tasks.iter_mut();
            tasks.for_each(|task| Arc::make_mut(task).spec.needs.clear());
        }
        cell
    }
}

impl World {
    /// Adds what sessions ask about tasks.
    pub fn ends(&self, ask: &mut dyn FnMut(Kind, u8)) {
        if self.scope.tasks != Tasks::None {
            for about in [1, 2] {
                ask(Kind::Done, about);
                if self.scope.drops {
                    ask(Kind::Drop, about);
                }
            }
        }
    }

    /// Which resources a request is about, as bits: the next task is known once it is chosen.
    pub fn taken(&self, question: Question, ruled: &Ruled) -> u8 {
        if question.kind != Kind::Grant || self.scope.tasks == Tasks::None {
            return question.about;
        }
        let has = |n: &usize| ruled.tokens[*n] != 0;
        (0..RESOURCES).filter(has).map(|n| 1 << n).sum()
    }

    /// Reports a grant of a task that is over, or needs one that is not done.
    pub fn may_be_taken(&self, state: &State, resource: usize) -> Result<(), String> {
        let is_in = |bits: u8, n: usize| bits & (1 << n) != 0;
        let of = name(resource);
        if is_in(state.over, resource) {
            return Err(format!("{of} is taken after it was over"));
        }
        let needs_first = self.scope.tasks == Tasks::InOrder && resource == 1;
        if needs_first && !is_in(state.done, 0) {
            let need = name(0);
            return Err(format!(
                "{of} is taken before {need} is done, which it needs"
            ));
        }
        Ok(())
    }

    /// Keeps what is over, and reports an end by a session that has lost the task, or a second one.
    pub fn keep_what_is_over(
        &self,
        state: &mut State,
        who: u8,
        attempt: &Attempt,
    ) -> Result<(), String> {
        if !matches!(attempt.kind, Kind::Done | Kind::Drop) {
            return Ok(());
        }
        for n in (0..RESOURCES).filter(|n| attempt.about & (1 << n) != 0) {
            let of = name(n);
            if state.over & (1 << n) != 0 {
                return Err(format!("{of} is over twice"));
            }
            state.over |= 1 << n;
            if attempt.kind == Kind::Drop {
                continue;
            }
            let mine = Grant {
                token: attempt.tokens[n],
                holder: who,
            };
            if state.last[n] != mine {
                return Err(format!("{of} is done by a session that lost it"));
            }
            state.done |= 1 << n;
        }
        Ok(())
    }
}

mod tests {
    use super::super::scope::Scope;
    use super::super::{NARROW, found_out, holds, is_long};
    use super::*;

    /// Two sessions and a list of two tasks, the second of which needs the first.
    const LISTED: Scope = Scope {
        resources: 2,
        tasks: Tasks::InOrder,
        asks_both: true,
        skew: 0,
        ttl: 2,
        tokens: [3, 3],
        ..NARROW
    };

    #[test]
    fn tasks_of_a_list() {
        let dropped = Scope {
            drops: true,
            ..LISTED
        };
        let three = Scope {
            sessions: 3,
            ..dropped
        };
        holds(three, 60_000);
        let clocks_differ = Scope { skew: 1, ..dropped };
        holds(clocks_differ, 60_000);
        let with_a_fault = Scope {
            faults: 1,
            ..LISTED
        };
        holds(with_a_fault, 20_000);
        let beside_each_other = Scope {
            tasks: Tasks::Apart,
            tokens: [2, 2],
            ..LISTED
        };
        holds(beside_each_other, 10_000);
        if is_long() {
            let all = Scope {
                faults: 1,
                skew: 1,
                overrides: true,
                fences: true,
                ..dropped
            };
            holds(all, 2_000_000);
            let three_apart = Scope {
                tasks: Tasks::Apart,
                tokens: [2, 2],
                ..three
            };
            holds(three_apart, 80_000);
        }
    }

    #[track_caller]
    fn is_found(design: Design, wrong: &str, steps: usize) {
        let found = found_out(Scope { design, ..LISTED });
        assert_eq!((found.wrong.as_str(), found.steps.len()), (wrong, steps));
    }

    #[test]
    fn a_list_that_forgets_what_is_needed() {
        let wrong = "y is taken before x is done, which it needs";
        is_found(Design::NeedsForgotten, wrong, 2);
    }

    /// As it would be if what is done stood in a ref beside the locks.
    #[test]
    fn a_task_that_is_done_without_comparing_the_register() {
        is_found(
            Design::DoneOutside,
            "x is done by a session that lost it",
            11,
        );
    }

    #[test]
    fn a_task_that_stays_in_the_list_after_its_end() {
        is_found(Design::DoneStays, "x is taken after it was over", 7);
    }
}
