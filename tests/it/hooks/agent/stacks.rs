//! Edits of files below the folder of a stack that another session claims.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::{Agent, context, two};
use crate::said::{Said, holds};
use crate::world::World;

/// A repository with a stack in `infra/dns`.
fn world() -> World {
    let world = World::new();
    world.write("infra/dns/main.tf", "# a\n");
    world.write("infra/dns/zones/a.txt", "a\n");
    world.write("src/web/index.ts", "a\n");
    world
}

/// Before Claude Code edits a file.
fn edits(agent: &Agent<'_>, file: &str) -> Said {
    let input = json!({ "file_path": agent.world.dir().join(file).display().to_string() });
    agent.with(
        "PreToolUse",
        json!({"tool_name": "Edit", "tool_input": input}),
    )
}

fn is_denied(said: &Said) -> bool {
    said.done();
    said.out.contains("\"permissionDecision\":\"deny\"")
}

#[test]
fn the_holder_of_the_stack_is_told_of() {
    for label in ["stack:infra/dns", "stack:dns", "stack:infra"] {
        let world = world();
        let (a, b) = two(&world);
        b.runs(&format!("claim {label} --purpose \"move the zone\""))
            .done();
        for file in [
            "infra/dns/main.tf",
            "infra/dns/new.tf",
            "infra/dns/zones/a.txt",
        ] {
            let told = context(&edits(&a, file));
            holds(&told, contains(format!("\"{label}\" is claimed by")));
            holds(&told, "A stack has the files in its folder and below it.");
            holds(&told, "purpose \"move the zone\"");
        }
        for file in ["src/web/index.ts", "README", "infrastructure/dns.tf"] {
            edits(&a, file).is_silent();
        }
        edits(&b, "infra/dns/main.tf").is_silent();
    }
}

#[test]
fn under_deny_an_exclusive_one_stops_and_a_shared_one_is_told() {
    let world = world();
    world.git("config presence.enforce deny");
    let (a, b) = two(&world);
    for label in ["stack:infra/dns", "stack:dns"] {
        b.runs(&format!("claim {label} --purpose p")).done();
        let said = edits(&a, "infra/dns/main.tf");
        assert!(!is_denied(&said), "{}", said.out);
        holds(
            &context(&said),
            contains("Take care: this edit").and(contains(format!("\"{label}\" is claimed by"))),
        );
        b.runs(&format!("claim -x {label} --purpose p")).done();
        let said = edits(&a, "infra/dns/main.tf");
        assert!(is_denied(&said), "{}", said.out);
        holds(
            &said.out,
            contains(format!("git presence wait {label}")).and(contains("claim path:").not()),
        );
        b.runs("release --all-mine").done();
    }
    a.hook("PreToolUse").done();
    edits(&a, "infra/dns/main.tf").is_silent();
}

/// A name alone is a folder only where that shows a stack.
#[test]
fn a_name_is_a_folder_of_that_name_with_a_stack_in_it() {
    let world = world();
    let (a, b) = two(&world);
    b.runs("claim -x stack:web --purpose p").done();
    edits(&a, "src/web/index.ts").is_silent();
    world.write("src/web/compose.yaml", "services: {}\n");
    holds(
        &context(&edits(&a, "src/web/index.ts")),
        "\"stack:web\" is claimed by",
    );
    // The first file of a new stack.
    b.runs("claim -x stack:vpc --purpose p").done();
    holds(
        &context(&edits(&a, "infra/vpc/main.tf")),
        "\"stack:vpc\" is claimed by",
    );
    edits(&a, "infra/vpc/notes.txt").is_silent();
}

#[test]
fn of_the_top_folder_what_is_directly_in_it() {
    let world = world();
    let (a, b) = two(&world);
    b.runs("claim -x stack:. --purpose p").done();
    holds(&context(&edits(&a, "main.tf")), "\"stack:.\" is claimed by");
    edits(&a, "infra/dns/main.tf").is_silent();
}
