//! Each event once: order, heartbeats, restarts, a kill between a line and the move of the cursor,
//! and what is told where the place of the reader is gone.

use serde_json::Value;

use super::{Follower, claim, news, said};
use crate::said::holds;
use crate::world::World;

const FOLLOWS: &str = "--follow --json --cursor mine";

fn ids(events: &[Value]) -> Vec<String> {
    let ids = events.iter().map(|event| event["id"].as_str());
    ids.map(|id| id.expect("an id").to_owned()).collect()
}

#[test]
fn events_come_as_they_happen_and_heartbeats_are_none() {
    let world = World::new();
    claim(&world, "node:before");
    let follower = Follower::begin(&world, FOLLOWS);
    claim(&world, "node:x");
    world.later("6m");
    world.alice("heartbeat").done();
    world.later("6m");
    world.alice("heartbeat").done();
    world.alice("claim -x infra:d --purpose p").done();
    world.alice("release node:x").done();
    let told = follower.tells(3);
    assert_eq!(told, ["claim node:x", "claim infra:d", "release node:x"]);
    let first = &follower.events()[0];
    let log = world.alice("log --json").json();
    let in_log = log
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == first["id"]);
    assert_eq!(in_log, Some(first), "a line has what the log has");
    assert_eq!(first["id"], first["commit"]);
    holds(first["ref"].as_str().unwrap(), "refs/presence/sessions/");
}

#[test]
fn a_restart_goes_on_where_the_last_one_was() {
    let world = World::new();
    let first = Follower::begin(&world, FOLLOWS);
    claim(&world, "node:one");
    assert_eq!(first.tells(1), ["claim node:one"]);
    first.kill();
    claim(&world, "node:two");
    world.later("6m");
    world.alice("heartbeat").done();
    world.carol("claim node:three --purpose p").done();
    let second = Follower::begin(&world, FOLLOWS);
    assert_eq!(second.tells(2), ["claim node:two", "claim node:three"]);
    claim(&world, "node:four");
    assert_eq!(second.tells(3)[2], "claim node:four");
}

#[test]
fn a_new_cursor_shows_the_newest_and_then_only_what_is_new() {
    let world = World::new();
    for n in 0..22 {
        claim(&world, &format!("node:{n}"));
    }
    let first = news(&world, "--cursor mine");
    assert_eq!(first.len(), 20);
    assert_eq!(said(&first)[0], "claim node:2");
    world.bob("log --cursor mine").says("No new events.");
    claim(&world, "node:last");
    assert_eq!(said(&news(&world, "--cursor mine")), ["claim node:last"]);
    // Another cursor is elsewhere.
    assert_eq!(news(&world, "--cursor other -n 3").len(), 3);
}

/// A process that is killed after it wrote a line and before it moved its cursor.
#[test]
fn a_line_whose_cursor_did_not_move_comes_again_with_its_id() {
    let world = World::new();
    claim(&world, "node:before");
    news(&world, "--cursor mine");
    let cursor = world.sh("ls .git/presence/cursor-mine-*.toml").out;
    let cursor = cursor.trim();
    let before = world.read(cursor);
    claim(&world, "node:one");
    claim(&world, "node:two");
    let told = ids(&news(&world, "--cursor mine"));
    assert_eq!(told.len(), 2);
    // Before the first move: both come again.
    world.write(cursor, &before);
    assert_eq!(ids(&news(&world, "--cursor mine")), told);
    // After the first move, which may have been written in part.
    for rest in ["", "[[writ", "[[written]]\nid = \"ab"] {
        let moved = format!("{before}[[written]]\nid = \"{}\"\n{rest}", told[0]);
        world.write(cursor, &moved);
        assert_eq!(ids(&news(&world, "--cursor mine")), told[1..]);
    }
    assert!(news(&world, "--cursor mine").is_empty());
}

