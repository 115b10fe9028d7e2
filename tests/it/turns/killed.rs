//! `turn pass` that is killed, and two of them at once.
//!
//! Owns the promise that there is one holder or none, and that a handoff is whole or not there.

use super::{WORDS, pass, take, turn};
use crate::world::World;

/// How many kills are tried at growing delays.
const KILLS: u32 = 24;

#[test]
fn killed_at_any_step_it_was_passed_or_was_not() {
    let world = World::new().without("GIT_PRESENCE_TEST_NOW");
    take(&world, "ann", "");
    for step in 0..KILLS {
        let millis = f64::from(step) * 0.75;
        let line = format!(
            "git-presence turn pass --session ann --status 'step {step}' --next on & \
             sleep {:.5}; kill -9 $!; wait $! 2>/dev/null; true",
            millis / 1000.0
        );
        world.sh(&line).done();
        // The lock of a ref whose owner was killed is removed after a minute; none is waited for.
        world.sh("rm -f .git/refs/presence/*/*.lock").done();
        let shown = turn(&world, "zoe");
        if shown["state"] == "held" {
            // Nothing of it happened, and the holder can go on.
            assert_eq!(shown["holder"], "ann");
            let status = shown["handoff"]["status"].as_str().unwrap_or_default();
            assert_ne!(status, format!("step {step}"));
            world
                .session("ann", "claim -x turn:main --purpose p")
                .done();
        } else {
            assert_eq!(shown["state"], "free");
            assert_eq!(shown["handoff"]["status"], format!("step {step}"));
            assert_eq!(shown["handoff"]["next"], "on");
            // Killed right after the swap, it may be told once that it does not hold it any more.
            let first = take(&world, "ann", "");
            let taken = match first["granted"] == true {
                true => first,
                false => take(&world, "ann", ""),
            };
            assert_eq!(taken["granted"], true, "{taken}");
        }
        world.anyone("doctor").omits("turn-main");
    }
    world.git("fsck --strict");
}

#[test]
fn of_two_at_once_one_passes_it() {
    let world = World::new();
    world.session("bob", "claim node:b --purpose p").done();
    world.session("cat", "claim node:c --purpose p").done();
    for _ in 0..5 {
        take(&world, "ann", "--force --reason again");
        let said = world.sh(&format!(
            "for to in bob cat; do (git-presence turn pass --session ann --to $to {WORDS} \
             >$to.out 2>&1; echo $to $?) & done; wait"
        ));
        let done = ["bob 0", "cat 0"].map(|line| said.out.contains(line));
        assert_eq!(done.iter().filter(|done| **done).count(), 1, "{}", said.out);
        let to = if done[0] { "bob" } else { "cat" };
        let shown = turn(&world, "ann");
        assert_eq!(shown["offer"]["to"], to);
        let other = if done[0] { "cat" } else { "bob" };
        world.session(other, "turn take").exits(3);
    }
}

#[test]
fn a_holder_that_was_killed_is_followed_with_what_was_left_for_it() {
    let world = World::new();
    take(&world, "ann", "");
    pass(&world, "ann", "").done();
    let taken = take(&world, "bob", "");
    assert_eq!(taken["handoff"]["from"], "ann");
    // Its time to live, and how far clocks may differ.
    world.later("45m");
    world.session("cat", "turn take").exits(3);
    world.later("61s");
    let taken = world.session("cat", "turn take");
    taken.warns("taken over from bob, whose claim had expired");
    taken
        .says("Handoff for turn:main, left by ann")
        .says("apply the rest");
    world.session("bob", "fence turn:main").exits(3);
}

#[test]
fn a_command_that_is_killed_gives_way_early_and_keeps_what_was_left_for_it() {
    let world = World::new();
    take(&world, "ann", "");
    pass(&world, "ann", "").done();
    let line = "GIT_PRESENCE_SESSION=bob git-presence run -x turn:main --purpose p -- sleep 60 & \
                while ! git-presence turn --json | grep -q '\"held\"'; do sleep 0.05; done; \
                kill -9 $! $(cat /proc/$!/task/*/children); wait $!; true";
    world.sh(line).done();
    // A process that is gone is believed so long after its last renewal.
    world.later("3m");
    let taken = world.session("cat", "turn take");
    taken.says("Yours now").warns("whose process is gone");
    taken
        .says("Handoff for turn:main, left by ann")
        .says("apply the rest");
}
