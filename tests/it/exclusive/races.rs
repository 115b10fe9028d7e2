//! Races of many processes in one repository that decides for itself.
//!
//! Owns the promise that of a crowd exactly one gets it, and that a session that wants something
//! else is not held up. With `GIT_PRESENCE_LONG=1` in the environment the races are run fifty times
//! over, which takes a minute. Never asserts how long anything takes.

#![expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says by a variable that they may take longer"
)]

use std::sync::Barrier;
use std::thread;

use super::{ask, cell, held, holders, take, token};
use crate::ledger::crash::leftovers;
use crate::machines::are_sound;
use crate::said::Said;
use crate::strace::{self, CHANGES, Call};
use crate::world::{ALICE, World};

/// As many processes as the issue asks for.
const CROWD: usize = 32;
const ROUNDS_LONG: usize = 50;

/// How often to race: so often, or for long where `GIT_PRESENCE_LONG` asks for it.
pub fn rounds(few: usize) -> usize {
    let is_long = std::env::var_os("GIT_PRESENCE_LONG").is_some_and(|value| value == "1");
    if is_long { ROUNDS_LONG } else { few }
}

/// A repository whose clock is the real one and whose disk need not keep up.
fn crowded() -> World {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    world.git("config presence.fsync false");
    world
}

/// Run `act` in as many threads at the same moment.
pub fn together<T: Send>(crowd: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (start, act) = (&Barrier::new(crowd), &act);
    thread::scope(|scope| {
        let spawn = |i| {
            scope.spawn(move || {
                start.wait();
                act(i)
            })
        };
        let running: Vec<_> = (0..crowd).map(spawn).collect();
        let join = |thread: thread::ScopedJoinHandle<'_, T>| thread.join().expect("it ends");
        running.into_iter().map(join).collect()
    })
}

pub fn name(i: usize) -> String {
    format!("wizard@devvm@racer-{i}")
}

/// The one who got it; everybody else was refused.
#[track_caller]
pub fn winner(said: &[Said], what: &str) -> usize {
    let won: Vec<usize> = (0..said.len())
        .filter(|i| said[*i].code == Some(0))
        .collect();
    for answer in said.iter().filter(|answer| answer.code != Some(0)) {
        answer.exits(3);
        answer.prints(what);
    }
    assert_eq!(won.len(), 1, "of {what}");
    won[0]
}

#[track_caller]
fn is_tidy(world: &World) {
    are_sound(&[world]);
    assert_eq!(leftovers(world), [""; 0]);
    world.anyone("doctor").done();
}

#[test]
fn of_a_crowd_exactly_one_gets_it() {
    let world = crowded();
    let line = format!("{} --json", ask("infra:x"));
    let mut last = 0;
    for round in 0..rounds(10) {
        let said = together(CROWD, |i| world.session(&name(i), &line));
        let won = winner(&said, "infra:x");
        let now = token(&said[won]);
        assert!(now > last, "round {round}: {now} after {last}");
        last = now;
        assert_eq!(holders(&world, "infra:x"), [name(won)], "round {round}");
        let fence = format!("fence infra:x --token {now}");
        world.session(&name(won), &fence).done();
        world.session(&name(won), "release infra:x").done();
    }
    is_tidy(&world);
}

#[test]
fn of_a_crowd_exactly_one_gets_it_where_refs_are_a_table() {
    let world = World::empty().at("repo").without("GIT_PRESENCE_TEST_NOW");
    world.git("init --quiet --ref-format=reftable");
    world.git("config presence.fsync false");
    world.commit_files();
    let line = format!("{} --json", ask("infra:x"));
    for _ in 0..rounds(2) {
        let said = together(CROWD / 2, |i| world.session(&name(i), &line));
        let won = winner(&said, "infra:x");
        assert_eq!(holders(&world, "infra:x"), [name(won)]);
        world.session(&name(won), "release infra:x").done();
    }
    are_sound(&[&world]);
}

/// A holder that asks again renews, however many of its processes ask at once.
#[test]
fn a_crowd_of_one_session_is_one_holder() {
    let world = crowded();
    let line = format!("{} --json", ask("infra:x"));
    let said = together(16, |_| world.session(&name(0), &line));
    let mut tokens: Vec<u64> = said.iter().map(token).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    let fence = format!("fence infra:x --token {}", tokens[0]);
    world.session(&name(0), &fence).done();
    is_tidy(&world);
}

#[test]
fn a_session_that_wants_something_else_is_not_held_up() {
    let world = crowded();
    together(8, |i| {
        for n in 0..20 {
            take(&world, &name(i), &format!("infra:of-{i}-{n}"));
        }
    });
    assert_eq!(held(&world).len(), 160);
    for i in 0..8 {
        let fence = format!("fence infra:of-{i}-19");
        world.session(&name(i), &fence).done();
    }
    is_tidy(&world);
}

