//! The attempts of one supervisor are one session, and hold nothing for each other.

use serde_json::json;

use super::add;
use super::supervised::{script, start, wait_for};
use crate::world::World;

/// What a command said, and its exit code, from the list that an agent wrote.
fn answer<'a>(said: &'a str, line: &str) -> &'a str {
    let begin = format!("== {line}\n");
    let at = said
        .find(&begin)
        .unwrap_or_else(|| panic!("{line}: {said}"));
    let rest = &said[at + begin.len()..];
    rest.split("== ").next().unwrap()
}

/// Makes the agent of two tasks: the first one waits, the second one tries what it may not do.
fn agent(world: &World, refused: &[String], second: &str) {
    let lines = refused.iter().map(|line| format!("try {line}\n"));
    script(
        world,
        ".git/agent",
        &format!(
            "case $(cat) in *first*) touch .git/one
             until test -e .git/go; do sleep 0.05; done; exit 0;; esac
             until test -e .git/one; do sleep 0.05; done
             exec >.git/said 2>&1
             try() {{ echo \"== $*\"; git-presence \"$@\"; echo \"rc $?\"; }}
             {}
             try list --mine
             try task --mine
             try task next
             try peek path:src1
             echo '== hook'; git-presence hook claude PreToolUse <.git/payload
             try task done {second}
             try release --all-mine
             touch .git/tried",
            lines.collect::<String>()
        ),
    );
}

#[test]
fn an_attempt_neither_ends_nor_takes_what_another_one_has() {
    let world = World::new();
    let edit = json!({
        "session_id": "s-1", "hook_event_name": "PreToolUse", "cwd": world.dir(),
        "tool_name": "Edit", "tool_input": { "file_path": "src1/a" },
    });
    world.write(".git/payload", edit.to_string());
    let first = add(&world, "ann", "first --claims path:src1");
    let second = add(&world, "ann", "second --claims path:src2");
    let refused = [
        "release path:src1".to_owned(),
        format!("release task:main/{first}"),
        "release supervisor:main".to_owned(),
        "release --force supervisor:main --reason mine --yes".to_owned(),
        "claim -x path:src1/a -p mine".to_owned(),
        format!("task start {first}"),
        format!("task done {first}"),
        format!("task drop {first} -m no"),
    ];
    agent(&world, &refused, &second);
    let mut supervisor = start(&world, "--jobs 2 --agent .git/agent");
    wait_for(&world, ".git/tried");
    let said = world.read(".git/said");
    for line in &refused {
        let refused = answer(&said, line);
        assert!(!refused.contains("rc 0"), "{line}: {refused}");
    }
    for line in ["list --mine", "task --mine", "task next"] {
        let mine = answer(&said, line);
        assert!(mine.contains("second") && mine.contains("rc 0"), "{mine}");
        assert!(
            !mine.contains("first") && !mine.contains("supervisor"),
            "{mine}"
        );
    }
    let peeked = answer(&said, "peek path:src1");
    assert!(peeked.contains("held exclusively by ann+run-"), "{said}");
    assert!(!said.contains("in another clone"), "{said}");
    assert!(answer(&said, "hook").contains("\"deny\""), "{said}");
    for line in [&*format!("task done {second}"), "release --all-mine"] {
        let done = answer(&said, line);
        assert!(done.contains("rc 0"), "{done}");
        assert!(
            !done.contains("src1") && !done.contains("supervisor"),
            "{done}"
        );
    }
    // All that the first attempt has is still held.
    for resource in [
        "path:src1",
        "supervisor:main",
        &format!("task:main/{first}"),
    ] {
        world
            .session("bob", &format!("claim -x {resource} -p mine"))
            .exits(3);
    }
    world.session("bob", "claim -x path:src2 -p mine").done();
    world.write(".git/go", "");
    while world.anyone("task --json").json()["tasks"] != json!([]) {
        std::thread::yield_now();
    }
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
}

#[test]
fn tasks_that_claim_the_same_are_worked_on_one_after_the_other() {
    let world = World::new();
    for claims in ["path:src", "path:src/a", "path:src/b"] {
        add(&world, "ann", &format!("one --claims {claims}"));
    }
    // Two at once would find the mark of the other one.
    script(
        &world,
        ".git/agent",
        "cat >/dev/null; mkdir .git/at-work || touch .git/met; git-presence whoami >/dev/null
         rmdir .git/at-work",
    );
    let line = "task run --once --jobs 3 --agent .git/agent";
    world.session("ann", line).says("3 tasks done");
    assert!(!world.has(".git/met"));
}
