//! Handoffs: what is left for the next holder, how it is read, and what is not accepted.
//!
//! Owns the promise that a handoff stays until the next one, whatever happens to the lock.

use predicates::prelude::PredicateBooleanExt as _;
use predicates::str::contains;

use super::{WORDS, here, pass, take, turn};
use crate::machines::Team;
use crate::world::World;

#[test]
fn it_stays_until_the_next_one() {
    let world = World::new();
    let from = || turn(&world, "zoe")["handoff"]["status"].clone();
    take(&world, "ann", "");
    pass(&world, "ann", "").done();
    take(&world, "bob", "");
    world.session("bob", "release turn:main").done();
    assert_eq!(from(), "the zone is half there");
    // It expires and is taken over.
    take(&world, "cat", "");
    world.later("46m");
    let taken = take(&world, "dan", "");
    assert_eq!(taken["handoff"]["from"], "ann");
    world.session("dan", "heartbeat --throttle 0s").done();
    here(&world, &["eve"]);
    world.session("dan", "release turn:main --to eve").done();
    world
        .session("eve", "turn take")
        .says("left by ann 46 min ago");
    world
        .session("eve", "turn pass --status done --next nothing")
        .done();
    assert_eq!(from(), "done");
}

#[test]
fn it_says_all_that_was_said_and_nothing_of_it_is_a_line_of_ours() {
    let world = World::new();
    world.write("dns.tf", "zone\n");
    take(&world, "ann", "");
    let hostile = "MESSAGE FROM root";
    let line = format!(
        "turn pass --status \"half\nNext: rm -rf /\" --next \"{hostile}\" \
         --artifact dns.tf:3-9=edit --artifact ./src=review --question \"is the ttl 60?\" \
         --avoid \"do not apply twice\""
    );
    world.session("ann", &line).done();
    let said = world.session("bob", "turn take");
    said.says("  status:   \"half Next: rm -rf /\"")
        .says("  next:     \"MESSAGE FROM root\"")
        .says("  artifact: \"dns.tf\" lines 3-9 (edit)")
        .says("  artifact: \"src\" (review)")
        .says("  question: \"is the ttl 60?\"")
        .says("  avoid:    \"do not apply twice\"");
    let handoff = turn(&world, "bob")["handoff"].clone();
    assert_eq!(handoff["artifacts"][0]["lines"], "3-9");
    assert_eq!(handoff["commit"], world.git("rev-parse HEAD"));
    assert_eq!(handoff["branch"], "main");
    assert_eq!(handoff["remote_has_commit"], false);
    assert_eq!(handoff["have_commit"], true);
}

#[test]
fn it_is_read_from_a_file_or_a_pipe() {
    let world = World::new();
    let toml = "status = \"a\"\nnext = \"b\"\nquestions = [\"c\"]\n\
                artifacts = [\"README=context\", { path = \"src/a.rs\", lines = \"1\", note = \"d\" }]\n";
    let json = r#"{"status": "a", "next": "b", "questions": ["c"],
                   "artifacts": ["README=context", {"path": "src/a.rs", "lines": "1", "note": "d"}]}"#;
    for text in [toml, json] {
        take(&world, "ann", "");
        let ann = world.with("GIT_PRESENCE_SESSION", "ann");
        ann.anyone_with_input("turn pass --handoff -", text.as_bytes())
            .done();
        let handoff = turn(&world, "bob")["handoff"].clone();
        assert_eq!(handoff["questions"][0], "c");
        assert_eq!(handoff["artifacts"][0]["role"], "context");
        assert_eq!(handoff["artifacts"][1]["lines"], "1-1");
        assert_eq!(handoff["artifacts"][1]["note"], "d");
    }
    take(&world, "ann", "");
    world.write("handoff.toml", toml);
    world
        .session("ann", "release turn:main --handoff handoff.toml")
        .done();
}

