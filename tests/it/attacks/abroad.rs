//! Files of other repositories, of which not everything is known or usable.
//!
//! Owns that what is not known of another repository is told, that its own settings count there,
//! and that neither a `.git` nor a variable makes a file that is held one of no repository.

use serde_json::{Value, json};

use crate::hooks::agent::{context, send};
use crate::machines::Team;
use crate::said::Said;
use crate::world::World;

fn tool(at: &World, name: &str, input: &Value) -> Said {
    let payload = json!({
        "session_id": "s",
        "cwd": at.dir(),
        "tool_name": name,
        "tool_input": input,
    });
    send(at, "claude", "PreToolUse", &payload)
}

fn edits(at: &World, file: &str) -> Said {
    tool(at, "Edit", &json!({ "file_path": at.dir().join(file) }))
}

fn runs(at: &World, line: &str) -> Said {
    tool(at, "Bash", &json!({ "command": line }))
}

/// A repository in which Bob holds a file and a stack, and another one beside it.
fn two() -> (World, World) {
    let world = World::new();
    world.write("prod/main.tf", "a\n");
    world.git("add .");
    world.git("commit --quiet -m prod");
    world
        .bob("claim -x path:README stack:prod --purpose theirs")
        .done();
    let other = world.at("other");
    other.git("init --quiet");
    other.commit_files();
    (world, other)
}

#[test]
fn what_is_not_known_of_another_repository_is_told() {
    let (_team, a, b) = Team::pair();
    let me = a.at("me");
    me.git("init --quiet");
    me.commit_files();
    b.git("config --global presence.enforce deny");
    a.bob("claim -x path:README --purpose theirs").done();
    b.carol("claim infra:x --purpose hers").done();
    b.carol("sync").done();
    let file = b.dir().join("README").display().to_string();
    let top = b.dir().display().to_string();
    edits(&me, &file).says("wizard@devvm@bob").says("\"deny\"");
    // A remote that is not there: nothing stops it, and it is told, once.
    b.git("config presence.remote nope");
    let told = context(&edits(&me, &file));
    assert!(
        told.contains(&format!("In \"{top}\": ")) && told.contains("is not known yet"),
        "{told}"
    );
    edits(&me, &file).is_silent();
    b.git("config --unset presence.remote");
    // What cannot be opened is a doubt.
    for (set, unset) in [
        ("presence.ttl zz", "presence.ttl"),
        ("presence.ledger /nowhere", "presence.ledger"),
    ] {
        b.git(&format!("config {set}"));
        edits(&me, &file)
            .says("\"deny\"")
            .says("another session may claim it on a board that cannot be read")
            .says("git presence doctor");
        b.git(&format!("config --unset {unset}"));
    }
    // A record that cannot be read.
    a.bob("release --all-mine").done();
    b.carol("sync").done();
    edits(&me, &file).is_silent();
    let register = b.git("for-each-ref --format=%(refname) refs/presence-remote/origin/locks");
    let register = register.lines().next().unwrap();
    let files = [("cell.toml".to_owned(), b"format = 99\n".to_vec())].into();
    b.put(register, &files, "newer");
    let told = context(&edits(&me, &file));
    assert!(told.contains("cannot be read"), "{told}");
}

#[test]
fn the_stricter_settings_count() {
    let (world, other) = two();
    let file = world.dir().join("README").display().to_string();
    let line = format!("terraform -chdir={}/prod apply", world.dir().display());
    for (here, there, stops) in [
        ("warn", "deny", true),
        ("off", "deny", true),
        ("deny", "warn", true),
        ("deny", "off", true),
        ("off", "ask", true),
        ("warn", "off", false),
        ("off", "warn", false),
    ] {
        other.git(&format!("config presence.enforce {here}"));
        world.git(&format!("config presence.enforce {there}"));
        for said in [edits(&other, &file), runs(&other, &line)] {
            let is_stopped = said.out.contains("\"deny\"") || said.out.contains("\"ask\"");
            assert_eq!(is_stopped, stops, "{here} {there}: {}", said.out);
            said.says("wizard@devvm@bob");
        }
    }
    for world in [&world, &other] {
        world.git("config presence.enforce off");
    }
    edits(&other, &file).is_silent();
    runs(&other, &line).is_silent();
}

#[test]
fn a_git_that_cannot_be_used_hides_no_file() {
    let (world, _other) = two();
    world.git("config presence.enforce deny");
    world.write("sub/f", "x\n");
    world.bob("claim -x path:sub/** --purpose theirs").done();
    for make in [
        "mkfifo sub/.git",
        "mkdir -p sub/.git/refs sub/.git/objects; echo 'ref: refs/heads/main' > sub/.git/HEAD; \
         printf '[core]\\nrepositoryformatversion=99\\n' > sub/.git/config",
        "echo 'gitdir: ../.git' > sub/.git",
        "ln -s /dev/null sub/.git",
    ] {
        world.sh(make).done();
        edits(&world, "sub/f")
            .says("wizard@devvm@bob")
            .says("\"deny\"");
        // From inside of it.
        let inside = world.at("repo/sub");
        edits(&inside, "f")
            .says("wizard@devvm@bob")
            .says("\"deny\"");
        world.sh("rm -rf sub/.git").done();
    }
    // What is claimed of nothing there is a doubt, since its own board is not known.
    world.bob("release path:sub/**").done();
    world.sh("mkfifo sub/.git").done();
    edits(&world, "sub/f").says("below a .git that cannot be used");
}

#[test]
fn a_work_tree_in_the_environment_moves_nothing() {
    let (world, other) = two();
    world.git("config --global presence.enforce deny");
    world.git("worktree add --quiet ../wt -b side");
    let file = world.dir().join("README").display().to_string();
    let linked = world.root().join("wt/README").display().to_string();
    let trees = [
        world.dir().display().to_string(),
        other.dir().display().to_string(),
        ".".to_owned(),
        "/nonexistent".to_owned(),
    ];
    for tree in trees {
        for at in [&world, &other, &world.at("wt"), &world.at("repo/src")] {
            let harness = at.with("GIT_WORK_TREE", tree.as_str());
            for file in [&file, &linked] {
                edits(&harness, file)
                    .says("wizard@devvm@bob")
                    .says("\"deny\"");
            }
        }
    }
}
