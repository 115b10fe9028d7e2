//! Sessions that are over leave the board.
//!
//! Owns what is folded and when, what stays away afterwards, what of it is still in the history,
//! and that nothing in force goes. Never folds in the background.

use super::{Team, agree, are_sound, at_rest, claimed, history, sync};
use crate::world::World;

/// Two clones in which nothing is folded unless it is asked for.
fn pair() -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    for clone in [&a, &b] {
        clone.git("config presence.fsync false");
    }
    (team, a, b)
}

/// The sessions that the hub has.
pub fn sessions(team: &Team) -> Vec<String> {
    let refs = team
        .hub()
        .git("for-each-ref --format=%(refname:lstrip=3) refs/presence/sessions");
    let name = |name: &str| name.rsplit_once('-').expect("a hash").0.to_owned();
    refs.lines().map(name).collect()
}

fn archives(clone: &World) -> String {
    clone.git("for-each-ref --format=%(refname) refs/presence-archive")
}

/// A claim and its release, by a session that is not heard of again.
pub fn comes_and_goes(clone: &World, session: &str) {
    let claim = format!("claim infra:{session} --purpose \"work of {session}\"");
    clone.session(session, &claim).done();
    clone.session(session, "release --all-mine").done();
}

#[test]
fn a_released_session_of_this_clone_is_folded_after_a_day() {
    let (team, a, b) = pair();
    comes_and_goes(&a, "over");
    a.session("silent", "claim infra:s --purpose p").done();
    a.later("23h");
    a.anyone("gc").says("Folded 0 of 2 sessions.");
    a.later("1h");
    a.anyone("gc -n")
        .says("Would fold 1 of 2 sessions, 1 of them at origin.");
    assert_eq!(sessions(&team), ["over", "silent"]);
    a.anyone("gc")
        .says("Folded 1 of 2 sessions, 1 of them at origin.");
    assert_eq!(sessions(&team), ["silent"]);
    assert!(archives(&a).ends_with("/2026-11"), "{}", archives(&a));
    let log = a.anyone("log");
    log.says("work of over").says("release infra:over");
    // The other clone has no archive of it, and does not send it again.
    sync(&[&b, &a]);
    assert_eq!(sessions(&team), ["silent"]);
    assert_eq!(archives(&b), "");
    a.later("6d");
    a.anyone("gc").says("Folded 1 of 1 session,");
    assert_eq!(sessions(&team), Vec::<String>::new());
    assert_eq!(a.git("for-each-ref refs/presence refs/presence-remote"), "");
    are_sound(&[&a, &b, &team.hub()]);
}

#[test]
fn an_archive_has_each_event_once_and_no_heartbeat() {
    let (_team, a, _b) = pair();
    a.session("s", "claim infra:a --purpose p").done();
    a.later("5m");
    a.session("s", "heartbeat").done();
    a.session("s", "release --all-mine").done();
    let before = history(&a);
    a.later("2d");
    a.anyone("gc").says("Folded 1 of 1");
    assert_eq!(history(&a), before);
    // The same session again, in the same month.
    a.session("s", "claim infra:b --purpose again").done();
    a.session("s", "release --all-mine").done();
    a.later("2d");
    a.anyone("gc").says("Folded 1 of 1");
    assert_eq!(archives(&a).lines().count(), 1);
    let log = a.anyone("log -n 100 --json").done().json();
    let words = log
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["event"].as_str().unwrap());
    let words: Vec<&str> = words.collect();
    assert_eq!(words, ["release", "claim", "release", "claim"]);
}

#[test]
fn what_ended_and_was_removed_there_is_not_sent_again() {
    let (team, a, _b) = pair();
    comes_and_goes(&a, "over");
    a.later("8d");
    a.session("alive", "claim infra:x --purpose p").done();
    let all = team
        .hub()
        .git("for-each-ref --format=%(refname) refs/presence");
    for name in all.lines() {
        team.hub().git(&format!("update-ref -d {name}"));
    }
    sync(&[&a]);
    // What is in force was removed by mistake: it comes back.
    assert_eq!(sessions(&team), ["alive"]);
    a.anyone("status").omits("not sent");
    at_rest(&a);
    a.anyone("gc").done();
    assert_eq!(
        a.git("for-each-ref refs/presence/sessions").lines().count(),
        1
    );
    agree(&[&a]);
}

#[test]
fn a_clone_that_was_away_for_long_brings_nothing_back() {
    let (team, a, b) = pair();
    for n in 0..30 {
        comes_and_goes(&a, &format!("s{n}"));
    }
    team.away();
    for n in 0..30 {
        comes_and_goes(&a, &format!("offline{n}"));
    }
    team.back();
    b.later("365d");
    b.anyone("gc")
        .says("Folded 30 of 30 sessions, 30 of them at origin.");
    sync(&[&a, &b]);
    at_rest(&a);
    assert_eq!(sessions(&team), Vec::<String>::new());
    assert_eq!(a.git("for-each-ref refs/presence/sessions"), "");
    a.anyone("log -n 1000 --json").says("offline29");
    b.anyone("log -n 1000 --json").says("\"s29\"");
    comes_and_goes(&a, "today");
    assert_eq!(sessions(&team), ["today"]);
}

