//! `fence`: whether the session may still act.
//!
//! Owns each way in which the answer is no. What the remote says is in `arbiter` and `wiped`.

use snapbox::str;

use super::{TTL_AND_MARGIN, ask, cell, take};
use crate::world::{ALICE, BOB, World};

#[test]
fn mine_and_in_force() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    world.untouched(&[], || {
        world.alice("fence node:x").says_all(str![[r#"
Yours: node:x, token [..], until 10:15, in 15 min

"#]]);
        let line = format!("fence node:x --token {token} --json");
        let answer = world.alice(&line).done().json();
        assert_eq!(answer["resource"], "node:x");
        assert_eq!(answer["token"], token);
        assert_eq!(answer["session_id"], ALICE);
        assert_eq!(answer["expires_at"], "2026-11-21T10:15:00.000Z");
        // Where there is no remote, this repository is the one to ask.
        world.alice("fence node:x --remote").says("Yours: node:x");
    });
}

#[test]
fn under_another_token() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    for wrong in [0, 1, token - 1, token + 1, u64::MAX] {
        let line = format!("fence node:x --token {wrong}");
        let said = format!("the token {wrong} is not in force; the current one is {token}");
        world.alice(&line).refuses(&said);
    }
    for nonsense in ["x", "-1", "1.5", "18446744073709551616", ""] {
        world
            .alice(&format!("fence node:x --token={nonsense}"))
            .fails(129, "--token");
    }
    world.alice("fence node:x").done();
}

#[test]
fn under_the_token_of_another_resource() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.later("1s");
    let other = take(&world, ALICE, "node:y");
    world
        .alice(&format!("fence node:x --token {other}"))
        .refuses("is not in force");
    world.alice(&format!("fence node:y --token {other}")).done();
    let path = take(&world, ALICE, "path:src/**");
    take(&world, ALICE, "path:src/a.rs");
    world
        .alice(&format!("fence path:src/a.rs --token {path}"))
        .refuses("is not in force");
}

#[test]
fn under_a_token_of_the_past() {
    let world = World::new();
    let first = take(&world, ALICE, "node:x");
    world.alice("release node:x").done();
    let second = take(&world, ALICE, "node:x");
    let old = format!("fence node:x --token {first}");
    world.alice(&old).refuses("is not in force");
    world.later(TTL_AND_MARGIN);
    take(&world, BOB, "node:x");
    world.alice(&old).exits(3);
    world
        .alice(&format!("fence node:x --token {second}"))
        .exits(3);
    world
        .bob(&format!("fence node:x --token {second}"))
        .exits(3);
    world.bob("fence node:x").done();
}

#[test]
fn held_by_another_session() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    world.bob("fence node:x").refuses("wizard@devvm@alice");
    world
        .bob(&format!("fence node:x --token {token}"))
        .refuses("wizard@devvm@alice");
    let error = world.bob("fence node:x --json").exits(3).json();
    assert_eq!(error["error"]["held_by"][0]["token"], token);
}

#[test]
fn held_by_no_session() {
    let world = World::new();
    world
        .alice("fence node:never")
        .refuses("you do not hold node:never");
    world
        .alice("fence node:never --token 1")
        .refuses("node:never");
    take(&world, ALICE, "node:x");
    world.alice("release node:x").done();
    world
        .alice("fence node:x")
        .refuses("you do not hold node:x");
    // A shared claim is no answer to whether one is alone.
    world.alice("claim node:shared --purpose p").done();
    world.alice("fence node:shared").refuses("node:shared");
}

#[test]
fn not_for_what_it_only_overlaps() {
    let world = World::new();
    take(&world, ALICE, "path:src/**");
    world.alice("fence path:src/a.rs").refuses("path:src/a.rs");
    world.alice("fence path:src/**").done();
}

#[test]
fn expired_to_the_second() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    let line = format!("fence node:x --token {token}");
    world.later("899s");
    world.alice(&line).done();
    world.later("1s");
    world
        .alice(&line)
        .refuses("your exclusive claim of node:x expired at 10:15, ")
        .hints("claim it again");
}

/// A session without its lease, the machine's memory of the grant, cannot rely on the grant.
#[test]
fn not_where_nothing_is_known_of_the_grant() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.sh("rm .git/presence/held-*").done();
    world.alice("fence node:x").exits(3);
    world
        .alice(&ask("node:x"))
        .says("Renewed node:x exclusively");
    world.alice("fence node:x").says("Yours: node:x");
    // And a file of garbage is as good as none.
    world
        .sh("for f in .git/presence/held-*; do echo garbage >$f; done")
        .done();
    world.alice("fence node:x").exits(3);
    world.alice("heartbeat").done();
    world.alice(&ask("node:x")).says("Renewed");
    world.alice("fence node:x").done();
}

/// The wall clock may be set back; what a holder counts on runs on.
#[test]
fn not_by_a_clock_that_was_set_back_after_a_restart() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    let file = world.sh("echo .git/presence/held-*").out;
    let text = world.read(file.trim_end());
    world.write(file.trim_end(), text.replace("\"test\"", "\"boot-before\""));
    world.alice("fence node:x").exits(3);
}

#[test]
fn bad_words() {
    let world = World::new();
    world.alice("fence").fails(129, "RESOURCE");
    world.alice("fence x").fails(129, "<type>:<name>");
    world.alice("fence node:a node:b").fails(129, "node:b");
    World::empty().alice("fence node:x").exits(128);
}

#[test]
fn a_cell_that_went_away_is_told_as_taken() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    world.git(&format!("update-ref -d {}", cell("node:x")));
    world
        .alice(&format!("fence node:x --token {token}"))
        .refuses("node:x is no longer yours");
    world
        .alice("fence node:x")
        .refuses("you do not hold node:x");
    world.later("1s");
    assert!(take(&world, BOB, "node:x") > token);
}

/// It has not expired, and the moment that is named is still to come.
#[test]
fn a_grant_that_is_not_counted_on_here_has_not_expired() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.sh("rm .git/presence/held-*").done();
    world
        .alice("fence node:x")
        .refuses("your lease on node:x can no longer be trusted on this machine")
        .hints("claim it again: that renews it")
        .omits("expired");
    world
        .alice(&ask("node:x"))
        .says("Renewed node:x exclusively");
    world.alice("fence node:x").done();
}

/// A shared claim has no token; that is said, and not that the session holds nothing.
#[test]
fn a_shared_claim_has_no_fence() {
    let world = World::new();
    world.alice("claim node:x -p p").done();
    for line in ["fence node:x", "release node:x --status half --next rest"] {
        world
            .alice(line)
            .refuses("you claim node:x shared: a fence, a handoff and an offer are of an exclusive claim")
            .hints("git presence claim --exclusive node:x --purpose");
    }
    world.bob("fence node:x").refuses("you do not hold node:x");
}
