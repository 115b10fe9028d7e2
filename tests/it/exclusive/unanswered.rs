//! Remotes that are away or refuse, and answers that get lost.
//!
//! Owns the promise that nothing is held that the remote did not grant, and that what it granted
//! is found out although the answer was lost.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use super::{ask, cell, events, held, take};
use crate::machines::{Team, are_sound, at_rest};
use crate::world::{ALICE, BOB, World};

/// Ends the server once the refs have moved and before it says so.
const HANGS_UP: &str = "kill -9 $PPID";

/// Exit code 5 with these words; nothing is held or recorded, here or there.
#[track_caller]
fn decides_nothing(team: &Team, clone: &World, what: &str, said: &str) {
    let refs = clone.refs();
    let answer = clone.alice(&ask(what));
    answer
        .fails(5, "origin did not decide")
        .hints("doctor --remote");
    assert!(answer.err.contains(said), "{said}: {}", answer.err);
    let error = clone
        .alice(&format!("{} --json", ask(what)))
        .exits(5)
        .json();
    assert_eq!(error["error"]["kind"], "remote");
    assert_eq!(held(clone), []);
    assert_eq!(clone.refs(), refs, "not a ref has moved");
    let kept = clone.sh("ls .git/presence");
    kept.prints(contains("held-").not());
    let first = what.split(' ').next().expect("a resource");
    clone.alice(&format!("fence {first}")).exits(3);
    at_rest(&team.outside());
}

/// Nothing is held; what is requested is another matter (`queued_requests`).
#[test]
fn away() {
    let (team, a, b) = Team::pair();
    team.away();
    for what in ["infra:x", "infra:x path:src/**"] {
        let said = a.alice(&ask(what));
        said.fails(5, "origin did not decide")
            .hints("doctor --remote");
        said.tells("does not appear to be a git repository");
        assert_eq!(held(&a), []);
        let kept = a.sh("ls .git/presence");
        kept.prints(contains("held-").not());
        a.alice("fence infra:x").exits(3);
    }
    team.back();
    assert_eq!(team.refs(), "");
    b.bob(&ask("infra:x")).says("confirmed by origin");
}

#[test]
fn away_when_it_is_released_or_kept() {
    let (team, a, b) = Team::pair();
    let token = take(&a, ALICE, "infra:x");
    team.away();
    for line in ["release infra:x", "release --all-mine", &ask("infra:x")] {
        a.alice(line).fails(5, "origin did not decide");
    }
    a.alice("fence infra:x --remote").exits(5);
    // What was granted stands until it expires.
    a.alice(&format!("fence infra:x --token {token}")).done();
    team.back();
    b.bob(&ask("infra:x")).refuses(ALICE);
    a.alice("release infra:x").says("confirmed by origin");
    b.bob(&ask("infra:x")).done();
}

#[test]
fn a_hook_that_says_no_to_all() {
    let (team, a, b) = Team::pair();
    team.hook("pre-receive", "echo 'no locks here' >&2; exit 1");
    decides_nothing(&team, &a, "infra:x", "pre-receive hook declined");
    decides_nothing(
        &team,
        &a,
        "infra:x path:src/**",
        "pre-receive hook declined",
    );
    assert_eq!(team.refs(), "");
    team.no_hook("pre-receive");
    // No `--retry` is needed first.
    b.bob(&ask("infra:x")).done();
    a.alice(&ask("infra:x")).refuses(BOB);
}

#[test]
fn a_hook_that_says_no_to_one_of_several() {
    let (team, a, _) = Team::pair();
    team.hook("update", "case $1 in */locks/path-*) exit 1;; esac");
    decides_nothing(&team, &a, "infra:x path:src/**", "hook declined");
    assert_eq!(team.refs(), "");
    take(&a, ALICE, "infra:x");
}

#[test]
fn refs_that_are_hidden() {
    let (team, a, _) = Team::pair();
    team.hub().git("config receive.hideRefs refs/presence");
    decides_nothing(&team, &a, "infra:x", "hidden ref");
}

#[test]
fn a_server_that_cannot_move_several_refs_at_once() {
    let (team, a, _) = Team::pair();
    team.hub().git("config receive.advertiseAtomic false");
    decides_nothing(&team, &a, "infra:x path:src/**", "--atomic");
    assert_eq!(team.refs(), "");
    take(&a, ALICE, "infra:x");
    // One cell holds all paths.
    take(&a, ALICE, "path:src/** path:docs");
}

