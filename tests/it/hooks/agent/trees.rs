//! Commands and edits in other work trees and other repositories.
//!
//! Owns that each is judged by the board of the tree that it is about, that what is advised is for
//! that one, and that nothing of a repository that is only looked at is run or written.

use serde_json::json;

use super::payload;
use crate::said::Said;
use crate::world::World;

/// A repository with a stack that Bob claims, and every tool in its way denied.
fn held() -> World {
    let world = World::new();
    world.git("config --global presence.enforce deny");
    world.write("infra/main.tf", "a\n");
    world.git("add .");
    world.git("commit --quiet -m infra");
    world.git("worktree add --quiet ../more -b side");
    world
        .bob("claim stack:infra path:infra branch:side --purpose theirs")
        .done();
    world
}

/// Another repository beside it, with a board of its own on which Carol claims the same names.
fn other(world: &World) -> World {
    let other = world.at("other");
    other.git("init --quiet");
    other.write("infra/main.tf", "a\n");
    other.git("add .");
    other.git("commit --quiet -m infra");
    other
        .carol("claim -x stack:infra path:infra branch:main --purpose hers")
        .done();
    other
}

/// What is said before an agent runs this there.
fn runs(at: &World, line: &str) -> Said {
    let mut payload = payload(at, "claude", "PreToolUse");
    payload["tool_name"] = "Bash".into();
    payload["tool_input"] = json!({ "command": line });
    at.anyone_with_input("hook claude PreToolUse", payload.to_string().as_bytes())
}

/// What is said before an agent that works there edits this file.
fn edits(at: &World, file: &str) -> Said {
    let mut payload = payload(at, "claude", "PreToolUse");
    payload["tool_name"] = "Edit".into();
    payload["tool_input"] = json!({ "file_path": file, "old_string": "a", "new_string": "b" });
    at.anyone_with_input("hook claude PreToolUse", payload.to_string().as_bytes())
}

/// The reason of a denial; empty if there is none.
fn denial(said: &Said) -> String {
    said.done();
    if said.out.is_empty() {
        return String::new();
    }
    let reason = &said.json()["hookSpecificOutput"]["permissionDecisionReason"];
    reason.as_str().unwrap_or_default().to_owned()
}

#[track_caller]
fn names(line: &str, said: &Said, who: &str, not: &str) {
    let reason = denial(said);
    assert!(reason.contains(who), "{line}: {reason}");
    assert!(!reason.contains(not), "{line}: {reason}");
}

#[test]
fn a_work_tree_of_the_same_repository_has_the_same_names() {
    let world = held();
    let more = world.at("more").dir().display().to_string();
    std::os::unix::fs::symlink(&more, world.root().join("way")).unwrap();
    let way = world.root().join("way").display().to_string();
    for line in [
        "terraform -chdir=infra apply".to_owned(),
        "terraform -chdir=../more/infra apply".to_owned(),
        "cd ../more && terraform -chdir=infra apply".to_owned(),
        format!("cd {more}/infra && terraform apply"),
        format!("terraform -chdir={way}/infra apply"),
        "cd ../way/infra; terraform apply".to_owned(),
        // The branch is the one that is checked out there.
        "git -C ../more push --force".to_owned(),
        "cd ../more && git push --force origin HEAD".to_owned(),
    ] {
        names(
            &line,
            &runs(&world, &line),
            "wizard@devvm@bob",
            "is not certain",
        );
    }
    let line = "git push --force origin HEAD";
    names(line, &runs(&world, line), "branch:main", "branch:side");
}

#[test]
fn another_repository_is_judged_by_its_own_board() {
    let world = held();
    let other = other(&world);
    let path = other.dir().display().to_string();
    for line in [
        "terraform -chdir=../other/infra apply".to_owned(),
        "cd ../other/infra && terraform apply".to_owned(),
        format!("terraform -chdir={path}/infra apply"),
        "git -C ../other push --force origin main".to_owned(),
        "git --git-dir=../other/.git push --force origin main".to_owned(),
        "GIT_DIR=../other/.git git push --force origin main".to_owned(),
        "cd ../other && git push --force".to_owned(),
    ] {
        names(
            &line,
            &runs(&world, &line),
            "wizard@devvm@carol",
            "wizard@devvm@bob",
        );
    }
    // Both, if a line is about both.
    let line = "terraform -chdir=infra apply && terraform -chdir=../other/infra apply";
    let said = runs(&world, line);
    names(line, &said, "wizard@devvm@bob", "is not certain");
    names(line, &said, "wizard@devvm@carol", "is not certain");
    // What is said works as it is said.
    other.carol("release --all-mine").done();
    let reason = denial(&runs(&world, "git -C ../other push --force origin main"));
    let at = format!("git presence -C {path} claim branch:main");
    assert!(
        reason.contains(&format!("In \"{path}\": ")) && reason.contains(&at),
        "{reason}"
    );
    // A repository inside of the work tree is another one, too.
    let inner = world.at("repo/vendor");
    inner.git("init --quiet");
    inner.git("commit --quiet --allow-empty -m one");
    inner.carol("claim -x branch:side --purpose hers").done();
    let line = "git -C vendor push --force origin side";
    names(
        line,
        &runs(&world, line),
        "wizard@devvm@carol",
        "wizard@devvm@bob",
    );
}

