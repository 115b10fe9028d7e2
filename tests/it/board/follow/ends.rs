//! How a follower ends, and who may follow a cursor.

use rustix::process::Signal;

use super::{Follower, claim};
use crate::servers::process::soon;
use crate::world::World;

#[test]
fn an_interrupt_is_no_failure() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let world = World::new();
        claim(&world, "node:x");
        let follower = Follower::begin(&world, "--follow");
        follower.signal(signal);
        assert_eq!(follower.ended(), Some(0), "{signal:?}");
    }
}

#[test]
fn a_reader_that_is_gone_ends_it_also_while_nothing_happens() {
    let world = World::new();
    claim(&world, "node:x");
    let script = "timeout 20 git-presence log --follow | true; echo ${PIPESTATUS[0]}";
    world.sh(script).done().says("0");
    let script = "timeout 20 git-presence log --since 1d --follow | head -n 1 >/dev/null; \
                  echo ${PIPESTATUS[0]}";
    world.sh(script).done().says("0");
}

#[test]
fn a_wait_says_nothing_until_its_time_is_over() {
    let world = World::new();
    claim(&world, "node:x");
    let said = world.bob("log --wait=1s");
    said.fails(4, "nothing happened within 1 s")
        .hints("git presence log --wait --cursor news");
    assert_eq!(said.out, "");
    world
        .bob("log --wait=1s --for-me")
        .hints("--for-me --cursor news");
    world
        .bob("log --wait=1s --cursor c")
        .hints("nothing is lost in between");
    // What keeps a claim is no event.
    let waiting = Follower::begin(&world, "--wait=2s --json");
    world.later("6m");
    world.alice("heartbeat").done();
    assert_eq!(waiting.ended(), Some(4));
}

#[test]
fn a_wait_ends_with_the_first_event() {
    let world = World::new();
    claim(&world, "node:x");
    let waiting = Follower::begin(&world, "--wait=1m --json --event release");
    claim(&world, "node:y");
    world.alice("release node:x node:y").done();
    assert_eq!(waiting.tells(1), ["release node:x node:y"]);
    assert_eq!(waiting.ended(), Some(0));
}

#[test]
fn a_cursor_has_one_follower_and_the_second_is_told_which() {
    let world = World::new();
    claim(&world, "node:x");
    let follower = Follower::begin(&world, "--follow --cursor mine");
    let pid = follower.pid();
    let second = world.bob("log --cursor mine");
    second.fails(3, &format!("process {pid} follows the cursor mine already"));
    second.hints("use another name, or end that process first");
    world.bob("log --cursor other").done();
    follower.kill();
    world.bob("log --cursor mine").done();
}

/// Git runs this program as its command, and cannot end it when it is killed itself.
#[test]
fn a_follower_ends_with_the_git_that_runs_it() {
    let world = World::new();
    claim(&world, "node:x");
    let script = "git presence log --follow --cursor mine >lines & git=$!
        until [ -e .git/presence/cursor-mine-*.toml ]; do sleep 0.02; done
        kill -9 $git; wait $git; cat .git/presence/cursor-mine-*.lock";
    let pid = world.sh(script).out.trim().to_owned();
    // Where process 1 waits for no child, what has ended stays as a zombie.
    let is_gone = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
        stat.is_err() || stat.is_ok_and(|stat| stat.contains(") Z "))
    };
    assert!(soon(is_gone), "{pid} is gone");
    // The next one waits for a moment until it is.
    world.bob("log --cursor mine").done();
}

#[test]
fn what_cannot_be_asked_for_is_said() {
    let world = World::new();
    for (words, why) in [
        ("log --follow --wait", "exclude each other"),
        ("log --after abcdef0 --cursor x", "exclude each other"),
        ("log --since 1d --cursor x", "exclude each other"),
        ("log --follow --event heartbeat", "heartbeats are no events"),
        ("log --follow --event nonsense", "there is no kind of event"),
        (
            "log --cursor \"\"",
            "the name of the cursor is not accepted",
        ),
    ] {
        world.bob(words).fails(129, why);
    }
}
