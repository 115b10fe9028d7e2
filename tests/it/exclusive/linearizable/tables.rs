//! Histories made by hand, good ones and bad ones.
//!
//! Owns the proof that the checker finds each thing that it looks for, and nothing in a history in
//! which all is as it has to be. Never runs the program.

use super::TERMS;
use super::by_hand::Remote;
use super::by_hand::{FILE, SRC, X, claim, fence, found, op, push, release, remote};
use super::check::{Terms, check, spans};
use super::history::{Kind, Operation, Outcome};
use super::workload::{MARGIN_MILLIS, TTL_MILLIS};

const GONE: i64 = TTL_MILLIS + MARGIN_MILLIS + 1;

/// Two grants after each other, as the remote has them.
fn one_after_the_other() -> Remote {
    let mut remote = remote();
    remote.has(X, 5, &[("a", X, 5)]).has(X, 9, &[("b", X, 9)]);
    remote
}

#[test]
fn nothing_is_wrong_with_nothing() {
    assert_eq!(found(&[], &remote()), [""; 0]);
}

#[test]
fn one_holder_after_the_other() {
    let a = claim("a0", X, (0, 10), 5);
    let b = claim("b1", X, (TTL_MILLIS, TTL_MILLIS + 9), 9);
    let remote = one_after_the_other();
    assert_eq!(found(&[a.clone(), b], &remote), [""; 0]);
    // The lease ends the sooner the longer the request was on its way.
    let early = claim("b1", X, (TTL_MILLIS - 9, TTL_MILLIS), 9);
    assert_eq!(found(&[a.clone(), early], &remote), [""; 0]);
    let earlier = claim("b1", X, (TTL_MILLIS - 9, TTL_MILLIS - 1), 9);
    assert_eq!(found(&[a, earlier], &remote), ["two holders"]);
}

#[test]
fn two_at_once() {
    let remote = one_after_the_other();
    let both = |b: &str| [claim("a0", X, (0, 10), 5), claim(b, X, (20, 30), 9)];
    assert_eq!(found(&both("b1"), &remote), ["two holders"]);
    // The same session id in another clone is another session, and the remote has only one of them.
    let twin = [claim("a0", X, (0, 10), 5), claim("a1", X, (20, 30), 5)];
    let wrong = ["two holders", "token did not grow"];
    assert_eq!(found(&twin, &remote), wrong);
}

#[test]
fn who_was_never_told_holds_nothing() {
    let remote = one_after_the_other();
    let b = claim("b1", X, (20, 30), 9);
    for outcome in [Outcome::Unknown, Outcome::Refused] {
        let a = op("a0", Kind::Claim, X, (0, 10), outcome);
        assert_eq!(found(&[a, b.clone()], &remote), [""; 0]);
    }
    let mut ended = claim("a0", X, (0, 10), 5);
    ended.is_last = true;
    assert_eq!(found(&[ended, b], &remote), [""; 0]);
}

#[test]
fn a_release_ends_it_when_it_begins_whatever_becomes_of_it() {
    let remote = one_after_the_other();
    let (a, b) = (claim("a0", X, (0, 10), 5), claim("b1", X, (25, 30), 9));
    for outcome in [Outcome::Granted(0), Outcome::Refused, Outcome::Unknown] {
        let released = release("a0", (30, 40), outcome);
        assert_eq!(found(&[a.clone(), released, b.clone()], &remote), [""; 0]);
    }
    for too_late_or_not_its in [
        release("a0", (31, 40), Outcome::Granted(0)),
        release("b1", (11, 12), Outcome::Granted(0)),
        op("a0", Kind::Release, SRC, (11, 12), Outcome::Granted(0)),
    ] {
        let all = [a.clone(), too_late_or_not_its, b.clone()];
        assert_eq!(found(&all, &remote), ["two holders"]);
    }
}

#[test]
fn a_release_that_was_over_before_is_about_something_else() {
    let mut remote = one_after_the_other();
    remote.has(X, 12, &[("a", X, 12)]);
    let again = claim("a0", X, (60, 70), 12);
    let all = [
        claim("a0", X, (0, 10), 5),
        release("a0", (12, 20), Outcome::Granted(0)),
        claim("b1", X, (30, 40), 9),
        again,
    ];
    assert_eq!(found(&all, &remote), ["two holders"]);
}

