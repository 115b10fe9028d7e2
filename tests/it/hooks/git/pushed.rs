//! The `pre-push` hook and branches: who is stopped, by what, and the bypass.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;
use serde_json::json;

use super::{alice_pushes, bob_pushes, commit, pair};
use crate::machines::Team;
use crate::said::holds;
use crate::world::{ALICE, BOB, World, open_to_all};

/// The branch on the hub.
fn hub(team: &Team, branch: &str) -> String {
    team.hub().git(&format!(
        "for-each-ref --format=%(objectname) refs/heads/{branch}"
    ))
}

fn freeze(a: &World) {
    a.alice("claim branch:main --exclusive --purpose \"release freeze\"")
        .done();
}

#[test]
fn a_branch_that_another_session_holds_exclusively() {
    let (team, a, b) = pair();
    freeze(&a);
    commit(&b, "file", "1");
    let before = hub(&team, "main");
    bob_pushes(&b, "origin main")
        .fails(1, "branch:main is claimed by wizard@devvm@alice")
        .fails(1, "\"release freeze\"; exclusively until 10:15, in 15 min")
        .hints("GIT_PRESENCE_BYPASS=")
        .hints("--no-verify");
    assert_eq!(hub(&team, "main"), before);
    // Another branch is not claimed.
    assert!(bob_pushes(&b, "origin main:side").done().err.is_empty());
    a.alice("release branch:main").done();
    assert!(bob_pushes(&b, "origin main").done().err.is_empty());
    assert_eq!(hub(&team, "main"), b.git("rev-parse main"));
}

/// Git names its own folder `.` to the hooks of a command that runs in it.
#[test]
fn a_push_from_the_folder_of_git_itself() {
    let (team, a, b) = pair();
    freeze(&a);
    commit(&b, "file", "1");
    let before = hub(&team, "main");
    b.with("GIT_PRESENCE_SESSION", BOB)
        .try_git("-C .git push origin main")
        .fails(1, "branch:main is claimed by wizard@devvm@alice");
    assert_eq!(hub(&team, "main"), before);
    b.sh("cd .git && GIT_DIR=. git-presence list")
        .says("branch:main");
}

#[test]
fn the_way_round_is_on_record_for_everybody() {
    let (team, a, b) = pair();
    freeze(&a);
    commit(&b, "file", "1");
    let forced = b.with("GIT_PRESENCE_BYPASS", "hotfix \u{1b}[31m12");
    bob_pushes(&forced, "origin main")
        .done()
        .warns("HELD EXCLUSIVELY BY wizard@devvm@alice (")
        .warns("): branch:main")
        .warns("going on anyway: \"hotfix \\u{1b}[31m12\"");
    assert_eq!(hub(&team, "main"), b.git("rev-parse main"));
    a.alice("sync").done();
    let log = a.alice("log branch:main --json").json();
    assert_eq!(log[0]["event"], "bypass");
    assert_eq!(log[0]["session_id"], BOB);
    assert_eq!(log[0]["purpose"], "hotfix \\u{1b}[31m12");
    let around = json!([{ "session_id": ALICE, "resource": "branch:main" }]);
    assert_eq!(
        (&log[0]["from"], &log[0]["around"]),
        (&json!([ALICE]), &around)
    );
    a.alice("log").says(
        "bypass branch:main  wizard@devvm@bob around branch:main of wizard@devvm@alice: \"hotfix",
    );
    let audit = a.alice("audit --json").json();
    assert_eq!(audit["bypasses"][0]["around"], around);
    a.alice("fence branch:main").says("Yours");
    // Without a conflict there is nothing to record.
    a.alice("release branch:main").done();
    commit(&b, "file", "2");
    let forced = b.with("GIT_PRESENCE_BYPASS", "just in case");
    assert!(bob_pushes(&forced, "origin main").done().err.is_empty());
    b.bob("log").omits("just in case");
}

#[test]
fn a_reason_of_nothing_is_none() {
    let (_team, a, b) = pair();
    freeze(&a);
    commit(&b, "file", "1");
    for reason in ["", "  ", "\u{1b}"] {
        let forced = b.with("GIT_PRESENCE_BYPASS", reason);
        bob_pushes(&forced, "origin main").exits(1);
    }
}

#[test]
fn the_holder_pushes() {
    let (_team, a, b) = pair();
    a.alice("install").done();
    freeze(&a);
    commit(&a, "file", "1");
    alice_pushes(&a, "origin main");
    drop(b);
}

#[test]
fn what_expired_blocks_no_push() {
    let (_team, a, b) = pair();
    freeze(&a);
    commit(&b, "file", "1");
    b.later("16m");
    assert!(bob_pushes(&b, "origin main").done().err.is_empty());
}

#[test]
fn a_branch_that_is_removed() {
    let (team, a, b) = pair();
    b.git("push --quiet --no-verify origin main:side");
    a.alice("claim branch:side --exclusive --purpose x").done();
    bob_pushes(&b, "origin :side").fails(1, "branch:side is claimed by");
    assert_ne!(hub(&team, "side"), "");
    a.alice("release branch:side").done();
    bob_pushes(&b, "origin :side").done();
    assert_eq!(hub(&team, "side"), "");
}

