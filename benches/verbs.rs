//! What the verbs cost, as whole processes, next to plain Git in the same rounds.
//!
//! `cargo bench --bench verbs [-- --report-only] [-- --rounds <n>]`. Both sides of a comparison
//! run in every round, so that noise hits both; a ratio is the median of the ratios of all rounds.
//! Ends with 1 when a limit is missed, unless `--report-only`. Without `--bench` (`cargo test
//! --benches`) it is only tried out: two rounds, no verdict.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark spawns processes, reads the clock and prints"
)]

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

const BINARY: &str = env!("CARGO_BIN_EXE_git-presence");
const ROUNDS: usize = 60;
const ROUNDS_TO_WARM_UP: usize = 3;
const SESSIONS: usize = 10;
/// Boards on which the growth of `list` shows.
const LARGER: [usize; 2] = [100, 1000];
/// Larger boards are put together from parts of this size: making one is quadratic.
const PART: usize = 100;
const MEMORY_MIB_MAX: f64 = 12.0;

/// A repository and the hermetic environment of processes in it.
#[derive(Clone)]
struct Place {
    dir: PathBuf,
    home: PathBuf,
}

impl Place {
    /// A new repository, with a node id, in a folder of this name.
    fn new(root: &Path, name: &str) -> Self {
        let place = Self {
            dir: root.join(name),
            home: root.to_owned(),
        };
        std::fs::create_dir_all(&place.dir).expect("a folder");
        place.git("init --quiet");
        place.git("config presence.fsync false");
        place
    }

    fn command(&self, program: &str) -> Command {
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

    fn presence(&self, session: usize, line: &str) -> Command {
        let mut command = self.command(BINARY);
        command.env("GIT_PRESENCE_SESSION", format!("wizard@devvm@{session}"));
        command.args(line.split(' '));
        command
    }

    fn git(&self, line: &str) {
        self.git_fed(line, b"");
    }

    /// Run git with some input; its answer without the line end.
    fn git_fed(&self, line: &str, input: &[u8]) -> String {
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
    fn with_sessions(root: &Path, sessions: usize) -> Self {
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

    /// What `claim` does, with one process a step. `blobs` is 2 for the same tree.
    fn pipeline(&self, round: usize, blobs: usize) {
        let mut tree = String::new();
        for blob in 0..blobs {
            let record = format!("format = 1\nid = \"wizard@devvm@{blob}-{round}\"\n").repeat(5);
            let id = self.git_fed("hash-object -w --stdin", record.as_bytes());
            tree.push_str(&format!("100644 blob {id}\tclaim-{blob}.toml\n"));
        }
        let tree = self.git_fed("mktree", tree.as_bytes());
        let message = format!("claim infra:part\n\nPresence-Nonce: {blobs}-{round}\n");
        let commit = self.git_fed(&format!("commit-tree {tree}"), message.as_bytes());
        self.git(&format!("update-ref refs/plain/{blobs} {commit}"));
    }
}

fn run(mut command: Command) {
    let status = command.status().expect("it starts");
    assert!(status.success(), "{command:?}");
}

/// Wall time in milliseconds.
fn millis(act: impl FnOnce()) -> f64 {
    let start = Instant::now();
    act();
    start.elapsed().as_secs_f64() * 1000.0
}

/// Something that is timed once a round; it answers with its time.
struct Runner {
    name: String,
    act: Box<dyn Fn(usize) -> f64>,
    times: Vec<f64>,
}

fn runner(name: impl Into<String>, act: impl Fn(usize) -> f64 + 'static) -> Runner {
    Runner {
        name: name.into(),
        act: Box::new(act),
        times: Vec::new(),
    }
}

const CLAIM: &str = "claim";
const CLAIM_SYNCED: &str = "claim, fsync on";
const PIPELINE: &str = "git hash-object ×2, mktree, commit-tree, update-ref";
const SHORT_PIPELINE: &str = "git hash-object, mktree, commit-tree, update-ref";
const LIST: &str = "list";
const REFS: &str = "git for-each-ref refs/presence";
const VERSION: &str = "--version";
const GIT_VERSION: &str = "git --version";

/// Ours, against what, and what is allowed.
const RATIOS: [(&str, &str, Option<f64>); 5] = [
    (CLAIM, PIPELINE, Some(0.5)),
    (CLAIM, SHORT_PIPELINE, None),
    (LIST, REFS, Some(1.6)),
    (VERSION, GIT_VERSION, Some(1.5)),
    (CLAIM_SYNCED, CLAIM, None),
];

fn runners(place: &Place, larger: &[(usize, Place)]) -> Vec<Runner> {
    let verb = |name: &str, line: &'static str| {
        let place = place.clone();
        runner(name, move |_| millis(|| run(place.presence(1, line))))
    };
    let pipeline = |name: &str, blobs: usize| {
        let place = place.clone();
        runner(name, move |round| millis(|| place.pipeline(round, blobs)))
    };
    let git = |name: &str, line: &'static str| {
        let place = place.clone();
        runner(name, move |_| {
            let mut command = place.command("git");
            command.args(line.split(' '));
            millis(|| run(command))
        })
    };
    let claim = |name: &str, fsync: &'static str| {
        let place = place.clone();
        runner(name, move |round| {
            // A new purpose, so that the record of the claim is written and not only the session.
            let line = format!("claim infra:bench --purpose round-{round}-{fsync}");
            let mut command = place.presence(0, &line);
            command.env("GIT_CONFIG_COUNT", "1");
            command.env("GIT_CONFIG_KEY_0", "presence.fsync");
            command.env("GIT_CONFIG_VALUE_0", fsync);
            millis(|| run(command))
        })
    };
    let release = {
        let place = place.clone();
        runner("release", move |_| {
            run(place.presence(2, "claim infra:brief --purpose bench"));
            millis(|| run(place.presence(2, "release infra:brief")))
        })
    };
    let mut all = vec![
        claim(CLAIM, "false"),
        pipeline(PIPELINE, 2),
        pipeline(SHORT_PIPELINE, 1),
        claim(CLAIM_SYNCED, "true"),
        verb(LIST, "list"),
        git(REFS, "for-each-ref refs/presence"),
        verb(VERSION, "--version"),
        git(GIT_VERSION, "--version"),
        verb("heartbeat, due", "heartbeat --throttle 0"),
        verb("heartbeat, not due", "heartbeat"),
        verb("peek", "peek infra:part-3"),
        release,
        verb("status", "status"),
    ];
    for (sessions, place) in larger {
        let place = place.clone();
        all.push(runner(format!("list, {sessions} sessions"), move |_| {
            millis(|| run(place.presence(1, "list")))
        }));
    }
    all
}

