//! `list`: its filters, its table, and the fields that programs rely on.

use serde_json::{Value, json};
use snapbox::str;

use crate::said::Said;
use crate::world::{ALICE, BOB, World, needs};

/// Alice and Bob at work.
fn busy() -> World {
    let world = World::new();
    world
        .alice("claim node:k8s-1 db:users --purpose upgrade")
        .done();
    world
        .bob("claim node:k8s-2 db:users --purpose backup")
        .done();
    world
}

fn labels(said: &Said) -> Vec<String> {
    let list = said.done().json();
    let label = |claim: &Value| claim["resource"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(label).collect()
}

#[test]
fn an_empty_board() {
    let world = World::new();
    world.alice("list").says_all(str![[r#"
Nothing is claimed.

"#]]);
    assert_eq!(world.alice("list --json").json(), json!([]));
    world.alice("list --mine").says("Nothing is claimed.");
}

#[test]
fn mine_is_marked() {
    let world = busy();
    world.later("3m");
    world.bob("list").says_all(str![[r#"
    RESOURCE    STATE   SESSION             FOLDER       PURPOSE    SEEN  EXPIRES
!   db:users    shared  wizard@devvm@alice  repo (main)  "upgrade"  3m    12m
*!  db:users    shared  wizard@devvm@bob    repo (main)  "backup"   3m    12m
    node:k8s-1  shared  wizard@devvm@alice  repo (main)  "upgrade"  3m    12m
*   node:k8s-2  shared  wizard@devvm@bob    repo (main)  "backup"   3m    12m

"#]]);
}

#[test]
fn whose() {
    let world = busy();
    assert_eq!(
        labels(&world.alice("list --mine --json")),
        ["db:users", "node:k8s-1"]
    );
    assert_eq!(
        labels(&world.alice("list --others --json")),
        ["db:users", "node:k8s-2"]
    );
    assert_eq!(labels(&world.alice("list --all --json")).len(), 4);
    assert_eq!(labels(&world.alice("list --json")).len(), 4);
    let others = world.alice("list --others --json").json();
    assert!(
        others
            .as_array()
            .unwrap()
            .iter()
            .all(|claim| claim["is_me"] == false)
    );
    world
        .alice("list --mine --others")
        .fails(129, "exclude each other");
}

#[test]
fn which() {
    let world = busy();
    assert_eq!(
        labels(&world.alice("list --resource node:* --json")),
        ["node:k8s-1", "node:k8s-2"]
    );
    assert_eq!(
        labels(&world.alice("list --resource *-1 --json")),
        ["node:k8s-1"]
    );
    assert_eq!(
        labels(&world.alice("list --resource node:k8s-? --mine --json")),
        ["node:k8s-1"]
    );
    assert_eq!(labels(&world.alice("list --resource node --json")).len(), 0);
    assert_eq!(
        labels(&world.alice("list --type db --json")),
        ["db:users", "db:users"]
    );
    assert_eq!(
        labels(&world.alice("list --type db: --mine --json")),
        ["db:users"]
    );
    assert_eq!(labels(&world.alice("list --type d --json")).len(), 0);
}

#[test]
fn expired_ones_on_request() {
    let world = busy();
    world
        .alice("claim infra:dns --purpose short --ttl 1m")
        .done();
    world.later("2m");
    assert_eq!(labels(&world.bob("list --type infra --json")).len(), 0);
    let expired = world.bob("list --type infra --expired --json").json();
    assert_eq!(expired[0]["is_live"], false);
    assert_eq!(expired[0]["expires_at"], "2026-11-21T10:01:00.000Z");
    assert_eq!(labels(&world.bob("list --expired --json")).len(), 5);
    world
        .bob("list --expired --type infra")
        .says("expired")
        .says("1m ago");
}

#[test]
fn the_fields_that_programs_rely_on() {
    let world = World::new();
    let host = world.alice("whoami --json").json()["host"].clone();
    world
        .alice("claim node:x --purpose \"GPU driver upgrade\"")
        .done();
    let list = world.alice("list --json").json();
    assert_eq!(
        list,
        json!([{
            "session_id": ALICE,
            "resource": "node:x",
            "purpose": "GPU driver upgrade",
            "mode": "shared",
            "claimed_at": "2026-11-21T10:00:00.000Z",
            "seen_at": "2026-11-21T10:00:00.000Z",
            "expires_at": "2026-11-21T10:15:00.000Z",
            "user": "wizard",
            "host": host,
            "agent": null,
            "is_me": true,
            "is_live": true,
            "as_of": null,
            "confirmed": true,
            "state": "shared",
            "conflicts_with": [],
            "folder": world.dir().display().to_string(),
            "branch": "main",
            "gone": false,
        }])
    );
}

#[test]
fn json_before_and_after_the_verb() {
    let world = busy();
    let after = world.alice("list --json");
    let before = world.alice("--json list");
    assert_eq!(after.done().out, before.done().out);
}

#[test]
fn jq_reads_it() {
    if !needs("jq") {
        return;
    }
    let world = busy();
    let said = world.sh(
        "git presence list --mine --session wizard@devvm@bob --json \
                         | jq -r '.[0].session_id'",
    );
    said.says_all("wizard@devvm@bob\n");
}

#[test]
fn the_table_fits_the_terminal() {
    let world = World::new();
    let purpose = "a very long purpose ".repeat(10);
    let resource = format!("node:{}", "k8s-".repeat(12));
    world
        .alice(&format!("claim {resource} node:y --purpose \"{purpose}\""))
        .done();
    for columns in [60, 80, 200] {
        let said = world.with("COLUMNS", columns.to_string()).bob("list");
        let lines = said.done().lines();
        // Where a purpose would be cut to a stub, it stands in a second line.
        let rows = if columns < 100 { 5 } else { 3 };
        assert_eq!(lines.len(), rows, "{}", said.out);
        for line in lines {
            assert!(line.chars().count() <= columns, "{columns}: {}", said.out);
            assert!(!line.ends_with(' '), "{}", said.out);
        }
        said.says("EXPIRES").says("…");
    }
}

#[test]
fn at_every_width_it_can_be_read_what_who_and_until_when() {
    let world = World::new();
    let (long, purpose) = ("stack:infra/production-network", "apply the new network");
    let claims = [
        format!("claim -x {long} --purpose \"{purpose}\""),
        "claim path:src/net/dns.rs --purpose \"cache what is not there\"".to_owned(),
    ];
    for claim in &claims {
        world.alice(claim).done();
    }
    world.bob("claim path:src --purpose tidy").done();
    world.bob(&format!("wait {long} --for=0s")).exits(4);
    for columns in [60, 80, 100, 120, 160] {
        let said = world.with("COLUMNS", columns.to_string()).bob("list");
        let lines = said.done().lines();
        let is_short = |line: &&str| line.chars().count() <= columns;
        assert!(lines.iter().all(is_short), "{columns}: {}", said.out);
        // A stub says nothing: of what is cut, enough is left.
        for word in said
            .out
            .split_whitespace()
            .filter(|word| word.contains('…') && !word.contains('"'))
        {
            assert!(
                word.chars().count() >= 12,
                "{columns}: {word} in {}",
                said.out
            );
        }
        let held = lines.iter().find(|line| line.contains("stack:infra"));
        let held = held.unwrap();
        assert!(held.contains("lice") && held.contains("15m"), "{held}");
        said.says("exclusive").says(purpose).says("\"tidy\"");
        if columns >= 80 {
            said.says(long).says(BOB);
        }
    }
}

#[test]
fn what_is_claimed_shared_and_exclusively_has_one_row() {
    let world = World::new();
    world.alice("claim path:src --purpose read").done();
    world.alice("claim -x path:src --purpose move").done();
    for who in [ALICE, BOB] {
        for view in ["list", "status", "peek path:src", "who"] {
            let said = world.session(who, view);
            let lines = said.done().out.lines();
            // A command that is advised names it, too.
            let rows =
                lines.filter(|line| line.contains("path:src") && !line.contains("git presence"));
            let rows = rows.count();
            assert_eq!(rows, 1, "{view}: {}", said.out);
        }
    }
    let list = world.alice("list --json").json();
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    assert_eq!(list[0]["mode"], "exclusive");
    world
        .alice("claim path:src --purpose again")
        .says("Renewed path:src exclusively")
        .omits("Renewed path:src until");
    world.alice("release path:src").done();
    world.alice("list").says("Nothing is claimed.");
}

#[test]
fn it_changes_nothing() {
    let world = World::new();
    world.untouched(&[], || world.alice("list").done().code);
    world.alice("claim node:x --purpose x --ttl 10").done();
    world.later("1m");
    world.untouched(&[], || world.alice("list --expired").done().code);
}
