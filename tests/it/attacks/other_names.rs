//! Names that mean one thing in one clone and another thing in the next.
//!
//! Owns that two sessions which type the same words, or mean the same branch, file or folder, do
//! not both get it: what differs from clone to clone decides nothing, or the words are refused.

use serde_json::json;

use crate::hooks::agent::send;
use crate::machines::Team;
use crate::said::Said;
use crate::world::{BOB, World};

/// The hook before an edit by an agent.
fn edits_file(world: &World, file: &str) -> Said {
    let payload = json!({
        "session_id": "s",
        "cwd": world.dir(),
        "tool_name": "Edit",
        "tool_input": {"file_path": world.dir().join(file)},
    });
    send(world, "claude", "PreToolUse", &payload)
}

#[test]
fn a_name_in_brackets_is_met_where_there_is_no_such_file() {
    let (_team, a, b) = Team::pair();
    a.write("app/[id]/page.tsx", "x\n");
    for (typed, other) in [
        ("path:app/[id]/page.tsx", "path:app/[id]/page.tsx"),
        ("path:app/[id]", "path:app/[id]/page.tsx"),
        ("path:app/[id]/page.tsx", "path:app/[id]/*"),
        ("path:app/[id]/page.tsx", "path:app/[id]"),
    ] {
        a.alice(&format!("claim -x \"{typed}\" --purpose x"))
            .says("Claimed");
        b.bob("sync").done();
        b.bob(&format!("peek --exit-code \"{other}\"")).exits(3);
        b.bob(&format!("claim -x \"{other}\" --purpose y"))
            .refuses("is claimed by");
        a.alice("release --all-mine").done();
    }
    // The other way round: the file comes later.
    b.bob("claim -x \"path:app/[id]/page.tsx\" --purpose y")
        .done();
    a.alice("sync").done();
    a.alice("claim -x \"path:app/[id]\" --purpose x")
        .refuses("is claimed by");
    // What is only a pattern meets no more than before.
    a.alice("claim -x path:app/other.tsx \"path:lib/[a-m]*\" --purpose x")
        .done();
    b.bob("claim -x \"path:lib/[n-z]*\" --purpose y").done();
}

#[test]
fn a_branch_is_claimed_by_the_name_that_pushes_have() {
    let (_team, a, b) = Team::pair();
    b.bob("install").done();
    a.alice("claim -x branch:refs/heads/main --purpose x")
        .says("Claimed branch:main exclusively")
        .tells("refs/heads/main is taken as branch:main");
    b.bob("sync").done();
    let bob = b.with("GIT_PRESENCE_SESSION", BOB);
    b.git("commit --quiet --allow-empty -m more");
    bob.try_git("push --quiet origin HEAD:main")
        .fails(1, "branch:main is claimed by");
    b.bob("claim -x branch:refs/heads/main --purpose y")
        .refuses("branch:main is claimed by");
    a.alice("release branch:refs/heads/main").done();
    for (typed, meant) in [
        ("branch:HEAD", "write branch:main"),
        ("branch:@", "write branch:main"),
        ("branch:main/", "write branch:main"),
        ("branch:/main", "write branch:main"),
        ("branch:heads/main", "write branch:main"),
        ("branch:origin/main", "write branch:main"),
        ("branch:refs/remotes/origin/main", "write branch:main"),
        ("\"branch:ma*\"", "name one branch"),
        ("branch:refs/tags/v1", "name one branch"),
        ("branch:a..b", "name one branch"),
    ] {
        a.alice(&format!("claim -x {typed} --purpose x"))
            .fails(129, "is not accepted")
            .hints(meant);
    }
    // There may be one of that name after all.
    a.git("branch origin/main");
    a.alice("claim -x branch:origin/main --purpose x")
        .says("Claimed branch:origin/main");
}

/// A clone whose remote is `shop`, the folder of its code of the same name, and one that lacks it;
/// the board of both.
fn shops() -> (World, World, World) {
    let world = World::empty();
    let board = world.at("board.git");
    board.git("init --quiet --bare");
    let hub = world.at("Shop.git");
    hub.git("init --quiet --bare");
    let path = board.dir().display().to_string();
    board.git(&format!("config --global presence.ledger {path}"));
    let one = world.at("one");
    one.git("init --quiet");
    let url = hub.dir().display().to_string();
    one.git(&format!("remote add origin {url}"));
    one.commit_files();
    one.write("shop/a.py", "x\n");
    one.git("add .");
    one.git("commit --quiet -m shop");
    one.git("push --quiet origin HEAD:main");
    let two = world.at("two");
    two.git("init --quiet");
    two.git(&format!("remote add upstream {url}"));
    two.git("fetch --quiet upstream");
    two.git("reset --quiet --hard upstream/main~1");
    (one, two, board)
}