#[test]
fn any_clone_removes_what_clones_left_that_are_gone() {
    let (team, a, b) = pair();
    comes_and_goes(&a, "job");
    sync(&[&b]);
    b.later("6d");
    b.anyone("gc").says("Folded 0 of 1");
    b.later("1d");
    b.anyone("gc")
        .says("Folded 1 of 1 session, 1 of them at origin.");
    assert_eq!(sessions(&team), Vec::<String>::new());
    b.anyone("log").says("work of job");
    // Its clone was not gone after all.
    comes_and_goes(&a, "next");
    assert_eq!(sessions(&team), ["next"]);
}

#[test]
fn what_is_in_force_is_never_folded() {
    let (team, a, b) = pair();
    a.session("holder", "claim -x infra:x --purpose p --ttl 24h")
        .done();
    a.session("sharer", "claim infra:y --purpose p --ttl 24h")
        .done();
    for _ in 0..20 {
        a.later("12h");
        a.session("holder", "heartbeat --renew").done();
        a.session("sharer", "heartbeat").done();
        sync(&[&a, &b]);
        for clone in [&a, &b] {
            clone.anyone("gc").says("Folded 0 of");
        }
    }
    assert_eq!(claimed(&b), ["infra:x", "infra:y"]);
    assert!(sessions(&team).contains(&"sharer".to_owned()));
    b.bob("claim -x infra:x --purpose mine")
        .refuses("infra:x is claimed by holder");
}

#[test]
fn a_session_that_goes_on_after_it_was_folded_is_whole() {
    let (team, a, b) = pair();
    comes_and_goes(&a, "s");
    a.later("2d");
    a.anyone("gc").says("Folded 1 of 1");
    a.session("s", "claim infra:again --purpose p")
        .says("confirmed by origin");
    sync(&[&b]);
    assert_eq!(claimed(&b), ["infra:again"]);
    assert_eq!(sessions(&team), ["s"]);
    a.anyone("log").says("work of s").says("claim infra:again");
}

#[test]
fn a_hub_that_keeps_its_refs_is_told_and_left_alone() {
    let (team, a, b) = pair();
    comes_and_goes(&a, "over");
    team.hook(
        "update",
        "case $3 in *[!0]*) ;; *) echo 'refs stay' >&2; exit 1;; esac",
    );
    a.later("8d");
    let said = a.anyone("gc");
    said.warns("origin does not let refs be removed, so what is over stays there");
    assert_eq!(sessions(&team), ["over"]);
    assert_eq!(a.git("for-each-ref refs/presence"), "");
    sync(&[&a, &b, &a]);
    assert_eq!(sessions(&team), ["over"]);
    assert_eq!(a.git("for-each-ref refs/presence"), "");
    team.no_hook("update");
    b.anyone("gc")
        .says("Folded 1 of 1 session, 1 of them at origin.");
}

#[test]
fn without_a_remote_the_board_is_folded_too() {
    let world = World::new();
    comes_and_goes(&world, "over");
    world.later("1d");
    world.anyone("gc").says("Folded 1 of 1 session.");
    world.anyone("log").says("work of over");
    assert_eq!(world.git("for-each-ref refs/presence"), "");
    // Free registers go, too, and the next token is above theirs.
    let claim = "claim -x infra:x --purpose p --json";
    let before = world.alice(claim).done().json()["claims"][0]["token"].as_u64();
    world.alice("release infra:x").done();
    world.later("30d");
    world
        .anyone("gc")
        .says("Removed 1 lock register that no session holds.");
    let refs = world.git("for-each-ref --format=%(refname) refs/presence/locks");
    assert_eq!(refs, "refs/presence/locks/floor");
    let after = world.alice(claim).done().json()["claims"][0]["token"].as_u64();
    assert!(after > before && before.is_some(), "{before:?} {after:?}");
}

#[test]
fn a_register_begins_above_the_tokens_of_one_that_was_removed() {
    let (team, a, b) = pair();
    let token = |clone: &World, resource: &str| {
        let claim = format!("claim -x {resource} --purpose p --json");
        let said = clone.alice(&claim).done().json();
        clone.alice(&format!("release {resource}")).done();
        said["claims"][0]["token"].as_u64().expect("a token")
    };
    // A clock that was ahead left a high token.
    a.later("20h");
    let high = token(&a, "infra:x");
    a.later("30d");
    a.anyone("gc").says("Removed 1 lock register");
    let locks = || {
        team.hub()
            .git("for-each-ref --format=%(refname) refs/presence/locks")
    };
    assert_eq!(locks(), "refs/presence/locks/floor");
    // A register that went as it should is no anomaly.
    let synced = b.anyone("sync");
    assert_eq!(synced.err, "");
    let fresh = team.clone_to("c");
    for clone in [&b, &fresh] {
        assert!(token(clone, "infra:x") > high);
    }
    // A clock a month behind is no way back below the floor.
    let floor = token(&fresh, "infra:x");
    a.later("31d");
    a.anyone("gc").says("Removed 1 lock register");
    assert!(token(&fresh, "infra:y") > floor);
}

