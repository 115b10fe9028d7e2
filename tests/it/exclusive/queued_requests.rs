//! Queued requests, which could not be decided when they were made.
//!
//! Owns what becomes of a claim made offline: it is no claim, it is shown as a queued request, and
//! it is decided at the next sync as if it was made then. Never waits: `waits` does.

use super::{TTL_AND_MARGIN, ask, held, take};
use crate::machines::Team;
use crate::world::{ALICE, BOB};

const OFFLINE: &str = "claim -x infra:x --purpose p --allow-unconfirmed";

#[test]
fn a_queued_request_is_granted_by_the_next_sync() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(&ask("infra:x --wait=1s"))
        .fails(5, "origin did not decide")
        .hints("the request is queued");
    assert_eq!(held(&a), []);
    a.alice("list").says("waiting");
    a.alice("fence infra:x").exits(3);
    team.back();
    a.anyone("sync")
        .says(&format!("Granted to {ALICE} ("))
        .says("): infra:x exclusively");
    a.alice("fence infra:x").says("Yours");
    a.alice("list").omits("waiting");
    // The session is told by the next command that tells such things, once.
    let granted = "your queued request was granted at";
    a.alice("status").says(granted);
    a.alice("heartbeat").says(granted);
    a.alice("heartbeat").omits(granted);
    b.bob(&ask("infra:x")).refuses(ALICE);
    a.alice("release infra:x").done();
    b.bob(&ask("infra:x")).done();
}

#[test]
fn a_request_is_enough_for_a_caller_that_accepts_it() {
    let (team, a, _) = Team::pair();
    team.away();
    let said = a.alice(OFFLINE);
    said.says("Requested infra:x");
    said.tells("origin did not decide");
    let said = a.alice(&format!("{OFFLINE} --json")).done().json();
    assert_eq!(said["claims"][0]["mode"], "waiting");
    assert!(said["claims"][0]["token"].is_null(), "{said}");
    assert_eq!(held(&a), []);
}

/// It is decided, not replayed: another session was granted it meanwhile.
#[test]
fn a_queued_request_that_came_too_late_goes_on_waiting() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(OFFLINE).done();
    team.back();
    take(&b, BOB, "infra:x");
    a.anyone("sync").omits("granted");
    a.alice("fence infra:x").exits(3);
    b.anyone("sync").done();
    b.bob("list").says("waiting");
    b.bob("release infra:x").done();
    a.anyone("sync").says("Granted to");
    a.alice("fence infra:x").says("Yours");
}

#[test]
fn a_queued_request_expires_like_a_claim() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(OFFLINE).done();
    a.later(TTL_AND_MARGIN);
    team.back();
    a.anyone("sync").omits("granted");
    take(&b, BOB, "infra:x");
}

#[test]
fn a_queued_request_can_be_cancelled() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(OFFLINE).done();
    a.alice("release infra:x").done();
    team.back();
    a.anyone("sync").omits("granted");
    take(&b, BOB, "infra:x");
}

/// All or none, also later.
#[test]
fn several_queued_requests_of_one_command_are_granted_together() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice("claim -x infra:x infra:y --purpose p --allow-unconfirmed")
        .done();
    team.back();
    take(&b, BOB, "infra:y");
    a.anyone("sync").omits("granted");
    a.alice("fence infra:x").exits(3);
    b.bob("release infra:y").done();
    let said = a.anyone("sync");
    said.says("infra:x exclusively").says("infra:y exclusively");
}

/// Of two requests made offline the earlier one is granted.
#[test]
fn of_two_queued_requests_the_earlier_one_is_granted() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(OFFLINE).done();
    a.later("1s");
    b.bob(OFFLINE).done();
    team.back();
    a.anyone("sync --push-only").done();
    b.anyone("sync").omits("Granted to wizard@devvm@bob");
    a.anyone("sync").done();
    b.bob("fence infra:x").exits(3);
    a.alice("fence infra:x").says("Yours");
}

/// What is mine already needs no queued request.
#[test]
fn a_renewal_is_no_queued_request() {
    let (team, a, _) = Team::pair();
    take(&a, ALICE, "infra:x");
    team.away();
    a.alice(&ask("infra:x")).fails(5, "origin did not decide");
    a.alice("list").omits("waiting");
}

/// A remote that says no will not say yes at the next sync.
#[test]
fn a_refusing_remote_gets_no_queued_requests() {
    let (team, a, _) = Team::pair();
    team.hook("pre-receive", "echo 'no locks here' >&2; exit 1");
    a.alice(OFFLINE).fails(5, "origin did not decide");
    a.alice("list").omits("waiting");
}

/// A session that was told "no" does not hold it later, and neither does one of a command.
#[test]
fn without_a_word_about_it_nothing_is_queued() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(&ask("infra:x")).fails(5, "origin did not decide");
    a.alice("run -x infra:y -p p -- touch ran").exits(5);
    a.alice("run -x infra:y -p p --wait=1s -- touch ran")
        .exits(5);
    assert!(!a.has("ran"));
    a.alice("list").omits("waiting");
    team.back();
    a.anyone("sync").omits("granted");
    take(&b, BOB, "infra:x infra:y");
}
