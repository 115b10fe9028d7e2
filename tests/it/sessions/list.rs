//! `who`: a line for each session that is here.

use serde_json::json;

use crate::said::holds;
use crate::world::{ALICE, World};

#[test]
fn a_line_a_session_and_trouble_first() {
    let world = World::new();
    world.bob("who").says("No session is here.");
    assert_eq!(world.bob("who --json").json(), json!([]));
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
    holds(lines[4], "here");
    let rows = world.alice("sessions --json").json();
    let mine = &rows[1];
    assert_eq!(mine["session_id"], ALICE);
    assert_eq!(
        (&mine["is_me"], &mine["state"]),
        (&json!(true), &json!("conflict"))
    );
    assert_eq!(mine["holds"], json!(["db:a", "path:src"]));
    assert_eq!(
        (&rows[2]["gone"], &rows[2]["state"]),
        (&json!(true), &json!("gone"))
    );
    assert_eq!(rows[3]["holds"], json!([]));
}
