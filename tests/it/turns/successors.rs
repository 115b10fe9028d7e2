//! Offers to a session that ends or is replaced, and the keeper of a turn.
//!
//! Owns what follows from the word of a harness and from the end of its process.

use super::{pass, take, turn};
use crate::hooks::agent::succession::{runs, start};
use crate::world::World;

fn clears(world: &World, id: &str) -> String {
    crate::hooks::agent::succession::hook(
        world,
        "claude",
        id,
        "SessionEnd",
        &serde_json::json!({ "reason": "clear" }),
    )
}

/// The id of a session of Claude Code.
fn id_of(world: &World, id: &str) -> String {
    let me = world.with("CLAUDE_CODE_SESSION_ID", id).anyone("whoami");
    me.done().out.trim_end().to_owned()
}

#[test]
fn an_offer_to_a_session_that_was_cleared_goes_to_its_successor() {
    let world = World::new();
    take(&world, "ann", "");
    let (old, new) = (id_of(&world, "old"), id_of(&world, "new"));
    let offers =
        format!("GIT_PRESENCE_SESSION=ann git-presence turn pass --status a --next b --to {old}\n");
    let lines = start(&world, "old", "startup")
        + &runs(
            "old",
            "git-presence claim path:src --purpose soft >/dev/null",
        )
        + &offers
        + &clears(&world, "old")
        + &start(&world, "new", "clear")
        + "GIT_PRESENCE_SESSION=bob git-presence turn take; echo bob $?\n"
        + &runs("new", "git-presence turn take");
    let said = world.harness("claude", &lines);
    said.says("bob 3")
        .says("Yours now: turn:main")
        .says("left by ann");
    let shown = turn(&world, "ann");
    assert_eq!(shown["holder"], new.as_str());
    // What is offered to the one before is offered to the one that goes on.
    let taken = take(&world, "ann", "--force --reason x");
    assert_eq!(taken["granted"], true);
}

#[test]
fn an_offer_to_a_session_whose_program_is_gone_is_none() {
    let world = World::new();
    let old = id_of(&world, "old");
    take(&world, "ann", "");
    let offers =
        format!("GIT_PRESENCE_SESSION=ann git-presence turn pass --status a --next b --to {old}\n");
    let lines = start(&world, "old", "startup")
        + &runs(
            "old",
            "git-presence claim path:src --purpose soft >/dev/null",
        )
        + &offers
        + "GIT_PRESENCE_SESSION=bob git-presence turn take; echo bob $?\n";
    world.harness("claude", &lines).says("bob 3");
    let shown = turn(&world, "bob");
    assert_eq!(
        (&shown["state"], &shown["reason"]),
        (&"free".into(), &"open".into())
    );
    let taken = take(&world, "bob", "");
    assert_eq!(
        (&taken["granted"], &taken["handoff"]["from"]),
        (&true.into(), &"ann".into())
    );
    pass(&world, "bob", &format!("--to {old}")).fails(3, "has sent no heartbeat for a while");
}

#[test]
fn a_keeper_is_ready_before_the_answer_and_ends_with_the_harness() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    let lines = runs("one", "git-presence turn take")
        + "cat .git/presence/keep-*.lock; echo\n"
        + &runs("one", "git-presence turn pass --status a --next b")
        + "ls .git/presence/keep-*.lock || echo no keeper\n";
    let said = world.harness("claude", &lines);
    said.says("Yours now").says("ready ").says("no keeper");
    said.omits("unless you renew it");
    // A session without a program is warned.
    world
        .session("bob", "turn take")
        .warns("no process renews turn:main for you: it ends at");
}
