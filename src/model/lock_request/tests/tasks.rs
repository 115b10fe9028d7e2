//! Owns the tests of tasks: each step by a table, and random steps of several sessions against the
//! promises: one holder a task, tokens that grow, no need that is passed over.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::*;
use crate::model::offer::OfferPolicy;
use crate::model::task::{Addition, Key, Recipient, TaskId, TaskSpec, resource_of};
use crate::model::time::Ttl;
use crate::model::transition::{Cause, TaskState, Transition};

pub(super) const MARGIN_SECS: u64 = 30;

pub(super) fn actor(name: &str) -> Actor {
    Actor::example(name, name.as_bytes()[0])
}

pub(super) fn at(secs: u64) -> Timestamp {
    Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
}

pub(super) fn main_list() -> Resource {
    Resource::parse("task:main").unwrap()
}

/// Returns the id of a letter.
pub(super) fn id(letter: char) -> TaskId {
    TaskId::parse(&letter.to_string().repeat(8)).unwrap()
}

pub(super) fn words(text: &str) -> Purpose {
    Purpose::parse(text).unwrap()
}

/// Returns a task of a letter that needs the tasks of others: `b<a`.
pub(super) fn new(text: &str) -> TaskSpec {
    let (letter, needs) = text.split_once('<').unwrap_or((text, ""));
    TaskSpec {
        needs: needs.chars().map(id).collect(),
        ..TaskSpec::new(id(letter.chars().next().unwrap()), words(letter))
    }
}

pub(super) fn add(text: &str) -> TaskStep {
    adding(text.split_whitespace().map(new).collect())
}

pub(super) fn adding(tasks: Vec<TaskSpec>) -> TaskStep {
    let ann = actor("ann");
    TaskStep::Add(Box::new(Addition {
        tasks,
        workflow: None,
        by: ann.id,
        node: ann.node,
        at: at(0),
    }))
}

pub(super) fn take(which: Option<char>) -> TaskStep {
    TaskStep::Take {
        which: which.map(id),
        ttl: Ttl::from_secs(60).unwrap(),
        asks: Box::new(Recipient::by_name(&actor("none"))),
    }
}

pub(super) fn end(letter: char, to: TaskState) -> TaskStep {
    let words = Some(words("so it is"));
    let id = id(letter);
    TaskStep::End {
        id,
        to,
        words,
        parting: None,
    }
}

/// A list as its register has it.
#[derive(Default)]
pub(super) struct List(pub(super) LockRegister);

impl List {
    pub(super) fn step(
        &mut self,
        who: &str,
        secs: u64,
        mut step: TaskStep,
    ) -> Result<Decision, Denied> {
        let me = actor(who);
        if let TaskStep::Take { asks, .. } = &mut step
            && !asks.is_whole
        {
            **asks = Recipient::by_name(&me);
        }
        let policy = TakeoverPolicy {
            now: at(secs),
            margin_secs: MARGIN_SECS,
            holder_is_dead: &|_| false,
            program_is_gone: &|_| false,
            is_mine: &|lock| lock.is_of(&me),
            offers: OfferPolicy::BY_NAME,
        };
        let request = TaskRequest::new(main_list(), step, Vec::new());
        let request = Request::Tasks(Box::new(request));
        let registers = [("cell".to_owned(), self.0.clone())];
        let decided = decide(&registers, &me, &request, &policy, &|_| "cell".to_owned())?;
        if let Some((_, register, _)) = decided.changed.first() {
            self.0 = register.clone();
        }
        Ok(decided)
    }

    pub(super) fn holder(&self, letter: char) -> Option<String> {
        let lock = self.0.lock_on(&resource_of(&main_list(), &id(letter)))?;
        Some(lock.holder.id.as_str().to_owned())
    }
}

pub(super) fn denied(done: Result<Decision, Denied>) -> String {
    match done.unwrap_err() {
        Denied::Task(why) => why.to_string(),
        Denied::Held(lock) => format!("held by {}", lock.holder.id),
        other => format!("{other:?}")
            .split(['(', ' '])
            .next()
            .unwrap()
            .to_owned(),
    }
}

fn transition(done: &Decision) -> Transition {
    let (_, _, event) = done.changed.first().unwrap();
    event.kind.details().transition.unwrap()
}

