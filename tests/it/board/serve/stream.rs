//! The stream that tells pages when the board has changed.

use serde_json::Value;

use super::{Server, seen};
use crate::said::holds;
use crate::world::World;

#[test]
fn a_change_is_a_line_of_the_log_and_another_board() {
    let world = World::new();
    world.alice("claim node:x -p one").done();
    let server = Server::of(&world);
    let mut lines = server.follow(&[]);
    let head = seen(&mut lines, "event: board");
    let head = head.to_ascii_lowercase();
    holds(&head, "content-type: text/event-stream");
    holds(&head, "cache-control: no-store");
    seen(&mut lines, "data: 1");
    world.bob("claim -x stack:y -p two").done();
    let told = seen(&mut lines, "stack:y");
    let line = told.lines().find_map(|line| line.strip_prefix("data: {"));
    let line: Value = serde_json::from_str(&format!("{{{}", line.expect("a line"))).expect("JSON");
    assert_eq!(
        (&line["event"], &line["purpose"]),
        (&"claim".into(), &"two".into())
    );
    // It may have been told before.
    if !told.contains("event: board") {
        seen(&mut lines, "event: board");
    }
    server.get("/board").is(200, "stack:y");
    server.get("/status.json").is(200, "stack:y");
}

#[test]
fn a_reader_that_comes_back_is_told_what_it_missed() {
    let world = World::new();
    let server = Server::of(&world);
    let mut lines = server.follow(&[]);
    seen(&mut lines, "event: board");
    world.bob("claim node:x -p one").done();
    let told = seen(&mut lines, "node:x");
    let id = told.lines().find_map(|line| line.strip_prefix("id: "));
    let last = format!("Last-Event-ID: {}", id.expect("an id"));
    drop(lines);
    world.bob("claim node:y -p one").done();
    let mut again = server.follow(&[&last]);
    let told = seen(&mut again, "node:y");
    assert!(!told.contains("node:x"), "{told}");
}

#[test]
fn what_another_clone_did_is_told_after_a_sync() {
    let world = World::new();
    world.git("init -q --bare ../hub.git");
    world.git("remote add origin ../hub.git");
    world.git("clone -q ../hub.git ../other");
    let other = world.at("other");
    world.alice("claim node:here -p one").done();
    let server = Server::of(&world);
    let mut lines = server.follow(&[]);
    seen(&mut lines, "event: board");
    other.bob("claim node:there -p two").done();
    world.alice("sync").done();
    seen(&mut lines, "node:there");
    server
        .get("/metrics")
        .is(200, "git_presence_claims{mode=\"shared\"} 2");
}
