//! How whole processes are measured against each other.
//!
//! Owns the hermetic environment of what is measured, the rounds in which all of it runs, and the
//! verdicts: a ratio is the median of the ratios of all rounds, so that noise hits both sides.
//! Never knows what is measured.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const BINARY: &str = env!("CARGO_BIN_EXE_git-presence");
const ROUNDS_TO_WARM_UP: usize = 3;
/// Larger boards are put together from parts of this size: making one is quadratic.
const PART: usize = 100;

/// A file system in memory, on Linux.
const IN_MEMORY: &str = "/dev/shm";

/// A new folder, in memory where there is such a file system and `TMPDIR` names no other: ext4
/// searches long for an inode while many were removed a minute ago, so a round would pay for what
/// the rounds, and the builds, before it removed.
pub(crate) fn folder() -> tempfile::TempDir {
    let in_memory = std::env::var_os("TMPDIR").is_none();
    let made = in_memory.then(|| tempfile::tempdir_in(IN_MEMORY).ok());
    made.flatten()
        .unwrap_or_else(|| tempfile::tempdir().expect("a folder"))
}

/// A repository and the hermetic environment of processes in it.
#[derive(Clone)]
pub(crate) struct Place {
    pub dir: PathBuf,
    home: PathBuf,
}

impl Place {
    /// A new repository, with a node id, in a folder of this name.
    pub(crate) fn new(root: &Path, name: &str) -> Self {
        let place = Self {
            dir: root.join(name),
            home: root.to_owned(),
        };
        std::fs::create_dir_all(&place.dir).expect("a folder");
        place.git("init --quiet");
        place.git("config presence.fsync false");
        // The hooks of an agent act as the sessions that claimed.
        place.git("config presence.sharedSession true");
        place
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("USER", "wizard")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "wizard")
            .env("GIT_AUTHOR_EMAIL", "wizard@devvm")
            .env("GIT_COMMITTER_NAME", "wizard")
            .env("GIT_COMMITTER_EMAIL", "wizard@devvm")
            .current_dir(&self.dir)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    pub(crate) fn presence(&self, session: usize, line: &str) -> Command {
        let mut command = self.command(BINARY);
        command.env("GIT_PRESENCE_SESSION", format!("wizard@devvm@{session}"));
        command.args(line.split(' '));
        command
    }

    pub(crate) fn git(&self, line: &str) {
        self.git_fed(line, b"");
    }

    /// Run git with some input; its answer without the line end.
    pub(crate) fn git_fed(&self, line: &str, input: &[u8]) -> String {
        let mut command = self.command("git");
        command
            .args(line.split(' '))
            .stdout(Stdio::piped())
            .stdin(Stdio::piped());
        let mut child = command.spawn().expect("git starts");
        let mut stdin = child.stdin.take().expect("its input");
        stdin.write_all(input).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "git {line}");
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    fn claim_as(&self, sessions: impl Iterator<Item = usize>) {
        for session in sessions {
            run(self.presence(
                session,
                &format!("claim infra:part-{session} --purpose build"),
            ));
        }
    }

    /// A repository with this many sessions, each with one claim.
    pub(crate) fn with_sessions(root: &Path, sessions: usize) -> Self {
        let whole = Self::new(root, &format!("of-{sessions}"));
        run(whole.presence(0, "init"));
        if sessions <= PART {
            whole.claim_as(0..sessions);
            return whole;
        }
        for first in (0..sessions).step_by(PART) {
            let part = Self::new(root, &format!("of-{sessions}-{first}"));
            // One clone, one name: sessions are found under it.
            let folder = part.dir.join(".git/presence");
            std::fs::create_dir_all(&folder).expect("a folder");
            let node = whole.dir.join(".git/presence/node");
            std::fs::copy(node, folder.join("node")).expect("the node id");
            part.claim_as(first..first + PART);
            let from = part.dir.display();
            whole.git(&format!(
                "-c fetch.unpackLimit=100000 fetch --quiet {from} refs/presence/*:refs/presence/*"
            ));
        }
        whole
    }
}

/// The command under these settings.
pub(crate) fn under(mut command: Command, settings: &[(&str, &str)]) -> Command {
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (n, (key, value)) in settings.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{n}"), key);
        command.env(format!("GIT_CONFIG_VALUE_{n}"), value);
    }
    command
}

