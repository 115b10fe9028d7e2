//! Many clones at once, some of them killed.
//!
//! Owns the promise that whatever was reported as done is on the hub after one sync each, and
//! nothing twice, however a clone was ended and whatever else was at work.

use std::collections::BTreeSet;
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Team, agree, are_sound, at_rest, claimed, copied, names, processes, sync};
use crate::said::Said;
use crate::world::World;

/// Commands that are killed, each a little later than the one before.
const KILLED: u32 = 40;
const STEP_MILLIS: u32 = 2;

/// Run all of these at the same time.
fn at_once(acts: Vec<(World, String, String)>) -> Vec<Said> {
    let run = |(clone, session, line): (World, String, String)| {
        thread::spawn(move || clone.session(&session, &line))
    };
    let running: Vec<_> = acts.into_iter().map(run).collect();
    let join = |thread: thread::JoinHandle<Said>| thread.join().expect("it ends");
    running.into_iter().map(join).collect()
}

/// What happened is told once, by everybody.
#[track_caller]
fn tell_the_same(clones: &[&World]) {
    let told = |clone: &World| {
        let log = clone.anyone("log -n 1000 --json").done().json();
        let events = log.as_array().unwrap().iter();
        events.map(Value::to_string).collect::<Vec<_>>()
    };
    let first = told(clones[0]);
    let once: BTreeSet<&String> = first.iter().collect();
    assert_eq!(once.len(), first.len());
    for clone in clones {
        assert_eq!(told(clone), first);
    }
}

/// Locks of refs that were left behind there. No process holds them; they are made as old as they
/// would be by the time the next one looks.
fn aged_locks(place: &World) -> usize {
    let locks = place.sh("find .git/refs -name '*.lock' -print -exec touch -d 2026-11-19 {} +");
    locks.done().lines().len()
}

/// Kill with `-9` what this clone runs; whatever it has begun on the hub goes on there.
fn kill_all_in(clone: &World) {
    for process in processes() {
        if process.dir == clone.dir()
            && let Some(id) = Pid::from_raw(process.id)
        {
            // It may have ended since.
            let _ = kill_process(id, Signal::KILL);
        }
    }
}

#[test]
fn commands_that_are_killed() {
    let (team, a, b) = Team::pair();
    let mut reported = BTreeSet::new();
    let mut tried = BTreeSet::new();
    let mut killed = 0;
    for n in 0..KILLED {
        let (delay, session) = (n * STEP_MILLIS + 1, n % 3);
        let (line, resource) = match n % 4 {
            3 => ("sync".to_owned(), None),
            _ => (
                format!("claim infra:n{n:02} --purpose p"),
                Some(format!("infra:n{n:02}")),
            ),
        };
        let said = a.sh(&format!(
            "GIT_PRESENCE_SESSION=s{session} \
             timeout --foreground -s KILL 0.{delay:03} git-presence {line}"
        ));
        if n % 2 == 1 {
            kill_all_in(&a);
        }
        tried.extend(resource.clone());
        match said.code {
            Some(0) => reported.extend(resource),
            _ => killed += 1,
        }
    }
    assert!(killed > 5, "{killed}");
    at_rest(&a);
    let locks = aged_locks(&a);
    sync(&[&a, &b]);
    let board: BTreeSet<String> = claimed(&b).into_iter().collect();
    assert!(reported.is_subset(&board), "{reported:?} in {board:?}");
    assert!(board.is_subset(&tried), "{board:?} in {tried:?}");
    agree(&[&a, &b]);
    tell_the_same(&[&a, &b]);
    assert!(team.refs().lines().count() <= 3);
    are_sound(&[&a, &b, &team.hub()]);
    for session in ["s0", "s1", "s2"] {
        let claim = format!("claim infra:after-{session} --purpose p");
        a.session(session, &claim).says("confirmed by origin");
    }
    a.anyone("doctor").says("Healthy");
    assert_eq!(aged_locks(&a), 0, "of {locks} left behind");
    at_rest(&a);
}

