//! Commands that write more than one file: folders, and whole work trees.
//!
//! What is lost in a work tree concerns the sessions that work in it; what is written in a folder
//! concerns all that claim a file of it.

use serde_json::json;

use super::{Agent, context, two};
use crate::world::World;

fn told(agent: &Agent<'_>, line: &str) -> String {
    let said = agent.with("PreToolUse", json!({"tool_input": {"command": line}}));
    context(&said)
}

#[test]
fn what_discards_the_changes_of_a_work_tree_meets_the_claims_of_its_files() {
    let world = World::new();
    world.write("src/a.rs", "");
    world.write("docs/b.md", "");
    let (a, b) = two(&world);
    // An older claim of another file is no claim of this one.
    a.runs("claim path:NOTES.md --purpose notes").done();
    b.runs("claim path:src/a.rs --purpose parser").done();
    for line in [
        "git reset --hard HEAD~1",
        "git -C src reset --hard",
        "git checkout -- .",
        "git checkout .",
        "git checkout -f main",
        "git restore .",
        "git restore src",
        "git clean -fdx",
        "git stash -u",
        "git stash push -- src",
        "rm -rf src",
        "rm -r ./src/",
        "mv src lib",
        "git mv src lib",
        "cd src && git clean -fd",
    ] {
        let told = told(&a, line);
        assert!(told.contains("path:src/a.rs"), "{line}: {told}");
        assert!(!told.contains("this session was first"), "{line}: {told}");
    }
    for line in [
        "git reset --soft HEAD~1",
        "git restore --staged .",
        "git clean -nd",
        "git clean -fd docs",
        "git stash list",
        "git stash pop",
        "git checkout main",
        "git stash push -- docs",
        "rm -rf docs",
        "mv docs/b.md docs/c.md",
    ] {
        let told = told(&a, line);
        assert_eq!(told, "", "{line}");
    }
}

#[test]
fn a_folder_is_removed_with_the_work_trees_and_repositories_in_it() {
    let world = World::new();
    world.write("src/a.rs", "");
    world.git("add .");
    world.git("commit --quiet -m files");
    world.git("worktree add --quiet trees/more -b side");
    world.git("worktree add --quiet trees/idle -b idle");
    let more = world.at("repo/trees/more");
    let (a, b) = (two(&world).0, two(&more).1);
    b.runs("claim path:src/a.rs --purpose parser").done();
    for line in [
        "rm -rf trees/more",
        "rm -rf trees",
        "mv trees /tmp/x",
        "git worktree remove --force trees/more",
        "git -C src worktree remove ../trees/more",
    ] {
        let told = told(&a, line);
        assert!(told.contains("path:src/a.rs"), "{line}: {told}");
    }
    for line in [
        "rm -rf trees/idle",
        "git worktree remove trees/idle",
        "rm trees/more",
    ] {
        assert_eq!(told(&a, line), "", "{line}");
    }
    // A repository in the work tree is an entry of it.
    let sub = world.at("repo/sub");
    sub.git("init --quiet");
    b.runs("claim path:sub --purpose update").done();
    sub.write("f", "");
    for line in [
        "rm -rf sub",
        "mv sub old",
        "git rm sub",
        "rm sub/f",
        "echo x > sub/f",
    ] {
        let told = told(&a, line);
        assert!(told.contains("path:sub"), "{line}: {told}");
    }
    let edit = a.with(
        "PreToolUse",
        json!({"tool_name": "Edit", "tool_input": {"file_path": sub.dir().join("f")}}),
    );
    assert!(context(&edit).contains("path:sub"));
    // One that keeps a board of its own is judged by that.
    sub.session("else", "claim node:x --purpose p").done();
    for line in ["rm sub/f", "echo x > sub/f"] {
        assert_eq!(told(&a, line), "", "{line}");
    }
}

#[test]
fn a_folder_is_removed_with_the_clones_in_it() {
    let world = World::new();
    let (a, _) = two(&world);
    let clone = world.at("repo/scratch/one/clone");
    clone.git("init --quiet");
    clone.commit_files();
    assert_eq!(told(&a, "rm -rf scratch"), "");
    let (_, there) = two(&clone);
    there.runs("claim path:src --purpose parser").done();
    for line in ["rm -rf scratch", "rm -rf scratch/one", "mv scratch /tmp/x"] {
        let told = told(&a, line);
        assert!(told.contains("path:src"), "{line}: {told}");
    }
    assert_eq!(told(&a, "rm scratch/one/file"), "");
    assert_eq!(told(&a, "rm -rf docs"), "");
}

/// What no board of its own is kept for is judged by the repository around it, wherever the agent
/// stands.
#[test]
fn a_submodule_without_a_board_is_judged_from_elsewhere() {
    let world = World::new();
    let sub = world.at("repo/sub");
    sub.git("init --quiet");
    sub.write("f", "");
    world
        .session("bob", "claim path:sub --purpose update")
        .done();
    let other = world.at("other");
    other.git("init --quiet");
    let (a, _) = two(&other);
    for line in ["rm -rf ../repo/sub", "rm ../repo/sub/f"] {
        let told = told(&a, line);
        assert!(told.contains("path:sub"), "{line}: {told}");
    }
    // Also where it stands in that one.
    let (inside, _) = two(&sub);
    for line in ["rm f", "echo x > f"] {
        let told = told(&inside, line);
        assert!(told.contains("path:sub"), "{line}: {told}");
    }
}

#[test]
fn what_is_lost_in_another_work_tree_is_of_those_who_work_there() {
    let world = World::new();
    world.write("src/a.rs", "");
    world.git("add .");
    world.git("commit --quiet -m files");
    world.git("worktree add --quiet ../more -b side");
    let more = world.at("more");
    let (a, b) = (two(&world).0, two(&more).1);
    b.runs("claim path:src/a.rs --purpose parser").done();
    assert_eq!(told(&a, "git reset --hard"), "");
    // The same file is changed in both.
    assert!(told(&a, "rm -rf src").contains("path:src/a.rs"));
    for line in [
        "git -C ../more reset --hard",
        "cd ../more && git clean -fd",
        "sed -i s/a/b/ ../more/src/a.rs",
        "rm -rf ../more/src",
    ] {
        let told = told(&a, line);
        assert!(told.contains("path:src/a.rs"), "{line}: {told}");
    }
}

/// A stack has the files below its folder, so it goes with a folder above it.
#[test]
fn a_stack_below_a_folder_that_is_removed_is_met() {
    let world = World::new();
    world.write("infra/dns/zone.tf", "");
    world.write("docs/b.md", "");
    let (a, b) = two(&world);
    a.runs("claim path:NOTES.md --purpose notes").done();
    b.runs("claim -x stack:infra/dns --purpose apply").done();
    for line in [
        "rm -rf infra/dns",
        "rm -rf infra",
        "mv infra/dns x",
        "git rm -r infra",
        "git checkout -- infra/dns",
    ] {
        let told = told(&a, line);
        assert!(told.contains("stack:infra/dns"), "{line}: {told}");
    }
    assert_eq!(told(&a, "rm -rf docs"), "");
}
