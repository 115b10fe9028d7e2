//! A task is taken under the same rules as every exclusive claim.
//!
//! Owns the promises that what others share, have frozen or may hold in a damaged record is not
//! taken with a task, and that nothing is left held where a task is refused.

use super::add;
use crate::machines::Team;
use crate::world::World;

fn nothing_is_held(world: &World) {
    let list = world.anyone("list --json").done().json();
    let held = list.as_array().unwrap().iter();
    assert_eq!(held.filter(|one| one["mode"] == "exclusive").count(), 0);
}

#[test]
fn a_list_or_a_task_that_is_frozen_gives_nothing_out() {
    let world = World::new();
    let task = format!("task:main/{}", add(&world, "ann", "tidy"));
    for frozen in ["task:main", &task] {
        world
            .session("carol", &format!("state {frozen} frozen -m audit"))
            .done();
        world.session("bob", "task next").refuses("is frozen by");
        nothing_is_held(&world);
        world
            .session("carol", &format!("state {frozen} --clear"))
            .done();
    }
    world.session("bob", "task next").says("Taken");
}

#[test]
fn what_another_session_shares_is_not_taken_with_it() {
    let world = World::new();
    let task = format!("task:main/{}", add(&world, "ann", "tidy --claims stack:x"));
    for shared in ["stack:x", &task] {
        let claim = format!("claim {shared} -p look");
        world.session("carol", &claim).done();
        world.session("bob", "task next").refuses("carol");
        nothing_is_held(&world);
        world.session("carol", "release --all-mine").done();
    }
    world.session("bob", "task next").says("Taken");
}

/// Shared in another clone, which this one has not heard of.
#[test]
fn what_is_shared_elsewhere_is_looked_for_first() {
    let (_team, a, b) = Team::pair();
    add(&a, "ann", "tidy --claims stack:x");
    b.anyone("sync").done();
    a.session("ann", "claim stack:x -p look").done();
    b.git("config presence.staleAfter 1s");
    b.later("1m");
    b.session("bob", "task next").refuses("ann");
}

#[test]
fn what_may_be_held_in_a_damaged_record_is_not_taken_with_it() {
    let world = World::new();
    add(&world, "ann", "tidy --claims stack:x");
    world.session("carol", "claim stack:x -p look").done();
    let name = world.ref_of("carol");
    let mut files = world.files_of(&name);
    let claim = files.keys().find(|file| file.starts_with("claim-"));
    let claim = claim.unwrap().clone();
    files.insert(claim, b"format = 1\nresource = 7\n".to_vec());
    world.put(&name, &files, "damaged");
    world
        .session("bob", "task next")
        .refuses("may be claimed in an unreadable record");
    nothing_is_held(&world);
}

/// The holder may still work: its clock may be behind by `presence.clockSkew`.
#[test]
fn a_hold_that_has_just_expired_is_ended_by_no_other_session() {
    let world = World::new();
    let id = add(&world, "ann", "tidy");
    world.session("ann", "task next").says("Taken");
    world.later("15m");
    world.later("10s");
    for verb in ["block", "drop"] {
        let line = format!("task {verb} {id} -m stuck");
        world.session("bob", &line).refuses("ann");
    }
    world.session("bob", "task next").exits(3);
    // The session itself may say that it got stuck.
    world
        .session("ann", &format!("task block {id} -m stuck"))
        .done();
    world
        .session("ann", &format!("task edit {id} --unblock"))
        .done();
    world.session("ann", "task next").says("Taken");
    world.later("16m");
    let line = format!("task block {id} -m stuck");
    world.session("bob", &line).done();
    world
        .session("bob", &format!("task edit {id} --unblock"))
        .done();
    world.session("bob", "task next").says("Taken");
    world
        .session("ann", &format!("task done {id} -m done"))
        .refuses("bob");
}

