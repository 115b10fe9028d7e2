//! What a session is told once, whichever of its commands comes next.
//!
//! Owns the promise that no loss is swallowed: not one that another process of this clone found,
//! not one that stands beside another, and not the reason of a force.

use crate::said::Said;
use crate::world::World;

fn both(said: &Said) -> String {
    format!("{}{}", said.out, said.err)
}

/// A shared claim and an exclusive one expired together.
fn expired() -> World {
    let world = World::new();
    world.alice("claim infra:soft --ttl 60s -p p").done();
    world.alice("claim -x stack:x --ttl 60s -p p").done();
    world.later("2m");
    world
}

#[test]
fn what_expired_together_is_told_together_and_once() {
    for line in ["heartbeat", "claim node:next -p p"] {
        let world = expired();
        let told = both(&world.alice(line));
        for what in ["infra:soft", "stack:x"] {
            assert_eq!(told.matches(what).count(), 1, "{line}: {told}");
        }
        let told = both(&world.alice("heartbeat"));
        assert!(
            !told.contains("infra:soft") && !told.contains("stack:x"),
            "{told}"
        );
    }
}

#[test]
fn a_reading_verb_shows_it_and_uses_nothing_up() {
    let world = expired();
    for line in ["status", "list --mine", "status --json", "list --mine"] {
        let told = both(&world.alice(line));
        assert!(
            told.contains("infra:soft") && told.contains("stack:x"),
            "{line}: {told}"
        );
    }
    let status = world.alice("status --json").json();
    let what = |n: usize| status["news"][n]["what"].as_str().unwrap().to_owned();
    assert_eq!([what(0), what(1)], ["expired", "expired"]);
    world.bob("status").omits("stack:x");
    world.alice("heartbeat").refuses("stack:x expired at");
    world.alice("status").omits("stack:x").omits("infra:soft");
}

/// The claim that expired is granted anew, and still its end is told.
#[test]
fn claiming_it_again_tells_that_it_had_expired() {
    let world = expired();
    world
        .alice("claim -x stack:x -p again")
        .says("Claimed stack:x")
        .says("your exclusive claim of stack:x expired at")
        .says("your claim of infra:soft expired at");
    let told = world.alice("claim infra:soft -p again --json").json();
    assert_eq!(told["news"], serde_json::json!([]));
}

/// Another session claims it afterwards, and still: who took it by force, and why, is what its
/// holder has to know.
#[test]
fn the_loser_of_a_force_hears_who_and_why() {
    for next in ["status", "heartbeat", "claim node:y -p p"] {
        let world = World::new();
        world.alice("claim -x db:main -p slow").done();
        let token = world.alice("list --json").json()[0]["token"].to_string();
        let force = format!(
            "release --force db:main --holder wizard@devvm@alice --token {token} --reason outage"
        );
        world.bob(&force).done();
        world.carol("claim -x db:main -p next").done();
        world.carol("heartbeat --throttle 0s").done();
        let told = both(&world.alice(next));
        for what in ["db:main", "by wizard@devvm@bob at", "outage"] {
            assert!(told.contains(what), "{next}: {what}: {told}");
        }
    }
}

/// Each of several that were taken is told by the claim that is refused for it.
#[test]
fn a_claim_is_refused_once_for_all_that_was_taken() {
    let world = World::new();
    world.alice("claim -x db:a db:b -p p").done();
    world.later("1h");
    world.bob("claim -x db:a db:b -p p").done();
    let refused = world.alice("claim node:y -p p");
    refused
        .refuses("db:a is no longer yours")
        .hints("note that db:b is no longer yours");
    world.alice("claim node:y -p p").done();
}

#[test]
fn the_answer_of_a_claim_says_whether_to_go_on() {
    let world = World::new();
    world
        .alice("claim path:src -p p")
        .says("Go on: no other session claims it. Shared: ");
    world
        .alice("claim path:src -p p")
        .says("Go on: no other session claims it. When done: git presence release path:src\n")
        .omits("Shared:");
    world
        .alice("claim -x stack:dns -p p")
        .says("Go on: you alone have it. The token numbers this grant. ");
    world
        .alice("claim -x stack:dns -p p")
        .says("Go on: you alone have it. When done: ");
    // A claim beside an older one stands, and says that it is the later one.
    world
        .bob("claim path:src -p p")
        .says("Defer: ")
        .says("Claimed path:src, behind another session, until")
        .omits("Go on");
    world
        .alice("hook pre-apply stack:dns")
        .tells("go on with stack:dns: you alone have it, until 10:15");
    world.alice("hook pre-apply stack:web").is_silent();
}

#[test]
fn an_option_without_its_value_is_shown_with_one() {
    World::new()
        .alice("claim path:src -p why --ttl")
        .fails(129, "--ttl <SPAN> needs a value")
        .hints("write a value behind it: git presence claim path:src -p why --ttl 30m");
}
