//! The same scenario in every kind of repository that Git knows.

use crate::world::{ALICE, World};

/// Two sessions and one resource, from two places that share a board.
fn play(a: &World, b: &World) {
    let branches = a.git("for-each-ref refs/heads refs/tags");
    a.alice("claim infra:x db:y --purpose \"the first\" --ttl 10s")
        .says("Claimed infra:x")
        .omits("ALSO");
    b.bob("peek infra:x")
        .says("infra:x is claimed by wizard@devvm@alice")
        .says("the first");
    b.bob("claim infra:x --purpose \"the second\"")
        .says("ALSO CLAIMED BY wizard@devvm@alice (")
        .says("): infra:x is already claimed")
        .says("Defer:");
    assert_eq!(a.alice("list --json").json().as_array().unwrap().len(), 3);
    b.bob("claim db:y --purpose x --refuse")
        .refuses("db:y is claimed by wizard@devvm@alice");
    b.bob("release --all-mine").says("Released infra:x");
    for place in [a, b] {
        let list = place.bob("list --all --json").json();
        assert_eq!(list.as_array().unwrap().len(), 2);
        assert_eq!(list[0]["session_id"], ALICE);
    }
    a.later("5s");
    a.alice("heartbeat").is_silent();
    a.later("9s");
    b.bob("list").says("infra:x");
    a.later("1s");
    for place in [a, b] {
        place.bob("list").says("Nothing is claimed.");
        place.bob("doctor").says("Healthy: 2 sessions");
    }
    a.git("fsck --strict --no-dangling");
    assert_eq!(a.git("for-each-ref refs/heads refs/tags"), branches);
}

#[test]
fn normal() {
    let world = World::new();
    play(&world, &world.at("repo/src"));
}

#[test]
fn bare() {
    let world = World::empty().at("bare.git");
    world.git("init --quiet --bare");
    play(&world, &world);
    assert!(world.has("refs/presence/sessions"));
}

#[test]
fn bare_with_history() {
    let world = World::new();
    world.git("clone --quiet --bare . ../bare.git");
    let bare = world.at("bare.git");
    play(&bare, &bare.at("bare.git/objects"));
    world.bob("list").says("Nothing is claimed.");
}

#[test]
fn linked_work_trees() {
    let world = World::new();
    world.git("worktree add --quiet ../linked -b side");
    let linked = world.at("linked");
    play(&linked, &world);
    play(&world, &linked.at("linked/src"));
    world.git("worktree remove ../linked");
    world.alice("log").says("claim infra:x");
}

#[test]
fn a_work_tree_of_a_bare_repository() {
    let world = World::new();
    world.git("clone --quiet --bare . ../bare.git");
    let bare = world.at("bare.git");
    bare.git("worktree add --quiet ../tree main");
    play(&world.at("tree"), &bare);
}

#[test]
fn a_submodule_has_a_board_of_its_own() {
    let world = World::new();
    world.git("clone --quiet --bare . ../library.git");
    world.git("-c protocol.file.allow=always submodule --quiet add ../library.git library");
    let library = world.at("repo/library");
    play(&library, &library.at("repo/library/src"));
    assert!(world.has(".git/modules/library/refs/presence"));
    assert!(!world.has(".git/refs/presence"));
    world.bob("log").says("No events yet.");
}

/// A clone with history behind it, made with these options.
fn clone_of_a_longer_history(options: &str) -> World {
    let world = World::new();
    for n in 0..3 {
        world.write("src/a.rs", format!("fn a{n}() {{}}\n"));
        world.git(&format!("commit --quiet -a -m \"change {n}\""));
    }
    world.git("config uploadpack.allowFilter true");
    let from = world.dir().display().to_string();
    world.git(&format!("clone --quiet {options} file://{from} ../clone"));
    world.at("clone")
}

#[test]
fn a_shallow_clone() {
    let clone = clone_of_a_longer_history("--depth 1");
    assert_eq!(clone.git("rev-parse --is-shallow-repository"), "true");
    play(&clone, &clone);
    assert_eq!(clone.git("rev-list --count main"), "1");
}

