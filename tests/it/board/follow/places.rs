//! Where refs are kept, and how they come: another worktree, packed refs, tables, a remote.

use super::{Follower, claim, news, said};
use crate::machines::Team;
use crate::said::holds;
use crate::world::World;

const FOLLOWS: &str = "--follow --json";

#[test]
fn another_worktree_is_heard() {
    let world = World::new();
    world.git("worktree add --quiet ../linked -b linked");
    let follower = Follower::begin(&world.at("linked"), FOLLOWS);
    claim(&world, "node:x");
    assert_eq!(follower.tells(1), ["claim node:x"]);
}

/// Before the first write there is no folder of refs that could be watched.
#[test]
fn the_first_event_of_a_repository_is_heard() {
    let world = World::new();
    let follower = Follower::begin(&world, FOLLOWS);
    claim(&world, "node:x");
    world.alice("claim -x infra:d --purpose p").done();
    assert_eq!(follower.tells(2), ["claim node:x", "claim infra:d"]);
}

#[test]
fn packed_refs_are_no_news_and_hide_none() {
    let world = World::new();
    claim(&world, "node:x");
    let follower = Follower::begin(&world, FOLLOWS);
    world.git("pack-refs --all --prune");
    world.git("gc --quiet --prune=now");
    claim(&world, "node:y");
    world.git("pack-refs --all --prune");
    claim(&world, "node:z");
    assert_eq!(follower.tells(2), ["claim node:y", "claim node:z"]);
}

#[test]
fn refs_in_tables_are_heard() {
    let world = World::empty().at("tables");
    if world.try_git("init --quiet --ref-format=reftable").code != Some(0) {
        return;
    }
    world.commit_files();
    let follower = Follower::begin(&world, FOLLOWS);
    claim(&world, "node:x");
    claim(&world, "node:y");
    assert_eq!(follower.tells(2), ["claim node:x", "claim node:y"]);
}

#[test]
fn what_a_fetch_brings_is_heard_and_what_a_push_confirms_is_not() {
    let (_team, here, there) = Team::pair();
    claim(&here, "node:before");
    let follower = Follower::begin(&here, "--follow --json --cursor mine");
    claim(&there, "node:x");
    claim(&there, "node:y");
    there.alice("claim -x infra:d --purpose p").done();
    here.anyone("sync").done();
    let told = follower.tells(3);
    assert_eq!(told, ["claim node:x", "claim node:y", "claim infra:d"]);
    // One's own event is in the ref here and in the tracking ref.
    claim(&here, "node:z");
    here.anyone("sync").done();
    there.anyone("sync").done();
    assert_eq!(follower.tells(4)[3], "claim node:z");
    follower.kill();
    assert!(news(&here, "--cursor mine").is_empty());
}

#[test]
fn a_clone_that_takes_a_new_id_tells_nothing_twice() {
    let world = World::new();
    claim(&world, "node:x");
    let session = world.git("for-each-ref --format=%(refname) refs/presence/sessions/");
    news(&world, "--cursor mine");
    // Another name of the same history, as after a move to another node id.
    world.git(&format!("update-ref {session}0 {session}"));
    assert!(news(&world, "--cursor mine").is_empty());
}

#[test]
fn a_ref_that_cannot_be_read_is_said_and_the_others_are_told() {
    let world = World::new();
    claim(&world, "node:x");
    let follower = Follower::begin(&world, FOLLOWS);
    let blob = world.git_with_input("hash-object -w --stdin", b"no commit");
    let name = "refs/presence/sessions/odd-0123456789abcdef";
    world.write(format!(".git/{name}"), format!("{blob}\n"));
    claim(&world, "node:y");
    assert_eq!(follower.tells(1), ["claim node:y"]);
    holds(&follower.errors(), "odd-0123456789abcdef is not told");
    assert_eq!(follower.errors().matches("is not told").count(), 1);
    assert_eq!(
        said(&news(follower.world(), "--cursor new")),
        ["claim node:x", "claim node:y"]
    );
}

/// What a remote lost and gets again was told before.
#[test]
fn a_remote_that_is_wiped_and_filled_again_tells_nothing_twice() {
    let (team, here, there) = Team::pair();
    claim(&there, "node:x");
    claim(&here, "node:y");
    here.anyone("sync").done();
    assert_eq!(news(&here, "--cursor mine").len(), 2);
    for name in team
        .refs()
        .lines()
        .filter_map(|line| line.split('\t').nth(1))
    {
        team.hub().git(&format!("update-ref -d {name}"));
    }
    here.anyone("sync").done();
    news(&here, "--cursor mine");
    there.anyone("sync").done();
    claim(&there, "node:z");
    here.anyone("sync").done();
    assert_eq!(said(&news(&here, "--cursor mine")), ["claim node:z"]);
}