#[test]
fn a_grant_that_was_taken_away() {
    let forced = |token, outcome| op("c2", Kind::Override { token }, X, (15, 18), outcome);
    let both = [claim("a0", X, (0, 10), 5), claim("b1", X, (20, 30), 9)];
    let with = |force: Operation| [both[0].clone(), force, both[1].clone()];
    let mut remote = remote();
    remote.has(X, 5, &[("a", X, 5)]);
    remote.has(X, 5, &[]).taken(5).has(X, 9, &[("b", X, 9)]);
    // It counts when it came into force, whether or not a session heard of it.
    for outcome in [Outcome::Granted(5), Outcome::Unknown, Outcome::Refused] {
        assert_eq!(found(&with(forced(5, outcome)), &remote), [""; 0]);
    }
    let of_another = forced(4, Outcome::Granted(4));
    assert_eq!(found(&with(of_another), &remote), ["two holders"]);
    let in_vain = with(forced(5, Outcome::Unknown));
    assert_eq!(found(&in_vain, &one_after_the_other()), ["two holders"]);
}

#[test]
fn paths_that_overlap_are_one_thing() {
    let mut remote = remote();
    remote.has(SRC, 5, &[("a", SRC, 5)]);
    remote.has(SRC, 9, &[("a", SRC, 5), ("b", FILE, 9)]);
    remote.has(X, 7, &[("b", X, 7)]);
    let (a, b) = (claim("a0", SRC, (0, 10), 5), claim("b1", FILE, (20, 30), 9));
    assert_eq!(found(&[a.clone(), b], &remote), ["two holders"]);
    assert_eq!(found(&[a, claim("b1", X, (20, 30), 7)], &remote), [""; 0]);
}

#[test]
fn a_push_renews_and_a_fence_shows() {
    let mut remote = remote();
    remote.has(X, 5, &[("a", X, 5)]);
    remote.has(X, 5, &[("a", X, 5)]).code("work", false);
    remote.has(X, 9, &[("b", X, 9)]);
    let a = claim("a0", X, (0, 10), 5);
    let pushed = push("a0", "work", (100, 110), Outcome::Granted(5));
    let at = |begin| claim("b1", X, (begin, begin + 5), 9);
    let all = |b| [a.clone(), pushed.clone(), b];
    assert_eq!(found(&all(at(100 + TTL_MILLIS)), &remote), [""; 0]);
    assert_eq!(found(&all(at(90 + TTL_MILLIS)), &remote), ["two holders"]);
    let killed = push("a0", "work", (100, 110), Outcome::Unknown);
    let b = at(90 + TTL_MILLIS);
    assert_eq!(found(&[a.clone(), killed, b.clone()], &remote), [""; 0]);
    // It counts on it for a reason that is not recorded.
    let killed = push("a0", "work", (100, 110), Outcome::Unknown);
    let shown = |begin| fence("a0", false, (begin, begin + 100), 5);
    let all = |begin| [a.clone(), killed.clone(), shown(begin), b.clone()];
    assert_eq!(found(&all(94 + TTL_MILLIS), &remote), [""; 0]);
    assert_eq!(found(&all(96 + TTL_MILLIS), &remote), ["two holders"]);
}

#[test]
fn a_fence_after_a_release_in_doubt() {
    let remote = one_after_the_other();
    let all = |remote: bool, outcome| {
        [
            claim("a0", X, (0, 10), 5),
            release("a0", (12, 20), outcome),
            claim("b1", X, (30, 40), 9),
            fence("a0", remote, (50, 60), 5),
        ]
    };
    let wrong = ["two holders"];
    assert_eq!(found(&all(false, Outcome::Unknown), &remote), wrong);
    assert_eq!(found(&all(true, Outcome::Unknown), &remote), wrong);
    assert_eq!(found(&all(false, Outcome::Granted(0)), &remote), wrong);
}

#[test]
fn clocks_that_are_further_apart_than_the_margin() {
    let remote = one_after_the_other();
    let all = [
        claim("a0", X, (0, 10), 5),
        claim("b1", X, (TTL_MILLIS - 100, TTL_MILLIS - 50), 9),
    ];
    for (overlap_max_millis, wrong) in [(0, 1), (49, 1), (50, 0)] {
        let terms = Terms {
            overlap_max_millis,
            ..TERMS
        };
        assert_eq!(check(&all, &remote.landed, &terms).len(), wrong);
    }
}

