//! Supervisors that are killed between any two effects.
//!
//! Owns a list, the processes of attempts, and the promises: no attempt runs twice at once, what is
//! recorded follows from what happened, retries are bounded, a task is done only by an attempt that
//! passed all checks, and all ends. Supervisors that are [`Broken`] in one place have to be found
//! out.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::task::AttemptState;

const TASKS: usize = 3;
const CHECKS: [&str; 2] = ["unit", "lint"];
/// After so many steps without a crash all has to have ended.
const STEPS_MAX: usize = 400;

/// In which place a supervisor is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Broken {
    #[default]
    Nowhere,
    /// It acts, and records that then.
    RecordsLate,
    /// What it does not know of does not run.
    KnowsAll,
    /// It takes an attempt that was interrupted for one that failed.
    BlamesTheTask,
}

/// A process of an attempt.
#[derive(Clone, Debug)]
struct Process {
    number: u32,
    check: Option<Name>,
    /// The supervisor that started it; the system ends it some time after that one.
    generation: u32,
    ended: Option<Outcome>,
}

#[derive(Default)]
struct World {
    attempts: BTreeMap<usize, Attempt>,
    done: Vec<usize>,
    processes: BTreeMap<usize, Vec<Process>>,
    passed: BTreeMap<usize, Vec<(u32, Name)>>,
    spawned: BTreeMap<usize, u32>,
    generation: u32,
    secs: u64,
    broken: Broken,
}

/// Where random decisions come from.
struct Chance<'c>(std::slice::Iter<'c, u8>);

impl Chance<'_> {
    fn below(&mut self, n: u8) -> u8 {
        self.0.next().map_or(1, |byte| byte % n)
    }
}

impl World {
    fn job(&self, n: usize) -> Job {
        let all = self
            .processes
            .get(&n)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut mine = all.iter().filter(|one| one.generation == self.generation);
        if let Some(process) = mine.next_back() {
            return match (&process.ended, &process.check) {
                (None, _) => Job::Runs,
                (Some(outcome), None) => Job::AgentEnded(outcome.clone()),
                (Some(outcome), Some(_)) => Job::CheckEnded(outcome.clone()),
            };
        }
        // A process of an earlier supervisor is found by the attempt that is on record.
        let number = self.attempts.get(&n).map(|attempt| attempt.number);
        let left = all
            .iter()
            .any(|one| Some(one.number) == number && one.ended.is_none());
        match left && self.broken != Broken::KnowsAll {
            true => Job::Unknown,
            false => Job::None,
        }
    }

    fn seen(&self) -> Seen {
        let tasks = (0..TASKS)
            .filter(|n| !self.done.contains(n))
            .map(|n| SeenTask {
                id: id(n),
                is_ready: true,
                hold: Hold::Mine,
                attempt: self.attempts.get(&n).cloned(),
                job: self.job(n),
                checks: CHECKS.map(name).to_vec(),
                claims: Vec::new(),
                lost: None,
                skip: None,
                only: None,
                tree: None,
            });
        let mine = |one: &&Process| one.generation == self.generation && one.ended.is_none();
        Seen {
            me: session("sup"),
            now: at(self.secs),
            tasks: tasks.collect(),
            workers: Vec::new(),
            has_agent: true,
            running: self.processes.values().flatten().filter(mine).count(),
        }
    }

    /// Every change of what is recorded has to follow from what happened.
    fn has_a_cause(&self, n: usize, next: &Attempt) {
        let Some(before) = self.attempts.get(&n) else {
            assert_eq!((next.state, next.number), (AttemptState::Running, 1));
            return;
        };
        let mut mine = self.processes.get(&n).into_iter().flatten();
        let last = mine.rfind(|one| one.generation == self.generation);
        let ended = last.and_then(|one| one.ended.as_ref());
        let verdict = ended.map(|outcome| outcome.verdict);
        let is_counted = |was: u32, is: u32, happened: bool| {
            assert!(
                is == 0 || is == was || is == was + 1 && happened,
                "{before:?} {next:?}"
            );
        };
        let went_wrong = verdict.is_some_and(|verdict| verdict != Verdict::Passed);
        is_counted(before.failed, next.failed, went_wrong);
        let did_not_judge = verdict == Some(Verdict::DidNotJudge);
        is_counted(before.unjudged, next.unjudged, did_not_judge);
        let was_killed = verdict.is_none() && next.interrupted <= self.generation;
        is_counted(before.interrupted, next.interrupted, was_killed);
        let follows = match (before.state, next.state) {
            (AttemptState::NeedsPerson, _) => false,
            (AttemptState::Retrying, AttemptState::Running) => next.number == before.number + 1,
            (AttemptState::Running, AttemptState::Checking) => verdict == Some(Verdict::Passed),
            (_, AttemptState::Running) => false,
            _ => next.number == before.number,
        };
        assert!(follows, "{before:?} {next:?}");
    }

    fn record(&mut self, n: usize, action: &Action) {
        if let Some(attempt) = &action.record {
            // What happened last is over only where it is recorded first.
            if self.broken != Broken::RecordsLate {
                self.has_a_cause(n, attempt);
            }
            if let Some(processes) = self.processes.get_mut(&n) {
                // What ended is on record now.
                processes.retain(|one| one.ended.is_none());
            }
            self.attempts.insert(n, attempt.clone());
        }
        if action.effect == Effect::Finish {
            let attempt = &self.attempts[&n];
            let passed = self.passed.get(&n).cloned().unwrap_or_default();
            for check in CHECKS {
                let is_there = passed.contains(&(attempt.number, name(check)));
                assert!(is_there, "task {n} was done without {check}");
            }
            self.done.push(n);
        }
    }