#[test]
fn histories_go_where_the_setting_says() {
    let (team, a, b) = pair();
    let at_hub = || {
        let refs = "for-each-ref --format=%(refname:lstrip=3) refs/presence-archive";
        team.hub().git(refs)
    };
    a.git("config presence.archive none");
    comes_and_goes(&a, "gone");
    a.later("1d");
    a.anyone("gc").says("Folded 1 of 1");
    assert_eq!(archives(&a), "");
    a.anyone("log").omits("work of gone");
    a.git("config presence.archive remote");
    comes_and_goes(&a, "kept");
    a.later("1d");
    a.anyone("gc").says("Folded 1 of 1").omits("warning");
    assert_eq!(at_hub(), "2026-11");
    comes_and_goes(&a, "more");
    a.later("1d");
    a.anyone("gc").says("Folded 1 of 1").omits("warning");
    // No fetch of the board brings it; the user's own does.
    sync(&[&b]);
    assert_eq!(archives(&b), "");
    b.git("fetch --quiet origin refs/presence-archive/*:refs/presence-archive/*");
    b.anyone("log").says("work of kept").says("work of more");
    // An archive goes after 13 months.
    a.later("430d");
    a.anyone("gc")
        .says("Removed 1 archive older than 13 months.");
    assert_eq!(at_hub(), "");
}

#[test]
fn a_fold_is_started_by_itself_once_a_day() {
    let (team, a, _b) = pair();
    comes_and_goes(&a, "over");
    a.later("1d");
    comes_and_goes(&a, "today");
    at_rest(&a);
    assert_eq!(sessions(&team), ["today"]);
    a.later("12h");
    comes_and_goes(&a, "later");
    at_rest(&a);
    assert_eq!(sessions(&team), ["later", "today"]);
}

/// Commits of the register of `infra:x` in this repository.
fn commits(of: &World) -> usize {
    let name = of.git("for-each-ref --format=%(refname) refs/presence/locks/infra-x-*");
    let count = of.git(&format!("rev-list --count {name}"));
    count.parse().expect("a number")
}

/// Claims and releases `infra:x` often enough that its register has a long history.
pub fn works_often(clone: &World) {
    for _ in 0..11 {
        clone.alice("claim -x infra:x --purpose often").done();
        clone.alice("release infra:x").done();
    }
}

#[test]
fn the_history_of_a_register_is_cut_and_its_lock_stays() {
    let (team, a, b) = pair();
    works_often(&a);
    let claim = a
        .alice("claim -x infra:x --purpose held --json")
        .done()
        .json();
    let token = claim["claims"][0]["token"].as_u64();
    sync(&[&b]);
    let before = history(&a);
    assert_eq!(commits(&team.hub()), 23);
    b.anyone("gc -n")
        .says("Would cut the history of 1 lock register.");
    a.anyone("gc").says("Cut the history of 1 lock register.");
    assert_eq!(commits(&team.hub()), 1);
    a.anyone("gc").omits("Cut");
    // All that it says is in the archive, once, and under the same ids.
    assert_eq!(history(&a), before);
    // To another clone it is the same lock, and no register that went back.
    let synced = b.anyone("sync");
    assert_eq!(synced.done().err, "");
    let fresh = team.clone_to("c");
    for other in [&b, &fresh] {
        other.bob("claim -x infra:x --purpose p").refuses("held");
    }
    a.alice("fence infra:x").done();
    a.later("5m");
    a.alice("heartbeat").done();
    a.alice("claim -x infra:x --purpose on").done();
    a.alice("fence infra:x").done();
    a.alice("release infra:x").done();
    let next = fresh
        .bob("claim -x infra:x --purpose p --json")
        .done()
        .json();
    assert!(next["claims"][0]["token"].as_u64() > token);
    are_sound(&[&a, &b, &fresh, &team.hub()]);
}

#[test]
fn a_claim_that_was_decided_before_a_cut_is_decided_again() {
    let (team, a, b) = pair();
    works_often(&a);
    sync(&[&b]);
    a.anyone("gc").says("Cut the history of 1 lock register.");
    // The lease of this push is on the state before the cut.
    b.bob("claim -x infra:x --purpose p").done();
    assert_eq!(commits(&team.hub()), 2);
    b.bob("fence infra:x").done();
}

#[test]
fn without_a_remote_a_history_is_cut_too() {
    let world = World::new();
    works_often(&world);
    world.alice("claim -x infra:x --purpose held").done();
    let before = history(&world);
    world
        .anyone("gc")
        .says("Cut the history of 1 lock register.");
    assert_eq!(commits(&world), 1);
    assert_eq!(history(&world), before);
    world.alice("fence infra:x").done();
    world.bob("claim -x infra:x --purpose p").exits(3);
}
