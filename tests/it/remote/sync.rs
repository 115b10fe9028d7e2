//! `sync`, and what the other verbs say of the remote.
//!
//! Owns the words and the JSON of a guarantee, of what is not sent, of how old a view is, and the
//! flags and failures of `sync` itself. What becomes of boards that diverge is in `machines`.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::{Value, json};
use snapbox::str;

use crate::machines::{Team, agree, claimed, sync};
use crate::said::holds;
use crate::world::World;

const CLAIM: &str = "claim infra:x --purpose p";

/// What the answer to a change promises: the guarantee, of which remote, and why not more.
#[track_caller]
fn promise(clone: &World, line: &str) -> [Value; 3] {
    let said = clone.alice(&format!("{line} --json")).done().json();
    ["guarantee", "remote", "unconfirmed_because"].map(|key| said[key].clone())
}

#[track_caller]
fn remote_status(clone: &World) -> Value {
    clone.alice("status --json").done().json()["remote"].clone()
}

#[test]
fn what_the_remote_has_is_confirmed() {
    let (_team, a, _) = Team::pair();
    a.alice(CLAIM)
        .says("Claimed infra:x until 10:15, in 15 min (confirmed by origin)");
    a.alice("release infra:x")
        .says("Released infra:x (confirmed by origin)");
    let confirmed = [json!("confirmed"), json!("origin"), Value::Null];
    assert_eq!(promise(&a, CLAIM), confirmed);
    assert_eq!(promise(&a, "release infra:x"), confirmed);
    let nothing = [Value::Null, Value::Null, Value::Null];
    assert_eq!(promise(&a, "release --all-mine"), nothing);
}

#[test]
fn what_it_does_not_have_is_marked_until_it_does() {
    let (team, a, b) = Team::pair();
    a.alice("claim infra:sent --purpose p").done();
    team.away();
    a.alice(CLAIM)
        .says("(recorded here, not yet at origin)")
        .warns("warning: recorded here;")
        .warns("it will follow");
    let [guarantee, remote, why] = promise(&a, "claim infra:y --purpose p");
    assert_eq!((guarantee, remote), (json!("unconfirmed"), json!("origin")));
    let why = why.as_str().unwrap();
    holds(why, "does not appear to be a git repository");

    let said = a.alice("list");
    for line in said.done().lines().iter().skip(1) {
        let is_marked = line.contains("(not sent yet)");
        assert_eq!(is_marked, !line.contains("infra:sent"), "{line}");
    }
    let list = a.alice("list --json").json();
    let confirmed = |claim: &Value| claim["confirmed"].as_bool().unwrap();
    let confirmed: Vec<bool> = list.as_array().unwrap().iter().map(confirmed).collect();
    assert_eq!(confirmed, [true, false, false]);
    let peeked = a.alice("peek infra:x --json").json();
    assert_eq!(peeked[0]["confirmed"], false);
    a.alice("status")
        .says("(not sent yet)")
        .says("1 change not sent yet")
        .says("last sync failed: ");
    assert_eq!(remote_status(&a)["pending"], 1);
    let error = remote_status(&a)["error"].clone();
    assert!(error.as_str().unwrap().contains("hub.git"), "{error}");

    team.back();
    sync(&[&a, &b]);
    a.alice("list").omits("not sent yet");
    a.alice("status").says("all of yours sent").omits("failed");
    assert_eq!(remote_status(&a)["error"], Value::Null);
    agree(&[&a, &b]);
}

/// A heartbeat that was not sent makes no claim unconfirmed: the others know how long it lasts.
#[test]
fn a_claim_stays_confirmed_while_its_heartbeats_wait() {
    let (_team, a, _) = Team::pair();
    a.alice(CLAIM).done();
    a.later("3m");
    a.alice("heartbeat").done();
    a.alice("list").says("infra:x").omits("not sent yet");
    assert_eq!(remote_status(&a)["pending"], 1);
}