#[test]
fn tasks_are_given_out_in_order_and_a_need_comes_first() {
    let mut list = List::default();
    list.step("ann", 0, add("a b<a c")).unwrap();
    let taken = list.step("ann", 1, take(None)).unwrap();
    assert_eq!(taken.tasks, [id('a')]);
    let moved = Transition {
        from: Some(TaskState::Open),
        to: Some(TaskState::Held),
        cause: Cause::Take,
    };
    assert_eq!(transition(&taken), moved);
    assert_eq!(list.step("bob", 2, take(None)).unwrap().tasks, [id('c')]);
    let none = denied(list.step("cat", 3, take(None)));
    assert_eq!(
        none,
        "no task is ready: 2 held, 1 waiting for others, 0 blocked"
    );
    let early = denied(list.step("cat", 3, take(Some('b'))));
    assert_eq!(early, "task bbbbbbbb needs aaaaaaaa first");
    // The session that has one gets that again.
    assert_eq!(list.step("ann", 4, take(None)).unwrap().tasks, [id('a')]);
    let stale = denied(list.step("bob", 5, end('a', TaskState::Done)));
    assert_eq!(stale, "held by ann");
    list.step("ann", 5, end('a', TaskState::Done)).unwrap();
    assert_eq!(list.step("ann", 6, take(None)).unwrap().tasks, [id('b')]);
    list.step("ann", 7, end('b', TaskState::Done)).unwrap();
    list.step("bob", 7, end('c', TaskState::Done)).unwrap();
    assert_eq!(
        denied(list.step("ann", 8, take(None))),
        "no task is left: all are done or dropped"
    );
    let over = denied(list.step("ann", 8, end('a', TaskState::Done)));
    assert_eq!(over, "task aaaaaaaa is done already");
    assert!(list.0.locks.is_empty() && list.0.tasks.finished.len() == 3);
}

#[test]
fn an_expired_hold_is_open_again_with_what_was_said() {
    let mut list = List::default();
    list.step("ann", 0, add("a")).unwrap();
    list.step("ann", 0, take(None)).unwrap();
    list.step("ann", 1, end('a', TaskState::Open)).unwrap();
    let taken = list.step("bob", 2, take(None)).unwrap();
    let first = taken.locks[0].token;
    let task = &list.0.tasks.tasks[0];
    assert_eq!(task.last.as_ref().unwrap().by.as_str(), "ann");
    assert_eq!(task.attempts, 2);
    let held = 2 + 60 + MARGIN_SECS;
    assert!(list.step("cat", held, take(None)).is_err());
    let taken = list.step("cat", held + 1, take(None)).unwrap();
    assert_eq!(transition(&taken).cause, Cause::Takeover);
    assert!(taken.locks[0].token > first);
    let stale = denied(list.step("bob", held + 2, end('a', TaskState::Done)));
    assert_eq!(stale, "held by cat");
    assert_eq!(list.holder('a').as_deref(), Some("cat"));
}

#[test]
fn a_task_that_is_blocked_or_dropped_is_not_given_out() {
    let mut list = List::default();
    list.step("ann", 0, add("a b<a")).unwrap();
    list.step("ann", 0, take(None)).unwrap();
    list.step("ann", 1, end('a', TaskState::Blocked)).unwrap();
    assert_eq!(
        denied(list.step("bob", 2, take(Some('a')))),
        "task aaaaaaaa waits for a person: \"so it is\""
    );
    let unblock = |letter| TaskStep::Edit {
        id: id(letter),
        title: None,
        priority: Some(1),
        to: None,
        unblock: true,
    };
    list.step("bob", 3, unblock('a')).unwrap();
    list.step("bob", 4, take(Some('a'))).unwrap();
    assert_eq!(
        denied(list.step("ann", 5, end('a', TaskState::Dropped))),
        "held by bob"
    );
    let dropped = list.step("bob", 5, end('a', TaskState::Dropped)).unwrap();
    assert_eq!(transition(&dropped).cause, Cause::Drop);
    // What needed it waits for a person: it would never be ready, and must not be by itself.
    let waits = denied(list.step("bob", 6, take(None)));
    assert_eq!(
        waits,
        "no task is ready: 0 held, 0 waiting for others, 1 blocked"
    );
    // What no session holds is dropped without a hold, and done by none.
    assert_eq!(
        denied(list.step("ann", 7, end('b', TaskState::Done))),
        "Free"
    );
    list.step("ann", 7, end('b', TaskState::Dropped)).unwrap();
    assert!(list.0.tasks.tasks.is_empty());
}

#[test]
fn a_drained_list_gives_nothing_new_out() {
    let mut list = List::default();
    list.step("ann", 0, add("a b")).unwrap();
    list.step("ann", 0, take(None)).unwrap();
    list.step("ann", 1, TaskStep::Drain(true)).unwrap();
    let drained = "the list is drained: nothing new is given out";
    assert_eq!(denied(list.step("bob", 2, take(None))), drained);
    list.step("ann", 2, take(None)).unwrap();
    list.step("ann", 3, end('a', TaskState::Done)).unwrap();
    assert_eq!(denied(list.step("ann", 4, take(None))), drained);
    list.step("bob", 5, TaskStep::Drain(false)).unwrap();
    assert!(
        list.step("bob", 5, TaskStep::Drain(false))
            .unwrap()
            .changed
            .is_empty()
    );
    assert_eq!(list.step("bob", 6, take(None)).unwrap().tasks, [id('b')]);
}

