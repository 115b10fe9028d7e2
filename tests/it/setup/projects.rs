//! One board for several repositories: what keeps their paths and branches apart.
//!
//! Owns the names that they have there, and that hooks of each repository meet its own.

use crate::machines::Team;
use crate::world::{ALICE, BOB, World};

/// A clone of a hub named `hub`, another repository, and the board of both.
fn shared() -> (Team, World, World, World) {
    let (team, a, _) = Team::pair();
    let board = a.at("board.git");
    board.git("init --quiet --bare");
    a.git(&format!(
        "config --global presence.ledger {}",
        board.dir().display()
    ));
    let other = a.at("tools");
    other.git("init --quiet");
    other.commit_files();
    (team, a, other, board)
}

#[test]
fn paths_and_branches_of_two_repositories_do_not_meet() {
    let (_team, a, tools, board) = shared();
    a.alice("claim -x path:src/a.rs branch:main --purpose x")
        .says("path:hub/src/a.rs")
        .says("branch:hub/main");
    tools
        .bob("claim -x path:src/a.rs branch:main --purpose y")
        .says("path:tools/src/a.rs")
        .says("branch:tools/main");
    board
        .carol("list")
        .says("path:hub/src/a.rs")
        .says("path:tools/src/a.rs");
    // What is listed can be typed again, and other types are of all.
    a.bob("claim -x path:hub/src/a.rs --purpose z").exits(3);
    a.bob("claim -x branch:hub/main --purpose z").exits(3);
    a.bob("claim -x path:. --purpose z").exits(3);
    a.alice("claim infra:dns --purpose x").done();
    tools
        .bob("claim infra:dns --purpose y")
        .says("ALSO CLAIMED BY");
    a.alice("release path:hub/src/a.rs branch:main infra:dns")
        .done();
    a.bob("claim -x path:. --purpose z").says("path:hub/**");
    // The name is chosen, or none is wanted.
    a.git("config presence.project team/shop");
    a.alice("claim path:src/a.rs --purpose x")
        .says("path:team/shop/src/a.rs");
    a.git("config presence.project \"\"");
    a.alice("claim path:src/a.rs --purpose x")
        .says("Claimed path:src/a.rs");
    // A repository with a board of its own needs none.
    tools.git("config presence.ledger .");
    tools
        .bob("claim path:src/b.rs --purpose y")
        .says("Claimed path:src/b.rs");
}

#[test]
fn hooks_meet_the_claims_of_their_repository() {
    let (_team, a, tools, _board) = shared();
    a.anyone("install").done();
    tools
        .bob("claim -x path:README branch:side --purpose theirs")
        .done();
    a.write("README", "changed\n");
    a.git("add README");
    a.git("commit --quiet -m change");
    let carol = a.with("GIT_PRESENCE_SESSION", "carol");
    // The one claim is of another repository's file, the other of its branch.
    carol.try_git("push --quiet origin main:side").done();
    carol.write("README", "again\n");
    carol.git("commit --quiet --all -m again");
    a.session(BOB, "claim -x path:README --purpose ours").done();
    carol
        .try_git("push --quiet origin main")
        .fails(1, "path:hub/README is claimed by")
        .tells("covers hub/README");
    a.session(BOB, "release path:README").done();
    a.session(BOB, "claim -x branch:main --purpose ours").done();
    carol
        .try_git("push --quiet origin main")
        .fails(1, "branch:hub/main is claimed by");
    carol
        .session(ALICE, "hook pre-apply branch:main")
        .refuses("branch:hub/main");
    carol
        .session(ALICE, "guard explain -- git push --force origin main")
        .says("branch:hub/main");
}
