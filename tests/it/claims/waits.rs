//! `claim --wait`: first in, first out.
//!
//! Owns the promise that who waits is seen, gets its turn, keeps its place for a while, and leaves
//! nothing else behind. These tests wait for real.

use crate::world::World;

/// A world in which time passes by itself.
fn real() -> World {
    World::new().without("GIT_PRESENCE_TEST_NOW")
}

#[test]
fn one_after_the_other() {
    let world = real();
    let said = world.sh(
        "git-presence run -x stack:demo -p one -- sh -c 'touch began; sleep 1; date +%s%N >> log' & \
         while [ ! -e began ]; do sleep 0.05; done; \
         git-presence run -x stack:demo --wait -p two -- sh -c 'date +%s%N >> log; sleep 0.2'; \
         echo two $?; wait $!; echo one $?; sort -c log && wc -l < log",
    );
    said.says("two 0")
        .says("one 0")
        .says("2")
        .warns("waiting for stack:demo: held by")
        .warns("first in line");
    world.anyone("list").says("Nothing is claimed.");
}

#[test]
fn who_waits_is_seen_and_comes_in_turn() {
    let world = real();
    let claim = |who: &str| {
        format!(
            "(git-presence claim -x stack:demo --wait=20s -p {who} --session {who} && \
              echo {who} >> turns && sleep 0.3 && \
              git-presence release stack:demo --session {who}) & "
        )
    };
    let script = format!(
        "git-presence claim -x stack:demo -p first --session first; {} \
         until git-presence list | grep -q 'waiting.*\"b\"'; do sleep 0.05; done; {} \
         until git-presence list | grep -q 'waiting.*\"c\"'; do sleep 0.05; done; \
         git-presence list; git-presence release stack:demo --session first; wait; cat turns",
        claim("b"),
        claim("c")
    );
    let said = world.sh(&script);
    said.says("\"b\"").says("\"c\"").says("\nb\nc\n");
    said.warns("second in line");
    world.anyone("list").says("Nothing is claimed.");
}

#[test]
fn time_runs_out_and_the_place_is_kept_for_a_while() {
    let world = real();
    world.bob("claim -x stack:demo -p mine").done();
    world
        .alice("claim -x stack:demo --wait=1s -p me")
        .fails(4, "stack:demo is still held by wizard@devvm@bob (")
        .hints("run this again, your place is kept for 30 s");
    world.alice("list").says("waiting");
    // A heartbeat does not prolong it, and a place is not granted while nothing waits.
    world.bob("release stack:demo").done();
    world.alice("heartbeat --throttle 0s").done();
    world.alice("fence stack:demo").exits(3);
    world.alice("release stack:demo").done();
    world.bob("claim -x stack:demo -p mine").done();
    world.git("config presence.waitGrace 0");
    world
        .alice("claim -x stack:demo --wait=1s -p me")
        .exits(4)
        .hints("--wait=10m");
    world.alice("list").omits("  waiting");
    // A command has a session of its own, which is over with it.
    world.git("config presence.waitGrace 30s");
    world
        .alice("run -x stack:demo --wait=1s -p me -- touch ran")
        .exits(4)
        .hints("--wait=10m");
    world.alice("list").omits("  waiting");
    assert!(!world.has("ran"));
    world.alice("claim -x stack:demo --wait=x -p me").exits(129);
}

/// A harness that limits how long a command takes makes its agent wait in pieces.
#[test]
fn asking_again_keeps_the_place() {
    let world = real();
    world.bob("claim -x stack:demo -p mine").done();
    world.alice("claim -x stack:demo --wait=1s -p me").exits(4);
    let said = world.sh(
        "(git-presence claim -x stack:demo --wait=20s -p late --session late > late.log 2>&1; \
          echo late >> turns) & late=$!; \
         until git-presence list | grep -q 'waiting.*\"late\"'; do sleep 0.05; done; \
         git-presence release stack:demo --session wizard@devvm@bob; sleep 1; \
         git-presence claim -x stack:demo --wait=5s -p me --session wizard@devvm@alice; \
         echo alice >> turns; cat late.log; \
         git-presence release stack:demo --session wizard@devvm@alice; wait $late; cat turns",
    );
    said.says("alice\nlate\n").says("second in line");
}

