//! Requests that are made again because their answer was lost.
//!
//! Owns which can be made again without a look. Never finds out what happened.

use super::{Request, TaskStep};

impl Request {
    /// Returns true if the request can be made again where it is not known whether it happened: the
    /// session has then what it has now, and nothing happens twice. What ends a hold is refused the
    /// second time, and a task without a key is added twice.
    pub fn is_repeatable(&self) -> bool {
        match self {
            Self::Grant(_) | Self::Renew(_) | Self::Inherit { .. } | Self::ReleaseEnded { .. } => {
                true
            }
            Self::Release(_) | Self::Pass { .. } | Self::Override { .. } | Self::Seize { .. } => {
                false
            }
            Self::Tasks(tasks) => match &tasks.step {
                TaskStep::Add(new) => new.tasks.iter().all(|task| task.key.is_some()),
                TaskStep::End { .. } => false,
                TaskStep::Take { .. }
                | TaskStep::Edit { .. }
                | TaskStep::Drain(_)
                | TaskStep::Supervise { .. } => true,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lock_request::TaskRequest;
    use crate::model::resource::Resource;
    use crate::model::task::TaskId;
    use crate::model::transition::TaskState;

    #[test]
    fn what_ends_a_hold_is_not_repeated_without_a_look() {
        let list = Resource::parse("task:main").unwrap();
        let step = |step| {
            let request = TaskRequest::new(list.clone(), step, Vec::new());
            Request::Tasks(Box::new(request)).is_repeatable()
        };
        assert!(Request::Grant(Vec::new()).is_repeatable());
        assert!(!Request::Release(Vec::new()).is_repeatable());
        assert!(step(TaskStep::Drain(true)));
        for to in [TaskState::Done, TaskState::Open, TaskState::Dropped] {
            assert!(!step(TaskStep::End {
                id: TaskId::parse("abcd2345").unwrap(),
                to,
                words: None,
                parting: None,
            }));
        }
    }
}