/// All of these are decided in one cell.
#[test]
fn paths_that_are_apart_wait_for_each_other_and_are_all_granted() {
    let world = crowded();
    let said = together(16, |i| {
        take(&world, &name(i), &format!("path:src/{i}/** path:docs/{i}"))
    });
    assert_eq!(held(&world).len(), 32);
    let mut tokens: Vec<u64> = held(&world).into_iter().map(|(.., token)| token).collect();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 32, "each grant has its own number");
    assert_eq!(said.len(), 16);
    is_tidy(&world);
}

#[test]
fn paths_that_overlap_have_one_holder() {
    let world = crowded();
    for _ in 0..rounds(4) {
        let said = together(8, |i| {
            let path = if i % 2 == 0 {
                "path:src/**"
            } else {
                "path:src/a.rs"
            };
            world.session(&name(i), &format!("{} --json", ask(path)))
        });
        let won = winner(&said, "path:src/");
        assert_eq!(held(&world).len(), 1);
        world.session(&name(won), "release --all-mine").done();
    }
    is_tidy(&world);
}

/// Two want both, one begins at this end and one at the other.
#[test]
fn of_two_who_want_the_same_two_one_gets_both() {
    let world = crowded();
    for round in 0..rounds(6) {
        let lines = ["infra:a infra:b", "infra:b infra:a"];
        let said = together(2, |i| {
            world.session(&name(i), &format!("{} --json", ask(lines[i])))
        });
        let won = winner(&said, "infra:");
        let who: Vec<String> = held(&world).into_iter().map(|(who, ..)| who).collect();
        assert_eq!(who, [name(won), name(won)], "round {round}");
        world.session(&name(won), "release --all-mine").done();
    }
    is_tidy(&world);
}

/// The second cell is locked, and so is the first one when it is to be put back.
#[test]
fn what_cannot_be_put_back_at_once_is_put_back_all_the_same() {
    if !strace::works() {
        return;
    }
    let world = World::new();
    let cells = [cell("infra:a"), cell("infra:b")];
    world.write(format!(".git/{}.lock", cells[1]), "");
    let line = "claim -x infra:a infra:b --purpose p";
    let twin = world.at("twin");
    twin.sh("cp -a ../repo/. .").done();
    let calls = strace::run(&twin, ALICE, line, CHANGES, &[]).calls;
    let locks = |call: &Call| {
        let path = call.paths().pop().unwrap_or_default();
        call.args.contains("O_EXCL") && path.ends_with(format!("{}.lock", cells[0]))
    };
    let taken: Vec<usize> = (0..calls.len()).filter(|i| locks(&calls[*i])).collect();
    let fault = strace::fault(&calls, taken[1], "error=EEXIST");
    let said = strace::run(&world, ALICE, line, CHANGES, &[fault]).said;
    assert_eq!(said.code, Some(4), "{}", said.err);
    assert_eq!(held(&world), [], "half of it: {}", said.err);
}

/// A ring: each wants what its neighbours want.
#[test]
fn of_many_who_want_two_each_has_both_or_none() {
    let world = crowded();
    for round in 0..rounds(6) {
        let said = together(6, |i| {
            let (one, other) = (i % 3, (i + 1) % 3);
            let what = format!("infra:r{one} infra:r{other}");
            world.session(&name(i), &ask(&what))
        });
        let held = held(&world);
        for (i, answer) in said.iter().enumerate() {
            let mine = held.iter().filter(|(who, ..)| *who == name(i)).count();
            match answer.code {
                Some(0) => assert_eq!(mine, 2, "round {round}: {held:?}"),
                _ => {
                    answer.refuses("infra:r");
                    assert_eq!(mine, 0, "round {round}: {held:?}");
                }
            }
        }
        // Any two of these pairs have one in common.
        assert_eq!(held.len(), 2, "round {round}: {held:?}");
        let won = held[0].0.clone();
        world.session(&won, "release --all-mine").done();
    }
}

/// While Git tidies up.
#[test]
fn while_refs_are_packed() {
    let world = crowded();
    for round in 0..rounds(3) {
        let what = format!("infra:packed-{round}");
        let said = together(9, |i| match i {
            8 => {
                world.git("pack-refs --all --prune");
                None
            }
            _ => Some(world.session(&name(i), &format!("{} --json", ask(&what)))),
        });
        let said: Vec<Said> = said.into_iter().flatten().collect();
        winner(&said, &what);
        assert_eq!(holders(&world, &what).len(), 1);
    }
    is_tidy(&world);
}