/// One that is stuck does not keep the list from being worked off.
#[test]
fn what_cannot_be_taken_now_is_passed_over() {
    let world = World::new();
    let held = add(&world, "ann", "held --claims stack:held");
    world.later("1s");
    let shared = add(&world, "ann", "shared --claims stack:shared");
    world.later("1s");
    let frozen = add(&world, "ann", "frozen");
    world.later("1s");
    let free = add(&world, "ann", "free --claims stack:free");
    world
        .session("carol", "claim -x stack:held -p apply")
        .done();
    world.session("carol", "claim stack:shared -p look").done();
    let freeze = format!("state task:main/{frozen} frozen -m audit");
    world.session("carol", &freeze).done();
    world
        .session("bob", "task next")
        .says(&free)
        .warns(&*format!(
            "passed over task:main/{held}: stack:held is claimed by carol"
        ))
        .warns(&*format!(
            "passed over task:main/{shared}: stack:shared is claimed by carol"
        ))
        .warns(&*format!(
            "passed over task:main/{frozen}: task:main/{frozen} is frozen by carol"
        ));
    world
        .session("dan", "task next")
        .refuses("is frozen by carol");
    // It was added and frozen, and never taken to be released again.
    let log = world.anyone(&format!("task log {frozen} --json"));
    assert_eq!(log.done().json().as_array().unwrap().len(), 2);
    world
        .session("dan", &format!("task start {shared}"))
        .refuses("carol");
    world.session("carol", "release --all-mine").done();
    world.session("dan", "task next").says(&held);
}

#[test]
fn what_is_offered_to_another_session_is_passed_over() {
    let world = World::new();
    let offered = add(&world, "ann", "offered");
    let other = add(&world, "ann", "other");
    world.session("bob", "claim path:x -p here").done();
    world
        .session("ann", &format!("task start {offered}"))
        .done();
    world
        .session("ann", &format!("release task:main/{offered} --to bob"))
        .done();
    world.session("carol", "task next").says(&other);
    // Nor is it ended by another one.
    for verb in ["drop", "block"] {
        let line = format!("task {verb} {offered} -m no");
        world.session("carol", &line).refuses("offered to bob");
    }
    world.session("bob", "task next").says(&offered);
}

#[test]
fn what_another_session_waits_for_is_not_taken_with_it() {
    let world = World::new();
    add(&world, "ann", "apply --claims stack:x");
    world.session("dan", "claim -x stack:x -p apply").done();
    // A place that is kept: its session asks again in a moment.
    world
        .session("bob", "claim -x stack:x -p apply --wait=1s")
        .exits(4);
    world.session("dan", "release stack:x").done();
    world
        .session("carol", "task next")
        .refuses("it is the turn of bob");
    world.later("11s");
    world.session("carol", "task next").says("Taken");
}

/// What a list does not give out, or not alone, is not to be had by its label either.
#[test]
fn a_task_is_not_claimed_past_its_list() {
    let world = World::new();
    let with = add(&world, "ann", "tidy --claims stack:x");
    let plain = add(&world, "ann", "look");
    let ways = |id: &str| {
        [
            format!("claim -x task:main/{id} -p p"),
            format!("run -x task:main/{id} -p p -- true"),
        ]
    };
    for line in ways(&with) {
        let told = format!("git presence task start {with}");
        let said = world.session("bob", &line);
        said.refuses("is taken together with stack:x")
            .refuses(&told);
    }
    world.session("ann", "task drain").done();
    for line in ways(&plain) {
        world.session("bob", &line).refuses("the list is drained");
    }
    nothing_is_held(&world);
    world.session("ann", "task undrain").done();
    world.session("bob", &ways(&plain)[0]).done();
    let shown = world
        .anyone(&format!("task show {plain} --json"))
        .done()
        .json();
    assert_eq!(shown["tasks"][0]["attempts"], 1);
    // What a session has taken it may renew, and run under, whatever the list says.
    let taken = format!("task start {with}");
    world.session("carol", &taken).done();
    world.session("ann", "task drain").done();
    let line = format!("claim -x task:main/{with} -p p");
    world.session("carol", &line).says("Renewed");
}
