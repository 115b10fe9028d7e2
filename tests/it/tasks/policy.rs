//! The policy of an attempt: an agent that a supervisor started is denied what no person can be
//! asked about.

use serde_json::json;

use super::add;
use super::supervised::{GONE, start, wait_for};
use crate::said::Said;
use crate::world::{World, open_to_all};

/// The answer of the hook before a command that changes what is not claimed.
fn before(world: &World) -> Said {
    let payload = json!({
        "session_id": "s-1", "hook_event_name": "PreToolUse", "cwd": world.dir(),
        "tool_name": "Bash", "tool_input": { "command": "kubectl delete pod a" },
    });
    world.anyone_with_input("hook claude PreToolUse", payload.to_string().as_bytes())
}

fn decision(world: &World) -> String {
    let said = before(world);
    if said.done().out.is_empty() {
        return String::new();
    }
    let answer = said.json();
    let decision = &answer["hookSpecificOutput"]["permissionDecision"];
    decision.as_str().unwrap_or_default().to_owned()
}

fn policies(world: &World) -> Vec<String> {
    let files = std::fs::read_dir(world.dir().join(".git/presence")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("policy-")).collect()
}

/// An agent that keeps what its hook answers, and its mark.
fn agent(world: &World) {
    let payload = json!({
        "session_id": "s-1", "hook_event_name": "PreToolUse", "cwd": world.dir(),
        "tool_name": "Bash", "tool_input": { "command": "kubectl delete pod a" },
    });
    world.write(".git/payload", payload.to_string());
    let script = "#!/bin/sh\n\
        git-presence hook claude PreToolUse <.git/payload >.git/answer\n\
        cp .git/presence/policy-* .git/policy\n\
        ls .git/presence | grep policy- >.git/name\n\
        git-presence doctor >.git/doctor || true\n\
        echo \"$GIT_PRESENCE_ATTEMPT\" >.git/mark\n";
    world.write(".git/agent", script);
    open_to_all(&world.dir().join(".git/agent"), 0o755);
}

/// A clone, set as these commands of Git say, in which a supervisor had an agent work off a task.
fn attempted(settings: &[&str]) -> World {
    let world = World::new();
    agent(&world);
    for line in settings {
        world.git(line);
    }
    add(&world, "ann", "one");
    run(&world);
    world
}

fn run(world: &World) {
    let line = "task run --once --agent .git/agent";
    world.session("ann", line).done();
}

#[test]
fn a_hook_of_an_agent_of_a_supervisor_is_stricter_while_its_attempt_goes_on() {
    let world = attempted(&[]);
    let answer = world.read(".git/answer");
    assert!(
        answer.contains("\"permissionDecision\":\"deny\""),
        "{answer}"
    );
    let doctor = world.read(".git/doctor");
    assert!(
        doctor.contains("works under presence.enforce=deny until"),
        "{doctor}"
    );
    assert_eq!(policies(&world), Vec::<String>::new());
    // The same without a supervisor, and after the attempt.
    assert_ne!(decision(&world), "deny");
    let mark = world.read(".git/mark");
    assert_ne!(
        decision(&world.with("GIT_PRESENCE_ATTEMPT", mark.trim())),
        "deny"
    );
}

#[test]
fn a_policy_that_cannot_be_used_changes_nothing_and_doctor_says_so() {
    let world = attempted(&[]);
    let mark = world.read(".git/mark");
    let inside = world.with("GIT_PRESENCE_ATTEMPT", mark.trim());
    let good = world.read(".git/policy");
    assert!(
        good.contains("\"enforce\":\"deny\"") && good.contains("\"format\":1"),
        "{good}"
    );
    let file = format!(".git/presence/{}", world.read(".git/name").trim());
    world.write(&file, &good);
    assert_eq!(decision(&inside), "deny");
    for (text, said) in [
        ("{", "is ignored"),
        ("[]", "is ignored"),
        (
            &*good.replace("\"format\":1", "\"format\":2"),
            "format 2 is not known",
        ),
        (
            &*good.replace("deny", "hard"),
            "presence.enforce has no such value",
        ),
        (
            &*good.replace("2026", "2020"),
            "is the policy of an attempt, and over",
        ),
    ] {
        world.write(&file, text);
        world.anyone("doctor").prints(said);
        assert_ne!(decision(&inside), "deny", "{text}");
    }
    // A supervisor takes away what is over.
    add(&world, "ann", "two");
    run(&world);
    assert_eq!(policies(&world), Vec::<String>::new());
}

#[test]
fn a_policy_loosens_nothing_and_off_stays_off() {
    let world = attempted(&["config presence.enforce off"]);
    assert!(!world.has(".git/policy"));
    assert!(!world.read(".git/answer").contains("deny"));
}

#[test]
fn the_policy_that_a_killed_supervisor_left_binds_no_other_session_and_goes_in_time() {
    let world = World::new();
    let waits = "touch .git/begun; until test -e .git/go; do sleep 0.05; done";
    world.git(&format!("config presence.agent.waits \"{waits}\""));
    let task = add(&world, "ann", "one");
    let mut supervisor = start(&world, "--agent waits");
    wait_for(&world, ".git/begun");
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    let left = policies(&world);
    assert_eq!(left.len(), 1);
    assert_ne!(decision(&world), "deny");
    world.write(".git/go", "");
    world.later(GONE);
    let again = format!("{}/main/{task}/2", world.read(".git/presence/node").trim());
    assert_ne!(decision(&world.with("GIT_PRESENCE_ATTEMPT", again)), "deny");
    let line = "task run --once --agent waits";
    world.session("ann", line).done();
    assert!(policies(&world).iter().all(|name| left.contains(name)));
    world.later("1h");
    add(&world, "ann", "two");
    world.session("ann", line).done();
    assert_eq!(policies(&world), Vec::<String>::new());
}

/// Without a list and a supervisor, a hook looks for no file of theirs but the ref of the list.
#[test]
fn hooks_open_no_further_file_without_a_list() {
    if !crate::strace::works() {
        return;
    }
    let world = World::new();
    world.session("ann", "claim node:x -p work").done();
    for event in [
        "SessionStart",
        "UserPromptSubmit",
        "PreToolUse",
        "PostToolUse",
        "Stop",
    ] {
        let payload = json!({
            "session_id": "s-1", "hook_event_name": event, "cwd": world.dir(), "prompt": "x",
            "source": "startup", "tool_name": "Bash", "tool_input": { "command": "kubectl get x" },
        });
        world.write(".git/payload", payload.to_string());
        let traced = format!(
            "strace -f -qq -o .git/calls -e trace=%file git-presence hook claude {event} \
             <.git/payload"
        );
        world.sh(&traced).done();
        let calls = crate::strace::parse(&world.read(".git/calls"));
        let paths = calls.iter().flat_map(crate::strace::Call::paths);
        let names = paths.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
        let is_its = |name: &String| {
            name.contains("task") && !name.starts_with("task-main-")
                || name.starts_with("policy-")
                || name == "lists.cache"
        };
        let further: Vec<String> = names.filter(is_its).collect();
        assert_eq!(further, Vec::<String>::new(), "{event}");
    }
}
