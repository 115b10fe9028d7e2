//! Variables that point Git elsewhere, and hooks that inherit them.

use crate::said::Said;
use crate::world::{ALICE, World, open_to_all};

/// Claim and list with an environment, and see that the board is where it belongs.
fn works_as_ever(world: &World, hostile: &World) {
    hostile.alice("claim node:x --purpose x").says("Claimed");
    hostile.alice("heartbeat --throttle 0").is_silent();
    hostile
        .bob("claim node:x --purpose y")
        .says("ALSO CLAIMED BY wizard@devvm@alice");
    world
        .carol("list")
        .says("wizard@devvm@alice")
        .says("wizard@devvm@bob");
    assert!(world.has(".git/refs/presence/sessions"));
    world.git("fsck --strict --no-dangling");
}

#[test]
fn an_index_of_another_repository() {
    let world = World::new();
    let index = world.dir().join("other-index");
    works_as_ever(&world, &world.with("GIT_INDEX_FILE", &index));
    assert!(!index.exists());
}

#[test]
fn objects_somewhere_else() {
    let world = World::new();
    let elsewhere = world.at("elsewhere").dir().to_owned();
    let hostile = world
        .with("GIT_OBJECT_DIRECTORY", &elsewhere)
        .with("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/nowhere:/else");
    works_as_ever(&world, &hostile);
    // Packed objects are looked for in other ways than loose ones.
    world.git("gc --quiet --prune=now");
    hostile
        .carol("list")
        .says("wizard@devvm@alice")
        .says("wizard@devvm@bob");
    assert_eq!(std::fs::read_dir(elsewhere).unwrap().count(), 0);
}

#[test]
fn a_namespace() {
    let world = World::new();
    works_as_ever(&world, &world.with("GIT_NAMESPACE", "tenant"));
    assert!(!world.has(".git/refs/namespaces"));
    world.git("update-ref refs/presence/sessions/stray main");
    let tenant = world.with("GIT_NAMESPACE", "tenant");
    tenant.bob("doctor --repair").says("repaired: removed");
    assert_eq!(world.git("for-each-ref refs/presence/sessions/stray"), "");
}

#[test]
fn replacements_and_grafts() {
    let world = World::new();
    let hostile = world
        .with("GIT_REPLACE_REF_BASE", "refs/presence/")
        .with("GIT_GRAFT_FILE", "/nowhere")
        .with("GIT_SHALLOW_FILE", "/nowhere");
    works_as_ever(&world, &hostile);
}

#[test]
fn garbage_for_settings() {
    let world = World::new();
    for garbage in [
        "'",
        "garbage",
        "'a'='b' '",
        "\u{1b}[31m",
        "''=''",
        "'presence'",
        "'=x'",
    ] {
        let said = world.with("GIT_CONFIG_PARAMETERS", garbage).alice("list");
        let code = said.omits("\u{1b}").code;
        assert!(
            matches!(code, Some(0 | 128 | 129)),
            "{garbage:?}: {code:?}: {}",
            said.err
        );
    }
    for (count, key) in [
        ("many", "x"),
        ("1", ""),
        ("1", "nodot"),
        ("99999999999", "presence.ttl"),
    ] {
        let hostile = world
            .with("GIT_CONFIG_COUNT", count)
            .with("GIT_CONFIG_KEY_0", key)
            .with("GIT_CONFIG_VALUE_0", "x");
        let code = hostile.alice("list").code;
        assert!(
            matches!(code, Some(0 | 128 | 129)),
            "{count} {key:?}: {code:?}"
        );
    }
}

#[test]
fn noise() {
    let world = World::new();
    let trace = world.root().join("trace");
    let hostile = world
        .with("GIT_TRACE", "1")
        .with("GIT_TRACE2", &trace)
        .with("GIT_TRACE_SETUP", "2")
        .with("GIT_CURL_VERBOSE", "1")
        .with("GIT_REFLOG_ACTION", "x\ny")
        .with("GIT_PAGER", "false")
        .with("GIT_EDITOR", "false")
        .with("RUST_BACKTRACE", "1")
        .with("RUST_LOG", "trace");
    hostile.alice("heartbeat --throttle 0").is_silent();
    works_as_ever(&world, &hostile);
}

#[test]
fn noise_where_git_is_asked_about_refs() {
    let world = World::empty().at("repo");
    world.git("init --quiet --ref-format=reftable");
    let hostile = world
        .with("GIT_TRACE", "1")
        .with("GIT_TRACE2", "1")
        .with("GIT_INDEX_FILE", "/nowhere")
        .with("GIT_OBJECT_DIRECTORY", "/nowhere")
        .with("GIT_NAMESPACE", "tenant")
        .with("LC_ALL", "de_DE.UTF-8")
        .with("LANGUAGE", "de");
    hostile.alice("claim node:x --purpose x").says("Claimed");
    hostile.alice("heartbeat --throttle 0").is_silent();
    hostile
        .bob("claim node:x --purpose y")
        .says("ALSO CLAIMED BY");
    world.bob("list").says("wizard@devvm@alice");
}

#[test]
fn a_git_dir_counts_as_it_does_for_git() {
    let world = World::new();
    let nowhere = world.at("nowhere");
    let by_variable = nowhere.with("GIT_DIR", world.git_dir());
    by_variable
        .alice("claim node:x --purpose x")
        .says("Claimed");
    world.bob("list").says("node:x");
    nowhere
        .with("GIT_DIR", "/not/there")
        .alice("claim node:x --purpose x")
        .exits(128);
    world.with("GIT_DIR", "").alice("list").exits(128);
    // Another ledger is opened for what it is.
    let board = world.at("board.git");
    board.git("init --quiet --bare");
    by_variable
        .alice("claim node:there --purpose x --ledger ../board.git")
        .done();
    board.bob("list").says("node:there");
}

