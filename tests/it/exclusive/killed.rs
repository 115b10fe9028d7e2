//! Processes killed with `-9` on the way to a grant.
//!
//! Owns the promise that afterwards each resource has one holder or none, that the repository is
//! sound, and that no session is blocked for good.

use super::{TTL_AND_MARGIN, ask, cell, held, holders, take};
use crate::machines::{Team, are_sound, at_rest, processes};
use crate::strace::{self, CHANGES, Call};
use crate::world::{ALICE, BOB, World};

use rustix::process::{Pid, Signal, kill_process};

/// Commands that are killed, each a little later than the one before.
const KILLED: u32 = 24;

/// Run this for a session, and kill it after so many milliseconds.
fn killed_after(clone: &World, millis: u32, session: &str, line: &str) -> bool {
    let said = clone.sh(&format!(
        "GIT_PRESENCE_SESSION={session} \
         timeout --foreground -s KILL 0.{millis:03} git-presence {line}"
    ));
    said.code != Some(0)
}

/// Locks of refs that a killed process left behind: they are made as old as they would be by the
/// time another process looks, and cleared as `doctor` says.
fn clear_locks(place: &World) {
    let aged = "find .git/refs -name '*.lock' -print -exec touch -d 2026-11-19 {} +";
    if !place.sh(aged).done().out.is_empty() {
        place.carol("doctor --repair").done();
    }
}

/// No resource has two holders, whatever happened.
#[track_caller]
fn have_one_holder(world: &World, all: &[&str]) {
    for what in all {
        let who = holders(world, what);
        assert!(who.len() < 2, "{what}: {who:?}");
    }
}

#[test]
fn claims_that_are_killed_at_random_moments() {
    let world = World::new();
    let all = ["infra:x", "infra:y", "path:src/**"];
    let mut killed = 0;
    for n in 0..KILLED {
        let session = format!("s{}", n % 3);
        let line = match n % 4 {
            0 => "release --all-mine".to_owned(),
            1 => ask("infra:x infra:y"),
            _ => ask("infra:y path:src/**"),
        };
        killed += u32::from(killed_after(&world, n % 20 + 1, &session, &line));
        clear_locks(&world);
        if n % 5 == 0 {
            have_one_holder(&world, &all);
        }
    }
    assert!(killed > KILLED / 4, "{killed}");
    have_one_holder(&world, &all);
    are_sound(&[&world]);
    world.later(TTL_AND_MARGIN);
    take(&world, BOB, &all.join(" "));
    assert_eq!(held(&world).len(), 3);
    world.carol("doctor --repair").done();
    world.carol("doctor").says("Healthy");
    are_sound(&[&world]);
}

#[test]
fn claims_in_a_clone_that_are_killed_at_random_moments() {
    let (team, a, b) = Team::pair();
    let all = ["infra:x", "path:src/**"];
    for n in 0..KILLED / 2 {
        let session = format!("s{}", n % 2);
        let line = match n % 3 {
            0 => "release --all-mine".to_owned(),
            _ => ask(&all.join(" ")),
        };
        killed_after(&a, n * 6 + 1, &session, &line);
        // What it has begun goes on, unless it is ended too.
        if n % 2 == 1 {
            kill_all_in(&a);
        }
        at_rest(&team.outside());
        clear_locks(&a);
    }
    b.anyone("sync").done();
    have_one_holder(&b, &all);
    // All in one push, so all or none.
    let count = held(&b).len();
    assert!(count == 0 || count == 2, "{:?}", held(&b));
    b.later(TTL_AND_MARGIN);
    take(&b, BOB, &all.join(" "));
    a.alice(&ask("infra:x")).refuses(BOB);
    are_sound(&[&a, &b, &team.hub()]);
}

/// Kill with `-9` what this clone runs.
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

