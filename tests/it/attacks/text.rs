//! Hostile text of other sessions, which reaches a terminal as plain text only.

use git_presence::model::text::is_unsafe;

use crate::said::Said;
use crate::world::{ALICE, World};

/// As it stands in TOML: escapes that colour, clear, hide, ring, set the title, and reorder.
const PAYLOAD: &str =
    "a\\u001b[31mb\\u009b2Jc\\u0007d\\u001b]0;title\\u0007e\\u202ef\\u2066g\\u0000h\\r\\ni";

/// Every verb that shows something of others, in text and in JSON.
const READERS: [&str; 9] = [
    "list",
    "list --expired",
    "peek node:x",
    "peek path:src/a.rs",
    "status",
    "log",
    "log node:x",
    "claim node:x --purpose mine",
    "doctor",
];

fn is_harmless(said: &Said) {
    for (stream, text) in [("stdout", &said.out), ("stderr", &said.err)] {
        let lines = text.replace('\n', "");
        let bad: String = lines.chars().filter(|c| is_unsafe(*c)).collect();
        assert!(
            bad.is_empty(),
            "{stream} has {}: {}",
            bad.escape_unicode(),
            text.escape_debug()
        );
    }
}

fn all_readers_are_harmless(world: &World) {
    for columns in ["60", "400"] {
        let world = world.with("COLUMNS", columns);
        for reader in READERS {
            is_harmless(&world.bob(reader));
            is_harmless(&world.bob(&format!("{reader} --json")));
        }
    }
    for line in [
        "claim node:x --purpose mine --refuse",
        "release node:theirs",
        "doctor --repair",
    ] {
        is_harmless(&world.carol(line));
        is_harmless(&world.carol(&format!("{line} --json")));
    }
}

/// Alice's record with one field replaced.
fn forged(file: &str, from: &str, to: &str) -> World {
    let world = World::new();
    world
        .with("CODEX_THREAD_ID", "t")
        .alice("claim node:x --purpose upgrade")
        .done();
    world.rewrite(&world.ref_of(ALICE), |files| {
        for (path, bytes) in files.iter_mut().filter(|(path, _)| path.starts_with(file)) {
            let text = String::from_utf8(std::mem::take(bytes)).unwrap();
            let line = text.lines().find(|line| line.starts_with(from));
            let line = line.unwrap_or_else(|| panic!("no {from} in {path}: {text}"));
            *bytes = text.replace(line, to).into_bytes();
        }
    });
    world
}

#[test]
fn in_the_fields_of_a_session() {
    for field in ["agent", "user", "host", "branch", "worktree"] {
        let world = forged(
            "session",
            &format!("{field} = "),
            &format!("{field} = \"{PAYLOAD}\""),
        );
        world.bob("list").says("node:x");
        all_readers_are_harmless(&world);
    }
}

#[test]
fn in_the_id_of_a_session() {
    let world = forged("session", "id = ", &format!("id = \"{PAYLOAD}\""));
    world.bob("list").warns("control character");
    all_readers_are_harmless(&world);
}

#[test]
fn in_the_fields_of_a_claim() {
    let world = forged("claim", "purpose = ", &format!("purpose = \"{PAYLOAD}\""));
    world
        .bob("list")
        .says(r#""a\u{1b}[31mb\u{9b}2Jc\u{7}d\u{1b}]0;tit"#);
    all_readers_are_harmless(&world);
    let long = "x".repeat(5000);
    let world = forged("claim", "purpose = ", &format!("purpose = \"{long}\""));
    let shown = world.bob("list --json").json()[0]["purpose"]
        .as_str()
        .unwrap()
        .len();
    assert_eq!(shown, 1024, "a foreign purpose is cut");
    let world = forged(
        "claim",
        "resource = ",
        &format!("resource = \"node:{PAYLOAD}\""),
    );
    all_readers_are_harmless(&world);
    let world = forged("claim", "mode = ", &format!("mode = \"{PAYLOAD}\""));
    all_readers_are_harmless(&world);
}

#[test]
fn in_records_that_cannot_be_read() {
    for garbage in [
        "\u{1b}[31m = = =".to_owned(),
        format!("\"{PAYLOAD}\" = 1"),
        format!("format = \"{PAYLOAD}\""),
        "\u{202e}".to_owned(),
    ] {
        let world = World::new();
        world.alice("claim node:x --purpose upgrade").done();
        world.rewrite_claim(&world.ref_of(ALICE), |_| garbage.clone().into_bytes());
        world.bob("list").warns("malformed");
        all_readers_are_harmless(&world);
    }
}

#[test]
fn in_the_name_of_a_record() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    let name = world.ref_of(ALICE);
    world.rewrite(&name, |files| {
        files.insert("claim-\u{1b}[31m-\u{202e}.toml".to_owned(), b"x".to_vec());
    });
    world.bob("list").says("node:x");
    all_readers_are_harmless(&world);
}