#[test]
fn tokens_grow() {
    let mut remote = remote();
    remote.has(X, 9, &[("a", X, 9)]).has(X, 9, &[]);
    // Each of these was told, and the remote cannot have given both.
    let told = |token| {
        let a = claim("a0", X, (0, 10), 9);
        let b = claim("b1", X, (GONE, GONE + 5), token);
        let wrong = found(&[a, b], &remote);
        wrong.contains(&"token did not grow")
    };
    assert!(told(8) && told(9) && !told(10));
    let renewed = [claim("a0", X, (0, 10), 9), claim("a0", X, (20, 30), 9)];
    assert_eq!(found(&renewed, &remote), [""; 0]);
    // Of two that were asked for at once either may be first.
    let at_once = [claim("a0", X, (0, 10), 9), claim("a0", X, (5, 30), 8)];
    assert_eq!(found(&at_once, &remote), ["grant is missing"]);
}

#[test]
fn the_remote_gives_no_token_out_twice() {
    let again = ["token given out again"];
    let of = |remote: &Remote| found(&[], remote);
    let mut reused = remote();
    reused.has(X, 9, &[("a", X, 9)]).has(X, 9, &[("b", X, 9)]);
    assert_eq!(of(&reused), again);
    let mut sunk = remote();
    sunk.has(X, 9, &[("a", X, 9)]).has(X, 3, &[]);
    assert_eq!(of(&sunk), again);
    let mut beyond = remote();
    beyond.has(X, 9, &[("a", X, 10)]);
    assert_eq!(of(&beyond), again);
    let mut fine = remote();
    fine.has(X, 9, &[("a", X, 9)]).has(X, 9, &[("a", X, 9)]);
    fine.has(X, 9, &[]).has(X, 10, &[("a", X, 10)]);
    assert_eq!(of(&fine), [""; 0]);
}

#[test]
fn each_move_begins_where_the_last_one_ended() {
    let mut remote = one_after_the_other();
    remote.last().changes[0].from = "elsewhere".to_owned();
    assert_eq!(found(&[], &remote), ["not swapped"]);
}

#[test]
fn a_grant_that_the_remote_does_not_have() {
    let remote = one_after_the_other();
    let missing = ["grant is missing"];
    for wrong in [
        claim("a0", X, (0, 10), 6),
        claim("a0", X, (0, 10), 9),
        claim("a0", SRC, (0, 10), 5),
    ] {
        assert_eq!(found(&[wrong], &remote), missing);
    }
    // It had it for a moment, and what is there now does not come from it.
    let mut replaced = one_after_the_other();
    replaced.landed.kept.clear();
    assert_eq!(found(&[claim("a0", X, (0, 10), 5)], &replaced), missing);
}

#[test]
fn code_lands_only_under_the_token_that_is_in_force() {
    let mut taken_over = one_after_the_other();
    taken_over.code("work", true);
    let pushed = |outcome| [push("a0", "work", (100, 110), outcome)];
    let stale = ["stale push landed"];
    assert_eq!(found(&pushed(Outcome::Granted(5)), &taken_over), stale);
    assert_eq!(found(&pushed(Outcome::Unknown), &taken_over), stale);
    let mut released = remote();
    released.has(X, 5, &[("a", X, 5)]).has(X, 5, &[]);
    released.code("work", true);
    assert_eq!(found(&pushed(Outcome::Unknown), &released), stale);
    let mut never = remote();
    never.code("work", true);
    assert_eq!(found(&pushed(Outcome::Unknown), &never), stale);
    // Of the same session, but granted anew since.
    let mut anew = remote();
    anew.has(X, 5, &[("a", X, 5)]).has(X, 9, &[("a", X, 9)]);
    anew.code("work", true);
    assert_eq!(found(&pushed(Outcome::Granted(5)), &anew), stale);
    let mut fine = remote();
    fine.has(X, 5, &[("a", X, 5)]);
    fine.has(X, 5, &[("a", X, 5)]).code("work", false);
    assert_eq!(found(&pushed(Outcome::Granted(5)), &fine), [""; 0]);
    assert_eq!(found(&pushed(Outcome::Unknown), &fine), [""; 0]);
}

