//! Installation into the settings of a harness, and removal to the byte.

use std::os::unix::fs::PermissionsExt as _;

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::{contains, starts_with};
use serde_json::{Value, json};

use super::HARNESSES;
use crate::said::holds;
use crate::world::{World, needs_root};

/// Below the home directory, and below the top of a repository.
fn files(harness: &str) -> (&'static str, &'static str) {
    match harness {
        "claude" => (".claude/settings.json", ".claude/settings.json"),
        "codex" => (".codex/hooks.json", ".codex/hooks.json"),
        "gemini" => (".gemini/settings.json", ".gemini/settings.json"),
        "cursor" => (".cursor/hooks.json", ".cursor/hooks.json"),
        _ => (
            ".copilot/hooks/git-presence.json",
            ".github/hooks/git-presence.json",
        ),
    }
}

/// What a harness documents about the shape of its settings.
fn is_well_shaped(harness: &str, settings: &Value) {
    let needs_version = matches!(harness, "cursor" | "copilot");
    assert_eq!(settings["version"] == 1, needs_version, "{settings}");
    let hooks = settings["hooks"].as_object().unwrap();
    assert!(hooks.len() >= 5, "{settings}");
    for (event, entries) in hooks {
        for entry in entries.as_array().unwrap() {
            let is_flat = needs_version;
            let handlers = if is_flat {
                json!([entry])
            } else {
                entry["hooks"].clone()
            };
            for handler in handlers.as_array().unwrap() {
                let allowed: &[&str] = match harness {
                    "claude" => &["type", "command", "args", "timeout"],
                    "codex" => &["type", "command", "timeout"],
                    "gemini" => &["type", "command", "name", "timeout"],
                    "cursor" => &["command", "timeout", "matcher"],
                    _ => &["type", "bash", "powershell", "timeoutSec"],
                };
                for key in handler.as_object().unwrap().keys() {
                    assert!(allowed.contains(&key.as_str()), "{harness} {event} {key}");
                }
                assert!(handler.to_string().contains("git-presence"), "{handler}");
                let seconds = handler["timeout"]
                    .as_u64()
                    .or_else(|| handler["timeoutSec"].as_u64());
                let most = match (harness, event.as_str()) {
                    ("codex", "SessionEnd") => 3,
                    ("gemini", _) => 60_000,
                    _ => 60,
                };
                assert!((1..=most).contains(&seconds.unwrap()), "{harness} {event}");
            }
        }
    }
}

#[test]
fn a_file_is_made_and_goes_again() {
    for harness in HARNESSES {
        let world = World::new();
        let (user, project) = files(harness);
        for (flag, file) in [
            ("--user", world.home().join(user)),
            ("--project", world.dir().join(project)),
        ] {
            world
                .anyone(&format!("install {harness} {flag}"))
                .says("Created")
                .says("+");
            let settings: Value = serde_json::from_str(&world.read(&file)).unwrap();
            is_well_shaped(harness, &settings);
            world
                .anyone(&format!("install {harness} {flag}"))
                .says("Unchanged");
            world
                .anyone(&format!("uninstall {harness} {flag}"))
                .says("Removed");
            assert!(!world.has(&file), "{harness}");
            // What else is in the folder keeps it, as the work tree does its own.
            let folder = file.parent().unwrap();
            let is_left = std::fs::read_dir(folder).map(Iterator::count);
            assert_ne!(is_left.unwrap_or(1), 0, "{harness}: {folder:?}");
            world
                .anyone(&format!("uninstall {harness} {flag}"))
                .says("Unchanged");
        }
    }
}

