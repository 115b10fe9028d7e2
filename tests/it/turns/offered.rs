//! Offers: one session alone may have what is free, for a while.
//!
//! Owns who is granted what is offered, until when, and to whom something can be offered.

use super::{WORDS, here, pass, take, turn};
use crate::machines::Team;
use crate::world::World;

/// A world in which ann offers infra:dns to bob, and cat is here, too.
fn dns_offered_to_bob() -> World {
    let world = World::new();
    here(&world, &["bob", "cat"]);
    world
        .session("ann", "claim -x infra:dns --purpose p")
        .done();
    let release = format!("release infra:dns --to bob {WORDS}");
    world.session("ann", &release).done();
    world
}

#[test]
fn only_the_session_that_it_is_offered_to_is_granted() {
    let world = World::new();
    here(&world, &["bob", "cat"]);
    take(&world, "ann", "");
    pass(&world, "ann", "--to cat")
        .says("Passed on: turn:main is offered to cat until 10:20, in 20 min");
    let shown = turn(&world, "bob");
    assert_eq!(
        (&shown["state"], &shown["reason"]),
        (&"offered".into(), &"offered_to_other".into())
    );
    assert_eq!(shown["offer"]["to"], "cat");
    assert_eq!(shown["offer"]["until"], "2026-11-21T10:20:00.000Z");
    assert_eq!(shown["next_command"], "git presence turn take --wait");
    for line in ["turn take", "claim -x turn:main --purpose p"] {
        world.session("bob", line).exits(3);
        world.session("ann", line).exits(3);
    }
    world
        .session("bob", "claim -x turn:main --purpose p")
        .fails(
            3,
            "turn:main is offered to cat until 10:20, in 20 min, by ann",
        )
        .hints("git presence turn take --force --reason \"<why>\"");
    world.later("19m");
    assert_eq!(turn(&world, "cat")["reason"], "offered");
    let taken = take(&world, "cat", "--offered-only");
    assert_eq!(
        (&taken["granted"], &taken["reason"]),
        (&true.into(), &"offered".into())
    );
    assert_eq!(taken["handoff"]["next"], "apply the rest");
}

#[test]
fn an_offer_that_is_over_is_none() {
    let world = World::new();
    here(&world, &["cat"]);
    take(&world, "ann", "");
    pass(&world, "ann", "--to cat --offer-for 5m").done();
    world.later("299s");
    world.session("bob", "turn take").exits(3);
    world.later("1s");
    let taken = take(&world, "bob", "");
    assert_eq!(
        (&taken["granted"], &taken["reason"]),
        (&true.into(), &"open".into())
    );
    assert_eq!(taken["handoff"]["from"], "ann");
    assert_eq!(taken["offer"], serde_json::Value::Null);
}

#[test]
fn who_parks_takes_only_what_is_offered() {
    let world = World::new();
    let parked = world.session("cat", "turn take --offered-only --json");
    let parked = parked.exits(3).json();
    assert_eq!(
        (&parked["reason"], &parked["state"]),
        (&"parked".into(), &"free".into())
    );
    world
        .session("cat", "turn take --offered-only --wait=1s")
        .exits(4)
        .tells("it is free, and not offered to you")
        .prints("turn:main is free and not offered to you");
    world.anyone("list").omits("exclusive");
}

#[test]
fn it_is_offered_to_one_that_is_here() {
    let world = World::new();
    here(&world, &["bob"]);
    take(&world, "ann", "");
    pass(&world, "ann", "--to ghost")
        .fails(3, "ghost has sent no heartbeat for a while")
        .hints("offer it to one that is here: bob")
        .hints("--anyway");
    assert_eq!(turn(&world, "ann")["is_me"], true);
    pass(&world, "ann", "--to ann").fails(129, "you cannot offer it to yourself");
    pass(&world, "ann", "--to ghost --anyway").done();
    world.session("bob", "turn take").exits(3);
    // The user decides that it will not come.
    world
        .session("bob", "release --force turn:main --reason gone --yes")
        .done();
    assert_eq!(take(&world, "bob", "")["granted"], true);
    // Who was silent for longer than its time to live is not here.
    let later = World::new();
    here(&later, &["bob"]);
    later.later("16m");
    take(&later, "ann", "");
    pass(&later, "ann", "--to bob").exits(3);
    // The last holder was here a moment ago.
    pass(&later, "ann", "").done();
    take(&later, "bob", "");
    pass(&later, "bob", "--to ann").done();
}

