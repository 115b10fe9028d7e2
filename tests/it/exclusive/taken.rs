//! Takeovers: when they happen, and how the former holder learns of it.
//!
//! Owns the words for a session that lost what it held, at its next command, once for each
//! resource; and what makes a holder count as dead before its lease has expired.

use super::{TTL_AND_MARGIN, ask, held, holders, take};
use crate::machines::{Team, copied};
use crate::world::{ALICE, BOB, World};

const TAKEN: &str = "node:x is no longer yours: taken over by wizard@devvm@bob at 10:15, now";

/// Alice held it, and Bob has it.
fn taken_over() -> World {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.later(TTL_AND_MARGIN);
    world
        .bob(&ask("node:x"))
        .says("Claimed node:x exclusively")
        .warns("taken over from wizard@devvm@alice, whose claim had expired");
    world
}

#[test]
fn a_heartbeat_tells_it_once() {
    let world = taken_over();
    world.alice("heartbeat").refuses(TAKEN).hints("stop");
    world.alice("heartbeat").is_silent();
    assert_eq!(holders(&world, "node:x"), [BOB]);
}

#[test]
fn a_fence_tells_it_once() {
    let world = taken_over();
    world.alice("fence node:x").refuses(TAKEN);
    // From then on it is held like any other.
    world.alice("fence node:x").refuses("wizard@devvm@bob");
    world.alice("heartbeat").is_silent();
}

#[test]
fn a_fence_under_the_old_token_says_no() {
    let world = World::new();
    let token = take(&world, ALICE, "node:x");
    world.later(TTL_AND_MARGIN);
    take(&world, BOB, "node:x");
    world
        .alice(&format!("fence node:x --token {token}"))
        .refuses("wizard@devvm@bob");
}

#[test]
fn a_claim_of_the_same_is_refused_and_names_the_new_holder() {
    let world = taken_over();
    world.alice(&ask("node:x")).refuses("wizard@devvm@bob");
    assert_eq!(holders(&world, "node:x"), [BOB]);
}

#[test]
fn of_several_each_is_told() {
    let world = World::new();
    take(&world, ALICE, "node:a node:b path:src/**");
    world.later(TTL_AND_MARGIN);
    take(&world, BOB, "node:a path:src/a.rs");
    let told = world.alice("heartbeat").exits(3).err.clone();
    world.alice("heartbeat").is_silent();
    for what in [
        "node:a is no longer yours",
        "of node:b expired",
        "path:src/** is no longer yours",
    ] {
        assert_eq!(told.matches(what).count(), 1, "{what}: {told}");
    }
}

/// A question about something else does not use up what has to be told.
#[test]
fn a_fence_of_something_else_forgets_no_loss() {
    for about in ["node:y", "node:never", "node:free"] {
        let world = World::new();
        take(&world, ALICE, "node:x node:y node:free");
        world.later(TTL_AND_MARGIN);
        take(&world, BOB, "node:x node:y");
        world.alice(&format!("fence {about}")).exits(3);
        world.alice(&format!("fence {about}")).exits(3);
        let told: Vec<String> = (0..3).map(|_| world.alice("heartbeat").err).collect();
        let tells = told
            .iter()
            .any(|said| said.contains("node:x is no longer yours"));
        assert!(tells, "after a fence of {about}: {told:?}");
    }
}

#[test]
fn who_gave_it_back_is_told_nothing() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.alice("release node:x").done();
    take(&world, BOB, "node:x");
    world.alice("heartbeat").is_silent();
    world.alice("status").done();
}

/// A claim of a process that ends, as of an agent that crashed.
#[track_caller]
fn claimed_by_a_process_that_ended(world: &World, lines: &str) {
    world.harness("claude", lines).done();
}

/// A session of a harness: it ends with that.
const ONE: &str = "CLAUDE_CODE_SESSION_ID=one git-presence claim -x node:x --purpose p";
/// A session with a chosen name, in a harness and without: the name can be chosen again.
const CHOSEN: [&str; 2] = [
    "CLAUDE_CODE_SESSION_ID=one GIT_PRESENCE_SESSION=dora \
     git-presence claim -x node:x --purpose p",
    "GIT_PRESENCE_SESSION=dora git-presence claim -x node:x --purpose p",
];

/// The id of the session that [`ONE`] is.
fn one(world: &World) -> String {
    let said = world.with("CLAUDE_CODE_SESSION_ID", "one").anyone("whoami");
    said.done().out.trim_end().to_owned()
}

#[test]
#[cfg(target_os = "linux")]
fn who_is_gone_and_silent_is_not_waited_for() {
    let world = World::new();
    claimed_by_a_process_that_ended(&world, ONE);
    let one = &one(&world);
    for later in ["1s", "59s", "1m"] {
        world.later(later);
        world.bob(&ask("node:x")).refuses(one);
    }
    // Silent for longer than a heartbeat takes, and no process.
    world.later("1s");
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
    assert_eq!(holders(&world, "node:x"), [BOB]);
    let log = world.carol("log -n 1 --json").done().json();
    assert_eq!(log[0]["event"], "takeover");
    world
        .session(one, "fence node:x")
        .refuses("taken over by wizard@devvm@bob");
}

#[test]
#[cfg(target_os = "linux")]
fn how_long_silence_counts_is_what_is_configured() {
    let world = World::new();
    world.git("config presence.heartbeat 10s");
    claimed_by_a_process_that_ended(&world, ONE);
    let one = &one(&world);
    world.later("10s");
    world.bob(&ask("node:x")).refuses(one);
    world.later("1s");
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
}

