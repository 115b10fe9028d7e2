//! Several sessions in one process of a harness: what is said of one is not said of another.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::succession::{claims, hook, known, runs, start};
use crate::machines::{Team, at_rest};
use crate::said::holds;
use crate::world::World;

fn end(world: &World, id: &str, reason: &str) -> String {
    hook(
        world,
        "claude",
        id,
        "SessionEnd",
        &json!({ "reason": reason }),
    )
}

fn beside() -> String {
    runs(
        "beside",
        "git-presence claim -x stack:b infra:b --purpose b >/dev/null",
    )
}

/// Two sessions of one process live: what one is told of itself says nothing of the other.
#[test]
fn what_happens_to_one_session_of_a_process_leaves_the_others_alone() {
    for source in ["compact", "resume", "clear"] {
        for in_a_new_clone in [true, false] {
            let world = if in_a_new_clone {
                World::new()
            } else {
                known()
            };
            let lines = start(&world, "beside", "startup")
                + &start(&world, "old", "startup")
                + &beside()
                + &start(&world, "old", source)
                + &runs("beside", "git-presence fence stack:b");
            let said = world.harness("claude", &lines);
            holds(&said.out, contains("Yours").count(1));
            holds(&said.out, contains("this conversation held").not());
            holds(&said.out, contains("under another session id").not());
        }
    }
}

#[test]
fn what_the_harness_left_is_the_one_before_also_with_another_beside_it() {
    let world = World::new();
    let lines = start(&world, "beside", "startup")
        + &start(&world, "old", "startup")
        + &beside()
        + &claims()
        + &end(&world, "old", "resume")
        + &start(&world, "new", "resume")
        + &runs("beside", "git-presence fence stack:b")
        + &runs("new", "git-presence fence stack:dns");
    let said = world.harness("claude", &lines);
    holds(&said.out, contains("Yours").count(2));
    holds(
        &said.out,
        "under another session id, you held \\\"stack:dns\\\" exclusively; and \\\"path:src\\\".",
    );
}

/// A session that goes on beside the one that took over from it is told what it lost, once.
#[test]
fn a_session_that_goes_on_is_told_of_each_claim_that_another_took_over() {
    let world = World::new();
    let after = || hook(&world, "claude", "old", "PostToolUse", &json!({}));
    let lines = start(&world, "old", "startup")
        + &claims()
        + &start(&world, "new", "resume")
        + &after()
        + &after();
    let said = world.harness("claude", &lines);
    holds(
        &said.out,
        contains("the claim of this session on \\\"stack:dns\\\" was released").count(1),
    );
    holds(
        &said.out,
        contains("the claim of this session on \\\"path:src\\\" was released").count(1),
    );
}

#[test]
fn what_was_cleared_is_released_at_once_and_told_at_the_next_start() {
    let world = World::new();
    let lines = start(&world, "beside", "startup")
        + &start(&world, "old", "startup")
        + &beside()
        + &claims()
        + &end(&world, "old", "clear")
        + &runs("beside", "git-presence peek stack:dns")
        + &start(&world, "new", "clear")
        + &runs("beside", "git-presence fence stack:b")
        + &start(&world, "third", "clear");
    let said = world.harness("claude", &lines);
    holds(&said.out, "stack:dns is free");
    holds(
        &said.out,
        contains("this conversation held \\\"stack:dns\\\" exclusively; and \\\"path:src\\\"")
            .count(1),
    );
    holds(&said.out, contains("Yours").count(1));
}

/// What ends a session is done in the background, and may come late.
#[test]
fn what_is_claimed_after_an_end_under_the_same_id_stays() {
    let (team, a, _) = Team::pair();
    a.git("config presence.autoSync true");
    team.hook("pre-receive", "sleep 1");
    let claimed = runs(
        "old",
        "git-presence claim -x stack:old --purpose p >/dev/null",
    );
    a.harness("claude", &(start(&a, "old", "startup") + &claimed))
        .done();
    a.harness("claude", &end(&a, "old", "prompt_input_exit"))
        .done();
    a.later("1s");
    let again = runs("old", "git-presence claim -x stack:new --purpose p");
    let said = a.harness("claude", &(start(&a, "old", "resume") + &again));
    holds(&said.out, "Claimed stack:new exclusively");
    at_rest(&a);
    let held = team.hub().anyone("list");
    held.says(contains("stack:new").and(contains("stack:old").not()));
    a.harness("claude", &runs("old", "git-presence fence stack:new"))
        .says("Yours");
}

