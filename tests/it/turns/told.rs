//! What is said of turns: the commands that take and pass one, what becomes of it, words that mean
//! something else.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use super::{here, pass, take, turn};
use crate::machines::Team;
use crate::world::World;

const PASS: &str = "git presence turn pass --status \"<how things stand>\" --next";

#[test]
fn where_a_resource_is_a_turn_it_is_taken_and_passed_on() {
    let world = World::new();
    world
        .anyone("peek turn:main")
        .says("To take it: git presence turn take");
    world
        .session("ann", "claim -x turn:main -p x")
        .says(&format!("When done: {PASS}"));
    world.session("ann", "claim path:src -p x").done();
    world.session("ann", "status").says(&format!(
        "Next: git presence release path:src; {PASS} \"<what comes next>\"  (when you are done)"
    ));
    world
        .session("bob", "claim -x turn:main -p x")
        .hints("wait until it is yours: git presence turn take --wait")
        .hints("git presence turn take --force --reason \"<why>\"")
        .tells(contains("presence wait").not());
    world
        .session("bob", "turn take --wait=1s")
        .exits(4)
        .prints("Next: git presence turn take --wait");
    world
        .session("ann", "status")
        .says("pass it on as soon as you are done")
        .says(&format!("Next: {PASS}"));
    world
        .session("bob", "status")
        .says("Next: git presence turn take --wait");
    world
        .session("bob", "peek turn:main")
        .says("Defer: git presence turn take --wait; or ask");
    world
        .session("ann", "release --force turn:main --reason x")
        .hints(PASS);
    world
        .session("cat", "claim turn:ops -p x")
        .says("When done: git presence turn pass turn:ops --status \"<how things stand>\" --next");
    world
        .session("cat", "wait turn:free")
        .says("Take it now: git presence turn take turn:free");
}

#[test]
fn a_word_that_means_a_verb_is_no_room() {
    let world = World::new();
    for (typed, meant) in [
        ("list", "leave it out: git presence turn"),
        ("status", "leave it out: git presence turn"),
        ("show", "leave it out: git presence turn"),
        ("show ops", "leave it out: git presence turn ops"),
        ("next", "git presence turn take --wait"),
        ("give", "write pass: git presence turn pass --status"),
        (
            "give bob",
            "git presence turn pass --to bob --status '<how things stand>'",
        ),
        (
            "handoff --to bob",
            "git presence turn pass --to bob --status '<how things stand>'",
        ),
    ] {
        world
            .session("ann", &format!("turn {typed}"))
            .fails(129, "turn has no verb")
            .hints(meant);
    }
    // With its type it is a room, and the commands that are shown name it so.
    world
        .session("ann", "turn list")
        .hints("git presence turn turn:list");
    let room = world.session("ann", "turn take turn:list --json");
    let next = room.done().json()["next_command"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        next.starts_with("git presence turn pass turn:list "),
        "{next}"
    );
    world
        .session("ann", "turn turn:list")
        .says("Yours: turn:list");
}

#[test]
fn who_passed_a_turn_on_hears_what_becomes_of_it() {
    let world = World::new();
    here(&world, &["bob", "cat"]);
    take(&world, "ann", "");
    pass(&world, "ann", "--to bob").says("Next: git presence log --wait --for-me");
    assert_eq!(
        turn(&world, "ann")["next_command"],
        "git presence log --wait --for-me"
    );
    world.session("ann", "log --for-me --cursor c").done();
    take(&world, "bob", "");
    let heard = world.session("ann", "log --wait=1s --for-me --cursor c --json");
    let heard = heard.done().json();
    assert_eq!(
        (&heard["event"], &heard["concern"]),
        (&"claim".into(), &"passed".into())
    );
    pass(&world, "bob", "").done();
    world
        .session("ann", "turn take --offered-only --wait=1s")
        .exits(4)
        .prints("Next: git presence turn take --offered-only --wait");
    world
        .session("ann", "log --wait=1s --for-me --cursor c")
        .says("release turn:main");
    // What it has again is no longer what it passed on.
    take(&world, "ann", "");
    world.session("ann", "release turn:main").done();
    take(&world, "cat", "");
    world
        .session("ann", "log --wait=1s --for-me --cursor c")
        .fails(4, "nothing happened");
}

#[test]
fn a_turn_that_waits_for_the_next_one_can_be_had_again() {
    let world = World::new();
    take(&world, "ann", "");
    pass(&world, "ann", "").done();
    world
        .session("ann", "turn")
        .says("no session has taken it yet; to have it again: git presence turn take");
    assert_eq!(take(&world, "ann", "")["granted"], true);
}

#[test]
fn what_the_next_holder_cannot_fetch_is_said_when_a_turn_is_passed_on() {
    let (_team, a, _) = Team::pair();
    a.commit_files();
    a.git("branch -M main");
    a.git("push -q -u origin main");
    a.session("ann", "turn take").done();
    pass(&a, "ann", "").omits("push");
    a.git("commit -q --allow-empty -m two");
    a.session("ann", "turn take").done();
    pass(&a, "ann", "").warns("push: git push origin main; 1 commit of main is not at origin yet");
    // A branch without an upstream.
    a.git("checkout -q -b topic");
    a.git("commit -q --allow-empty -m three");
    a.session("ann", "turn take").done();
    pass(&a, "ann", "").warns("push the branch topic: no remote has");
}
