//! `claim --wait`: first in, first out.
//!
//! Owns the promise that who waits is seen, gets its turn, and leaves nothing behind. These tests
//! wait for real.

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
         until git-presence list | grep -q '(waiting) \"b\"'; do sleep 0.05; done; {} \
         until git-presence list | grep -q '(waiting) \"c\"'; do sleep 0.05; done; \
         git-presence list; git-presence release stack:demo --session first; wait; cat turns",
        claim("b"),
        claim("c")
    );
    let said = world.sh(&script);
    said.says("(waiting) \"b\"")
        .says("(waiting) \"c\"")
        .says("\nb\nc\n");
    said.warns("second in line");
    world.anyone("list").says("Nothing is claimed.");
}

#[test]
fn time_runs_out_and_the_request_goes() {
    let world = real();
    world.bob("claim -x stack:demo -p mine").done();
    world
        .alice("claim -x stack:demo --wait=1s -p me")
        .exits(4)
        .hints("--wait=10m");
    world.alice("list").omits("(waiting)");
    world.alice("claim -x stack:demo --wait=x -p me").exits(129);
    world.alice("claim stack:demo --wait -p me").exits(129);
}

#[test]
fn an_interruption_withdraws_the_request() {
    let world = real();
    world.bob("claim -x stack:demo -p mine").done();
    let said = world.sh(
        "git-presence claim -x stack:demo --wait -p me --session me & \
         until git-presence list | grep -q '(waiting)'; do sleep 0.05; done; \
         kill -INT $!; wait $!; echo ended $?; git-presence list",
    );
    said.says("ended 4")
        .omits("(waiting)")
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
