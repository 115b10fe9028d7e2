//! A hub that takes some of what is sent, or nothing.
//!
//! Owns what is remembered of a refusal, for how long, and that it is told once.

use super::{Team, agree, claimed, sync};
use crate::said::holds;
use crate::world::World;

const REFUSES: &str = "echo push >>counted; echo 'no boards here' >&2; exit 1";

/// A hub that declines everything, and counts.
fn declining() -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    team.hook("pre-receive", REFUSES);
    (team, a, b)
}

#[test]
fn one_session_that_is_refused_does_not_silence_the_others() {
    let (team, a, _) = Team::pair();
    team.hook(
        "update",
        "case $1 in *alice*) echo 'not alice' >&2; exit 1;; esac",
    );
    a.alice("claim infra:a --purpose p")
        .warns("origin refuses it (cannot create its ref): \"hook declined: not alice\"");
    a.bob("claim infra:b --purpose p")
        .says("confirmed by origin");
    a.carol("claim infra:c --purpose p")
        .says("confirmed by origin");
    a.alice("list").says("(not sent yet)");
    assert_eq!(team.refs().lines().count(), 2);
    // What went well is done, and what did not is told.
    a.anyone("sync").fails(5, "refuses it");
    a.bob("claim infra:b2 --purpose p").done();
    a.bob("status").says("refuses 1 ref of this clone");
    team.no_hook("update");
    a.anyone("sync --retry").says("sent 1 change\n");
    agree(&[&a]);
}

#[test]
fn a_refusal_is_told_once_and_not_asked_for_again() {
    let (team, a, _) = declining();
    let said = a.alice("claim infra:a --purpose p");
    said.says("recorded here, not yet at origin").warns(
        "origin refuses it (cannot create its ref): \"pre-receive hook declined: no boards here\"",
    );
    assert_eq!(team.pushes(), 1);
    let again = a.alice("claim infra:a2 --purpose p --json");
    assert_eq!(again.err, "", "once is enough");
    let again = again.done().json();
    assert_eq!(again["guarantee"], "unconfirmed");
    assert_eq!(again["remote"], "origin");
    let because = again["unconfirmed_because"].as_str().unwrap();
    holds(because, "hook declined");
    a.alice("release infra:a2").says("not yet at origin");
    a.later("5m");
    a.alice("heartbeat").is_silent();
    super::at_rest(&a);
    assert_eq!(team.pushes(), 1, "it was asked again");
    a.alice("status").says("1 change not sent yet");
    assert_eq!(a.alice("status --json").json()["remote"]["refused_refs"], 1);
    a.alice("list").says("(not sent yet)");
}

#[test]
fn a_plain_sync_does_not_ask_again_and_retry_does() {
    let (team, a, b) = declining();
    a.alice("claim infra:a --purpose p").done();
    a.anyone("sync")
        .fails(5, "refuses it")
        .hints("doctor --remote")
        .hints("sync --retry");
    assert_eq!(team.pushes(), 1);
    a.anyone("sync --retry").fails(5, "hook declined");
    assert_eq!(team.pushes(), 2);
    team.hook("pre-receive", "echo push >>counted");
    // This clone was not told.
    a.anyone("sync").fails(5, "refuses it");
    assert_eq!(team.pushes(), 2);
    a.anyone("sync --retry").says("sent 1 change\n");
    assert_eq!(team.pushes(), 3);
    a.alice("claim infra:b --purpose p")
        .says("confirmed by origin");
    assert_eq!(a.alice("status --json").json()["remote"]["refused_refs"], 0);
    sync(&[&b]);
    agree(&[&a, &b]);
}

#[test]
fn it_is_asked_again_after_a_day() {
    let (team, a, _) = declining();
    a.alice("claim infra:a --purpose p --ttl 24h").done();
    a.later("23h");
    a.alice("heartbeat").done();
    a.alice("claim infra:b --purpose p --ttl 24h").done();
    super::at_rest(&a);
    assert_eq!(team.pushes(), 1);
    a.later("2h");
    team.hook("pre-receive", "echo push >>counted");
    a.alice("claim infra:c --purpose p")
        .says("confirmed by origin");
    assert_eq!(claimed(&a), ["infra:a", "infra:b", "infra:c"]);
    agree(&[&a]);
}

/// It says no for another day, and that is news again.
#[test]
fn a_refusal_that_stands_after_a_day() {
    let (team, a, _) = declining();
    a.alice("claim infra:a --purpose p").warns("refuses it");
    a.later("25h");
    a.alice("claim infra:b --purpose p").warns("refuses it");
    a.alice("claim infra:c --purpose p").omits("warning");
    assert_eq!(team.pushes(), 2);
}

#[test]
fn refs_that_are_hidden_and_then_shown() {
    for setting in ["transfer.hideRefs", "receive.hideRefs"] {
        let (team, a, b) = Team::pair();
        b.bob("claim infra:b --purpose p").done();
        team.hub().git(&format!("config {setting} refs/presence"));
        a.alice("claim infra:a --purpose p")
            .warns("origin refuses it (cannot create its ref): \"deny updating a hidden ref\"");
        a.alice("claim infra:a --purpose p").omits("warning");
        a.anyone("sync").fails(5, "hidden ref");
        team.hub().git(&format!("config --unset {setting}"));
        a.anyone("sync --retry").says("sent 1 change\n");
        sync(&[&b]);
        agree(&[&a, &b]);
    }
}

/// A session that is refused is seen by those who read it here, and expires like any other.
#[test]
fn what_is_refused_goes_on_here() {
    let (_team, a, b) = declining();
    a.alice("claim infra:a --purpose p").done();
    a.bob("claim infra:a --purpose p").says("ALSO CLAIMED BY");
    a.carol("claim infra:a --purpose p --refuse")
        .refuses("alice");
    b.bob("claim infra:b --purpose p").warns("refuses it");
    a.later("20m");
    a.bob("list").omits("infra:a");
}

/// What is pushed cannot be read back: it is not known which other session claims it.
#[test]
fn a_claim_that_could_not_look_says_so() {
    let (_team, a, b) = Team::pair();
    b.bob("claim infra:x --purpose p").done();
    a.git("config remote.origin.uploadpack false");
    a.alice("claim infra:x --purpose p")
        .warns("origin")
        .omits("ALSO CLAIMED");
}

/// A hook that judges the push as a whole, and dislikes one ref of it.
#[test]
fn one_ref_that_a_hook_dislikes_takes_no_other_with_it() {
    let (team, a, _) = Team::pair();
    a.git("config presence.autoSync false");
    let ids: Vec<String> = (0..12).map(|n| format!("s{n}@h@x")).collect();
    for id in &ids {
        a.session(
            id,
            &format!("claim infra:{} --purpose p", &id[..id.len() - 4]),
        )
        .done();
    }
    let script = "echo push >>counted; ! grep -q /s7-";
    team.hook("pre-receive", script);
    a.anyone("sync")
        .says("sent 11 changes; 1 change not sent yet, 1 change refused by origin");
    assert_eq!(team.refs().lines().count(), 11);
    assert!(team.pushes() <= 12, "{} pushes", team.pushes());
    a.session("s7@h@x", "status")
        .says("refuses 1 ref of this clone (cannot create)");
}
