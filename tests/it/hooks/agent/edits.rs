//! Edits by an agent of paths that other sessions claim.

use serde_json::{Value, json};

use super::{context, payload, send};
use crate::said::{Said, holds};
use crate::world::World;

/// What each harness sends before it writes a file, and where its answer says no.
const EDITORS: [(&str, &str, &str, &str); 12] = [
    (
        "claude",
        "PreToolUse",
        "Edit",
        "/hookSpecificOutput/permissionDecision",
    ),
    (
        "claude",
        "PreToolUse",
        "Write",
        "/hookSpecificOutput/permissionDecision",
    ),
    (
        "claude",
        "PreToolUse",
        "MultiEdit",
        "/hookSpecificOutput/permissionDecision",
    ),
    (
        "claude",
        "PreToolUse",
        "NotebookEdit",
        "/hookSpecificOutput/permissionDecision",
    ),
    (
        "codex",
        "PreToolUse",
        "apply_patch",
        "/hookSpecificOutput/permissionDecision",
    ),
    ("gemini", "BeforeTool", "write_file", "/decision"),
    ("gemini", "BeforeTool", "replace", "/decision"),
    ("cursor", "preToolUse", "Write", "/permission"),
    ("cursor", "preToolUse", "StrReplace", "/permission"),
    ("copilot", "preToolUse", "edit", "/permissionDecision"),
    ("copilot", "preToolUse", "create", "/permissionDecision"),
    (
        "copilot",
        "PreToolUse",
        "Edit",
        "/hookSpecificOutput/permissionDecision",
    ),
];

fn input(tool: &str, file: &str) -> Value {
    match tool {
        "apply_patch" => json!({
            "command": format!("*** Begin Patch\n*** Update File: {file}\n@@\n-a\n+b\n*** End Patch\n")
        }),
        "NotebookEdit" => json!({ "notebook_path": file }),
        "edit" | "create" => json!({ "path": file }),
        _ => json!({ "file_path": file }),
    }
}

/// `event` of a tool that writes `file`.
fn writes(world: &World, (harness, event, tool): (&str, &str, &str), file: &str) -> Said {
    let mut payload = payload(world, harness, event);
    let input = input(tool, file);
    match payload.get("toolName").is_some() {
        true => {
            payload["toolName"] = tool.into();
            payload["toolArgs"] = input;
        }
        false => {
            payload["tool_name"] = tool.into();
            payload["tool_input"] = input;
        }
    }
    send(world, harness, event, &payload)
}

/// Before Claude Code writes `file`.
fn edit(world: &World, file: &str) -> Said {
    writes(world, ("claude", "PreToolUse", "Edit"), file)
}

fn denied(said: &Said) -> bool {
    said.done();
    let answer: Value = serde_json::from_str(&said.out).unwrap_or_default();
    answer["hookSpecificOutput"]["permissionDecision"] == "deny"
}

fn enforcing(level: &str) -> World {
    let world = World::new();
    world.git(&format!("config presence.enforce {level}"));
    world
}

fn absolute(world: &World, file: &str) -> String {
    world.dir().join(file).display().to_string()
}

#[test]
fn a_file_that_no_other_session_claims_is_free() {
    for level in ["off", "warn", "ask", "deny"] {
        let world = enforcing(level);
        edit(&world, &absolute(&world, "src/a.rs")).is_silent();
        world.bob("claim path:docs node:a --purpose p").done();
        edit(&world, &absolute(&world, "src/a.rs")).is_silent();
    }
    for level in ["deny", "warn"] {
        let (world, a) = (enforcing(level), "src/a.rs");
        world.bob("claim path:src --purpose p").done();
        assert_eq!(denied(&edit(&world, a)), level == "deny");
        writes(&world, ("claude", "PreToolUse", "Read"), a).is_silent();
        world.later("15m");
        holds(&context(&edit(&world, a)), "path:src/a.rs\" is free now");
    }
}

#[test]
fn each_harness_is_told_in_its_words() {
    let world = enforcing("deny");
    world
        .bob("claim path:src/** --purpose \"new parser\"")
        .done();
    for (harness, event, tool, field) in EDITORS {
        let about = format!("{harness} {event} {tool}");
        for file in [absolute(&world, "src/new/b.rs"), "src/a.rs".to_owned()] {
            let answer = writes(&world, (harness, event, tool), &file);
            let answer = answer.done().json();
            assert_eq!(answer.pointer(field), Some(&"deny".into()), "{about}");
            let said = answer.to_string();
            for words in [
                "this edit changes what other sessions claim",
                r#"\"path:src/**\" is claimed by"#,
                "new parser",
                "Stop: this edit",
                r#"git presence wait \"path:src/**\""#,
            ] {
                assert!(said.contains(words), "{about}: {words} in {said}");
            }
        }
        let free = writes(&world, (harness, event, tool), "README")
            .done()
            .out
            .clone();
        assert!(
            !free.contains("deny") && !free.contains("claimed"),
            "{about}: {free}"
        );
    }
}

