//! Clocks that were wrong: here, and where a record comes from.
//!
//! Owns what is made of a time that is yet to come. A clock that is minutes off is the business of
//! `exclusive` and `machines`.

use serde_json::Value;

use crate::forge::replace;
use crate::machines::{Team, at_rest, names, sync};
use crate::world::{ALICE, World};

const NOW: &str = "GIT_PRESENCE_TEST_NOW";

/// The same clone, with a clock that is ahead.
fn ahead(clone: &World, secs: u64) -> World {
    clone.with(NOW, clone.now().plus_secs(secs).to_rfc3339())
}

/// All times in an answer, with their keys.
fn times(answer: &Value, found: &mut Vec<(String, String)>) {
    match answer {
        Value::Array(all) => all.iter().for_each(|one| times(one, found)),
        Value::Object(all) => {
            for (key, value) in all {
                match value {
                    Value::String(at) if key.ends_with("_at") || key == "as_of" => {
                        found.push((key.clone(), at.clone()));
                    }
                    other => times(other, found),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn a_view_from_the_future_is_fetched_again() {
    for secs in [3600, 90_000] {
        let (team, a, b) = Team::pair();
        ahead(&b, secs).anyone("sync").done();
        a.alice("claim infra:x --purpose held").done();
        b.bob("list").done();
        at_rest(&team.outside());
        b.bob("list").says("infra:x");
    }
}

#[test]
fn a_grant_does_not_rest_on_a_view_from_the_future() {
    let (_team, a, b) = Team::pair();
    ahead(&b, 3600).anyone("sync").done();
    a.alice("claim infra:x --purpose held").done();
    b.bob("claim -x infra:x --purpose p").refuses(ALICE);
}

#[test]
fn a_failure_in_the_future_keeps_no_verb_from_the_remote() {
    let (team, a, b) = Team::pair();
    team.away();
    for _ in 0..4 {
        ahead(&b, 3600).anyone("sync").exits(5);
    }
    team.back();
    a.alice("claim infra:x --purpose held").done();
    b.bob("claim infra:y --purpose p")
        .says("confirmed by origin");
    b.bob("list").says("infra:x");
}

#[test]
fn doctor_tells_which_clock_is_off() {
    let (_team, a, b) = Team::pair();
    ahead(&b, 3600).bob("claim infra:x --purpose p").done();
    a.anyone("sync").done();
    let said = a.alice("doctor");
    said.exits(1);
    said.prints("is 3600 s ahead of the one here");
    b.bob("doctor")
        .exits(1)
        .prints("3600 s ahead at the last fetch");
}

/// No session can have been there, so what it says is not believed, and its resource is not free.
#[test]
fn a_record_of_the_day_after_tomorrow_is_damage() {
    let (_team, a, b) = Team::pair();
    let far = ahead(&b, 2 * 86_400);
    far.bob("claim infra:x --purpose p").done();
    let names_before = names(&b);
    sync(&[&a]);
    a.anyone("list").warns("unreadable records");
    a.alice("claim infra:x --purpose p --refuse")
        .refuses("ahead of the clock here");
    a.alice("claim -x infra:x --purpose p").exits(3);
    let said = a.alice("doctor");
    said.exits(1);
    said.prints("172800 s ahead of the clock here");
    // Once its clock is right, its next write says the right time.
    b.bob("heartbeat --throttle 0").done();
    sync(&[&b, &a]);
    a.anyone("list").says("infra:x").omits("unreadable");
    assert_eq!(names(&b), names_before, "it is still the same clone");
}

#[test]
fn an_exclusive_claim_of_the_day_after_tomorrow_is_not_taken_over() {
    let (_team, a, b) = Team::pair();
    let far = ahead(&b, 2 * 86_400);
    far.bob("claim -x infra:x --purpose p").done();
    sync(&[&a]);
    let said = a.alice("claim -x infra:x --purpose p");
    assert_ne!(said.code, Some(0), "{}", said.out);
    a.alice("doctor").exits(1).prints("ahead of the clock here");
}

#[test]
fn a_cached_session_is_judged_too() {
    let (_team, a, b) = Team::pair();
    let far = ahead(&b, 2 * 86_400);
    for at in 0..8 {
        far.session(&format!("s{at}"), &format!("claim infra:n{at} --purpose p"))
            .done();
    }
    sync(&[&a]);
    // A reader whose clock was ahead as well has kept them.
    ahead(&a, 2 * 86_400).anyone("list").says("infra:n7");
    assert!(a.has(".git/presence/sessions.cache"));
    a.alice("claim infra:n7 --purpose p --refuse")
        .refuses("ahead of the clock here");
}

#[test]
fn times_of_no_calendar_are_damage_and_every_answer_has_four_digits_of_year() {
    for at in ["1969-12-31T23:59:59Z", "9999-12-31T23:59:59-23:00"] {
        let world = World::new();
        world.alice("claim infra:x --purpose p").done();
        let name = world.ref_of(ALICE);
        let now = world.now().to_rfc3339();
        world.rewrite_claim(&name, replace(&now, at));
        world
            .bob("claim infra:x --purpose p --refuse")
            .refuses("in the years 1970 to 9999");
        for line in [
            "list --json",
            "log --json",
            "status --json",
            "peek infra:x --json",
        ] {
            let mut found = Vec::new();
            times(&world.bob(line).json(), &mut found);
            for (key, at) in found {
                assert!(at.len() == 24 && at.ends_with('Z'), "{line}: {key} is {at}");
            }
        }
    }
}

/// If the clock here is the wrong one, a grant would not last as long as its holder thinks.
#[test]
fn nothing_is_granted_if_an_earlier_grant_is_yet_to_come() {
    let (_team, a, b) = Team::pair();
    let fast = ahead(&a, 3600);
    fast.alice("claim -x infra:x --purpose p").done();
    fast.alice("release infra:x").done();
    let refused = b.bob("claim -x infra:x --purpose p");
    refused.fails(
        4,
        "the clock here is 3600 s behind one that granted infra:x before",
    );
    refused.fails(
        4,
        "git -c presence.clockSkew=3630s presence claim --exclusive infra:x",
    );
    b.bob("doctor")
        .prints("the clock here is 3600 s behind one that granted infra:x");
    b.sh("GIT_PRESENCE_SESSION=bob git -c presence.clockSkew=3630s presence claim -x infra:x --purpose p")
        .done();
    let slightly = ahead(&a, 30);
    slightly.alice("claim -x infra:y --purpose p").done();
    slightly.alice("release infra:y").done();
    let said = b.bob("claim -x infra:y --purpose p");
    said.done().omits("clock");
}

/// A lease counts on a clock that cannot be set: it is renewed when that one says so.
#[test]
fn a_lease_is_renewed_although_the_lock_is_from_the_future() {
    let world = World::new();
    ahead(&world, 3600)
        .alice("claim -x infra:x --purpose p --ttl 15m")
        .done();
    // The clock of the test moves both, and in the world only the one that can be set was ahead.
    let held = |word: &str| world.sh(&format!("{word} .git/presence/held-*.toml")).out;
    let until = held("sed -n 's/^until_millis = //p'");
    let until: u64 = until.trim().parse().unwrap();
    let right = until - 3_600_000;
    held(&format!("sed -i 's/= {until}$/= {right}/'"));
    world.later("4m");
    world.alice("heartbeat --throttle 0").done();
    assert!(held("cat").contains(&right.to_string()), "it is not due");
    world.later("2m");
    world.alice("heartbeat --throttle 0").done();
    world.later("12m");
    world.alice("fence infra:x").done();
    world.later("4m");
    world.alice("fence infra:x").exits(3);
}

#[test]
fn a_clock_that_is_a_little_ahead_does_not_free_what_is_held_exclusively() {
    let (_team, a, b) = Team::pair();
    let ttl = "claim -x infra:x path:a --purpose p --ttl 20s";
    b.bob(ttl).done();
    sync(&[&a]);
    // The clocks differ by less than presence.clockSkew, which is 30 s.
    a.later("5s");
    let clone = a;
    let a = ahead(&clone, 20);
    a.alice("claim --refuse infra:x --purpose p").refuses("bob");
    a.alice("hook pre-apply infra:x").exits(3);
    a.alice("claim path:a --purpose p").refuses("bob");
    b.bob("fence infra:x").done();
    clone.later("26s");
    let a = ahead(&clone, 20);
    a.alice("claim --refuse infra:x --purpose p").done();
}

/// It would be unread for as long, and keep its sender on the board.
#[test]
fn a_message_of_a_time_to_come_is_damaged() {
    let (_team, a, b) = Team::pair();
    b.bob("claim node:x --purpose p").done();
    b.bob("sync").done();
    a.alice("sync").done();
    a.alice("tell all -m tomorrow").done();
    a.rewrite(&a.ref_of(ALICE), |files| {
        let message = files
            .iter_mut()
            .find(|(name, _)| name.starts_with("message-"));
        let (_, bytes) = message.unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        let lines = text
            .lines()
            .map(|line| match line.starts_with("sent_at = ") {
                true => "sent_at = 9998-01-01T00:00:00Z",
                false => line,
            });
        *bytes = (lines.collect::<Vec<_>>().join("\n") + "\n").into_bytes();
    });
    a.alice("sync").done();
    b.bob("sync").done();
    b.bob("inbox --all").omits("tomorrow");
}
