//! `sessions`: a line for each session that is here.

use serde_json::json;

use crate::said::holds;
use crate::world::{ALICE, World};

#[test]
fn a_line_a_session_and_trouble_first() {
    let world = World::new();
    world.bob("sessions").says("No session is here.");
    assert_eq!(world.bob("sessions --json").json(), json!([]));
    world.carol("heartbeat --throttle 0").done();
    world.alice("claim path:src db:a --purpose p").done();
    let claims = "CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=s git-presence claim -x stack:dns -p p";
    world.harness("claude", claims).done();
    world.later("2m");
    world.bob("claim path:src/net --purpose p").done();
    let said = world.alice("who");
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), 5, "{}", said.out);
    holds(lines[0], "SESSION");
    holds(lines[1], "wizard@devvm@bob");
    holds(lines[1], "conflict");
    holds(lines[2], "*  wizard@devvm@alice");
    holds(lines[2], "db:a, path:src");
    holds(lines[3], "claude-code");
    holds(lines[3], "gone");
    holds(lines[3], "main");
    holds(lines[3], "2m");
    holds(lines[4], "idle");
    let rows = world.alice("sessions --json").json();
    let mine = &rows[1];
    assert_eq!(mine["session_id"], ALICE);
    assert_eq!(
        (&mine["is_me"], &mine["status"], &mine["conflicts"]),
        (&json!(true), &json!("working"), &json!(1))
    );
    assert_eq!(mine["holds"], json!(["db:a", "path:src"]));
    assert_eq!(
        (&rows[2]["gone"], &rows[2]["status"]),
        (&json!(true), &json!("gone"))
    );
    assert_eq!(rows[3]["holds"], json!([]));
    assert_eq!(
        (&rows[3]["task"], &rows[3]["pane"]),
        (&json!(null), &json!(null))
    );
}

#[test]
fn since_when_and_which_task() {
    let world = World::new();
    let added = world.alice("task add \"rotate the keys\" --json").json();
    let id = added["tasks"][0]["id"].as_str().expect("an id").to_owned();
    world.alice(&format!("task start {id}")).done();
    world.bob("claim -x stack:dns -p p").done();
    world.later("5m");
    world.alice("heartbeat --throttle 0").done();
    let rows = world.bob("sessions --json").json();
    let of = |who: &str| {
        let mut rows = rows.as_array().expect("rows").iter();
        let row = rows.find(|row| row["session_id"] == who);
        row.expect(who).clone()
    };
    let alice = of(ALICE);
    assert_eq!(alice["task"]["id"], json!(id));
    assert_eq!(alice["task"]["title"], json!("rotate the keys"));
    assert_eq!(alice["status"], json!("working"));
    assert!(
        alice["since"].as_str() < alice["seen_at"].as_str(),
        "{alice}"
    );
    let said = world.bob("sessions");
    holds(&said.out, "TASK");
    holds(&said.out, &format!("{id} \"rotate the keys\""));
}

#[test]
fn what_is_silent_or_ended_is_shown_on_demand() {
    let world = World::new();
    world.bob("claim db:a -p p").done();
    world.bob("release db:a").done();
    world.later("3h");
    world.alice("claim db:b -p p").done();
    let said = world.alice("sessions");
    assert_eq!(said.out.lines().count(), 2, "{}", said.out);
    holds(
        &said.err,
        "1 session silent or ended: git presence sessions --all",
    );
    let rows = world.alice("sessions --all --json").json();
    assert_eq!(rows[1]["status"], json!("silent"));
}

#[test]
fn every_line_is_read_at_any_width() {
    let world = World::new();
    let added = world
        .alice("task add \"rotate the keys of all zones\" --json")
        .json();
    let id = added["tasks"][0]["id"].as_str().expect("an id").to_owned();
    world.alice(&format!("task start {id}")).done();
    world
        .bob("claim path:src/net/resolver/cache.rs stack:dns -p p")
        .done();
    for columns in [60, 80, 120, 200] {
        let said = world.with("COLUMNS", columns.to_string()).alice("sessions");
        for line in said.out.lines() {
            assert!(line.chars().count() <= columns, "{columns}: {line}");
        }
        for word in ["SESSION", "@bob", "working", &id] {
            holds(&said.out, word);
        }
    }
}
