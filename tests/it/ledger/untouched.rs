//! The user's refs, index and files, which stay as they were.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use crate::said::holds;
use crate::snapshot::Snapshot;
use crate::world::World;

/// A repository with a bit of everything that a user may have.
fn lived_in() -> World {
    let world = World::new();
    world.git("branch side");
    world.git("tag light");
    world.git("tag -a heavy -m \"a tag\"");
    world.git("config alias.st status");
    world.git("notes add -m note");
    world.write("src/a.rs", "fn stashed() {}\n");
    world.git("stash --quiet");
    world.git("clone --quiet --bare . ../origin.git");
    world.git("remote add origin ../origin.git");
    world.git("fetch --quiet origin");
    world.git("pack-refs --all");
    world.git("branch another");
    world.write("ignored.log", "");
    world.write(".git/info/exclude", "*.log\n");
    world.git("status --porcelain");
    world
}

/// Two sessions with every verb there is.
fn busy_morning(world: &World) {
    world.alice("init").done();
    world
        .alice("claim node:x path:src/** --purpose upgrade")
        .done();
    world
        .bob("claim node:x db:y --purpose backup --ttl 1m")
        .done();
    world.bob("claim node:x --purpose z --refuse").exits(3);
    world.later("2m");
    world.alice("heartbeat").done();
    world.alice("heartbeat --throttle 0").done();
    world.bob("heartbeat").done();
    world.carol("claim nonsense --purpose x").exits(129);
    for line in [
        "list --expired",
        "peek node:x",
        "status",
        "log",
        "whoami --explain",
        "doctor",
    ] {
        world.carol(line).done();
    }
    let broken = world.ref_of("wizard@devvm@bob");
    world.break_ref(&broken, "");
    world.carol("doctor").exits(1);
    world.carol("doctor --repair").done();
    world.carol("completions bash").done();
    world.alice("release node:x").done();
    world.alice("release --all-mine").done();
    world.alice("init --undo").done();
}

#[test]
fn branches_tags_index_settings_and_work_tree() {
    let world = lived_in();
    let ours = [
        ".git/presence",
        ".git/refs/presence",
        ".git/refs/presence-remote",
        ".git/objects",
    ];
    let before = Snapshot::of(world.dir(), &ours);
    let home = Snapshot::of(&world.home(), &[]);
    busy_morning(&world);
    let changed = Snapshot::of(world.dir(), &ours).differs_from(&before);
    assert!(changed.is_empty(), "{changed:?}");
    assert!(
        Snapshot::of(&world.home(), &[])
            .differs_from(&home)
            .is_empty()
    );
    assert_eq!(world.git("status --porcelain"), "");
    assert!(!world.has(".git/logs/refs/presence"), "no reflog of ours");
}

#[test]
fn from_a_linked_work_tree() {
    let world = lived_in();
    world.git("worktree add --quiet ../linked side");
    let linked = world.at("linked");
    let ours = [
        ".git/presence",
        ".git/refs/presence",
        ".git/refs/presence-remote",
        ".git/objects",
    ];
    let before = Snapshot::of(world.dir(), &ours);
    let tree = Snapshot::of(linked.dir(), &[]);
    busy_morning(&linked);
    let changed = Snapshot::of(world.dir(), &ours).differs_from(&before);
    assert!(changed.is_empty(), "{changed:?}");
    assert!(
        Snapshot::of(linked.dir(), &[])
            .differs_from(&tree)
            .is_empty()
    );
}

#[test]
fn git_works_as_before() {
    let world = lived_in();
    world.git("config presence.autoSync false");
    busy_morning(&world);
    world.alice("claim node:x --purpose x").done();
    let ours = "for-each-ref refs/presence";
    let board = world.git(ours);
    assert_eq!(board.lines().count(), 2);
    world.git("fetch --quiet --prune origin");
    world.write("src/more.rs", "fn more() {}\n");
    world.git("add src/more.rs");
    world.git("commit --quiet -m more");
    world.git("push --quiet origin main");
    world.git("stash pop --quiet");
    world.git("checkout --quiet -- .");
    world.git("gc --quiet --prune=now");
    world.git("fsck --strict --no-dangling");
    assert_eq!(world.git(ours), board);
    assert_eq!(
        world.at("origin.git").git(ours),
        "",
        "an ordinary push does not carry it"
    );
    world.git("clone --quiet . ../clone");
    assert_eq!(world.at("clone").git(ours), "");
    let history = world.git("log --format=%s --branches --tags");
    holds(&history, contains("claim").not());
    world.bob("list").says("node:x");
}

#[test]
fn a_board_uploads_nothing_of_the_code() {
    let world = lived_in();
    busy_morning(&world);
    let roots = world.git("rev-list --max-parents=0 --glob=refs/presence");
    let code = world.git("rev-list --branches");
    assert!(roots.lines().all(|root| !code.contains(root)));
    let files = world.git("rev-list --objects --glob=refs/presence");
    holds(&files, contains("README").not());
}
