//! A remote that never answers.
//!
//! Owns how long a command waits for it: a deadline, and not twice; and that a process in the
//! background comes to an end. The only file of these tests that measures time.

use std::time::{Duration, Instant};

use super::{Team, agree, at_rest, at_work, claimed, sync};
use crate::said::Said;
use crate::world::World;

/// What a command may take beyond the deadline: 200 ms, and as much for a busy machine with an
/// unoptimised build.
const GRACE: Duration = Duration::from_millis(800);
/// Far less than any deadline.
const AT_ONCE: Duration = Duration::from_millis(800);
const ONE: Duration = Duration::from_secs(1);
/// Says nothing until it is told to go, and does not end when it is asked to.
const SILENT: &str = "#!/bin/sh\ntrap '' TERM\nuntil [ -e HERE/go ]; do sleep 0.05; done\nexit 1\n";

#[expect(clippy::disallowed_methods, reason = "the deadline is of real time")]
fn timed(act: impl FnOnce() -> Said) -> (Said, Duration) {
    let started = Instant::now();
    let said = act();
    (said, started.elapsed())
}

/// A clone whose remote is silent.
fn cut_off(team: &Team) -> World {
    let clone = team.clone_to("silent");
    let root = team.outside().root();
    let text = SILENT.replace("HERE", &root.display().to_string());
    let script = root.join("silent.sh");
    team.outside().write(&script, text);
    crate::world::open_to_all(&script, 0o755);
    clone.git("remote set-url origin ssh://127.0.0.1/hub.git");
    clone.git(&format!("config core.sshCommand {}", script.display()));
    clone.git("config presence.syncDeadline 1s");
    clone
}

/// The clone has seen the board of the remote once.
fn looked_once(team: &Team, clone: &World) {
    let hub = team.hub().dir().display().to_string();
    let script = team.outside().root().join("answers.sh");
    let text = format!("#!/bin/sh\n[ \"$1\" = -G ] || exec git upload-pack {hub}\n");
    team.outside().write(&script, text);
    crate::world::open_to_all(&script, 0o755);
    let answers = clone.with("GIT_SSH_COMMAND", script.display().to_string());
    answers.anyone("sync --deadline 10s").done();
}

/// The remote hangs up on everybody who still waits.
fn let_go(team: &Team) {
    team.outside().write("go", "");
}

#[test]
fn a_claim_and_a_release_wait_until_the_deadline() {
    let team = Team::new();
    let clone = cut_off(&team);
    for line in ["claim infra:x --purpose p", "release infra:x"] {
        let (said, took) = timed(|| clone.alice(line));
        said.warns("origin could not be reached: \"no answer in time\"");
        assert!((ONE..ONE + GRACE).contains(&took), "{took:?}: {line}");
        at_rest(&clone);
    }
}

#[test]
fn a_decision_waits_no_longer_than_a_claim() {
    let team = Team::new();
    let clone = cut_off(&team);
    let (said, took) = timed(|| clone.alice("claim infra:x --purpose p --refuse"));
    said.fails(5, "is not known yet: origin could not be reached");
    assert!(took < ONE + GRACE, "{took:?}");
    at_rest(&clone);
}

#[test]
fn a_sync_waits_as_long_as_it_is_told() {
    let team = Team::new();
    let clone = cut_off(&team);
    let (said, took) = timed(|| clone.anyone("sync --deadline 1s"));
    said.fails(5, "no answer in time");
    assert!(took < ONE + GRACE, "{took:?}");
    at_rest(&clone);
}

#[test]
fn a_reader_does_not_wait() {
    let team = Team::new();
    let clone = cut_off(&team);
    looked_once(&team, &clone);
    clone.git("config presence.staleAfter 30s");
    clone.later("1m");
    for line in ["list", "status", "peek infra:x", "log", "whoami", "list"] {
        let (said, took) = timed(|| clone.alice(line));
        said.done();
        assert!(took < AT_ONCE, "{took:?}: {line}");
    }
    let_go(&team);
    at_rest(&clone);
    let status = clone.alice("status --json").json();
    assert_ne!(status["remote"]["error"], serde_json::Value::Null);
}

/// Without a first look the board says nothing of others: a reader waits for that, and no longer
/// than a claim does.
#[test]
fn a_reader_waits_for_a_first_look_until_the_deadline() {
    let team = Team::new();
    let clone = cut_off(&team);
    for line in ["list", "status", "peek infra:x", "log"] {
        let (said, took) = timed(|| clone.alice(line));
        said.exits(5).prints("not known yet");
        assert!(took < ONE + GRACE, "{took:?}: {line}");
    }
    // What is one's own is known.
    let (said, took) = timed(|| clone.alice("list --mine"));
    said.says("Nothing is claimed.");
    assert!(took < AT_ONCE, "{took:?}");
    at_rest(&clone);
}

