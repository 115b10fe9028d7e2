//! Owns the tests of what is granted and released beside a list: a task by its label, and what is
//! claimed with one.

use super::super::*;
use super::tasks::{
    List, MARGIN_SECS, actor, add, adding, at, end, id, main_list, new, take, words,
};
use crate::model::offer::OfferPolicy;
use crate::model::task::{TaskDenied, TaskSpec, resource_of};
use crate::model::time::Ttl;
use crate::model::transition::TaskState;

#[test]
fn a_plain_grant_takes_no_task_that_is_not_ready() {
    let mut list = List::default();
    list.step("ann", 0, add("a b<a")).unwrap();
    let me = actor("bob");
    let policy = TakeoverPolicy {
        now: at(1),
        margin_secs: MARGIN_SECS,
        holder_is_dead: &|_| false,
        program_is_gone: &|_| false,
        is_mine: &|lock| lock.is_of(&me),
        offers: OfferPolicy::BY_NAME,
    };
    let wanted = |letter| GrantRequest {
        resource: resource_of(&main_list(), &id(letter)),
        purpose: words("p"),
        ttl: Ttl::from_secs(60).unwrap(),
    };
    let refused = list.0.grant(&me, &wanted('b'), &policy).unwrap_err();
    let needs = TaskDenied::Needs {
        id: id('b'),
        needs: vec![id('a')],
    };
    assert_eq!(refused, Denied::Task(Box::new(needs)));
    list.0.grant(&me, &wanted('a'), &policy).unwrap();
    assert!(list.0.grant(&me, &wanted('z'), &policy).is_err());
    // Nor what is claimed with something, nor from a drained list; what it has it may renew.
    let mut with = List::default();
    let claims = vec![Resource::parse("stack:x").unwrap()];
    let c = TaskSpec {
        claims: claims.clone(),
        ..new("c")
    };
    with.step("ann", 0, adding(vec![c, new("d")])).unwrap();
    let refused = with.0.grant(&me, &wanted('c'), &policy).unwrap_err();
    let alone = TaskDenied::Claims {
        id: id('c'),
        claims,
    };
    assert_eq!(refused, Denied::Task(Box::new(alone)));
    list.0.tasks.is_drained = true;
    list.0.grant(&me, &wanted('a'), &policy).unwrap();
    assert_eq!(list.0.tasks.find(&id('a')).unwrap().attempts, 1);
    with.0.tasks.is_drained = true;
    let refused = with.0.grant(&me, &wanted('d'), &policy).unwrap_err();
    assert_eq!(refused, Denied::Task(Box::new(TaskDenied::Drained)));
    // Where there is no list, it is a name like any other.
    let mut none = LockRegister::default();
    none.grant(&me, &wanted('z'), &policy).unwrap();
}

/// The registers of a list and of one resource.
struct Both(Vec<Named>);

impl Both {
    /// A list with the tasks `a` and `b`, which both claim `stack:x`.
    fn new() -> Self {
        let with = |letter| TaskSpec {
            claims: vec![stack()],
            ..new(letter)
        };
        let mut list = List::default();
        list.step("ann", 0, adding(vec![with("a"), with("b")]))
            .unwrap();
        let register = |label: &Resource| name_of(label);
        Self(vec![
            (register(&main_list()), list.0),
            (register(&stack()), LockRegister::default()),
        ])
    }

    fn ask(&mut self, request: &Request) -> Decision {
        let bob = actor("bob");
        let policy = TakeoverPolicy {
            now: at(1),
            margin_secs: MARGIN_SECS,
            holder_is_dead: &|_| false,
            program_is_gone: &|_| false,
            is_mine: &|lock| lock.is_of(&bob),
            offers: OfferPolicy::BY_NAME,
        };
        let decided = decide(&self.0, &bob, request, &policy, &name_of).unwrap();
        for (name, register, _) in &decided.changed {
            let mut all = self.0.iter_mut();
            all.find(|(other, _)| other == name).unwrap().1 = register.clone();
        }
        decided
    }

    fn step(&mut self, step: TaskStep, needed: Needed) -> Decision {
        let mut request = TaskRequest::new(main_list(), step, vec![wanted(stack())]);
        request.needed_elsewhere = needed;
        self.ask(&Request::Tasks(Box::new(request)))
    }

    /// Returns with which task `stack:x` is held, if it is.
    fn held(&self) -> Option<Option<Resource>> {
        let (_, register) = &self.0[1];
        register.lock_on(&stack()).map(|lock| lock.with.clone())
    }
}

fn stack() -> Resource {
    Resource::parse("stack:x").unwrap()
}

fn task(letter: char) -> Resource {
    resource_of(&main_list(), &id(letter))
}

fn name_of(resource: &Resource) -> String {
    match resource.label().starts_with("task:") {
        true => "list".to_owned(),
        false => "stack".to_owned(),
    }
}

fn wanted(resource: Resource) -> GrantRequest {
    GrantRequest {
        resource,
        purpose: words("p"),
        ttl: Ttl::from_secs(60).unwrap(),
    }
}

#[test]
fn what_was_granted_with_a_task_ends_with_the_last_task_that_needs_it() {
    for ended in [TaskState::Done, TaskState::Open, TaskState::Blocked] {
        let mut both = Both::new();
        both.step(take(Some('a')), Vec::new());
        assert_eq!(both.held(), Some(Some(task('a'))));
        both.step(take(Some('b')), Vec::new());
        assert_eq!(both.held(), Some(Some(task('a'))), "it is renewed");
        let kept = both.step(end('a', ended), Vec::new()).kept;
        assert_eq!((kept, both.held()), (vec![stack()], Some(Some(task('b')))));
        let ends = both.step(end('b', ended), Vec::new());
        assert_eq!((ends.kept, both.held()), (Vec::new(), None));
        assert!(ends.locks.iter().any(|lock| lock.resource == stack()));
        // The second one, of another list.
        let other = Resource::parse("task:other/cccccccc").unwrap();
        let mut both = Both::new();
        both.step(take(Some('a')), Vec::new());
        let needed = vec![(stack(), other.clone())];
        let kept = both.step(end('a', ended), needed).kept;
        assert_eq!((kept, both.held()), (vec![stack()], Some(Some(other))));
    }
}

#[test]
fn a_need_that_was_dropped_is_told_also_of_what_is_blocked() {
    let mut list = List::default();
    list.step("ann", 0, add("a b c<ab")).unwrap();
    list.step("ann", 1, end('c', TaskState::Blocked)).unwrap();
    for (letter, why) in [
        ('a', "it needs aaaaaaaa, which was dropped; so it is"),
        (
            'b',
            "it needs bbbbbbbb, which was dropped; it needs aaaaaaaa, which was dropped; so it is",
        ),
    ] {
        list.step("ann", 2, end(letter, TaskState::Dropped))
            .unwrap();
        let task = list.0.tasks.find(&id('c')).unwrap();
        assert_eq!(task.blocked.as_ref().unwrap().as_str(), why);
    }
}

#[test]
fn what_a_session_held_before_a_task_stays_after_it() {
    for ended in [TaskState::Done, TaskState::Open, TaskState::Dropped] {
        let mut both = Both::new();
        both.ask(&Request::Grant(vec![wanted(stack())]));
        if ended != TaskState::Dropped {
            both.step(take(Some('a')), Vec::new());
        }
        let kept = both.step(end('a', ended), Vec::new()).kept;
        assert_eq!((kept, both.held()), (vec![stack()], Some(None)));
    }
}
