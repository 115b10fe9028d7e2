//! Tables of what a list remembers and derives: additions that come again, what follows what, for
//! whom a task is, workflows.

use super::super::actor::Actor;
use super::list::Addition;
use super::*;

fn at(secs: u64) -> Timestamp {
    Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
}

fn id(letter: char) -> TaskId {
    TaskId::parse(&letter.to_string().repeat(8)).unwrap()
}

/// Returns a task of a letter that needs the tasks of others, of the workflow `w`: `b<a`.
fn spec(text: &str) -> TaskSpec {
    let (letter, needs) = text.split_once('<').unwrap_or((text, ""));
    let letter = letter.chars().next().unwrap();
    TaskSpec {
        needs: needs.chars().map(id).collect(),
        workflow: Name::parse("w"),
        ..TaskSpec::new(id(letter), Purpose::parse(&letter.to_string()).unwrap())
    }
}

fn adding(text: &str) -> Addition {
    let ann = Actor::example("ann", 1);
    Addition {
        tasks: text.split_whitespace().map(spec).collect(),
        workflow: Some(Workflow {
            name: Name::parse("w").unwrap(),
            description: Purpose::parse("the release").ok(),
        }),
        by: ann.id,
        node: ann.node,
        at: at(5),
    }
}

#[test]
fn an_addition_that_comes_again_adds_nothing_also_after_it_is_done() {
    let mut list = TaskList::default();
    let new = adding("a b<a");
    let (ids, added) = list.add(&new, at(9)).unwrap();
    assert_eq!(ids, added);
    assert_eq!(
        list.tasks[0].added_at,
        at(5),
        "the time at which it was made"
    );
    list.find_mut(&id('a')).unwrap().spec.title = Purpose::parse("changed").unwrap();
    let (again, added) = list.add(&new, at(9)).unwrap();
    assert_eq!((again, added.len()), (ids.clone(), 0));
    list.finish(&id('a'), true).unwrap();
    assert_eq!(list.add(&new, at(9)).unwrap(), (ids, Vec::new()));
    // An addition of a clock that is ahead is not of a time to come.
    let mut early = adding("c");
    early.at = at(99);
    list.add(&early, at(9)).unwrap();
    assert_eq!(list.find(&id('c')).unwrap().added_at, at(9));
}

#[test]
fn a_task_knows_which_done_ones_it_follows() {
    let mut list = TaskList::default();
    list.add(&adding("a b c<ab"), at(0)).unwrap();
    list.finish(&id('b'), true).unwrap();
    list.finish(&id('a'), true).unwrap();
    let task = list.find(&id('c')).unwrap();
    assert!(task.is_ready());
    assert_eq!(task.after, [id('b'), id('a')]);
    // One that needs what was done before it was added follows it as well.
    list.add(&adding("d<a"), at(1)).unwrap();
    assert_eq!(list.find(&id('d')).unwrap().after, [id('a')]);
}

#[test]
fn what_is_over_is_remembered_within_limits() {
    let mut list = TaskList::default();
    for n in 0..700 {
        let id = TaskId::parse(&format!("t{n:07}")).unwrap();
        let key = Key::parse(&format!("{n:0>128}")).ok();
        let one = TaskSpec {
            key,
            ..TaskSpec::new(id.clone(), Purpose::parse("t").unwrap())
        };
        let mut new = adding("");
        new.tasks.push(one);
        list.add(&new, at(0)).unwrap();
        list.finish(&id, true).unwrap();
    }
    let bytes: usize = list
        .finished
        .iter()
        .map(|over| over.key.as_ref().unwrap().as_str().len())
        .sum();
    assert!(
        list.finished.len() > 100 && 2 * bytes < 40 * 1024,
        "{}",
        list.finished.len()
    );
    assert_eq!(list.finished.last().unwrap().id.as_str(), "t0000699");
}

