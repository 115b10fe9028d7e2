//! `run`: a command under a claim.
//!
//! Owns the promise that the claim is there while the command runs and gone after it, and that the
//! command does not notice but by its environment.

use crate::world::World;

#[test]
fn the_command_holds_what_it_changes() {
    let world = World::new();
    let said = world.anyone(
        "run --exclusive stack:demo node:x --purpose deploy -- sh -c \"git-presence fence stack:demo && \
         git-presence list --mine && echo $GIT_PRESENCE_RESOURCES $GIT_PRESENCE_TOKEN_2\"",
    );
    said.says("Yours: stack:demo")
        .says("exclusive")
        .says("stack:demo node:x 17");
    world.bob("list").says("Nothing is claimed.");
    world.bob("log").says("release").says("claim");
}

#[test]
fn its_end_is_told_as_it_was() {
    let world = World::new();
    for (script, code) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
        world
            .anyone(&format!("run stack:demo --purpose p -- sh -c \"{script}\""))
            .exits(code);
    }
    let said = world.anyone("run stack:demo --purpose p -- no-such-program");
    said.exits(127);
    said.tells("there is no program no-such-program in the PATH");
    world.bob("list").says("Nothing is claimed.");
}

#[test]
fn what_is_held_keeps_the_command_from_running() {
    let world = World::new();
    world
        .bob("claim --exclusive stack:demo --purpose mine")
        .done();
    world
        .anyone("run --exclusive stack:demo --purpose p -- touch ran")
        .refuses("stack:demo is claimed by wizard@devvm@bob");
    assert!(!world.has("ran"));
    world.carol("claim node:y --purpose shared").done();
    let said = world.anyone("run node:y --purpose p -- touch ran");
    said.warns("also claimed by wizard@devvm@carol");
    assert!(world.has("ran"));
}

/// Two commands of one person are two sessions.
#[test]
fn two_commands_exclude_each_other() {
    let world = World::new();
    let said = world.sh(
        "git-presence run -x stack:demo -p one -- sh -c 'touch began; sleep 2' & \
         while [ ! -e began ]; do sleep 0.05; done; \
         git-presence run -x stack:demo -p two -- touch second; echo second $?; \
         wait $!; echo first $?; \
         git-presence run -x stack:demo -p three -- true; echo third $?",
    );
    said.says("second 3").says("first 0").says("third 0");
    assert!(!world.has("second"));
}

#[test]
fn signals_reach_the_command_and_the_claim_is_released() {
    let world = World::new();
    let said = world.sh("git-presence run -x stack:demo -p p -- sh -c \
           'trap \"echo got it; exit 42\" TERM; touch began; sleep 20 & wait' & \
         while [ ! -e began ]; do sleep 0.05; done; \
         kill -TERM $!; wait $!; echo ended $?; git-presence list");
    said.says("got it")
        .says("ended 42")
        .says("Nothing is claimed.");
}

#[test]
fn standard_input_is_the_commands() {
    let world = World::new();
    let said = world.sh("echo hello | git-presence run stack:demo -p p -- cat");
    said.says("hello");
}

/// Killed without a chance to release: others know that the process is gone.
#[test]
fn a_killed_one_is_known_to_be_gone() {
    let world = World::new();
    world
        .sh(
            "git-presence run -x stack:demo -p p -- sh -c 'touch began; sleep 20' & \
             while [ ! -e began ]; do sleep 0.05; done; kill -9 $!; wait $!; true",
        )
        .done();
    world
        .bob("claim -x stack:demo -p mine")
        .refuses("stack:demo");
    // Silent for longer than a heartbeat, though the lease goes on for minutes.
    world.later("3m");
    world
        .bob("claim -x stack:demo -p mine")
        .warns("taken over from wizard@");
}

/// Another session takes it by force while the command runs: that is reported, and with
/// `--on-loss=kill` the command is ended.
#[test]
fn a_loss_is_told_at_once() {
    for (on_loss, ended) in [("warn", "ended 0"), ("kill", "ended 143")] {
        let world = World::new().without("GIT_PRESENCE_TEST_NOW");
        // The lease is renewed after minutes; the loss is seen before.
        let said = world.sh(&format!(
            "git-presence run -x stack:demo -p p --on-loss {on_loss} -- \
               sh -c 'touch began; exec sleep 5' & \
             while [ ! -e began ]; do sleep 0.05; done; \
             token=$(git-presence list --json | jq .[0].token); \
             holder=$(git-presence list --json | jq -r .[0].session_id); \
             git-presence release stack:demo --force --holder $holder --token $token --reason r; \
             wait $!; echo ended $?"
        ));
        said.says(ended)
            .warns("the claim is lost: stack:demo is no longer yours");
    }
}

