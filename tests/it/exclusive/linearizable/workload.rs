//! What the clients of a run do: several clones, several processes in each, all at once.
//!
//! Owns the clock of a run, the random scripts, and how an answer becomes a recorded operation.
//! Never judges an answer.
//!
//! **The clock.** No time passes by itself. Each begin and end of a command is the next
//! millisecond, and between two commands a script lets seconds or minutes pass, for everybody. A
//! program is started with the instant of its begin, as its clone's clock shows it, and keeps that
//! as long as it runs: as if it had been stopped right after it looked at its clock, which is the
//! worst that a slow machine can do. So a lease of fifteen minutes expires in the middle of
//! commands, however fast the machine is, and no test has to wait for it.

pub mod passing;

use std::cell::Cell;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use git_presence::clock::Clock as _;
use git_presence::host::Host;
use git_presence::model::time::Timestamp;

use self::passing::off_by;
use super::chance::Chance;
use super::history::{Kind, Landed, Operation, Outcome, Who};
use super::hub::Hub;
use crate::machines::{copied, processes};
use crate::said::Said;
use crate::servers::{Server, Transport};
use crate::world::World;

pub const TTL_MILLIS: i64 = 15 * 60 * 1000;
/// Wide, so that what is done within it is done often.
pub const MARGIN_MILLIS: i64 = 5 * 60 * 1000;
/// An exact one, and paths that overlap.
pub const RESOURCES: [&str; 3] = ["infra:x", "path:src/**", "path:src/a.rs"];
/// How far the clocks of the clones are off. No two are further apart than the margin.
const OFF_BY_MILLIS: [i64; 4] = [0, 150_000, -149_999, 70_000];
/// How long something is offered to one session.
const OFFER_SPAN: &str = "4m";
/// Before now: so that no lock of a file, whose age the system knows, seems old.
const BEGIN_BEFORE_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Which command of which process waits: not in short runs.
const WAITS: (usize, usize) = (1, 8);
/// Together a minute at least.
const POLLS_MAX: usize = 3_000;

/// The one clock that is right.
pub struct Clock(AtomicI64);

impl Clock {
    pub fn new() -> Self {
        let now = Host.now().as_millis();
        Self(AtomicI64::new(now - BEGIN_BEFORE_MILLIS))
    }