#[test]
fn a_tag_is_no_branch() {
    let (_team, a, b) = pair();
    a.alice("claim branch:v1 --exclusive --purpose x").done();
    b.git("tag v1");
    assert!(bob_pushes(&b, "origin v1").done().err.is_empty());
}

#[test]
fn a_shared_claim_is_told() {
    let (_team, a, b) = pair();
    a.alice("claim branch:main --purpose \"tidying up\"").done();
    commit(&b, "file", "1");
    bob_pushes(&b, "origin main")
        .done()
        .warns("ALSO CLAIMED BY wizard@devvm@alice (")
        .warns("): branch:main")
        .warns("tidying up");
}

#[test]
fn the_setting_decides() {
    let (_team, a, b) = pair();
    let mut commits = 0;
    let mut ends = |value: &str, code: i32, says: &str| {
        commits += 1;
        commit(&b, "file", &commits.to_string());
        b.git(&format!("config presence.prePush {value}"));
        let said = bob_pushes(&b, "origin main");
        said.exits(code);
        assert_eq!(
            said.err.contains("release freeze"),
            says == "says",
            "{value}"
        );
    };
    a.alice("claim branch:main --purpose \"release freeze\"")
        .done();
    ends("off", 0, "");
    ends("warn", 0, "says");
    ends("exclusive", 0, "says");
    ends("block", 1, "says");
    a.alice("release branch:main").done();
    freeze(&a);
    ends("off", 0, "");
    ends("warn", 0, "says");
    ends("exclusive", 1, "says");
    ends("block", 1, "says");
    // A setting that cannot be used is one line, and no push is stopped by it.
    ends("perhaps", 0, "");
}

#[test]
fn the_board_goes_along_with_a_push() {
    let (team, a, b) = pair();
    b.git("config presence.autoSync false");
    b.bob("claim node:x --purpose upgrade").done();
    b.git("config presence.autoSync true");
    holds(&team.refs(), contains("sessions/").not());
    commit(&b, "file", "1");
    bob_pushes(&b, "origin main").done();
    a.alice("sync").done();
    a.alice("peek node:x").says("upgrade");
    // Not where the user does not want it.
    b.git("config presence.autoSync false");
    b.bob("claim node:y --purpose upgrade").done();
    commit(&b, "file", "2");
    bob_pushes(&b, "origin main").done();
    a.alice("sync").done();
    a.alice("peek node:y").says("free");
}

#[test]
fn nor_to_a_remote_that_is_not_the_boards() {
    let (team, _, b) = pair();
    let other = team.outside().at("other.git");
    other.git("init --quiet --bare");
    b.git("remote add other ../other.git");
    b.bob("claim node:x --purpose upgrade").done();
    commit(&b, "file", "1");
    bob_pushes(&b, "other main").done();
    let url = other.dir().display().to_string();
    bob_pushes(&b, &format!("{url} main:url")).done();
    let refs = other.git("for-each-ref --format=%(refname)");
    assert_eq!(refs, "refs/heads/main\nrefs/heads/url");
}

#[test]
fn our_own_pushes_run_no_hook() {
    let (team, _, b) = Team::pair();
    let heard = b.dir().join("heard");
    b.write(
        ".git/hooks/pre-push",
        format!("#!/bin/sh\necho >>{}\n", heard.display()),
    );
    open_to_all(&b.dir().join(".git/hooks/pre-push"), 0o755);
    b.bob("install").done();
    team.counts_pushes();
    b.bob("claim node:x --purpose upgrade").done();
    b.bob("sync").done();
    assert!(!heard.exists());
    // The user pushes refs of ours: nothing to look at, and no sync on the way.
    let pushes = team.pushes();
    bob_pushes(&b, "origin refs/presence/sessions/*:refs/presence/spare/*").done();
    assert!(heard.exists());
    assert_eq!(team.pushes(), pushes + 1);
}

#[test]
fn a_fenced_push_of_the_holder_passes_its_own_guard() {
    let (team, a, _) = pair();
    a.alice("install").done();
    freeze(&a);
    commit(&a, "file", "1");
    a.alice("push origin HEAD:main --fence branch:main")
        .says("Pushed refs/heads/main");
    assert_eq!(hub(&team, "main"), a.git("rev-parse main"));
}

#[test]
fn what_is_known_here_counts_without_the_remote() {
    let (team, a, b) = pair();
    freeze(&a);
    b.bob("sync").done();
    commit(&b, "file", "1");
    team.away();
    bob_pushes(&b, "origin main").exits(128);
    let line = format!("x {0} refs/heads/main {0}\n", b.git("rev-parse main"));
    super::told(&b, line.as_bytes()).fails(3, "branch:main is claimed by");
}

#[test]
fn an_empty_push_says_nothing() {
    let (_team, a, b) = pair();
    freeze(&a);
    assert!(bob_pushes(&b, "origin main").done().err.is_empty());
    super::told(&b, b"").is_silent();
}
