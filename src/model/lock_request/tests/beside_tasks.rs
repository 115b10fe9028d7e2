//! Owns the tests of what is granted and released beside a list: a task by its label, and what is
//! claimed with one.

use super::super::*;
use super::tasks::{List, MARGIN_SECS, actor, add, adding, at, id, main_list, new, words};
use crate::model::offer::OfferPolicy;
use crate::model::task::{TaskDenied, TaskSpec, resource_of};
use crate::model::time::Ttl;

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