#[test]
fn how_old_the_view_is() {
    let (team, a, _) = Team::pair();
    let fresh = team.outside().at("fresh");
    fresh.git("init --quiet");
    fresh.git("remote add origin ../hub.git");
    fresh.git("config presence.autoSync false");
    fresh
        .bob("list")
        .warns("what origin has is not known: it was never fetched");
    assert_eq!(remote_status(&fresh)["as_of"], Value::Null);
    a.alice(CLAIM).done();
    a.later("90s");
    for verb in ["list", "peek infra:x", "log"] {
        let said = a.alice(verb);
        said.warns("as of 2 min ago (origin)");
        said.prints(contains("as of").not());
    }
    a.alice("status")
        .says("Remote: other clones as of 2 min ago (origin)");
    let at = json!("2026-11-21T10:00:00.000Z");
    assert_eq!(remote_status(&a)["as_of"], at);
    for verb in ["list", "peek infra:x"] {
        let answer = a.alice(&format!("{verb} --json")).json();
        assert_eq!(answer[0]["as_of"], at, "{verb}");
    }
    // A claim has looked as well; a release has not.
    a.alice("claim infra:y --purpose p").done();
    a.alice("list").warns("as of now");
    a.later("2m");
    a.alice("release infra:y").done();
    a.alice("list").warns("as of 2 min ago");
}

