//! Clones of every kind that share a board.
//!
//! Owns the promise that a clone stays what it was, and sees all the same; also from inside a hook.

use super::{Team, agree, are_sound, at_rest, board, claimed, follow_the_board, names, sync};
use crate::world::World;

/// This clone and a plain one claim, renew, release, and see each other.
#[track_caller]
fn takes_part(team: &Team, clone: &World) {
    let plain = team.clone_to("plain");
    clone
        .alice("claim infra:a path:src --purpose p")
        .says("confirmed by origin");
    plain
        .bob("claim infra:b path:src/x --purpose p")
        .says("ALSO CLAIMED BY");
    sync(&[clone]);
    agree(&[clone, &plain]);
    clone.later("5m");
    clone.alice("heartbeat").done();
    at_rest(clone);
    clone.alice("release infra:a").says("confirmed by origin");
    sync(&[clone, &plain]);
    assert_eq!(claimed(clone), ["infra:b", "path:src", "path:src/x"]);
    agree(&[clone, &plain]);
    are_sound(&[clone, &plain, &team.hub()]);
}

/// With a refspec for the board, the user's own fetch brings what the filter of the clone lets
/// through, and no more.
#[test]
fn a_partial_clone_whose_own_fetch_brought_half() {
    for filter in ["blob:none", "tree:0"] {
        let team = Team::new();
        team.hub().git("config uploadpack.allowFilter true");
        let a = team.clone_to("a");
        let b = team.clone_with(&format!("--filter={filter}"), "b");
        follow_the_board(&b);
        a.alice("claim infra:a --purpose p").done();
        b.git("fetch --quiet");
        sync(&[&b]);
        team.away();
        assert_eq!(claimed(&b), ["infra:a"], "{filter}");
        team.back();
        agree(&[&a, &b]);
        are_sound(&[&a]);
    }
}

#[test]
fn a_partial_clone() {
    let team = Team::new();
    team.hub().git("config uploadpack.allowFilter true");
    let clone = team.clone_with("--filter=tree:0", "partial");
    takes_part(&team, &clone);
    let filter = clone.git("config remote.origin.partialclonefilter");
    assert_eq!(filter, "tree:0");
}

#[test]
fn a_shallow_clone_stays_shallow() {
    let team = Team::new();
    let seed = team.clone_to("seed");
    for n in 0..3 {
        seed.git(&format!("commit --quiet --allow-empty -m \"commit {n}\""));
    }
    seed.git("push --quiet");
    let clone = team.clone_with("--depth 1", "shallow");
    let before = clone.read(".git/shallow");
    takes_part(&team, &clone);
    assert_eq!(clone.read(".git/shallow"), before);
    assert_eq!(clone.git("rev-list --count HEAD"), "1");
    // And the whole history of the board is there.
    clone
        .alice("log")
        .says("release infra:a")
        .says("claim infra:a");
    // Nor does the hub become so when a shallow one pushes.
    assert!(!team.hub().has("shallow"));
}

/// The user makes it shallow, with the board as it is fetched, and whole again.
#[test]
fn a_clone_whose_depth_changes() {
    let team = Team::new();
    let (a, b) = (team.clone_to("a"), team.clone_to("b"));
    for clone in [&a, &b] {
        follow_the_board(clone);
        for name in ["one", "two"] {
            let claim = format!("claim infra:{name} --purpose p");
            clone.alice(&claim).done();
        }
    }
    a.git("fetch --quiet --depth 1");
    assert!(a.has(".git/shallow"));
    for depth in ["--depth 1", "--unshallow"] {
        a.later("5m");
        b.bob("claim infra:b --purpose p").done();
        a.alice("heartbeat --throttle 0").done();
        at_rest(&a);
        a.alice("claim infra:a --purpose p")
            .says("confirmed by origin");
        sync(&[&a, &b]);
        agree(&[&a, &b]);
        a.git(&format!("fetch --quiet {depth}"));
    }
    assert!(!a.has(".git/shallow") && !team.hub().has("shallow"));
    sync(&[&a, &b]);
    assert_eq!(names(&a).len(), 1);
    agree(&[&a, &b]);
    assert_eq!(a.alice("log -n 99").out, b.alice("log -n 99").out);
    are_sound(&[&a, &b, &team.hub()]);
}

#[test]
fn a_bare_clone() {
    let team = Team::new();
    let clone = team.clone_with("--bare", "bare.git");
    takes_part(&team, &clone);
}

