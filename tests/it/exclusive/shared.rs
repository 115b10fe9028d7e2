//! Exclusive claims beside shared ones.
//!
//! Owns what becomes of one where the other is.

use super::{TTL_AND_MARGIN, ask, cell, held, take};
use crate::machines::Team;
use crate::said::Said;
use crate::strace::{self, CHANGES, Call};
use crate::world::{ALICE, BOB, World};

#[test]
fn what_others_share_is_not_held_exclusively() {
    let world = World::new();
    world.alice("claim node:x --purpose watching").done();
    world.carol("claim node:x --purpose \"me too\"").done();
    world.unchanged(|| {
        world
            .bob(&ask("node:x"))
            .refuses("node:x is claimed by 2 other sessions")
            .refuses("node:x by wizard@devvm@alice (")
            .refuses("node:x by wizard@devvm@carol (")
            .refuses("watching")
            .hints("git presence wait node:x");
        let error = world.bob(&format!("{} --json", ask("node:x")));
        let by = error.exits(3).json()["error"]["held_by"].clone();
        assert_eq!(by.as_array().map(Vec::len), Some(2));
        assert_eq!(by[0]["mode"], "shared");
    });
    for session in [World::alice, World::carol] {
        session(&world, "release node:x").done();
    }
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
}

#[test]
fn over_those_who_share_it_when_asked_for() {
    let world = World::new();
    world.alice("claim node:x --purpose watching").done();
    let line = format!("{} --over-shared", ask("node:x"));
    world
        .bob(&line)
        .says("Claimed node:x exclusively")
        .says("ALSO CLAIMED BY wizard@devvm@alice (")
        .says("): node:x is already claimed");
    let said = world.bob(&format!("{line} --json")).done().json();
    assert_eq!(said["also_claimed_by"][0]["session_id"], ALICE);
    // A session that shared it before goes on; a new one does not, and no claim displaces a holder.
    world.alice("heartbeat --throttle 0").done();
    world
        .carol("claim node:x --purpose p")
        .refuses("wizard@devvm@bob");
    world.carol(&line).refuses("wizard@devvm@bob");
}

/// A remote that takes pushes and shows nothing: what was not looked at is not free.
#[test]
fn what_others_may_share_unseen_is_not_held_exclusively() {
    let (_team, a, b) = Team::pair();
    b.alice("sync").done();
    a.bob("claim infra:x --purpose p").done();
    b.git("config remote.origin.uploadpack false");
    b.git("config presence.staleAfter 30s");
    // A view that is not stale is good enough.
    take(&b, ALICE, "infra:y");
    b.later("1m");
    for line in [
        ask("infra:x"),
        ask("infra:z infra:x"),
        ask("infra:x --wait=1s"),
    ] {
        b.alice(&line)
            .fails(5, "who shares it at origin is not known")
            .hints("nothing is held");
        b.alice("fence infra:x").exits(3);
    }
    // What is held already is renewed, and with the option it is granted, both with a warning.
    take(&b, ALICE, "infra:y");
    b.alice(&format!("{} --over-shared", ask("infra:x")))
        .done()
        .warns("what origin has now is not known");
    b.alice("release infra:x").done();
    b.git("config --unset remote.origin.uploadpack");
    b.alice(&ask("infra:x")).refuses("infra:x is claimed by");
}

/// A request that was queued is decided by the same rules.
#[test]
fn what_others_share_is_not_granted_from_the_queue() {
    let (team, a, b) = Team::pair();
    team.away();
    b.alice(&ask("infra:x --allow-unconfirmed")).done();
    team.back();
    a.bob("claim infra:x --purpose p").done();
    b.alice("sync").done();
    b.alice("fence infra:x").exits(3);
    a.bob("release infra:x").done();
    b.alice("sync").done();
    b.alice("fence infra:x").done();
}

#[test]
fn what_is_held_exclusively_is_not_shared() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.unchanged(|| {
        world
            .bob("claim node:x --purpose p")
            .refuses("node:x is claimed by wizard@devvm@alice")
            .hints("git presence wait node:x");
        // All or none.
        world
            .bob("claim node:free node:x --purpose p")
            .refuses("node:x is claimed");
    });
    let error = world.bob("claim node:x --purpose p --json");
    let by = error.exits(3).json()["error"]["held_by"].clone();
    assert_eq!(by[0]["mode"], "exclusive");
    assert_eq!(held(&world).len(), 1);
    world.alice("release node:x").done();
    world.bob("claim node:x --purpose p").says("Claimed node:x");
}

#[test]
fn what_expired_blocks_no_session() {
    let world = World::new();
    world.alice("claim node:x --purpose p").done();
    take(&world, ALICE, "node:y");
    world.later(TTL_AND_MARGIN);
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
    world.bob("claim node:y --purpose p").says("Claimed node:y");
}

#[test]
fn my_own_shared_claim_is_not_in_my_way() {
    let world = World::new();
    world.alice("claim node:x --purpose p").done();
    world
        .alice(&ask("node:x"))
        .says("Claimed node:x exclusively");
    world.bob("claim node:x --purpose p").refuses(ALICE);
    world.bob(&ask("node:x")).refuses(ALICE);
    world.alice("release --all-mine").done();
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
}

