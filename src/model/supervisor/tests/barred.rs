//! What is left alone, and what ends that runs: one row a decision.

use super::tables::{attempt, check, said, seen, task};
use super::*;
use crate::model::task::AttemptState;

#[test]
fn what_lost_what_was_granted_with_it_is_ended_and_interrupted() {
    let with = |state, job| SeenTask {
        lost: Resource::parse("path:src").ok(),
        ..task(Some(attempt(state)), Hold::Mine, job)
    };
    let passed = || outcome(Verdict::Passed, "ok");
    for (state, job, expected) in [
        (AttemptState::Running, Job::Runs, "- stop"),
        (AttemptState::Checking, Job::Runs, "- stop"),
        (AttemptState::Running, Job::AgentEnded(passed()), "retrying"),
        (
            AttemptState::Checking,
            Job::CheckEnded(passed()),
            "retrying",
        ),
        // It is recorded with all of it again, or not at all.
        (AttemptState::Retrying, Job::None, "running spawn"),
        (AttemptState::Running, Job::Unknown, ""),
        (AttemptState::NeedsPerson, Job::None, ""),
    ] {
        check(with(state, job), 1, expected);
    }
    let ended = with(AttemptState::Running, Job::AgentEnded(passed()));
    let next = tick(&seen(vec![ended], 1), &Limits::default());
    let next = next[0].record.clone().unwrap();
    assert_eq!((next.failed, next.interrupted), (0, 1));
    assert_eq!(
        next.said.unwrap().as_str(),
        "path:src was lost while it ran"
    );
}

#[test]
fn what_may_not_be_worked_on_is_left_and_told() {
    for (skip, said) in [
        (Skip::NotAccepted, "- leave NotAccepted"),
        (
            Skip::NoSuchCheck(name("unit")),
            "- leave NoSuchCheck(Name(\"unit\"))",
        ),
    ] {
        let mut one = task(None, Hold::Free, Job::None);
        one.skip = Some(skip);
        check(one, 1, said);
    }
    let mut none = seen(vec![task(None, Hold::Free, Job::None)], 1);
    none.has_agent = false;
    assert_eq!(said(&tick(&none, &Limits::default())), "- leave NoWorker");
    let mut waits = task(None, Hold::Free, Job::None);
    waits.is_ready = false;
    check(waits, 1, "");
}

#[test]
fn words_of_another_clone_end_what_runs_and_start_nothing() {
    let left = "- leave NotAccepted";
    for (state, job, expected) in [
        (AttemptState::Running, Job::Runs, "- stop"),
        (AttemptState::Checking, Job::Runs, "- stop"),
        (AttemptState::Running, Job::None, left),
        (
            AttemptState::Running,
            Job::AgentEnded(outcome(Verdict::Passed, "")),
            left,
        ),
        (
            AttemptState::Checking,
            Job::CheckEnded(outcome(Verdict::Passed, "")),
            left,
        ),
        (AttemptState::Retrying, Job::None, left),
        (AttemptState::NeedsPerson, Job::None, ""),
    ] {
        let mut one = task(Some(attempt(state)), Hold::Mine, job);
        one.skip = Some(Skip::NotAccepted);
        check(one, 1, expected);
    }
    // Another session has it: that is said first, and it is left alone without a word.
    let mut one = task(
        Some(attempt(AttemptState::Retrying)),
        Hold::Other(session("bob")),
        Job::None,
    );
    one.skip = Some(Skip::NotAccepted);
    check(one, 1, "");
}

