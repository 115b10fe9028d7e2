//! What exclusive claims cost, as whole processes: raced for, confirmed by a remote, and many at
//! once. Redis (`SET NX`), `sqlite3`, `git push` and bare process starts run in the same rounds.
//!
//! `cargo bench --bench exclusive [-- --report-only] [-- --rounds <n>]`; ends with 1 when a limit
//! is missed, unless `--report-only`. Without `redis-server` and `redis-cli` in the path the bare
//! starts alone are what the race is compared with.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark spawns processes, reads the clock and prints"
)]

#[path = "measure/database.rs"]
mod database;
mod measure;
#[path = "measure/remote.rs"]
mod remote;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use database::Database;
use measure::{
    Place, Plan, Runner, judge, median, millis, print_times, run, runner, under, verdict,
};
use remote::{clone, git, hub, new_commit};

const ROUNDS: usize = 40;
const IN_A_ROW: usize = 3;
const RACERS: usize = 32;
const WORKERS: usize = 8;
const CLAIMS_EACH: usize = 50;
const PEERS: usize = 10;
const CLAIMS_A_SECOND_MIN: f64 = 250.0;
const EXIT_REFUSED: i32 = 3;

const RACE: &str = "32 × claim -x of one resource";
const RACE_SYNCED: &str = "32 × claim -x of one resource, fsync on";
const REDIS: &str = "32 × redis-cli SET NX of one key";
const GIT_STARTS: &str = "32 × git --version";
const OWN_STARTS: &str = "32 × git-presence --version";
const TRUE_STARTS: &str = "32 × true";
const ALLOWED: &str = "allowed: SET NX or 2 × git --version, the larger";
const CONFIRMED: &str = "claim -x, confirmed";
const CONFIRMED_FIRST: &str = "claim -x, confirmed, never claimed before";
const CONFIRMED_SYNCED: &str = "claim -x, confirmed, fsync on";
const PUSH: &str = "git push of one ref";
const MANY: &str = "8 × 50 × claim -x, each of its own resource";
const MANY_STARTS: &str = "8 × 50 × git --version";
const MANY_ROWS: &str = "8 × 50 × sqlite3, an insert each";
const RACE_ROWS: &str = "32 × sqlite3, an insert of one key";

const RATIOS: [(&str, &str, Option<f64>); 12] = [
    (RACE, ALLOWED, Some(1.0)),
    (RACE, RACE_ROWS, Some(1.0)),
    (RACE, REDIS, None),
    (RACE, GIT_STARTS, None),
    (RACE, OWN_STARTS, None),
    (RACE, TRUE_STARTS, None),
    (RACE_SYNCED, ALLOWED, None),
    (CONFIRMED, PUSH, Some(1.3)),
    (CONFIRMED_FIRST, PUSH, None),
    (CONFIRMED_SYNCED, PUSH, None),
    (MANY, MANY_STARTS, None),
    // At least 0.7 times as many a second.
    (MANY, MANY_ROWS, Some(1.0 / 0.7)),
];

/// Start all of these at once; how each one ended.
fn at_once(commands: impl Iterator<Item = Command>) -> Vec<Option<i32>> {
    let children: Vec<Child> = commands
        .map(|mut command| command.spawn().expect("it starts"))
        .collect();
    let wait = |mut child: Child| child.wait().expect("it ends").code();
    children.into_iter().map(wait).collect()
}

fn with_fsync(command: Command, fsync: bool) -> Command {
    under(command, &[("presence.fsync", &fsync.to_string())])
}

/// All claim one resource, which is free: one gets it, and the others hear no.
fn race(place: &Place, name: &str, fsync: bool) -> Runner {
    let place = place.clone();
    runner(name, move |round| {
        let line = format!("claim -x infra:race-{round}-{fsync} --purpose race");
        let racer = |n| {
            let mut command = with_fsync(place.presence(n, &line), fsync);
            command.stderr(Stdio::null());
            command
        };
        let mut ends = Vec::new();
        let time = millis(|| ends = at_once((0..RACERS).map(racer)));
        let ended = |code| ends.iter().filter(|end| **end == Some(code)).count();
        assert_eq!((ended(0), ended(EXIT_REFUSED)), (1, RACERS - 1), "{ends:?}");
        time
    })
}

/// As many processes that do nothing.
fn starts(place: &Place, name: &str, command: impl Fn(&Place) -> Command + 'static) -> Runner {
    let place = place.clone();
    runner(name, move |_| {
        let mut ends = Vec::new();
        let time = millis(|| ends = at_once((0..RACERS).map(|_| command(&place))));
        assert!(ends.iter().all(|end| *end == Some(0)), "{ends:?}");
        time
    })
}