#[test]
fn linked_work_trees_are_one_clone() {
    let team = Team::new();
    let a = team.clone_to("a");
    a.git("worktree add --quiet ../linked");
    let linked = team.outside().at("linked");
    takes_part(&team, &linked);
    assert_eq!(board(&a), board(&linked));
    a.carol("claim infra:main --purpose p")
        .says("confirmed by origin");
    linked
        .alice("list")
        .says("infra:main")
        .omits("not sent yet");
    a.git("worktree remove --force ../linked");
    a.alice("release --all-mine").says("confirmed by origin");
}

#[test]
fn clones_and_hubs_whose_refs_are_a_table() {
    for (hub, clone) in [
        ("files", "reftable"),
        ("reftable", "files"),
        ("reftable", "reftable"),
    ] {
        let team = Team::with(&format!("--ref-format={hub}"));
        let clone = team.clone_with(&format!("--ref-format={clone}"), "a");
        takes_part(&team, &clone);
    }
}

#[test]
fn longer_object_ids() {
    for refs in ["files", "reftable"] {
        let team = Team::with("--object-format=sha256");
        let clone = team.clone_with(&format!("--ref-format={refs}"), "a");
        takes_part(&team, &clone);
    }
}

/// Made with `git init` and a remote; its code has nothing to do with that of the hub.
#[test]
fn a_repository_that_was_not_cloned() {
    let team = Team::new();
    let clone = team.outside().at("made");
    clone.git("init --quiet");
    clone.git("remote add origin ../hub.git");
    clone.git("commit --quiet --allow-empty -m \"another beginning\"");
    takes_part(&team, &clone);
}

/// All objects of the hub are those of the clone, and the other way round.
#[test]
fn a_clone_that_borrows_objects() {
    let team = Team::new();
    let clone = team.clone_with("--shared", "a");
    takes_part(&team, &clone);
    let clone = team.clone_with("--reference hub.git --dissociate", "b");
    sync(&[&clone]);
    agree(&[&clone, &team.outside().at("a")]);
}

/// Git points at the repository, its index and its work tree by variables there.
#[test]
fn from_inside_hooks() {
    let team = Team::new();
    let (a, b) = (team.clone_to("a"), team.clone_to("b"));
    for hook in ["pre-commit", "post-commit", "pre-push", "post-checkout"] {
        let path = a.git_dir().join("hooks").join(hook);
        let claim = format!(
            "#!/bin/sh\nexec git-presence claim infra:{hook} --purpose p >>\"$HOME/said\" 2>&1\n"
        );
        a.write(&path, claim);
        crate::world::open_to_all(&path, 0o755);
    }
    a.write("file", "text");
    a.git("add file");
    a.git("commit --quiet --all -m hooked");
    a.git("push --quiet");
    a.git("worktree add --quiet ../linked");
    let said = std::fs::read_to_string(a.home().join("said")).unwrap();
    assert_eq!(said.matches("confirmed by origin").count(), 4, "{said}");
    assert_eq!(said.lines().count(), 8, "{said}");
    assert_eq!(a.git("status --porcelain"), "");
    assert_eq!(team.hub().git("rev-parse main"), a.git("rev-parse HEAD"));
    sync(&[&b]);
    assert_eq!(claimed(&b).len(), 4);
    agree(&[&a, &b]);
}

#[test]
fn where_variables_point_at_the_repository() {
    let team = Team::new();
    let (a, b) = (team.clone_to("a"), team.clone_to("b"));
    a.write("file", "text");
    let path = |below: &str| a.dir().join(below).into_os_string();
    let pointed = team
        .outside()
        .at("elsewhere")
        .with("GIT_DIR", path(".git"))
        .with("GIT_WORK_TREE", path(""))
        .with("GIT_INDEX_FILE", path(".git/index.other"))
        .with("GIT_OBJECT_DIRECTORY", path(".git/objects"))
        .with("GIT_PREFIX", "src/");
    pointed
        .alice("claim infra:a --purpose p")
        .says("confirmed by origin");
    b.bob("claim infra:b --purpose p").done();
    pointed.anyone("sync").says("received 1");
    assert_eq!(claimed(&pointed), ["infra:a", "infra:b"]);
    pointed.alice("release infra:a").says("confirmed by origin");
    assert!(!a.has(".git/index.other"));
    sync(&[&b]);
    agree(&[&a, &b, &pointed]);
}