    /// An instant that no other event has.
    pub fn tick(&self) -> i64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub fn pass(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

/// How much is done in a run.
#[derive(Clone, Copy)]
pub struct Size {
    pub clones: usize,
    pub processes: usize,
    pub commands: usize,
}

/// Where a run takes place, and what was recorded of it.
struct Run {
    clock: Clock,
    clones: Vec<World>,
    kill_within_millis: u64,
    recorded: Mutex<Vec<Operation>>,
}

/// Run the scripts of a seed against a server, and look at what came of them.
pub fn run(
    server: &Server,
    transport: Transport,
    seed: u64,
    size: Size,
) -> (Vec<Operation>, Landed) {
    run_in(server, transport, seed, size, &World::clone)
}

/// The same, with something done to each clone before anything runs in it.
pub fn run_in(
    server: &Server,
    transport: Transport,
    seed: u64,
    size: Size,
    prepared: &dyn Fn(&World) -> World,
) -> (Vec<Operation>, Landed) {
    let chance = Chance::new(seed);
    let hub = Hub::watch(server.repository());
    hub.breaks(&chance);
    let run = Run {
        clock: Clock::new(),
        clones: clones(server, size.clones).iter().map(prepared).collect(),
        kill_within_millis: match transport {
            Transport::Path => 300,
            _ => 700,
        },
        recorded: Mutex::default(),
    };
    thread::scope(|scope| {
        let mut running = Vec::new();
        for n in 0..size.clones * size.processes {
            let (clone, process) = (n % size.clones, n / size.clones);
            // The first clone has one session, in whose name all of its processes act.
            let session = match clone {
                0 => "of-0".to_owned(),
                _ => format!("of-{clone}-{process}"),
            };
            let script = Script {
                run: &run,
                number: n,
                who: Who { clone, session },
                chance: Chance::new(seed.wrapping_add(1 + n as u64).wrapping_mul(0x9E37)),
                mine: Cell::default(),
            };
            running.push(scope.spawn(move || (0..size.commands).for_each(|at| script.go(at))));
        }
        for script in running {
            let ended = script.join();
            assert!(ended.is_ok(), "a script broke; GIT_PRESENCE_SEED={seed}");
        }
    });
    at_rest(server, &run.clones);
    let recorded = run.recorded.into_inner();
    let operations = recorded.unwrap_or_else(PoisonError::into_inner);
    (operations, hub.landed(&RESOURCES))
}

fn clones(server: &Server, count: usize) -> Vec<World> {
    let first = server.clone_to("clone-0");
    for setting in [
        "presence.syncDeadline 30s",
        "presence.fsync false",
        "presence.staleAfter 24h",
        "presence.clockSkew 5m",
    ] {
        first.git(&format!("config {setting}"));
    }
    // Nothing was written here so far, so each copy gets a name of its own.
    let copy = |n| copied(&first, &format!("clone-{n}"));
    let copies: Vec<World> = (1..count).map(copy).collect();
    [first].into_iter().chain(copies).collect()
}

/// Wait until what killed commands had begun has come to its end, here and at the server.
fn at_rest(server: &Server, clones: &[World]) {
    let is_busy = || {
        processes().into_iter().any(|process| {
            let there = process.dir.starts_with(server.repository().dir());
            let here = clones.iter().any(|c| process.dir.starts_with(c.dir()));
            // A connection that several calls share outlives them.
            there || (here && !process.words.starts_with("ssh"))
        })
    };
    for _ in 0..POLLS_MAX {
        if !is_busy() {
            return;
        }
        clones[0].at("home").sh("sleep 0.02").done();
    }
    panic!("somebody is still at work");
}

/// What one process after the other does in the name of a session.
struct Script<'r> {
    run: &'r Run,
    number: usize,
    who: Who,
    chance: Chance,
    /// What was granted last, and is not released.
    mine: Cell<Option<&'static str>>,
}

impl Script<'_> {
    fn go(&self, at: usize) {
        let any = *self.chance.pick(&RESOURCES);
        match (self.chance.below(100), self.mine.get()) {
            // One of all who waits for real: one look at the remote, and what comes of it.
            _ if (self.number, at) == WAITS => self.claim(any, "--wait=6s"),
            // Who holds something mostly does something with it.
            (0..=7, Some(mine)) => self.claim(mine, ""),
            (8..=19, Some(mine)) => self.fence(mine, false),
            (20..=29, Some(mine)) => self.fence(mine, true),
            (30..=34, Some(_)) => self.told("heartbeat --renew"),
            (35..=64, Some(mine)) => self.push(at, mine),
            (65..=89, Some(mine)) => self.release(mine),
            (_, Some(_)) | (0..=54, None) => self.claim(any, ""),
            (55..=59, None) => self.claim_while_it_ends(at, any),
            (60..=64, None) => self.fence(any, false),
            (65..=69, None) => self.fence(any, true),
            (70..=75, None) => self.push(at, any),
            (76..=80, None) => self.release(any),
            (81..=93, None) => self.take_away(any),
            (_, None) => self.told("heartbeat"),
        }
        self.run.clock.pass(match self.chance.below(100) {
            0..=85 => self.millis(3_000),
            86..=95 => 5_000 + self.millis(55_000),
            // Every client is silent until what it has is about to expire, or until it is free.
            96..=98 => TTL_MILLIS - self.millis(200_000),
            _ => TTL_MILLIS + MARGIN_MILLIS + 1_000,
        });
    }

    fn millis(&self, below: u64) -> i64 {
        i64::try_from(self.chance.below(below)).expect("a short time")
    }

    fn claim(&self, resource: &'static str, wait: &str) {
        // Sometimes what is decided in two cells, all or none.
        let all = match self.chance.one_in(5) {
            true => vec!["infra:x", RESOURCES[1]],
            false => vec![resource],
        };
        let line = format!("claim -x {} -p p --json {wait}", all.join(" "));
        let (begin, said, end) = self.perhaps_killed(&line);
        for resource in all {
            let outcome = outcome(&said, || token_of(&said, resource));
            if matches!(outcome, Outcome::Granted(_)) {
                self.mine.set(Some(resource));
            }
            self.record(Kind::Claim, resource, (begin, outcome, end));
        }
    }

    /// As of an agent that crashed: others need not wait until its lease has expired.
    fn claim_while_it_ends(&self, at: usize, resource: &str) {
        let session = format!("ends-{}-{at}", self.number);
        let line = format!(
            "GIT_PRESENCE_SESSION={session} git-presence claim -x {resource} -p p --json; \
             code=$?; exit $code"
        );
        let (begin, said, end) =
            self.timed(|clone| clone.without("GIT_PRESENCE_SESSION").sh(&line));
        let who = Who {
            session,
            ..self.who.clone()
        };
        let outcome = outcome(&said, || token_of(&said, resource));
        let mut operation = operation(&who, Kind::Claim, resource, (begin, outcome, end));
        operation.is_last = true;
        self.keep(operation);
    }

    fn fence(&self, resource: &str, remote: bool) {
        let look = if remote { "--remote" } else { "" };
        let line = format!("fence {resource} --json {look}");
        let (begin, said, end) = self.timed(|clone| clone.anyone(&line));
        let outcome = outcome(&said, || number(&said.json()["token"]));
        let kind = Kind::Fence { remote };
        self.record(kind, resource, (begin, outcome, end));
    }

