//! Commands that write files of which the names are not on the line.
//!
//! Patterns meet the claims that they could name. What is not known is a doubt only where another
//! session claims a path that it could be.

use serde_json::json;

use super::{Agent, context, payload, send, two};
use crate::world::World;

/// Returns what a hook says before a command: `deny`, what is told, or nothing.
fn said(agent: &Agent<'_>, line: &str) -> String {
    let answer = agent.with("PreToolUse", json!({"tool_input": {"command": line}}));
    answer.done();
    match answer.out.contains(r#""permissionDecision":"deny""#) {
        true => format!("deny {}", answer.out),
        false => context(&answer),
    }
}

fn enforcing(level: &str) -> World {
    let world = World::new();
    world.git(&format!("config presence.enforce {level}"));
    world
}

fn files(world: &World) {
    for file in ["src/a.rs", "src/b.rs", "docs/a.md", "top"] {
        world.write(file, "x");
    }
}

#[test]
fn a_pattern_meets_the_claims_that_it_could_name() {
    let world = enforcing("deny");
    files(&world);
    let (me, other) = two(&world);
    other.runs("claim -x path:src/b.rs --purpose parser").done();
    for line in [
        "rm src/*",
        "rm -rf *",
        "rm -rf s*",
        "sed -i s/x/y/ src/*.rs",
        "rm src/{a,b}.rs",
        "for f in src/*.rs; do rm \"$f\"; done",
        "git rm 'src/*'",
        "git checkout HEAD src/b.rs",
        "cp /tmp/b.rs src/",
        "curl -so src/b.rs http://x",
        "f() { rm src/b.rs; }; f",
        "rm \"$PWD/src/b.rs\"",
        "dd if=/dev/null of=src/b.rs",
        "git presence run node:x -- rm src/b.rs",
    ] {
        let said = said(&me, line);
        assert!(said.starts_with("deny"), "{line}: {said}");
        assert!(said.contains("path:src/b.rs"), "{line}: {said}");
    }
    for line in [
        "rm *",
        "rm docs/*",
        "sed -i s/x/y/ *",
        "rm src/a.*",
        "rm src/*.o",
        "rm -rf docs/* top",
        "cp /tmp/c.rs src/",
        "T=$(mktemp); echo x > \"$T\"; rm \"$T\"",
        "echo x > \"$TMPDIR/log\"",
        "git checkout main",
        "cargo build 2>&1 | tee /tmp/log",
        "git presence run path:src/b.rs -- rm src/b.rs",
    ] {
        assert_eq!(said(&me, line), "", "{line}");
    }
}

#[test]
fn what_is_not_known_is_a_doubt_only_where_another_session_claims_a_path() {
    let world = enforcing("deny");
    files(&world);
    let (me, other) = two(&world);
    let lines = [
        "rm \"$X\"",
        "cd $DIR && rm src/b.rs",
        "git ls-files | xargs sed -i s/x/y/",
        "patch -p1 < change.diff",
        "tar -xzf a.tgz",
    ];
    for line in lines {
        assert_eq!(said(&me, line), "", "{line}");
    }
    other.runs("claim infra:x --purpose p").done();
    for line in lines {
        assert_eq!(said(&me, line), "", "{line}");
    }
    other.runs("claim -x path:src/b.rs --purpose parser").done();
    for line in lines {
        let said = said(&me, line);
        assert!(said.starts_with("deny"), "{line}: {said}");
        assert!(said.contains("not certain"), "{line}: {said}");
    }
    // What is certainly somewhere else is none.
    for line in [
        "rm docs/$X",
        "tar -xzf a.tgz -C docs",
        "find docs -name '*.o' -delete",
    ] {
        assert_eq!(said(&me, line), "", "{line}");
    }
    // A path of its own lets the session go on, and it is told.
    me.runs("claim path:docs --purpose docs").done();
    for line in lines {
        let said = said(&me, line);
        assert!(said.contains("not certain"), "{line}: {said}");
        assert!(!said.starts_with("deny"), "{line}: {said}");
    }
    // A warning that names nothing would only be noise.
    world.git("config presence.enforce warn");
    for line in lines {
        assert_eq!(said(&me, line), "", "{line}");
    }
    assert!(said(&me, "rm src/*").contains("path:src/b.rs"));
}

#[test]
fn more_files_than_are_looked_at_are_a_doubt_that_no_claim_answers() {
    let world = enforcing("deny");
    files(&world);
    let (me, other) = two(&world);
    me.runs("claim path:docs --purpose docs").done();
    let names: Vec<String> = (0..300).map(|n| format!("f{n}")).collect();
    let line = format!("rm {} src/b.rs", names.join(" "));
    assert_eq!(said(&me, &line), "");
    other.runs("claim -x path:src/b.rs --purpose parser").done();
    let told = said(&me, &line);
    assert!(
        told.starts_with("deny") && told.contains("in pieces"),
        "{told}"
    );
}

