//! The plugin for Claude Code in this repository: its shape, its hooks, its skill.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::world::World;

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(path: &str) -> String {
    std::fs::read_to_string(at(path)).unwrap()
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

fn keys(value: &Value, allowed: &[&str]) {
    for key in value.as_object().unwrap().keys() {
        assert!(allowed.contains(&key.as_str()), "{key}");
    }
}

#[test]
fn the_manifests_have_their_documented_shape() {
    let market = json(".claude-plugin/marketplace.json");
    keys(&market, &["name", "description", "owner", "plugins"]);
    assert!(market["name"].is_string() && market["owner"]["name"].is_string());
    let plugin = &market["plugins"][0];
    keys(
        plugin,
        &["name", "source", "description", "category", "tags"],
    );
    let folder = plugin["source"]
        .as_str()
        .unwrap()
        .strip_prefix("./")
        .unwrap();
    let manifest = json(&format!("{folder}/.claude-plugin/plugin.json"));
    keys(
        &manifest,
        &[
            "name",
            "displayName",
            "version",
            "description",
            "author",
            "license",
            "keywords",
        ],
    );
    assert_eq!(manifest["name"], plugin["name"]);
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert!(manifest["keywords"].is_array());
}

#[test]
fn its_hooks_are_those_that_install_writes() {
    let plugin = json("plugin/hooks/hooks.json");
    keys(&plugin, &["description", "hooks"]);
    let printed = World::empty()
        .anyone("install claude --print")
        .done()
        .out
        .clone();
    let installed: Value = serde_json::from_str(&printed).unwrap();
    let (ours, theirs) = (&plugin["hooks"], &installed["hooks"]);
    assert_eq!(
        ours.as_object().unwrap().len(),
        theirs.as_object().unwrap().len()
    );
    for (event, groups) in theirs.as_object().unwrap() {
        let (here, there) = (&ours[event][0], &groups[0]);
        assert_eq!(here["matcher"], there["matcher"], "{event}");
        let (here, there) = (&here["hooks"][0], &there["hooks"][0]);
        for key in ["timeout", "async", "type"] {
            assert_eq!(here[key], there[key], "{event} {key}");
        }
        assert_eq!(here["command"], "${CLAUDE_PLUGIN_ROOT}/scripts/hook.sh");
        assert_eq!(here["args"][0], there["args"][2], "{event}");
    }
}

#[test]
fn its_script_calls_us_or_says_that_we_are_not_there() {
    let world = World::new();
    let script = at("plugin/scripts/hook.sh");
    let payload = super::payload(&world, "claude", "SessionStart").to_string();
    world.write("payload", payload);
    let line = |event: &str| format!("{} {event} < payload", script.display());
    world.sh(&line("session-start")).says("this session is");
    let without = world.with("PATH", "/usr/bin:/bin");
    without.sh(&line("session-start")).says("not in PATH");
    without.sh(&line("pre-tool-use")).is_silent();
}

#[test]
fn its_skill_is_portable_and_true() {
    let skill = read("plugin/skills/presence/SKILL.md");
    let (head, body) = skill
        .strip_prefix("---\n")
        .unwrap()
        .split_once("\n---\n")
        .unwrap();
    let field = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name} is missing"))
            .trim()
            .to_owned()
    };
    assert_eq!(field("name:"), "presence");
    let told = field("description:").len() + field("when_to_use:").len();
    assert!(told <= 1536, "{told} characters; the rest is cut off");
    // Every command that it names is one.
    let world = World::empty();
    for part in body.split("git presence ").skip(1) {
        let verb: String = part.chars().take_while(char::is_ascii_lowercase).collect();
        if ["is", ""].contains(&verb.as_str()) {
            continue;
        }
        world.anyone(&format!("{verb} -h")).done();
    }
}