#[test]
fn a_task_is_for_any_session_or_for_one_that_its_address_means() {
    let ann = Actor::example("ann", 1);
    let role = Resource::parse("role:worker").unwrap();
    let by_name = Recipient::by_name(&ann);
    let mut whole = by_name.clone();
    whole.is_whole = true;
    let mut worker = whole.clone();
    worker.reader.holds.push(role.clone());
    let mut heir = whole.clone();
    heir.reader.heir_of.push(Actor::example("old", 1).id);
    let session = |name: &str| Some(Address::Session(Actor::example(name, 1).id));
    let person = |user: &str| {
        let host = ann.host.clone();
        Some(Address::Person {
            user: user.to_owned(),
            host,
        })
    };
    for (to, expected) in [
        (None, [Some(true), Some(true), Some(true), Some(true)]),
        (
            session("ann"),
            [Some(true), Some(true), Some(true), Some(true)],
        ),
        (
            session("bob"),
            [None, Some(false), Some(false), Some(false)],
        ),
        (session("old"), [None, Some(false), Some(false), Some(true)]),
        (
            person(&ann.user),
            [Some(true), Some(true), Some(true), Some(true)],
        ),
        (
            person("other"),
            [Some(false), Some(false), Some(false), Some(false)],
        ),
        (
            Some(Address::Resource(role)),
            [None, Some(false), Some(true), Some(false)],
        ),
    ] {
        let spec = TaskSpec {
            to: to.clone(),
            ..spec("a")
        };
        let task = Task::new(spec, &ann.id, ann.node, at(0));
        let found = [&by_name, &whole, &worker, &heir].map(|who| task.is_for(who));
        assert_eq!(found, expected, "{to:?}");
        // A supervisor is a session like any other, but for what it told another one to take.
        let supervisor = |mut who: Recipient| {
            who.supervises = true;
            who
        };
        let found = [&by_name, &whole].map(|who| task.is_for(&supervisor(who.clone())));
        assert_eq!(found, expected[..2], "{to:?}");
        let mut given = task.clone();
        let mut attempt = Attempt::first(AttemptState::Checking, &ann.id, at(0));
        attempt.session = Some(Actor::example("cat", 1).id);
        given.attempt = Some(attempt);
        assert_eq!(given.is_for(&by_name), Some(false), "{to:?}");
        assert_eq!(
            given.is_for(&supervisor(by_name.clone())),
            Some(true),
            "{to:?}"
        );
    }
}

#[test]
fn the_status_of_a_workflow_follows_from_its_tasks() {
    let status = |list: &TaskList, held: Option<char>| {
        let is_held = |task: &Task| held.map(id) == Some(task.spec.id.clone());
        let views = workflows_of(list, &is_held);
        let view = &views[0];
        assert_eq!(views.len(), 1);
        assert_eq!(
            view.workflow.description,
            Purpose::parse("the release").ok()
        );
        (view.status.as_str(), view.left, view.done, view.dropped)
    };
    let mut list = TaskList::default();
    list.add(&adding("a b<a"), at(0)).unwrap();
    assert_eq!(status(&list, None), ("planning", 2, 0, 0));
    list.find_mut(&id('a')).unwrap().attempts = 1;
    assert_eq!(status(&list, Some('a')), ("active", 2, 0, 0));
    let why = Purpose::parse("which one?").unwrap();
    list.find_mut(&id('a')).unwrap().blocked = Some(why);
    assert_eq!(status(&list, None), ("blocked", 2, 0, 0));
    assert_eq!(status(&list, Some('a')), ("active", 2, 0, 0));
    list.finish(&id('a'), true).unwrap();
    assert_eq!(status(&list, None), ("active", 1, 1, 0));
    let mut dropped = list.clone();
    list.finish(&id('b'), true).unwrap();
    assert_eq!(status(&list, None), ("completed", 0, 2, 0));
    dropped.finish(&id('b'), false).unwrap();
    assert_eq!(status(&dropped, None), ("completed", 0, 1, 1));
    let mut list = TaskList::default();
    list.add(&adding("a"), at(0)).unwrap();
    list.finish(&id('a'), false).unwrap();
    assert_eq!(status(&list, None), ("cancelled", 0, 0, 1));
}
