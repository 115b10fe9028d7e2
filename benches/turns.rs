//! How soon a turn goes on: from the start of `turn pass` in one process to the end of a `turn take
//! --wait` that gets it, in the same clone, with a hundred live sessions.
//!
//! `cargo bench --bench turns [-- --report-only] [-- --rounds <n>]`; ends with 1 when the limit is
//! missed, unless `--report-only`. The command itself is measured beside it.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark spawns processes, reads the clock and prints; not all of `measure` is used"
)]

mod measure;

use std::process::{Child, ExitCode};
use std::time::{Duration, Instant};

use measure::{Place, Plan, median, run, verdict};

const ROUNDS: usize = 100;
const WARM_UP: usize = 3;
const SESSIONS: usize = 100;
/// From the start of the command to the end of the one that waited, for 95 of a hundred.
const LIMIT_MILLIS: f64 = 300.0;
/// How long a process has to stand in line.
const SETTLES: Duration = Duration::from_millis(150);

/// Those of the times below which 95 of a hundred are.
fn most(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() * 95).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

fn waits(place: &Place, who: usize) -> Child {
    let mut command = place.presence(who, "turn take --wait=30s");
    let child = command.stderr(std::process::Stdio::null()).spawn();
    std::thread::sleep(SETTLES);
    child.expect("it starts")
}

/// Two sessions take turns; the times to the grant, and those of the command alone.
fn measured(place: &Place, rounds: usize) -> (Vec<f64>, Vec<f64>) {
    let millis = |from: Instant, to: Instant| (to - from).as_secs_f64() * 1000.0;
    let (mut granted, mut passed) = (Vec::new(), Vec::new());
    run(place.presence(0, "turn take"));
    for round in 0..WARM_UP + rounds {
        let (holder, next) = (round % 2, (round + 1) % 2);
        let mut waiter = waits(place, next);
        let began = Instant::now();
        run(place.presence(holder, "turn pass --status half --next rest"));
        let ended = Instant::now();
        assert!(waiter.wait().expect("it ends").success(), "it is granted");
        let got = Instant::now();
        if round >= WARM_UP {
            granted.push(millis(began, got));
            passed.push(millis(began, ended));
        }
    }
    (granted, passed)
}

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let place = Place::with_sessions(root.path(), SESSIONS);
    place.git("commit --quiet --allow-empty -m first");
    let (granted, passed) = measured(&place, plan.rounds);
    println!("{} turns, {SESSIONS} live sessions", granted.len());
    let alone = median(&passed);
    verdict("turn pass alone, in the median", alone, " ms", None);
    let middle = median(&granted);
    verdict(
        "from its start to the grant, in the median",
        middle,
        " ms",
        None,
    );
    let most = most(&granted);
    let is_met = verdict("the same, 95 of a hundred", most, " ms", Some(LIMIT_MILLIS));
    ExitCode::from(u8::from(!is_met && !plan.report_only))
}
