//! `doctor --remote`: a trial of what a hub allows.
//!
//! Owns what is said of a good one and of each lack of a bad one, and that nothing is left behind,
//! there or here.

use serde_json::{Value, json};
use snapbox::str;

use super::{Team, agree, sync};
use crate::said::Said;
use crate::world::World;

/// A hook that lets a ref be made, be removed, and go forward.
const FORWARD_ONLY: &str = "\
    case $2$3 in *00000000000000000000*) exit 0;; esac\n\
    git merge-base --is-ancestor $2 $3 || { echo 'forward only' >&2; exit 1; }";
const NO_DELETION: &str = "case $3 in 00000000000000000000*) exit 1;; esac";

/// Two clones and a claim of each; whatever `spoil` does to the hub or to the first clone,
/// examining it leaves nothing behind. What was said.
#[track_caller]
fn examined(spoil: impl FnOnce(&Team, &World)) -> Said {
    let (team, a, b) = Team::pair();
    a.alice("claim infra:a --purpose p").done();
    b.bob("claim infra:b --purpose p").done();
    sync(&[&a]);
    spoil(&team, &a);
    let refs = (team.refs(), a.refs());
    let said = a.alice("doctor --remote");
    assert_eq!((team.refs(), a.refs()), refs, "something was left behind");
    assert!(!a.has(".git/FETCH_HEAD"));
    said
}

/// It is a problem, in these words, and there is no other.
#[track_caller]
fn has_one_problem(said: &Said, what: &str) {
    said.exits(1);
    said.prints(what);
    said.prints("1 open problem in");
}

