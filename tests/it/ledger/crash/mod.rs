//! Crashes at every step of a write.
//!
//! Owns the promise that a write is whole or was never begun, whatever ends it, and that the next
//! one works. Steps are found by tracing a run that is not disturbed; then one run each is
//! disturbed there: killed here, failed in `faults`.

#![expect(
    clippy::print_stderr,
    reason = "how many steps there were, for whoever runs it with --nocapture"
)]

mod faults;

use std::collections::BTreeSet;
use std::path::Path;

use crate::said::Said;
use crate::snapshot::Snapshot;
use crate::strace::{self, CHANGES, Call, Traced};
use crate::world::{ALICE, BOB, World};

/// What a write may change, and nothing else in the whole work tree.
const OURS: [&str; 3] = [".git/refs/presence", ".git/objects", ".git/presence"];

/// Who holds what, and why.
type Held = BTreeSet<(String, String, String)>;

#[track_caller]
fn listed(world: &World) -> Held {
    let said = world.carol("list --json");
    assert_eq!(said.done().err, "", "nothing is unreadable");
    let list = said.json();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let row = |one: &serde_json::Value| {
        (
            text(&one["session_id"]),
            text(&one["resource"]),
            text(&one["purpose"]),
        )
    };
    list.as_array().expect("an array").iter().map(row).collect()
}

/// One verb, and what is held before and after it.
struct Scene {
    /// Standing in the folder that is copied for every run.
    template: World,
    line: &'static str,
    before: Held,
    after: Held,
}

impl Scene {
    fn new(prepare: impl FnOnce(&World), line: &'static str) -> Self {
        // The real clock: files are as old as the machine says.
        let template = World::new().without("GIT_PRESENCE_TEST_NOW");
        prepare(&template);
        let mut scene = Self {
            before: listed(&template),
            after: Held::new(),
            template,
            line,
        };
        let done = scene.copy("done");
        done.alice(line).done();
        scene.after = listed(&done);
        scene
    }

    fn copy(&self, name: &str) -> World {
        let world = self.template.at(name);
        world.sh("cp -a ../repo/. .").done();
        world
    }

    fn run(&self, world: &World, faults: &[String]) -> Traced {
        strace::run(world, ALICE, self.line, CHANGES, faults)
    }

    /// Disturb one run at each call that changes something and that `wanted` picks: `fault` says
    /// how. Then `judge` the copy.
    fn at_each_step(
        &self,
        wanted: impl Fn(&Call) -> bool,
        fault: impl Fn(&Call) -> String,
        judge: impl Fn(&World, &Step<'_>, &Traced),
    ) {
        let undisturbed = self.copy("undisturbed");
        let calls = self.run(&undisturbed, &[]).calls;
        let refs = Path::new("refs/presence/sessions");
        let moves_ref = |call: &Call| {
            let to = call.paths().pop().unwrap_or_default();
            call.name.starts_with("rename") && to.parent().is_some_and(|dir| dir.ends_with(refs))
        };
        let moved = calls.iter().position(moves_ref).expect("a ref is moved");
        let (mut steps, mut missed) = (0, 0);
        for (i, call) in calls.iter().enumerate() {
            if !(call.changes(&undisturbed) || call.is_sync()) || !wanted(call) {
                continue;
            }
            steps += 1;
            let copy = self.copy(&format!("step-{i}"));
            let outside = Snapshot::of(copy.dir(), &OURS);
            let traced = self.run(&copy, &[strace::fault(&calls, i, &fault(call))]);
            // Calls are counted out, and now and then the count is off by one.
            let hits = |hit: &Call| hit.changes(&copy) || hit.is_sync();
            let injected = traced
                .calls
                .iter()
                .find(|hit| hit.result.contains("(INJECTED)"));
            let undisturbed = || traced.said.code == Some(0);
            if injected.map_or_else(undisturbed, |hit| !hits(hit)) {
                missed += 1;
                continue;
            }
            let step = Step {
                call,
                is_after_ref: i > moved,
            };
            let touched = Snapshot::of(copy.dir(), &OURS).differs_from(&outside);
            assert!(touched.is_empty(), "{step:?}: changed {touched:?}");
            self.is_whole(&copy, &step, &traced.said);
            judge(&copy, &step, &traced);
            std::fs::remove_dir_all(copy.dir()).unwrap();
        }
        assert!(steps > 5, "{}: only {steps} steps", self.line);
        assert!(
            missed <= steps / 10,
            "{missed} of {steps} faults hit something else"
        );
        eprintln!("{}: stopped at {steps} steps", self.line);
    }

    /// The session is as it was or as it should become; the others are as they were.
    fn is_whole(&self, copy: &World, step: &Step<'_>, said: &Said) {
        let found = listed(copy);
        if said.code == Some(0) {
            assert_eq!(found, self.after, "{step:?}: it was reported as done");
        } else {
            let whole = found == self.before || found == self.after;
            assert!(whole, "{step:?}: neither before nor after: {found:?}");
        }
        is_sound(copy);
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "shown when a test fails")]
struct Step<'a> {
    call: &'a Call,
    is_after_ref: bool,
}

