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

/// What is known to be in a repository without a board hides nothing of what else a command does.
#[test]
fn one_target_in_a_repository_without_a_board_hides_no_other() {
    let world = World::new();
    world.git("config --global presence.enforce deny");
    world
        .bob("claim -x path:prod/** stack:prod --purpose theirs")
        .done();
    let plain = world.at("plain");
    plain.git("init --quiet");
    plain.write("y.yaml", "a\n");
    for line in [
        "kubectl apply -f $X -f ../plain/y.yaml",
        "cat prod/x.yaml | kubectl apply -f - -f ../plain/y.yaml",
        "ansible-playbook $X ../plain/y.yaml",
        "docker compose -f $X -f ../plain/y.yaml up",
        "kubectl delete --all -A -f ../plain/y.yaml",
        "kubectl apply --prune -l app=web -f ../plain/y.yaml",
    ] {
        let said = runs(&world, line);
        assert!(said.done().out.contains("\"deny\""), "{line}: {}", said.out);
    }
    for line in [
        "kubectl apply -f ../plain/y.yaml",
        "docker compose -f ../plain/y.yaml up",
        "cd ../plain && terragrunt run-all apply",
    ] {
        runs(&world, line).is_silent();
    }
}

#[test]
fn every_tool_with_a_shell_is_judged() {
    let world = held();
    for tool in ["Bash", "PowerShell", "Monitor"] {
        let mut payload = payload(&world, "claude", "PreToolUse");
        payload["tool_name"] = tool.into();
        payload["tool_input"] = json!({ "command": "cd prod && terraform apply" });
        send(&world, "claude", "PreToolUse", &payload).says("\"deny\"");
    }
    world
        .anyone("install claude --print")
        .done()
        .says("Monitor");
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

#[test]
fn the_folder_of_the_shell_is_right_or_told_as_not_known() {
    let world = held();
    for line in [
        "cd prod && terraform apply",
        "builtin cd prod && terraform apply",
        "command cd prod && terraform apply",
        "alias p='cd prod'; p; terraform apply",
        "X=1 cd prod; terraform apply",
        "f() { cd prod; }; f; terraform apply",
        "f() { cd $1; }; f prod; terraform apply",
    ] {
        runs(&world, line).done().says("\"deny\"").says("bob");
    }
    // Where the folder is not certain, no stack is named that would be the wrong one.
    for line in [
        "CDPATH=. cd prod && terraform apply",
        "export CDPATH=..; cd prod; terraform apply",
        ". <(echo cd prod); terraform apply",
        ". ./go.sh; terraform apply",
        "cd ~root/prod; terraform apply",
        "cd ~+/prod; terraform apply",
    ] {
        let part = world.anyone(&format!("guard explain -- \"{line}\""));
        let out = &part.done().out;
        assert!(!out.contains("touches"), "{line}: {out}");
    }
}

/// Links in the work tree: to a folder of it, to a folder outside, into another repository.
fn linked(world: &World, other: &World) {
    std::fs::create_dir_all(world.root().join("shared/lib")).unwrap();
    world.write("../shared/lib/c.c", "a\n");
    world.write("prod/x.yaml", "a\n");
    world
        .sh("ln -s prod live; ln -s prod/x.yaml x.yaml; ln -s ../shared/lib vendor")
        .done();
    let prod = other.dir().join("prod");
    world.sh(&format!("ln -s {} vend", prod.display())).done();
}

#[test]
fn a_command_through_a_link_is_about_what_the_link_leads_to() {
    let world = held();
    linked(&world, &other(&world));
    world.bob("claim -x path:prod/** --purpose theirs").done();
    let id = payload(&world, "claude", "PreToolUse")["session_id"].clone();
    world
        .with("CLAUDECODE", "1")
        .with("CLAUDE_CODE_SESSION_ID", id.as_str().unwrap())
        .anyone("claim -x stack:live stack:vend branch:main --purpose mine")
        .done();
    for (line, who) in [
        ("cd live && terraform apply", "bob"),
        ("terraform -chdir=live apply", "bob"),
        ("cd live/../live && terraform apply", "bob"),
        ("kubectl apply -f live/x.yaml", "bob"),
        ("cd live && kubectl apply -f x.yaml", "bob"),
        ("kubectl apply -f x.yaml", "bob"),
        ("cd vend && terraform apply", "carol"),
        ("terraform -chdir=vend apply", "carol"),
        ("git -C vend push -f origin main", "carol"),
        ("cd vend/.. && git push -f origin main", ""),
    ] {
        let said = runs(&world, line);
        match who {
            "" => said.is_silent(),
            who => {
                assert!(said.out.contains(who), "{line}: {}", said.out);
                said.done().says("\"deny\"")
            }
        };
    }
    // What is behind the link is in no repository: only the name in the work tree can be claimed.
    world
        .bob("claim -x path:vendor/c.c stack:vendor --purpose theirs")
        .done();
    for line in [
        "kubectl apply -f vendor/c.c",
        "cd vendor && terraform apply",
    ] {
        runs(&world, line).done().says("\"deny\"").says("bob");
    }
}

fn edits(at: &World, file: &str) -> Said {
    let mut payload = payload(at, "claude", "PreToolUse");
    payload["tool_name"] = "Edit".into();
    payload["tool_input"] = json!({ "file_path": file, "old_string": "a", "new_string": "b" });
    send(at, "claude", "PreToolUse", &payload)
}

#[test]
fn an_edit_of_the_very_name_that_is_claimed_is_met_behind_any_link() {
    let world = held();
    linked(&world, &other(&world));
    world
        .bob("claim -x path:vendor/c.c path:vend/main.tf path:prod/x.yaml --purpose theirs")
        .done();
    let whole = world.dir().join("vendor/c.c").display().to_string();
    for file in ["vendor/c.c", "./vendor/c.c", "prod/../vendor/c.c", &whole] {
        edits(&world, file)
            .done()
            .says("\"deny\"")
            .says("path:vendor/c.c");
    }
    edits(&world, "live/x.yaml").done().says("path:prod/x.yaml");
    edits(&world, "vend/main.tf")
        .done()
        .says("carol")
        .says("bob");
    edits(&world, "vendor/d.c").is_silent();
    edits(&world, "../shared/lib/c.c").is_silent();
}

#[test]
fn more_places_than_are_looked_at_are_told() {
    let world = held();
    let other = other(&world);
    let mut line = String::new();
    for number in 0..12 {
        let more = world.at(format!("more{number}"));
        more.git("init --quiet");
        more.git("commit --quiet --allow-empty -m x");
        if number < 10 {
            more.carol("claim infra:x --purpose hers").done();
        }
        line += &format!("(cd ../more{number} && terraform apply); ");
    }
    // Those without a board do not count.
    let few = "(cd ../more10 && terraform apply); ".repeat(40) + "cd ../more11; terraform apply";
    runs(&world, &few).is_silent();
    let said = runs(&world, &line);
    said.done()
        .says("\"deny\"")
        .says("it acts in more repositories than are looked at");
    let many: String = (0..70)
        .map(|n| format!("(cd d{n}; terraform apply);"))
        .collect();
    let line = format!(
        "{many} cd {}/prod && terraform apply",
        other.dir().display()
    );
    let why = "it acts in more than 64 places";
    runs(&world, &line).done().says("\"deny\"").says(why);
    world
        .anyone(&format!("guard explain -- \"{line}\""))
        .done()
        .says(why);
}

fn patch(files: &[&str]) -> String {
    let files = files
        .iter()
        .map(|file| format!("*** Update File: {file}\n@@\n-a\n+b\n"));
    let files: String = files.collect();
    format!("<<'EOF'\n*** Begin Patch\n{files}*** End Patch\nEOF")
}

#[test]
fn a_patch_on_a_command_line_is_applied_where_the_line_is() {
    let world = held();
    world.git("config --global presence.enforce deny");
    world.write("main.tf", "a\n");
    world
        .bob("claim -x path:prod/main.tf --purpose theirs")
        .done();
    let text = patch(&["main.tf"]);
    for line in [
        format!("cd prod && apply_patch {text}"),
        format!("(cd prod; applypatch {text}\n)"),
        format!(
            "bash -lc {}",
            quoted(&format!("cd prod && apply_patch {text}"))
        ),
        format!("env -C prod apply_patch {text}"),
        format!("cd prod && timeout 5 apply_patch {text}"),
        format!(
            "cd prod && cd .. && apply_patch {}",
            patch(&["prod/main.tf"])
        ),
    ] {
        let said = runs(&world, &line);
        assert!(
            said.done().out.contains("path:prod/main.tf"),
            "{line}: {}",
            said.out
        );
    }
    for line in [
        format!("apply_patch {text}"),
        format!("cd prod && cd .. && apply_patch {text}"),
        "apply_patch --help".to_owned(),
        "grep -rn apply_patch .".to_owned(),
    ] {
        runs(&world, &line).is_silent();
    }
    // Without a claim of its own, a session is stopped by what is not certain.
    let world = World::new();
    world.git("config --global presence.enforce deny");
    for (line, why) in [
        (
            format!("cd $DIR && apply_patch {text}"),
            "in which folder it applies the patch",
        ),
        (
            "apply_patch < x.patch".to_owned(),
            "the line does not have the patch",
        ),
        (
            "cat x.patch | apply_patch".to_owned(),
            "the line does not have the patch",
        ),
    ] {
        runs(&world, &line).done().says("\"deny\"").says(why);
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
