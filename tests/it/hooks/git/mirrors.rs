//! Pushes that take the board from the remote, and clones that mirror it.
//!
//! Owns that a push of all refs does not free what another session holds, that the way out works as
//! it is printed, and that copies of registers are not taken for grants.

use super::{bob_pushes, pair, push};
use crate::machines::Team;
use crate::world::{ALICE, BOB, World};

/// Bob's clone knows of Alice's lock, as of the last fetch.
fn held() -> (Team, World, World) {
    let (team, a, b) = pair();
    a.alice("claim db:main --exclusive --purpose \"move it\"")
        .done();
    (team, a, b)
}

/// Alice's lock is where it is decided, for all of these spellings of a push.
#[track_caller]
fn is_stopped(team: &Team, a: &World, b: &World, words: &str) {
    bob_pushes(b, words)
        .fails(1, "db:main is claimed by wizard@devvm@alice")
        .tells("git push --prune <remote> '+refs/heads/*:refs/heads/*'");
    assert!(
        team.refs().contains("refs/presence/locks/db-main"),
        "{words}"
    );
    a.alice("fence db:main").done();
}

#[test]
fn a_mirror_does_not_free_what_is_held() {
    let (team, a, b) = held();
    // A clone that never looked, too.
    is_stopped(&team, &a, &b, "--mirror origin");
    b.bob("sync").done();
    let url = b.git("remote get-url origin");
    for words in [
        "--mirror origin",
        "origin --mirror",
        "--prune origin +refs/*:refs/*",
        &format!("--mirror {url}"),
    ] {
        is_stopped(&team, &a, &b, words);
    }
    b.git("config alias.everything \"push --mirror\"");
    let bob = b.with("GIT_PRESENCE_SESSION", BOB);
    bob.try_git("everything origin")
        .fails(1, "db:main is claimed by");
    b.git("config remote.origin.mirror true");
    is_stopped(&team, &a, &b, "origin");
    b.git("config --unset remote.origin.mirror");
    // Under another name, and without the end of its name.
    b.git(&format!("remote add --mirror=push copy {url}"));
    is_stopped(&team, &a, &b, "copy");
    b.git("remote remove copy");
    let short = url.strip_suffix(".git").unwrap();
    is_stopped(&team, &a, &b, &format!("--mirror {short}"));
    let locks = team.refs();
    let lock = locks.lines().find(|line| line.contains("locks/db-main"));
    let lock = lock.unwrap().split_whitespace().last().unwrap().to_owned();
    bob_pushes(&b, &format!("origin --delete {lock}")).fails(1, "db:main is claimed by");
    // What is said instead.
    let instead = "--prune origin +refs/heads/*:refs/heads/* +refs/tags/*:refs/tags/*";
    bob_pushes(&b, instead).done();
    a.alice("fence db:main").done();
}

#[test]
fn a_mirror_to_another_place_is_no_matter_of_ours() {
    let (team, _a, b) = held();
    b.bob("sync").done();
    team.outside().git("init --quiet --bare backup.git");
    b.git("remote add backup ../backup.git");
    bob_pushes(&b, "--mirror backup").done();
    bob_pushes(&b, "--mirror backup").done();
}

#[test]
fn shared_claims_are_warned_of_and_the_holder_passes() {
    let (team, a, b) = pair();
    a.alice("claim db:main --purpose look").done();
    b.bob("sync").done();
    bob_pushes(&b, "--mirror origin")
        .done()
        .tells("ALSO CLAIMED BY wizard@devvm@alice (")
        .tells("): db:main")
        .tells("this push removes from the remote what is not in this clone");
    assert!(!team.refs().contains("refs/presence/sessions/"));
    // With a reason it goes on, and that is on record.
    a.alice("claim db:main --exclusive --purpose \"move it\"")
        .done();
    let forced = b.with("GIT_PRESENCE_BYPASS", "a new home");
    push(&forced, BOB, "--mirror origin").done();
    assert!(!team.refs().contains("refs/presence/locks/"));
}

#[test]
fn a_mirror_clone_has_copies_and_granted_nothing() {
    let (team, a, _b) = held();
    team.outside()
        .git("clone --quiet --mirror hub.git mirror.git");
    let mirror = team.outside().at("mirror.git");
    mirror
        .anyone("doctor")
        .says("Healthy")
        .omits("was granted to");
    // Not by an older copy either.
    a.alice("claim db:main --exclusive --purpose \"go on\"")
        .done();
    mirror.anyone("sync").done();
    mirror.anyone("doctor").says("Healthy");
    // A push from it would put the older copy back.
    mirror.anyone("install").done();
    push(&mirror, BOB, "").fails(1, "db:main is claimed by");
    a.alice("fence db:main").done();
    // Where it was granted before there was a remote, that is said.
    let alone = team.outside().at("alone");
    alone.git("init --quiet");
    alone.commit_files();
    alone
        .session(ALICE, "claim db:main --exclusive --purpose x")
        .done();
    alone.git("remote add origin ../hub.git");
    alone
        .anyone("doctor")
        .exits(1)
        .prints("was granted to wizard@devvm@alice here");
}

/// The board is kept in another clone of the remote that is pushed to.
#[test]
fn a_mirror_from_a_repository_of_code_does_not_free_what_is_held() {
    let (team, a, b) = held();
    let board = team.outside().root().join("board.git");
    b.git(&format!(
        "clone --quiet --bare {} {}",
        team.hub().dir().display(),
        board.display()
    ));
    b.git(&format!("config presence.ledger {}", board.display()));
    b.bob("sync").done();
    bob_pushes(&b, "--mirror origin").fails(1, "db:main is claimed by wizard@devvm@alice");
    a.alice("fence db:main").done();
    bob_pushes(&b, "origin HEAD:refs/heads/other").done();
}