#[test]
fn the_hooks_that_are_installed_work() {
    for harness in HARNESSES {
        let world = World::new();
        let printed = world
            .anyone(&format!("install {harness} --print"))
            .done()
            .out
            .clone();
        let settings: Value = serde_json::from_str(&printed).unwrap();
        for (event, entries) in settings["hooks"].as_object().unwrap() {
            let entry = &entries[0];
            let handler = entry.get("hooks").map_or(entry, |hooks| &hooks[0]);
            let line = match handler["args"].as_array() {
                Some(args) => {
                    let words: Vec<&str> = args.iter().filter_map(Value::as_str).collect();
                    format!("git-presence {}", words.join(" "))
                }
                None => handler["command"]
                    .as_str()
                    .or(handler["bash"].as_str())
                    .unwrap()
                    .to_owned(),
            };
            let payload = super::payload(&world, harness, event);
            world.write("payload", payload.to_string());
            let debug = world.with("GIT_PRESENCE_DEBUG", world.dir().join("debug"));
            debug.sh(&format!("{line} < payload")).done();
            assert!(
                !world.has("debug"),
                "{harness} {event}: {}",
                world.read("debug")
            );
        }
        assert!(!world.has(files(harness).1), "--print writes nothing");
    }
    // Where the program is not there, Copilot goes on.
    let world = World::new();
    let printed = world.anyone("install copilot --print").done().out.clone();
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let line = printed["hooks"]["preToolUse"][0]["bash"]
        .as_str()
        .unwrap()
        .to_owned();
    world.with("PATH", "/usr/bin:/bin").sh(&line).done();
}

#[test]
fn comments_order_and_everything_else_stay() {
    let world = World::new();
    let before = "{\n    // mine\n    \"model\": \"x\",\n    \"permissions\": {\"deny\": [\"Read(.env)\"]} // last\n}\n";
    world.write(".claude/settings.json", before);
    let said = world.anyone("install claude --project");
    said.says("Changed").says("+     \"hooks\": {");
    let after = world.read(".claude/settings.json");
    holds(
        &after,
        starts_with("{\n    // mine\n    \"model\": \"x\",\n"),
    );
    let changed = world.anyone("uninstall claude --project --json").json();
    assert_eq!(changed["files"][0]["what"], "changed");
    assert_eq!(world.read(".claude/settings.json"), before);
}

#[test]
fn a_link_and_a_mode_stay() {
    let world = World::new();
    let real = world.home().join("dotfiles/claude.json");
    world.write(&real, "{}\n");
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).unwrap();
    world
        .sh("mkdir -p ~/.claude; ln -s ../dotfiles/claude.json ~/.claude/settings.json")
        .done();
    world.anyone("install claude").says("Changed");
    holds(&world.read(&real), "git-presence");
    let link = world.home().join(".claude/settings.json");
    assert!(link.symlink_metadata().unwrap().is_symlink());
    let mode = real.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    world.anyone("uninstall claude").done();
    assert_eq!(world.read(&real), "{}\n");
}

/// A link in a repository is what others committed; only the user's own are followed anywhere.
#[test]
fn a_link_of_a_project_leads_nowhere_else() {
    let world = World::new();
    world.write(world.home().join("other"), "{}\n");
    world.write(world.home().join("folder/settings.json"), "{}\n");
    let before = world.read(".git/config");
    let links = [
        ("~/other", ".claude/settings.json"),
        ("~/folder", ".claude"),
        ("~/other", "CLAUDE.md"),
        ("~/nothing", "CLAUDE.md"),
        ("\"$PWD\"/.git/config", "CLAUDE.md"),
    ];
    for (to, link) in links {
        world
            .sh(&format!(
                "mkdir -p \"$(dirname {link})\"; ln -s {to} {link}"
            ))
            .done();
        for verb in [
            "install claude --project --rules",
            "uninstall claude --project",
        ] {
            world
                .anyone(verb)
                .fails(
                    1,
                    &format!("{link} is a link that leads out of the work tree"),
                )
                .hints("--user");
        }
        world.sh("rm -r .claude CLAUDE.md 2>&1; true").done();
    }
    assert_eq!(world.read(world.home().join("other")), "{}\n");
    assert_eq!(
        world.read(world.home().join("folder/settings.json")),
        "{}\n"
    );
    assert!(!world.home().join("nothing").exists());
    assert_eq!(world.read(".git/config"), before);
    // One that stays inside is followed.
    world
        .sh("echo rules > AGENTS.md; ln -s AGENTS.md CLAUDE.md")
        .done();
    world.anyone("install claude --project --rules").done();
    holds(&world.read("AGENTS.md"), "git presence");
}