#[test]
fn in_the_name_of_a_ref() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    world.git("update-ref refs/presence/sessions/a\u{202e}b\u{9b}c main");
    world.bob("list").warns("unreadable records");
    all_readers_are_harmless(&world);
}

#[test]
fn in_the_message_of_an_event() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    let name = world.ref_of(ALICE);
    let raw = "a\u{1b}[31mb\u{9b}2Jc\u{7}d\u{202e}e";
    let files = world.files_of(&name);
    for message in [
        format!(
            "claim {raw}\n\n{raw}\n\nPresence-Event: {raw}\nPresence-Session: {ALICE}\nPresence-Resource: node:x\n"
        ),
        format!(
            "claim\n\n{raw}\n\nPresence-Event: claim\nPresence-Session: {raw}\nPresence-Resource: node:{raw}\n"
        ),
        format!(
            "lapse\n\nPresence-Event: lapse\nPresence-Session: {ALICE}\nPresence-Lapsed: node:{raw}\nPresence-Lapsed: node:x\nPresence-By: {raw}\nPresence-At: {raw}\n"
        ),
        raw.to_owned(),
    ] {
        world.put(&name, &files, &message);
        world.bob("log").done();
    }
    world
        .bob("log")
        .says(r#""a\u{1b}[31mb\u{9b}2Jc\u{7}d\u{202e}e""#);
    all_readers_are_harmless(&world);
}

#[test]
fn in_what_the_machine_says_about_itself() {
    let world = World::new().with("USER", "w\u{1b}[31mz\u{202e}");
    is_harmless(&world.anyone("claim node:x --purpose x"));
    is_harmless(&world.anyone("whoami --explain"));
    is_harmless(&world.bob("list"));
    let agent = World::new().with("AI_AGENT", "x\u{1b}[31my@1");
    is_harmless(&agent.anyone("whoami --explain"));
    is_harmless(&agent.anyone("claim node:x --purpose x"));
    all_readers_are_harmless(&agent);
}

#[test]
fn in_what_was_typed() {
    let world = World::new();
    let raw = "a\u{1b}[31mb\u{202e}c\u{9b}d";
    for line in [
        format!("peek node:{raw}"),
        format!("claim node:x --purpose {raw}"),
        format!("claim node:x --purpose x --ttl {raw}"),
        format!("list --resource {raw}"),
        format!("list --type {raw}"),
        format!("log --session {raw}"),
        format!("log {raw}"),
        format!("release {raw}"),
        format!("heartbeat --throttle {raw}"),
        format!("list --ledger {raw}"),
        format!("list -C {raw}"),
        raw.to_owned(),
        format!("list --{raw}"),
        format!("completions {raw}"),
        format!("man {raw}"),
        format!("log -n {raw}"),
    ] {
        is_harmless(&world.alice(&line));
        is_harmless(&world.alice(&format!("{line} --json")));
    }
    world.git(&format!("config presence.ttl {raw}"));
    is_harmless(&world.alice("list"));
    is_harmless(&world.alice("doctor"));
    is_harmless(&world.alice("doctor --json"));
    world.git("config --unset presence.ttl");
    let odd = World::empty().at("a\u{1b}[31mb\u{202e}");
    odd.git("init --quiet");
    for line in [
        "status",
        "doctor",
        "init",
        "whoami --explain",
        "claim node:x --purpose x",
    ] {
        is_harmless(&odd.alice(line));
        is_harmless(&odd.alice(&format!("{line} --json")));
    }
}
