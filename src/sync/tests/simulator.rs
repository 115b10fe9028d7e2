//! Simulator of many clones and one remote, with every fault between them.
//!
//! Owns the runs: a seed is a world, hundreds of seeds are a test, and a seed that fails is run
//! again with its story told. The loop is that of `rounds`, the rules are those of `model`; what
//! the ledger does with refs is done once more in memory, in `peer`.
//!
//! `GIT_PRESENCE_LONG=1` runs ten thousand seeds;
//! `GIT_PRESENCE_SEED=7 cargo nextest run all_see_the_same_board --no-capture` tells all of one.

mod acts;
mod chance;
mod check;
mod fetching;
mod folding;
mod found_out;
mod harm;
mod history;
mod knowledge;
mod mail;
mod peer;
mod remote;
mod replicas;
mod rules;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use rules::{Climate, Rules};
use world::World;

const SEEDS: u64 = 500;
const SEEDS_LONG: u64 = 10_000;
const STEPS_MIN: u64 = 40;
const STEPS_MAX: u64 = 120;
/// How much of the story of a failed seed is told.
const LINES_MAX: usize = 60;

/// Nothing is wrong on purpose.
const WHOLE: Rules = Rules {
    broken: &[],
    climate: Climate::Any,
};

/// How a world ended.
struct Ran {
    wrong: Option<String>,
    trace: Vec<String>,
}

fn run_seed(seed: u64, rules: Rules, traced: bool) -> Ran {
    let world = World::new(seed, rules, traced);
    let live = || {
        for _ in 0..STEPS_MIN + world.chance.below(STEPS_MAX - STEPS_MIN) {
            if !world.is_wrong() {
                world.act();
            }
        }
        if !world.is_wrong() {
            world.clear_up();
        }
        if !world.is_wrong() {
            world.check_end();
        }
        if !world.is_wrong() {
            world.check_mail();
        }
        if !world.is_wrong() {
            world.check_folded();
        }
    };
    let panicked = catch_unwind(AssertUnwindSafe(live)).is_err();
    let wrong = world.wrong.take();
    Ran {
        wrong: panicked.then(|| "it panicked".to_owned()).or(wrong),
        trace: world.trace(),
    }
}

/// The first of so many seeds that `fails`.
fn first_that(fails: impl Fn(u64) -> bool + Sync, seeds: u64) -> Option<u64> {
    let next = AtomicU64::new(0);
    let failed = AtomicU64::new(u64::MAX);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.min(failed.load(Ordering::Relaxed)) {
                break;
            }
            if fails(seed) {
                failed.fetch_min(seed, Ordering::Relaxed);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    Some(failed.into_inner()).filter(|seed| *seed != u64::MAX)
}

/// What happened in a world, the last lines of it.
fn story(seed: u64, rules: Rules, lines_max: usize) -> String {
    let ran = run_seed(seed, rules, true);
    let skipped = ran.trace.len().saturating_sub(lines_max);
    let told = ran.trace[skipped..].join("\n");
    let wrong = ran.wrong.as_deref().unwrap_or("nothing is wrong");
    format!("{told}\nseed {seed}: {wrong}\nall of it: GIT_PRESENCE_SEED={seed}")
}

fn seeds() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a person asks for more seeds")]
    let is_long = std::env::var_os("GIT_PRESENCE_LONG").is_some_and(|value| value == "1");
    if is_long { SEEDS_LONG } else { SEEDS }
}

fn asked_seed() -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "a person asks for one seed")]
    let text = std::env::var("GIT_PRESENCE_SEED").ok()?;
    Some(text.parse().unwrap())
}

#[test]
fn all_see_the_same_board_and_nothing_is_missing() {
    let fails = |seed| run_seed(seed, WHOLE, false).wrong.is_some();
    if let Some(seed) = asked_seed() {
        println!("{}", story(seed, WHOLE, usize::MAX));
        assert!(!fails(seed), "seed {seed} fails");
    } else if let Some(seed) = first_that(fails, seeds()) {
        panic!("{}", story(seed, WHOLE, LINES_MAX));
    }
}