#[test]
fn syncs_at_once() {
    for crowd in [2, 8] {
        let (team, a, b) = Team::pair();
        for clone in [&a, &b] {
            clone.git("config presence.autoSync false");
        }
        for n in 0..4 {
            let claim = format!("claim infra:n{n} --purpose p");
            a.session(&format!("s{n}"), &claim).done();
            b.session(&format!("s{n}"), &claim).done();
        }
        let act = |n| match n % 2 {
            0 => (a.clone(), "s".to_owned(), "sync".to_owned()),
            _ => (b.clone(), "s".to_owned(), "sync".to_owned()),
        };
        for said in at_once((0..crowd).map(act).collect()) {
            said.says("Synced with").omits("not sent yet");
        }
        sync(&[&a, &b]);
        agree(&[&a, &b]);
        tell_the_same(&[&a, &b]);
        assert_eq!(team.refs().lines().count(), 8);
        are_sound(&[&a, &b, &team.hub()]);
        assert_eq!(aged_locks(&a) + aged_locks(&b), 0);
        at_rest(&a);
    }
}

/// Each is told of the others, or they of it: of two at least one.
#[track_caller]
fn claims_at_once(team: &Team, clones: &[World]) {
    let act = |n: usize| {
        let line = "claim infra:one --purpose p --json".to_owned();
        (clones[n % clones.len()].clone(), format!("s{n:02}"), line)
    };
    let all = at_once((0..16).map(act).collect());
    let knows = |said: &Said| -> BTreeSet<String> {
        let others = said.done().json()["also_claimed_by"].clone();
        let session = |claim: &Value| claim["session_id"].as_str().unwrap().to_owned();
        others.as_array().unwrap().iter().map(session).collect()
    };
    let known: Vec<BTreeSet<String>> = all.iter().map(knows).collect();
    let is_confirmed =
        |n: usize| all[n].json()["guarantee"] == "confirmed" && all[n].err.is_empty();
    for one in 0..16 {
        for other in 0..one {
            let told = known[one].contains(&format!("s{other:02}"))
                || known[other].contains(&format!("s{one:02}"));
            let both = is_confirmed(one) && is_confirmed(other);
            assert!(
                told || !both,
                "s{one:02} and s{other:02} know nothing of each other"
            );
        }
    }
    let clones: Vec<&World> = clones.iter().collect();
    sync(&clones);
    sync(&clones);
    for clone in &clones {
        assert_eq!(claimed(clone).len(), 16);
    }
    agree(&clones);
    tell_the_same(&clones);
    assert_eq!(team.refs().lines().count(), 16);
    are_sound(&clones);
    at_rest(clones[0]);
}

#[test]
fn sixteen_claims_at_once_from_one_clone() {
    let team = Team::new();
    let clone = team.clone_to("a");
    // Longer than any of them has to wait for the others.
    clone.git("config presence.syncDeadline 30s");
    claims_at_once(&team, &[clone]);
}

#[test]
fn sixteen_claims_at_once_from_four_clones() {
    let team = Team::new();
    let clones = ["a", "b", "c", "d"].map(|folder| team.clone_to(folder));
    for clone in &clones {
        clone.git("config presence.syncDeadline 30s");
    }
    claims_at_once(&team, &clones);
}

/// One of them finds out that the clone has to take a new name, while the others write.
#[test]
fn sixteen_claims_at_once_from_a_copy() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.git("config presence.syncDeadline 30s");
    a.alice("claim infra:before --purpose p").done();
    let twin = copied(&a, "twin");
    a.alice("claim infra:since --purpose p").done();
    let act = |n| {
        let line = format!("claim infra:n{n:02} --purpose p");
        (twin.clone(), format!("s{n:02}"), line)
    };
    for said in at_once((0..16).map(act).collect()) {
        said.says("Claimed infra:n");
    }
    sync(&[&twin, &a, &twin]);
    let board: BTreeSet<String> = claimed(&a).into_iter().collect();
    assert_eq!(board.len(), 18, "{board:?}");
    agree(&[&a, &twin]);
    for n in 0..16 {
        let release = format!("release infra:n{n:02}");
        let session = format!("s{n:02}");
        twin.session(&session, &release).says("confirmed by origin");
    }
    sync(&[&a, &twin]);
    assert_eq!(names(&a).len(), 1);
    agree(&[&a, &twin]);
}