/// Shared claims are waited for as exclusive ones are, and by those that would share, too.
#[test]
fn what_others_share_is_waited_for() {
    for kind in ["-x", ""] {
        let world = real();
        world.bob("claim stack:demo -p \"the afternoon\"").done();
        let said = world.sh(&format!(
            "git-presence claim {kind} stack:demo --wait=20s -p me --session me & \
             until git-presence list | grep -q waiting; do sleep 0.05; done; \
             git-presence release stack:demo --session wizard@devvm@bob; wait $!; echo ended $?; \
             git-presence list --session me --mine"
        ));
        said.says("ended 0")
            .says("Claimed stack:demo")
            .omits("  waiting")
            .warns("held (shared) by wizard@devvm@bob (")
            .warns("\"the afternoon\"");
    }
}

#[test]
fn a_wait_without_a_claim_claims_nothing() {
    let world = real();
    let free = world.alice("wait stack:demo node:x --for=1s");
    free.says("Free stack:demo, node:x")
        .says("git presence claim --exclusive stack:demo node:x --purpose");
    world.alice("list").says("Nothing is claimed.");
    for kind in ["-x", ""] {
        world
            .bob(&format!("claim {kind} stack:demo -p slow"))
            .done();
        world
            .alice("wait stack:demo --for=1s")
            .fails(4, "stack:demo is still held ")
            .hints("run this again, your place is kept");
        let said = world.sh(
            "git-presence wait stack:demo --for=20s --json --session wizard@devvm@alice & \
             sleep 0.5; git-presence release stack:demo --session wizard@devvm@bob; \
             wait $!; echo ended $?",
        );
        said.says("ended 0").says("\"free\":[\"stack:demo\"]");
        said.warns("first in line").warns("\"slow\"");
        // It is the turn of who waited, and not for long.
        world.alice("list --mine").says("waiting");
        world.alice("claim -x stack:demo -p mine").done();
        world.alice("list --mine").omits("  waiting");
        world.alice("release --all-mine").done();
    }
    world.alice("wait demo").exits(129);
}

#[test]
fn an_interruption_withdraws_the_request() {
    let world = real();
    world.bob("claim -x stack:demo -p mine").done();
    let said = world.sh(
        "git-presence claim -x stack:demo --wait -p me --session me & \
         until git-presence list | grep -q waiting; do sleep 0.05; done; \
         kill -INT $!; wait $!; echo ended $?; git-presence list",
    );
    said.says("ended 4")
        .omits("  waiting")
        .warns("the queued request is cancelled");
}

/// Two clones and a hub that decides.
#[test]
fn one_after_the_other_across_clones() {
    let hub = World::empty()
        .without("GIT_PRESENCE_TEST_NOW")
        .at("hub.git");
    hub.git("init --quiet --bare");
    for name in ["a", "b"] {
        hub.at(name).git("clone --quiet ../hub.git .");
    }
    let top = hub.at(".");
    let said = top.sh(
        "(cd a && git-presence run -x stack:demo -p one -- sh -c 'touch ../began; sleep 1; date +%s%N >> ../log') & \
         while [ ! -e began ]; do sleep 0.05; done; \
         (cd b && git-presence run -x stack:demo --wait=30s -p two -- sh -c 'date +%s%N >> ../log'); \
         echo two $?; wait $!; sort -c log && wc -l < log",
    );
    said.says("two 0").says("2").warns("first in line");
}

/// Only who does not hold it is to defer.
#[test]
fn a_look_says_who_has_to_do_what() {
    let world = World::new();
    world.git("config presence.waitGrace 10m");
    world.bob("claim -x stack:demo -p mine").done();
    world.alice("claim -x stack:demo --wait=1s -p me").exits(4);
    let advice = "Another session waits for it: release it when you are done.";
    world.bob("peek stack:demo").says(advice);
    world
        .alice("peek stack:demo")
        .says("Defer: git presence wait stack:demo");
    world.bob("release stack:demo").done();
    world.carol("peek stack:demo").omits("git presence tell");
}