#[test]
fn a_hook_that_takes_too_long() {
    let (team, a, _) = Team::pair();
    a.git("config presence.syncDeadline 1s");
    team.hook("pre-receive", "sleep 3; exit 1");
    let said = a.alice(&ask("infra:x"));
    said.fails(5, "origin was asked, and no answer was heard")
        .hints("run the same command again once the remote is reachable");
    assert_eq!(held(&a), []);
    at_rest(&team.outside());
    assert_eq!(team.refs(), "");
}

#[test]
fn a_grant_whose_answer_was_lost_is_found_out() {
    let (team, a, b) = Team::pair();
    for what in ["infra:x", "infra:y path:src/**"] {
        team.hook("post-receive", HANGS_UP);
        let token = take(&a, ALICE, what);
        let first = what.split(' ').next().expect("a resource");
        a.alice(&format!("fence {first} --token {token} --remote"))
            .says("Yours");
        b.bob(&ask(first)).refuses(ALICE);
        team.no_hook("post-receive");
    }
    b.anyone("sync").done();
    assert_eq!(held(&b).len(), 3);
    are_sound(&[&a, &team.hub()]);
}

#[test]
fn a_renewal_and_a_release_whose_answers_were_lost() {
    let (team, a, b) = Team::pair();
    let token = take(&a, ALICE, "infra:x infra:y");
    team.hook("post-receive", HANGS_UP);
    a.later("10m");
    assert_eq!(take(&a, ALICE, "infra:x infra:y"), token);
    a.alice("fence infra:x").says("until 10:25");
    a.later("5m");
    a.alice("heartbeat").done();
    at_rest(&a);
    a.alice("fence infra:x").says("until 10:30");
    a.alice("release infra:x infra:y").says("Released");
    a.alice("fence infra:x").refuses("you do not hold");
    team.no_hook("post-receive");
    b.bob(&ask("infra:x infra:y")).says("confirmed by origin");
}

/// The server hung up before anything moved: it is tried again, or it is told; never assumed.
#[test]
fn a_server_that_hangs_up_before_it_moves_anything() {
    let (team, a, b) = Team::pair();
    team.hook(
        "pre-receive",
        "test -e hung-up && exit 0; touch hung-up; kill -9 $PPID",
    );
    let said = a.alice(&ask("infra:x"));
    match said.code {
        Some(0) => a.alice("fence infra:x --remote").done(),
        _ => said.fails(5, "origin did not decide"),
    };
    let first = held(&b).len();
    assert_eq!(first, 0, "as far as it knows");
    let holds = team.refs().contains(&cell("infra:x"));
    assert_eq!(holds, said.code == Some(0));
}

/// It took the grant, hung up, and was gone: whether it is held is known when it is back.
#[test]
fn a_remote_that_is_gone_right_after() {
    let (team, a, b) = Team::pair();
    let hub = team.hub().dir().display().to_string();
    team.hook(
        "post-receive",
        &format!("mv {hub} {hub}.gone; kill -9 $PPID"),
    );
    a.alice(&ask("infra:x")).fails(5, "origin");
    team.rename("hub.git.gone", "hub.git");
    team.no_hook("post-receive");
    b.bob(&ask("infra:x")).refuses(ALICE);
    // It is not to be counted on before it was asked for again; then it is what was granted.
    a.alice("fence infra:x").exits(3);
    take(&a, ALICE, "infra:x");
    a.alice("fence infra:x --remote").done();
    a.alice("release infra:x").done();
    b.bob(&ask("infra:x")).done();
}

/// That nothing has to change is true of the view here, and the remote decides.
#[test]
fn a_step_that_changes_nothing_is_asked_for_as_well() {
    let (team, a, b) = Team::pair();
    a.alice("task add tidy --key k").says("confirmed by origin");
    a.alice("task drain").says("confirmed by origin");
    team.away();
    a.alice("task add tidy --key k").says("not yet at origin");
    a.alice("task drain").fails(5, "origin");
    team.back();
    b.bob("task undrain").done();
    a.alice("task drain").says("confirmed by origin");
    b.anyone("sync").done();
    b.bob("task next").refuses("is drained");
}

/// Its own view is older than the grant, and the session asks again without a look.
#[test]
fn what_was_granted_unheard_is_asked_for_again_at_once() {
    for what in ["infra:x", "infra:x path:src/**"] {
        let (team, a, b) = Team::pair();
        a.anyone("sync").done();
        let hub = team.hub().dir().display().to_string();
        let hook = format!("mv {hub} {hub}.gone; kill -9 $PPID");
        team.hook("post-receive", &hook);
        a.alice(&ask(what)).fails(5, "origin");
        team.rename("hub.git.gone", "hub.git");
        team.no_hook("post-receive");
        a.later("1s");
        let token = take(&a, ALICE, what);
        a.alice(&format!("fence infra:x --token {token} --remote"))
            .says("Yours");
        b.bob(&ask("infra:x")).refuses(ALICE);
        a.alice(&format!("release {what}")).done();
        b.bob(&ask(what)).done();
        are_sound(&[&a, &team.hub()]);
    }
}