#[test]
fn what_is_wrong_adds_nothing() {
    let mut list = List::default();
    for (text, why) in [
        ("a<b b<a", "the tasks aaaaaaaa, bbbbbbbb need each other"),
        ("a<a", "the tasks aaaaaaaa need each other"),
        ("a b<z", "there is no task zzzzzzzz in this list"),
    ] {
        assert_eq!(denied(list.step("ann", 0, add(text))), why, "{text}");
        assert!(!list.0.tasks.is_there(), "{text}");
    }
    let many = (0..257u16).map(|n| TaskSpec {
        id: TaskId::parse(&format!("t{n:07}")).unwrap(),
        ..new("t")
    });
    let many = adding(many.collect());
    let full = "a list has at most 256 tasks that are not done";
    assert_eq!(denied(list.step("ann", 0, many)), full);
}

#[test]
fn a_key_is_added_once_also_after_it_is_done() {
    let mut list = List::default();
    let keyed = |letter: &str, title: &str| {
        adding(vec![TaskSpec {
            title: words(title),
            key: Some(Key::parse("k").unwrap()),
            ..new(letter)
        }])
    };
    assert_eq!(
        list.step("ann", 0, keyed("a", "t")).unwrap().tasks,
        [id('a')]
    );
    let again = list.step("bob", 1, keyed("b", "t")).unwrap();
    assert!(again.changed.is_empty() && again.tasks == [id('a')]);
    let other = denied(list.step("bob", 1, keyed("b", "other")));
    assert_eq!(other, "a task with the key k says something else");
    // A new task may need one that is done.
    list.step("ann", 2, take(None)).unwrap();
    list.step("ann", 2, end('a', TaskState::Done)).unwrap();
    assert!(
        list.step("bob", 3, keyed("b", "t"))
            .unwrap()
            .changed
            .is_empty()
    );
    list.step("bob", 4, add("c<a")).unwrap();
    assert_eq!(list.step("bob", 5, take(None)).unwrap().tasks, [id('c')]);
}

proptest! {
    /// Whatever several sessions do in whatever order, a task has one holder at a time, tokens
    /// grow, no need is passed over, and what is done stays done.
    #[test]
    fn no_task_has_two_holders_and_no_need_is_passed(
        moves in proptest::collection::vec((0usize..3, 0usize..7, 0usize..5, 0u64..70), 1..60)
    ) {
        let mut list = List::default();
        list.step("ann", 0, add("a b<a c<ab d e<d")).unwrap();
        let needs = [("b", "a"), ("c", "a"), ("c", "b"), ("e", "d")];
        let mut done: Vec<char> = Vec::new();
        let mut top = Token::default();
        let mut held: BTreeMap<char, (String, u64)> = BTreeMap::new();
        let mut secs = 0;
        for (who, what, task, later) in moves {
            secs += later;
            let name = ["ann", "bob", "cat"][who];
            let letter = ['a', 'b', 'c', 'd', 'e'][task];
            let step = match what {
                0 | 1 => take(None),
                2 => take(Some(letter)),
                3 => end(letter, TaskState::Done),
                4 => end(letter, TaskState::Open),
                5 => end(letter, TaskState::Blocked),
                _ => TaskStep::Edit { id: id(letter), title: None, priority: None, to: None, unblock: true },
            };
            let is_take = matches!(step, TaskStep::Take { .. });
            let before = list.0.clone();
            let Ok(decided) = list.step(name, secs, step) else {
                prop_assert_eq!(&list.0, &before, "what is denied changes nothing");
                continue;
            };
            prop_assert!(list.0.is_sound());
            if is_take {
                let taken = decided.tasks[0].as_str().chars().next().unwrap();
                prop_assert!(!done.contains(&taken), "done is done");
                for (one, need) in needs {
                    let is_its = one.starts_with(taken);
                    prop_assert!(!is_its || done.contains(&need.chars().next().unwrap()));
                }
                let lock = &decided.locks[0];
                if let Some((holder, until)) = held.get(&taken)
                    && holder != name
                {
                    prop_assert!(until + MARGIN_SECS < secs, "{holder} still has {taken}");
                }
                if transition_of(&decided).is_some() {
                    prop_assert!(lock.token > top, "tokens grow");
                    top = lock.token;
                }
                held.insert(taken, (name.to_owned(), secs + 60));
            } else if what < 6 {
                prop_assert!(held.get(&letter).is_none_or(|(holder, _)| holder == name)
                    || before.lock_on(&resource_of(&main_list(), &id(letter)))
                        .is_none_or(|lock| !lock.is_live(at(secs))));
                held.remove(&letter);
                if what == 3 {
                    done.push(letter);
                }
            }
        }
    }
}

fn transition_of(done: &Decision) -> Option<Transition> {
    let (_, _, event) = done.changed.first()?;
    event.kind.details().transition
}