/// At each step that moves a file: the grant is there or it is not, and the next session
/// gets on. Of several, what was granted before the end stays with who asked, until it expires.
#[test]
fn a_claim_is_killed_at_each_file_that_it_moves() {
    if !strace::works() {
        return;
    }
    let world = World::new();
    take(&world, BOB, "infra:z");
    // Which folders of objects there are depends on chance, and with it the number of moves.
    let digits = "0 1 2 3 4 5 6 7 8 9 a b c d e f";
    let all = format!("for a in {digits}; do for b in {digits}; do mkdir -p $a$b; done; done");
    world.at("repo/.git/objects").sh(&all).done();
    let line = "claim -x infra:a infra:b --purpose p";
    let copy = |name: String| {
        let copy = world.at(name);
        copy.sh("cp -a ../repo/. .").done();
        copy
    };
    let moves = |call: &Call| call.name.starts_with("rename") || call.name.starts_with("unlink");
    let mut steps = 0;
    loop {
        // The hour and chance decide how many moves there are, so each step has a run beside it.
        let undisturbed = copy(format!("undisturbed-{steps}"));
        let calls = strace::run(&undisturbed, ALICE, line, CHANGES, &[]).calls;
        let mut moved = calls.iter().enumerate().filter(|(_, call)| moves(call));
        let Some((i, _)) = moved.nth(steps) else {
            break;
        };
        steps += 1;
        let copy = copy(format!("step-{steps}"));
        let fault = strace::fault(&calls, i, "signal=SIGKILL");
        let traced = strace::run(&copy, ALICE, line, CHANGES, &[fault]);
        assert_eq!(traced.said.code, None, "it was not killed");
        for what in ["infra:a", "infra:b"] {
            let who = holders(&copy, what);
            assert!(who.is_empty() || who == [ALICE], "{what}: {who:?}");
        }
        are_sound(&[&copy]);
        clear_locks(&copy);
        // The same session goes on where it was, or another session does when it has expired.
        match steps % 2 {
            0 => {
                take(&copy, ALICE, "infra:a infra:b");
                copy.alice("fence infra:a").done();
                copy.alice("fence infra:b").done();
            }
            _ => {
                copy.later(TTL_AND_MARGIN);
                take(&copy, BOB, "infra:a infra:b");
                copy.alice("fence infra:a").exits(3);
            }
        }
        copy.carol("doctor").done();
    }
    assert!(steps >= 3, "{steps}");
}

/// A lock that another process may hold is waited for, and not for ever.
#[test]
fn a_lock_that_was_left_behind() {
    let world = World::new();
    let token = take(&world, ALICE, "infra:x");
    let lock = format!(".git/{}.lock", cell("infra:x"));
    world.write(&lock, "");
    world.alice(&ask("infra:x")).exits(4);
    world.alice("fence infra:x").done();
    world.bob(&ask("infra:x")).refuses(ALICE);
    world.bob(&ask("infra:y")).done();
    clear_locks(&world);
    assert!(!world.has(&lock));
    assert_eq!(take(&world, ALICE, "infra:x"), token);
}

/// Here several cells are swapped one after the other. No session counts on what is left of half
/// of it: it is shown, released with the rest, and expires while its session goes on.
#[test]
fn half_a_claim_is_shown_released_and_never_renewed() {
    if !strace::works() {
        return;
    }
    let world = World::new();
    let line = "claim -x infra:a infra:b --purpose p";
    let twin = world.at("twin");
    twin.sh("cp -a ../repo/. .").done();
    let calls = strace::run(&twin, ALICE, line, CHANGES, &[]).calls;
    let moves_last = |call: &Call| {
        let to = call.paths().pop().unwrap_or_default();
        call.name.starts_with("rename") && to.ends_with(cell("infra:b"))
    };
    let at = calls
        .iter()
        .position(moves_last)
        .expect("the cell is moved");
    let fault = strace::fault(&calls, at, "signal=SIGKILL");
    let half = |name: &str| {
        let copy = world.at(name);
        copy.sh("cp -a ../repo/. .").done();
        let traced = strace::run(&copy, ALICE, line, CHANGES, std::slice::from_ref(&fault));
        assert_eq!(traced.said.code, None, "it was not killed");
        clear_locks(&copy);
        assert_eq!(holders(&copy, "infra:a"), [ALICE]);
        assert_eq!(holders(&copy, "infra:b"), [""; 0]);
        copy
    };
    let copy = half("released");
    copy.alice("list --mine").says("infra:a");
    copy.alice("fence infra:a")
        .refuses("your lease on infra:a can no longer be trusted");
    copy.alice("release --all-mine").says("Released infra:a\n");
    take(&copy, BOB, "infra:a infra:b");

    let copy = half("left");
    for _ in 0..4 {
        copy.later("4m");
        copy.alice("heartbeat").done();
    }
    assert_eq!(held(&copy), []);
    take(&copy, BOB, "infra:a infra:b");
}
