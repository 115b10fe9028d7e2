//! Pushes that name a place by another word than the remote that the board knows.
//!
//! Owns that a push is judged by what is at the place that it goes to, however that is spelled.

use crate::machines::Team;
use crate::world::{BOB, World};

/// Bob's clone, with a commit that a fork has and the hub lacks; it changes what Alice holds.
fn forked() -> (Team, World, World, String) {
    let (team, a, b) = Team::pair();
    b.bob("install").done();
    a.alice("claim -x path:README --purpose x").done();
    let fork = b.at("fork.git");
    fork.git("init --quiet --bare");
    b.git(&format!("remote add fork {}", fork.dir().display()));
    b.write("README", "changed\n");
    b.git("add README");
    b.git("commit --quiet -m change");
    b.git("push --quiet --no-verify fork main");
    let url = team.hub().dir().display().to_string();
    (team, a, b, url)
}

#[test]
fn the_same_place_lacks_the_same_commits() {
    let (_team, _a, b, url) = forked();
    let bob = b.with("GIT_PRESENCE_SESSION", BOB);
    std::os::unix::fs::symlink(&url, b.root().join("way")).unwrap();
    b.git(&format!("config url.{url}.insteadOf the-hub:"));
    b.git("remote add sly ../fork.git");
    b.git("fetch --quiet sly");
    b.git(&format!("config remote.sly.pushurl {url}"));
    for to in [
        "origin",
        &url,
        &format!("file://{url}"),
        &format!("{url}/"),
        "../way",
        "the-hub:",
        "sly",
    ] {
        bob.try_git(&format!("push --quiet {to} main:refs/heads/topic"))
            .fails(1, "path:README is claimed by");
    }
    // What is new at a place that no remote is fetched from, the hub tells.
    let other = b.at("other.git");
    other.git("init --quiet --bare");
    bob.try_git("push --quiet ../other.git main:refs/heads/topic")
        .fails(1, "path:README is claimed by");
    // The fork has it already.
    bob.try_git("push --quiet fork main:refs/heads/topic")
        .done();
    bob.try_git("push --quiet ../fork.git main:refs/heads/again")
        .done();
}

#[test]
fn a_mirror_to_a_link_to_the_board_takes_the_board_too() {
    let (_team, a, b, url) = forked();
    a.alice("release --all-mine").done();
    a.alice("claim -x infra:dns --purpose x").done();
    b.bob("sync").done();
    std::os::unix::fs::symlink(&url, b.root().join("way")).unwrap();
    let bob = b.with("GIT_PRESENCE_SESSION", BOB);
    for to in ["../way", &format!("{url}/../{}", hub_name(&url))] {
        bob.try_git(&format!("push --quiet --mirror {to}"))
            .fails(1, "infra:dns is claimed by");
    }
    a.alice("fence infra:dns").done();
}

fn hub_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}
