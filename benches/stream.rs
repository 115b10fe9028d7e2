//! How soon a follower tells what happened: from the start of a command that writes in one worktree
//! to the line of `log --follow` in another one of the same clone, with a hundred live sessions.
//!
//! `cargo bench --bench stream [-- --report-only] [-- --rounds <n>]`; ends with 1 when the limit is
//! missed, unless `--report-only`. The command itself is measured beside it.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark spawns processes, reads the clock and prints; not all of `measure` is used"
)]

mod measure;

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use measure::{Place, Plan, median, run, verdict};

const ROUNDS: usize = 200;
const WARM_UP: usize = 5;
const SESSIONS: usize = 100;
/// From the start of the command to the line, for 95 of a hundred.
const LIMIT_MILLIS: f64 = 150.0;
/// A line that does not come for so long never comes.
const PATIENCE: Duration = Duration::from_secs(20);
const WRITER: usize = 7;
const READER: usize = 8;

/// A follower, and when each of its lines came.
struct Follower {
    child: Child,
    lines: Receiver<(Instant, String)>,
}

impl Follower {
    fn begin(place: &Place, dir: &Path, words: &str) -> Self {
        let mut command = place.presence(READER, words);
        let mut child = command
            .current_dir(dir)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let out = child.stdout.take().expect("its lines");
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if tell.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// When the line came that has this text.
    fn line(&self, text: &str) -> Option<Instant> {
        loop {
            let (at, line) = self.lines.recv_timeout(PATIENCE).ok()?;
            if line.contains(text) {
                return Some(at);
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Those of the times below which 95 of a hundred are.
fn most(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() * 95).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// Writes so many times; the times to the line, and those of the command alone.
fn measured(place: &Place, follower: &Follower, rounds: usize) -> (Vec<f64>, Vec<f64>) {
    let millis = |from: Instant, to: Instant| (to - from).as_secs_f64() * 1000.0;
    let (mut told, mut wrote) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + rounds {
        let label = format!("infra:said-{round}");
        let began = Instant::now();
        run(place.presence(WRITER, &format!("claim {label} --purpose build")));
        let ended = Instant::now();
        let line = follower.line(&format!("claim {label} ")).expect("a line");
        if round >= WARM_UP {
            told.push(millis(began, line));
            wrote.push(millis(began, ended));
        }
        run(place.presence(WRITER, &format!("release {label}")));
        follower.line(&format!("release {label} ")).expect("a line");
    }
    (told, wrote)
}

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let place = Place::with_sessions(root.path(), SESSIONS);
    place.git("commit --quiet --allow-empty -m first");
    let linked = root.path().join("linked");
    place.git(&format!(
        "worktree add --quiet {} -b linked",
        linked.display()
    ));
    let mut all_met = true;
    for words in ["log --follow", "log --follow --cursor bench"] {
        let follower = Follower::begin(&place, &linked, words);
        // It tells what happens from then on: until it does, it has not begun.
        let mut tries = 0..100;
        while follower.lines.try_recv().is_err() {
            assert!(tries.next().is_some(), "it begins");
            run(place.presence(READER, "claim infra:probe --purpose probe"));
            run(place.presence(READER, "release infra:probe"));
            std::thread::sleep(Duration::from_millis(50));
        }
        let (told, wrote) = measured(&place, &follower, plan.rounds);
        println!("{words}: {} events, {SESSIONS} live sessions", told.len());
        verdict(
            "the command alone, in the median",
            median(&wrote),
            " ms",
            None,
        );
        verdict(
            "from its start to the line, in the median",
            median(&told),
            " ms",
            None,
        );
        let most = most(&told);
        all_met &= verdict("the same, 95 of a hundred", most, " ms", Some(LIMIT_MILLIS));
    }
    ExitCode::from(u8::from(!all_met && !plan.report_only))
}
