//! The remote as the arbiter of exclusive claims.
//!
//! Owns two clones and the hub between them: grants that rest on an old view, renewal in the
//! background, and which remote can decide at all. What the hub does not answer is in `unanswered`.

use super::{TTL_AND_MARGIN, ask, cell, events, held, holders, take};
use crate::machines::{Team, are_sound, at_rest, copied};
use crate::said::holds;
use crate::world::{ALICE, BOB, World};

/// A session that still counts on it here has to be told.
#[test]
fn doctor_tells_what_was_granted_before_a_remote_decided() {
    let team = Team::new();
    let a = team.clone_to("a");
    let url = a.git("remote get-url origin").trim().to_owned();
    a.git("remote remove origin");
    take(&a, ALICE, "infra:x");
    a.git(&format!("remote add origin {url}"));
    let said = a.anyone("doctor");
    let tells = format!("infra:x was granted to {ALICE} here");
    said.exits(1).prints(&tells);
    a.later(TTL_AND_MARGIN);
    a.anyone("doctor").says("Healthy");
}

#[test]
fn the_answer_says_who_decided() {
    let (team, a, b) = Team::pair();
    a.alice(&ask("infra:x"))
        .says("Claimed infra:x exclusively, token")
        .says("(confirmed by origin)");
    let again = a.alice(&format!("{} --json", ask("infra:x")));
    let again = again.done().json();
    assert_eq!(again["guarantee"], "confirmed");
    assert_eq!(again["remote"], "origin");
    assert_eq!(again["claims"][0]["confirmed"], true);
    holds(&team.refs(), &cell("infra:x"));
    assert!(
        !a.has(format!(".git/{}", cell("infra:x"))),
        "one place only"
    );
    b.bob(&ask("infra:x"))
        .refuses("infra:x is claimed by wizard@devvm@alice");
    b.bob("list").says("exclusive");
    a.alice("release infra:x").says("(confirmed by origin)");
    are_sound(&[&a, &b, &team.hub()]);
}

#[test]
fn a_grant_goes_from_clone_to_clone() {
    let (_team, a, b) = Team::pair();
    let mut last = 0;
    for _ in 0..2 {
        for (clone, other, session) in [(&a, &b, ALICE), (&b, &a, BOB)] {
            let token = take(clone, session, "infra:x path:src/**");
            assert!(token > last, "{token} after {last}");
            last = token;
            other.carol(&ask("infra:x")).refuses(session);
            other.carol(&ask("path:src/a.rs")).refuses(session);
            clone
                .session(session, &format!("fence infra:x --token {token} --remote"))
                .done();
            clone.session(session, "release --all-mine").done();
        }
    }
    a.anyone("sync").done();
    assert_eq!(held(&a), []);
}