    fn apply(&mut self, n: usize, action: &Action) {
        let check = match &action.effect {
            Effect::Spawn => None,
            Effect::RunCheck(check) => Some(check.clone()),
            Effect::Stop => {
                for process in self.processes.entry(n).or_default() {
                    process
                        .ended
                        .get_or_insert(outcome(Verdict::Failed, "too long"));
                }
                return;
            }
            _ => return,
        };
        let number = action.record.as_ref().unwrap().number;
        if check.is_none() {
            *self.spawned.entry(n).or_default() += 1;
        }
        let generation = self.generation;
        let processes = self.processes.entry(n).or_default();
        let runs = processes.iter().filter(|one| one.ended.is_none()).count();
        assert_eq!(runs, 0, "task {n} runs twice at once");
        processes.push(Process {
            number,
            check,
            generation,
            ended: None,
        });
    }

    /// Lets the supervisor act once. Returns false if it was killed on the way.
    fn act(&mut self, chance: &mut Chance<'_>, crashes: bool) -> bool {
        for mut action in tick(&self.seen(), &Limits::default()) {
            let n: usize = action.id.as_str()[4..].parse().unwrap();
            assert_ne!(
                self.job(n),
                Job::Unknown,
                "what is not known leads to nothing"
            );
            if crashes && chance.below(8) == 0 {
                return false;
            }
            if let (Broken::BlamesTheTask, Some(next)) = (self.broken, &mut action.record) {
                next.failed += std::mem::take(&mut next.interrupted);
            }
            match self.broken == Broken::RecordsLate {
                true => self.apply(n, &action),
                false => self.record(n, &action),
            }
            if crashes && chance.below(8) == 0 {
                return false;
            }
            match self.broken == Broken::RecordsLate {
                true => self.record(n, &action),
                false => self.apply(n, &action),
            }
        }
        true
    }

    /// Lets a process end, in one way or another.
    fn end_one(&mut self, chance: &mut Chance<'_>) {
        let n = usize::from(chance.below(3));
        let verdict = match chance.below(4) {
            0 => Verdict::Failed,
            1 => Verdict::DidNotJudge,
            _ => Verdict::Passed,
        };
        let failure = format!("failure {}", chance.below(3));
        let generation = self.generation;
        let mut processes = self.processes.entry(n).or_default().iter_mut();
        let runs = processes.find(|one| one.ended.is_none());
        let Some(process) = runs else { return };
        if process.generation == generation && verdict == Verdict::Passed {
            let passed = process.check.clone().map(|check| (process.number, check));
            self.passed.entry(n).or_default().extend(passed);
        }
        process.ended = Some(outcome(verdict, &failure));
    }

    fn crash(&mut self) {
        self.generation += 1;
    }

    fn is_over(&self) -> bool {
        (0..TASKS).all(|n| {
            let state = self.attempts.get(&n).map(|attempt| attempt.state);
            self.done.contains(&n) || state == Some(AttemptState::NeedsPerson)
        })
    }
}

fn run(bytes: &[u8], broken: Broken) {
    let mut chance = Chance(bytes.iter());
    let mut world = World {
        broken,
        ..World::default()
    };
    for _ in 0..bytes.len() / 4 {
        world.secs += u64::from(chance.below(200));
        match chance.below(3) {
            0 => world.end_one(&mut chance),
            1 if chance.below(4) == 0 => world.crash(),
            _ => {
                if !world.act(&mut chance, true) {
                    world.crash();
                }
            }
        }
    }
    for step in 0..STEPS_MAX {
        if world.is_over() {
            break;
        }
        world.act(&mut chance, false);
        // All that runs ends by and by; what a dead supervisor left is ended by the system.
        let n = step % TASKS;
        let generation = world.generation;
        for process in world
            .processes
            .entry(n)
            .or_default()
            .iter_mut()
            .filter(|one| one.ended.is_none())
        {
            if process.generation == generation {
                let passed = process.check.clone().map(|check| (process.number, check));
                world.passed.entry(n).or_default().extend(passed);
            }
            process.ended = Some(outcome(Verdict::Passed, "ok"));
        }
    }
    assert!(world.is_over(), "it does not end: {:?}", world.attempts);
    let limits = Limits::default();
    for (n, spawned) in world.spawned {
        let most = 1 + limits.retries_max + limits.interrupted_max;
        assert!(spawned <= most, "task {n} was tried {spawned} times");
    }
}

proptest! {
    #[test]
    fn no_attempt_runs_twice_at_once_and_all_ends(
        bytes in proptest::collection::vec(any::<u8>(), 40..400)
    ) {
        run(&bytes, Broken::Nowhere);
    }
}

/// Returns how it is found out, in the first of many runs in which it is.
fn found_out(broken: Broken) -> Option<String> {
    (0..400u32).find_map(|seed| {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(400)
        .collect();
        let said = std::panic::catch_unwind(|| run(&bytes, broken)).err()?;
        Some(said.downcast_ref::<String>().cloned().unwrap_or_default())
    })
}

#[test]
fn a_supervisor_that_records_after_it_acted_is_found_out() {
    let said = found_out(Broken::RecordsLate).unwrap();
    assert!(said.contains("runs twice at once"), "{said}");
}

#[test]
fn one_that_takes_what_it_does_not_know_for_nothing_is_found_out() {
    let said = found_out(Broken::KnowsAll).unwrap();
    assert!(said.contains("runs twice at once"), "{said}");
}

#[test]
fn one_that_records_what_did_not_happen_is_found_out() {
    assert!(found_out(Broken::BlamesTheTask).is_some());
    assert_eq!(found_out(Broken::Nowhere), None);
}