pub(crate) fn run(mut command: Command) {
    let status = command.status().expect("it starts");
    assert!(status.success(), "{command:?}");
}

/// Wall time in milliseconds.
pub(crate) fn millis(act: impl FnOnce()) -> f64 {
    let start = Instant::now();
    act();
    start.elapsed().as_secs_f64() * 1000.0
}

/// Something that is timed once a round; it answers with its time.
pub(crate) struct Runner {
    pub name: String,
    act: Box<dyn Fn(usize) -> f64>,
    pub times: Vec<f64>,
}

pub(crate) fn runner(name: impl Into<String>, act: impl Fn(usize) -> f64 + 'static) -> Runner {
    Runner {
        name: name.into(),
        act: Box::new(act),
        times: Vec::new(),
    }
}

/// How often to measure, and whether a missed limit is a failure.
pub(crate) struct Plan {
    pub rounds: usize,
    pub report_only: bool,
}

impl Plan {
    /// From the command line: `--report-only`, `--rounds <n>`. Without `--bench` (`cargo test
    /// --benches`) it is only tried out: two rounds, no verdict.
    pub(crate) fn asked(rounds: usize) -> Self {
        let words: Vec<String> = std::env::args().collect();
        let is_trial = !words.iter().any(|word| word == "--bench");
        let asked = words.iter().position(|word| word == "--rounds");
        let asked = asked.and_then(|at| words.get(at + 1)?.parse().ok());
        Self {
            rounds: if is_trial { 2 } else { asked.unwrap_or(rounds) },
            report_only: is_trial || words.iter().any(|word| word == "--report-only"),
        }
    }

    /// Run everything in every round, in turns forwards and backwards.
    pub(crate) fn measure(&self, runners: &mut [Runner]) {
        for round in 0..ROUNDS_TO_WARM_UP + self.rounds {
            let mut order: Vec<&mut Runner> = runners.iter_mut().collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for runner in order {
                let time = (runner.act)(round);
                if round >= ROUNDS_TO_WARM_UP {
                    runner.times.push(time);
                }
            }
        }
    }
}

pub(crate) fn print_times(runners: &[Runner]) {
    println!("\n{:66}{:>8}{:>12}", "wall time", "median", "least");
    for runner in runners {
        let least = runner.times.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "{:66}{:8.2} ms{least:9.2} ms",
            runner.name,
            median(&runner.times)
        );
    }
}

/// Print the ratios; whether all are within their limits.
pub(crate) fn judge(runners: &[Runner], ratios: &[(&str, &str, Option<f64>)]) -> bool {
    println!("\n{:66}{:>8}", "median of the ratios of all rounds", "");
    let mut all_met = true;
    for (ours, theirs, limit) in ratios {
        let what = format!("{ours} / {theirs}");
        all_met &= verdict(&what, ratio(runners, ours, theirs), "", *limit);
    }
    all_met
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (
        sorted.get((sorted.len().max(1) - 1) / 2),
        sorted.get(sorted.len() / 2),
    ) {
        (Some(low), Some(high)) => (low + high) / 2.0,
        _ => f64::NAN,
    }
}

/// The median of the ratios of all rounds.
pub(crate) fn ratio(runners: &[Runner], ours: &str, theirs: &str) -> f64 {
    let times = |name: &str| {
        let found = runners.iter().find(|runner| runner.name == name);
        found.map_or(&[][..], |runner| &runner.times)
    };
    let ratios: Vec<f64> = times(ours)
        .iter()
        .zip(times(theirs))
        .map(|(a, b)| a / b)
        .collect();
    median(&ratios)
}

/// Print one comparison; whether it is within its limit.
pub(crate) fn verdict(what: &str, value: f64, unit: &str, limit: Option<f64>) -> bool {
    let is_met = limit.is_none_or(|limit| value <= limit);
    let judged = match (limit, is_met) {
        (None, _) => String::new(),
        (Some(limit), true) => format!("limit {limit:.2}  PASS"),
        (Some(limit), false) => format!("limit {limit:.2}  FAIL"),
    };
    println!("{what:66}{value:8.2}{unit:4}  {judged}");
    is_met
}