#[test]
fn any_exclusive_claim_can_be_offered() {
    let world = World::new();
    here(&world, &["bob"]);
    world
        .session("ann", "claim -x stack:dns path:src --purpose p")
        .done();
    world
        .session("ann", "release stack:dns path:src node:x --to bob")
        .fails(3, "node:x");
    world.session("ann", "release --to bob").exits(129);
    let said = world.session(
        "ann",
        &format!("release stack:dns path:src --to bob {WORDS}"),
    );
    said.says("Released stack:dns, path:src, with a handoff for the next holder")
        .says("Offered to bob until");
    for what in ["stack:dns", "path:src/a.rs", "path:src"] {
        let line = format!("claim -x {what} --purpose p");
        world.session("cat", &line).fails(3, "is offered to bob");
    }
    world
        .session("cat", "claim -x path:docs --purpose p")
        .done();
    world
        .session("bob", "claim -x stack:dns path:src --purpose p")
        .says("Handoff for stack:dns, left by ann")
        .says("Handoff for path:src, left by ann");
}

#[test]
fn at_a_remote_the_offer_counts_everywhere() {
    let (_team, a, b) = Team::pair();
    here(&b, &["bob", "cat"]);
    b.anyone("sync").done();
    a.anyone("sync").done();
    take(&a, "ann", "");
    pass(&a, "ann", "--to bob").says("confirmed by origin");
    b.session("dan", "turn")
        .tells("other clones are known as of");
    b.session("cat", "turn take").exits(3);
    a.session("dan", "turn take").exits(3);
    let taken = take(&b, "bob", "");
    assert_eq!(
        (&taken["granted"], &taken["guarantee"]),
        (&true.into(), &"confirmed".into())
    );
    assert_eq!(taken["handoff"]["from"], "ann");
    a.session("dan", "turn take").exits(3);
}

#[test]
fn the_board_shows_to_whom_something_is_offered_and_until_when() {
    let world = dns_offered_to_bob();
    let line = "infra:dns is offered to bob until 10:20, in 20 min, by ann";
    for verb in [
        "peek infra:dns",
        "list",
        "list --others",
        "list --type infra",
        "status",
    ] {
        world.session("cat", verb).says(line);
        let to_me = "infra:dns is offered to you until 10:20, in 20 min, by ann";
        if verb != "list --others" {
            world.session("bob", verb).says(to_me);
        }
    }
    for verb in ["list --mine", "list --type node", "peek node:x"] {
        world.session("cat", verb).omits("is offered");
    }
    world.session("bob", "list --others").omits("is offered");
    // No session holds it, and it is not free.
    let peeked = world.session("cat", "peek infra:dns --exit-code");
    peeked.exits(3).omits("is free");
    peeked.prints("only that session is granted it");
    world.session("bob", "peek infra:dns --exit-code").done();
    let rows = world.session("cat", "peek infra:dns --json").json();
    let offered = serde_json::json!([{
        "asked": "infra:dns", "relation": "offered", "resource": "infra:dns", "to": "bob",
        "by": "ann", "until": "2026-11-21T10:20:00.000Z", "is_me": false
    }]);
    assert_eq!(rows, offered);
    let status = world.session("bob", "status --json").json();
    assert_eq!(status["offers"][0]["is_me"], true);
    assert_eq!(
        status["next"],
        "git presence claim --exclusive infra:dns --purpose <text>"
    );
    world.later("20m");
    for verb in ["peek infra:dns", "list", "status"] {
        world.session("cat", verb).omits("is offered");
    }
}

#[test]
fn a_command_of_the_session_that_it_is_offered_to_is_granted() {
    let world = dns_offered_to_bob();
    let run = "run -x infra:dns --purpose p -- true";
    world.session("cat", run).exits(3);
    for other in ["bob+run-", "+run-1", "xbob+run-1"] {
        let claim = "claim -x infra:dns --purpose p";
        world.session(other, claim).exits(3);
    }
    world
        .session("bob", run)
        .warns("handoff for infra:dns, left by ann");
}

#[test]
fn what_is_offered_to_one_session_is_not_free_for_a_shared_claim_of_another() {
    let world = World::new();
    here(&world, &["bob", "cat"]);
    let offers = |label: &str| {
        let claim = format!("claim -x {label} --purpose p");
        world.session("ann", &claim).done();
        let release = format!("release {label} --to bob {WORDS}");
        world.session("ann", &release).done();
    };
    offers("infra:dns");
    offers("path:docs");
    for line in [
        "claim infra:dns --purpose p",
        "claim infra:dns --purpose p --refuse",
        "claim infra:web infra:dns --purpose p",
        "claim path:docs/a.md --purpose p",
        "hook pre-apply infra:dns",
    ] {
        world
            .session("cat", line)
            .refuses("is offered to bob until");
    }
    world.session("cat", "list --mine").omits("infra");
    world.session("bob", "hook pre-apply infra:dns").done();
    world.session("bob", "claim infra:dns --purpose p").done();
    world.later("20m");
    world
        .session("cat", "claim path:docs/a.md --purpose p")
        .done();
}
