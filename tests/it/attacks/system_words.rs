//! What the system says when it fails, and what a reader sees of it.
//!
//! Owns the promise that no answer has a number of the system or a word of the language that this
//! program is written in, and that it names the thing and what to do.

use crate::said::Said;
use crate::world::{World, open_to_all};

/// Words that a reader of another language does not know.
const FOREIGN: [&str; 14] = [
    "os error",
    "Os {",
    "Custom {",
    "Error(",
    "Err(",
    "Some(",
    "panicked",
    "RUST_BACKTRACE",
    "unwrap",
    "Utf8Error",
    "invalid utf-8",
    "invalid digit",
    "missing field",
    "::",
];

fn is_clean(said: &Said) {
    for foreign in FOREIGN {
        said.omits(foreign);
    }
}

#[test]
fn a_command_that_does_not_start_is_named_with_what_to_do() {
    let world = World::new();
    world.write("script", "true\n");
    world.write("old", "#!/nowhere/interpreter\ntrue\n");
    open_to_all(&world.dir().join("old"), 0o755);
    for (command, code, says) in [
        (
            "nosuchprogram",
            127,
            "there is no program nosuchprogram in the PATH",
        ),
        ("./nosuch", 127, "./nosuch does not exist; check the path"),
        (
            "./old",
            127,
            "the program that its first line names is missing",
        ),
        ("./script", 126, "make it executable: chmod +x ./script"),
        ("./src", 126, "./src is a folder"),
    ] {
        for kind in ["-x", ""] {
            let said = world.alice(&format!("run {kind} node:x -p p -- {command}"));
            said.exits(code).tells(says);
            is_clean(&said);
        }
    }
    world.anyone("list").says("Nothing is claimed.");
}

#[test]
fn a_folder_that_cannot_be_entered_is_named_with_what_to_do() {
    let world = World::new();
    for (dir, why) in [
        ("nowhere", "it does not exist"),
        ("README", "it is no folder"),
    ] {
        for verb in ["status", "list", "claim node:x -p p", "hook pre-push"] {
            let said = world.alice(&format!("-C {dir} {verb}"));
            said.fails(129, &*format!("cannot go to {dir}: {why}"))
                .tells("hint: give -C a folder that exists");
            is_clean(&said);
            let said = world.alice(&format!("-C {dir} {verb} --json"));
            is_clean(&said);
        }
    }
}

/// A program that is not there, files that are in the place of others, and text that is none.
#[test]
fn whatever_fails_is_told_in_plain_words() {
    let world = World::new();
    let lines = [
        "claim node:x -p p",
        "claim -x node:x -p p",
        "release node:x",
        "list",
        "list --json",
        "status --json",
        "peek node:x",
        "log -n 9999999999999999999999",
        "log --since 99999999999999999999d",
        "claim node:x -p p --ttl 1e9",
        "release --force node:x --holder h --token x --reason r",
        "sync",
        "sync nowhere",
        "doctor",
        "doctor --json",
        "gc",
        "audit",
        "install",
        "install --agent claude",
        "init",
        "man /nowhere/at/all",
        "--ledger nowhere list",
        "--ledger README list",
        "hook claude prompt",
        "guard",
        "prompt --tmux",
    ];
    let tried = |world: &World| {
        for line in lines {
            is_clean(&world.alice(line));
        }
    };
    tried(&world.at("../empty"));
    tried(&world);
    // Git is missing.
    tried(&world.with("PATH", "/nowhere"));
    // A folder has become a file, and a file a folder.
    world
        .sh("rm -rf .git/presence; echo x > .git/presence")
        .done();
    tried(&world);
    world
        .sh("rm -rf .git/presence; mkdir -p .git/presence/node/x .git/presence/writers.lock")
        .done();
    tried(&world);
    world
        .sh("rm -rf .git/presence; echo '[' >> .git/config")
        .done();
    tried(&world);
    world.sh("rm .git/config; mkdir .git/config").done();
    tried(&world);
    // What is printed cannot be written.
    let full = world.sh("rm -rf .git; git init -q; git-presence list > /dev/full");
    full.exits(1)
        .tells("cannot write the answer: no space left on device");
    is_clean(&full);
}
