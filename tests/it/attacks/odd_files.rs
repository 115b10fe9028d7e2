//! Pipes, devices and links in the place of the files that make a folder a repository.
//!
//! Owns that no hook and no verb opens one: neither waits, and neither reads without an end.

use serde_json::Value;

use crate::hooks::agent::{context, payload, send};
use crate::said::Said;
use crate::world::{ALICE, World};

/// With a limit for memory and for time, so that a mistake ends by itself.
fn bounded(world: &World, line: &str) -> Said {
    world.sh(&format!("ulimit -v 4000000; timeout 20 {line}"))
}

fn event_in(world: &World, folder: &World, event: &str) -> Said {
    let mut said = payload(world, "claude", event);
    said["cwd"] = Value::from(folder.dir().display().to_string());
    send(world, "claude", event, &said)
}

/// What a stranger can commit.
#[test]
fn a_folder_with_a_head_that_has_no_end_is_a_folder() {
    for head in ["/dev/zero", "/proc/kmsg", "refs/endless", "../../loop"] {
        let world = World::new();
        world.alice("claim infra:x --purpose held").done();
        let folder = world.at(world.dir().join("e"));
        for name in ["refs/keep", "objects/keep"] {
            folder.write(name, "");
        }
        folder.sh(&format!("ln -s {head} HEAD")).done();
        folder.sh("ln -s /dev/zero refs/endless").done();
        bounded(&folder, "git-presence list").says("infra:x");
        for deep in [&folder, &folder.at(folder.dir().join("refs"))] {
            let told = context(&event_in(&world, deep, "UserPromptSubmit"));
            assert!(told.contains(ALICE), "{head}: {told}");
            event_in(&world, deep, "SessionEnd").exits(0);
        }
    }
}

#[test]
fn a_pipe_in_a_git_folder_is_told_and_not_waited_for() {
    for file in ["HEAD", "config", "commondir", "packed-refs"] {
        let world = World::new();
        world.alice("claim infra:x --purpose held").done();
        world
            .sh(&format!("rm -f .git/{file}; mkfifo .git/{file}"))
            .done();
        bounded(&world, "git-presence list")
            .fails(128, "is a pipe, a socket or a device")
            .hints("git status");
        bounded(&world, "git-presence --ledger . list").fails(128, "is a pipe");
        for event in ["SessionStart", "PreToolUse", "PostToolUse", "SessionEnd"] {
            event_in(&world, &world, event).exits(0);
        }
    }
}

/// Git waits for these, too; a hook promises to end.
#[test]
fn settings_of_the_user_that_have_no_end_are_told() {
    let world = World::new();
    world.alice("claim infra:x --purpose p").done();
    let pipe = world.root().join("pipe").display().to_string();
    world.sh(&format!("mkfifo {pipe}")).done();
    let is_told = |world: &World, what: &str| {
        for verb in ["list", "status", "doctor"] {
            world
                .anyone(verb)
                .fails(128, "the settings of the user cannot be read")
                .tells(what)
                .hints("put a plain file in its place");
        }
        // Outside of any repository, and for agents.
        let _ = world.at("nowhere").anyone("list").exits(128);
        let payload = format!(
            "{{\"session_id\":\"s\",\"cwd\":\"{}\",\"tool_name\":\"Bash\",\"tool_input\":{{\"command\":\"ls\"}}}}",
            world.dir().display()
        );
        world
            .anyone_with_input("hook claude PreToolUse", payload.as_bytes())
            .is_silent();
    };
    is_told(&world.with("GIT_CONFIG_GLOBAL", pipe.as_str()), "is a pipe");
    is_told(
        &world
            .with("GIT_CONFIG_SYSTEM", pipe.as_str())
            .without("GIT_CONFIG_NOSYSTEM"),
        "is a pipe",
    );
    is_told(&world.with("GIT_CONFIG_GLOBAL", "/dev/zero"), "a device");
    let kept = world.read("../home/.gitconfig");
    for (text, what) in [
        (
            "[include]\n\tpath = ~/endless\n",
            "is a link to what is no file",
        ),
        ("[include]\n\tpath = ../pipe\n", "is a pipe"),
    ] {
        world.write("../home/.gitconfig", format!("{kept}{text}"));
        let _ = std::os::unix::fs::symlink("/proc/kmsg", world.home().join("endless"));
        is_told(&world, what);
    }
    world.write("../home/.gitconfig", &kept);
    // Nothing is nothing.
    for path in ["/dev/null", "/nonexistent", ""] {
        world.with("GIT_CONFIG_GLOBAL", path).alice("list").done();
    }
}
