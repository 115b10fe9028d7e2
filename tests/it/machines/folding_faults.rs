//! A fold that is killed, or whose disk is full, at any of its steps, here or at the remote; and
//! two at the same time.
//!
//! Owns the promise that nothing in force goes, nothing that was folded comes back, and no history
//! is lost. Steps are found by tracing a fold that is not disturbed. Never kills Git but at the
//! remote.

use std::collections::BTreeSet;

use super::folding::{comes_and_goes, sessions, works_often};
use super::{Team, are_sound, at_rest, sync};
use crate::strace::{self, CHANGES, Call, Traced};
use crate::world::{ALICE, World};

/// How many steps are disturbed, evenly spread over all.
const STEPS_MAX: usize = 24;
/// How many steps of the remote are, for which Git runs twice as often.
const REMOTE_STEPS_MAX: usize = 12;

/// Each event of the history, as commit and word.
fn events(clone: &World) -> BTreeSet<(String, String)> {
    let log = clone.anyone("log -n 200 --json").done().json();
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let all = log.as_array().expect("an array").iter();
    let all: Vec<_> = all
        .map(|one| (text(&one["commit"]), text(&one["event"])))
        .collect();
    let each: BTreeSet<_> = all.iter().cloned().collect();
    assert_eq!(all.len(), each.len(), "an event is told twice");
    each
}

/// A clone with two sessions that are over, one that is in force, and a register with a long
/// history; and its hub.
struct Scene {
    team: Team,
    history: BTreeSet<(String, String)>,
}

impl Scene {
    fn new() -> Self {
        let (team, a, _b) = Team::pair();
        a.git("config presence.fsync false");
        works_often(&a);
        comes_and_goes(&a, "one");
        comes_and_goes(&a, "two");
        a.later("8d");
        a.git("config presence.autoSync false");
        a.session("live", "claim infra:live --purpose p").done();
        a.anyone("sync").done();
        at_rest(&a);
        Self {
            history: events(&a),
            team,
        }
    }

    fn copy(&self, name: &str) -> (World, World) {
        let top = self.team.outside().at(name);
        top.sh("cp -a ../hub.git ../a .").done();
        let (hub, clone) = (
            top.at(format!("{name}/hub.git")),
            top.at(format!("{name}/a")),
        );
        clone.git(&format!(
            "remote set-url origin file://{}",
            hub.dir().display()
        ));
        // The other place is fetched.
        clone.anyone("sync").done();
        (hub, clone)
    }

    /// Disturbs a fold at each of some steps, and folds again.
    fn at_each_step(&self, fault: &str, wanted: impl Fn(&Call) -> bool) {
        let (_, undisturbed) = self.copy("undisturbed");
        let traced = strace::run_alone(&undisturbed, ALICE, "gc", CHANGES, &[]);
        traced.said.says("Folded").says("Cut the history");
        let calls = traced.calls;
        let changes = |(_, call): &(usize, &Call)| call.changes(&undisturbed) && wanted(call);
        let steps: Vec<usize> = { calls.iter().enumerate() }
            .filter(changes)
            .map(|(i, _)| i)
            .collect();
        assert!(steps.len() > 10, "only {} steps", steps.len());
        for step in steps.iter().step_by(steps.len().div_ceil(STEPS_MAX)) {
            let (hub, clone) = self.copy(&format!("step-{step}"));
            let faults = [strace::fault(&calls, *step, fault)];
            strace::run_alone(&clone, ALICE, "gc", CHANGES, &faults);
            self.is_whole(&hub, &clone, &calls[*step]);
            let gone = clone.dir().parent().expect("a folder");
            std::fs::remove_dir_all(gone).expect("it goes");
        }
    }

    /// Disturbs the remote at each of some steps of the pushes of a fold, and folds again once its
    /// administrator has removed what Git left there.
    fn at_each_step_of_the_remote(&self, fault: &str, wanted: impl Fn(&Call) -> bool) {
        let (hub, undisturbed) = self.copy("undisturbed");
        let traced = fold_at(&hub, &undisturbed, &[]);
        traced.said.says("2 of them at origin");
        let calls = traced.calls;
        let changes = |(_, call): &(usize, &Call)| call.changes(&hub) && wanted(call);
        let steps: Vec<usize> = { calls.iter().enumerate() }
            .filter(changes)
            .map(|(i, _)| i)
            .collect();
        assert!(steps.len() > 10, "only {} steps", steps.len());
        let mut disturbed = 0;
        for step in steps.iter().step_by(steps.len().div_ceil(REMOTE_STEPS_MAX)) {
            let (hub, clone) = self.copy(&format!("step-{step}"));
            let traced = fold_at(&hub, &clone, &[strace::fault(&calls, *step, fault)]);
            // What is left to do is told or not; it is never a defect of the program.
            assert_eq!(traced.said.code, Some(0), "{}", traced.said.err);
            disturbed += usize::from(!traced.said.out.contains("2 of them at origin"));
            hub.sh("find . -name '*.lock' -delete").done();
            self.is_whole(&hub, &clone, &calls[*step]);
            let gone = clone.dir().parent().expect("a folder");
            std::fs::remove_dir_all(gone).expect("it goes");
        }
        assert!(disturbed > 2, "{disturbed} were disturbed");
    }