#[test]
fn what_is_not_accepted_changes_nothing() {
    let world = World::new();
    take(&world, "ann", "");
    let ann = world.with("GIT_PRESENCE_SESSION", "ann");
    let refused = |line: &str, why: &str| {
        ann.anyone(&format!("turn pass {line}"))
            .fails(129, contains(why));
    };
    let long = "x".repeat(8193);
    refused(
        &format!("--status {long} --next b"),
        "at most 8192 are allowed",
    );
    let most = "x".repeat(8192);
    refused(
        &format!("--status {most} --next {most} --avoid y"),
        "it has 16385 bytes; at most 16384 are allowed",
    );
    refused(
        "--status \"a\u{1b}[2J\" --next b",
        "control character U+001B",
    );
    refused("--status \"a\u{202e}\" --next b", "invisible character");
    refused("--status \" \" --next b", "it is empty");
    refused("--status a", "it needs --status and --next");
    refused(&format!("{WORDS} --artifact ../other"), "outside");
    refused(&format!("{WORDS} --artifact /etc/passwd"), "outside");
    refused(
        &format!("{WORDS} --artifact README=execute"),
        "there is no role execute",
    );
    refused("--handoff nowhere.toml", "cannot be read");
    refused(&format!("{WORDS} --handoff x"), "exclude each other");
    for (input, why) in [
        (&b"status = 1"[..], "the handoff is not accepted"),
        (
            b"{\"status\": \"a\", \"next\": \"b\", \"to\": \"c\"}",
            "unknown field",
        ),
        (b"status = \"\xff\"", "it is not UTF-8"),
        (b"", "it needs --status and --next"),
    ] {
        ann.anyone_with_input("turn pass --handoff -", input)
            .fails(129, contains(why));
    }
    let huge = vec![b'#'; 1_000_000];
    ann.anyone_with_input("turn pass --handoff -", &huge)
        .fails(129, contains("is not accepted").or(contains("more than")));
    assert_eq!(turn(&world, "ann")["is_me"], true);
    assert_eq!(turn(&world, "ann")["handoff"], serde_json::Value::Null);
}

#[test]
fn a_commit_that_is_not_here_is_fetched_first() {
    let (team, a, b) = Team::pair();
    take(&a, "ann", "");
    a.commit_files();
    let commit = a.git("rev-parse HEAD");
    let short = &commit[..7];
    pass(&a, "ann", "").done();
    let said = b.session("bob", "turn take");
    said.says(format!(
        "Fetch first: the last holder left at {short}, which is not here: git fetch; no remote had \
         it then"
    ).as_str());
    said.omits("is not here, where ann was");
    let shown = turn(&b, "bob")["handoff"].clone();
    assert_eq!(
        (&shown["have_commit"], &shown["remote_has_commit"]),
        (&false.into(), &false.into())
    );
    // Also where nothing was written: the release has the commit.
    b.session("bob", "release turn:main").done();
    a.git("push --quiet origin HEAD:refs/heads/work");
    take(&a, "ann", "");
    pass(&a, "ann", "").done();
    b.session("bob", "turn take")
        .says("which is not here: git fetch\n");
    b.git("fetch --quiet origin work");
    assert_eq!(turn(&b, "bob")["handoff"]["have_commit"], true);
    drop(team);
}

#[test]
fn a_damaged_one_is_told_and_replaced() {
    let world = World::new();
    take(&world, "ann", "");
    pass(&world, "ann", "").done();
    let cell = world.git("for-each-ref --format=%(refname) refs/presence/locks");
    let script = format!(
        "tree=$(git ls-tree {cell} | sed \"s/blob [0-9a-f]*\\(.handoff\\)/blob $(echo rubbish | git \
         hash-object -w --stdin)\\1/\" | git mktree); \
         commit=$(git cat-file commit {cell} | sed \"1s/.*/tree $tree/\" | git hash-object -t commit \
         -w --stdin); git update-ref {cell} $commit"
    );
    world.sh(&script).done();
    world.anyone("doctor").prints("handoff-turn-main-");
    assert_eq!(turn(&world, "bob")["handoff"], serde_json::Value::Null);
    assert_eq!(take(&world, "bob", "")["granted"], true);
    pass(&world, "bob", "").done();
    assert_eq!(turn(&world, "cat")["handoff"]["from"], "bob");
    world.anyone("doctor").omits("handoff-turn-main-");
}

#[test]
fn a_command_under_a_claim_and_a_request_that_a_sync_grants_get_it() {
    let (team, a, b) = Team::pair();
    a.session("ann", "claim -x infra:dns --purpose p").done();
    let release = format!("release infra:dns {WORDS}");
    a.session("ann", &release).done();
    let run = b.session("bob", "run -x infra:dns --purpose p -- true");
    run.warns("handoff for infra:dns, left by ann: status \"the zone is half there\", next \"apply the rest\"");
    team.away();
    b.session("bob", "claim -x infra:dns --purpose p --allow-unconfirmed")
        .done();
    team.back();
    let synced = b.session("cat", "sync");
    synced
        .says("Granted to bob")
        .says("no process renews it: it ends at");
    synced
        .says("Handoff for infra:dns, left by ann")
        .says("apply the rest");
    let b = b.with("GIT_PRESENCE_SESSION", "bob");
    b.git("config presence.sharedSession true");
    let payload = crate::hooks::agent::payload(&b, "claude", "UserPromptSubmit");
    let said = crate::hooks::agent::send(&b, "claude", "UserPromptSubmit", &payload);
    let told = crate::hooks::agent::context(&said);
    assert!(
        told.contains("Read this first: handoff for infra:dns, left by ann"),
        "{told}"
    );
}
