//! Commands of an agent that holds something unrelated.
//!
//! A claim of a file covers no command that changes a machine, a database or what a task deploys.

use serde_json::json;

use super::{Agent, context, two};
use crate::world::World;

/// What the agent is told before it runs this.
fn told(agent: &Agent<'_>, line: &str) -> String {
    let said = agent.with("PreToolUse", json!({"tool_input": {"command": line}}));
    context(&said)
}

#[test]
fn a_claim_of_a_file_covers_no_machine_no_database_and_no_task() {
    let world = World::new();
    world.write(
        "Makefile",
        "deploy:\n\tterraform apply\ntest:\n\tcargo test\n",
    );
    world.write("NOTES.md", "");
    world.write("src/a.rs", "");
    let (a, b) = two(&world);
    a.runs("claim path:NOTES.md --purpose notes").done();
    b.runs("claim path:src/a.rs --purpose parser").done();
    for (line, about) in [
        ("ssh h sudo reboot", "host:h"),
        ("docker exec db psql -c 'drop database x'", "service:db"),
        ("make deploy", "stack:."),
        ("vercel --prod", "claim"),
        ("sed -i s/a/b/ src/a.rs", "path:src/a.rs"),
        ("echo x > src/a.rs", "path:src/a.rs"),
        ("git rm src/a.rs", "path:src/a.rs"),
    ] {
        let told = told(&a, line);
        assert!(told.contains(about), "{line}: {told}");
    }
    for line in [
        "make test",
        "sed -i s/a/b/ NOTES.md",
        "ssh h df -h",
        "rm -rf target && cargo build > out.log 2>&1",
    ] {
        let told = told(&a, line);
        assert_eq!(told, "", "{line}");
    }
    assert_eq!(world.read("src/a.rs"), "");
}

#[test]
fn what_may_meet_the_claim_of_another_session_is_told() {
    let world = World::new();
    let (a, b) = two(&world);
    a.runs("claim service:api --purpose mine").done();
    let line = "eval \"$CMD\"";
    assert_eq!(told(&a, line), "");
    b.runs("claim path:src --purpose parser").done();
    assert_eq!(told(&a, line), "");
    b.runs("claim db:orders --purpose migration").done();
    let told = told(&a, line);
    assert!(
        told.contains("another session claims \"db:orders\""),
        "{told}"
    );
}

#[test]
fn a_session_that_is_alone_on_its_machine_is_told_nothing_of_what_only_that_machine_sees() {
    let world = World::new();
    let (a, b) = two(&world);
    a.runs("claim path:NOTES.md --purpose notes").done();
    let lines = ["sudo systemctl restart nginx", "docker compose up -d"];
    for line in lines {
        assert_eq!(told(&a, line), "", "{line}");
    }
    assert_ne!(told(&a, "ssh h sudo systemctl restart nginx"), "");
    world.git("config presence.guardAlone true");
    assert!(told(&a, lines[0]).contains("service:nginx"));
    world.git("config presence.guardAlone false");
    // What is told depends on whether a session lives, not on what it claims.
    b.runs("claim path:src --purpose parser").done();
    for line in lines {
        assert_ne!(told(&a, line), "", "{line}");
    }
}