/// B last saw it held, and it is free: that is found out before any session is refused.
#[test]
fn a_no_that_rests_on_an_old_view_is_looked_at_first() {
    let (_team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    b.anyone("sync").done();
    a.alice("release infra:x").done();
    assert_eq!(holders(&b, "infra:x"), [ALICE], "as far as it knows");
    b.bob(&ask("infra:x")).says("Claimed infra:x exclusively");
}

/// B last saw it free, and it is held: the lease of the push finds it out.
#[test]
fn a_yes_that_rests_on_an_old_view_is_refused_by_the_remote() {
    let (_team, a, b) = Team::pair();
    for _ in 0..2 {
        take(&a, ALICE, "infra:x");
        assert_eq!(held(&b), [], "as far as it knows");
        b.bob(&ask("infra:x")).refuses(ALICE);
        a.alice("release infra:x").done();
        b.anyone("sync").done();
    }
}

/// B sees a lease that has expired, and A has renewed it since.
#[test]
fn no_holder_is_taken_over_on_hearsay() {
    let (_team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    b.anyone("sync").done();
    a.later("10m");
    a.alice(&ask("infra:x")).says("Renewed");
    a.later("10m");
    assert_eq!(held(&b), [], "as far as it knows");
    b.bob(&ask("infra:x")).refuses(ALICE);
    a.alice("fence infra:x --remote").done();
}

#[test]
fn of_several_all_or_none() {
    let (team, a, b) = Team::pair();
    take(&a, ALICE, "infra:b");
    // As far as B knows all of it is free; the push is one.
    b.bob(&ask("infra:a infra:b infra:c path:src/**"))
        .refuses("infra:b is claimed");
    let refs = team.refs();
    assert_eq!(refs.matches("/locks/").count(), 1, "{refs}");
    a.alice("release infra:b").done();
    take(&b, BOB, "infra:a infra:b infra:c path:src/**");
    a.anyone("sync").done();
    assert_eq!(held(&a).len(), 4);
    b.bob("release --all-mine").done();
    a.anyone("sync").done();
    assert_eq!(held(&a), []);
}

#[test]
fn a_takeover_between_clones() {
    let (_team, a, b) = Team::pair();
    let first = take(&a, ALICE, "infra:x");
    b.later("15m");
    b.bob(&ask("infra:x")).refuses(ALICE);
    b.later("31s");
    b.bob(&ask("infra:x"))
        .warns("taken over from wizard@devvm@alice");
    // A does not know yet, and may not count on it all the same.
    a.alice("fence infra:x").exits(3);
    a.alice(&format!("fence infra:x --token {first} --remote"))
        .exits(3);
    a.alice(&ask("infra:x")).refuses(BOB);
    b.bob("fence infra:x --remote").done();
    let log = a.carol("log -n 1 --json").done().json();
    assert_eq!(log[0]["event"], "takeover");
}

#[test]
fn a_fence_that_asks_the_remote_sees_what_was_taken_since() {
    let (_team, a, b) = Team::pair();
    let token = take(&a, ALICE, "infra:x");
    // A clock that is ahead by more than the margin breaks the bargain; fencing does not.
    let ahead = b.with("GIT_PRESENCE_TEST_NOW", "2026-11-21T11:00:00Z");
    take(&ahead, BOB, "infra:x");
    let line = format!("fence infra:x --token {token}");
    a.alice(&line).says("Yours");
    a.alice(&format!("{line} --remote"))
        .refuses("taken over by wizard@devvm@bob");
    a.alice(&line).exits(3);
}

#[test]
fn a_heartbeat_renews_at_the_remote_without_waiting() {
    let (team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x path:src/**");
    team.counts_pushes();
    a.later("299s");
    a.alice("heartbeat").done();
    at_rest(&a);
    assert_eq!(events(&team.hub(), "infra:x"), ["claim infra:x"]);
    for _ in 0..5 {
        a.later("5m");
        a.alice("heartbeat").is_silent();
        at_rest(&a);
    }
    // Half an hour later it is still the same grant.
    b.bob(&ask("infra:x")).refuses(ALICE);
    a.alice("fence infra:x --remote").done();
    let hub = team.hub();
    assert_eq!(events(&hub, "infra:x"), ["renew infra:x", "claim infra:x"]);
    assert_eq!(events(&hub, "path:src/**").len(), 2);
    are_sound(&[&a, &hub]);
}

#[test]
fn a_heartbeat_while_the_remote_is_away() {
    let (team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    team.away();
    a.later("10m");
    a.alice("heartbeat").done();
    at_rest(&a);
    a.alice("fence infra:x").says("until 10:15");
    a.later("5m");
    a.alice("heartbeat").refuses("expired");
    a.alice("fence infra:x").refuses("expired");
    at_rest(&a);
    team.back();
    a.alice("heartbeat --throttle 0").done();
    at_rest(&a);
    b.later("31s");
    b.bob(&ask("infra:x")).says("Claimed infra:x exclusively");
}

/// One session id in two clones is two holders.
#[test]
fn the_same_name_in_another_clone_is_another_session() {
    let (_team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    b.alice(&ask("infra:x")).refuses(ALICE);
    b.alice("fence infra:x").exits(3);
    b.alice("release infra:x").exits(3);
    b.alice("release --all-mine").done();
    a.alice("fence infra:x --remote").done();
}

#[test]
fn several_push_urls_cannot_decide_one_thing() {
    for set in [
        "git remote set-url --add --push origin ../hub.git &&
         git remote set-url --add --push origin ../other.git",
        "git remote set-url --add origin ../other.git",
    ] {
        let (team, a, _) = Team::pair();
        team.outside().git("clone --quiet --bare hub.git other.git");
        a.sh(set).done();
        let before = team.refs();
        a.alice(&ask("infra:x"))
            .fails(129, "origin has 2 push URLs, and one has to decide")
            .hints("presence.remote");
        assert_eq!(team.refs(), before);
        assert_eq!(held(&a), []);
        // To share is no decision.
        a.alice("claim infra:x --purpose p").done();
        // One that pushes elsewhere than it fetches is one.
        a.sh("git remote set-url --delete --push origin ../other.git; \
              git remote set-url --delete origin ../other.git; true")
            .done();
        a.alice(&ask("infra:y")).says("confirmed by origin");
    }
}

/// Syncing by hand is for what is shared; a decision cannot wait.
#[test]
fn it_is_decided_at_once_with_autosync_off() {
    let (_team, a, b) = Team::pair();
    for clone in [&a, &b] {
        clone.git("config presence.autoSync false");
    }
    take(&a, ALICE, "infra:x");
    b.bob(&ask("infra:x")).refuses(ALICE);
    a.alice("release infra:x").says("confirmed by origin");
    take(&b, BOB, "infra:x");
}

/// A copied clone has the name of the first one until it finds out.
#[test]
fn a_copy_of_a_clone_does_not_count_on_what_the_first_one_holds() {
    let team = Team::new();
    let a = team.clone_to("a");
    take(&a, ALICE, "infra:x");
    let twin = copied(&a, "twin");
    twin.bob(&ask("infra:x")).refuses(ALICE);
    a.alice("release infra:x").done();
    take(&twin, BOB, "infra:x");
    a.alice(&ask("infra:x")).refuses(BOB);
}

#[test]
fn in_a_linked_work_tree_and_from_a_bare_clone() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.git("worktree add --quiet ../linked -b side");
    let bare = team.clone_with("--bare", "bare.git");
    let linked = a.at("linked");
    let first = take(&linked, ALICE, "infra:x");
    a.alice("fence infra:x --remote").done();
    bare.bob(&ask("infra:x")).refuses(ALICE);
    a.alice("release infra:x").done();
    assert!(take(&bare, BOB, "infra:x") > first);
    linked.later(TTL_AND_MARGIN);
    take(&linked, ALICE, "infra:x");
    bare.bob("fence infra:x").exits(3);
}

/// What was decided here before there was a remote is not what the remote says.
#[test]
fn a_remote_that_is_added_later_decides_from_then_on() {
    let team = Team::new();
    let a = team.clone_to("a");
    let alone: World = team.outside().at("alone");
    alone.git("init --quiet");
    let first = take(&alone, BOB, "infra:x");
    let hub = team.hub().dir().display().to_string();
    alone.git(&format!("remote add origin file://{hub}"));
    alone.later("1s");
    let second = take(&a, ALICE, "infra:x");
    assert!(second > first);
    alone.bob("fence infra:x --remote").exits(3);
    alone.bob(&ask("infra:x")).refuses(ALICE);
}

/// A holds it no more: a session that only wants to share it is refused without a fetch.
#[test]
fn a_shared_claim_is_not_refused_on_an_old_view() {
    let (_team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    b.anyone("sync").done();
    a.alice("release infra:x").done();
    b.bob("claim infra:x --purpose p").says("Claimed infra:x");
}

/// Who shares it is judged by a view of up to `presence.staleAfter`, and anew before a refusal.
#[test]
fn an_exclusive_claim_is_not_refused_for_who_has_stopped_sharing() {
    let (_team, a, b) = Team::pair();
    a.alice("claim infra:x --purpose p").says("confirmed");
    b.anyone("sync").done();
    a.alice("release infra:x").says("confirmed");
    b.bob(&ask("infra:x")).says("Claimed infra:x exclusively");
}
