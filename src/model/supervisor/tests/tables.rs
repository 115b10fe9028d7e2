//! One row a decision.

use super::*;
use crate::model::task::AttemptState;

/// What is recorded of a task, by its state, and since when.
pub(super) fn attempt(state: AttemptState) -> Attempt {
    Attempt::first(state, &session("sup"), at(0))
}

pub(super) fn task(attempt: Option<Attempt>, hold: Hold, job: Job) -> SeenTask {
    SeenTask {
        id: id(1),
        is_ready: true,
        hold,
        attempt,
        job,
        checks: vec![name("unit"), name("lint")],
        claims: Vec::new(),
        lost: None,
        skip: None,
        only: None,
        tree: Some("tree".to_owned()),
    }
}

pub(super) fn seen(tasks: Vec<SeenTask>, secs: u64) -> Seen {
    Seen {
        me: session("sup"),
        now: at(secs),
        tasks,
        workers: Vec::new(),
        has_agent: true,
        running: 0,
    }
}

/// Returns the state that is recorded and the effect, in words.
pub(super) fn said(actions: &[Action]) -> String {
    let one = |action: &Action| {
        let state = action
            .record
            .as_ref()
            .map_or("-", |attempt| attempt.state.as_str());
        let effect = match &action.effect {
            Effect::None => String::new(),
            Effect::Assign(who) => format!(" assign {who}"),
            Effect::Spawn => " spawn".to_owned(),
            Effect::RunCheck(check) => format!(" check {check}"),
            Effect::Stop => " stop".to_owned(),
            Effect::Finish => " finish".to_owned(),
            Effect::AskPerson(why) => format!(" ask: {}", why.words()),
            Effect::Leave(skip) => format!(" leave {skip:?}"),
        };
        format!("{state}{effect}")
    };
    actions.iter().map(one).collect::<Vec<_>>().join("; ")
}

pub(super) fn check(task: SeenTask, secs: u64, expected: &str) {
    let case = format!("{task:?}");
    assert_eq!(
        said(&tick(&seen(vec![task], secs), &Limits::default())),
        expected,
        "{case}"
    );
}

#[test]
fn what_is_not_known_leads_to_nothing() {
    for state in [
        None,
        Some(AttemptState::Assigned),
        Some(AttemptState::Running),
        Some(AttemptState::Checking),
        Some(AttemptState::Retrying),
        Some(AttemptState::NeedsPerson),
    ] {
        for hold in [Hold::Free, Hold::Mine, Hold::Other(session("bob"))] {
            for secs in [0, 1_000_000] {
                check(
                    task(state.map(attempt), hold.clone(), Job::Unknown),
                    secs,
                    "",
                );
            }
        }
    }
}

#[test]
fn a_task_from_its_first_attempt_to_its_end() {
    let mine = |state, job| task(Some(attempt(state)), Hold::Mine, job);
    let passed = || outcome(Verdict::Passed, "ok");
    check(task(None, Hold::Free, Job::None), 0, "running spawn");
    check(mine(AttemptState::Running, Job::Runs), 2700, "");
    check(mine(AttemptState::Running, Job::Runs), 2701, "- stop");
    check(
        mine(AttemptState::Running, Job::AgentEnded(passed())),
        1,
        "checking check unit",
    );
    let mut checking = mine(AttemptState::Checking, Job::CheckEnded(passed()));
    checking.attempt.as_mut().unwrap().check = Some(name("unit"));
    check(checking.clone(), 1, "checking check lint");
    checking.attempt.as_mut().unwrap().check = Some(name("lint"));
    check(checking.clone(), 1, "checking finish");
    checking.job = Job::Runs;
    check(checking.clone(), 900, "");
    check(checking.clone(), 901, "- stop");
    checking.job = Job::None;
    check(checking, 1, "checking check lint");
    let mut plain = mine(AttemptState::Running, Job::AgentEnded(passed()));
    plain.checks.clear();
    check(plain, 1, "checking finish");
}