#[test]
fn a_hub_that_allows_everything() {
    examined(|_, _| {}).says_all(str![[r#"
note: origin takes refs below refs/presence/
note: stale pushes are rejected
note: a heartbeat can replace the one before it
note: atomic pushes are supported
pass: settings, rules of the guard, hooks, records of sessions, exclusive claims and lists of tasks, the choice of the remote, lines of an earlier version, times, policies of attempts, what the remote allows
Hooks:
  git pre-push    not installed; git presence install
  git pre-apply   not installed; git presence install
  agents          not installed: claude, codex, gemini, cursor, copilot; git presence install <agent>
program: [..], from a build in a checkout: [..]
Healthy: 2 sessions in [..]/a/.git

"#]]);
}

#[test]
fn the_same_as_data() {
    let (_team, a, _) = Team::pair();
    let said = a.alice("doctor --remote --json").done().json();
    assert_eq!(said["open"], 0);
    let findings = said["findings"].as_array().unwrap();
    let note = json!("note");
    assert!(findings.iter().all(|finding| finding["severity"] == note));
    assert_eq!(findings.len(), 4);
    assert_eq!(findings[0]["advice"], Value::Null);
}

#[test]
fn a_hub_that_takes_nothing() {
    let said = examined(|team, _| team.hook("pre-receive", "exit 1"));
    has_one_problem(
        &said,
        "does not take new refs below refs/presence/ (it cannot create them): \"pre-receive hook declined\"",
    );
    said.prints("docs/operations.md");
    for setting in ["transfer.hideRefs", "receive.hideRefs"] {
        let hide = |team: &Team, _: &World| {
            team.hub().git(&format!("config {setting} refs/presence"));
        };
        let said = examined(hide);
        said.prints("deny updating a hidden ref");
        said.exits(1);
    }
}

#[test]
fn a_hub_that_shows_nothing() {
    let (team, a, _) = Team::pair();
    team.hub().git("config uploadpack.hideRefs refs/presence");
    let said = a.alice("doctor --remote");
    has_one_problem(
        &said,
        "a ref that was pushed to origin is missing from its list",
    );
    assert_eq!(team.refs(), "");
    a.git("config remote.origin.uploadpack false");
    let said = a.alice("doctor --remote");
    has_one_problem(&said, "origin cannot be read");
    assert_eq!(team.refs(), "");
}

#[test]
fn a_hub_that_removes_nothing() {
    let (team, a, _) = Team::pair();
    team.hook("update", NO_DELETION);
    let said = a.alice("doctor --remote");
    said.exits(1);
    said.prints("cannot be removed from origin: \"hook declined\"");
    said.prints("which the trial made, stays there");
    assert_eq!(team.refs().lines().count(), 2, "as it says");
    // They block no session.
    a.alice("claim infra:a --purpose p")
        .says("confirmed by origin");
    agree(&[&a]);
}

#[test]
fn a_hub_that_moves_refs_one_by_one() {
    let said = examined(|team, _| {
        team.hub().git("config receive.advertiseAtomic false");
    });
    said.says("note: origin does not support atomic pushes")
        .says("Healthy");
}

#[test]
fn a_hub_that_moves_refs_forward_only() {
    let (team, a, b) = Team::pair();
    a.alice("claim infra:a --purpose p").done();
    team.hook("update", FORWARD_ONLY);
    a.alice("doctor --remote")
        .says("note: origin accepts only fast-forwards")
        .says("heartbeats are kept and add up")
        .says("Healthy");
    // And it works with such a one.
    for _ in 0..3 {
        a.later("2m");
        a.alice("heartbeat --throttle 0").done();
        a.anyone("sync").says("sent 1 change\n");
    }
    sync(&[&b]);
    agree(&[&a, &b]);
}

/// A clone that was not asked before finds out by itself.
#[test]
fn forward_only_without_asking() {
    let (team, a, b) = Team::pair();
    team.hook("update", FORWARD_ONLY);
    a.alice("claim infra:a --purpose p").done();
    for _ in 0..3 {
        a.later("2m");
        a.alice("heartbeat --throttle 0").done();
        a.anyone("sync").says("sent 1 change\n");
    }
    a.alice("release infra:a").says("confirmed by origin");
    sync(&[&b]);
    agree(&[&a, &b]);
}

#[test]
fn a_push_that_goes_to_two_places() {
    let said = examined(|team, a| {
        team.outside()
            .git("clone --quiet --bare hub.git second.git");
        a.git("remote set-url --add --push origin ../hub.git");
        a.git("remote set-url --add --push origin ../second.git");
    });
    said.prints("a push to origin goes to 2 URLs");
    said.prints("one has to decide").prints("2 open problems");
}

#[test]
fn a_push_that_goes_elsewhere() {
    let mut elsewhere = None;
    let said = examined(|team, a| {
        team.outside()
            .git("clone --quiet --bare hub.git second.git");
        a.git("remote set-url --push origin ../second.git");
        elsewhere = Some(team.outside().at("second.git"));
    });
    said.prints("a ref that was pushed to origin is missing from its list");
    said.prints("origin is fetched from")
        .prints("2 open problems");
    let left = elsewhere.unwrap().git("for-each-ref refs/presence/probe");
    assert_eq!(left, "");
}

#[test]
fn a_hub_that_is_gone_and_no_hub_at_all() {
    let (team, a, _) = Team::pair();
    team.away();
    let said = a.alice("doctor --remote");
    has_one_problem(&said, "does not appear to be a git repository");
    a.git("remote remove origin");
    a.alice("doctor --remote")
        .says("note: there is no remote to examine")
        .says("Healthy");
    a.git("config presence.remote nowhere");
    let said = a.alice("doctor --remote");
    has_one_problem(&said, "there is no remote \"nowhere\"");
}

/// Once it passes, it is asked again by the clone that it refused.
#[test]
fn a_hub_that_passes_is_not_taken_for_a_refusing_one() {
    let (team, a, _) = Team::pair();
    team.hook("pre-receive", "exit 1");
    a.alice("claim infra:a --purpose p").warns("refuses it");
    team.no_hook("pre-receive");
    a.anyone("sync").fails(5, "refuses it");
    a.alice("doctor --remote").says("Healthy");
    a.anyone("sync").says("sent 1 change\n");
}

#[test]
fn a_clock_that_is_minutes_ahead() {
    let (_team, a, b) = Team::pair();
    let fast = b.now().plus_secs(300).to_rfc3339();
    let b = b.with("GIT_PRESENCE_TEST_NOW", fast);
    b.bob("claim infra:b --purpose p").done();
    sync(&[&a]);
    let said = a.alice("doctor --remote");
    has_one_problem(&said, "is 300 s ahead of the one here");
    said.prints("the clock of ");
    a.later("10m");
    a.alice("doctor --remote").says("Healthy");
}