#[test]
fn a_push_is_told_as_what_it_was() {
    let mut landed = remote();
    landed.has(X, 5, &[("a", X, 5)]);
    landed.has(X, 5, &[("a", X, 5)]).code("work", false);
    let mut nothing = remote();
    nothing.has(X, 5, &[("a", X, 5)]);
    let pushed = |outcome| [push("a0", "work", (100, 110), outcome)];
    let wrong = ["push misjudged"];
    assert_eq!(found(&pushed(Outcome::Refused), &landed), wrong);
    assert_eq!(found(&pushed(Outcome::Granted(5)), &nothing), wrong);
    assert_eq!(found(&pushed(Outcome::Refused), &nothing), [""; 0]);
    assert_eq!(found(&pushed(Outcome::Unknown), &nothing), [""; 0]);
}

#[test]
fn a_look_shows_what_was_taken_away() {
    let mut remote = remote();
    remote.has(X, 5, &[("a", X, 5)]).has(X, 5, &[]).taken(5);
    let a = claim("a0", X, (0, 10), 5);
    let taken = Outcome::Granted(5);
    let force = op("c2", Kind::Override { token: 5 }, X, (15, 18), taken);
    let all = |looks, begin| [a.clone(), force.clone(), fence("a0", looks, (begin, 40), 5)];
    assert_eq!(found(&all(true, 20), &remote), ["fenced after override"]);
    // Without a look it cannot know; and of two at once either may be first.
    assert_eq!(found(&all(false, 20), &remote), [""; 0]);
    assert_eq!(found(&all(true, 17), &remote), [""; 0]);
}

#[test]
fn a_span_is_as_long_as_it_may_be_counted_on() {
    let a = claim("a0", X, (100, 250), 5);
    let spans = spans(&[a], &one_after_the_other().landed, &TERMS);
    let [span] = spans.as_slice() else {
        panic!("{spans:?}");
    };
    assert_eq!((span.from, span.until), (250, 100 + TTL_MILLIS));
}

#[test]
fn what_is_offered_to_one_is_granted_to_no_other() {
    let offered = |to: &str, until: i64| {
        let mut remote = remote();
        remote
            .has(X, 5, &[("a", X, 5)])
            .has(X, 5, &[])
            .offered(X, to, until);
        remote.has(X, 9, &[("b", X, 9)]);
        remote
    };
    let all = |begin: i64| {
        let a = claim("a0", X, (0, 10), 5);
        let released = release("a0", (20, 30), Outcome::Granted(0));
        [a, released, claim("b0", X, (begin, begin + 5), 9)]
    };
    assert_eq!(found(&all(100), &offered("b", 999)), [""; 0]);
    assert_eq!(found(&all(100), &offered("c", 999)), ["granted to another"]);
    assert_eq!(found(&all(100), &offered("c", 100)), [""; 0], "it was over");
    // By the clock of the clone that asks, which is ahead here.
    let mut ahead = all(100);
    ahead[2].who.clone = 1;
    assert_eq!(found(&ahead, &offered("c", 150_100)), [""; 0]);
    assert_eq!(
        found(&ahead, &offered("c", 150_101)),
        ["granted to another"]
    );
    // What overlaps it is offered, too; what was not told may have been later.
    let mut remote = remote();
    remote.has(SRC, 5, &[]).offered(SRC, "c", 999);
    remote.has(SRC, 9, &[("b", FILE, 9)]);
    let told = claim("b0", FILE, (100, 105), 9);
    assert_eq!(
        found(std::slice::from_ref(&told), &remote),
        ["granted to another"]
    );
    let untold = op("b0", Kind::Claim, FILE, (100, 105), Outcome::Unknown);
    assert_eq!(found(&[untold], &remote), [""; 0]);
}

#[test]
fn a_handoff_stays_until_the_next_one() {
    let mut remote = remote();
    remote
        .has(X, 5, &[("a", X, 5)])
        .has(X, 5, &[])
        .left(X, "one");
    remote.has(X, 9, &[("b", X, 9)]).left(X, "one");
    remote.has(X, 9, &[]).left(X, "two");
    assert_eq!(found(&[], &remote), [""; 0]);
    remote.has(X, 12, &[("c", X, 12)]);
    assert_eq!(found(&[], &remote), ["handoff is lost"]);
}
