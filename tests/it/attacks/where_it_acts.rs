//! Commands that act in another place than where they seem to.
//!
//! Owns the ways by which the folder or the repository of a command could be taken for another one:
//! what is claimed there is met, at `deny`, and what is not certain is told.

use serde_json::{Value, json};

use crate::hooks::agent::{HARNESSES, payload, send};
use crate::said::Said;
use crate::world::World;

/// A repository in which Bob holds the stack in `prod`, and the agent claims the one at the top.
fn held() -> World {
    let world = World::new();
    world.git("config --global presence.enforce deny");
    world.write("prod/main.tf", "a\n");
    world.git("add .");
    world.git("commit --quiet -m prod");
    world.bob("claim -x stack:prod --purpose theirs").done();
    let session = payload(&world, "claude", "PreToolUse");
    let id = session["session_id"].as_str().unwrap();
    world
        .with("CLAUDECODE", "1")
        .with("CLAUDE_CODE_SESSION_ID", id)
        .anyone("claim stack:. --purpose mine")
        .done();
    world
}

/// Another repository beside it, in which Carol holds the same and the branch.
fn other(world: &World) -> World {
    let other = world.at("other");
    other.git("init --quiet");
    other.write("prod/main.tf", "a\n");
    other.git("add .");
    other.git("commit --quiet -m prod");
    other
        .carol("claim -x stack:prod stack:. branch:main --purpose hers")
        .done();
    other
}

/// What is said before an agent runs this there.
fn runs(at: &World, line: &str) -> Said {
    let mut payload = payload(at, "claude", "PreToolUse");
    payload["tool_name"] = "Bash".into();
    payload["tool_input"] = json!({ "command": line });
    send(at, "claude", "PreToolUse", &payload)
}

#[test]
fn a_push_that_names_nothing_is_judged_where_it_pushes() {
    let world = held();
    let other = other(&world);
    let at = other.dir().display().to_string();
    for line in [
        format!("git -C {at} push --force --mirror"),
        format!("cd {at} && git push --force --all"),
        format!("git -C {at} push origin '+refs/heads/*:refs/heads/*'"),
        format!("cd {at} && git push --prune origin"),
        format!("git --git-dir={at}/.git push --mirror origin"),
    ] {
        let said = runs(&world, &line);
        said.done().says("\"deny\"").says("git presence -C");
        let part = world.anyone(&format!("guard explain -- \"{line}\""));
        part.done().says("mutating").says(&at);
    }
    // A repository without a board is left alone.
    let plain = world.at("plain");
    plain.git("init --quiet");
    runs(&world, "git -C ../plain push --force --mirror").is_silent();
}

/// The event before a tool, the name of a tool with a shell, and the field of its command.
const SHELLS: [(&str, &str, &str, &str); 5] = [
    ("claude", "PreToolUse", "Bash", "command"),
    ("codex", "PreToolUse", "exec_command", "cmd"),
    ("gemini", "BeforeTool", "run_shell_command", "command"),
    ("cursor", "preToolUse", "Shell", "command"),
    ("copilot", "preToolUse", "bash", "command"),
];

fn told_to_run(world: &World, of: (&str, &str, &str, &str), line: &str, dir: (&str, &str)) -> Said {
    let (harness, event, tool, command) = of;
    let mut payload = payload(world, harness, event);
    let (name, input) = match harness {
        "copilot" => ("toolName", "toolArgs"),
        _ => ("tool_name", "tool_input"),
    };
    payload[name] = tool.into();
    let mut fields = json!({ command: line });
    fields[dir.0] = Value::from(dir.1);
    payload[input] = fields;
    send(world, harness, event, &payload)
}

#[test]
fn the_folder_in_which_a_tool_is_told_to_run_counts() {
    let world = held();
    let other = other(&world);
    let prod = world.dir().join("prod").display().to_string();
    let theirs = other.dir().join("prod").display().to_string();
    assert_eq!(SHELLS.map(|(harness, ..)| harness), HARNESSES);
    for of in SHELLS {
        for field in [
            "dir_path",
            "directory",
            "workdir",
            "working_directory",
            "cwd",
        ] {
            for dir in ["prod", "./prod/", &prod, "../other/prod", &theirs] {
                let said = told_to_run(&world, of, "terraform apply", (field, dir));
                let who = if dir.contains("other") {
                    "carol"
                } else {
                    "bob"
                };
                said.done().says(who).says("stack:prod");
            }
        }
        let said = told_to_run(&world, of, "terraform plan", ("workdir", "prod"));
        assert!(!said.done().out.contains("bob"), "{}", said.out);
    }
    // A patch names its files from there.
    world
        .bob("claim -x path:prod/main.tf --purpose theirs")
        .done();
    let patch = "apply_patch <<'E'\n*** Begin Patch\n*** Update File: main.tf\n*** End Patch\nE";
    let said = told_to_run(&world, SHELLS[1], patch, ("workdir", "prod"));
    said.done().says("path:prod/main.tf");
}
