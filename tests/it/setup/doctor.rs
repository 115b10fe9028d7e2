//! `doctor`: obstacles, leftovers, and wrong settings. Damage is in `broken_refs` and
//! `records`.

use snapbox::str;

use crate::machines::Team;
use crate::world::{ALICE, World};

#[test]
fn in_order() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.untouched(&[], || {
        world.bob("doctor").says_all(str![[r#"
pass: settings, rules of the guard, hooks, records of sessions, exclusive claims and lists of tasks, the choice of the remote, lines of an earlier version, times, policies of attempts
Hooks:
  git pre-push    not installed; git presence install
  git pre-apply   not installed; git presence install
  agents          not installed: claude, codex, gemini, cursor, copilot; git presence install <agent>
program: [..], from a build in a checkout: [..]/git-presence
Healthy: 1 session in [..]/repo/.git

"#]]);
        let report = world.bob("doctor --json").json();
        assert_eq!(report["open"], 0);
        assert_eq!(report["sessions"], 1);
        assert_eq!(report["program"]["from"], "checkout");
        assert_eq!(report["program"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(report["findings"], serde_json::json!([]));
        let passed = report["passed"].as_array().unwrap();
        assert_eq!(passed.len(), 9, "{passed:?}");
    });
    World::new().bob("doctor").says("Healthy: 0 sessions");
}

#[test]
fn a_sync_that_failed_is_no_health() {
    let team = Team::new();
    let clone = team.clone_to("a");
    clone.alice("claim node:x --purpose x").done();
    clone.alice("doctor").says("Healthy");
    team.away();
    clone.alice("sync").exits(5);
    clone
        .alice("doctor")
        .says("note: the last sync with origin failed")
        .says("try again: git presence sync")
        .omits("Healthy");
    team.back();
    clone.alice("sync").done();
    clone.alice("doctor").says("Healthy");
}

#[test]
fn what_has_a_problem_does_not_pass() {
    let world = World::new();
    world.git("config presence.ttl soon");
    let said = world.bob("doctor --json");
    let passed = said.exits(1).json()["passed"].clone();
    let passed: Vec<&str> = passed
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one.as_str())
        .collect();
    assert!(
        !passed.contains(&"settings") && passed.contains(&"times"),
        "{passed:?}"
    );
    world
        .bob("doctor")
        .prints("pass: rules of the guard, ")
        .omits("pass: settings");
}

#[test]
fn a_lock_that_was_left_behind() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    let lock = world
        .git_dir()
        .join(format!("{}.lock", world.ref_of(ALICE)));
    let age = |secs: u64| {
        let file = std::fs::File::create(&lock).unwrap();
        let at = world.now().minus_secs(secs).as_millis();
        let at = std::time::Duration::from_millis(u64::try_from(at).unwrap());
        file.set_modified(std::time::UNIX_EPOCH + at).unwrap();
    };
    // Another process may be at work.
    age(5);
    // Objects that no ref names are ignored.
    world.untouched(&["presence", "objects"], || {
        world
            .alice("claim db:z --purpose x")
            .fails(4, "is locked")
            .hints("try again");
        world.bob("doctor --repair").says("Healthy").omits("lock");
    });
    age(120);
    world.unchanged(|| {
        let said = world.bob("doctor");
        said.exits(1);
        said.prints("left behind");
        world.bob("list").says("node:x");
    });
    world.bob("doctor --repair").says("repaired: removed");
    assert!(!lock.exists());
    world.alice("claim db:z --purpose x").says("Claimed");
    // The next writer need not wait for a doctor.
    age(120);
    world.alice("claim db:z --purpose y").says("Renewed");
    assert!(!lock.exists());
    world.git_is_content();
}

#[test]
fn a_foreign_ref_where_ours_belong() {
    for packed in [false, true] {
        let world = World::new();
        world.git("update-ref refs/presence/sessions main");
        if packed {
            world.git("pack-refs --all");
            assert!(!world.has(".git/refs/presence/sessions"));
        }
        let blocks = "refs/presence/sessions is a ref where a folder of refs belongs";
        let removes = "git update-ref -d refs/presence/sessions";
        world.unchanged(|| {
            world
                .alice("claim node:x --purpose x")
                .fails(1, blocks)
                .hints(removes);
            world.alice("heartbeat").fails(1, blocks).hints(removes);
            let said = world.alice("doctor");
            said.exits(1);
            assert!(said.out.contains(blocks), "packed: {packed}: {}", said.out);
            assert!(said.out.contains(removes), "packed: {packed}: {}", said.out);
        });
        // It is not ours to remove.
        world.untouched(&["presence"], || {
            world.alice("doctor --repair").exits(1).code
        });
        world.git("update-ref -d refs/presence/sessions");
        world.alice("claim node:x --purpose x").says("Claimed");
        world.git_is_content();
    }
}

#[test]
fn a_board_that_cannot_be_kept_is_told_before_it_is_needed() {
    for packed in [false, true] {
        let world = World::new();
        world.git("update-ref refs/presence/sessions main");
        if packed {
            world.git("pack-refs --all");
        }
        world
            .alice("init")
            .fails(
                1,
                "refs/presence/sessions is a ref where a folder of refs belongs",
            )
            .hints("git update-ref -d refs/presence/sessions");
        for line in ["list", "peek node:x", "status", "log"] {
            assert!(matches!(world.alice(line).code, Some(0 | 1)), "{line}");
        }
    }
}

#[test]
fn refs_of_another_kind_are_left_alone() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.git("update-ref refs/presence/later/thing main");
    world
        .bob("doctor")
        .says("note: refs/presence/later/thing")
        .says("Healthy: 1 session");
    world.bob("doctor --repair").done();
    assert_eq!(
        world.git("rev-parse refs/presence/later/thing"),
        world.git("rev-parse main")
    );
    world.bob("list").says("node:x");
}

#[test]
fn settings() {
    let world = World::new();
    world.git("config presence.tttl 15m");
    world
        .alice("doctor")
        .says("note: presence.tttl")
        .says("means nothing here")
        .says("known keys: presence.ledger, presence.project")
        .says("No problem, 1 note to heed: 0 sessions");
    world.git("config presence.ttl 1s");
    let said = world.alice("doctor");
    said.exits(1);
    said.prints("problem: presence.ttl = \"1s\"");
    said.prints("git config presence.ttl");
    let report = world.alice("doctor --json").exits(1).json();
    assert_eq!(report["open"], 1);
    assert_eq!(report["findings"][0]["severity"], "problem");
    assert_eq!(report["findings"][0]["repairable"], false);
}

#[test]
fn a_session_from_the_future() {
    let world = World::new();
    let fast = world.with("GIT_PRESENCE_TEST_NOW", "2026-11-21T12:00:00Z");
    fast.alice("claim node:x --purpose x").done();
    let said = world.bob("doctor");
    said.exits(1);
    said.prints("in the future");
    said.prints("compare the clocks");
}

/// Hooks run the first program in the path, which may be an older one.
#[test]
fn another_program_of_this_name_is_named() {
    let world = World::new();
    world.sh("mkdir -p ~/bin && printf '#!/bin/sh\\n' >~/bin/git-presence && chmod +x ~/bin/git-presence").done();
    let own = env!("CARGO_BIN_EXE_git-presence");
    world
        .sh(&format!("PATH=$HOME/bin:$PATH '{own}' doctor"))
        .says("note: hooks run another program, the first in PATH: ")
        .prints("/home/bin/git-presence");
    world.anyone("doctor").omits("another program");
}
