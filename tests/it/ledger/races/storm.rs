//! A crowd of sessions that claim, renew and release for a while, under which Git tidies up.
//!
//! Owns the storm: who writes, who reads and who tidies at once, and what each of them must find
//! while it blows and after. Choices are the same in every run; their order in time is not.

#![expect(
    clippy::print_stderr,
    reason = "how hard it blew, for whoever runs it with --nocapture"
)]

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{CROWD, Held, PACK, REPACK, crowded, join, listed, name, settled};
use crate::snapshot::Snapshot;
use crate::world::World;

const COLLECT: &str = "gc --quiet";

/// Choices that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// A crowd of sessions that claim, renew and release for a while.
struct Storm {
    world: World,
    sessions: usize,
    /// What each session does, one process each.
    acts: usize,
    /// What tidies up, in the words of Git; each in a loop of its own.
    tidying: [&'static str; 2],
    tidying_must_work: bool,
}

/// What became of it.
struct Calm {
    held: Held,
    readings: usize,
    tidyings: usize,
}

impl Storm {
    /// Every second session holds one claim throughout; it renews and it moves, but it is there.
    fn steady(i: usize) -> Option<String> {
        i.is_multiple_of(2).then(|| format!("infra:steady-{i}"))
    }

    fn blow(&self) -> Calm {
        let steady: Held = (0..self.sessions)
            .filter_map(|i| Some((name(i), Self::steady(i)?)))
            .collect();
        for (session, resource) in &steady {
            let line = format!("claim {resource} --purpose throughout");
            self.world.session(session, &line).done();
        }
        let over = AtomicBool::new(false);
        let (over, steady) = (&over, &steady);
        thread::scope(|scope| {
            let tidying = self
                .tidying
                .map(|line| scope.spawn(move || self.tidy(over, line)));
            let reading = [0, 1].map(|_| scope.spawn(move || self.read(over, steady)));
            let acting: Vec<_> = (0..self.sessions)
                .map(|i| scope.spawn(move || self.act(i)))
                .collect();
            // All of them, before any panic goes on: the loops have to end.
            let acted: Vec<_> = acting
                .into_iter()
                .map(thread::ScopedJoinHandle::join)
                .collect();
            over.store(true, Ordering::SeqCst);
            let readings = reading.map(join).into_iter().sum();
            let tidyings = tidying.map(join).into_iter().sum();
            let held = acted
                .into_iter()
                .flat_map(|held| held.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect();
            Calm {
                held,
                readings,
                tidyings,
            }
        })
    }

    fn tidy(&self, over: &AtomicBool, line: &str) -> usize {
        let mut rounds = 0;
        while !over.load(Ordering::SeqCst) {
            let said = self.world.try_git(line);
            // A table has one lock for all refs, and Git does not wait for it here.
            if self.tidying_must_work {
                said.done();
            }
            rounds += 1;
        }
        rounds
    }

    fn read(&self, over: &AtomicBool, steady: &Held) -> usize {
        let mut readings = 0;
        while !over.load(Ordering::SeqCst) {
            let seen = listed(&self.world.session("reader", "list --json"));
            let missing: Vec<_> = steady.difference(&seen).collect();
            assert!(
                missing.is_empty(),
                "flapped in reading {readings}: {missing:?}"
            );
            readings += 1;
        }
        readings
    }

    /// One session's life; the answer is what its last answer said that it holds.
    fn act(&self, i: usize) -> Held {
        let me = name(i);
        let world = match i % 3 {
            0 => self.world.at("linked"),
            _ => self.world.clone(),
        };
        let mut dice = Dice(u64::try_from(i).expect("a small number") + 1);
        let mut held: BTreeSet<String> = Self::steady(i).into_iter().collect();
        for _ in 0..self.acts {
            let (line, after) = self.choose(i, &held, &mut dice);
            world.session(&me, &line).done();
            held = after;
            // What was reported as done is there at once.
            let mine = listed(&world.session(&me, "list --mine --json"));
            let mine: BTreeSet<String> = mine.into_iter().map(|(_, what)| what).collect();
            assert_eq!(mine, held, "{me} after {line}");
        }
        held.into_iter().map(|what| (me.clone(), what)).collect()
    }

    /// What to do next, and what is held when it is done.
    fn choose(
        &self,
        i: usize,
        held: &BTreeSet<String>,
        dice: &mut Dice,
    ) -> (String, BTreeSet<String>) {
        let mut after = held.clone();
        let own = format!("path:src/{i}/{}", dice.roll(4));
        let shared = format!("node:shared-{}", dice.roll(4));
        let loose: Vec<&String> = held
            .iter()
            .filter(|what| !what.starts_with("infra:steady"))
            .collect();
        let line = match (dice.roll(6), loose.as_slice()) {
            (0, [one, ..]) => {
                after.remove(*one);
                format!("release {one}")
            }
            (1, [.., one, other]) => {
                after.remove(*one);
                after.remove(*other);
                format!("release {one} {other}")
            }
            (2, [_, ..]) if Self::steady(i).is_none() => {
                after.clear();
                "release --all-mine".to_owned()
            }
            (3, _) => "heartbeat --throttle 0".to_owned(),
            (4, _) => {
                after.extend([own.clone(), shared.clone()]);
                format!("claim {own} {shared} --purpose storm")
            }
            (5, _) => {
                after.insert(shared.clone());
                format!("claim {shared} --purpose storm --ttl 1h")
            }
            _ => {
                after.insert(own.clone());
                format!("claim {own} --purpose storm")
            }
        };
        (line, after)
    }
}

#[track_caller]
fn survives(world: World, sessions: usize, acts: usize, collect: &'static str) {
    world.git("worktree add --quiet --detach ../linked");
    // What the user sees, and what none of this may touch.
    let users_own = |world: &World| {
        let refs = world.git("for-each-ref --exclude=refs/presence");
        let rest = world.sh("git ls-files --stage; git status --porcelain; cat .git/HEAD");
        (refs, rest.out, Snapshot::of(world.dir(), &[".git"]))
    };
    let refs_are_files = world.has(".git/refs/heads/main");
    let before = users_own(&world);
    let storm = Storm {
        world,
        sessions,
        acts,
        tidying: [PACK, collect],
        tidying_must_work: refs_are_files,
    };
    let calm = storm.blow();
    let world = &storm.world;
    eprintln!(
        "{} processes wrote, {} listings, {} rounds of tidying",
        sessions * acts,
        calm.readings,
        calm.tidyings
    );
    assert!(calm.readings > 0 && calm.tidyings > 1);
    settled(world, &calm.held);
    assert!(users_own(world) == before, "the user's own has changed");
}

#[test]
fn a_storm_while_git_collects() {
    survives(crowded(), CROWD, 8, COLLECT);
}

#[test]
fn a_storm_while_git_repacks() {
    survives(crowded(), CROWD, 8, REPACK);
}

#[test]
fn a_storm_on_a_disk_that_has_to_keep_up() {
    let world = crowded();
    world.git("config presence.fsync true");
    survives(world, CROWD, 2, COLLECT);
}

#[test]
fn a_storm_where_refs_are_a_table() {
    let world = World::empty().at("repo").without("GIT_PRESENCE_TEST_NOW");
    if world.try_git("init --quiet --ref-format=reftable").code != Some(0) {
        eprintln!("skipped: this git has no reftable");
        return;
    }
    world.git("config presence.fsync false");
    world.commit_files();
    survives(world, 8, 5, COLLECT);
}
