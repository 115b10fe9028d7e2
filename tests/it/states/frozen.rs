//! A freeze: what it stops, with which words, and how it is lifted or passed over.

use serde_json::json;

use super::{of, state};
use crate::machines::{Team, sync};
use crate::world::{ALICE, BOB, World};

fn commit(clone: &World, path: &str) {
    clone.write(path, "x");
    clone.git("add --all");
    clone.git(&format!("commit --quiet -m \"{path}\""));
}

#[test]
fn a_push_from_a_third_clone_stops_with_the_reason_and_a_bypass_is_on_record() {
    let (team, a, b) = Team::pair();
    a.alice("state branch:main frozen --until 2h -m \"the release is cut\"")
        .says("Other sessions cannot claim it exclusively");
    let c = team.clone_to("c");
    let bob = c.with("GIT_PRESENCE_SESSION", BOB);
    bob.anyone("install").done();
    commit(&c, "file");
    let push = "push --quiet origin HEAD:main";
    bob.try_git(push)
        .fails(1, "branch:main is frozen by wizard@devvm@alice")
        .fails(1, "\"the release is cut\"")
        .hints("GIT_PRESENCE_BYPASS=")
        .hints("git presence state branch:main --clear --force --reason \"<why>\"");
    bob.try_git("push --quiet origin HEAD:side").done();
    let forced = bob.with("GIT_PRESENCE_BYPASS", "hotfix 12");
    forced.later("1m");
    forced
        .try_git(push)
        .done()
        .warns("FROZEN BY wizard@devvm@alice")
        .warns("going on anyway: \"hotfix 12\"");
    sync(&[&b]);
    let log = b.anyone("log branch:main --json").json();
    assert_eq!(log[0]["event"], "bypass");
    assert_eq!(
        log[0]["around"],
        json!([{ "session_id": ALICE, "resource": "branch:main" }])
    );
    // The session that froze it is not stopped.
    a.alice("install").done();
    a.git("pull --quiet origin main");
    commit(&a, "other");
    let alice = a.with("GIT_PRESENCE_SESSION", ALICE);
    alice.try_git(push).done();
}

#[test]
fn exclusive_claims_and_applies_stop_and_shared_claims_are_told() {
    let world = World::new();
    world.alice("state stack:dns frozen -m audit").done();
    world
        .bob("claim -x stack:dns -p apply")
        .refuses("stack:dns is frozen by wizard@devvm@alice")
        .hints("git presence state stack:dns --clear --force");
    // No claim, but a row of its own kind.
    let list = world.bob("list --json").json();
    let row = json!([
        list[0]["resource"],
        list[0]["mode"],
        list[0]["state"],
        list[0]["purpose"]
    ]);
    assert_eq!(row, json!(["stack:dns", "frozen", "frozen", "audit"]));
    assert_eq!(world.bob("list --mine --json").json(), json!([]));
    assert_eq!(world.bob("list --others --json").json(), list);
    world.bob("sessions").says("stack:dns (frozen)");
    let who = world.bob("sessions --json").json();
    assert_eq!(
        (&who[0]["status"], &who[0]["frozen"]),
        (&json!("idle"), &json!(["stack:dns"]))
    );
    assert_eq!(world.bob("prompt --json").json()["frozen"], 1);
    world.bob("prompt").says("1 frozen");
    assert_eq!(world.alice("prompt --json").json()["frozen"], 0);
    world
        .bob("claim -x stack:dns -p apply --over-shared")
        .refuses("is frozen by");
    world
        .bob("hook pre-apply stack:dns")
        .refuses("is frozen by")
        .hints("GIT_PRESENCE_BYPASS");
    world
        .bob("claim --refuse stack:dns -p look")
        .refuses("is frozen by");
    world
        .bob("claim stack:dns -p look")
        .says("Stop: do not push, apply or deploy stack:dns until")
        .says("FROZEN BY wizard@devvm@alice")
        .omits("ALSO CLAIMED BY");
    world.bob("peek stack:dns").says("stack:dns is frozen by");
    world.bob("release --all-mine").done();
    // A wait is for what is frozen, too.
    world
        .bob("claim -x stack:dns -p apply --wait=1s")
        .fails(4, "frozen by wizard@devvm@alice");
    world.later("1m");
    let forced = world.with("GIT_PRESENCE_BYPASS", "the zone is down");
    forced
        .bob("claim -x stack:dns -p apply")
        .says("exclusively");
    let log = world.anyone("log stack:dns --json").json();
    assert_eq!(log[0]["event"], "bypass");
    assert_eq!(log[0]["purpose"], "the zone is down");
    world.bob("release --all-mine").done();
    // Its own session may, and so may all when it ends.
    world.alice("claim -x stack:dns -p apply").done();
    world.alice("release --all-mine").done();
    world.later("30d");
    world.bob("claim -x stack:dns -p apply").done();
}

#[test]
fn a_turn_that_is_frozen_is_not_free() {
    let world = World::new();
    world.alice("state turn:main frozen -m audit").done();
    world
        .bob("turn")
        .says("turn:main is frozen by wizard@devvm@alice");
    assert_eq!(world.bob("turn --json").json()["state"], "frozen");
    world.bob("turn take").prints("turn:main is frozen by");
}

#[test]
fn a_freeze_of_paths_covers_what_is_below() {
    let world = World::new();
    world.alice("state path:infra/** frozen").done();
    world
        .bob("claim -x path:infra/dns.tf -p apply")
        .refuses("path:infra/** is frozen by");
    world.bob("claim -x path:src -p apply").done();
    world
        .bob("peek path:infra/dns.tf")
        .says("path:infra/dns.tf overlaps path:infra/**, which is frozen by");
}

