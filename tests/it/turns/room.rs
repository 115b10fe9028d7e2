//! One room and several sessions: who has the turn, who is next, in which order.
//!
//! Owns the queue as the verbs about turns show and keep it. Tests that wait do so for real.

use super::{WORDS, pass, take, turn};
use crate::world::World;

/// A world in which time passes by itself.
fn real() -> World {
    World::new().without("GIT_PRESENCE_TEST_NOW")
}

#[test]
fn a_turn_is_an_exclusive_claim_of_three_quarters_of_an_hour() {
    let world = World::new();
    let free = turn(&world, "ann");
    assert_eq!(free["state"], "free");
    assert_eq!(free["reason"], "open");
    assert_eq!(free["next_command"], "git presence turn take");
    world.anyone("list").says("Nothing is claimed.");
    let mine = take(&world, "ann", "");
    assert_eq!(
        (&mine["granted"], &mine["state"]),
        (&true.into(), &"held".into())
    );
    assert_eq!(mine["expires_at"], "2026-11-21T10:45:00.000Z");
    world.anyone("list").says("turn:main").says("ann");
    let other = world.session("bob", "turn take --json").exits(3).json();
    assert_eq!(
        (&other["granted"], &other["reason"]),
        (&false.into(), &"held".into())
    );
    assert_eq!(other["holder"], "ann");
    assert_eq!(other["next_command"], "git presence turn take --wait");
    // Rooms are resources of their own.
    let room = take(&world, "bob", "deploy");
    assert_eq!(
        (&room["granted"], &room["resource"]),
        (&true.into(), &"turn:deploy".into())
    );
    world
        .session("cat", "turn turn:deploy")
        .says("is held by bob");
    // A plain claim of a turn is the same.
    world.later("50m");
    world
        .session("cat", "claim -x turn:main --purpose p")
        .says("until 11:35");
}

#[test]
fn the_holder_is_told_to_pass_it_and_no_other_session_can() {
    let world = World::new();
    take(&world, "ann", "");
    let mine = turn(&world, "ann");
    assert!(
        mine["next_command"]
            .as_str()
            .unwrap()
            .starts_with("git presence turn pass --status")
    );
    pass(&world, "bob", "").fails(3, "turn:main is claimed by ann");
    // It is not asked for words first.
    world
        .session("bob", "turn pass")
        .fails(3, "turn:main is claimed by ann");
    world
        .session("ann", "turn pass")
        .fails(129, "the next holder is told nothing")
        .hints("git presence turn pass --status");
    world
        .session("ann", "turn pass --status half")
        .fails(129, "it needs --status and --next");
    pass(&world, "ann", "")
        .says("Passed on: turn:main is free")
        .says("Next: git presence log --wait --for-me\n");
    take(&world, "ann", "deploy");
    pass(&world, "ann", "deploy").says("Next: git presence log --wait --for-me\n");
    pass(&world, "ann", "")
        .fails(3, "you do not hold turn:main")
        .hints("take it first, then pass it on: git presence turn take");
    pass(&world, "ann", "deploy").hints("git presence turn take turn:deploy");
}

#[test]
fn one_that_passes_it_on_is_told_who_is_next() {
    let world = World::new();
    take(&world, "ann", "");
    world.session("bob", "turn take --wait=1s").exits(4);
    pass(&world, "ann", "").says("Passed on: turn:main is free for bob, the first in line");
    world.session("cat", "turn").says("turn:main is free");
}

#[test]
fn who_waits_gets_it_with_the_handoff_and_in_turn() {
    let world = real();
    let waits = |who: &str| {
        format!(
            "(git-presence turn take --wait=20s --session {who} > {who}.out && echo {who} >> turns \
              && git-presence turn pass --session {who} --status \"by {who}\" --next on) & \
             until git-presence turn | grep -q '{who} (since'; do sleep 0.05; done; "
        )
    };
    let script = format!(
        "git-presence turn take --session ann; {}{} git-presence turn; \
         git-presence turn pass --session ann {WORDS}; wait; cat turns bob.out cat.out",
        waits("bob"),
        waits("cat")
    );
    let said = world.sh(&script);
    said.says("bob (since").says("\nbob\ncat\n");
    said.says("left by ann").says("\"the zone is half there\"");
    said.says("left by bob").says("\"by bob\"");
    let last = turn(&world, "ann");
    assert_eq!(last["state"], "free");
    assert_eq!(last["handoff"]["from"], "cat");
}

