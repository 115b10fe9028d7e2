//! Background work: heartbeats are pushed, views are refreshed.
//!
//! Owns how often that is, which is a matter of the logical clock, and that it gives way. Each test
//! waits until those processes have ended before it looks.

use super::{Team, agree, at_rest, at_work, claimed, sync};
use crate::said::Said;
use crate::world::World;

/// Wait for what this command started.
#[track_caller]
fn and_rest(clone: &World, said: &Said) {
    said.done();
    at_rest(clone);
}

/// A team that counts, and a clone in which alice claims something.
fn at_it(ttl: &str) -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    a.alice(&format!("claim infra:x --purpose p --ttl {ttl}"))
        .done();
    team.counts_pushes();
    (team, a, b)
}

#[test]
fn heartbeats_are_pushed_once_in_a_third_of_the_time_to_live() {
    let (team, a, b) = at_it("15m");
    let mut pushed_at = Vec::new();
    for minute in 1..=21 {
        a.later("1m");
        and_rest(&a, &a.alice("heartbeat --throttle 0"));
        if team.pushes() > pushed_at.len() {
            pushed_at.push(minute);
        }
    }
    assert_eq!(pushed_at, [5, 10, 15, 20]);
    sync(&[&b]);
    b.bob("list").says("14m");
    // One session of several is enough: all that is ahead goes along.
    a.carol("heartbeat --throttle 0").done();
    a.later("5m");
    and_rest(&a, &a.carol("heartbeat --throttle 0"));
    assert_eq!(team.pushes(), 5);
    agree(&[&a]);
}

/// What was pushed for another reason counts as well.
#[test]
fn a_claim_takes_the_place_of_a_heartbeat() {
    let (team, a, _) = at_it("15m");
    a.later("4m");
    a.alice("claim infra:y --purpose p").done();
    a.later("4m");
    and_rest(&a, &a.alice("heartbeat"));
    assert_eq!(team.pushes(), 1);
    a.later("2m");
    and_rest(&a, &a.alice("heartbeat"));
    assert_eq!(team.pushes(), 2);
}

#[test]
fn the_budget_holds_back_what_runs_in_the_background() {
    let (team, a, _) = at_it("30s");
    a.git("config presence.pushesPerMinute 2");
    a.later("2m");
    a.alice("claim infra:x --purpose p --ttl 30s").done();
    for _ in 0..4 {
        a.later("10s");
        and_rest(&a, &a.alice("heartbeat --throttle 0"));
    }
    assert_eq!(team.pushes(), 2, "the claim and one heartbeat");
    // A command that waits is never held back.
    a.alice("claim infra:y --purpose p")
        .says("confirmed by origin");
    a.alice("release infra:y").says("confirmed by origin");
    a.alice("claim infra:z --purpose p").done();
    a.later("1s");
    a.alice("heartbeat --throttle 0").done();
    a.anyone("sync").says("sent 1 change\n");
    assert_eq!(team.pushes(), 6);
    a.later("1m");
    a.alice("claim infra:x --purpose p --ttl 30s").done();
    a.later("10s");
    and_rest(&a, &a.alice("heartbeat --throttle 0"));
    assert_eq!(team.pushes(), 8);
}

#[test]
fn without_a_budget_nothing_is_pushed_in_the_background() {
    let (team, a, b) = at_it("15m");
    a.git("config presence.pushesPerMinute 0");
    a.git("config presence.staleAfter 30s");
    b.bob("claim infra:b --purpose p").done();
    let before = team.pushes();
    a.later("6m");
    and_rest(&a, &a.alice("heartbeat"));
    a.later("30s");
    and_rest(&a, &a.alice("list"));
    assert_eq!(team.pushes(), before);
    assert_eq!(
        claimed(&a),
        ["infra:b", "infra:x"],
        "it is looked all the same"
    );
    a.anyone("sync").says("sent 1");
}

#[test]
fn a_view_that_is_too_old_is_renewed_by_a_reader() {
    for verb in ["list", "status", "peek infra:x", "log"] {
        let (_team, a, b) = at_it("15m");
        b.git("config presence.staleAfter 30s");
        b.later("29s");
        b.bob(verb).done();
        assert_eq!(at_work(&b), Vec::<String>::new(), "{verb}");
        b.later("1s");
        // What it shows is what was there.
        let said = b.bob(verb);
        said.done().omits("alice");
        at_rest(&b);
        assert_eq!(claimed(&b), ["infra:x"], "{verb}");
        b.bob("list").warns("as of now");
        drop(a);
    }
}

/// A heartbeat that waits goes along with a look.
#[test]
fn a_fetch_in_the_background_also_sends() {
    let (team, a, b) = at_it("15m");
    a.git("config presence.staleAfter 30s");
    a.later("3m");
    and_rest(&a, &a.alice("heartbeat"));
    assert_eq!(team.pushes(), 0);
    and_rest(&a, &a.alice("list"));
    assert_eq!(team.pushes(), 1);
    sync(&[&b]);
    agree(&[&a, &b]);
}

/// Each failure makes the rest longer, up to ten minutes.
#[test]
fn a_remote_that_fails_is_left_alone() {
    let (team, a, _) = at_it("24h");
    a.git("config presence.staleAfter 30s");
    team.away();
    let mut tried_at = Vec::new();
    let attempts = || {
        let file = std::fs::read_dir(a.git_dir().join("presence")).unwrap();
        let mut files = file.map(|entry| entry.unwrap().path());
        let is_state = |path: &std::path::PathBuf| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with("remote-")
        };
        let file = files.find(is_state);
        let text = std::fs::read_to_string(file.unwrap()).unwrap();
        let line = text.lines().find(|line| line.starts_with("failures = "));
        line.map_or(0, |line| line["failures = ".len()..].parse().unwrap())
    };
    for half_minute in 1..=90 {
        a.later("30s");
        and_rest(&a, &a.alice("list"));
        if attempts() > tried_at.len() {
            tried_at.push(half_minute);
        }
    }
    // 1, 2, 4, 8, 16 and then 20 half minutes apart.
    assert_eq!(tried_at, [1, 3, 7, 15, 31, 51, 71]);
    team.back();
    a.anyone("sync").says("Synced with").omits("not sent yet");
    a.later("30s");
    and_rest(&a, &a.alice("list"));
    a.alice("list").warns("as of now");
}

/// No command waits for it, so none reports it; `status` does.
#[test]
fn what_fails_in_the_background_is_told_by_status() {
    let (team, a, _) = at_it("15m");
    team.away();
    a.later("6m");
    let said = a.alice("heartbeat");
    said.is_silent();
    at_rest(&a);
    a.alice("status")
        // A heartbeat alone is nothing that others miss.
        .says("all of yours sent")
        .says("last sync failed: ");
}

/// Several at once are one.
#[test]
fn many_who_read_at_once_look_once_or_twice() {
    let (team, a, _) = at_it("15m");
    a.git("config presence.staleAfter 30s");
    let log = team.outside().root().join("looks");
    let script = team.outside().root().join("look.sh");
    let counts = format!(
        "#!/bin/sh\necho look >>{}\nsleep 0.2\nexec git-upload-pack \"$@\"\n",
        log.display()
    );
    team.outside().write(&script, counts);
    crate::world::open_to_all(&script, 0o755);
    a.git(&format!(
        "config remote.origin.uploadpack {}",
        script.display()
    ));
    a.later("1m");
    a.sh("for i in 1 2 3 4 5 6 7 8; do git-presence list & done; wait")
        .done();
    at_rest(&a);
    let looks = std::fs::read_to_string(log).unwrap().lines().count();
    assert!(looks <= 2, "{looks}");
}