#[test]
fn what_cannot_be_read_or_written_is_left_alone() {
    let world = World::new();
    for (bytes, why) in [
        (&b"{\"a\": "[..], "no JSON"),
        (b"[]", "no object"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"{\"hooks\": 7}", "not what a harness understands"),
    ] {
        world.write(".gemini/settings.json", bytes);
        world
            .anyone("install gemini --project")
            .fails(1, why)
            .hints("--print");
        let held = std::fs::read(world.dir().join(".gemini/settings.json")).unwrap();
        assert_eq!(held, bytes);
    }
    world
        .sh("rm .gemini/settings.json && mkfifo .gemini/settings.json")
        .done();
    world
        .anyone("install gemini --project")
        .fails(1, "it is no file");
    world.sh("rm -r .gemini && touch .gemini").done();
    world.anyone("install gemini --project").fails(1, ".gemini");
    world
        .without("HOME")
        .anyone("install claude")
        .fails(129, "HOME");
    World::empty()
        .anyone("install claude --project")
        .fails(128, "no Git repository");
    World::empty().anyone("install claude").done();
    world.anyone("install --rules").fails(129, "about agents");
    world.anyone("install claude --user --project").exits(129);
}

#[test]
fn settings_that_are_read_only_stay() {
    if !needs_root() {
        return;
    }
    let world = World::new();
    world.write(".codex/hooks.json", "{}");
    world
        .sh("chmod 555 .codex; chmod 444 .codex/hooks.json; chmod -R a+rX .")
        .done();
    let settings = world.dir().join(".codex");
    let said = world.with("CODEX_HOME", settings).stranger("install codex");
    said.fails(1, "cannot write").hints("--print");
    assert_eq!(world.read(".codex/hooks.json"), "{}");
    let left = std::fs::read_dir(world.dir().join(".codex"))
        .unwrap()
        .count();
    assert_eq!(left, 1, "nothing half written");
}

#[test]
fn rules_stand_between_markers() {
    let world = World::new();
    let before = "# Rules\n\nBe kind.\n";
    for (harness, file) in [
        ("claude", "CLAUDE.md"),
        ("codex", "AGENTS.md"),
        ("gemini", "GEMINI.md"),
    ] {
        world.write(file, before);
        world
            .anyone(&format!("install {harness} --project --rules"))
            .says(file);
        let text = world.read(file);
        holds(
            &text,
            starts_with(before).and(contains("Claim before you change")),
        );
        world
            .anyone(&format!("install {harness} --project --rules"))
            .says("Unchanged");
        world
            .anyone(&format!("uninstall {harness} --project"))
            .says(file);
        assert_eq!(world.read(file), before);
    }
    world.anyone("install claude --rules").done();
    assert!(world.home().join(".claude/CLAUDE.md").exists());
    world.anyone("uninstall claude").done();
    assert!(!world.home().join(".claude/CLAUDE.md").exists());
}

/// The last lines say what happens next, how to look, and how to undo it; and what is undone leaves
/// no folder behind.
#[test]
fn the_next_steps_are_said_and_no_empty_folder_is_left() {
    let world = World::new();
    let folders = || {
        world
            .sh("find . ~ -type d -not -path '*/objects*' | sort")
            .out
    };
    let before = folders();
    for agent in ["claude", "codex", "gemini", "cursor", "copilot"] {
        world
            .anyone(&format!("install {agent}"))
            .says("hint: start the agent anew")
            .says("hint: see whether it works: git presence doctor")
            .says("git presence man --install")
            .says(&*format!("hint: undo it: git presence uninstall {agent}\n"));
        world
            .anyone(&format!("install {agent} --project"))
            .says("hint: commit the file")
            .says(&*format!("git presence uninstall {agent} --project\n"));
        world.anyone(&format!("install {agent}")).omits("hint:");
        world.anyone(&format!("uninstall {agent}")).done();
        world.anyone(&format!("uninstall {agent} --project")).done();
    }
    world.anyone("man --install").done();
    world.anyone("man --uninstall").done();
    let after = folders();
    let left: Vec<&str> = after
        .lines()
        .filter(|line| !before.contains(*line))
        .collect();
    // The folder of the data of all programs is not ours.
    assert!(
        left.iter()
            .all(|line| line.contains(".local") && !line.contains("man")),
        "{left:?}"
    );
}
