//! Races of many clones for one resource that a remote decides.
//!
//! Owns the promise that of all processes of all clones exactly one gets it. With
//! `GIT_PRESENCE_LONG=1` in the environment the races are run fifty times over, which takes some
//! minutes. Never asserts how long anything takes.

use super::races::{name, rounds, together, winner};
use super::{ask, held, holders, take, token};
use crate::machines::{Team, are_sound, copied};
use crate::said::Said;
use crate::world::World;

/// As many as the issue asks for.
const CLONES: usize = 16;

/// Clones that have time: it is not about who waits how long.
fn clones(team: &Team, count: usize) -> Vec<World> {
    let first = team.clone_to("clone-0");
    first.git("config presence.syncDeadline 60s");
    first.git("config presence.fsync false");
    // A copy that never wrote anything is a clone of its own.
    first.sh("rm -rf .git/presence").done();
    let copy = |i| copied(&first, &format!("clone-{i}"));
    let copies: Vec<World> = (1..count).map(copy).collect();
    let all = [first].into_iter().chain(copies);
    all.map(|clone| clone.without("GIT_PRESENCE_TEST_NOW"))
        .collect()
}

#[test]
fn of_all_clones_exactly_one_gets_it() {
    let team = Team::new();
    let clones = clones(&team, CLONES);
    let line = format!("{} --json", ask("infra:x"));
    let mut last = 0;
    for round in 0..rounds(5) {
        let said: Vec<Said> = together(CLONES, |i| clones[i].session(&name(i), &line));
        let won = winner(&said, "infra:x");
        let now = token(&said[won]);
        assert!(now > last, "round {round}: {now} after {last}");
        last = now;
        let clone = &clones[won];
        let fence = format!("fence infra:x --token {now} --remote");
        clone.session(&name(won), &fence).done();
        assert_eq!(holders(clone, "infra:x"), [name(won)], "round {round}");
        clone.session(&name(won), "release infra:x").done();
    }
    are_sound(&[&clones[0], &clones[1], &team.hub()]);
}

#[test]
fn clones_that_want_something_else_are_all_granted() {
    let team = Team::new();
    let clones = clones(&team, 4);
    together(4, |i| {
        take(&clones[i], &name(i), &format!("infra:of-{i}"));
        // In one cell for all of them.
        take(&clones[i], &name(i), &format!("path:src/{i}/**"));
    });
    clones[0].anyone("sync").done();
    assert_eq!(held(&clones[0]).len(), 8);
    are_sound(&[&team.hub()]);
}

#[test]
fn of_two_clones_that_want_the_same_two_one_gets_both() {
    let team = Team::new();
    let clones = clones(&team, 2);
    for round in 0..rounds(3) {
        let lines = ["infra:a infra:b", "infra:b infra:a"];
        let said = together(2, |i| {
            clones[i].session(&name(i), &format!("{} --json", ask(lines[i])))
        });
        let won = winner(&said, "infra:");
        clones[1 - won].anyone("sync").done();
        let who: Vec<String> = held(&clones[1 - won])
            .into_iter()
            .map(|(who, ..)| who)
            .collect();
        assert_eq!(who, [name(won), name(won)], "round {round}");
        clones[won].session(&name(won), "release --all-mine").done();
    }
    are_sound(&[&team.hub()]);
}

/// The answers of every other push get lost.
#[test]
fn exactly_one_gets_it_while_answers_get_lost() {
    let team = Team::new();
    let clones = clones(&team, 4);
    team.hook(
        "post-receive",
        "test $(($(date +%N | sed 's/^0*//') % 2)) = 0 || kill -9 $PPID",
    );
    let line = format!("{} --json", ask("infra:x"));
    for round in 0..rounds(2) {
        let said = together(4, |i| clones[i].session(&name(i), &line));
        let won = winner(&said, "infra:x");
        clones[won]
            .session(&name(won), "fence infra:x --remote")
            .done();
        for (i, clone) in clones.iter().enumerate().filter(|(i, _)| *i != won) {
            clone
                .session(&name(i), "fence infra:x --remote")
                .refuses(&name(won));
        }
        clones[won].session(&name(won), "release infra:x").done();
        assert!(team.refs().contains("/locks/"), "round {round}");
    }
}

/// Of several processes of one clone two fetch at once.
#[test]
fn many_processes_of_one_clone_race_for_one_resource() {
    let team = Team::new();
    let a = team.clone_to("a").without("GIT_PRESENCE_TEST_NOW");
    let b = team.clone_to("b").without("GIT_PRESENCE_TEST_NOW");
    for clone in [&a, &b] {
        clone.git("config presence.syncDeadline 60s");
    }
    let line = format!("{} --json", ask("infra:x"));
    for _ in 0..5 {
        let said = super::races::together(12, |i| {
            let clone = if i.is_multiple_of(2) { &a } else { &b };
            clone.session(&super::races::name(i), &line)
        });
        let won = super::races::winner(&said, "infra:x");
        let clone = if won.is_multiple_of(2) { &a } else { &b };
        let who = super::races::name(won);
        clone.session(&who, "release infra:x").done();
    }
}

/// All paths are in one cell, and ten clones are not many.
#[test]
fn ten_clones_that_want_paths_of_their_own_are_all_granted() {
    let team = Team::new();
    let clone = |i| {
        let clone = team.clone_to(&format!("clone-{i}"));
        clone.git("config presence.syncDeadline 60s");
        clone.without("GIT_PRESENCE_TEST_NOW")
    };
    let clones: Vec<World> = (0..10).map(clone).collect();
    super::races::together(10, |i| {
        let who = super::races::name(i);
        take(&clones[i], &who, &format!("path:src/{i}/**"));
    });
}