#[test]
fn what_is_for_others_alone_is_given_to_them_alone() {
    let to = || Address::Session(session("idle"));
    let only = |names: &[&str]| {
        let sessions = names.iter().map(|name| session(name)).collect();
        Some(Only { to: to(), sessions })
    };
    let left = format!("- leave {:?}", Skip::ForOther(to()));
    let told = |one: SeenTask, workers: &[(&str, bool)]| {
        let mut all = seen(vec![one], 1);
        all.workers = workers
            .iter()
            .map(|(name, is_idle)| Worker {
                id: session(name),
                is_idle: *is_idle,
            })
            .collect();
        said(&tick(&all, &Limits::default()))
    };
    let with = |state: Option<AttemptState>, hold, job, only| SeenTask {
        only,
        ..task(state.map(attempt), hold, job)
    };
    let new = |only| with(None, Hold::Free, Job::None, only);
    assert_eq!(told(new(only(&["sup"])), &[]), "running spawn");
    assert_eq!(
        told(new(only(&["sup"])), &[("idle", true)]),
        "running spawn"
    );
    assert_eq!(told(new(only(&[])), &[("other", true)]), left);
    let workers = [("other", true), ("idle", true)];
    assert_eq!(told(new(only(&["idle"])), &workers), "assigned assign idle");
    assert_eq!(told(new(only(&["idle"])), &[("idle", false)]), "");
    // What was addressed to others meanwhile is ended, and given to them.
    for (state, job, expected) in [
        (AttemptState::Running, Job::Runs, "- stop"),
        (AttemptState::Checking, Job::Runs, "- stop"),
        (AttemptState::Running, Job::None, &*left),
        (AttemptState::Retrying, Job::None, "assigned assign idle"),
        (AttemptState::NeedsPerson, Job::None, ""),
    ] {
        let one = with(Some(state), Hold::Mine, job, only(&["idle"]));
        assert_eq!(told(one, &[("idle", true)]), expected, "{state:?}");
    }
    // What such a session handed in is judged, and one that it is not for any more is not awaited.
    let mut handed_in = with(
        Some(AttemptState::Checking),
        Hold::Free,
        Job::None,
        only(&[]),
    );
    handed_in.attempt.as_mut().unwrap().session = Some(session("idle"));
    assert_eq!(told(handed_in.clone(), &[]), "checking check unit");
    let told_before = handed_in.attempt.as_mut().unwrap();
    told_before.state = AttemptState::Assigned;
    assert_eq!(told(handed_in, &[("idle", false)]), "retrying");
}

#[test]
fn a_task_that_another_session_has_is_left_to_it() {
    let other = || Hold::Other(session("bob"));
    check(task(None, other(), Job::None), 1, "");
    check(
        task(Some(attempt(AttemptState::Running)), other(), Job::Runs),
        1,
        "- stop",
    );
    check(
        task(Some(attempt(AttemptState::Checking)), other(), Job::None),
        1,
        "",
    );
}

#[test]
fn what_claims_the_same_does_not_run_at_once() {
    let claiming = |n: usize, claims: &str, state: Option<AttemptState>| SeenTask {
        id: id(n),
        claims: vec![Resource::parse(claims).unwrap()],
        ..task(
            state.map(attempt),
            state.map_or(Hold::Free, |_| Hold::Mine),
            Job::None,
        )
    };
    let runs = |mut one: SeenTask| {
        one.job = Job::Runs;
        one
    };
    let next = |tasks: Vec<SeenTask>| said(&tick(&seen(tasks, 1), &Limits::default()));
    let (src, below, docs) = ("path:src", "path:src/a", "path:docs");
    let new = |n, claims| claiming(n, claims, None);
    assert_eq!(
        next(vec![new(1, src), new(2, below), new(3, docs)]),
        "running spawn; running spawn"
    );
    let busy = || runs(claiming(1, src, Some(AttemptState::Checking)));
    assert_eq!(next(vec![busy(), new(2, below)]), "");
    assert_eq!(
        next(vec![
            busy(),
            claiming(2, below, Some(AttemptState::Retrying))
        ]),
        ""
    );
    // Two that only wait do not keep each other from going on.
    let waits = |n, claims| claiming(n, claims, Some(AttemptState::Retrying));
    assert_eq!(next(vec![waits(1, src), waits(2, below)]), "running spawn");
    // A check of what another session handed in waits as well.
    let mut handed_in = claiming(2, below, Some(AttemptState::Checking));
    handed_in.hold = Hold::Free;
    handed_in.attempt.as_mut().unwrap().session = Some(session("idle"));
    assert_eq!(next(vec![busy(), handed_in.clone()]), "");
    assert_eq!(next(vec![handed_in]), "checking check unit");
}
