//! Why a step of a task is not possible: [`TaskDenied`].
//!
//! Owns the reasons and their words. Never decides one.

use std::fmt;

use super::super::message::address::Address;
use super::super::resource::Resource;
use super::super::text::{Purpose, list};
use super::{Key, TASKS_MAX, TaskId};

/// Why a step of a task is not possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskDenied {
    /// The list has no such task that is not over.
    Unknown(TaskId),
    /// It is over: done, or dropped.
    Over {
        /// The task.
        id: TaskId,
        /// Whether it was done.
        is_done: bool,
    },
    /// Other tasks have to be done before.
    Needs {
        /// The task.
        id: TaskId,
        /// Those.
        needs: Vec<TaskId>,
    },
    /// It waits for a person.
    Blocked {
        /// The task.
        id: TaskId,
        /// Why.
        why: Purpose,
    },
    /// Nothing new is given out.
    Drained,
    /// Nothing was added to the list yet.
    NoTasks,
    /// No task can be taken now.
    NoneReady {
        /// How many other sessions hold.
        held: usize,
        /// How many wait for others.
        waiting: usize,
        /// How many wait for a person.
        blocked: usize,
        /// How many are for other sessions.
        others: usize,
    },
    /// Tasks would need each other.
    Circle(Vec<TaskId>),
    /// The list would have more tasks than it may.
    Full,
    /// A task of this key says something else.
    OtherContent(Key),
    /// It is for another session.
    ForOther {
        /// The task.
        id: TaskId,
        /// For whom.
        to: Address,
    },
    /// Its checks judge whether it is done.
    Judged(TaskId),
    /// What is claimed with the task was not asked for.
    Claims {
        /// The task.
        id: TaskId,
        /// What is claimed with it.
        claims: Vec<Resource>,
    },
}

impl TaskDenied {
    /// Returns true if it may be possible later without anything that the caller does. A list of
    /// which all is over, and one that gives nothing new out, has nothing to wait for.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Needs { .. } | Self::Blocked { .. } | Self::NoTasks => true,
            Self::NoneReady { .. } => !self.is_all_over(),
            _ => false,
        }
    }

    /// Returns true if no task of the list is left.
    pub const fn is_all_over(&self) -> bool {
        matches!(
            self,
            Self::NoneReady {
                held: 0,
                waiting: 0,
                blocked: 0,
                others: 0,
            }
        )
    }
}

impl fmt::Display for TaskDenied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(id) => write!(f, "there is no task {id} in this list"),
            Self::Over { id, is_done: true } => write!(f, "task {id} is done already"),
            Self::Over { id, .. } => write!(f, "task {id} was dropped"),
            Self::Needs { id, needs } => {
                write!(f, "task {id} needs {} first", list(needs.iter()))
            }
            Self::Blocked { id, why } => write!(f, "task {id} waits for a person: {why}"),
            Self::NoTasks => f.write_str("this list has no tasks yet"),
            Self::Drained => f.write_str("the list is drained: nothing new is given out"),
            Self::NoneReady { .. } if self.is_all_over() => {
                f.write_str("no task is left: all are done or dropped")
            }
            Self::NoneReady {
                held,
                waiting,
                blocked,
                others,
            } => {
                write!(
                    f,
                    "no task is ready: {held} held, {waiting} waiting for others, {blocked} blocked"
                )?;
                match others {
                    0 => Ok(()),
                    others => write!(f, ", {others} for other sessions"),
                }
            }
            Self::Circle(ids) => write!(f, "the tasks {} need each other", list(ids.iter())),
            Self::Full => write!(f, "a list has at most {TASKS_MAX} tasks that are not done"),
            Self::OtherContent(key) => write!(
                f,
                "a task with the key {} says something else",
                super::super::text::name(key.as_str())
            ),
            Self::ForOther { id, to } => {
                write!(
                    f,
                    "task {id} is for {}",
                    super::super::text::name(&to.typed())
                )
            }
            Self::Judged(id) => {
                write!(f, "task {id} is done when its checks say so")
            }
            Self::Claims { id, claims } => {
                write!(
                    f,
                    "task {id} is taken together with {}",
                    list(claims.iter())
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_is_not_waited_for() {
        let none = |held, waiting, blocked, others| TaskDenied::NoneReady {
            held,
            waiting,
            blocked,
            others,
        };
        let id = || TaskId::of_random(&[1; 8]);
        let why = Purpose::parse("x").unwrap();
        for (denied, may_pass) in [
            (none(0, 0, 0, 0), false),
            (none(1, 0, 0, 0), true),
            (none(0, 1, 0, 0), true),
            (none(0, 0, 1, 0), true),
            (none(0, 0, 0, 1), true),
            (TaskDenied::Drained, false),
            (TaskDenied::NoTasks, true),
            (TaskDenied::Blocked { id: id(), why }, true),
            (TaskDenied::Unknown(id()), false),
            (TaskDenied::Full, false),
        ] {
            assert_eq!(denied.may_pass(), may_pass, "{denied}");
        }
    }
}