/// It is pushed by a process in the background.
#[test]
fn a_heartbeat_does_not_wait() {
    let team = Team::new();
    let clone = cut_off(&team);
    clone.git("config presence.autoSync false");
    clone.alice("claim infra:x --purpose p").done();
    clone.git("config presence.autoSync true");
    clone.later("6m");
    let (said, took) = timed(|| clone.alice("heartbeat"));
    said.is_silent();
    assert!(took < AT_ONCE, "{took:?}");
    assert_ne!(at_work(&clone), Vec::<String>::new(), "somebody pushes it");
    let_go(&team);
    at_rest(&clone);
}

/// A sync that is at work in the background delays a claim no longer than the remote does.
#[test]
fn a_claim_while_another_process_is_at_work_already() {
    let team = Team::new();
    let clone = cut_off(&team);
    clone.git("config presence.staleAfter 30s");
    clone.later("1m");
    clone.anyone("heartbeat").done();
    clone.alice("list --mine").done();
    let (said, took) = timed(|| clone.alice("claim infra:x --purpose p"));
    said.says("not yet at origin").warns("it will follow");
    assert!(took < ONE + GRACE, "{took:?}");
    let_go(&team);
    at_rest(&clone);
}

#[test]
fn after_three_failures_no_command_waits_for_a_while() {
    let team = Team::new();
    let clone = cut_off(&team);
    clone.git("config presence.staleAfter 30s");
    for _ in 0..3 {
        let (_, took) = timed(|| clone.alice("claim infra:x --purpose p"));
        assert!(took >= ONE, "{took:?}");
    }
    for line in ["claim infra:y --purpose p", "release infra:y"] {
        let (said, took) = timed(|| clone.alice(line));
        said.warns("origin could not be reached a moment ago; it will follow");
        assert!(took < AT_ONCE, "{took:?}: {line}");
    }
    // A caller that asks for it gets it, and then it is over.
    clone.git("config --unset core.sshCommand");
    clone.git("remote set-url origin ../hub.git");
    clone.anyone("sync").says("sent 1 change\n");
    clone
        .alice("claim infra:y --purpose p")
        .says("confirmed by origin");
    assert_eq!(claimed(&clone), ["infra:x", "infra:y"]);
}

#[test]
fn after_a_while_it_is_waited_for_again() {
    let team = Team::new();
    let clone = team.clone_to("a");
    clone.git("config presence.staleAfter 30s");
    team.away();
    for _ in 0..3 {
        clone.alice("claim infra:x --purpose p").warns("hub.git");
    }
    team.back();
    clone
        .alice("claim infra:x --purpose p")
        .warns("a moment ago");
    clone.later("31s");
    clone
        .alice("claim infra:x --purpose p")
        .says("confirmed by origin");
}

/// It has the claim, and then says nothing.
#[test]
fn a_remote_that_takes_and_does_not_show() {
    let (team, a, b) = Team::pair();
    a.git("config presence.syncDeadline 1s");
    a.git("config remote.origin.uploadpack \"sleep 60; false\"");
    b.bob("claim infra:x --purpose p").done();
    let (said, took) = timed(|| a.alice("claim infra:x --purpose p"));
    said.says("confirmed by origin")
        .warns("what origin has now is not known");
    assert!(took < ONE + GRACE, "{took:?}");
    at_rest(&a);
    a.git("config --unset remote.origin.uploadpack");
    a.anyone("sync").says("received 1 change, sent nothing");
    assert_eq!(team.refs().lines().count(), 2);
}

/// What becomes of a push whose answer does not come is found out by the next look.
#[test]
fn a_remote_that_takes_and_does_not_say_so() {
    let (team, a, b) = Team::pair();
    a.git("config presence.syncDeadline 1s");
    team.hook("post-receive", "sleep 60");
    let (said, took) = timed(|| a.alice("claim infra:x --purpose p"));
    said.says("not yet at origin").warns("no answer in time");
    assert!(took < ONE + GRACE, "{took:?}");
    at_rest(&a);
    b.anyone("sync").says("received 1");
    team.no_hook("post-receive");
    a.anyone("sync").says("Synced with").omits("not sent yet");
    a.alice("claim infra:x --purpose again")
        .says("confirmed by origin");
    sync(&[&b]);
    agree(&[&a, &b]);
}

/// Also the processes that git itself started are gone.
#[test]
fn nothing_is_left_at_work_behind_a_command() {
    let team = Team::new();
    let clone = team.clone_to("a");
    for line in [
        "claim infra:x --purpose p",
        "claim infra:y --purpose p --refuse",
        "heartbeat --throttle 0",
        "release infra:x",
        "list",
        "status",
        "sync",
        "doctor --remote",
    ] {
        let _ = clone.alice(line);
        assert_eq!(at_work(&clone), Vec::<String>::new(), "{line}");
    }
}