#[test]
fn a_script_that_is_sourced_is_read_and_links_are_followed_before_the_parent() {
    let world = enforcing("deny");
    files(&world);
    world.write("x.sh", "kubectl delete node k1\n");
    world.write(
        "frame.sh",
        "main() { rm src/b.rs; }\ncd \"$(dirname \"$0\")\"\nmain \"$@\"\n",
    );
    let (me, other) = two(&world);
    let claims = "claim -x path:src/b.rs node:k1 --purpose parser";
    other.runs(claims).done();
    for line in [
        ". ./x.sh",
        "source x.sh",
        "bash -c '. ./x.sh'",
        ". ./deploy.sh",
        "bash ./frame.sh",
    ] {
        let said = said(&me, line);
        assert!(said.starts_with("deny"), "{line}: {said}");
    }
    world.write("away/keep", "");
    let link = world.dir().join("away/l");
    std::os::unix::fs::symlink(world.dir().join("src"), link).unwrap();
    for line in [
        "rm away/l/../src/b.rs",
        "cd away/l && rm ../src/b.rs",
        "cd away/l && rm b.rs",
    ] {
        let said = said(&me, line);
        assert!(said.starts_with("deny"), "{line}: {said}");
    }
}

#[test]
fn more_than_the_line_names_is_told_where_another_session_has_something_of_that_type() {
    let world = enforcing("deny");
    let (me, other) = two(&world);
    me.runs("claim infra:mine --purpose mine").done();
    let lines = ["git push -f --all", "git push -f origin 'rel/*'"];
    for line in lines {
        assert_eq!(said(&me, line), "", "{line}");
    }
    other.runs("claim -x path:src --purpose parser").done();
    for line in lines {
        assert_eq!(said(&me, line), "", "{line}");
    }
    other.runs("claim -x branch:rel/1 --purpose release").done();
    for line in lines {
        let said = said(&me, line);
        assert!(said.contains("branch:rel/1"), "{line}: {said}");
        assert!(!said.starts_with("deny"), "{line}: {said}");
    }
    other.runs("claim -x service:web --purpose web").done();
    let told = said(&me, "systemctl restart 'web*'");
    assert!(told.contains("service:web"), "{told}");
}

#[test]
fn what_is_typed_into_a_shell_is_judged() {
    let world = enforcing("deny");
    let (_, other) = two(&world);
    other.runs("claim -x branch:main --purpose release").done();
    for (harness, event, tool, input) in [
        (
            "copilot",
            "preToolUse",
            "write_bash",
            json!({"input": "git push -f origin main{enter}"}),
        ),
        (
            "codex",
            "PreToolUse",
            "write_stdin",
            json!({"chars": "git push -f origin main\n"}),
        ),
    ] {
        let mut asked = payload(&world, harness, event);
        for (name, arguments) in [("tool_name", "tool_input"), ("toolName", "toolArgs")] {
            asked[name] = tool.into();
            asked[arguments] = input.clone();
        }
        let said = send(&world, harness, event, &asked);
        assert!(said.out.contains("deny"), "{harness}: {}", said.out);
        for name in ["tool_input", "toolArgs"] {
            asked[name] = json!({"input": "y{enter}", "chars": "y'\n"});
        }
        let said = send(&world, harness, event, &asked);
        assert!(!said.out.contains("deny"), "{harness}: {}", said.out);
    }
}

#[test]
fn settings_of_another_repository_can_only_stop_more() {
    let world = enforcing("deny");
    let there = world.at("there");
    for line in [
        "init --quiet",
        "commit --quiet --allow-empty -m 1",
        "config presence.enforce deny",
    ] {
        there.git(line);
    }
    there.write("infra/main.tf", "x");
    there.bob("claim -x stack:infra --purpose dns").done();
    let (me, _) = two(&world);
    me.runs("claim infra:mine --purpose mine").done();
    let line = format!("cd {}/infra && terraform apply", there.dir().display());
    assert!(said(&me, &line).starts_with("deny"));
    for setting in [
        "presence.guardOff infrastructure",
        "presence.guard \"terraform => ignore\"",
        "presence.guard \"no rule (((\"",
    ] {
        there.git(&format!("config {setting}"));
        let said = said(&me, &line);
        assert!(said.starts_with("deny"), "{setting}: {said}");
        let name = setting.split(' ').next().unwrap();
        there.git(&format!("config --unset-all {name}"));
    }
}
