//! Remotes that are pushed elsewhere than they are fetched.
//!
//! Owns what is claimed there: one place has to decide, and what was granted counts only there.

use crate::machines::{Team, sync};
use crate::world::{ALICE, BOB, World};

fn ask(label: &str) -> String {
    format!("claim -x {label} --purpose p")
}

/// A second hub, with the same history.
fn second(team: &Team) -> String {
    team.outside()
        .git("clone --quiet --bare hub.git second.git");
    team.outside()
        .dir()
        .join("second.git")
        .display()
        .to_string()
}

/// Only one of the two may be told that the resource is theirs.
fn one_holds(a: &World, b: &World) {
    let held = [a.alice("fence infra:x"), b.bob("fence infra:x")];
    let held = held.iter().filter(|said| said.code == Some(0)).count();
    assert!(held <= 1, "both hold infra:x");
}

#[test]
fn nothing_is_held_exclusively_where_pushes_go_elsewhere() {
    for divide in [
        "remote.origin.pushurl {second}",
        "remote.origin.pushurl file://{second}",
        "url.{second}.pushInsteadOf file://{hub}",
        "url.file://{second}.pushInsteadOf file://{hub}",
        "url.{second}.insteadOf board: ; git config remote.origin.pushurl board:",
    ] {
        let (team, a, b) = Team::pair();
        let (second, hub) = (second(&team), team.hub().dir().display().to_string());
        let line = divide.replace("{second}", &second).replace("{hub}", &hub);
        b.sh(&format!("git config {line}")).done();
        let before = team.refs();
        b.bob(&ask("infra:x"))
            .fails(129, "origin is fetched from")
            .hints("git config presence.remote board");
        b.bob("fence infra:x").fails(129, "one place has to decide");
        a.alice(&ask("infra:x")).says("confirmed by origin");
        one_holds(&a, &b);
        // To share is no decision, and is told.
        b.bob("claim infra:y --purpose shared")
            .says("Claimed")
            .warns("pushed to another place than it is fetched from");
        // What others push there, this clone never sees.
        for line in [
            "list",
            "peek infra:free",
            "claim infra:free --purpose p --refuse",
        ] {
            b.bob(line)
                .warns("is not known: ")
                .warns("pushed to another place than it is fetched from");
        }
        b.bob("release infra:free").done();
        let board = b.anyone("list --json").done().json();
        assert_eq!(board[0]["resource"], "infra:x", "{line}");
        let report = b.anyone("doctor --json").exits(1).json();
        assert!(
            report.to_string().contains("exclusive claims are refused"),
            "{report}"
        );
        assert_ne!(team.refs(), before);
    }
}

#[test]
fn two_spellings_of_one_place_are_one() {
    for same in [
        "remote.origin.pushurl ../hub.git",
        "remote.origin.pushurl {hub}/",
        "remote.origin.pushurl {hub}/../hub.git",
        "url.{hub}.pushInsteadOf file://{hub}",
        "remote.pushDefault nowhere",
    ] {
        let (team, a, b) = Team::pair();
        let hub = team.hub().dir().display().to_string();
        a.git(&format!("config {}", same.replace("{hub}", &hub)));
        a.alice(&ask("infra:x")).says("confirmed by origin");
        a.alice("fence infra:x").done();
        b.bob(&ask("infra:x")).refuses(ALICE);
        a.alice("doctor").says("Healthy");
    }
}

#[test]
fn a_password_in_a_url_is_not_printed() {
    let (_team, a, _) = Team::pair();
    a.git("config remote.origin.pushurl https://me:secret@host.invalid/x");
    a.alice(&ask("infra:x"))
        .fails(129, "pushed to https://host.invalid/x")
        .omits("secret");
    a.alice("doctor").omits("secret");
}

/// What was granted at one place is nothing at another, and neither is what was seen there.
#[test]
fn a_url_that_is_changed_takes_the_claims_and_the_view_with_it() {
    let (team, a, b) = Team::pair();
    let second = second(&team);
    a.alice(&ask("infra:x")).done();
    a.alice("fence infra:x").done();
    a.git(&format!("remote set-url origin {second}"));
    a.alice("fence infra:x")
        .fails(3, "can no longer be trusted")
        .hints("the URL of the remote was changed");
    a.alice("heartbeat --throttle 0").exits(3);
    // Nothing was seen there yet: this is a first look.
    a.git("config presence.autoSync false");
    assert!(a.anyone("status --json").json()["remote"]["as_of"].is_null());
    a.git("config --unset presence.autoSync");
    // The other one moves along, and asks there.
    b.git(&format!("remote set-url origin {second}"));
    b.bob(&ask("infra:x")).says("confirmed by origin");
    one_holds(&a, &b);
    a.alice(&ask("infra:x")).refuses(BOB);
    // Back at the first place, the grant counts again there only if it is still in force.
    let hub = team.hub().dir().display().to_string();
    b.git(&format!("remote set-url origin {hub}"));
    b.bob("fence infra:x").exits(3);
    sync(&[&a]);
}

/// The settings of the main work tree are those that Git is called with.
#[test]
fn settings_of_work_trees() {
    let (team, a, _) = Team::pair();
    let second = second(&team);
    a.git("worktree add --quiet ../tree main --detach");
    a.git("config extensions.worktreeConfig true");
    a.git(&format!("config --worktree remote.origin.pushurl {second}"));
    let tree = team.outside().at("tree");
    for place in [&a, &tree] {
        place
            .alice(&ask("infra:x"))
            .fails(129, "origin is fetched from");
    }
    a.git("config --worktree --unset remote.origin.pushurl");
    tree.git(&format!("config --worktree remote.origin.pushurl {second}"));
    tree.alice(&ask("infra:x")).says("confirmed by origin");
}
