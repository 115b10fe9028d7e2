//! Which repository keeps the board: `-C`, `--ledger`, `presence.ledger`, and none at all.

use crate::world::{ALICE, World};

/// A repository, an ordinary folder, and a bare repository for a shared board.
fn with_a_shared_board() -> (World, World, World) {
    let repo = World::new();
    let board = repo.at("board.git");
    board.git("init --quiet --bare");
    let nowhere = repo.at("nowhere");
    (repo, nowhere, board)
}

#[test]
fn outside_any_repository() {
    let world = World::empty().at("nowhere");
    for line in [
        "claim node:x --purpose x",
        "list",
        "peek node:x",
        "heartbeat",
        "release --all-mine",
        "status",
        "log",
        "whoami",
        "init",
        "doctor",
    ] {
        world
            .alice(line)
            .fails(128, "no Git repository in")
            .hints("git presence -C <dir>")
            .hints("git config --global presence.ledger");
    }
    let error = world.alice("list --json").exits(128).json()["error"].clone();
    assert_eq!(error["kind"], "no_repository");
    assert_eq!(error["hints"].as_array().unwrap().len(), 2);
    // What needs no repository works without one.
    world.alice("--version").says("git-presence");
    world.alice("-h").says("Usage: git presence");
    world.alice("completions bash").says("_git_presence");
    world.alice("man").says(".TH");
    assert_eq!(std::fs::read_dir(world.dir()).unwrap().count(), 0);
}

#[test]
fn the_advice_for_work_outside_any_repository_is_good() {
    let world = World::empty().at("nowhere");
    let board = world.root().join("board");
    world.git(&format!("init --quiet --bare {}", board.display()));
    world.git(&format!(
        "config --global presence.ledger {}",
        board.display()
    ));
    world.alice("claim infra:dns --purpose x").says("Claimed");
    world.at("somewhere/else").bob("list").says("infra:dns");
}

#[test]
fn ceilings_count() {
    let world = World::new();
    let below = world.at("repo/src");
    below.alice("list").done();
    let ceiling = below.with("GIT_CEILING_DIRECTORIES", world.dir());
    ceiling.alice("list").fails(128, "no Git repository");
}

#[test]
fn as_if_started_elsewhere() {
    let (repo, nowhere, _) = with_a_shared_board();
    nowhere
        .alice("-C ../repo claim node:x --purpose x")
        .says("Claimed");
    nowhere
        .alice("claim node:y --purpose x -C ../repo")
        .says("Claimed");
    nowhere
        .alice("-C ../repo -C src list")
        .says("node:x")
        .says("node:y");
    repo.bob("list").says("node:x");
    let absolute = repo.dir().display().to_string();
    nowhere.alice(&format!("-C {absolute} list")).says("node:x");
    assert_eq!(std::fs::read_dir(nowhere.dir()).unwrap().count(), 0);
    nowhere
        .alice("-C ../missing list")
        .fails(129, "cannot go to ../missing")
        .hints("-C");
    nowhere.try_git("-C ../repo presence list").says("node:x");
}

#[test]
fn another_ledger_by_flag() {
    let (repo, nowhere, board) = with_a_shared_board();
    nowhere
        .alice("claim infra:dns --purpose x --ledger ../board.git")
        .says("Claimed");
    repo.bob("--ledger ../board.git claim infra:dns --purpose y")
        .says("ALSO CLAIMED BY wizard@devvm@alice");
    board.carol("list").says("infra:dns");
    repo.bob("list").says("Nothing is claimed.");
    assert!(!repo.has(".git/refs/presence"));
    assert!(!repo.has(".git/presence"));
    // Any repository can keep it, and from below it is relative to where one stands.
    repo.at("repo/src")
        .alice("claim db:y --purpose y --ledger ..")
        .done();
    repo.bob("list").says("db:y");
}

#[test]
fn a_ledger_that_is_none() {
    let (repo, nowhere, _) = with_a_shared_board();
    for world in [&repo, &nowhere] {
        world
            .alice("claim node:x --purpose x --ledger ../nowhere")
            .fails(128, "nowhere")
            .hints("");
        world
            .alice("list --ledger ../missing")
            .fails(128, "missing");
    }
    repo.git("config presence.ledger ../missing");
    repo.alice("claim node:x --purpose x").fails(128, "missing");
    assert!(
        !repo.has(".git/refs/presence"),
        "never silently somewhere else"
    );
}

#[test]
fn a_configured_ledger() {
    let (repo, nowhere, board) = with_a_shared_board();
    let absolute = board.dir().display().to_string();
    std::os::unix::fs::symlink(board.dir(), repo.home().join("my-board")).unwrap();
    for (n, path) in [absolute.as_str(), "../board.git", "~/my-board"]
        .iter()
        .enumerate()
    {
        repo.git(&format!("config presence.ledger {path}"));
        // Relative to the top of the work tree, wherever one stands.
        let below = repo.at("repo/src");
        below
            .alice(&format!("claim infra:n{n} --purpose x"))
            .says("Claimed");
        repo.bob("list").says(&format!("infra:n{n}"));
        board.bob("list").says(&format!("infra:n{n}"));
    }
    assert!(!repo.has(".git/refs/presence"));
    // The flag wins over the setting.
    repo.alice("claim node:here --purpose x --ledger .").done();
    board.bob("list").omits("node:here");
    nowhere
        .bob("-C ../repo list --ledger ../repo")
        .says("node:here");
}

#[test]
fn one_board_for_several_repositories() {
    let (repo, nowhere, board) = with_a_shared_board();
    repo.git(&format!(
        "config --global presence.ledger {}",
        board.dir().display()
    ));
    let other = repo.at("other");
    other.git("init --quiet");
    repo.alice("claim infra:dns --purpose x").done();
    other
        .bob("claim infra:dns --purpose y")
        .says("ALSO CLAIMED BY wizard@devvm@alice");
    nowhere.carol("list --json").says(ALICE);
    let status = other.bob("status --json").json();
    assert_eq!(status["ledger"], board.git_dir().display().to_string());
}

#[test]
fn the_settings_of_where_one_stands_count() {
    let (repo, _, board) = with_a_shared_board();
    repo.git("config presence.ledger ../board.git");
    repo.git("config presence.ttl 11");
    board.git("config presence.ttl 22");
    repo.alice("claim node:x --purpose x").says("in 11 s");
    board.alice("claim node:y --purpose x").says("in 22 s");
}