fn median(values: &[f64]) -> f64 {
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
fn ratio(runners: &[Runner], ours: &str, theirs: &str) -> f64 {
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

/// The most memory that a process ever held, in MiB: it is read while the process waits to print
/// its answer into a pipe that is full. `None` where the kernel does not tell.
fn peak_mib(mut command: Command) -> Option<f64> {
    let (mut reader, writer) = std::io::pipe().ok()?;
    fill(&writer)?;
    command.stdout(writer);
    let mut child = command.spawn().expect("it starts");
    drop(command);
    let status = format!("/proc/{}/status", child.id());
    let mut found = None;
    for _ in 0..200 {
        std::thread::sleep(std::time::Duration::from_millis(2));
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key));
        let kib =
            line("VmHWM:").and_then(|kib| kib.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        let waits = line("State:").is_some_and(|state| state.trim().starts_with('S'));
        if waits && found.is_some() && found == kib {
            break;
        }
        found = kib;
    }
    let _ = reader.read_to_end(&mut Vec::new());
    assert!(child.wait().expect("it ends").success());
    found.map(|kib| kib / 1024.0)
}

/// Write into a pipe until it takes no more.
fn fill(pipe: &std::io::PipeWriter) -> Option<()> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    let flags = fcntl_getfl(pipe).ok()?;
    fcntl_setfl(pipe, flags | OFlags::NONBLOCK).ok()?;
    let mut writer = pipe;
    while writer.write(&[0; 512]).is_ok() {}
    fcntl_setfl(pipe, flags).ok()
}

/// Print one comparison; whether it is within its limit.
fn verdict(what: &str, value: f64, unit: &str, limit: Option<f64>) -> bool {
    let is_met = limit.is_none_or(|limit| value <= limit);
    let judged = match (limit, is_met) {
        (None, _) => String::new(),
        (Some(limit), true) => format!("limit {limit:.2}  PASS"),
        (Some(limit), false) => format!("limit {limit:.2}  FAIL"),
    };
    println!("{what:66}{value:8.2}{unit:4}  {judged}");
    is_met
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let is_trial = !words.iter().any(|word| word == "--bench");
    let report_only = is_trial || words.iter().any(|word| word == "--report-only");
    let asked = words.iter().position(|word| word == "--rounds");
    let asked = asked.and_then(|at| words.get(at + 1)?.parse().ok());
    let rounds = if is_trial { 2 } else { asked.unwrap_or(ROUNDS) };

    let root = tempfile::tempdir().expect("a folder");
    let place = Place::with_sessions(root.path(), SESSIONS);
    let larger = LARGER.map(|sessions| (sessions, Place::with_sessions(root.path(), sessions)));
    let mut runners = runners(&place, &larger);
    for round in 0..ROUNDS_TO_WARM_UP + rounds {
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

    println!("{rounds} rounds, {SESSIONS} live sessions, page cache warm, presence.fsync=false");
    println!("\n{:66}{:>8}{:>12}", "wall time", "median", "least");
    for runner in &runners {
        let least = runner.times.iter().copied().fold(f64::INFINITY, f64::min);
        println!(
            "{:66}{:8.2} ms{least:9.2} ms",
            runner.name,
            median(&runner.times)
        );
    }
    println!("\n{:66}{:>8}", "median of the ratios of all rounds", "");
    let mut all_met = true;
    for (ours, theirs, limit) in RATIOS {
        let what = format!("{ours} / {theirs}");
        all_met &= verdict(&what, ratio(&runners, ours, theirs), "", limit);
    }
    println!("\n{:66}", "peak memory");
    let small = Some(MEMORY_MIB_MAX);
    let mut memory = |what: String, command: Command, limit: Option<f64>| match peak_mib(command) {
        Some(mib) => all_met &= verdict(&what, mib, " MiB", limit),
        None => println!("{what:66} unknown here"),
    };
    let claim = place.presence(0, "claim infra:bench --purpose memory");
    memory(CLAIM.to_owned(), claim, small);
    memory(LIST.to_owned(), place.presence(1, "list"), small);
    memory("status".to_owned(), place.presence(1, "status"), small);
    for (sessions, place) in &larger {
        memory(
            format!("list, {sessions} sessions"),
            place.presence(1, "list"),
            None,
        );
    }
    ExitCode::from(u8::from(!all_met && !report_only))
}