    fn push(&self, at: usize, resource: &str) {
        let branch = format!("by-{}-{at}", self.number);
        let line = format!("push origin HEAD:refs/heads/{branch} --fence {resource} --json");
        let (begin, said, end) = self.perhaps_killed(&line);
        let outcome = match said.code {
            Some(5) if said.out.contains("nothing was pushed") => Outcome::Refused,
            _ => outcome(&said, || number(&said.json()["fence"]["token"])),
        };
        let kind = Kind::Push { branch };
        self.record(kind, resource, (begin, outcome, end));
    }

    fn release(&self, resource: &str) {
        self.mine.set(None);
        let line = format!("release {resource} --json {}", self.words());
        let (begin, said, end) = self.perhaps_killed(&line);
        let outcome = outcome(&said, || 0);
        self.record(Kind::Release, resource, (begin, outcome, end));
    }

    /// Take the last grant that any other session was told of.
    fn take_away(&self, resource: &str) {
        let last = self
            .recorded()
            .iter()
            .rev()
            .find_map(|op| match op.outcome {
                Outcome::Granted(token) if op.kind == Kind::Claim && op.resource == resource => {
                    Some((op.who.clone(), token))
                }
                _ => None,
            });
        let Some((who, token)) = last.filter(|(who, _)| *who != self.who) else {
            return;
        };
        let line = format!(
            "release {resource} --force --holder {} --token {token} --reason r --json",
            who.session
        );
        let (begin, said, end) = self.perhaps_killed(&line);
        let outcome = outcome(&said, || token);
        let kind = Kind::Override { token };
        self.record(kind, resource, (begin, outcome, end));
    }

    /// A command after which no session counts on anything more.
    fn told(&self, line: &str) {
        let (_, said, _) = self.timed(|clone| clone.anyone(line));
        drop(said);
    }

    /// One of several commands is killed after a moment, some of them with the Git that they run.
    fn perhaps_killed(&self, line: &str) -> (i64, Said, i64) {
        if !self.chance.one_in(6) {
            return self.timed(|clone| clone.anyone(line));
        }
        let millis = self.chance.below(self.run.kill_within_millis) + 1;
        let with_git = match self.chance.one_in(2) {
            true => "$(cat /proc/$command/task/*/children)",
            false => "",
        };
        let script = format!(
            "git-presence {line} & command=$!; sleep 0.{millis:03}; \
             kill -9 $command {with_git}; wait $command"
        );
        self.timed(|clone| clone.sh(&script))
    }

    fn timed(&self, act: impl FnOnce(&World) -> Said) -> (i64, Said, i64) {
        let begin = self.run.clock.tick();
        let now = Timestamp::from_millis(begin + off_by(self.who.clone));
        let clone = self.run.clones[self.who.clone]
            .with("GIT_PRESENCE_TEST_NOW", now.to_rfc3339())
            .with("GIT_PRESENCE_SESSION", &self.who.session);
        let said = act(&clone);
        (begin, said, self.run.clock.tick())
    }

    fn record(&self, kind: Kind, resource: &str, answer: (i64, Outcome, i64)) {
        self.keep(operation(&self.who, kind, resource, answer));
    }

    fn keep(&self, operation: Operation) {
        self.recorded().push(operation);
    }

    fn recorded(&self) -> std::sync::MutexGuard<'_, Vec<Operation>> {
        let recorded = self.run.recorded.lock();
        recorded.unwrap_or_else(PoisonError::into_inner)
    }
}

pub fn operation(
    who: &Who,
    kind: Kind,
    resource: &str,
    (begin, outcome, end): (i64, Outcome, i64),
) -> Operation {
    Operation {
        who: who.clone(),
        kind,
        resource: resource.to_owned(),
        begin,
        end,
        outcome,
        is_last: false,
    }
}

/// Only 0 is a yes and only 3 is a no; whatever else it was, it may have taken place.
pub fn outcome(said: &Said, token: impl FnOnce() -> u64) -> Outcome {
    match said.code {
        Some(0) => Outcome::Granted(token()),
        Some(3) => Outcome::Refused,
        Some(1 | 128 | 129) => panic!("no answer but a failure: {}{}", said.out, said.err),
        _ => Outcome::Unknown,
    }
}

/// The token of one resource in the answer to a claim.
pub fn token_of(said: &Said, resource: &str) -> u64 {
    let answer = said.json();
    let claims = answer["claims"].as_array().expect("claims");
    let claim = claims.iter().find(|claim| claim["resource"] == resource);
    number(&claim.expect("it was asked for")["token"])
}

fn number(value: &serde_json::Value) -> u64 {
    value.as_u64().expect("a number")
}
