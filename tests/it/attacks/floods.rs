//! More than anyone reads: servers, hooks and harnesses that print without end.

use crate::machines::Team;
use crate::said::Said;
use crate::world::World;

/// A hub whose hook prints eight MiB before it declines.
const FLOOD: &str = "yes 'fatal: not from git' | head -c 8388608 >&2; exit 1";

#[test]
fn a_flood_of_a_hook_hides_no_refusal() {
    let (team, a, _) = Team::pair();
    team.hook("pre-receive", FLOOD);
    a.alice("claim infra:a --purpose p")
        .says("recorded here, not yet at origin")
        .warns("origin refuses it (cannot create its ref): \"pre-receive hook declined: fatal: not from git");
    a.anyone("sync").fails(5, "refuses it");
    team.no_hook("pre-receive");
    a.anyone("sync --retry").says("sent 1 change\n");
}

#[test]
fn a_flood_of_a_hook_that_accepts_hides_no_success() {
    let (team, a, _) = Team::pair();
    team.hook("post-receive", &FLOOD.replace("exit 1", "exit 0"));
    a.alice("claim infra:a --purpose p")
        .says("confirmed by origin")
        .omits("not from git");
}

/// The hook before a tool, with a payload of these bytes.
fn before_tool(world: &World, payload: &str) -> Said {
    let said = world.anyone_with_input("hook claude PreToolUse", payload.as_bytes());
    said.done();
    said
}

/// A payload about a command that is `begun` and goes on for two MiB.
fn long_command(begun: &str) -> String {
    let rest = "x".repeat(2 << 20);
    format!(r#"{{"session_id":"s","tool_name":"Bash","tool_input":{{"command":"{begun}{rest}"}}}}"#)
}

#[test]
fn a_command_with_a_long_end_is_judged_by_its_beginning() {
    let world = World::new();
    let uncertain = "it is not certain what this command changes";
    for (level, word) in [("ask", "\"ask\""), ("deny", "\"deny\""), ("warn", "")] {
        world.git(&format!("config presence.enforce {level}"));
        before_tool(&world, &long_command("kubectl drain n1 #"))
            .says(word)
            .says("git presence claim node:n1")
            .says(uncertain);
        before_tool(&world, &long_command("ls #"))
            .says(word)
            .says(uncertain);
    }
    world.git("config presence.enforce off");
    before_tool(&world, &long_command("kubectl drain n1 #")).is_silent();
}

#[test]
fn what_stands_after_a_long_text_counts() {
    let world = World::new();
    world.git("config presence.enforce deny");
    world.bob("claim path:a.txt --purpose p").done();
    let text = "y".repeat(3 << 20);
    let write = |file: &str| {
        format!(
            r#"{{"session_id":"s","tool_name":"Write","tool_input":{{"content":"{text}","file_path":"{}"}}}}"#,
            world.dir().join(file).display()
        )
    };
    before_tool(&world, &write("a.txt"))
        .says("\"deny\"")
        .says(r#"\"path:a.txt\" is claimed by"#);
    before_tool(&world, &write("b.txt")).is_silent();
    let noted = format!(
        r#"{{"session_id":"s","note":"{text}","tool_name":"Bash","tool_input":{{"command":"ls"}}}}"#
    );
    before_tool(&world, &noted).is_silent();
    before_tool(&world, &noted.replace("ls", "kubectl drain n1")).says("\"deny\"");
}

#[test]
fn a_payload_that_never_ends_is_answered() {
    let world = World::new();
    world.git("config presence.enforce deny");
    world.write(
        "begin",
        r#"{"session_id":"s","tool_name":"Bash","tool_input":{"command":""#,
    );
    world
        .sh("{ cat begin; yes; } | timeout 20 git-presence hook claude PreToolUse")
        .says("\"deny\"");
    world
        .sh("yes '[' | timeout 20 git-presence hook claude PreToolUse")
        .says("\"deny\"");
}

/// Another clone wrote a history of long messages, which every fold has to read.
#[test]
fn a_history_of_long_messages_hides_no_other_one() {
    let (team, a, _) = Team::pair();
    a.alice("claim infra:dns --purpose \"what is kept\"").done();
    a.alice("release --all-mine").done();
    a.anyone("claim infra:eve --purpose p --session eve").done();
    a.anyone("release --all-mine --session eve").done();
    let refs = team
        .hub()
        .git("for-each-ref --format=%(refname) refs/presence/sessions");
    let eve = refs.lines().find(|name| name.contains("/eve-")).unwrap();
    let files = team.hub().files_of(eve);
    let message = team.hub().git(&format!("log -1 --format=%B {eve}"));
    for number in 0..40 {
        let long = message.replacen("\n\n", &format!("\n\n{}\n\n", "x".repeat(250_000)), 1);
        let long = long.replacen(
            "Presence-Nonce: ",
            &format!("Presence-Nonce: {number:02}"),
            1,
        );
        team.hub().put(eve, &files, &long);
    }
    a.later("8d");
    a.anyone("sync").done();
    a.anyone("gc").says("Folded 2 of 2 sessions");
    a.anyone("log infra:dns").says("what is kept");
    a.anyone("log infra:eve").says("release infra:eve");
    let archive = a.git("for-each-ref --format=%(objectname) refs/presence-archive");
    let sizes = a.git(&format!("ls-tree -r -l {archive}"));
    let sizes = sizes
        .lines()
        .map(|line| line.split_whitespace().nth(3).unwrap());
    let all: u64 = sizes.map(|size| size.parse::<u64>().unwrap()).sum();
    assert!(all < 200_000, "{all} bytes");
}