/// A server on a socket of its own, which writes nothing to disk; ended when dropped.
struct Redis {
    child: Child,
    socket: PathBuf,
}

impl Redis {
    /// `None` where it is not installed.
    fn start(root: &Path) -> Option<Self> {
        let socket = root.join("redis.sock");
        let mut server = Command::new("redis-server");
        server.args(["--port", "0", "--save", "", "--appendonly", "no"]);
        server.arg("--dir").arg(root);
        server.arg("--unixsocket").arg(&socket);
        let is_there = |name: &str| {
            let mut command = Command::new(name);
            command.arg("--version").stdout(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        if !is_there("redis-server") || !is_there("redis-cli") {
            println!("redis is not installed: the race is compared with bare starts alone");
            return None;
        }
        let child = server.stdout(Stdio::null()).spawn().expect("redis starts");
        for _ in 0..200 {
            if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { child, socket })
    }

    fn race(&self, place: &Place) -> Runner {
        let (place, socket) = (place.clone(), self.socket.clone());
        runner(REDIS, move |round| {
            let set = |n: usize| {
                let mut command = place.command("redis-cli");
                command.arg("-s").arg(&socket);
                command.args(["SET", &format!("race-{round}"), &n.to_string(), "NX"]);
                command
            };
            let mut ends = Vec::new();
            let time = millis(|| ends = at_once((0..RACERS).map(set)));
            assert!(ends.iter().all(|end| *end == Some(0)), "{ends:?}");
            time
        })
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn races(root: &Path, disk: &Path, redis: Option<&Redis>) -> Vec<Runner> {
    let [place, on_disk] = [root, disk].map(|root| Place::new(root, "races"));
    for place in [&place, &on_disk] {
        run(place.presence(0, "init"));
    }
    let mut all = vec![
        race(&place, RACE, false),
        starts(&place, GIT_STARTS, |place| git(place, "--version")),
        starts(&place, OWN_STARTS, |place| place.presence(0, "--version")),
        starts(&place, TRUE_STARTS, |place| place.command("true")),
        race(&on_disk, RACE_SYNCED, true),
    ];
    all.splice(1..1, redis.map(|redis| redis.race(&place)));
    all.splice(1..1, rows_raced(root));
    all
}

/// As many processes that insert one key: one gets it.
fn rows_raced(root: &Path) -> Option<Runner> {
    let database = Database::new(Place::new(root, "race-rows"))?;
    Some(runner(RACE_ROWS, move |round| {
        let resource = format!("infra:race-{round}");
        let mut ends = Vec::new();
        let racers = (0..RACERS).map(|n| database.claims(&resource, n));
        let time = millis(|| ends = at_once(racers));
        let won = ends.iter().filter(|end| **end == Some(0)).count();
        assert_eq!(won, 1, "{ends:?}");
        time
    }))
}

/// The least of a few in a row: what went before in a round, hundreds of processes, would be
/// measured along with the first.
fn least_of_a_few(time: impl FnMut(usize) -> f64) -> f64 {
    (0..IN_A_ROW).map(time).fold(f64::INFINITY, f64::min)
}

/// An uncontended claim that a remote decides.
fn confirmed_claim(ours: &Place, name: &str, fsync: bool, is_first: bool) -> Runner {
    let ours = ours.clone();
    runner(name, move |round| {
        least_of_a_few(|n| {
            let resource = match is_first {
                true => format!("infra:first-{round}-{n}"),
                false => "infra:bench".to_owned(),
            };
            let line = format!("claim -x {resource} --purpose round-{round}");
            let command = with_fsync(ours.presence(1, &line), fsync);
            let time = millis(|| run(command));
            run(ours.presence(1, &format!("release {resource}")));
            time
        })
    })
}

/// A clone of a remote with a board.
fn confirming(root: &Path) -> Place {
    let hub = hub(root, PEERS);
    let ours = clone(root, &hub, "confirmed");
    run(ours.presence(1, "claim infra:other --purpose bench"));
    ours
}

/// Such a claim next to a push of one commit. Both from one clone: Git looks at every ref of it,
/// and cells stay.
fn confirmed(root: &Path, disk: &Path) -> Vec<Runner> {
    let ours = confirming(root);
    let plain = ours.clone();
    let push = runner(PUSH, move |round| {
        least_of_a_few(|n| {
            new_commit(&plain, round * IN_A_ROW + n);
            millis(|| run(git(&plain, "push --quiet origin refs/presence/plain/one")))
        })
    });
    vec![
        confirmed_claim(&ours, CONFIRMED, false, false),
        push,
        confirmed_claim(&ours, CONFIRMED_FIRST, false, true),
        confirmed_claim(&confirming(disk), CONFIRMED_SYNCED, true, false),
    ]
}

/// Eight at once, each of which starts one process after another.
fn many(act: &(impl Fn(usize, usize) + Sync)) -> f64 {
    let act_all = |worker: usize| (0..CLAIMS_EACH).for_each(|n| act(worker, n));
    millis(|| {
        std::thread::scope(|scope| {
            for worker in 0..WORKERS {
                scope.spawn(move || act_all(worker));
            }
        });
    })
}

/// Eight sessions in a new repository, each of which claims fifty resources of its own.
fn many_claims(root: &Path) -> Runner {
    let root = root.to_owned();
    runner(MANY, move |round| {
        let place = Place::new(&root, &format!("many-{round}"));
        run(place.presence(0, "init"));
        let time = many(&|worker, n| {
            let line = format!("claim -x infra:part-{worker}-{n} --purpose build");
            run(place.presence(worker, &line));
        });
        std::fs::remove_dir_all(&place.dir).expect("it goes");
        time
    })
}

/// The same in a new database.
fn many_rows(root: &Path) -> Option<Runner> {
    Database::new(Place::new(root, "rows"))?;
    let root = root.to_owned();
    Some(runner(MANY_ROWS, move |round| {
        let place = Place::new(&root, &format!("rows-{round}"));
        let database = Database::new(place.clone()).expect("it was there");
        let time = many(&|worker, n| {
            run(database.claims(&format!("infra:part-{worker}-{n}"), worker));
        });
        std::fs::remove_dir_all(&place.dir).expect("it goes");
        time
    }))
}

fn many_starts(root: &Path) -> Runner {
    let place = Place::new(root, "starts");
    runner(MANY_STARTS, move |_| {
        many(&|_, _| run(git(&place, "--version")))
    })
}

/// What the race may take, in each round.
fn allowed(runners: &[Runner]) -> Runner {
    let times = |name: &str| {
        let found = runners.iter().find(|runner| runner.name == name);
        found.map(|runner| runner.times.clone())
    };
    let starts = times(GIT_STARTS).unwrap_or_default();
    let redis = times(REDIS).unwrap_or_else(|| vec![0.0; starts.len()]);
    let mut allowed = runner(ALLOWED, |_| 0.0);
    let larger = |(starts, redis): (f64, f64)| redis.max(2.0 * starts);
    allowed.times = starts.into_iter().zip(redis).map(larger).collect();
    allowed
}

/// How many claims a second there were when nothing else kept the machine busy: unlike a ratio, a
/// rate has nothing beside it that suffers from that as well.
fn judge_many(many: &Runner) -> bool {
    let count = (WORKERS * CLAIMS_EACH) as f64;
    let best = many.times.iter().copied().fold(f64::INFINITY, f64::min);
    let a_second = |millis: f64| count * 1000.0 / millis;
    println!("\n{:66}", "time a claim in the best round, none failed");
    let what = format!(
        "{MANY}: {:.0}/s, {:.0}/s in the median",
        a_second(best),
        a_second(median(&many.times))
    );
    verdict(
        &what,
        best / count,
        " ms",
        Some(1000.0 / CLAIMS_A_SECOND_MIN),
    )
}

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let root = root.path();
    let disk = tempfile::tempdir().expect("a folder");
    let redis = Redis::start(root);
    let mut runners = races(root, disk.path(), redis.as_ref());
    runners.extend(confirmed(root, disk.path()));
    runners.extend([many_claims(root), many_starts(root)]);
    runners.extend(many_rows(root));
    plan.measure(&mut runners);
    runners.push(allowed(&runners));
    println!(
        "{} rounds in memory and without fsync, unless said",
        plan.rounds
    );
    print_times(&runners);
    let has = |name: &str| runners.iter().any(|runner| runner.name == name);
    let measured = |(ours, theirs, _): &(&str, &str, Option<f64>)| has(ours) && has(theirs);
    let ratios: Vec<_> = RATIOS.into_iter().filter(measured).collect();
    let mut all_met = judge(&runners, &ratios);
    for many in runners.iter().filter(|runner| runner.name == MANY) {
        all_met &= judge_many(many);
    }
    ExitCode::from(u8::from(!all_met && !plan.report_only))
}