    /// What is in force is there; the next fold does the rest; the history is whole.
    fn is_whole(&self, hub: &World, clone: &World, step: &Call) {
        let live = || {
            let refs = hub.git("for-each-ref --format=%(refname:lstrip=3) refs/presence/sessions");
            assert!(refs.contains("live-"), "{step:?}: {refs}");
            refs.lines().count()
        };
        live();
        assert_eq!(events(clone), self.history, "{step:?}");
        // Locks that the killed process left: an old one is stale.
        let locks = "find .git -name '*.lock' -exec touch -d 2020-01-01 {} +";
        clone.sh(locks).done();
        // This one is Git's own: it names the file, and a user removes it.
        clone.sh("rm -f .git/packed-refs.lock").done();
        clone.anyone("gc").done();
        let last = clone.anyone("gc");
        assert_eq!(live(), 1, "{step:?}");
        assert_eq!(events(clone), self.history, "{step:?}");
        let local = clone.git("for-each-ref --format=%(refname) refs/presence/sessions");
        let told = format!("{}{}", last.out, last.err);
        assert_eq!(local.lines().count(), 1, "{step:?}: {local}{told}");
        clone.anyone("peek infra:live").says("live");
        are_sound(&[hub, clone]);
    }
}

/// Folds while what the remote does is traced, with `faults` in it.
fn fold_at(hub: &World, clone: &World, faults: &[String]) -> Traced {
    let injected: String = faults.iter().map(|f| format!(" -e inject={f}")).collect();
    let place = hub.dir().parent().expect("a folder").to_owned();
    let (program, log) = (place.join("receive"), place.join("log"));
    let text = format!(
        "#!/bin/sh\nexec strace -f -qq -y -o {} -A -e trace={CHANGES}{injected} git-receive-pack \"$@\"\n",
        log.display()
    );
    std::fs::write(&program, text).expect("it is written");
    clone.sh(&format!("chmod +x {}", program.display())).done();
    clone.git(&format!(
        "config remote.origin.receivepack {}",
        program.display()
    ));
    let said = clone.anyone("gc");
    clone.git("config --unset remote.origin.receivepack");
    let calls = strace::parse(&std::fs::read_to_string(log).expect("a log"));
    Traced { said, calls }
}

#[test]
fn a_fold_that_is_killed_at_any_step_is_gone_on_with() {
    if strace::works() {
        Scene::new().at_each_step("signal=SIGKILL", |_| true);
    }
}

#[test]
fn a_fold_on_a_full_disk_loses_nothing() {
    if strace::works() {
        let grows = |call: &Call| !call.name.starts_with("unlink") && call.name != "rmdir";
        Scene::new().at_each_step("error=ENOSPC", grows);
    }
}

#[test]
fn a_remote_that_is_killed_at_any_step_of_a_fold_loses_nothing() {
    if strace::works() {
        Scene::new().at_each_step_of_the_remote("signal=SIGKILL", |_| true);
    }
}

#[test]
fn a_remote_whose_disk_is_full_loses_nothing() {
    if strace::works() {
        let grows = |call: &Call| !call.name.starts_with("unlink") && call.name != "rmdir";
        Scene::new().at_each_step_of_the_remote("error=ENOSPC", grows);
    }
}

#[test]
fn two_clones_that_fold_at_the_same_time_keep_each_history_once() {
    let (team, a, b) = Team::pair();
    for clone in [&a, &b] {
        clone.git("config presence.fsync false");
    }
    works_often(&a);
    let names: Vec<String> = (0..6).map(|n| format!("s{n}")).collect();
    for (n, name) in names.iter().enumerate() {
        comes_and_goes(if n % 2 == 0 { &a } else { &b }, name);
    }
    a.later("40d");
    for clone in [&a, &b] {
        clone.git("config presence.autoSync false");
        clone.git("config presence.lockRetention 365d");
    }
    sync(&[&a, &b, &a]);
    let history = events(&a);
    let both = "git -C a presence gc & git -C b presence gc & wait";
    team.outside().sh(both).done();
    for clone in [&a, &b, &a] {
        clone.anyone("gc").done();
    }
    assert_eq!(sessions(&team), Vec::<String>::new());
    for clone in [&a, &b] {
        let archive = "+refs/presence-archive/*:refs/presence-archive/*";
        let other = if clone.dir() == a.dir() {
            "../b"
        } else {
            "../a"
        };
        clone.git(&format!("fetch --quiet {other} {archive}"));
        assert_eq!(events(clone), history);
        assert_eq!(clone.git("for-each-ref refs/presence/sessions"), "");
    }
    are_sound(&[&a, &b, &team.hub()]);
}