#[test]
fn while_a_push_is_being_checked() {
    let world = World::new();
    let quarantined = world.with(
        "GIT_QUARANTINE_PATH",
        world.git_dir().join("objects/incoming"),
    );
    world.unchanged(|| {
        for line in [
            "claim node:x --purpose x",
            "heartbeat",
            "release node:x",
            "init",
        ] {
            quarantined
                .alice(line)
                .fails(1, "a push into this repository is being checked")
                .hints("hook");
        }
    });
    quarantined.alice("list").says("Nothing is claimed.");
}

/// No file may take a byte more: what a full disk or a quota does to a write.
fn on_a_full_disk(world: &World, line: &str) -> Said {
    world
        .with("GIT_PRESENCE_SESSION", ALICE)
        .sh(&format!("trap '' XFSZ; ulimit -f 0; git-presence {line}"))
}

#[test]
fn a_disk_that_is_full() {
    // Objects that no ref names are ignored.
    let allowed = ["presence", "objects"];
    for format in ["files", "reftable"] {
        let world = World::empty().at("repo");
        world.git(&format!("init --quiet --ref-format={format}"));
        world.untouched(&allowed, || {
            on_a_full_disk(&world, "claim node:x --purpose x").fails(1, "error: cannot write");
        });
        world.alice("claim node:x --purpose x").done();
        world.later("10m");
        world.untouched(&allowed, || {
            for line in [
                "claim node:y --purpose y",
                "heartbeat",
                "release --all-mine",
            ] {
                on_a_full_disk(&world, line)
                    .fails(1, "cannot write")
                    .hints("");
            }
            on_a_full_disk(&world, "list").says("node:x");
        });
        world
            .alice("claim node:y --purpose y")
            .says("Claimed node:y");
        world.bob("doctor").says("Healthy: 1 session");
        world.git("fsck --strict --no-dangling");
    }
}

/// A hook that claims, as an agent's repository might have.
fn with_hook(world: &World, name: &str, script: &str) {
    let hook = format!(".git/hooks/{name}");
    world.write(&hook, format!("#!/bin/sh\n{script}\n"));
    open_to_all(&world.dir().join(hook), 0o755);
}

#[test]
fn from_inside_a_commit_hook() {
    let world = World::new();
    with_hook(
        &world,
        "pre-commit",
        "git presence claim path:src --purpose commit || exit 1",
    );
    let agent = world.with("GIT_PRESENCE_SESSION", ALICE);
    world.write("src/a.rs", "fn b() {}\n");
    // `commit -a` hands an index of its own to the hook, `-c` its settings.
    agent.git("-c presence.ttl=1h commit --quiet -a -m second");
    assert_eq!(world.git("log -1 --format=%s"), "second");
    assert_eq!(world.git("status --porcelain"), "");
    let list = world.bob("list --json").json();
    assert_eq!(list[0]["session_id"], ALICE);
    assert_eq!(list[0]["expires_at"], "2026-11-21T11:00:00.000Z");
}

#[test]
fn from_inside_a_hook_of_a_linked_work_tree() {
    let world = World::new();
    world.git("worktree add --quiet ../linked -b side");
    with_hook(
        &world,
        "pre-commit",
        "cd / && git presence claim path:src --purpose commit",
    );
    let linked = world.at("linked").with("GIT_PRESENCE_SESSION", ALICE);
    linked.git("commit --quiet --allow-empty -m second");
    world.bob("list").says("path:src").says(ALICE);
}

#[test]
fn from_inside_a_receive_hook() {
    let world = World::new();
    let server = world.at("server.git");
    server.git("init --quiet --bare");
    server.write(
        "hooks/pre-receive",
        "#!/bin/sh\ngit presence claim node:x --purpose x\n",
    );
    open_to_all(&server.dir().join("hooks/pre-receive"), 0o755);
    let pusher = world.with("GIT_PRESENCE_SESSION", ALICE);
    let said = pusher.try_git("push --quiet ../server.git main");
    assert_ne!(said.code, Some(0));
    said.tells("being checked");
    assert!(!server.has("refs/presence"));
    std::fs::rename(
        server.dir().join("hooks/pre-receive"),
        server.dir().join("hooks/post-receive"),
    )
    .unwrap();
    pusher.git("push --quiet ../server.git main");
    server.bob("list").says("node:x");
}

/// Git names a repository for what it starts: a harness below a hook or an alias has that, and its
/// agent works wherever it works.
#[test]
fn a_repository_that_the_environment_of_a_harness_names_is_not_that_of_its_tools() {
    let world = World::new();
    let other = world.at(world.root().join("other"));
    for place in [&world, &other] {
        place
            .sh("mkdir -p . && git init --quiet . && echo x > f")
            .done();
        place.git("config presence.enforce deny");
        place.bob("claim -x path:f --purpose p").done();
    }
    let git_dir = |place: &World| place.dir().join(".git").display().to_string();
    for named in [
        git_dir(&world),
        git_dir(&other),
        ".git".to_owned(),
        "/none".to_owned(),
    ] {
        for place in [&world, &other] {
            let file = place.dir().join("f").display().to_string();
            let payload = serde_json::json!({
                "session_id": "s1", "hook_event_name": "PreToolUse", "cwd": world.dir(),
                "tool_name": "Edit", "tool_input": {"file_path": file},
            });
            let harness = world.with("GIT_DIR", &named);
            let said = harness.anyone_with_input("hook claude", payload.to_string().as_bytes());
            said.says("\"deny\"");
        }
    }
}