#[test]
fn a_partial_clone() {
    let clone = clone_of_a_longer_history("--filter=blob:none");
    assert_eq!(
        clone.git("config remote.origin.partialclonefilter"),
        "blob:none"
    );
    let missing = |clone: &World| {
        clone
            .git("rev-list --objects --missing=print main")
            .contains('?')
    };
    assert!(missing(&clone));
    play(&clone, &clone);
    assert!(missing(&clone), "nothing was fetched");
}

#[test]
fn a_single_branch_clone_that_was_never_checked_out() {
    let clone = clone_of_a_longer_history("--single-branch --no-checkout");
    play(&clone, &clone);
}

#[test]
fn sha256() {
    let world = World::empty().at("repo");
    world.git("init --quiet --object-format=sha256");
    world.commit_files();
    play(&world, &world);
    let ids = world.git("for-each-ref --format=%(objectname) refs/presence");
    assert!(ids.lines().all(|id| id.len() == 64), "{ids}");
    assert_eq!(ids.lines().count(), 2);
}

#[test]
fn reftable() {
    let world = World::empty().at("repo");
    world.git("init --quiet --ref-format=reftable");
    world.commit_files();
    play(&world, &world.at("repo/src"));
    assert!(
        !world.has(".git/refs/presence"),
        "no file that Git cannot see"
    );
    let refs = world.git("for-each-ref refs/presence/sessions");
    assert_eq!(refs.lines().count(), 2);
    world.git("pack-refs --all");
    world.git("gc --quiet");
    world.alice("log").says("claim");
}

#[test]
fn reftable_in_a_linked_work_tree_and_bare() {
    let world = World::empty().at("repo");
    world.git("init --quiet --ref-format=reftable");
    world.commit_files();
    world.git("worktree add --quiet ../linked -b side");
    let linked = world.at("linked");
    play(&linked, &world);
    assert!(!world.has(".git/refs/presence"));
    let bare = world.at("bare.git");
    bare.git("init --quiet --bare --ref-format=reftable --object-format=sha256");
    play(&bare, &bare);
    assert!(!bare.has("refs/presence"));
}

#[test]
fn packed_refs() {
    let world = World::new();
    world.alice("claim node:before --purpose x").done();
    world.bob("heartbeat").done();
    world.git("pack-refs --all");
    assert!(!world.git_dir().join(world.ref_of(ALICE)).exists());
    world
        .bob("peek node:before")
        .says("is claimed by wizard@devvm@alice");
    world.alice("claim node:after --purpose x").says("Claimed");
    world.bob("list").says("node:before").says("node:after");
    world.alice("release --all-mine").done();
    world.git("pack-refs --all");
    play(&world, &world);
    world.git("gc --quiet");
    world.later("1m");
    play(&world, &world);
    world.alice("log").says("claim node:before");
}

#[test]
fn after_an_aggressive_gc() {
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    world.git("gc --quiet --aggressive --prune=now");
    world.git("multi-pack-index write");
    world.bob("list").says("node:x");
    world.alice("claim node:x --purpose y").says("Renewed");
    assert_eq!(world.bob("list --json").json()[0]["purpose"], "y");
    world.git("fsck --strict --no-dangling");
}

#[test]
fn an_unborn_head() {
    let world = World::empty().at("repo");
    world.git("init --quiet");
    play(&world, &world);
    world.try_git("rev-parse --verify --quiet HEAD").exits(1);
}

#[test]
fn a_detached_head() {
    let world = World::new();
    world.git("checkout --quiet --detach");
    let before = world.read(".git/HEAD");
    play(&world, &world);
    assert_eq!(world.read(".git/HEAD"), before);
}

#[test]
fn with_alternates() {
    let world = World::new();
    world.alice("claim node:theirs --purpose x").done();
    world.git("clone --quiet --shared . ../borrower");
    let borrower = world.at("borrower");
    borrower.git("remote remove origin");
    play(&borrower, &borrower);
    borrower.bob("list --expired").omits("node:theirs");
}

#[test]
fn a_separate_git_dir() {
    let world = World::empty().at("repo");
    world.git("init --quiet --separate-git-dir ../elsewhere.git");
    play(&world, &world.at("elsewhere.git"));
    assert!(world.at("elsewhere.git").has("refs/presence/sessions"));
}

#[test]
fn a_path_with_spaces_and_more() {
    let world = World::empty().at("a b/ü $HOME 'quoted' \\ 100%");
    world.git("init --quiet");
    play(&world, &world);
}
