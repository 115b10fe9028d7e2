//! Colour, streams, width and exit codes of the command line itself.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use crate::said::Said;
use crate::world::{World, needs};

const ESCAPE: &str = "\u{1b}[";

fn is_coloured(said: &Said) -> bool {
    said.done().out.contains(ESCAPE)
}

#[test]
fn no_colour_without_a_terminal() {
    let world = World::new();
    for line in [
        "claim node:x --purpose x",
        "list",
        "peek node:x",
        "status",
        "log",
        "doctor",
        "init",
        "-h",
        "claim -h",
    ] {
        world.alice(line).done().omits("\u{1b}");
    }
    world.alice("claim x").exits(129).omits("\u{1b}");
    world.alice("claim").exits(129).omits("\u{1b}");
}

#[test]
fn colour_by_setting() {
    let world = World::new();
    for (key, value, coloured) in [
        ("color.ui", "always", true),
        ("color.ui", "never", false),
        ("color.ui", "auto", false),
        ("color.presence", "always", true),
    ] {
        world.git(&format!("config {key} {value}"));
        assert_eq!(
            is_coloured(&world.alice("claim node:x --purpose x")),
            coloured,
            "{key}={value}"
        );
    }
    // Ours beats Git's, wherever the two stand.
    world.git("config --unset color.presence");
    world.git("config --global color.presence never");
    world.git("config color.ui always");
    assert!(!is_coloured(&world.alice("claim node:x --purpose x")));
}

/// What needs attention stands out on a terminal, and nothing does in a pipe.
#[test]
fn the_table_of_claims_in_colour() {
    let world = World::new();
    world.alice("claim node:x node:y --purpose x").done();
    world.bob("claim node:x --purpose y").done();
    for line in ["list", "status"] {
        assert!(!is_coloured(&world.alice(line)), "{line}");
        let plain = world.alice(line).out;
        let coloured = world.with("CLICOLOR_FORCE", "1");
        let said = coloured.alice(line);
        world.git("config color.ui always");
        let said_always = world.alice(line).out;
        world.git("config --unset color.ui");
        assert_eq!(said_always.matches("node:x\u{1b}").count(), 2, "{line}");
        for row in said_always
            .lines()
            .filter(|row| row.contains("node:x\u{1b}"))
        {
            assert!(row.contains("\u{1b}[1m\u{1b}[33m"), "{row:?}");
        }
        let bare = |text: &str| anstream::adapter::strip_str(text).to_string();
        assert_eq!(bare(&said_always), plain, "{line}");
        assert_eq!(bare(&said.out), plain, "{line}");
    }
}

#[test]
fn no_colour_in_json() {
    let world = World::new();
    world.git("config color.ui always");
    for line in [
        "claim node:x --purpose x --json",
        "list --json",
        "status --json",
    ] {
        world.alice(line).done().omits("\u{1b}").json();
    }
    world
        .alice("release node:y --json")
        .exits(3)
        .omits("\u{1b}")
        .json();
}

#[test]
fn failures_and_warnings_in_colour() {
    let world = World::new();
    world.git("config color.ui always");
    world.git("update-ref refs/presence/sessions/stray HEAD");
    world.alice("list").warns(ESCAPE);
    world.alice("release node:y").refuses(ESCAPE);
}

#[test]
fn on_a_terminal() {
    if !needs("script") {
        return;
    }
    let world = World::new();
    let on_a_terminal = |world: &World| {
        let claim = "git-presence claim node:x --purpose x";
        let said = world.sh(&format!("script -qec '{claim}' /dev/null </dev/null"));
        is_coloured(&said)
    };
    let world = world.with("TERM", "xterm-256color");
    assert!(on_a_terminal(&world));
    assert!(!on_a_terminal(&world.with("NO_COLOR", "1")));
    assert!(!on_a_terminal(&world.with("TERM", "dumb")));
    world.git("config color.ui never");
    assert!(!on_a_terminal(&world));
}

