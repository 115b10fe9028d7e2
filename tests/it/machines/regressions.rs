//! Regressions of syncing: locks and settings that were left behind.
//!
//! Owns cases that once went wrong, each as a user would have run into it.

use super::{Team, agree, at_rest, claimed, sync};
use crate::said::holds;
use crate::world::ALICE;

/// A lock that was left on the copy of our own session (kill -9 or a power cut during a push or
/// a fetch) keeps that session from the remote for an hour: every claim waits until the deadline.
#[test]
fn a_lock_left_on_the_copy_of_our_own_session() {
    let (team, a, b) = Team::pair();
    a.alice("claim infra:x --purpose p").done();
    let copy = a
        .ref_of(ALICE)
        .replace("refs/presence/", "refs/presence-remote/origin/");
    std::fs::write(a.git_dir().join(format!("{copy}.lock")), "").unwrap();
    for n in 0..3 {
        let claim = format!("claim infra:x{n} --purpose p");
        a.alice(&claim).says("confirmed by origin");
    }
    sync(&[&b]);
    assert_eq!(claimed(&b).len(), 4);
    a.anyone("sync").omits("repeatedly");
    drop(team);
}

/// After `git remote rename` or `remove`, `init --undo` leaves `presence.remote` behind, and
/// claims stay local (with a warning) although there is a remote.
#[test]
fn undo_after_the_remote_was_renamed_or_removed() {
    for line in ["remote rename origin up", "remote remove origin"] {
        let (_team, a, _) = Team::pair();
        a.anyone("init").done();
        a.git(line);
        a.anyone("init --undo")
            .says("Removed from the configuration");
        assert_eq!(a.try_git("config presence.remote").code, Some(1), "{line}");
    }
}

/// A `config` that is a symbolic link becomes a file; Git follows the link.
#[test]
fn a_config_that_is_a_link_stays_one() {
    let (_team, a, _) = Team::pair();
    a.sh("mv .git/config ../shared && ln -s ../../shared .git/config")
        .done();
    a.anyone("init").done();
    let path = a.git_dir().join("config");
    assert!(path.symlink_metadata().unwrap().is_symlink());
    holds(&a.read("../shared"), "git presence init");
}

/// `peek` does not mark what is not sent yet; docs/protocol.md says that it does.
#[test]
fn peek_marks_what_is_not_sent() {
    let (team, a, _) = Team::pair();
    team.away();
    a.alice("claim infra:x --purpose p").done();
    a.alice("peek infra:x").says("(not sent yet)");
}

/// With a long `presence.staleAfter` claims do not try the remote again for as long after three
/// failures, up to a day, and say "a moment ago".
#[test]
fn a_rest_is_ten_minutes_at_most() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.git("config presence.staleAfter 24h");
    team.away();
    for _ in 0..3 {
        a.alice("claim infra:x --purpose p").warns("hub.git");
    }
    team.back();
    a.later("1h");
    a.alice("claim infra:x --purpose p")
        .says("confirmed by origin");
}

/// With a long `presence.ttl` nothing sends a claim that was made offline, but a reader.
#[test]
fn a_claim_that_was_not_sent_follows_with_the_next_heartbeat() {
    let (team, a, b) = Team::pair();
    a.git("config presence.ttl 12h");
    team.away();
    a.alice("claim infra:x --purpose p").warns("it will follow");
    team.back();
    a.later("30m");
    a.alice("heartbeat").done();
    at_rest(&a);
    sync(&[&b]);
    assert_eq!(claimed(&b), ["infra:x"]);
    agree(&[&a, &b]);
}

/// A `packed-refs.lock` that is left behind (kill -9 while a fetch prunes; ours does) keeps
/// tracking refs from going. After the hub was wiped or restored each lease rests on what is gone:
/// "stale info" for ever, 16 s a sync, and neither sync nor status nor doctor names the file.
#[test]
fn a_lock_left_on_packed_refs() {
    let (team, a, b) = Team::pair();
    a.alice("claim infra:x --purpose p").done();
    team.outside().git("clone --quiet hub.git third");
    team.outside().at("third").git("push --quiet --mirror");
    a.write(".git/packed-refs.lock", "");
    let said = a.anyone("sync");
    assert!(
        said.err.contains("packed-refs.lock") || said.code == Some(0),
        "{}",
        said.err
    );
    sync(&[&b]);
    assert_eq!(claimed(&b), ["infra:x"]);
}