#[test]
fn what_a_command_writes_in_another_repository_is_judged_by_its_board() {
    let world = held();
    let other = other(&world);
    let path = other.dir().display().to_string();
    let plain = world.at("plain");
    std::fs::create_dir_all(plain.dir()).unwrap();
    for line in [
        format!("rm {path}/infra/main.tf"),
        format!("echo b > {path}/infra/main.tf"),
        "cd ../other && rm infra/main.tf".to_owned(),
        "sed -i s/a/b/ ../other/infra/main.tf".to_owned(),
        "rm -rf ../other/infra".to_owned(),
        "rm -rf ../other".to_owned(),
        "touch /tmp/x; cp x /tmp/y && cp x ../other/infra/main.tf".to_owned(),
        "git -C ../other rm infra/main.tf".to_owned(),
        "git -C ../other checkout -- infra/main.tf".to_owned(),
        "git -C ../other reset --hard".to_owned(),
    ] {
        for at in [&world, &plain] {
            names(&line, &runs(at, &line), "wizard@devvm@carol", "bob");
        }
    }
    // Also in a line that is judged for something else.
    let line = "terraform -chdir=infra apply; rm ../other/infra/main.tf";
    names(
        line,
        &runs(&world, line),
        "wizard@devvm@carol",
        "is not certain",
    );
    // What is claimed by none there passes, and so does what is in no repository.
    for line in [
        "rm ../other/README",
        "rm -rf ../plain",
        "cp a ../other/docs",
    ] {
        assert_eq!(denial(&runs(&world, line)), "", "{line}");
    }
    // A repository without a board has no say.
    let bare = world.at("bare");
    bare.git("init --quiet");
    assert_eq!(denial(&runs(&world, "rm -rf ../bare")), "");
}

#[test]
fn a_repository_without_a_board_is_nobodys_business() {
    let world = held();
    let plain = world.at("plain");
    plain.git("init --quiet");
    plain.git("commit --quiet --allow-empty -m one");
    for line in [
        "git -C ../plain push --force origin side",
        "cd ../plain && git push --force origin main",
        "cd ../plain && git push --force origin side; git status",
    ] {
        runs(&world, line).is_silent();
    }
    assert!(!plain.has(".git/presence"));
    // Where it cannot be known which repository it is, that is told.
    for line in [
        "cd $REPO && git push --force origin side",
        "git -C \"$REPO\" push -f origin side",
    ] {
        let reason = denial(&runs(&world, line));
        assert!(
            reason.contains("it is not certain what this command changes"),
            "{line}: {reason}"
        );
    }
}

#[test]
fn a_board_of_several_repositories() {
    let world = held();
    let board = world.at("board.git");
    board.git("init --quiet --bare");
    world.git(&format!(
        "config --global presence.ledger {}",
        board.dir().display()
    ));
    let other = other(&world);
    world.bob("claim branch:feature --purpose theirs").done();
    let line = "git -C ../other push --force origin main";
    names(
        line,
        &runs(&world, line),
        "branch:other/main",
        "wizard@devvm@bob",
    );
    let file = other.dir().join("infra/main.tf").display().to_string();
    names(
        &file,
        &edits(&world, &file),
        "path:other/infra",
        "path:repo/",
    );
}

#[test]
fn an_edit_is_judged_where_the_file_is() {
    let world = held();
    let other = other(&world);
    let nowhere = world.at("nowhere");
    let plain = world.at("plain");
    plain.git("init --quiet");
    let ours = world.dir().join("infra/main.tf").display().to_string();
    let theirs = other.dir().join("infra/main.tf").display().to_string();
    for place in [&world, &other, &nowhere, &plain] {
        names(
            &ours,
            &edits(place, &ours),
            "wizard@devvm@bob",
            "wizard@devvm@carol",
        );
        names(
            &theirs,
            &edits(place, &theirs),
            "wizard@devvm@carol",
            "wizard@devvm@bob",
        );
        let free = world.dir().join("README").display().to_string();
        edits(place, &free).is_silent();
    }
    // A command in no repository that is about one.
    for line in [
        format!("terraform -chdir={}/infra apply", world.dir().display()),
        "cd ../repo/infra && terraform apply".to_owned(),
    ] {
        names(
            &line,
            &runs(&nowhere, &line),
            "wizard@devvm@bob",
            "wizard@devvm@carol",
        );
    }
    runs(&nowhere, "ls -l").is_silent();
    // What is advised for a free one is for that repository.
    world.bob("release --all-mine").done();
    let line = format!("terraform -chdir={}/infra apply", world.dir().display());
    let reason = denial(&runs(&nowhere, &line));
    let claim = format!(
        "git presence -C {} claim stack:infra",
        world.dir().display()
    );
    assert!(reason.contains(&claim), "{reason}");
}

#[test]
fn nothing_of_a_repository_that_is_looked_at_is_run_or_written() {
    let world = held();
    let other = other(&world);
    let script = world.root().join("ran.sh");
    world.write(
        &script,
        format!("#!/bin/sh\ntouch {}\n", world.root().join("ran").display()),
    );
    crate::world::open_to_all(&script, 0o755);
    let script = script.display().to_string();
    other.git("remote add origin ssh://example.invalid/x.git");
    for key in [
        "core.sshCommand",
        "core.fsmonitor",
        "credential.helper",
        "core.askPass",
    ] {
        other.git(&format!("config {key} {script}"));
    }
    let file = other.dir().join("infra/main.tf").display().to_string();
    world.later("3h");
    other.untouched(&[], || {
        let _ = runs(&world, "terraform -chdir=../other/infra apply");
        let _ = runs(&world, "git -C ../other push --force origin main");
        let _ = edits(&world, &file);
        let _ = edits(&world.at("nowhere"), &file);
    });
    assert!(!world.root().join("ran").exists());
    // One of another owner is not read.
    if crate::world::needs_root() {
        std::os::unix::fs::chown(
            other.dir().join(".git"),
            Some(crate::world::STRANGER_UID),
            None,
        )
        .unwrap();
        edits(&world, &file).says("belongs to another user and is not read");
        edits(&world, &file).is_silent();
    }
}