/// An agent whose every command is a shell of its own is no agent that crashed.
#[test]
#[cfg(target_os = "linux")]
fn who_chose_a_name_does_not_end_with_a_process() {
    for chosen in CHOSEN {
        let world = World::new();
        claimed_by_a_process_that_ended(&world, chosen);
        world.later("14m");
        world.bob(&ask("node:x")).refuses("dora");
        world.session("dora", "fence node:x").says("Yours");
    }
}

/// What others may take over at any moment is not counted on, not by the same session id either.
#[test]
#[cfg(target_os = "linux")]
fn who_is_gone_does_not_hold_it() {
    let world = World::new();
    claimed_by_a_process_that_ended(&world, ONE);
    let one = &one(&world);
    world.session(one, "fence node:x").says("Yours");
    world.later("121s");
    world
        .session(one, "fence node:x")
        .refuses("can no longer be trusted");
    // Claimed again, by a session that is alive.
    world.session(one, &ask("node:x")).says("Renewed");
    world.session(one, "fence node:x").says("Yours");
    world.bob(&ask("node:x")).refuses(one);
}

/// A harness that ended, by its own variable.
#[test]
#[cfg(target_os = "linux")]
fn a_harness_that_is_gone() {
    let world = World::new();
    claimed_by_a_process_that_ended(&world, ONE);
    world.later("121s");
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
}

#[test]
fn who_is_alive_is_waited_for_however_silent() {
    let world = World::new();
    // Its process is the one that runs this test.
    let harness = world.with("CLAUDE_CODE_SESSION_ID", "one");
    take(&harness, ALICE, "node:x");
    for _ in 0..7 {
        world.later("2m");
        world.bob(&ask("node:x")).refuses("wizard@devvm@alice");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_session_is_alive_while_another_of_its_processes_is_gone() {
    let world = World::new();
    claimed_by_a_process_that_ended(&world, ONE);
    let one = &one(&world);
    // The same session from a process that goes on: that one counts from now on.
    world.session(one, &ask("node:x")).says("Renewed");
    world.later("10m");
    world.bob(&ask("node:x")).refuses(one);
}

/// Processes elsewhere, or before the machine was started, are not known.
#[test]
#[cfg(target_os = "linux")]
fn a_process_of_another_host_is_waited_for() {
    for (field, gone) in [("host_id", false), ("boot_id", true)] {
        let world = World::new();
        claimed_by_a_process_that_ended(&world, ONE);
        let one = &*one(&world);
        world.rewrite(&super::cell("node:x"), |files| {
            let lock = files.iter_mut().find(|(name, _)| name.starts_with("lock-"));
            let (_, bytes) = lock.expect("a lock");
            let text = String::from_utf8(bytes.clone()).expect("text");
            let lines = text.lines().map(|line| match line.starts_with(field) {
                true => format!("{field} = \"another\"\n"),
                false => format!("{line}\n"),
            });
            *bytes = lines.collect::<String>().into_bytes();
        });
        world.later("10m");
        let said = world.bob(&ask("node:x"));
        match gone {
            // The machine was started anew since.
            true => said.says("Claimed node:x exclusively"),
            false => said.refuses(one),
        };
    }
}

/// A release by a live process counts, whatever became of the process that claimed.
#[test]
#[cfg(target_os = "linux")]
fn a_session_goes_on_after_its_first_process() {
    let world = World::new();
    claimed_by_a_process_that_ended(&world, ONE);
    let one = &one(&world);
    world.later("10m");
    world.session(one, "heartbeat").done();
    world.session(one, "fence node:x").says("Yours");
    world.session(one, "release node:x").says("Released");
    assert_eq!(held(&world), []);
}

/// Its process is gone; the lease is not over.
#[test]
#[cfg(target_os = "linux")]
fn a_dead_holder_had_not_expired() {
    let world = World::new();
    claimed_by_a_process_that_ended(&world, ONE);
    let one = &one(&world);
    world.later("121s");
    world
        .bob(&ask("node:x"))
        .warns(&*format!("taken over from {one}, whose process is gone"))
        .omits("had expired");
}

/// The hub was set back to when another session had released it: this grant took nothing over.
#[test]
fn who_took_nothing_over_is_not_named() {
    let (team, a, b) = Team::pair();
    take(&b, BOB, "infra:x");
    b.bob("release infra:x").done();
    let _backup = copied(&team.hub(), "backup.git");
    a.later("1m");
    take(&a, ALICE, "infra:x");
    team.rename("hub.git", "broken.git");
    team.rename("backup.git", "hub.git");
    a.alice("fence infra:x --remote")
        .refuses("infra:x is no longer yours")
        .omits(BOB);
    a.later(TTL_AND_MARGIN);
    assert_eq!(held(&a), []);
}

/// A machine of the same image that was started later has the marks of this one, and another boot.
#[test]
#[cfg(target_os = "linux")]
fn a_process_of_another_boot_is_known_to_its_own_clone_only() {
    let (team, a, b) = Team::pair();
    claimed_by_a_process_that_ended(&a, ONE);
    team.hub().rewrite(&super::cell("node:x"), |files| {
        let lock = files.iter_mut().find(|(name, _)| name.starts_with("lock-"));
        let (_, bytes) = lock.expect("a lock");
        let text = String::from_utf8(bytes.clone()).expect("text");
        let lines = text.lines().map(|line| match line.starts_with("boot_id") {
            true => "boot_id = \"another\"\n".to_owned(),
            false => format!("{line}\n"),
        });
        *bytes = lines.collect::<String>().into_bytes();
    });
    a.later("10m");
    b.bob(&ask("node:x")).refuses("node:x");
    a.bob(&ask("node:x")).says("Claimed node:x exclusively");
}