/// What another session sees and gets three minutes later, while the harness is still there.
fn later(line: &str) -> String {
    format!(
        "env -u CLAUDECODE -u CLAUDE_CODE_SESSION_ID GIT_PRESENCE_SESSION=bob \\
         GIT_PRESENCE_TEST_NOW=2026-11-21T10:03:00Z git-presence {line} 2>&1\n"
    )
}

/// A session that was killed and is resumed in another process lives.
#[test]
fn what_goes_on_in_another_process_is_not_gone() {
    let world = World::new();
    world
        .harness("claude", &(start(&world, "old", "startup") + &claims()))
        .done();
    let lines = start(&world, "old", "resume")
        + &later("claim -x stack:dns --purpose mine")
        + &later("list");
    let said = world.harness("claude", &lines);
    holds(&said.out, "error: stack:dns is claimed by wizard@vm");
    holds(&said.out, contains("gone").not());
    // It holds nothing, and something is offered to it.
    let world = World::new();
    let released = runs("old", "git-presence release --all-mine");
    world
        .harness(
            "claude",
            &(start(&world, "old", "startup") + &claims() + &released),
        )
        .done();
    let passed = "GIT_PRESENCE_SESSION=bob git-presence turn take >/dev/null
        GIT_PRESENCE_SESSION=bob git-presence turn pass --status s --next n --to \
         $(git-presence whoami) 2>&1";
    let lines = start(&world, "old", "resume") + &runs("old", passed);
    let said = world.harness("claude", &lines);
    holds(&said.out, "turn:main is offered to");
}

/// A session that was continued in a second terminal: closing the one leaves it to the other.
#[test]
fn the_end_of_one_of_two_processes_of_a_session_ends_nothing() {
    // What is held exclusively alone stands in no record of the session.
    let exclusive = runs("old", "git-presence claim -x stack:dns --purpose apply");
    for claims in [claims(), exclusive] {
        let world = World::new();
        let program = world.root().join("claude");
        let second = start(&world, "old", "resume") + &end(&world, "old", "prompt_input_exit");
        world.write("second", second);
        let lines = start(&world, "old", "startup")
            + &claims
            + &format!("{} second\n", program.display())
            + &runs("old", "git-presence fence stack:dns")
            + &end(&world, "old", "prompt_input_exit")
            + &later("peek stack:dns");
        let said = world.harness("claude", &lines);
        holds(&said.out, "Yours");
        holds(&said.out, "stack:dns is free");
    }
}

/// Another clone may have a conversation of the same id, and say what it likes of that one.
#[test]
fn what_became_of_a_session_is_said_by_its_own_clone() {
    let (_team, a, b) = Team::pair();
    let resumed = start(&b, "old", "startup")
        + &claims()
        + &end(&b, "old", "resume")
        + &start(&b, "new", "resume");
    b.harness("claude", &resumed).done();
    b.anyone("sync").done();
    let passed = "GIT_PRESENCE_SESSION=bob git-presence turn take >/dev/null
        GIT_PRESENCE_SESSION=bob git-presence turn pass --status s --next n --to \\
         $(git-presence whoami) 2>&1";
    let mine = runs("old", "git-presence claim path:docs --purpose p >/dev/null");
    let lines = start(&a, "old", "startup")
        + &mine
        + &runs("old", "git-presence sync >/dev/null")
        + &runs("old", passed)
        + &runs("old", "git-presence turn take");
    let said = a.harness("claude", &lines);
    holds(&said.out, "turn:main is offered to");
    holds(&said.out, "Yours now");
}