#[test]
fn a_pipe_without_a_reader_is_no_failure() {
    let world = World::new();
    let labels: Vec<String> = (0..64).map(|n| format!("node:n{n}")).collect();
    let purpose = "x".repeat(1024);
    for session in ["a", "b", "c"] {
        let claim = format!(
            "claim {} --purpose {purpose} --session {session}",
            labels.join(" ")
        );
        world.alice(&claim).done();
    }
    // More than a pipe holds, so that the reader is gone before the writer is done.
    for list in ["list --json", "log --json", "status --json"] {
        world
            .sh(&format!("set -o pipefail; git-presence {list} | head -c 1"))
            .done()
            .omits("anic")
            .omits("roken pipe");
    }
    world
        .sh("set -o pipefail; git-presence list --json | true; echo \"${PIPESTATUS[0]}\"")
        .says_all("0\n");
    world
        .sh("set -o pipefail; git presence -h | true")
        .done()
        .omits("anic");
    // What could not be told because of anything else is a failure.
    if std::path::Path::new("/dev/full").exists() {
        world
            .sh("git-presence list > /dev/full")
            .fails(1, "cannot write the answer");
    }
}

#[test]
fn closed_streams_are_no_panic() {
    let world = World::new();
    let said = world.sh("git-presence list >&- 2>&-; echo $?");
    said.prints(contains("101").not());
    world
        .sh("git-presence list 2>&-")
        .says("Nothing is claimed.");
    world
        .sh("git-presence list <&-")
        .says("Nothing is claimed.");
}

#[test]
fn help_is_an_answer() {
    let world = World::empty();
    for line in [
        "-h",
        "--help",
        "help",
        "claim -h",
        "help claim",
        "claim --help",
    ] {
        let said = world.anyone(line);
        said.says("Usage: git presence");
        assert_eq!(said.err, "", "{line}");
    }
    world
        .anyone("-h")
        .says("Resources are written <type>:<name>")
        .says("node: host: stack: service: db: pvc: infra:")
        .says("0 done, 1 broken, 3 refused, 4 contended, 5 remote, 128 no repository, 129 usage.");
    for verb in [
        "claim",
        "heartbeat",
        "release",
        "list",
        "peek",
        "whoami",
        "log",
        "status",
        "init",
        "doctor",
        "completions",
        "man",
    ] {
        world.anyone("-h").says(&format!("\n  {verb} "));
        world
            .anyone(&format!("{verb} -h"))
            .says(&format!("Usage: git presence {verb}"))
            .says("--json");
    }
    world
        .try_git("presence claim -h")
        .says("Usage: git presence claim");
    let version = format!("git-presence {}\n", env!("CARGO_PKG_VERSION"));
    world.anyone("--version").says_all(version.as_str());
    world.anyone("-V").says_all(version.as_str());
    assert!(!world.has(".git"), "help changes nothing");
}

#[test]
fn bad_usage_is_129_and_never_2() {
    let world = World::new();
    for line in [
        "frobnicate",
        "list --frobnicate",
        "claim",
        "list extra",
        "log -n -1",
        "completions tcsh",
        "man frobnicate",
        "heartbeat --throttle",
        "--ledger",
        "list --session",
    ] {
        let said = world.alice(line);
        assert!(!said.err.is_empty(), "{line}");
        said.exits(129);
        assert_eq!(said.out, "", "{line}");
        let said = world.alice(&format!("--json {line}"));
        let error = said.exits(129).json()["error"].clone();
        assert_eq!(error["kind"], "usage", "{line}");
        assert!(!error["message"].as_str().unwrap().is_empty(), "{line}");
        assert!(error["hints"].is_array(), "{line}");
    }
    world.alice("lst").fails(129, "list");
}

#[test]
fn words_that_are_no_unicode() {
    let world = World::new();
    world
        .sh(r"git-presence claim node:$'\xff' --purpose x")
        .exits(129)
        .omits("anic");
    world
        .sh(r"git-presence -C $'\xff' list")
        .exits(129)
        .omits("anic");
    world
        .sh(r"mkdir $'\xff' && cd $'\xff' && git init -q . && git-presence claim node:x --purpose x && git-presence status")
        .says("Claimed")
        .omits("anic");
}

#[test]
fn json_is_one_line() {
    let world = World::new();
    for line in [
        "claim node:x --purpose x",
        "list",
        "peek node:x",
        "status",
        "log",
        "whoami --explain",
        "init",
        "doctor",
        "heartbeat",
        "release node:x",
    ] {
        let said = world.alice(&format!("{line} --json"));
        said.done().json();
        assert!(said.out.ends_with('\n'), "{line}");
        assert_eq!(said.err, "", "{line}");
    }
}
