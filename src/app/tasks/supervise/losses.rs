//! What an attempt lost while its command runs: [`Losses`].
//!
//! Owns that a loss is seen twice before it counts. A step over several registers, such as the
//! `task done` of an agent, ends one lock before the other, and its process must not be killed in
//! between. Never decides what a loss leads to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::supervisor::{Job, Seen};
use crate::model::task::TaskId;

/// How long a loss has to stand; no step takes as long.
const STANDS_FOR: Duration = Duration::from_secs(3);

/// Since when something is missing, for each task.
#[derive(Default)]
pub(super) struct Losses(BTreeMap<TaskId, Duration>);

impl Losses {
    /// Leaves out what was not missing for long, of tasks whose command runs at the time `now`.
    pub(super) fn confirm(&mut self, seen: &mut Seen, now: Duration) {
        let is_lost = |id: &TaskId| {
            let mut tasks = seen.tasks.iter();
            tasks.any(|task| task.id == *id && task.lost.is_some())
        };
        self.0.retain(|id, _| is_lost(id));
        for task in seen.tasks.iter_mut().filter(|task| task.lost.is_some()) {
            let since = *self.0.entry(task.id.clone()).or_insert(now);
            if task.job == Job::Runs && now < since + STANDS_FOR {
                task.lost = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::actor::Actor;
    use crate::model::resource::Resource;
    use crate::model::supervisor::{Hold, SeenTask};
    use crate::model::time::Timestamp;

    fn seen(job: Job, lost: bool) -> Seen {
        let task = SeenTask {
            id: TaskId::parse("abcd2345").unwrap(),
            is_ready: true,
            hold: Hold::Mine,
            attempt: None,
            job,
            checks: Vec::new(),
            claims: Vec::new(),
            lost: lost.then(|| Resource::parse("path:a").unwrap()),
            skip: None,
            only: None,
            tree: None,
        };
        Seen {
            me: Actor::example("sup", 1).id,
            now: Timestamp::from_millis(0),
            tasks: vec![task],
            workers: Vec::new(),
            has_agent: true,
            running: 1,
        }
    }

    #[test]
    fn a_loss_counts_once_it_stands_or_nothing_runs() {
        let mut losses = Losses::default();
        let mut counts = |job: &Job, lost, secs| {
            let mut seen = seen(job.clone(), lost);
            losses.confirm(&mut seen, Duration::from_secs(secs));
            seen.tasks[0].lost.is_some()
        };
        let runs = Job::Runs;
        assert!(!counts(&runs, true, 10));
        assert!(!counts(&runs, true, 12));
        assert!(counts(&runs, true, 13));
        // It is whole again, so the next loss begins anew.
        assert!(!counts(&runs, false, 14));
        assert!(!counts(&runs, true, 15));
        assert!(counts(&Job::None, true, 16));
    }
}
