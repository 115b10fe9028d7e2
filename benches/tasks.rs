//! What a list of tasks costs: taking one beside an exclusive claim, many processes that take all,
//! and the decision of a supervisor. `sqlite3` (`UPDATE … RETURNING`) runs in the same rounds.
//!
//! `cargo bench --bench tasks [-- --report-only] [-- --rounds <n>]`; ends with 1 when a limit is
//! missed, unless `--report-only`.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    reason = "a benchmark spawns processes, reads the clock and prints; not all of `measure` is used"
)]

#[path = "measure/database.rs"]
mod database;
mod measure;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use database::Database;
use git_presence::model::id::SessionId;
use git_presence::model::supervisor::{Hold, Job, Limits, Seen, SeenTask, Worker, tick};
use git_presence::model::task::{Attempt, AttemptState, Name, TaskId};
use git_presence::model::time::Timestamp;
use measure::{Place, Plan, Runner, judge, median, millis, print_times, run, runner, verdict};

const ROUNDS: usize = 20;
const IN_A_ROW: usize = 3;
const TASKS: usize = 200;
const WORKERS: usize = 16;
const TAKEN_A_SECOND_MIN: f64 = 200.0;
const EXIT_REFUSED: i32 = 3;
const EXIT_CONTENDED: i32 = 4;
const SEEN_TASKS: usize = 1_000;
const SEEN_SESSIONS: usize = 100;
const TICK_MILLIS_MAX: f64 = 5.0;
const TICKS: usize = 50;

const NEXT: &str = "task next, in a list of 200";
const CLAIM: &str = "claim -x";
const DRY_RUN: &str = "task run --once --dry-run, 200 tasks";
const GIT_START: &str = "git --version";
const ALL_TAKEN: &str = "16 × task next until 200 tasks are gone";
const ALL_DONE: &str = "16 × (task next, task done) until 200 tasks are gone";
const ALL_ROWS: &str = "16 × sqlite3, update … returning, until 200 rows are gone";

const RATIOS: [(&str, &str, Option<f64>); 4] = [
    (NEXT, CLAIM, Some(1.5)),
    (DRY_RUN, GIT_START, None),
    (ALL_TAKEN, ALL_ROWS, None),
    (ALL_DONE, ALL_ROWS, None),
];

fn output(mut command: Command) -> Output {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.output().expect("it starts")
}

/// The id of the task that was taken.
fn id(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let (_, rest) = said.split_once("task:main/").expect("its resource");
    rest.chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}

/// A repository with a list of 200 tasks.
fn listed(root: &Path, name: &str) -> Place {
    let place = Place::new(root, name);
    run(place.presence(0, "init"));
    let mut plan = "name = 'bench'\n".to_owned();
    for n in 0..TASKS {
        let _ = writeln!(plan, "[[task]]\nkey = 'part-{n}'\ntitle = 'build part {n}'");
    }
    std::fs::write(place.dir.join("plan.toml"), plan).expect("a plan");
    run(place.presence(0, "task add --from plan.toml"));
    place
}

/// The least of a few in a row: what went before in a round, hundreds of processes, would be
/// measured along with the first.
fn least_of_a_few(time: impl FnMut(usize) -> f64) -> f64 {
    (0..IN_A_ROW).map(time).fold(f64::INFINITY, f64::min)
}

/// Takes the first task, and gives it back.
fn next(place: &Place) -> Runner {
    let place = place.clone();
    runner(NEXT, move |_| {
        least_of_a_few(|_| {
            let mut said = None;
            let command = place.presence(1, "task next");
            let time = millis(|| said = Some(output(command)));
            let said = said.expect("it ran");
            assert!(said.status.success(), "{said:?}");
            let back = format!("task back {} -m later", id(&said.stdout));
            run(place.presence(1, &back));
            time
        })
    })
}

/// An exclusive claim in the same repository, which is released again.
fn claim(place: &Place) -> Runner {
    let place = place.clone();
    runner(CLAIM, move |_| {
        least_of_a_few(|_| {
            let command = place.presence(1, "claim -x infra:bench --purpose build");
            let time = millis(|| assert!(output(command).status.success()));
            run(place.presence(1, "release infra:bench"));
            time
        })
    })
}

