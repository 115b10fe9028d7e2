//! What was never seen of other clones, or long ago, is not known, and nothing is free for it.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use crate::hooks::agent::{context, payload, send};
use crate::machines::{Team, at_rest};
use crate::said::holds;
use crate::world::World;

/// A clone that never looked, of a team in which Alice claims something.
fn new_clone() -> (Team, World) {
    let (team, a, _) = Team::pair();
    a.alice("claim -x stack:dns --purpose p").done();
    a.alice("claim path:src --purpose p").done();
    let hub = team.hub().dir().display().to_string();
    let outside = team.outside();
    outside.git(&format!("clone --quiet file://{hub} new"));
    let clone = outside.at("new");
    clone.git("config presence.staleAfter 30s");
    (team, clone)
}

#[test]
fn a_reader_of_a_new_clone_waits_for_its_first_look() {
    for (line, says) in [
        ("list", "stack:dns"),
        ("list --others", "stack:dns"),
        ("peek stack:dns", "held exclusively by"),
        ("status", "Others: 2 claims"),
        ("log", "claim path:src"),
    ] {
        let (_team, clone) = new_clone();
        clone.bob(line).says(says);
        at_rest(&clone);
    }
    let (_team, clone) = new_clone();
    let list = clone.bob("list --json").json();
    assert!(list[0]["as_of"].is_string(), "{list}");
    at_rest(&clone);
    clone
        .bob("peek stack:web")
        .says("stack:web is free as of now (origin)")
        .says(
            "git presence run --exclusive stack:web --purpose \"<why>\" -- <command>; the remote \
               decides who gets it",
        )
        .omits("other clones");
}

#[test]
fn where_it_cannot_be_seen_the_answer_says_so_and_the_code_is_5() {
    for (line, says) in [
        ("list", "Nothing that is claimed is known."),
        ("status", "Others: 0 claims, 0 sessions"),
        ("log", "No events yet."),
        (
            "peek stack:dns",
            "it is not known yet whether stack:dns is claimed",
        ),
    ] {
        let (team, clone) = new_clone();
        team.away();
        let said = clone.bob(line);
        said.exits(5).prints(says).prints("not known yet");
        said.prints(contains("is free").not());
        if line != "status" {
            said.tells("what origin has is not known");
        }
    }
    let (team, clone) = new_clone();
    team.away();
    assert_eq!(clone.bob("list --json").exits(5).json(), json!([]));
    let peek = clone.bob("peek stack:dns --json").exits(5).json();
    assert_eq!(peek[0]["relation"], "unknown");
    assert!(peek[0]["as_of"].is_null());
    let status = clone.bob("status --json").exits(5).json();
    assert!(status["remote"]["unknown_because"].is_string());
    clone
        .bob("hook pre-apply stack:dns")
        .fails(5, "who claims stack:dns at origin is not known yet")
        .hints("git presence sync");
    // What is here is shown, and what is one's own is known.
    clone.bob("claim node:x --purpose p").done();
    clone.bob("list").exits(5).prints("node:x");
    let mine = clone.bob("list --mine");
    mine.says("node:x").prints(contains("not known").not());
    let told = clone.with("GIT_PRESENCE_BYPASS", "no network");
    told.bob("hook pre-apply stack:dns").done();
}

/// The user may want it so.
#[test]
fn without_automatic_syncs_it_is_said_and_is_no_failure() {
    let (_team, clone) = new_clone();
    clone.git("config presence.autoSync false");
    for line in ["list", "status", "log"] {
        clone.bob(line).says("not known yet");
    }
    clone.bob("peek stack:dns").says("it is not known yet");
    clone.bob("peek stack:dns --exit-code").exits(5);
    clone
        .bob("hook pre-apply stack:dns")
        .warns("what origin has is not known");
}

#[test]
fn a_view_of_long_ago_is_not_known_any_more() {
    let (team, clone) = new_clone();
    clone.bob("sync").done();
    team.away();
    clone.git("config presence.autoSync false");
    clone.later("9m");
    clone
        .bob("peek stack:web")
        .says("stack:web is free as of 9 min ago");
    clone.bob("list").omits("not known");
    clone.later("2m");
    let since = "it was fetched too long ago";
    clone
        .bob("list")
        .says(contains("stack:dns").and(contains("not known yet")))
        .tells(since);
    clone
        .bob("status")
        .says("not known yet")
        .says("other clones as of 11 min ago (origin)")
        .says(since);
    clone
        .bob("peek stack:web")
        .says("it is not known yet whether stack:web is claimed")
        .says("it was fetched too long ago (last fetched 11 min ago)");
    clone.bob("peek stack:web --exit-code").exits(5);
    clone.bob("peek stack:dns --exit-code").exits(3);
    clone.bob("hook pre-apply stack:web").warns("not known");
    let list = clone.bob("list --json").json();
    assert_eq!(list[0]["as_of"], "2026-11-21T10:00:00.000Z");
    // By twenty times the age from which it is stale.
    clone.git("config presence.staleAfter 1m");
    clone.bob("list").omits("not known");
}

/// Each hook says so, and a prompt says it once.
#[test]
fn hooks_say_so_too() {
    let (team, clone) = new_clone();
    team.away();
    clone.git("config presence.autoSync false");
    let says = "what other clones claim at origin now is not known yet";
    let hook = |event: &str| {
        let said = send(&clone, "claude", event, &payload(&clone, "claude", event));
        context(&said)
    };
    clone.bob("claim node:x --purpose p").done();
    holds(&hook("SessionStart"), says);
    holds(&hook("UserPromptSubmit"), says);
    clone.later("5m");
    holds(&hook("UserPromptSubmit"), contains(says).not());
}

#[test]
fn a_fresh_peek_asks_the_remote_first() {
    let (team, clone) = new_clone();
    clone.bob("sync").done();
    let a = team.outside().at("a");
    a.alice("claim node:late --purpose p").done();
    // The view is young enough not to be fetched again.
    clone.bob("peek node:late").says("node:late is free");
    clone
        .bob("peek --fresh node:late")
        .says("node:late is claimed by");
    team.away();
    clone
        .bob("peek --fresh node:late")
        .exits(5)
        .prints("node:late is claimed by")
        .tells("what it has now is not known");
    clone
        .bob("peek --fresh node:other")
        .exits(5)
        .prints("it is not known yet whether node:other is claimed");
    clone.bob("peek --fresh --exit-code node:late").exits(3);
    // Asked for by name, also where nothing is synced by itself.
    team.back();
    a.alice("release node:late").done();
    clone.git("config presence.autoSync false");
    clone
        .bob("peek --fresh node:late")
        .says("node:late is free");
}
