//! What the verbs cost, as whole processes, next to plain Git in the same rounds.
//!
//! `cargo bench --bench verbs [-- --report-only] [-- --rounds <n>]`; ends with 1 when a limit is
//! missed, unless `--report-only`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark spawns processes, reads the clock and prints"
)]

#[path = "measure/crowd.rs"]
mod crowd;
mod measure;
#[path = "measure/memory.rs"]
mod memory;

use std::path::Path;
use std::process::{Command, ExitCode};

use crowd::{crowd, into_database, sqlite};
use measure::{Place, Plan, Runner, judge, millis, print_times, run, runner, under, verdict};
use memory::peak_mib;

const ROUNDS: usize = 60;
const SESSIONS: usize = 10;
/// Boards on which the growth of `list` shows.
const LARGER: [usize; 2] = [100, 1000];
const MEMORY_MIB_MAX: f64 = 12.0;
/// Boards whose rows `sqlite3` prints as well.
const CROWDS: [usize; 2] = [1000, 10_000];
const CROWD_MEMORY_MIB_MAX: f64 = 16.0;

/// What verbs are compared with.
trait Pipeline {
    fn pipeline(&self, round: usize, blobs: usize);
}

impl Pipeline for Place {
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

const CLAIM: &str = "claim";
const CLAIM_SYNCED: &str = "claim, fsync on";
const PIPELINE: &str = "git hash-object ×2, mktree, commit-tree, update-ref";
const SHORT_PIPELINE: &str = "git hash-object, mktree, commit-tree, update-ref";
const LIST: &str = "list";
const REFS: &str = "git for-each-ref refs/presence";
const VERSION: &str = "--version";
const GIT_VERSION: &str = "git --version";

/// Ours, against what, and what is allowed.
const RATIOS: [(&str, &str, Option<f64>); 6] = [
    (CLAIM, PIPELINE, Some(0.5)),
    (CLAIM, SHORT_PIPELINE, None),
    (LIST, REFS, Some(1.6)),
    (VERSION, GIT_VERSION, Some(1.5)),
    (CLAIM_SYNCED, CLAIM, None),
    (CLAIM_OF_FIFTY, CLAIM_OF_ONE, Some(1.2)),
];

const CLAIM_OF_ONE: &str = "claim, in a session that holds 1";
const CLAIM_OF_FIFTY: &str = "claim, in a session that holds 50";

const LIST_1000: &str = "list, 1000 sessions in packed refs";
const LIST_10000: &str = "list, 10000 sessions in packed refs";
const SQLITE_1000: &str = "sqlite3 -column, 1000 rows";
const SQLITE_10000: &str = "sqlite3 -column, 10000 rows";

/// The same for boards of many; only where there is `sqlite3`.
const CROWD_RATIOS: [(&str, &str, Option<f64>); 2] = [
    (LIST_1000, SQLITE_1000, Some(1.5)),
    (LIST_10000, SQLITE_10000, Some(3.0)),
];

/// What is measured on boards of many, and whether `sqlite3` is there.
fn crowd_runners(places: &[Place; 2]) -> (Vec<Runner>, bool) {
    let mut all = Vec::new();
    let mut has_sqlite = true;
    for (place, name) in places.iter().zip([LIST_1000, LIST_10000]) {
        let place = place.clone();
        all.push(runner(name, move |_| {
            millis(|| run(place.presence(1, "list")))
        }));
    }
    for (place, name) in places.iter().zip([SQLITE_1000, SQLITE_10000]) {
        has_sqlite = has_sqlite && into_database(place);
        if has_sqlite {
            let place = place.clone();
            all.push(runner(name, move |_| millis(|| run(sqlite(&place)))));
        }
    }
    (all, has_sqlite)
}

/// One more claim of a session that holds some, in a repository of its own.
fn of_a_holder(root: &Path, name: &'static str, holds: usize) -> Runner {
    let place = Place::new(root, &format!("holds-{holds}"));
    for n in 0..holds {
        run(place.presence(0, &format!("claim infra:held-{n} --purpose bench")));
    }
    runner(name, move |round| {
        let line = format!("claim infra:held-0 --purpose round-{round}");
        millis(|| run(place.presence(0, &line)))
    })
}

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
            let command = under(place.presence(0, &line), &[("presence.fsync", fsync)]);
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

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let place = Place::with_sessions(root.path(), SESSIONS);
    let larger = LARGER.map(|sessions| (sessions, Place::with_sessions(root.path(), sessions)));
    let crowds = CROWDS.map(|sessions| crowd(root.path(), sessions));
    let mut runners = runners(&place, &larger);
    let (of_crowds, has_sqlite) = crowd_runners(&crowds);
    runners.extend(of_crowds);
    let held = [(CLAIM_OF_ONE, 1), (CLAIM_OF_FIFTY, 50)];
    runners.extend(held.map(|(name, holds)| of_a_holder(root.path(), name, holds)));
    plan.measure(&mut runners);
    println!(
        "{} rounds, {SESSIONS} live sessions, page cache warm, presence.fsync=false",
        plan.rounds
    );
    print_times(&runners);
    let mut all_met = judge(&runners, &RATIOS);
    if has_sqlite {
        all_met &= judge(&runners, &CROWD_RATIOS);
    } else {
        println!("not compared with sqlite3, which is not installed");
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
    memory(
        LIST_10000.to_owned(),
        crowds[1].presence(1, "list"),
        Some(CROWD_MEMORY_MIB_MAX),
    );
    for (sessions, place) in &larger {
        memory(
            format!("list, {sessions} sessions"),
            place.presence(1, "list"),
            None,
        );
    }
    ExitCode::from(u8::from(!all_met && !plan.report_only))
}
