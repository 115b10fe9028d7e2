//! What `list` shows besides the claims: conflicts, state, place, and what a filter hides.

use serde_json::json;

use crate::said::holds;
use crate::world::{ALICE, BOB, World};

#[test]
fn conflicts_come_first_and_are_named() {
    let world = World::new();
    world.git("checkout --quiet -b feature");
    world.alice("claim path:src/** db:a --purpose alice").done();
    world.bob("claim path:src/net/dns.rs --purpose bob").done();
    world.carol("claim -x stack:dns --purpose carol").done();
    let said = world.alice("list");
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 5, "{}", said.out);
    holds(lines[1], "*!");
    holds(lines[2], "path:src/net/dns.rs");
    holds(lines[2], "repo (feature)");
    holds(lines[3], "db:a");
    holds(lines[4], "exclusive");
    let rows = world.alice("list --json").json();
    let row = |label: &str| {
        let mut all = rows.as_array().unwrap().iter();
        all.find(|row| row["resource"] == label).unwrap().clone()
    };
    let with =
        |session: &str, resource: &str| json!([{ "session_id": session, "resource": resource }]);
    assert_eq!(
        row("path:src/**")["conflicts_with"],
        with(BOB, "path:src/net/dns.rs")
    );
    assert_eq!(
        row("path:src/net/dns.rs")["conflicts_with"],
        with(ALICE, "path:src/**")
    );
    assert_eq!(row("path:src/**")["state"], "conflict");
    assert_eq!(row("db:a")["conflicts_with"], json!([]));
    assert_eq!(row("db:a")["state"], "shared");
    assert_eq!(row("stack:dns")["state"], "exclusive");
    assert_eq!(row("stack:dns")["branch"], "feature");
    assert_eq!(row("stack:dns")["gone"], false);
    holds(row("stack:dns")["folder"].as_str().unwrap(), "/repo");
    // A filter hides a claim, not that it conflicts.
    let mine = world.alice("list --mine --json").json();
    let path = &mine.as_array().unwrap()[1];
    assert_eq!(path["conflicts_with"], with(BOB, "path:src/net/dns.rs"));
}

#[test]
fn a_filter_says_what_it_hides() {
    let world = World::new();
    world.alice("list --type node").says("Nothing is claimed.");
    world.alice("claim db:a db:b --purpose p").done();
    world
        .alice("list --type node")
        .says("No claim matches; 2 claims not shown");
    world
        .bob("list --mine")
        .says("You claim nothing; 2 claims not shown");
}

#[test]
fn nothing_is_cut_in_a_pipe_and_ids_are_cut_in_the_middle() {
    let world = World::new();
    let long = format!("path:{}the-end.rs", "folder/".repeat(7));
    let session = "a-very-long-session-id-that-differs-at-its-very-end-0123456789";
    world
        .session(session, &format!("claim {long} --purpose p"))
        .done();
    world.bob("list").says(&long).says(session);
    for width in ["40", "60", "80", "120", "200"] {
        let said = world.with("COLUMNS", width).bob("list");
        let mut lines = said.out.lines();
        let last = lines.find(|line| line.contains("path:")).unwrap();
        let columns = last.chars().count();
        assert!(columns <= width.parse().unwrap(), "{width}: {}", said.out);
        if width != "40" {
            assert!(
                last.contains("d.rs") && last.contains("789"),
                "{width}: {}",
                said.out
            );
        }
    }
}
