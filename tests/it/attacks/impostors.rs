//! Sessions and clones that pass for others: copies, equal ids, states that were planted.
//!
//! Owns what each of them can do to what the real one holds. `exclusive::copies` has two copies
//! that ask for the same.

use crate::machines::{Team, copied, names, sync};
use crate::world::{ALICE, World};

fn holds(clone: &World, label: &str) -> bool {
    clone.alice(&format!("fence {label}")).code == Some(0)
}

/// Copied before anything was held, and while it is held: the copy holds nothing.
#[test]
fn a_copy_does_not_release_what_the_other_holds() {
    for held_before in [false, true] {
        let (_team, a, b) = Team::pair();
        a.alice("claim infra:other --purpose p").done();
        a.alice("release infra:other").done();
        let take = || a.alice("claim -x infra:x --purpose p").done().code;
        if held_before {
            take();
        }
        let copy = copied(&a, "copy");
        if !held_before {
            take();
        }
        copy.anyone("sync").done();
        assert!(!holds(&copy, "infra:x"));
        copy.alice("release infra:x")
            .refuses("is not yours")
            .hints("another clone");
        copy.alice("release --all-mine").exits(0);
        b.bob("claim -x infra:x --purpose p").refuses(ALICE);
        a.alice("fence infra:x --remote").says("Yours");
        a.alice("release infra:x").says("Released");
    }
}

/// A folder that is only moved is no copy.
#[test]
fn a_clone_that_is_moved_keeps_what_it_holds() {
    let (team, a, _) = Team::pair();
    a.alice("claim -x infra:x --purpose p").done();
    team.rename("a", "moved");
    let moved = team.outside().at("moved");
    assert!(holds(&moved, "infra:x"));
    moved.alice("release infra:x").says("Released");
}

#[test]
fn the_same_id_in_another_clone_is_another_session() {
    let (_team, a, b) = Team::pair();
    a.alice("claim -x infra:x --purpose p").done();
    a.alice("claim infra:y --purpose p").done();
    sync(&[&b]);
    assert!(!holds(&b, "infra:x"));
    b.alice("release infra:x").refuses("is not yours");
    b.alice("release infra:y").refuses("is not yours");
    b.alice("claim -x infra:x --purpose p").refuses(ALICE);
    b.alice("claim -x infra:y --purpose p").refuses(ALICE);
    b.alice("heartbeat --throttle 0").done();
    assert!(holds(&a, "infra:x"));
}

/// Any clone can push to any ref: what is there under a session's name is not therefore its own.
#[test]
fn a_session_that_was_planted_is_not_continued() {
    let (team, a, b) = Team::pair();
    a.bob("claim infra:other --purpose p").done();
    let name = a.ref_of(ALICE);
    // Made with the name of the other clone.
    let node = names(&a)[0].clone();
    let evil = copied(&a, "evil");
    evil.alice("claim infra:x --purpose planted").done();
    assert_eq!(names(&evil)[0], node);
    sync(&[&a, &b]);
    assert!(team.refs().contains(&name));
    a.alice("release infra:x").refuses("is not yours");
    a.alice("claim infra:y --purpose mine").done();
    let log = a.git(&format!("log --format=%s {}", a.ref_of(ALICE)));
    assert!(!log.contains("infra:x"), "{log}");
    // What was planted stands under the old name of the clone until it expires.
    sync(&[&a, &b]);
    b.anyone("list").says("planted").says("mine");
}

/// The refs of a clone may be lost by a fetch with `--prune`: what it pushed is its own.
#[test]
fn a_session_whose_ref_is_gone_goes_on_from_what_it_pushed() {
    let (_team, a, _) = Team::pair();
    a.alice("claim infra:x --purpose p").done();
    let (name, names_before) = (a.ref_of(ALICE), names(&a));
    a.git(&format!("update-ref -d {name}"));
    a.alice("release infra:x").says("Released");
    assert_eq!(names(&a), names_before);
}

/// The dates of commits are what a clock said: they do not tell who wrote them.
#[test]
fn a_later_date_makes_no_ancestor_foreign() {
    let (_team, a, b) = Team::pair();
    let far = a.now().plus_secs(3 * 86_400).to_rfc3339();
    let far = a.with("GIT_PRESENCE_TEST_NOW", far);
    far.alice("claim infra:x --purpose p").done();
    far.alice("heartbeat --throttle 0").done();
    far.anyone("sync").done();
    let names_before = names(&a);
    for _ in 0..2 {
        a.alice("heartbeat --throttle 0").done();
        a.later("20m");
    }
    sync(&[&a, &b]);
    // A former name is forgotten once all sessions moved, so the number of names says nothing.
    assert_eq!(
        names(&a),
        names_before,
        "it takes its own state for foreign"
    );
}
