//! What is on the pages.

use serde_json::Value;

use super::Server;
use crate::said::holds;
use crate::world::World;

/// A board with a bit of everything.
fn busy() -> World {
    let world = World::new();
    world.alice("claim node:x -p upgrade").done();
    world.bob("claim node:x -p backup").done();
    world.bob("claim -x stack:prod -p deploy").done();
    world.carol("state service:web degraded -m slow").done();
    world.bob("tell wizard@devvm@alice -m hello").done();
    world.carol("turn take").done();
    world.carol("task add \"write it\"").done();
    world
}

#[test]
fn the_page_has_what_status_has() {
    let world = busy();
    let server = Server::of(&world);
    let page = server.get("/");
    for text in [
        "<html lang=\"en\">",
        "<main id=\"board\"",
        "<h1>",
        "2 claims conflict with another",
        "1 message is unread",
        "stack:prod",
        "exclusive",
        "degraded",
        "service:web",
        "Unread messages",
        "hello",
        "turn:main",
        "<h2 id=\"sessions-heading\">",
        "with <bdi>wizard@devvm@bob</bdi>",
        "Happened last",
        "<noscript><meta http-equiv=\"refresh\"",
    ] {
        page.is(200, text);
    }
    let at = |text: &str| page.body.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(at(">conflict<") < at(">exclusive<"), "conflicts come first");
    let part = server.get("/board");
    part.is(200, "<main id=\"board\"");
    assert!(!part.body.contains("<html"), "{}", part.body);
}

#[test]
fn programs_get_what_the_verbs_answer() {
    let world = busy();
    let server = Server::of(&world);
    let served: Value = serde_json::from_str(&server.get("/status.json").body).expect("JSON");
    assert_eq!(served, world.alice("status --json").json());
    assert_eq!(server.get("/metrics").body, world.alice("metrics").out);
    let again = server.get("/metrics");
    holds(&again.headers, "content-type: text/plain; version=0.0.4");
}

#[test]
fn a_claim_that_expires_goes_without_an_event() {
    let world = World::new().with_a_clock();
    world.bob("claim node:x -p one --ttl 5m").done();
    let server = Server::of(&world);
    server.get("/").is(200, "node:x");
    let mut lines = server.follow(&[]);
    super::seen(&mut lines, "data: 1");
    world.later("6m");
    super::seen(&mut lines, "data: 2");
    server.get("/").is(200, "Nothing is claimed.");
}

#[test]
fn an_empty_board_is_a_page_too() {
    let world = World::new();
    let server = Server::of(&world);
    let page = server.get("/");
    page.is(200, "Nothing is claimed.");
    page.is(200, "There is no remote");
}