#[test]
fn a_wait_at_a_cursor_takes_one_and_leaves_the_rest() {
    let world = World::new();
    news(&world, "--cursor mine");
    for label in ["node:one", "node:two"] {
        claim(&world, label);
    }
    let wait = || said(&news(&world, "--wait=1m --cursor mine"));
    assert_eq!(wait(), ["claim node:one"]);
    assert_eq!(wait(), ["claim node:two"]);
    // What is not asked for is passed.
    claim(&world, "node:three");
    world.alice("release node:three").done();
    let waited = news(
        &world,
        "--wait=1m --cursor mine --event release,lapse --event wait",
    );
    assert_eq!(said(&waited), ["release node:three"]);
    assert!(news(&world, "--cursor mine").is_empty());
}

#[test]
fn after_an_id_comes_what_is_later_everywhere() {
    let world = World::new();
    claim(&world, "node:one");
    world.carol("claim node:two --purpose p").done();
    world.later("1s");
    world.alice("claim -x infra:d --purpose p").done();
    world.later("1s");
    world.alice("release node:one").done();
    let all = news(&world, "--cursor all");
    let later = ["claim node:two", "claim infra:d", "release node:one"];
    let ids = ids(&all);
    assert_eq!(said(&news(&world, &format!("--after {}", ids[0]))), later);
    let short = &ids[1][..10];
    assert_eq!(said(&news(&world, &format!("--after {short}"))), later[1..]);
    let one = news(&world, &format!("--wait --after {}", ids[2]));
    assert_eq!(said(&one), later[2..]);
    assert!(news(&world, &format!("--after {}", ids[3])).is_empty());
    world
        .bob("log --after node:one")
        .fails(129, "is not the id of an event");
}

/// Who goes from id to id misses none, although all happened in the same millisecond.
#[test]
fn at_the_same_instant_none_is_missed_and_none_comes_twice() {
    let world = World::new();
    for n in 0..6 {
        let session = format!("s{n}");
        world.session(&session, "claim node:x --purpose p").done();
    }
    let all = ids(&news(&world, "--cursor all"));
    let mut at = all[0].clone();
    let mut seen = vec![at.clone()];
    while let Some(next) = ids(&news(&world, &format!("--after {at} -n 1"))).pop() {
        at = next;
        seen.push(at.clone());
        assert!(seen.len() <= all.len(), "it ends");
    }
    assert_eq!(seen, all);
}

#[test]
fn where_the_known_id_is_gone_there_is_one_gap() {
    let world = World::new();
    claim(&world, "node:one");
    world.carol("claim node:two --purpose p").done();
    let gap = said(&news(&world, "--after 0123456789"));
    assert_eq!(gap, ["gap gone", "claim node:one", "claim node:two"]);
    // A session that waits goes on from now, and has an id to go on from.
    let gap = said(&news(&world, "--wait --after 0123456789"));
    assert_eq!(gap, ["gap gone", "claim node:two"]);
    // A ref is gone that the cursor knew.
    news(&world, "--cursor mine");
    let name = world.git("for-each-ref --format=%(refname) refs/presence/sessions/*alice*");
    world.git(&format!("update-ref -d {name}"));
    world.later("1s");
    world.carol("release node:two").done();
    let told = said(&news(&world, "--cursor mine"));
    assert_eq!(told, ["gap gone", "release node:two"]);
    assert!(news(&world, "--cursor mine").is_empty());
}

#[test]
fn a_ref_that_was_set_back_shows_nothing_twice() {
    let world = World::new();
    claim(&world, "node:one");
    claim(&world, "node:two");
    let name = world.git("for-each-ref --format=%(refname) refs/presence/sessions/");
    let before = world.git(&format!("rev-parse {name}~1"));
    news(&world, "--cursor mine");
    world.git(&format!("update-ref {name} {before}"));
    assert!(news(&world, "--cursor mine").is_empty());
    claim(&world, "node:three");
    assert_eq!(said(&news(&world, "--cursor mine")), ["claim node:three"]);
}

#[test]
fn a_cursor_that_cannot_be_read_is_a_gap() {
    let world = World::new();
    claim(&world, "node:one");
    news(&world, "--cursor mine");
    let cursor = world.sh("ls .git/presence/cursor-mine-*.toml").out;
    for damage in ["", "nonsense", "format = 2\n", "\u{0}\u{0}"] {
        world.write(cursor.trim(), damage);
        let told = said(&news(&world, "--cursor mine"));
        assert_eq!(told, ["gap cursor_lost", "claim node:one"], "{damage:?}");
        assert!(news(&world, "--cursor mine").is_empty());
    }
}

