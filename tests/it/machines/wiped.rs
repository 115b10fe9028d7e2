//! Refs that are deleted or set back, on the hub or in a clone, with plain Git.
//!
//! Owns the promise that one sync of each clone brings the board back as it was, after a
//! push with `--mirror`, a prune, a garbage collection or the restore of a backup.

use super::{Team, agree, are_sound, board, claimed, copied, follow_the_board, sync};
use crate::world::{ALICE, World};

/// Two clones, each with sessions of its own that all have seen.
fn settled() -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    a.alice("claim infra:a path:src/a --purpose p").done();
    a.carol("claim infra:c --purpose p").done();
    b.bob("claim infra:b --purpose p").done();
    b.bob("claim infra:released --purpose p").done();
    b.bob("release infra:released").done();
    sync(&[&a]);
    agree(&[&a, &b]);
    (team, a, b)
}

/// Whatever `act` does, after a sync of each all is as it was.
#[track_caller]
fn survives(team: &Team, a: &World, b: &World, act: impl FnOnce()) {
    let before = (board(a), team.refs());
    act();
    sync(&[a, b, a]);
    assert_eq!(board(a), before.0);
    assert_eq!(team.refs(), before.1);
    agree(&[a, b]);
    are_sound(&[a, b, &team.hub()]);
    a.alice("claim infra:news --purpose p")
        .says("confirmed by origin");
    b.bob("claim infra:b --purpose again")
        .says("confirmed by origin");
    sync(&[a]);
    agree(&[a, b]);
}

#[test]
fn a_mirror_push_of_a_plain_clone() {
    let (team, a, b) = settled();
    survives(&team, &a, &b, || {
        team.outside().git("clone --quiet hub.git third");
        team.outside().at("third").git("push --quiet --mirror");
        assert_eq!(team.refs(), "", "all of it is gone");
    });
}

/// It takes its copies along, to where they block no session.
#[test]
fn a_mirror_push_of_a_clone_that_follows_the_board() {
    let (team, a, b) = settled();
    let third = team.clone_to("third");
    follow_the_board(&third);
    third.git("fetch --quiet");
    survives(&team, &a, &b, || {
        third.git("push --quiet --mirror");
        assert_eq!(team.refs(), "");
    });
    sync(&[&third]);
    agree(&[&a, &b, &third]);
}

/// What it has is older than what the clones wrote since.
#[test]
fn a_mirror_push_of_a_mirror() {
    let (team, a, b) = settled();
    team.outside()
        .git("clone --quiet --mirror hub.git mirror.git");
    a.later("1m");
    a.alice("release infra:a").done();
    a.alice("heartbeat --throttle 0").done();
    b.carol("claim infra:new --purpose p").done();
    sync(&[&a, &b, &a]);
    survives(&team, &a, &b, || {
        let before = team.refs();
        let mirror = team.outside().at("mirror.git");
        mirror.git("push --quiet --mirror");
        assert_ne!(team.refs(), before);
        // The others are told that a clone went back in time, and by which sync it is put right.
        b.anyone("sync").warns("went back in time");
        b.alice("status")
            .says("anomaly: ")
            .says("went back in time");
        assert_eq!(team.refs().lines().count(), 4);
    });
}

/// A mirror that takes part: it brings back what is its own.
#[test]
fn a_mirror_push_of_a_clone_with_sessions_of_its_own() {
    let (team, a, b) = settled();
    let third = team.clone_to("third");
    third
        .session("third", "claim infra:third --purpose p")
        .done();
    sync(&[&a, &b]);
    survives(&team, &a, &b, || {
        third.git("push --quiet --mirror");
        assert_eq!(team.refs().lines().count(), 1);
    });
    sync(&[&third]);
    agree(&[&a, &b, &third]);
}

#[test]
fn a_mirror_push_while_one_clone_is_away() {
    let (team, a, b) = settled();
    team.outside().git("clone --quiet hub.git third");
    team.outside().at("third").git("push --quiet --mirror");
    sync(&[&a]);
    // What only it knows is missing until it is back.
    assert_eq!(claimed(&a), ["infra:a", "infra:c", "path:src/a"]);
    assert_eq!(team.refs().lines().count(), 2);
    b.bob("list").says("infra:a").says("infra:b");
    sync(&[&b, &a]);
    assert_eq!(claimed(&a), ["infra:a", "infra:b", "infra:c", "path:src/a"]);
    agree(&[&a, &b]);
}

#[test]
fn pruning_what_was_fetched() {
    for follows in [false, true] {
        let (team, a, b) = settled();
        if follows {
            follow_the_board(&a);
        }
        survives(&team, &a, &b, || {
            for prune in ["fetch --prune", "remote prune origin"] {
                a.git(prune);
                assert_eq!(board(&a), board(&b), "{prune}");
            }
        });
    }
}

