//! Wishes that could not be decided when they were made.
//!
//! Owns what becomes of a claim made offline: it is no claim, it is seen as a wish, and it is
//! decided at the next sync as if it was made then. Never waits: `waits` does.

use super::{LAPSE_AND_MARGIN, ask, held, take};
use crate::machines::Team;
use crate::world::{ALICE, BOB};

const OFFLINE: &str = "claim -x infra:x --purpose p --allow-unconfirmed";

#[test]
fn a_wish_is_granted_by_the_next_sync() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(&ask("infra:x"))
        .fails(5, "origin did not decide")
        .hints("your wish is on record");
    assert_eq!(held(&a), []);
    a.alice("list").says("(waiting)");
    a.alice("fence infra:x").exits(3);
    team.back();
    a.anyone("sync")
        .says(&format!("granted to {ALICE}: infra:x alone"));
    a.alice("fence infra:x").says("Yours");
    a.alice("list").omits("(waiting)");
    b.bob(&ask("infra:x")).refuses(ALICE);
    a.alice("release infra:x").done();
    b.bob(&ask("infra:x")).done();
}

#[test]
fn a_wish_is_enough_for_who_says_so() {
    let (team, a, _) = Team::pair();
    team.away();
    let said = a.alice(OFFLINE);
    said.says("Wished for infra:x");
    said.tells("origin did not decide");
    let said = a.alice(&format!("{OFFLINE} --json")).done().json();
    assert_eq!(said["claims"][0]["mode"], "waiting");
    assert!(said["claims"][0]["token"].is_null(), "{said}");
    assert_eq!(held(&a), []);
}

/// It is decided, not replayed: somebody else was granted it meanwhile.
#[test]
fn a_wish_that_came_too_late_goes_on_waiting() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(OFFLINE).done();
    team.back();
    take(&b, BOB, "infra:x");
    a.anyone("sync").omits("granted");
    a.alice("fence infra:x").exits(3);
    b.anyone("sync").done();
    b.bob("list").says("(waiting)");
    b.bob("release infra:x").done();
    a.anyone("sync").says("granted to");
    a.alice("fence infra:x").says("Yours");
}

#[test]
fn a_wish_lapses_like_a_claim() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(OFFLINE).done();
    a.later(LAPSE_AND_MARGIN);
    team.back();
    a.anyone("sync").omits("granted");
    take(&b, BOB, "infra:x");
}

#[test]
fn a_wish_can_be_taken_back() {
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
fn several_wishes_of_one_command_are_granted_together() {
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
    said.says("infra:x alone").says("infra:y alone");
}

/// Who comes first when both wished offline: who wished first.
#[test]
fn of_two_wishes_the_earlier_one_is_granted() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(OFFLINE).done();
    a.later("1s");
    b.bob(OFFLINE).done();
    team.back();
    a.anyone("sync --push-only").done();
    b.anyone("sync").omits("granted to wizard@devvm@bob");
    a.anyone("sync").done();
    b.bob("fence infra:x").exits(3);
    a.alice("fence infra:x").says("Yours");
}

/// What is mine already needs no wish.
#[test]
fn a_renewal_is_no_wish() {
    let (team, a, _) = Team::pair();
    take(&a, ALICE, "infra:x");
    team.away();
    a.alice(&ask("infra:x")).fails(5, "origin did not decide");
    a.alice("list").omits("(waiting)");
}

/// A remote that says no will not say yes at the next sync.
#[test]
fn a_refusing_remote_gets_no_wishes() {
    let (team, a, _) = Team::pair();
    team.hook("pre-receive", "echo 'no locks here' >&2; exit 1");
    a.alice(OFFLINE).fails(5, "origin did not decide");
    a.alice("list").omits("(waiting)");
}