#[test]
fn a_folder_with_the_name_of_its_repository_is_never_two_resources() {
    let (one, two, _board) = shops();
    one.alice("claim -x path:shop/a.py --purpose x")
        .fails(129, "it can be a name on the board, and a file in a folder")
        .hints("write path:./shop/a.py")
        .hints("write path:./a.py");
    one.at("one/src")
        .alice("claim -x path:shop/a.py --purpose x")
        .fails(129, "it can be a name on the board")
        .hints("write path:../shop/a.py");
    one.alice("claim -x path:./shop/a.py --purpose x")
        .says("Claimed path:shop/shop/a.py");
    // Without the folder the words are not taken for something that is free.
    for verb in [
        "peek path:shop/a.py",
        "hook pre-apply path:shop/a.py",
        "claim -x path:shop/a.py --purpose y",
    ] {
        two.bob(verb).fails(129, "it can be a name on the board");
    }
    // What a verb prints can be typed again, in each of them.
    one.alice("release path:shop/shop/a.py").done();
    one.alice("claim -x path:README --purpose x")
        .says("Claimed path:shop/README");
    for clone in [&one, &two] {
        clone.bob("peek --exit-code path:shop/README").exits(3);
        clone
            .bob("claim -x path:shop/README --purpose y")
            .refuses("path:shop/README is claimed by");
    }
    two.bob("peek path:shop/new.py")
        .tells("is taken as new.py of this repository, which is not here");
}

#[test]
fn a_second_remote_does_not_rename_a_repository() {
    let (one, two, board) = shops();
    one.alice("claim -x path:README branch:main --purpose x")
        .says("Claimed path:shop/README");
    two.bob("claim -x path:README --purpose y").exits(3);
    two.git("remote add fork ../f.git");
    for line in [
        "peek path:README",
        "claim -x path:README --purpose y",
        "claim branch:main --purpose y",
        "hook pre-apply path:README",
    ] {
        two.bob(line)
            .fails(
                129,
                "the name of this repository on the board is not known; it has several remotes \
                 (f, shop)",
            )
            .hints("git config presence.project <name>");
    }
    // Hooks look for all of the names.
    two.git("config presence.enforce deny");
    edits_file(&two, "README").says("wizard@devvm@alice");
    two.bob("install").done();
    two.git("reset --quiet --hard upstream/main");
    two.git("commit --quiet --allow-empty -m more");
    let bob = two.with("GIT_PRESENCE_SESSION", BOB);
    bob.try_git("push --quiet upstream HEAD:main")
        .fails(1, "branch:shop/main is claimed by");
    // Other resources are the same for all, and a chosen name settles it.
    two.bob("claim infra:dns --purpose y").done();
    two.git("config presence.project shop");
    two.bob("claim -x path:README --purpose y").exits(3);
    two.git("config --unset presence.project");
    // Remotes of one name leave no doubt.
    two.git("remote set-url fork https://example.org/me/SHOP.git");
    two.bob("claim -x path:README --purpose y").exits(3);
    board.carol("list").says("path:shop/README");
}

#[test]
fn what_is_too_long_with_its_repository_in_front_is_not_claimed_without_it() {
    let (one, two, _board) = shops();
    let long = [
        "d".repeat(60),
        "e".repeat(60),
        "f".repeat(60),
        "g".repeat(60),
    ]
    .join("/");
    one.alice(&format!("claim -x path:{long}/abc --purpose x"))
        .fails(129, "it is too long for the board")
        .hints("claim a folder above it");
    one.alice(&format!("claim -x branch:{long}/abcd --purpose x"))
        .fails(129, "it is too long for the board");
    // A claim that is wider meets it.
    let above = long.rsplit_once('/').unwrap().0;
    one.alice(&format!("claim -x path:{above} --purpose x"))
        .done();
    two.git("config presence.enforce deny");
    edits_file(&two, &format!("{long}/abc")).says("wizard@devvm@alice");
}