#[test]
fn a_remote_that_can_be_written_and_not_read() {
    let (_team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    b.git("config remote.origin.uploadpack false");
    // A grant needs no look, a refusal and a question do.
    take(&b, BOB, "infra:y");
    b.bob("fence infra:y --remote").exits(5);
    let said = b.bob(&ask("infra:x"));
    said.fails(5, "origin did not decide");
    b.bob("fence infra:x").exits(3);
}

/// It landed, the server is gone before it says so, and another session is granted it.
#[test]
fn a_release_in_doubt_is_not_counted_on() {
    let (team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    let hub = team.hub().dir().display().to_string();
    let hook = format!(
        "test $1 = committed || exit 0; grep -q locks/ || exit 0
         mv {hub} {hub}.gone; kill -9 $PPID"
    );
    team.hook("reference-transaction", &hook);
    a.alice("release infra:x")
        .fails(5, "no answer was heard")
        .hints("before you repeat it: git presence peek --fresh infra:x");
    team.rename("hub.git.gone", "hub.git");
    team.no_hook("reference-transaction");
    take(&b, BOB, "infra:x");
    a.alice("fence infra:x").exits(3);
}

/// The second renewal takes the place of the first one, and the hub declines it. A
/// session that syncs finds out in time; one that only renews its exclusive claims never does.
#[test]
fn a_hub_that_moves_refs_forward_only_takes_renewals() {
    let (team, a, _) = Team::pair();
    team.hook(
        "update",
        "case $2 in *[!0]*) ;; *) exit 0;; esac
         git merge-base --is-ancestor $2 $3 || { echo 'forward only' >&2; exit 1; }",
    );
    let token = take(&a, ALICE, "infra:x");
    for _ in 0..4 {
        a.later("5m");
        assert_eq!(take(&a, ALICE, "infra:x"), token);
    }
    assert_eq!(events(&team.hub(), "infra:x").len(), 5);
}

/// It was pushed, and no answer was heard: it is not known whether it is held.
#[test]
fn what_is_not_known_is_not_told_as_not_held() {
    let (team, a, b) = Team::pair();
    let hub = team.hub().dir().display().to_string();
    let hook = format!("mv {hub} {hub}.gone; kill -9 $PPID");
    team.hook("post-receive", &hook);
    let said = a.alice(&ask("infra:x"));
    team.rename("hub.git.gone", "hub.git");
    team.no_hook("post-receive");
    b.bob(&ask("infra:x")).refuses(ALICE);
    said.exits(5)
        .omits("nothing is held")
        .omits("did not decide");
}

/// While the answer to the release got lost, another session moved the same cell.
#[test]
fn a_release_whose_answer_was_lost_while_others_went_on() {
    let (team, a, b) = Team::pair();
    take(&a, ALICE, "path:src/**");
    team.hook(
        "post-receive",
        &format!(
            "test -e once && exit 0; touch once; unset $(git rev-parse --local-env-vars)
             GIT_PRESENCE_SESSION={BOB} git-presence -C {} claim -x path:src/a.rs \
             --purpose p >said 2>&1
             kill -9 $PPID",
            b.dir().display()
        ),
    );
    let said = a.alice("release path:src/**");
    b.bob("fence path:src/a.rs").says("Yours");
    said.says("Released path:src/**");
    a.alice("heartbeat").is_silent();
}

/// The refs of others are no part of the question.
#[test]
fn a_ref_of_another_session_that_is_stuck_keeps_no_answer_away() {
    let (team, a, b) = Team::pair();
    b.bob("claim db:other --purpose p").done();
    a.anyone("sync").done();
    let stuck = a.git("for-each-ref --format=%(refname) refs/presence-remote/origin/sessions");
    a.write(format!(".git/{stuck}.lock"), "");
    b.bob("claim db:more --purpose p").done();
    take(&b, BOB, "infra:x");
    // The view here lacks the register, so the push is lost and a fetch follows.
    a.alice(&ask("infra:x")).refuses(BOB);
    b.bob("release infra:x").done();
    take(&a, ALICE, "infra:x");
    // A register that is gone there is gone here, and no failure.
    take(&b, BOB, "infra:y");
    a.alice(&ask("infra:y")).refuses(BOB);
    team.hub()
        .git(&format!("update-ref -d {}", cell("infra:y")));
    let said = a.alice(&ask("infra:y"));
    assert!(!said.err.contains("did not decide"), "{}", said.err);
    drop(team);
}
