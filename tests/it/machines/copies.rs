//! Copies of a clone, which share one name.
//!
//! Owns the promise that one of the two takes another name, once, and that no claim is lost on the
//! way, whichever syncs first. What both have from before the copy may stand there for each.

use super::{Team, agree, are_sound, at_rest, claimed, copied, names, sync};
use crate::world::World;

/// A clone in which alice is at work, and a copy of it.
fn twins() -> (Team, World, World) {
    let team = Team::new();
    let a = team.clone_to("a");
    a.alice("claim infra:before --purpose p").done();
    let twin = copied(&a, "twin");
    (team, a, twin)
}

/// What is claimed, by however many.
#[track_caller]
fn resources(clone: &World) -> Vec<String> {
    let mut board = claimed(clone);
    board.dedup();
    board
}

/// They have two names, and keep them.
#[track_caller]
fn have_names_of_their_own(clones: [&World; 2]) {
    let now = |clone: &World| names(clone)[0].clone();
    let before = clones.map(now);
    assert_ne!(before[0], before[1]);
    for round in 0..5 {
        for (place, clone) in clones.into_iter().enumerate() {
            clone.later("10s");
            let claim = format!("claim infra:round-{place} --purpose \"round {round}\"");
            clone.alice(&claim).says("confirmed by origin");
            sync(&[clone]);
        }
    }
    assert_eq!(clones.map(now), before);
}

#[test]
fn the_original_goes_on_and_the_copy_wakes_up_later() {
    let (_team, a, twin) = twins();
    let before = names(&a);
    a.alice("claim infra:a --purpose p").says("confirmed");
    twin.anyone("sync").warns("has a new id");
    sync(&[&a]);
    assert_eq!(names(&a), before);
    assert_eq!(resources(&twin), ["infra:a", "infra:before"]);
    agree(&[&a, &twin]);
    have_names_of_their_own([&a, &twin]);
}

#[test]
fn an_idle_copy_stays_what_it_is() {
    let (_team, a, twin) = twins();
    sync(&[&twin, &a, &twin]);
    assert_eq!(names(&a), names(&twin), "nobody can tell them apart yet");
    agree(&[&a, &twin]);
    twin.alice("claim infra:twin --purpose p").says("confirmed");
    sync(&[&a, &twin]);
    assert_eq!(resources(&a), ["infra:before", "infra:twin"]);
    agree(&[&a, &twin]);
    have_names_of_their_own([&a, &twin]);
}

#[test]
fn both_go_on_with_the_same_session() {
    for copy_first in [false, true] {
        let (team, a, twin) = twins();
        let before = names(&a);
        let (first, second) = if copy_first { (&twin, &a) } else { (&a, &twin) };
        first
            .alice("claim infra:first --purpose p")
            .says("confirmed");
        second
            .alice("claim infra:second --purpose p")
            .says("confirmed");
        sync(&[first, second, first]);
        assert_eq!(names(first), before, "who was first keeps it");
        let board = claimed(&a);
        for claim in ["infra:before", "infra:first", "infra:second"] {
            assert!(
                board.iter().any(|found| found == claim),
                "{claim}: {board:?}"
            );
        }
        agree(&[&a, &twin]);
        are_sound(&[&a, &twin, &team.hub()]);
        second.alice("release infra:second").says("confirmed");
        first.alice("release infra:first").says("confirmed");
        have_names_of_their_own([&a, &twin]);
    }
}

#[test]
fn both_go_on_with_sessions_of_their_own() {
    for copy_first in [false, true] {
        let (_team, a, twin) = twins();
        let (first, second) = if copy_first { (&twin, &a) } else { (&a, &twin) };
        let say = |clone: &World, who: &str| {
            let claim = format!("claim infra:{who} --purpose p");
            clone.session(who, &claim).says("confirmed");
        };
        say(first, "first");
        say(second, "second");
        say(first, "first-again");
        sync(&[second, first, second]);
        let expected = [
            "infra:before",
            "infra:first",
            "infra:first-again",
            "infra:second",
        ];
        assert_eq!(resources(&a), expected);
        agree(&[&a, &twin]);
    }
}

/// Nothing that was not sent when the folder was copied is sent twice, or not at all.
#[test]
fn a_copy_with_changes_that_were_not_sent() {
    for copy_first in [false, true] {
        let team = Team::new();
        let a = team.clone_to("a");
        a.alice("claim infra:sent --purpose p").done();
        team.away();
        a.alice("claim infra:waiting --purpose p")
            .warns("will follow");
        a.bob("claim infra:new --purpose p").warns("will follow");
        let twin = copied(&a, "twin");
        let (first, second) = if copy_first { (&twin, &a) } else { (&a, &twin) };
        first
            .alice("claim infra:first --purpose p")
            .warns("will follow");
        second
            .alice("claim infra:second --purpose p")
            .warns("will follow");
        team.back();
        sync(&[first, second, first, second]);
        let board = resources(&a);
        let all = ["first", "new", "second", "sent", "waiting"];
        assert_eq!(board, all.map(|name| format!("infra:{name}")));
        agree(&[&a, &twin]);
        are_sound(&[&a, &twin, &team.hub()]);
        have_names_of_their_own([&a, &twin]);
    }
}