/// One look of a supervisor at the list, as a process.
fn dry_run(place: &Place) -> Runner {
    let place = place.clone();
    runner(DRY_RUN, move |_| {
        let line = "task run --once --dry-run --agent true";
        millis(|| run(place.presence(2, line)))
    })
}

fn git_start(place: &Place) -> Runner {
    let place = place.clone();
    runner(GIT_START, move |_| {
        let mut command = place.command("git");
        command.arg("--version");
        millis(|| run(command))
    })
}

/// Sixteen at once, each of which takes until nothing is left; `take` gets a number of its own each
/// time, and answers with what it took. All of it has to be taken once.
fn until_gone(take: impl Fn(usize) -> Option<String> + Sync) -> f64 {
    let (count, taken) = (AtomicUsize::new(1), Mutex::new(Vec::new()));
    let work = || {
        while let Some(id) = take(count.fetch_add(1, Ordering::Relaxed)) {
            taken.lock().expect("no panic").push(id);
        }
    };
    let time = millis(|| {
        std::thread::scope(|scope| {
            (0..WORKERS).for_each(|_| drop(scope.spawn(work)));
        });
    });
    let taken = taken.into_inner().expect("no panic");
    let ids: BTreeSet<&String> = taken.iter().collect();
    assert_eq!((taken.len(), ids.len()), (TASKS, TASKS), "each once");
    time
}

/// Takes a task under a session of its own: one that has a task would get it again.
fn take(place: &Place, session: usize, then: Option<&str>) -> Option<String> {
    loop {
        let said = output(place.presence(session, "task next"));
        match said.status.code() {
            Some(0) => {
                let id = id(&said.stdout);
                if let Some(verb) = then {
                    let line = format!("task {verb} {id}");
                    while output(place.presence(session, &line)).status.code()
                        == Some(EXIT_CONTENDED)
                    {}
                }
                return Some(id);
            }
            Some(EXIT_CONTENDED) => {}
            code => {
                assert_eq!(code, Some(EXIT_REFUSED), "{said:?}");
                return None;
            }
        }
    }
}

fn all_taken(root: &Path, name: &str, then: Option<&'static str>) -> Runner {
    let root = root.to_owned();
    runner(name, move |round| {
        let place = listed(&root, &format!("{}-{round}", then.unwrap_or("taken")));
        let time = until_gone(|session| take(&place, session, then));
        std::fs::remove_dir_all(&place.dir).expect("it goes");
        time
    })
}

/// The same in a table; `None` where there is no `sqlite3`.
fn all_rows(root: &Path) -> Option<Runner> {
    Database::new(Place::new(root, "rows"))?;
    let root = root.to_owned();
    Some(runner(ALL_ROWS, move |round| {
        let place = Place::new(&root, &format!("rows-{round}"));
        let database = Database::new(place.clone()).expect("it was there");
        let mut rows =
            "create table tasks(id integer primary key, title text, holder text);".to_owned();
        for n in 0..TASKS {
            let _ = write!(rows, "insert into tasks(title) values('build part {n}');");
        }
        run(database.does(&rows));
        let time = until_gone(|session| {
            let said = output(database.does(&format!(
                "update tasks set holder = 'wizard@devvm@{session}' where id = (select id from \
                 tasks where holder is null order by id limit 1) returning id;"
            )));
            assert!(said.status.success(), "{said:?}");
            let id = String::from_utf8_lossy(&said.stdout).trim().to_owned();
            (!id.is_empty()).then_some(id)
        });
        std::fs::remove_dir_all(&place.dir).expect("it goes");
        time
    }))
}

