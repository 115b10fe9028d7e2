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
        "under another session id, you held stack:dns exclusively; and path:src.",
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
        contains("this conversation held stack:dns exclusively; and path:src").count(1),
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