/// With the refs of the remote in the place of our own.
#[test]
fn pruning_our_own_refs() {
    let prune = "fetch --quiet --prune origin +refs/presence/*:refs/presence/*";
    let (team, a, b) = settled();
    survives(&team, &a, &b, || {
        let before = board(&a);
        a.git(prune);
        b.git(prune);
        assert_eq!(board(&a), before);
        assert_eq!(board(&b), before);
    });
    // Sessions of others now stand among our own, and are ignored.
    b.bob("claim infra:later --purpose p").done();
    sync(&[&a]);
    assert!(claimed(&a).contains(&"infra:later".to_owned()));
    b.bob("release --all-mine").done();
    sync(&[&a]);
    assert!(!claimed(&a).contains(&"infra:later".to_owned()));
    agree(&[&a, &b]);
}

/// A session whose ref is gone here goes on from what the remote has.
#[test]
fn a_session_whose_ref_was_deleted_here() {
    let (team, a, b) = settled();
    let name = a.ref_of(ALICE);
    let events = || {
        let log = a.alice("log --json").json();
        log.as_array().unwrap().len()
    };
    let before = events();
    a.git(&format!("update-ref -d {name}"));
    assert_eq!(claimed(&a), claimed(&b));
    a.alice("release infra:a").says("confirmed by origin");
    assert_eq!(events(), before + 1);
    sync(&[&b]);
    assert_eq!(claimed(&b), ["infra:b", "infra:c", "path:src/a"]);
    agree(&[&a, &b]);
    assert_eq!(team.refs().lines().count(), 3);
}

/// Refs of ours that are removed from the hub by hand, and those of others.
#[test]
fn a_ref_that_was_deleted_on_the_hub() {
    let (team, a, b) = settled();
    let name = a.ref_of(ALICE);
    survives(&team, &a, &b, || {
        b.git(&format!("push --quiet origin :{name}"));
        sync(&[&b]);
        assert_eq!(claimed(&b), ["infra:b", "infra:c"]);
    });
}

#[test]
fn garbage_collection_on_both_sides() {
    let (team, a, b) = settled();
    for _ in 0..3 {
        a.later("1m");
        a.alice("heartbeat --throttle 0").done();
        sync(&[&a, &b]);
    }
    survives(&team, &a, &b, || {
        for place in [&a, &team.hub(), &b] {
            place.git("reflog expire --expire=now --all");
            place.git("gc --quiet --prune=now");
            place.git("pack-refs --all");
        }
    });
    a.later("1m");
    a.alice("heartbeat --throttle 0").done();
    sync(&[&a, &b]);
    survives(&team, &a, &b, || {
        team.hub().git("repack -a -d --quiet");
        team.hub().git("prune --expire=now");
    });
}

#[test]
fn a_hub_that_was_restored_from_a_backup() {
    let (team, a, b) = settled();
    let _backup = copied(&team.hub(), "backup.git");
    a.later("1m");
    a.alice("release infra:a").done();
    a.alice("claim infra:since --purpose p").done();
    b.session("dora", "claim infra:new --purpose p").done();
    sync(&[&a, &b]);
    team.rename("hub.git", "broken.git");
    team.rename("backup.git", "hub.git");
    // Each tells what it sees of the others, and puts right what is its own.
    b.anyone("sync")
        .says("sent 1")
        .warns("went back in time, from 10:01")
        .warns("to 10:00, 1 min ago");
    assert!(
        claimed(&b).contains(&"infra:a".to_owned()),
        "as the hub has it"
    );
    b.alice("status").says("went back in time");
    a.anyone("sync").says("sent 1");
    sync(&[&b]);
    assert_eq!(
        claimed(&b),
        [
            "infra:b",
            "infra:c",
            "infra:new",
            "infra:since",
            "path:src/a"
        ]
    );
    agree(&[&a, &b]);
    are_sound(&[&a, &b, &team.hub()]);
    b.later("2h");
    sync(&[&b]);
    b.alice("status").omits("went back");
}

/// Made anew under the same name: there is nothing, and then there is all of it.
#[test]
fn a_hub_that_was_lost() {
    let (team, a, b) = settled();
    let before = board(&a);
    team.rename("hub.git", "lost.git");
    team.hub().git("init --quiet --bare");
    sync(&[&a, &b, &a]);
    assert_eq!(board(&a), before);
    agree(&[&a, &b]);
    are_sound(&[&a, &b]);
}

/// What was removed here is not known, so that every gate gives the same answer, and one's own
/// claims are asked for.
#[test]
fn a_clone_whose_refs_are_gone_asks_before_it_answers() {
    let (team, a, b) = settled();
    let wipe = || {
        b.sh(
            "git for-each-ref --format='delete %(refname)' refs/presence refs/presence-remote | \
              git update-ref --stdin",
        )
        .done();
    };
    a.alice("claim infra:new --purpose p").done();
    b.bob("claim infra:own --purpose p").done();
    wipe();
    b.bob("list --mine").says("infra:own");
    team.away();
    wipe();
    b.bob("list --mine")
        .prints("Nothing that is claimed is known.")
        .exits(5);
    for gate in [
        "claim --refuse infra:new -p p",
        "claim -x infra:new -p p",
        "hook pre-apply infra:new",
    ] {
        b.bob(gate).exits(3);
    }
}