#[track_caller]
fn is_sound(world: &World) {
    let fsck = world.try_git("fsck --strict --no-dangling --no-progress");
    assert_eq!(fsck.done().err, "");
}

/// Finds what only a write that was cut off leaves. Locks of the operating system, in
/// `presence/`, are no such thing: the file stays, the lock ends with its process.
const FIND_LEFTOVERS: &str = "find .git -not -path '.git/presence/*.lock' -a \
    '(' -name '*.lock' -o -name 'tmp_*' -o -name '.tmp*' ')'";

pub fn leftovers(world: &World) -> Vec<String> {
    let found = world.sh(FIND_LEFTOVERS);
    found
        .done()
        .lines()
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// After a crash: others are not disturbed, what is left is cleared up, by Git or by `doctor`, and
/// the session goes on.
fn life_goes_on(copy: &World, step: &Step<'_>) {
    copy.bob("claim infra:next --purpose p").done();
    for left in leftovers(copy) {
        copy.sh(&format!("touch -d '3 weeks ago' {left}")).done();
    }
    copy.git("prune --expire=2.weeks.ago");
    copy.carol("doctor --repair").done();
    let left = leftovers(copy);
    assert!(left.is_empty(), "{step:?}: nobody removes {left:?}");
    copy.alice("claim infra:next --purpose p").done();
    let found = listed(copy);
    for session in [ALICE, BOB] {
        let row = (session.to_owned(), "infra:next".to_owned(), "p".to_owned());
        assert!(found.contains(&row), "{step:?}: {found:?}");
    }
}

fn killed(prepare: impl FnOnce(&World), line: &'static str) {
    if !strace::works() {
        return;
    }
    let scene = Scene::new(prepare, line);
    scene.at_each_step(
        |call| !call.is_sync(),
        |_| "signal=SIGKILL".to_owned(),
        |copy, step, traced| {
            assert_eq!(traced.said.code, None, "{step:?}: it was not killed");
            life_goes_on(copy, step);
        },
    );
}

fn two_sessions(world: &World) {
    world.alice("claim infra:a infra:z --purpose old").done();
    world.bob("claim infra:b infra:a --purpose p").done();
}

#[test]
fn the_first_claim_is_killed_at_every_step() {
    killed(|_| {}, "claim infra:a infra:c --purpose new");
}

#[test]
fn a_claim_is_killed_at_every_step() {
    killed(two_sessions, "claim infra:a infra:c --purpose new");
}

#[test]
fn a_claim_of_packed_refs_is_killed_at_every_step() {
    let packed = |world: &World| {
        two_sessions(world);
        world.git("gc --quiet");
    };
    killed(packed, "claim infra:c --purpose new");
}

#[test]
fn a_heartbeat_is_killed_at_every_step() {
    let beating = |world: &World| {
        two_sessions(world);
        world.alice("heartbeat --throttle 0").done();
    };
    killed(beating, "heartbeat --throttle 0");
}

#[test]
fn a_release_is_killed_at_every_step() {
    killed(two_sessions, "release infra:a");
}

/// What a power cut leaves on a disk that was told to forget: an empty ref.
#[test]
fn a_repair_is_killed_at_every_step() {
    if !strace::works() {
        return;
    }
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    two_sessions(&world);
    let whole = listed(&world);
    let name = world.git("for-each-ref --format=%(refname) refs/presence/sessions/*alice*");
    world.write(format!(".git/{name}"), "");
    let copy = |name: &str| {
        let copy = world.at(name);
        copy.sh("cp -a ../repo/. .").done();
        copy
    };
    let undisturbed = copy("undisturbed");
    let line = "doctor --repair";
    let calls = strace::run(&undisturbed, BOB, line, CHANGES, &[]).calls;
    assert_eq!(listed(&undisturbed), whole);
    for (i, call) in calls.iter().enumerate() {
        if !call.changes(&undisturbed) || call.is_sync() {
            continue;
        }
        let copy = copy(&format!("step-{i}"));
        let fault = strace::fault(&calls, i, "signal=SIGKILL");
        let traced = strace::run(&copy, BOB, line, CHANGES, &[fault]);
        assert_eq!(traced.said.code, None, "{call:?}: it was not killed");
        copy.sh("find .git -name '*.lock' | xargs -r touch -d '2 hours ago'")
            .done();
        copy.bob(line).done();
        assert_eq!(listed(&copy), whole, "{call:?}");
        is_sound(&copy);
    }
}