#[test]
fn the_setting_says_what_happens() {
    let world = World::new();
    let file = absolute(&world, "src/a.rs");
    world.bob("claim path:src/*.rs --purpose p").done();
    holds(
        &context(&edit(&world, &file)),
        "\"path:src/*.rs\" is claimed by",
    );
    world.git("config presence.enforce off");
    edit(&world, &file).is_silent();
    world.git("config presence.enforce ask");
    let asked = edit(&world, &file).json();
    assert_eq!(asked["hookSpecificOutput"]["permissionDecision"], "ask");
    world.git("config presence.enforce nonsense");
    edit(&world, &file).is_silent();
}

#[test]
fn who_came_first_goes_on_unless_it_is_held_exclusively() {
    let world = enforcing("deny");
    let file = absolute(&world, "src/a.rs");
    let (me, other) = super::two(&world);
    let edits = |agent: &super::Agent<'_>| {
        agent.with(
            "PreToolUse",
            json!({"tool_name": "Edit", "tool_input": {"file_path": file}}),
        )
    };
    me.runs("claim path:src --purpose first").done();
    edits(&me).is_silent();
    world.later("1m");
    other.runs("claim path:src/a.rs --purpose second").done();
    let told = edits(&me);
    assert!(!denied(&told) && context(&told).contains("second"));
    assert!(denied(&edits(&other)));
    me.runs("release --all-mine").done();
    other.runs("release --all-mine").done();
    other.runs("claim -x path:src/a.rs --purpose alone").done();
    let told = edits(&me);
    assert!(denied(&told));
    told.says(" exclusively since ");
    edits(&other).is_silent();
    // Also over one that shared it before.
    other.runs("release --all-mine").done();
    me.runs("claim path:src --purpose first").done();
    world.later("1m");
    let alone = "claim -x path:src/a.rs --over-shared --purpose alone";
    other.runs(alone).done();
    assert!(denied(&edits(&me)));
}