/// What a supervisor sees that has much to do: tasks in every state, and many sessions.
fn seen() -> Seen {
    let now = Timestamp::from_millis(1_763_719_200_000);
    let session = |n: usize| SessionId::parse(&format!("wizard@devvm@{n}")).expect("a session");
    let check = Name::parse("unit").expect("a name");
    let states = [
        None,
        Some(AttemptState::Assigned),
        Some(AttemptState::Running),
        Some(AttemptState::Checking),
        Some(AttemptState::Retrying),
        Some(AttemptState::NeedsPerson),
    ];
    let tasks = (0..SEEN_TASKS).map(|n| {
        let attempt = states[n % states.len()].map(|state| {
            let mut attempt = Attempt::first(state, &session(0), now);
            attempt.check = (state == AttemptState::Checking).then(|| check.clone());
            let is_assigned = state == AttemptState::Assigned;
            // It is gone, which is known once all are looked at.
            attempt.session = is_assigned.then(|| session(SEEN_SESSIONS + n));
            attempt
        });
        SeenTask {
            id: TaskId::parse(&format!("task{n:04}")).expect("an id"),
            is_ready: true,
            hold: Hold::Free,
            attempt,
            job: Job::None,
            checks: vec![check.clone()],
            claims: Vec::new(),
            lost: None,
            skip: None,
            only: None,
            tree: Some("as it was".to_owned()),
        }
    });
    Seen {
        me: session(0),
        now,
        tasks: tasks.collect(),
        workers: (1..=SEEN_SESSIONS)
            .map(|n| Worker {
                id: session(n),
                is_idle: n % 2 == 0,
            })
            .collect(),
        has_agent: true,
        running: 0,
    }
}

/// Judges the decision of a supervisor, by its median.
fn judge_tick() -> bool {
    let (seen, limits) = (seen(), Limits::default());
    let times: Vec<f64> = (0..TICKS)
        .map(|_| {
            millis(|| {
                let actions = tick(std::hint::black_box(&seen), &limits);
                assert!(std::hint::black_box(actions).len() > SEEN_TASKS / 3);
            })
        })
        .collect();
    println!("\n{:66}", "in process");
    let what = "the tick over 1,000 tasks and 100 sessions";
    verdict(what, median(&times), " ms", Some(TICK_MILLIS_MAX))
}

/// Judges how many tasks a second were taken when nothing else kept the machine busy.
fn judge_rate(taken: &Runner, millis_max: Option<f64>) -> bool {
    let best = taken.times.iter().copied().fold(f64::INFINITY, f64::min);
    let a_second = |millis: f64| TASKS as f64 * 1000.0 / millis;
    let what = format!(
        "{}: {:.0}/s, {:.0}/s in the median",
        taken.name,
        a_second(best),
        a_second(median(&taken.times))
    );
    verdict(&what, best / TASKS as f64, " ms", millis_max)
}

fn main() -> ExitCode {
    let plan = Plan::asked(ROUNDS);
    let root = measure::folder();
    let root = root.path();
    let place = listed(root, "list");
    let mut runners = vec![
        next(&place),
        claim(&place),
        dry_run(&place),
        git_start(&place),
        all_taken(root, ALL_TAKEN, None),
        all_taken(root, ALL_DONE, Some("done")),
    ];
    runners.extend(all_rows(root));
    plan.measure(&mut runners);
    println!("{} rounds in memory and without fsync", plan.rounds);
    print_times(&runners);
    let has = |name: &str| runners.iter().any(|runner| runner.name == name);
    let measured = |(ours, theirs, _): &(&str, &str, Option<f64>)| has(ours) && has(theirs);
    let ratios: Vec<_> = RATIOS.into_iter().filter(measured).collect();
    let mut all_met = judge(&runners, &ratios);
    println!("\n{:66}", "time a task in the best round, each taken once");
    for taken in &runners {
        let millis_max = (taken.name == ALL_TAKEN).then_some(1000.0 / TAKEN_A_SECOND_MIN);
        if [ALL_TAKEN, ALL_DONE, ALL_ROWS].contains(&taken.name.as_str()) {
            all_met &= judge_rate(taken, millis_max);
        }
    }
    all_met &= judge_tick();
    ExitCode::from(u8::from(!all_met && !plan.report_only))
}
