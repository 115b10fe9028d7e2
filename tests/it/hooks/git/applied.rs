//! The `pre-apply` hook: the gate before a plan is applied.
//!
//! Owns who is let through: by what others claim, by what one claims oneself, and on which view.

use crate::machines::Team;
use crate::world::{ALICE, BOB, World};

#[test]
fn a_claim_of_another_session_stops_it() {
    let (_team, a, b) = Team::pair();
    b.bob("hook pre-apply stack:dns db:x").is_silent();
    a.alice("claim stack:dns --purpose \"move the zone\"")
        .done();
    b.bob("hook pre-apply db:x stack:dns")
        .refuses("stack:dns is claimed by wizard@devvm@alice")
        .refuses("move the zone")
        .hints("GIT_PRESENCE_BYPASS=");
    a.alice("hook pre-apply stack:dns")
        .warns("go on with stack:dns: you claim it");
    let json = b.bob("hook pre-apply stack:dns --json");
    assert_eq!(
        json.exits(3).json()["error"]["held_by"][0]["session_id"],
        ALICE
    );
    a.alice("release stack:dns").done();
    b.bob("hook pre-apply stack:dns").is_silent();
    a.alice("claim stack:dns --exclusive --purpose \"move the zone\"")
        .done();
    b.bob("hook pre-apply stack:dns").refuses("move the zone");
    a.later("16m");
    b.bob("hook pre-apply stack:dns").is_silent();
    b.bob("hook pre-apply nonsense").fails(129, "no type");
    b.bob("hook pre-apply").exits(129);
}

#[test]
fn a_queued_request_blocks_no_session() {
    let (_team, a, b) = Team::pair();
    a.alice("claim stack:dns --exclusive --purpose x").done();
    b.bob("claim stack:dns --exclusive --wait=1s --purpose y")
        .exits(4);
    a.alice("hook pre-apply stack:dns")
        .warns("go on with stack:dns: you alone have it");
}

#[test]
fn paths_that_overlap() {
    let (_team, a, b) = Team::pair();
    a.alice("claim path:modules/dns --purpose x").done();
    b.bob("hook pre-apply path:modules/**")
        .refuses("path:modules/dns");
    b.bob("hook pre-apply path:other").is_silent();
}

#[test]
fn where_a_claim_is_wanted() {
    let world = World::new();
    world.git("config presence.requireClaim true");
    world
        .bob("hook pre-apply stack:dns")
        .refuses("stack:dns is not claimed by you")
        .hints("git presence claim stack:dns");
    world.bob("claim stack:dns --purpose x").done();
    world
        .bob("hook pre-apply stack:dns")
        .warns("go on with stack:dns: you claim it");
    world.bob("hook pre-apply stack:dns db:x").refuses("db:x");
    world.bob("release stack:dns").done();
    world.bob("claim stack:dns --exclusive --purpose x").done();
    world
        .bob("hook pre-apply stack:dns")
        .warns("go on with stack:dns: you alone have it");
    world.later("16m");
    world
        .bob("hook pre-apply stack:dns")
        .refuses("not claimed by you");
}

#[test]
fn the_way_round() {
    let (_team, a, b) = Team::pair();
    a.alice("claim stack:dns --purpose x").done();
    let forced = b.with("GIT_PRESENCE_BYPASS", "the zone is down");
    let json = forced
        .bob("hook pre-apply stack:dns db:x --json")
        .done()
        .json();
    assert_eq!(json["bypassed"], "the zone is down");
    assert_eq!(json["others"][0]["session_id"], ALICE);
    a.alice("sync").done();
    let log = a.alice("log db:x --json").json();
    assert_eq!(log[0]["event"], "bypass");
    assert_eq!(log[0]["session_id"], BOB);
    assert_eq!(
        log[0]["resources"],
        serde_json::json!(["stack:dns", "db:x"])
    );
    // Of what is applied, only this is claimed by another session.
    assert_eq!(
        log[0]["around"],
        serde_json::json!([{ "session_id": ALICE, "resource": "stack:dns" }])
    );
    // Nothing of the holder's changed.
    b.bob("hook pre-apply stack:dns").refuses("stack:dns");
}

#[test]
fn without_the_remote_the_local_view_decides() {
    let (team, a, b) = Team::pair();
    a.alice("claim stack:dns --purpose x").done();
    b.bob("hook pre-apply stack:dns").refuses("stack:dns");
    team.away();
    b.bob("hook pre-apply stack:dns")
        .refuses("stack:dns")
        .hints("decided from local data of ");
    b.bob("hook pre-apply db:x")
        .warns("what origin has now is not known: the sync with origin failed");
    b.git("config presence.autoSync false");
    b.bob("hook pre-apply db:x")
        .warns("presence.autoSync is off");
}

#[test]
fn what_cannot_be_read_is_not_free() {
    let world = World::new();
    world.alice("claim stack:dns --purpose x").done();
    world.break_ref(&world.ref_of(ALICE), "");
    world
        .bob("hook pre-apply stack:dns")
        .refuses("unreadable record")
        .hints("doctor --repair");
    let forced = world.with("GIT_PRESENCE_BYPASS", "it is mine");
    forced.bob("hook pre-apply stack:dns").done();
}

#[test]
fn by_way_of_git() {
    let (_team, a, b) = Team::pair();
    b.bob("install").done();
    a.alice("claim stack:dns --purpose \"move the zone\"")
        .done();
    let bob = b.with("GIT_PRESENCE_SESSION", BOB);
    let unknown = match super::takes_hooks_from_config(&b) {
        true => "--allow-unknown-hook-name ",
        false => "",
    };
    let run = |what: &str| bob.try_git(&format!("hook run {unknown}pre-apply -- {what}"));
    run("stack:dns").fails(3, "move the zone");
    run("db:x").is_silent();
    run("nonsense").fails(129, "no type");
}