#[test]
fn right_after_a_release_only_the_first_in_line_is_granted() {
    let world = World::new();
    take(&world, "ann", "");
    // A place that is kept: its session asks again in a moment.
    world
        .session("bob", "turn take --wait=1s --json")
        .exits(4)
        .json();
    pass(&world, "ann", "").done();
    let early = world.session("cat", "turn take --json").exits(3).json();
    assert_eq!(
        (&early["reason"], &early["state"]),
        (&"queued".into(), &"free".into())
    );
    world
        .session("cat", "claim -x turn:main --purpose p")
        .fails(3, "turn:main: it is the turn of bob")
        .hints("git presence turn take --wait");
    // Who just had it stands behind everybody.
    world.session("ann", "turn take").exits(3);
    let first = take(&world, "bob", "");
    assert_eq!(first["granted"], true);
    assert!(first["queue"].as_array().unwrap().is_empty());
    // One that does not come holds up the others for a moment only.
    pass(&world, "bob", "").done();
    world.later("11s");
    assert_eq!(take(&world, "cat", "")["granted"], true);
}

#[test]
fn a_place_lasts_over_a_wait_in_slices() {
    let world = World::new();
    take(&world, "ann", "");
    for _ in 0..3 {
        world.session("bob", "turn take --wait=1s").exits(4);
        assert_eq!(turn(&world, "bob")["place"], 1);
        world.later("20s");
    }
    world.session("cat", "turn take --wait=1s").exits(4);
    assert_eq!(turn(&world, "cat")["place"], 2);
    world.later("40s");
    assert_eq!(turn(&world, "cat")["place"], serde_json::Value::Null);
}

#[test]
fn by_force_it_is_taken_and_granted_in_one_step() {
    let world = World::new();
    let old = take(&world, "ann", "")["token"].as_u64().unwrap();
    pass(&world, "ann", "").done();
    take(&world, "ann", "");
    world.session("bob", "turn take --force").exits(129);
    let new = take(&world, "bob", "--force --reason stuck");
    assert_eq!(new["granted"], true);
    assert!(new["token"].as_u64().unwrap() > old);
    assert_eq!(new["handoff"]["from"], "ann");
    world
        .session("ann", "heartbeat")
        .fails(3, "turn:main is no longer yours: taken over by bob")
        .tells("stuck");
    let log = world.anyone("log --json -n 1").json();
    assert_eq!(log[0]["event"], "override");
    assert_eq!(log[0]["from"][0], "ann");
    world.session("bob", "fence turn:main").says("Yours");
}

#[test]
fn after_its_own_pass_a_session_is_told_whose_turn_it_is() {
    let world = World::new();
    take(&world, "ann", "");
    pass(&world, "ann", "").says("turn:main is free for the next session that takes it");
    let again = "Next: git presence log --wait --for-me";
    world
        .session("ann", "turn")
        .says("turn:main is free: you passed it on, and no session has taken it yet")
        .says(again);
    // For another session it is merely free.
    let free = turn(&world, "bob");
    assert_eq!(free["next_command"], "git presence turn take");
    take(&world, "bob", "");
    world.session("ann", "turn").says("is held by bob");
    pass(&world, "bob", "--to ann --anyway").done();
    world
        .session("bob", "turn")
        .says("is offered to ann until")
        .says(again);
    let offered = turn(&world, "ann");
    assert_eq!(offered["next_command"], "git presence turn take");
}

#[test]
fn what_is_nearly_a_verb_is_no_room() {
    let world = World::new();
    world
        .anyone("turn pas")
        .fails(129, "turn has no verb pas")
        .hints("git presence turn pass --status")
        .hints("git presence turn turn:pas");
    world.anyone("turn turn:pas").says("turn:pas is free");
    world.anyone("turn passage").says("turn:passage is free");
    // Nor is a span, which --wait takes after a =.
    world
        .anyone("turn take --wait 5m")
        .fails(129, "5m reads as a span")
        .hints("git presence turn take --wait=5m");
    world
        .anyone("claim -x node:x -p p --wait 5m")
        .fails(129, "5m")
        .hints("--wait=5m");
}