/// The command must not go on while another session may take its claim over.
#[test]
fn a_killed_one_takes_its_command_with_it() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let world = World::new();
    let said = world.sh(
        "git-presence run -x stack:demo -p p -- sh -c 'echo $$ > pid; exec sleep 20' & \
         while [ ! -s pid ]; do sleep 0.05; done; kill -9 $!; wait $!; \
         runs() { grep -qs '^State:.[^ZX]' /proc/$(cat pid)/status; }; \
         for n in $(seq 100); do runs || break; sleep 0.05; done; \
         runs || echo gone",
    );
    said.says("gone");
    // Nothing is run for a parent that is gone already.
    let said = world.anyone("bound --to 1 -- touch ran");
    said.exits(137);
    assert!(!world.has("ran"));
}

/// What a session holds is not the command's to release; it keeps its purpose and its time.
#[test]
fn what_was_held_before_stays() {
    let world = World::new();
    for kind in ["-x", ""] {
        world
            .anyone(&format!(
                "claim {kind} db:main --ttl 2h -p long --session ann"
            ))
            .done();
        world
            .anyone(&format!(
                "run {kind} db:main node:x -p short --session ann -- true"
            ))
            .done();
        let listed = world.anyone("list");
        listed.says("db:main").says("\"long\"").says("2h");
        listed.omits("node:x").omits("short");
        world.anyone("release --all-mine --session ann").done();
    }
    // Held exclusively, and wanted shared: that is enough.
    world
        .anyone("claim -x db:main -p long --session ann")
        .done();
    world
        .anyone("run db:main -p p --session ann -- true")
        .done();
    world.anyone("fence db:main --session ann").done();
}

/// Of two commands under one claim the last releases it, whichever that is.
#[test]
fn the_last_command_releases_the_claim() {
    let world = World::new();
    for kind in ["-x", ""] {
        for (first, second) in [("1.2", "0.1"), ("0.6", "1.2")] {
            let script = format!(
                "rm -f began; \
                 git-presence run {kind} db:main -p one --session ci -- \
                   sh -c 'touch began; sleep {first}; git-presence list --mine' & one=$!; \
                 while [ ! -e began ]; do sleep 0.05; done; \
                 git-presence run {kind} db:main -p two --session ci -- \
                   sh -c 'sleep {second}; git-presence list --mine'; \
                 wait $one; git-presence list"
            );
            let said = world.sh(&script);
            let held = said.lines();
            let held = held.iter().filter(|line| line.contains("db:main"));
            assert_eq!(held.count(), 2, "{kind} {first}");
            said.says("Nothing is claimed.");
        }
    }
}

/// A mark that a killed command left says nothing about a later claim.
#[test]
fn a_claim_after_a_killed_command_is_the_sessions() {
    let world = World::new();
    world
        .sh(
            "git-presence run -x db:main -p p --session ann -- sh -c 'touch began; exec sleep 20' & \
             while [ ! -e began ]; do sleep 0.05; done; kill -9 $!; wait $!; true",
        )
        .done();
    world.anyone("release db:main --session ann").done();
    world
        .anyone("claim -x db:main -p mine --session ann")
        .done();
    world
        .anyone("run -x db:main -p p --session ann -- true")
        .done();
    world.anyone("fence db:main --session ann").done();
}

#[test]
fn a_conflict_with_ones_own_claim_is_told() {
    let world = World::new();
    world.bob("claim -x stack:demo -p mine").done();
    let said = world.bob("run -x stack:demo -p p -- true");
    said.refuses("stack:demo is claimed by wizard@devvm@bob");
    said.hints("it is your own claim")
        .hints("git presence run --exclusive --session wizard@devvm@bob stack:demo");
    world
        .bob("run --exclusive --session wizard@devvm@bob stack:demo -p p -- true")
        .done();
    world.bob("fence stack:demo").done();
}

/// The command does not end what its session was told that it holds.
#[test]
fn what_the_session_claims_meanwhile_is_its_own() {
    for kind in ["-x", ""] {
        let world = World::new();
        world
            .sh(&format!(
                "git-presence run --session ann {kind} infra:s -p r -- \
                   sh -c 'touch .git/began; while [ ! -e .git/go ]; do sleep 0.05; done' & \
                 while [ ! -e .git/began ]; do sleep 0.05; done; \
                 git-presence claim {kind} infra:s -p mine --session ann; touch .git/go; wait $!"
            ))
            .done();
        world.anyone("list").says("infra:s").says("mine");
        world.anyone("release --all-mine --session ann").done();
    }
}