/// With the deadline that everybody has.
#[test]
fn sixteen_claims_at_once_that_do_not_wait_for_long() {
    let team = Team::new();
    let clone = team.clone_to("a");
    let b = team.clone_to("b");
    clone.git("config presence.syncDeadline 1s");
    let act = |n| {
        let line = format!("claim infra:n{n:02} --purpose p");
        (clone.clone(), format!("s{n:02}"), line)
    };
    for said in at_once((0..16).map(act).collect()) {
        said.says("Claimed infra:n");
    }
    sync(&[&clone, &b]);
    assert_eq!(claimed(&b).len(), 16);
    agree(&[&clone, &b]);
}

/// Whatever a clone does, the sessions of others stand on the hub as they stood.
#[test]
fn no_clone_touches_the_sessions_of_others() {
    let (team, a, b) = Team::pair();
    a.alice("claim infra:x --purpose p").done();
    a.carol("claim infra:y --purpose p --ttl 10s").done();
    let stands = || {
        let refs = team.refs();
        let own = [
            a.ref_of("wizard@devvm@alice"),
            a.ref_of("wizard@devvm@carol"),
        ];
        let kept = refs
            .lines()
            .filter(|line| own.iter().any(|name| line.ends_with(name)));
        kept.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = stands();
    assert_eq!(before.len(), 2);
    b.later("1m");
    for line in [
        "sync",
        "claim infra:x --purpose mine",
        "claim infra:x --purpose mine --refuse",
        "release infra:x",
        "release --all-mine",
        "heartbeat --throttle 0",
        "sync --push-only",
        "sync --fetch-only",
        "sync --retry",
        "list --expired",
        "status",
        "peek infra:x",
        "log",
        "init",
        "doctor --repair",
        "doctor --remote",
        "init --undo",
    ] {
        // Also under the name of another.
        for session in ["wizard@devvm@alice", "wizard@devvm@bob"] {
            let _ = b.session(session, line);
            assert_eq!(stands(), before, "{session}: {line}");
        }
    }
    at_rest(&b);
}

/// Nothing that a sync decides rests on a clock.
#[test]
fn clocks_that_differ_by_ten_minutes() {
    for (skew, name) in [(600, "fast"), (-600, "slow")] {
        let (_team, a, b) = Team::pair();
        let skewed = |clone: &World| {
            let millis = clone.now().as_millis() + skew * 1000;
            let now = git_presence::model::time::Timestamp::from_millis(millis);
            clone.with("GIT_PRESENCE_TEST_NOW", now.to_rfc3339())
        };
        for round in 0..4 {
            let odd = skewed(&b);
            let claim = format!("claim infra:round-{round} --purpose p --ttl 1h");
            a.alice(&claim).says("confirmed by origin");
            odd.bob(&claim)
                .says("confirmed by origin")
                .says("ALSO CLAIMED BY");
            a.later("1m");
            a.alice("heartbeat --throttle 0").done();
            odd.bob("heartbeat --throttle 0").done();
            for clone in [&a, &odd, &a] {
                clone
                    .anyone("sync")
                    .says("Synced with")
                    .omits("not sent yet")
                    .omits("went back");
            }
        }
        assert_eq!(claimed(&a).len(), 8, "{name}");
        assert_eq!(claimed(&skewed(&b)).len(), 8, "{name}");
        skewed(&b)
            .bob("release --all-mine")
            .says("confirmed by origin");
        sync(&[&a]);
        assert_eq!(claimed(&a).len(), 4, "{name}");
        agree(&[&a, &skewed(&b)]);
    }
}

/// The clock of one clone is set back between two of its commands.
#[test]
fn a_clock_that_is_set_back() {
    let (_team, a, b) = Team::pair();
    a.later("1h");
    a.alice("claim infra:x --purpose p --ttl 1h").done();
    sync(&[&b]);
    let back = a.with("GIT_PRESENCE_TEST_NOW", "2026-11-21T10:30:00Z");
    back.alice("claim infra:y --purpose p --ttl 1h")
        .says("confirmed by origin");
    back.alice("heartbeat --throttle 0").done();
    sync(&[&back]);
    b.anyone("sync").omits("went back in time");
    assert_eq!(claimed(&b), ["infra:x", "infra:y"]);
    agree(&[&a, &b]);
}