/// A shared claim that was there before is renewed by heartbeats while another session holds it.
#[test]
fn a_session_that_only_waits_does_not_share() {
    let world = World::new();
    world.alice("claim node:x --purpose p").done();
    let line = format!("{} --over-shared", ask("node:x"));
    world.bob(&line).done();
    for _ in 0..3 {
        world.later("5m");
        world.alice("heartbeat").done();
        world.bob("heartbeat").done();
    }
    let list = world.carol("list --json").done().json();
    let who: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["session_id"].as_str().unwrap())
        .collect();
    assert_eq!(who, [ALICE, BOB]);
}

/// What was released is free.
#[test]
fn a_release_ends_what_is_held_in_both_modes() {
    let world = World::new();
    world.alice("claim node:x --purpose p").done();
    take(&world, ALICE, "node:x");
    world.alice("release node:x").says("Released node:x\n");
    world.bob("peek node:x").says("node:x is free");
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
}

/// Never take what cannot be read for free: `--refuse` does not either.
#[test]
fn a_session_that_cannot_be_read_may_share_it() {
    let world = World::new();
    world.alice("claim node:x --purpose p").done();
    world.break_ref(&world.ref_of(ALICE), "");
    world
        .bob(&ask("node:x"))
        .refuses("node:x may be claimed in an unreadable record")
        .hints("git presence doctor --repair");
    assert_eq!(held(&world), []);
    let line = format!("{} --over-shared", ask("node:x"));
    world
        .bob(&line)
        .says("Claimed node:x exclusively")
        .says("MAY BE CLAIMED in");
}

/// Run `line` for `slow` in a way that makes it wait right before it moves `name`, and another
/// line for another session meanwhile.
fn meanwhile(
    world: &World,
    (slow, line): (&str, &str),
    name: &str,
    other: impl FnOnce() -> Said,
) -> (Said, Said) {
    let twin = world.at("twin");
    twin.sh("cp -a ../repo/. .").done();
    let calls = strace::run(&twin, slow, line, CHANGES, &[]).calls;
    let moves = |call: &Call| {
        let to = call.paths().pop().unwrap_or_default();
        call.name.starts_with("rename") && to.ends_with(name)
    };
    let at = calls.iter().position(moves).expect("the ref is moved");
    let fault = strace::fault(&calls, at, "delay_enter=1000000");
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| strace::run(world, slow, line, CHANGES, &[fault]).said);
        world.sh("sleep 0.5").done();
        let other = other();
        (slow.join().expect("it ends"), other)
    })
}

/// Bob reads the board, Alice claims and checks, Bob is granted: Bob checks again.
#[test]
fn one_of_a_shared_and_an_exclusive_claim_at_once_is_refused() {
    if !strace::works() {
        return;
    }
    let world = World::new();
    let token = take(&world, BOB, "node:x");
    world.bob("release node:x").done();
    let line = ask("node:x");
    let (alone, shared) = meanwhile(&world, (BOB, &line), &cell("node:x"), || {
        world.alice("claim node:x --purpose p")
    });
    shared.done();
    alone
        .refuses("node:x is claimed by wizard@devvm@alice")
        .hints("git presence wait node:x");
    assert_eq!(held(&world), [], "it was given back");
    world.bob("fence node:x").exits(3);
    world.bob("heartbeat").done();
    world.alice("release node:x").done();
    assert!(take(&world, BOB, "node:x") > token + 1, "both were used");
}

/// The other way round: Alice has looked at the cell, Bob is granted it, Alice writes.
#[test]
fn one_of_an_exclusive_and_a_shared_claim_at_once_is_refused() {
    if !strace::works() {
        return;
    }
    let world = World::new();
    world.alice("claim node:y --purpose p").done();
    world.bob("claim node:y --purpose p").done();
    let name = world.ref_of(ALICE);
    let line = "claim node:x --purpose p";
    let (shared, alone) = meanwhile(&world, (ALICE, line), &name, || world.bob(&ask("node:x")));
    alone.done();
    shared.refuses("node:x is claimed by wizard@devvm@bob");
    let list = world.carol("list --mine --session wizard@devvm@alice");
    list.says("node:y").omits("node:x");
}

/// A view that the claim has fetched itself is never too old for it.
#[test]
fn a_view_may_be_too_old_at_once() {
    let (_team, a, b) = Team::pair();
    b.git("config presence.staleAfter 0");
    b.bob(&ask("infra:x")).says("confirmed");
    a.alice("claim infra:y --purpose p").done();
    b.bob(&ask("infra:y")).refuses("wizard@devvm@alice");
}

/// Where a remote decides, the view of who shares is at most as old as `presence.staleAfter`.
#[test]
fn what_others_came_to_share_since_the_check_is_not_held_exclusively() {
    let (_team, a, b) = Team::pair();
    b.anyone("sync").done();
    a.alice("claim infra:x --purpose p").done();
    b.git("config presence.staleAfter 30s");
    b.later("31s");
    b.bob(&ask("infra:x")).refuses("wizard@devvm@alice");
    assert_eq!(held(&b), []);
    a.anyone("sync").done();
    assert_eq!(held(&a), []);
    let line = format!("{} --over-shared", ask("infra:x"));
    b.bob(&line).says("ALSO CLAIMED BY wizard@devvm@alice");
}
