//! `tell` and `inbox --ack` that are killed at any step.
//!
//! Owns the promise that a message is there as a whole or not at all, that saying it again makes no
//! second one, and that one that was marked is marked for good.

use super::unread;
use crate::machines::{Team, sync};
use crate::world::World;

/// How many kills are tried at growing delays.
const KILLS: u32 = 20;
/// By how much the delay grows, in milliseconds.
const STEP_MILLIS: f64 = 0.75;

/// Runs a command and kills it after as many steps of time.
fn kill_at(world: &World, step: u32, line: &str) {
    let secs = f64::from(step) * STEP_MILLIS / 1000.0;
    let line = format!("{line} & sleep {secs:.5}; kill -9 $!; wait $! 2>/dev/null; true");
    world.sh(&line).done();
    // The lock of a ref whose owner was killed is removed after a minute; none is waited for.
    world
        .sh("find .git/refs/presence* -name '*.lock' -delete")
        .done();
}

#[test]
fn a_message_is_there_as_a_whole_or_not_and_once_when_it_is_said_again() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    world.session("you", "claim node:you --purpose p").done();
    world.session("me", "claim node:me --purpose p").done();
    let mut landed = 0;
    for step in 0..KILLS {
        let text = format!("step-{step}");
        let tell = format!("git-presence tell --session me --urgent you -m {text} -m body");
        kill_at(&world, step, &tell);
        let got = unread(&world, "you");
        let is_there = got.contains(&text);
        assert_eq!(got.len(), usize::from(is_there), "{got:?}");
        landed += u32::from(is_there);
        let again = world.sh(&tell);
        again.done();
        let said_again = again.out.contains("nothing new was sent");
        assert_eq!(said_again, is_there, "{}", again.out);
        assert_eq!(unread(&world, "you"), [text]);
        kill_at(&world, step, "git-presence inbox --session you --ack");
        world.session("you", "inbox --ack").done();
        assert_eq!(unread(&world, "you"), [""; 0]);
    }
    println!("{landed} of {KILLS} landed");
    world.git("fsck --strict");
    world.anyone("doctor").omits("message-").omits("marks");
}

#[test]
fn across_a_remote_it_arrives_once() {
    let (_team, a, b) = Team::pair();
    let (a, b) = (
        a.without("GIT_PRESENCE_TEST_NOW"),
        b.without("GIT_PRESENCE_TEST_NOW"),
    );
    b.session("you", "claim node:you --purpose p").done();
    a.anyone("sync").done();
    a.session("me", "claim node:me --purpose p").done();
    for step in 0..KILLS / 2 {
        let text = format!("step-{step}");
        let tell = format!("git-presence tell --session me you -m {text}");
        // The push begins later than the write.
        kill_at(&a, step * 6, &tell);
        a.sh(&tell).done();
        sync(&[&a, &b]);
        let got = unread(&b, "you");
        assert_eq!(got.iter().filter(|one| **one == text).count(), 1, "{got:?}");
        assert_eq!(got.len(), step as usize + 1, "{got:?}");
    }
}