#[test]
fn a_summary_of_one_line() {
    let (_team, a, b) = Team::pair();
    for clone in [&a, &b] {
        clone.git("config presence.autoSync false");
        clone.alice(CLAIM).done();
        clone.bob("claim infra:y --purpose p").done();
    }
    a.anyone("sync").says_all(str![[r#"
Synced with origin: received nothing, sent 2 changes

"#]]);
    b.anyone("sync --json").says_all(str![[r#"
{"granted":[],"pending":0,"received":2,"refused":0,"remote":"origin","sent":2}

"#]]);
    let said = a.anyone("sync");
    said.says("received 2 changes, sent nothing\n");
    assert_eq!(said.err, "");
    agree(&[&a, &b]);
}

#[test]
fn one_half_of_it() {
    let (_team, a, b) = Team::pair();
    for clone in [&a, &b] {
        clone.git("config presence.autoSync false");
    }
    a.alice("claim infra:a --purpose p").done();
    b.bob("claim infra:b --purpose p").done();
    b.anyone("sync --push-only")
        .says("received nothing, sent 1 change");
    a.anyone("sync --push-only")
        .says("received nothing, sent 1 change");
    a.alice("release infra:a").done();
    a.anyone("sync --fetch-only")
        .says("received 1 change, sent nothing; 1 change not sent yet");
    assert_eq!(claimed(&a), ["infra:b"]);
    b.anyone("sync --fetch-only")
        .says("received 1 change, sent nothing");
    assert_eq!(claimed(&b), ["infra:a", "infra:b"]);
    a.anyone("sync --push-only").says("sent 1 change\n");
    a.anyone("sync --push-only --fetch-only")
        .fails(129, "exclude each other");
    a.anyone("sync --deadline soon").fails(129, "--deadline");
}

#[test]
fn another_remote_for_once() {
    let (team, a, b) = Team::pair();
    team.outside().git("clone --quiet --bare hub.git other.git");
    for clone in [&a, &b] {
        clone.git("remote add other ../other.git");
    }
    a.alice(CLAIM).done();
    a.anyone("sync --remote other").says("sent 1");
    a.alice("claim infra:there --purpose p").done();
    a.anyone("sync --remote other --json")
        .says(r#""remote":"other""#);
    team.away();
    b.anyone("sync --remote other").says("received 1");
    // The board shows what the chosen one has.
    assert_eq!(claimed(&b), Vec::<String>::new());
    b.git("config presence.remote other");
    assert_eq!(claimed(&b), ["infra:there", "infra:x"]);
    b.bob("claim infra:b --purpose p")
        .says("confirmed by other");
    b.bob("list").warns("(other)");
}

#[test]
fn where_there_is_no_remote() {
    let world = World::new();
    world.alice(CLAIM).says("(local)");
    world
        .anyone("sync")
        .fails(129, "there is no remote to sync with")
        .hints("git remote add origin");
    assert_eq!(world.alice("status --json").json()["remote"], Value::Null);
    let said = world.alice("list");
    said.says("infra:x").omits("as of").omits("not sent yet");
    // Of two neither is meant.
    for name in ["one", "two"] {
        world.git(&format!("remote add {name} ../{name}.git"));
    }
    world
        .alice(CLAIM)
        .says("(local)")
        .warns("none is chosen: no other clone can see this");
    world
        .anyone("sync")
        .fails(129, "there are several remotes and none is chosen")
        .hints("git config presence.remote");
}

#[test]
fn a_remote_that_is_named_and_not_there() {
    let (_team, a, _) = Team::pair();
    a.anyone("sync --remote nowhere")
        .fails(129, "no remote \"nowhere\"")
        .hints("git remote -v");
    a.git("config presence.remote nowhere");
    a.anyone("sync")
        .fails(129, "no remote \"nowhere\"")
        .hints("presence.remote");
    a.alice(CLAIM)
        .says("(local)")
        .warns("there is no remote \"nowhere\" here: no other clone can see this");
    a.alice("list").exits(5).prints("infra:x");
    a.alice("doctor").exits(1);
    a.git("config presence.remote origin");
    a.anyone("sync").says("sent 1");
}

#[test]
fn a_remote_that_is_gone_and_back() {
    let (team, a, b) = Team::pair();
    team.away();
    a.alice(CLAIM).done();
    a.anyone("sync")
        .fails(5, "hub.git")
        .hints("nothing is lost");
    let failed = a.anyone("sync --json");
    assert_eq!(failed.exits(5).json()["error"]["kind"], "remote");
    assert_eq!(failed.err, "");
    team.back();
    a.anyone("sync").says("sent 1 change\n");
    b.anyone("sync").says("received 1");
    agree(&[&a, &b]);
}

#[test]
fn sync_by_hand_only() {
    let (team, a, b) = Team::pair();
    a.git("config presence.autoSync false");
    team.counts_pushes();
    let said = a.alice(CLAIM);
    said.says("not yet at origin");
    assert_eq!(said.err, "");
    let [guarantee, _, why] = promise(&a, CLAIM);
    assert_eq!(guarantee, "unconfirmed");
    assert_eq!(why, "presence.autoSync is off");
    a.later("10m");
    a.alice("heartbeat").is_silent();
    a.later("24h");
    a.alice(CLAIM).done();
    a.alice("list")
        .warns("as of 1 d ago")
        .says("(not sent yet)");
    a.bob("claim infra:x --purpose p --refuse").refuses("alice");
    crate::machines::at_rest(&a);
    assert_eq!(team.pushes(), 0);
    a.anyone("sync").says("sent 1");
    sync(&[&b]);
    agree(&[&a, &b]);
}

/// Of a board that is kept elsewhere, the remotes and the settings of that place count.
#[test]
fn a_board_in_another_repository() {
    let (team, a, b) = Team::pair();
    let code = team.outside().at("code");
    code.git("init --quiet");
    code.git("remote add origin ../code-goes-there.git");
    code.git("config presence.ledger ../a");
    code.alice(CLAIM).says("confirmed by origin");
    let outside = team.outside();
    outside
        .bob("--ledger b claim infra:y --purpose p")
        .says("confirmed by origin")
        .says("Claimed infra:y");
    code.anyone("sync").says("received 1 change, sent nothing");
    assert_eq!(claimed(&code), ["infra:x", "infra:y"]);
    agree(&[&a, &b, &code]);

    a.git("config presence.autoSync false");
    code.git("config presence.autoSync true");
    code.git("config presence.remote nowhere");
    code.alice("claim infra:z --purpose p")
        .says("not yet at origin");
    outside.anyone("--ledger a sync").says("sent 1");
    a.git("config presence.autoSync true");
    code.git("config presence.autoSync false");
    code.alice("claim infra:z2 --purpose p")
        .says("confirmed by origin");
    code.alice("list").warns("(origin)");
    // What concerns a claim itself is read where one is.
    code.git("config presence.ttl 1h");
    code.alice("claim infra:z3 --purpose p").says("in 1 h");
}

/// The last remote is removed: there is none left to tell, and what is here stays.
#[test]
fn a_remote_that_was_removed() {
    let (_team, a, b) = Team::pair();
    a.alice("claim infra:a --purpose p").done();
    b.bob("claim infra:b --purpose p").done();
    b.git("remote remove origin");
    assert_eq!(claimed(&b), ["infra:b"]);
    b.bob("claim infra:b2 --purpose p").says("(local)");
    b.bob("list").omits("not sent yet");
    b.anyone("sync").fails(129, "no remote");
}

/// The path of the socket of a shared ssh connection is one word to ssh, whatever the folder is
/// called. No server is needed to see that: ssh reads its options first. A bare repository, since
/// the path of a socket has to be short.
#[test]
fn over_ssh_from_a_folder_of_any_name() {
    let world = World::new();
    for name in ["plain", "a b", "it's", "a\"b", "${A}"] {
        let clone = world.at(name);
        clone.git("init --quiet --bare");
        clone.git("remote add origin ssh://127.0.0.1:1/x");
        let said = clone.alice("claim infra:a --purpose p");
        said.done();
        let words = format!("{}{}", said.out, said.err);
        for wrong in ["command-line", "extra arguments", "quotes", "no value"] {
            assert!(!words.contains(wrong), "{name}: {words}");
        }
    }
}

/// How many tracking refs lie in files of their own here.
fn loose(clone: &World) -> usize {
    let find = "find .git/refs/presence-remote -type f 2>/dev/null | wc -l";
    clone.sh(find).out.trim().parse().unwrap()
}

/// Git packs them, ours alone, in a background sync or `gc`; a sync that a user waits for does not.
#[test]
fn many_loose_tracking_refs_are_packed() {
    let (_team, a, b) = Team::pair();
    a.alice("claim infra:a --purpose p").done();
    sync(&[&b]);
    let tip = b.git("for-each-ref --format=%(objectname) refs/presence-remote");
    let lines = |count: usize| -> String {
        (0..count)
            .map(|n| format!("create refs/presence-remote/other/sessions/x{n} {tip}\n"))
            .collect()
    };
    b.git("tag mine");
    b.git_with_input("update-ref --stdin", lines(150).as_bytes());
    b.anyone("gc").done();
    assert_eq!(loose(&b), 151, "so few may lie there");
    let more = lines(300).lines().skip(150).collect::<Vec<_>>().join("\n") + "\n";
    b.git_with_input("update-ref --stdin", more.as_bytes());
    sync(&[&b]);
    assert_eq!(loose(&b), 301, "a sync in the foreground leaves them");
    // Nor does one while a Git of the user may write refs: this one is called as a fetch is.
    b.write("git-slow", "#!/bin/sh\nwhile :; do sleep 0.1; done\n");
    let beside = "chmod +x git-slow; ./git-slow fetch & sleep 0.3; \
                  git presence sync --background; kill $!; rm git-slow";
    b.sh(beside).done();
    assert_eq!(loose(&b), 301, "Git is at work");
    b.anyone("sync --background").done();
    assert_eq!(loose(&b), 0);
    let all = b.git("for-each-ref refs/presence-remote");
    assert_eq!(all.lines().count(), 301);
    assert!(b.has(".git/refs/tags/mine") && b.has(".git/refs/heads/main"));
    assert_eq!(claimed(&b), ["infra:a"]);
    let renamed = lines(300).replace("/x", "/y");
    b.git_with_input("update-ref --stdin", renamed.as_bytes());
    b.anyone("gc").done();
    assert_eq!(loose(&b), 0, "gc packs as well");
    // What moves later is read from its own file.
    a.alice("claim infra:b --purpose p").done();
    sync(&[&b]);
    assert_eq!(claimed(&b), ["infra:a", "infra:b"]);
}