#[test]
fn a_history_that_was_folded_meanwhile_is_told_from_the_archive() {
    let world = World::new();
    claim(&world, "node:one");
    news(&world, "--cursor mine");
    world.alice("release node:one").done();
    world.later("10d");
    world.anyone("gc").done();
    let refs = world.git("for-each-ref refs/presence/sessions/");
    assert_eq!(refs, "", "it has left the board");
    assert_eq!(said(&news(&world, "--cursor mine")), ["release node:one"]);
    assert!(news(&world, "--cursor mine").is_empty());
}

/// However it is killed, the lines of all its lives have each event.
#[test]
fn a_follower_that_is_killed_again_and_again_loses_none() {
    let world = World::new();
    news(&world, "--cursor mine");
    let mut told: Vec<Value> = Vec::new();
    for life in 0..4 {
        let follower = Follower::begin(&world, FOLLOWS);
        claim(&world, &format!("node:{life}"));
        world.alice(&format!("release node:{life}")).done();
        told.extend(follower.kill());
    }
    told.extend(news(&world, "--cursor mine"));
    let log = world.alice("log --json").json();
    let mut all = ids(log.as_array().unwrap());
    let mut seen = ids(&told);
    all.sort();
    seen.sort();
    seen.dedup();
    assert_eq!(seen, all);
}

#[test]
fn a_register_that_is_cut_tells_nothing_twice() {
    let world = World::new();
    let turn = || {
        world.alice("claim -x infra:d --purpose p").done();
        world.later("1s");
        world.alice("release infra:d").done();
        world.later("1s");
    };
    (0..12).for_each(|_| turn());
    news(&world, "--cursor mine");
    turn();
    let name = "refs/presence/locks/infra-d-*";
    let count = || {
        let tip = world.git(&format!("for-each-ref --format=%(objectname) {name}"));
        world.git(&format!("rev-list --count {tip}"))
    };
    assert_eq!(count(), "26");
    world.anyone("gc").done();
    assert_eq!(count(), "1", "its history is in the archive");
    let told = said(&news(&world, "--cursor mine"));
    assert_eq!(told, ["claim infra:d", "release infra:d"]);
    turn();
    assert_eq!(said(&news(&world, "--cursor mine")), told);
    assert!(news(&world, "--cursor mine").is_empty());
}

/// For a remote that moves refs forward only, each heartbeat stays.
#[test]
fn heartbeats_that_are_appended_are_no_events() {
    let world = World::new();
    claim(&world, "node:one");
    world.write(".git/presence/forward-only", "");
    news(&world, "--cursor mine");
    let beat = || {
        world.later("6m");
        world.alice("heartbeat").done();
    };
    (0..4).for_each(|_| beat());
    assert!(news(&world, "--cursor mine").is_empty());
    claim(&world, "node:two");
    beat();
    assert_eq!(said(&news(&world, "--cursor mine")), ["claim node:two"]);
}

#[test]
fn a_cursor_that_no_reader_uses_is_removed() {
    let world = World::new();
    claim(&world, "node:x");
    for name in ["old", "used"] {
        news(&world, &format!("--cursor {name}"));
    }
    let cursors = || {
        world
            .sh("ls .git/presence | grep -c ^cursor-")
            .out
            .trim()
            .to_owned()
    };
    assert_eq!(cursors(), "4");
    world.later("29d");
    news(&world, "--cursor used");
    world.later("2d");
    world
        .anyone("gc --dry-run")
        .says("Would remove 1 cursor of log");
    assert_eq!(cursors(), "4");
    world
        .anyone("gc")
        .says("Removed 1 cursor of log that no reader used for 30 days");
    assert_eq!(cursors(), "2");
    claim(&world, "node:y");
    assert_eq!(
        news(&world, "--cursor used").len(),
        1,
        "it goes on where it was"
    );
}