#[test]
fn a_tool_of_an_agent_is_stopped() {
    let world = World::new();
    world.git("config presence.enforce deny");
    world.alice("state service:web frozen -m audit").done();
    let agent = world
        .with("CLAUDE_CODE_SESSION_ID", "first")
        .with("CLAUDECODE", "1");
    agent.anyone("claim service:web -p p").done();
    let payload = json!({
        "session_id": "first",
        "cwd": world.dir().display().to_string(),
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": "kubectl rollout restart deployment/web"},
    });
    let said = agent.anyone_with_input("hook claude PreToolUse", payload.to_string().as_bytes());
    let answer = said.done().json();
    assert_eq!(
        answer["hookSpecificOutput"]["permissionDecision"], "deny",
        "{answer}"
    );
    let why = answer["hookSpecificOutput"]["permissionDecisionReason"].to_string();
    let why = why.replace('\\', "");
    for told in [
        "what other sessions have frozen.",
        "\"service:web\" is frozen for all others by \"wizard@devvm@alice\"",
        ", why \"audit\"",
        "If the user decides to lift it, on record: git presence state service:web --clear \
         --force --reason \"<why>\"",
    ] {
        assert!(why.contains(told), "{told} in {why}");
    }
    assert!(!why.contains("presence wait"), "{why}");
    world.alice("state service:web --clear").done();
    let said = agent.anyone_with_input("hook claude PreToolUse", payload.to_string().as_bytes());
    assert!(!said.done().out.contains("deny"), "{}", said.out);
}

#[test]
fn only_who_froze_it_or_force_lifts_it() {
    let (_team, a, b) = Team::pair();
    a.alice("state branch:main frozen -m release").done();
    sync(&[&b]);
    b.bob("state branch:main built").refuses("is frozen by");
    b.bob("state branch:main --clear").refuses("is frozen by");
    assert_eq!(state(&b, "branch:main"), of("frozen", ALICE));
    b.later("1m");
    b.bob("state branch:main --clear --force --reason \"alice is away\"")
        .says("It was frozen by wizard@devvm@alice; that is lifted, on record.");
    sync(&[&a]);
    assert_eq!(state(&a, "branch:main"), None);
    let log = a.anyone("log branch:main --json").json();
    assert_eq!(
        (&log[0]["state"], &log[0]["from"]),
        (&json!("cleared"), &json!([ALICE]))
    );
    assert_eq!(log[0]["purpose"], "alice is away");
    // Another freeze is one of its own, and its session lifts it by another word.
    a.later("1m");
    a.alice("state branch:main frozen").done();
    assert_eq!(state(&a, "branch:main"), of("frozen", ALICE));
    a.later("1m");
    a.alice("state branch:main built").done();
    assert_eq!(state(&a, "branch:main"), of("built", ALICE));
}

#[test]
fn a_word_that_was_said_without_knowing_of_the_freeze_does_not_hide_it() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice("state db:x frozen").done();
    b.later("1m");
    b.bob("state db:x deployed").done();
    team.back();
    sync(&[&a, &b, &a]);
    assert_eq!(state(&a, "db:x"), of("frozen", ALICE));
    assert_eq!(state(&b, "db:x"), of("frozen", ALICE));
    b.bob("claim -x db:x -p p").refuses("is frozen by");
}

/// What stops a push is said where something is frozen: a board alone stops none.
#[test]
fn who_freezes_is_told_what_stops_a_push() {
    let world = World::new();
    let freeze = "state branch:main frozen -m \"the release is cut\"";
    let open = "no hook of Git stops a push yet; to install it: git presence install";
    world.alice(freeze).says(open);
    world
        .bob("doctor")
        .says("branch:main is frozen, and no hook of Git stops a push of this clone")
        .says("No problem, 1 note to heed");
    world.alice("install").done();
    world.later("1m");
    world
        .alice(freeze)
        .says("branch:main is frozen until")
        .omits(open);
    world.bob("doctor").omits("no hook of Git stops");
}

/// The time that was named for a freeze is over: its own session hears it, the history shows it.
#[test]
fn the_end_of_a_freeze_is_told_to_who_froze_it_and_stands_in_the_log() {
    let world = World::new();
    let freeze = "state branch:main frozen --until 10m -m cut";
    world.alice(freeze).done();
    world
        .bob("log")
        .says("state branch:main frozen until 10:10, in 10 min");
    let entry = world.bob("log --json").json();
    assert_eq!(entry[0]["frozen_until"], "2026-11-21T10:10:00.000Z");
    world.later("11m");
    world
        .bob("log")
        .says("state branch:main frozen (ended 10:10, 1 min ago)");
    let ended = "your freeze of branch:main ended at 10:10";
    world.alice("status").says(ended);
    world.alice("claim path:src -p p").says(ended);
    world.alice("status").omits(ended);
    // One that was lifted did not end by itself.
    world.alice(freeze).done();
    world.alice("state branch:main --clear").done();
    world.later("11m");
    world.alice("status").omits("your freeze");
}

#[test]
fn who_was_refused_hears_that_a_freeze_was_lifted() {
    let world = World::new();
    world.alice("state branch:main frozen -m cut").done();
    world.bob("log --for-me --cursor c").done();
    world.bob("claim -x branch:main -p p").exits(3);
    world.alice("state branch:main --clear").done();
    let told = world.bob("log --wait=1s --for-me --cursor c --json");
    let told = told.done().json();
    assert_eq!(
        (&told["event"], &told["concern"]),
        (&"state".into(), &"free".into())
    );
}