#[test]
fn what_fails_is_tried_again_and_then_a_person_is_asked() {
    let failed = |before: u32, last: Option<&str>, now: &str| {
        let mut attempt = attempt(AttemptState::Running);
        attempt.failed = before;
        attempt.failure = last.map(str::to_owned);
        task(
            Some(attempt),
            Hold::Mine,
            Job::AgentEnded(outcome(Verdict::Failed, now)),
        )
    };
    check(failed(0, None, "x"), 1, "retrying");
    check(failed(1, Some("y"), "x"), 1, "retrying");
    check(
        failed(1, Some("x"), "x"),
        1,
        "needs_person ask: it failed twice in the same way",
    );
    check(
        failed(2, Some("y"), "x"),
        1,
        "needs_person ask: it failed as often as it may",
    );
    let actions = tick(&seen(vec![failed(0, None, "x")], 1), &Limits::default());
    let next = actions[0].record.clone().unwrap();
    assert_eq!((next.failed, next.said), (1, Text::parse("x").ok()));
    check(
        task(Some(attempt(AttemptState::Retrying)), Hold::Mine, Job::None),
        1,
        "running spawn",
    );
    check(
        task(Some(attempt(AttemptState::Retrying)), Hold::Mine, Job::Runs),
        1,
        "",
    );
    check(
        task(
            Some(attempt(AttemptState::NeedsPerson)),
            Hold::Free,
            Job::None,
        ),
        1,
        "",
    );
    // What the supervisor did not see the end of is not counted as a failure, and not for ever.
    check(
        task(Some(attempt(AttemptState::Running)), Hold::Mine, Job::None),
        1,
        "retrying",
    );
    let mut again = attempt(AttemptState::Running);
    again.interrupted = 5;
    check(
        task(Some(again), Hold::Mine, Job::None),
        1,
        "needs_person ask: it was interrupted too often",
    );
}

#[test]
fn a_check_that_does_not_judge_is_no_failure_and_twice_a_person_is_asked() {
    let mut one = task(
        Some(attempt(AttemptState::Checking)),
        Hold::Mine,
        Job::CheckEnded(outcome(Verdict::DidNotJudge, "hangs")),
    );
    one.attempt.as_mut().unwrap().check = Some(name("unit"));
    let actions = tick(&seen(vec![one.clone()], 1), &Limits::default());
    assert_eq!(said(&actions), "checking check unit");
    let next = actions[0].record.clone().unwrap();
    assert_eq!((next.failed, next.unjudged), (0, 1));
    one.attempt = Some(next);
    check(
        one,
        1,
        "needs_person ask: the check unit did not judge, twice",
    );
}

#[test]
fn a_work_tree_that_changed_meanwhile_is_a_matter_for_a_person() {
    let mut one = task(
        Some(attempt(AttemptState::Checking)),
        Hold::Mine,
        Job::CheckEnded(outcome(Verdict::Passed, "ok")),
    );
    let recorded = one.attempt.as_mut().unwrap();
    recorded.check = Some(name("unit"));
    recorded.tree = Some("other".to_owned());
    check(
        one.clone(),
        1,
        "needs_person ask: the work tree changed after the attempt had ended",
    );
    one.tree = None;
    check(one.clone(), 1, "checking check lint");
    let mut retrying = attempt(AttemptState::Retrying);
    retrying.tree = Some("other".to_owned());
    check(
        task(Some(retrying), Hold::Mine, Job::None),
        1,
        "needs_person ask: the work tree changed after the attempt had ended",
    );
}

#[test]
fn sessions_that_offer_themselves_come_first_and_have_time_to_accept() {
    let mut all = seen(
        vec![
            task(None, Hold::Free, Job::None),
            SeenTask {
                id: id(2),
                ..task(None, Hold::Free, Job::None)
            },
        ],
        1,
    );
    let worker = |name: &str, is_idle| Worker {
        id: session(name),
        is_idle,
    };
    all.workers = vec![worker("busy", false), worker("idle", true)];
    assert_eq!(
        said(&tick(&all, &Limits::default())),
        "assigned assign idle; running spawn"
    );
    let mut assigned = attempt(AttemptState::Assigned);
    assigned.session = Some(session("idle"));
    let told = |hold, secs, workers: Vec<Worker>| {
        let mut all = seen(vec![task(Some(assigned.clone()), hold, Job::None)], secs);
        all.workers = workers;
        said(&tick(&all, &Limits::default()))
    };
    assert_eq!(told(Hold::Free, 300, vec![worker("idle", false)]), "");
    assert_eq!(
        told(Hold::Free, 301, vec![worker("idle", false)]),
        "retrying"
    );
    assert_eq!(told(Hold::Free, 1, Vec::new()), "retrying", "it is gone");
    assert_eq!(told(Hold::Other(session("idle")), 9999, Vec::new()), "");
    // What it did is judged like what an agent did.
    let mut done = task(
        Some(assigned.moved(AttemptState::Checking, at(0))),
        Hold::Free,
        Job::None,
    );
    check(done.clone(), 1, "checking check unit");
    done.checks.clear();
    check(done, 1, "checking finish");
}

#[test]
fn no_more_commands_run_at_once_than_may() {
    let many = (0..9).map(|n| SeenTask {
        id: id(n),
        ..task(None, Hold::Free, Job::None)
    });
    let mut all = seen(many.collect(), 1);
    assert_eq!(tick(&all, &Limits::default()).len(), 4);
    all.running = 3;
    assert_eq!(tick(&all, &Limits::default()).len(), 1);
    all.running = 9;
    assert!(tick(&all, &Limits::default()).is_empty());
}