/// A third one, made of a copy that has a new name already.
#[test]
fn a_copy_of_a_copy() {
    let (_team, a, twin) = twins();
    a.alice("claim infra:a --purpose p").done();
    twin.alice("claim infra:twin --purpose p").done();
    let third = copied(&twin, "third");
    twin.alice("claim infra:twin-2 --purpose p").done();
    third.alice("claim infra:third --purpose p").done();
    sync(&[&a, &twin, &third, &a, &twin]);
    let mut known: Vec<String> = [&a, &twin, &third]
        .iter()
        .map(|clone| names(clone)[0].clone())
        .collect();
    known.sort();
    known.dedup();
    assert_eq!(known.len(), 3);
    agree(&[&a, &twin, &third]);
    have_names_of_their_own([&twin, &third]);
}

/// Its own later writes look like those of a copy. What was written after the backup expires.
#[test]
fn a_clone_that_was_set_back_to_a_backup() {
    let (_team, a, backup) = twins();
    a.alice("claim infra:after --purpose p").done();
    a.sh("rm -rf .git && mv ../twin/.git .git").done();
    drop(backup);
    let before = names(&a);
    a.alice("claim infra:now --purpose p").says("confirmed");
    assert_ne!(names(&a)[0], before[0]);
    let board = resources(&a);
    assert!(board.contains(&"infra:now".to_owned()), "{board:?}");
    a.later("20m");
    a.alice("claim infra:then --purpose p").done();
    assert_eq!(claimed(&a), ["infra:then"]);
    agree(&[&a]);
}

/// Also what it pushed under the name that it had until then.
#[test]
fn what_a_copy_claimed_stays_its_own() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.alice("claim infra:x --purpose p").done();
    let twin = copied(&a, "twin");
    a.alice("claim infra:x2 --purpose p").done();
    // Pushed under the old name; the look after it finds out, and twin is renamed.
    twin.bob("claim infra:y --purpose p")
        .says("confirmed by origin");
    for _ in 0..2 {
        twin.later("10m");
        twin.bob("heartbeat").done();
        at_rest(&twin);
        sync(&[&twin]);
    }
    assert!(
        claimed(&twin).contains(&"infra:y".to_owned()),
        "lapsed, although bob beats"
    );
    twin.bob("release infra:y").says("confirmed by origin");
}

#[test]
fn a_session_that_sat_still_keeps_its_claim() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.alice("claim infra:x --purpose p").done();
    let twin = copied(&a, "twin");
    twin.alice("claim infra:z --purpose p").says("confirmed");
    sync(&[&a]);
    let beat = a.alice("heartbeat --throttle 0 --json").done().json();
    assert_eq!(beat["claims"], 1, "alice holds infra:x in this clone");
    a.alice("release infra:x").says("confirmed by origin");
}

/// Each finds what the other wrote under the name of both, and no clone is left that has it.
#[test]
fn both_take_new_names_and_keep_their_claims() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.alice("claim infra:alice --purpose p").done();
    a.bob("claim infra:bob --purpose p").done();
    let twin = copied(&a, "twin");
    twin.alice("claim infra:new-alice --purpose p")
        .says("Claimed infra:new-alice");
    // It finds what alice wrote in the copy, and answers nothing at all.
    a.bob("claim infra:new-bob --purpose p")
        .says("Claimed infra:new-bob");
    sync(&[&twin, &a]);
    agree(&[&a, &twin]);
    team.outside().git("clone --quiet hub.git third");
    team.outside().at("third").git("push --quiet --mirror");
    sync(&[&a, &twin, &a]);
    let board = claimed(&a);
    for name in ["alice", "bob", "new-alice", "new-bob"] {
        assert!(
            board.contains(&format!("infra:{name}")),
            "{name}: {board:?}"
        );
    }
    twin.alice("release infra:new-alice")
        .says("confirmed by origin");
    a.bob("release infra:new-bob").says("confirmed by origin");
}

#[test]
fn the_answer_to_a_claim_that_renames_is_whole() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.alice("claim infra:x --purpose p").done();
    let twin = copied(&a, "twin");
    a.alice("claim infra:x2 --purpose p").done();
    let said = twin.bob("claim infra:y --purpose p --json").done().json();
    assert_eq!(said["claims"][0]["resource"], "infra:y");
}
