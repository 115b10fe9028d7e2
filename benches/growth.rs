//! What a board costs after a year of 20 sessions a day that was folded, next to a board that is
//! new and to a repository without one, in the same rounds; and what folding the year takes.
//!
//! `cargo bench --bench growth [-- --days <n>] [-- --report-only] [-- --rounds <n>]`; ends with 1
//! when a limit is missed, unless `--report-only`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark spawns processes, reads the clock and prints"
)]

#[expect(dead_code, reason = "each benchmark uses a part of it")]
#[path = "measure/aged.rs"]
mod aged;
#[expect(dead_code, reason = "each benchmark uses a part of it")]
mod measure;

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, SystemTime};

use aged::Aged;
use git_presence::model::time::Timestamp;
use measure::{Place, Plan, Runner, judge, median, millis, print_times, run, runner, verdict};

const ROUNDS: usize = 15;
const DAYS: usize = 250;
/// What a fold may take for a year that was never folded.
const FOLD_SECS_MAX: f64 = 60.0;
const LOOK_SECS_MAX: f64 = 1.5;
const LOOK_MIB_MAX: f64 = 4.0;
/// Live sessions, registers, and what else may be there.
const REFS_MAX: f64 = 120.0;

const BARE: &str = "no-board";
const FRESH: &str = "new-board";
const YEAR: &str = "folded-year";

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let days = asked("--days").unwrap_or(if plan.rounds == 2 { 3 } else { DAYS });
    let root = measure::folder();
    let root = root.path();
    let [bare, fresh, year] = [(BARE, None), (FRESH, Some(0)), (YEAR, Some(days))]
        .map(|(name, days)| Team::new(root, name, days));
    let mut all_met = fold(&year, &plan);
    year.fold_own();
    for team in [&bare, &fresh, &year] {
        team.tidy();
    }
    let refs = year
        .hub
        .git_fed("for-each-ref --format=%(refname) refs/presence", b"");
    let refs = refs.lines().count();
    all_met &= verdict(
        "refs of the board at the hub",
        refs as f64,
        "",
        Some(REFS_MAX),
    );
    let mut runners: Vec<Runner> = Vec::new();
    for team in [&bare, &fresh, &year] {
        runners.extend(team.code());
    }
    for team in [&fresh, &year] {
        runners.extend(team.board());
    }
    plan.measure(&mut runners);
    print_times(&runners);
    let names: Vec<[String; 2]> = [
        ("git push of code", YEAR, BARE),
        ("git fetch of code", YEAR, BARE),
        ("claim, confirmed", YEAR, FRESH),
        ("list", YEAR, FRESH),
        ("first claim of a new clone", YEAR, FRESH),
    ]
    .map(|(what, ours, theirs)| [ours, theirs].map(|of| named(what, of)))
    .to_vec();
    let limits = [1.2, 1.3, 1.2, 1.2, 1.5];
    let ratios: Vec<(&str, &str, Option<f64>)> = names
        .iter()
        .zip(limits)
        .map(|([ours, theirs], limit)| (ours.as_str(), theirs.as_str(), Some(limit)))
        .collect();
    all_met &= judge(&runners, &ratios);
    let look = runners.iter().find(|runner| runner.name == names[4][0]);
    let secs = look.map_or(f64::NAN, |look| median(&look.times) / 1000.0);
    all_met &= verdict("first look of a new clone", secs, " s", Some(LOOK_SECS_MAX));
    let mib = size_mib(&year.root.join(format!("{}-new", year.name)));
    all_met &= verdict("its .git", mib, " MiB", Some(LOOK_MIB_MAX));
    match all_met || plan.report_only {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Folds the year, and claims meanwhile.
fn fold(year: &Team, plan: &Plan) -> bool {
    let unfolded = year.hub.git_fed("count-objects -v", b"");
    println!("the hub of the unfolded year:\n{unfolded}\n");
    let alone: Vec<f64> = (0..plan.rounds)
        .map(|n| {
            millis(|| {
                let claim = format!("claim node:a{} --purpose p", n % 5);
                run(year.used.presence(5, &claim));
            })
        })
        .collect();
    let mut child = year.used.presence(1, "gc").spawn().expect("it starts");
    let mut beside = Vec::new();
    let secs = millis(|| {
        while child.try_wait().expect("it runs").is_none() {
            let claim = format!("claim node:b{} --purpose p", beside.len() % 5);
            beside.push(millis(|| run(year.used.presence(5, &claim))));
            std::thread::sleep(Duration::from_millis(100));
        }
    }) / 1000.0;
    // The session that is measured later has no more claims than that of the new board.
    run(year.used.presence(5, "release --all-mine"));
    let ratio = median(&beside) / median(&alone);
    let is_fast = verdict("folding the year", secs, " s", Some(FOLD_SECS_MAX));
    // A fold of a few days ends before a claim does.
    let limit = (beside.len() > 3).then_some(1.5);
    is_fast & verdict("a claim meanwhile / one before", ratio, "", limit)
}

/// A hub, with code and maybe a board, and a clone that is in use.
struct Team {
    root: PathBuf,
    name: &'static str,
    hub: Place,
    used: Place,
}

impl Team {
    fn new(root: &Path, name: &'static str, days: Option<usize>) -> Self {
        let hub = Place::new(root, &format!("{name}.git"));
        hub.git("config core.bare true");
        if let Some(days) = days {
            import(&hub, days);
        }
        let used = new_clone(root, &hub, &format!("{name}-used"));
        if days.is_some() {
            run(used.presence(1, "sync --deadline 10m"));
        }
        let team = Self {
            root: root.to_owned(),
            name,
            hub,
            used,
        };
        team.commit();
        team.used.git("push --quiet origin HEAD:refs/heads/main");
        team
    }

    /// Folds what the clones that made the sessions fold: their own of the last days.
    fn fold_own(&self) {
        for (n, node) in aged::nodes().enumerate() {
            let clone = new_clone(&self.root, &self.hub, &format!("{}-{n}", self.name));
            let folder = clone.dir.join(".git/presence");
            std::fs::create_dir_all(&folder).expect("a folder");
            std::fs::write(folder.join("node"), format!("{node}\n")).expect("the node id");
            run(clone.presence(4, "sync --deadline 10m"));
            run(clone.presence(4, "gc"));
        }
    }

    /// Does what Git does by itself now and then, and what `gc` advises: else it would begin in
    /// the background, beside what is measured.
    fn tidy(&self) {
        for place in [&self.hub, &self.used] {
            place.git("gc --quiet");
        }
    }

    fn commit(&self) {
        self.used.git("commit --quiet --allow-empty -m code");
    }

    /// What users of Git do, board or not.
    fn code(&self) -> [Runner; 2] {
        let (used, name) = (self.used.clone(), self.name);
        let push = runner(named("git push of code", name), move |_| {
            used.git("commit --quiet --allow-empty -m code");
            millis(|| used.git("push --quiet origin HEAD:refs/heads/main"))
        });
        let used = self.used.clone();
        let fetch = runner(named("git fetch of code", name), move |_| {
            millis(|| used.git("fetch --quiet origin"))
        });
        [push, fetch]
    }

    fn board(&self) -> [Runner; 3] {
        let (used, name) = (self.used.clone(), self.name);
        let claim = runner(named("claim, confirmed", name), move |round| {
            let claim = format!("claim node:n{} --purpose p", round % 5);
            millis(|| run(used.presence(2, &claim)))
        });
        let used = self.used.clone();
        let list = runner(named("list", name), move |_| {
            millis(|| run(used.presence(2, "list")))
        });
        let (root, hub) = (self.root.clone(), self.hub.clone());
        let first = runner(named("first claim of a new clone", name), move |_| {
            let folder = format!("{name}-new");
            let _ = std::fs::remove_dir_all(root.join(&folder));
            let clone = new_clone(&root, &hub, &folder);
            millis(|| run(clone.presence(3, "claim node:first --purpose p")))
        });
        [claim, list, first]
    }
}

fn named(what: &str, of: &str) -> String {
    format!("{what}, {of}")
}

fn new_clone(root: &Path, hub: &Place, name: &str) -> Place {
    let clone = Place::new(root, name);
    clone.git(&format!("remote add origin file://{}", hub.dir.display()));
    clone
}

/// Makes the board of this many days.
fn import(hub: &Place, days: usize) {
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970");
    let now = i64::try_from(now.as_millis()).expect("a time");
    let aged = Aged::of_days(Timestamp::from_millis(now), days);
    let mut command = hub.command("git");
    command.args(["fast-import", "--quiet", "--done"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("git starts");
    let mut stdin = std::io::BufWriter::new(child.stdin.take().expect("its input"));
    aged.write(&mut stdin).expect("it reads");
    drop(stdin);
    assert!(child.wait().expect("it ends").success(), "fast-import");
    hub.git("pack-refs --all");
    hub.git("repack -adq");
}

/// The size of a folder's files.
fn size_mib(folder: &Path) -> f64 {
    fn bytes(folder: &Path) -> u64 {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| match entry.file_type() {
                Ok(kind) if kind.is_dir() => bytes(&entry.path()),
                _ => entry.metadata().map_or(0, |meta| meta.len()),
            })
            .sum()
    }
    bytes(&folder.join(".git")) as f64 / 1024.0 / 1024.0
}

fn asked(option: &str) -> Option<usize> {
    let words: Vec<String> = std::env::args().collect();
    let at = words.iter().position(|word| word == option)?;
    words.get(at + 1)?.parse().ok()
}