#[test]
fn a_patch_is_judged_by_every_file_that_it_names() {
    let world = enforcing("deny");
    world.bob("claim path:docs path:old --purpose p").done();
    let patch = |lines: &str| {
        let mut payload = payload(&world, "codex", "PreToolUse");
        payload["tool_name"] = "apply_patch".into();
        let text = format!("*** Begin Patch\n{lines}\n*** End Patch");
        payload["tool_input"] = json!({ "command": text });
        send(&world, "codex", "PreToolUse", &payload)
    };
    patch("*** Update File: src/a.rs\n@@\n-*** Delete File: docs/x\n+y").is_silent();
    for line in [
        "*** Add File: docs/x",
        "*** Delete File: docs/x",
        "*** Update File: src/a.rs\n*** Move to: docs/a.rs",
        "*** Update File: src/../docs/x\r",
    ] {
        let said = patch(&format!(
            "*** Add File: src/b\n+x\n{line}\n*** Add File: old/y"
        ));
        assert!(denied(&said), "{line}");
        said.says(r#"\"path:docs\" is claimed by"#)
            .says(r#"\"path:old\" is claimed by"#);
    }
}

#[test]
fn links_and_dots_lead_to_the_same_file() {
    let world = enforcing("deny");
    world.bob("claim path:docs path:pointer --purpose p").done();
    world
        .sh("mkdir docs; echo x > docs/a; ln -s docs shelf; ln -s ../docs/a src/l; ln -s docs/new early; ln -s src/a.rs pointer")
        .done();
    world
        .sh(&format!("ln -s {} ../elsewhere", world.dir().display()))
        .done();
    for file in [
        "docs/a",
        "./src/../docs/a",
        "src/none/../../docs/a",
        "shelf/a",
        "shelf/deep/er/b",
        "src/l",
        "early",
        "pointer",
        "../elsewhere/docs/a",
        "../repo/docs/a",
        "docs\\deep\\b",
        "src\\..\\docs\\a",
    ] {
        assert!(denied(&edit(&world, file)), "{file}");
        assert!(denied(&edit(&world, &absolute(&world, file))), "{file}");
        // The payload says where the session stands.
        let mut below = payload(&world, "claude", "PreToolUse");
        below["cwd"] = absolute(&world, "src").into();
        below["tool_name"] = "Write".into();
        below["tool_input"] = json!({"file_path": format!("../{file}")});
        assert!(
            denied(&send(&world, "claude", "PreToolUse", &below)),
            "{file}"
        );
    }
    for file in [
        "docs2/a",
        "src/docs/a",
        "../docs/a",
        "docs",
        "/docs/a",
        "C:\\repo\\docs\\a",
    ] {
        let is_meant = file == "docs";
        assert_eq!(denied(&edit(&world, file)), is_meant, "{file}");
    }
}

#[test]
fn what_is_no_file_of_this_repository_is_left_alone() {
    let world = enforcing("deny");
    world.bob("claim path:. --purpose \"all of it\"").done();
    assert!(denied(&edit(&world, "src/a.rs")));
    world.at("other").git("init --quiet");
    world.git("init --quiet vendor/lib");
    world.sh("echo x > vendor/lib/c").done();
    for file in [
        ".git/config",
        ".git/hooks/pre-push",
        "../other/a",
        "/etc/hosts",
        "..",
        ".",
    ] {
        edit(&world, file).is_silent();
        edit(&world, &absolute(&world, file)).is_silent();
    }
    assert!(denied(&edit(&world, "vendor/lib/c")), "it has no board");
    // The file counts, and not where the agent stands.
    let outside = world.at("nowhere");
    assert!(denied(&edit(&outside, &absolute(&world, "src/a.rs"))));
}

#[test]
fn work_trees_of_one_repository_have_the_same_names() {
    let world = enforcing("deny");
    world.git("worktree add --quiet ../linked -b linked");
    world.git("worktree add --quiet .trees/inner -b inner");
    world.git("clone --quiet --bare . ../bare.git");
    world.bob("claim path:src --purpose p").done();
    let (linked, inner) = (world.at("linked"), world.at("repo/.trees/inner"));
    for place in [&world, &linked, &inner] {
        for (file, is_claimed) in [
            ("repo/src/a.rs", true),
            ("linked/src/a.rs", true),
            ("repo/.trees/inner/src/a.rs", true),
            ("linked/README", false),
            ("repo/.trees/inner/README", false),
            ("linked/.git", false),
        ] {
            let file = world.root().join(file).display().to_string();
            assert_eq!(denied(&edit(place, &file)), is_claimed, "{file}");
        }
    }
    // A bare repository has no files but those of the work trees that are linked to it.
    let bare = world.at("bare.git");
    bare.git("config presence.enforce deny");
    bare.git("worktree add --quiet ../out main");
    bare.bob("claim path:. --purpose p").done();
    let file = |name: &str| world.root().join(name).display().to_string();
    assert!(denied(&edit(&bare, &file("out/src/a.rs"))));
    edit(&bare, &file("bare.git/config")).is_silent();
    assert!(denied(&edit(&bare, &file("repo/src/a.rs"))));
}

#[test]
fn edits_are_counted_where_another_session_claims_the_file() {
    let world = World::new();
    let after = |file: &str, id: &str| {
        let mut payload = payload(&world, "claude", "PostToolUse");
        payload["tool_name"] = "Edit".into();
        payload["tool_use_id"] = id.into();
        payload["tool_input"] = json!({ "file_path": absolute(&world, file) });
        send(&world, "claude", "PostToolUse", &payload).done();
    };
    after("src/a.rs", "1");
    assert!(!world.has(".git/presence/seen.jsonl"));
    world.bob("claim path:src --purpose p").done();
    after("src/a[1].rs", "2");
    after("src/a[1].rs", "2");
    after("README", "3");
    world.git("config presence.enforce deny");
    assert!(denied(&edit(&world, "src/a.rs")));
    let audit = world.anyone("audit --json").json();
    for (field, count) in [
        ("edits", 1),
        ("denied", 1),
        ("commands", 0),
        ("contested", 0),
    ] {
        assert_eq!(audit[field], count, "{field} in {audit}");
    }
    world
        .anyone("audit")
        .says("No commands that change something were seen")
        .says("1 edit of a file that another session claimed")
        .says("1 denied");
    let seen = world.read(".git/presence/seen.jsonl");
    holds(&seen, r"path:src/a\\[1].rs");
}

#[test]
fn names_that_mean_harm_stop_no_edit() {
    let world = enforcing("deny");
    world.bob("claim path:src --purpose p").done();
    let long = "x/".repeat(20_000);
    for file in [
        "",
        "\0",
        "src/\0",
        "\u{1b}[2J",
        &long,
        "~",
        "-",
        "//",
        "\\\\server\\share",
    ] {
        edit(&world, file).is_silent();
    }
    let many: String = (0..3000).map(|n| format!("*** Add File: f{n}\n")).collect();
    writes(&world, ("codex", "PreToolUse", "apply_patch"), &many).is_silent();
    // One that cannot be named in a claim is judged all the same.
    let strange = format!("src/{}\u{202e}*", "y".repeat(240));
    assert!(denied(&edit(&world, &strange)));
}
