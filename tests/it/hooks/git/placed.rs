//! Installation of Git hooks beside what was there before.
//!
//! Owns that nothing is overwritten, that a hook that was there goes on with the same arguments,
//! input and exit code, and that every byte is as it was after `uninstall`.

use std::os::unix::fs::PermissionsExt as _;

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use super::{bob_pushes, commit, takes_hooks_from_config};
use crate::machines::Team;
use crate::said::holds;
use crate::snapshot::Snapshot;
use crate::world::{World, open_to_all};

const HOOK: &str = ".git/hooks/pre-push";

/// A hook that tells what it hears, and says no where the commit says so.
const TELLS: &str = r#"echo "$0 $*" >>../heard
cat >>../heard
git log -1 --format=%s | grep -q forbidden && exit 7
exit 0
"#;

fn put(clone: &World, path: &str, text: &str) {
    clone.write(path, text);
    open_to_all(&clone.dir().join(path), 0o755);
}

/// What the hook that was there was told of the last push.
fn heard(clone: &World) -> String {
    let path = clone.root().join("heard");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(path);
    text
}

/// A clone with a hook that was there, and what the clone holds.
fn with_hook(first_line: &str) -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    put(&b, HOOK, &format!("{first_line}{TELLS}"));
    (team, a, b)
}

/// It is asked what was there before, it says the same, and is the same when we are gone.
#[track_caller]
fn goes_on(a: &World, b: &World) {
    let untouched = [
        ".git/objects",
        ".git/presence",
        ".git/refs",
        ".git/logs",
        ".git/index",
    ];
    commit(b, "file", "0");
    bob_pushes(b, "origin main").done();
    let before = Snapshot::of(b.dir(), &untouched);
    let alone = heard(b);
    b.bob("install").says("pre-push");
    b.bob("install").says("is already in");
    for n in 1..3 {
        b.git("commit --quiet --allow-empty -m more");
        bob_pushes(b, &format!("origin main:{n}")).done();
        let with_us = heard(b);
        assert_eq!(with_us.lines().count(), alone.lines().count(), "{with_us}");
        holds(
            &with_us,
            contains("pre-push").and(contains(" origin file:")),
        );
        holds(&with_us, &b.git("rev-parse HEAD"));
    }
    // Nothing to push is said too, as nothing.
    bob_pushes(b, "origin main:2").done();
    assert_eq!(heard(b).lines().count(), 1);
    a.alice("claim branch:held --exclusive --purpose x").done();
    bob_pushes(b, "origin main:held").fails(1, "branch:held is claimed by");
    // We are asked first; Git itself asks all that stand in its settings.
    assert_eq!(heard(b).is_empty(), !takes_hooks_from_config(b));
    b.git("commit --quiet --allow-empty -m forbidden");
    bob_pushes(b, "origin main:3").exits(1);
    assert!(!heard(b).is_empty());
    assert_eq!(b.try_git("hook run pre-push -- origin url").code, Some(7));
    let _ = heard(b);
    b.git("reset --quiet --soft HEAD~3");
    b.bob("uninstall").says("pre-push");
    let changed = Snapshot::of(b.dir(), &untouched).differs_from(&before);
    let ours =
        |path: &std::path::PathBuf| path.ends_with("ORIG_HEAD") || path.ends_with("COMMIT_EDITMSG");
    let changed: Vec<_> = changed.into_iter().filter(|path| !ours(path)).collect();
    assert!(changed.is_empty(), "{changed:?}");
    b.bob("uninstall")
        .says("No hooks of git presence are installed");
}

#[test]
fn nothing_was_there() {
    let (_team, _, b) = Team::pair();
    let before = Snapshot::of(b.dir(), &[]);
    b.bob("install").done();
    b.bob("install").says("is already in");
    b.bob("uninstall").done();
    assert!(Snapshot::of(b.dir(), &[]).differs_from(&before).is_empty());
}

#[test]
fn a_shell_script() {
    for first_line in [
        "#!/bin/sh\n",
        "#!/bin/bash -eu\n",
        "",
        "#!/usr/bin/env dash\n",
    ] {
        let (_team, a, b) = with_hook(first_line);
        goes_on(&a, &b);
    }
}

#[test]
fn another_program() {
    if !crate::world::needs("python3") {
        return;
    }
    let (_team, a, b) = Team::pair();
    let script = format!(
        "#!/usr/bin/env python3\nimport subprocess, sys\n\
         sys.exit(subprocess.run(['sh', '-c', {TELLS:?}, sys.argv[0], *sys.argv[1:]]).returncode)\n"
    );
    put(&b, HOOK, &script);
    goes_on(&a, &b);
}

#[test]
fn what_is_kept_beside_is_never_lost() {
    let (_team, _, b) = Team::pair();
    if takes_hooks_from_config(&b) {
        return;
    }
    const KEPT: &str = ".git/hooks/pre-push.before-presence";
    put(&b, HOOK, "#!/usr/bin/perl\n");
    // An install was killed after half of it: the same again.
    std::fs::hard_link(b.dir().join(HOOK), b.dir().join(KEPT)).unwrap();
    b.bob("install").says("runs before the existing hook");
    b.bob("uninstall").says("the former hook restored");
    assert_eq!(b.read(HOOK), "#!/usr/bin/perl\n");
    put(&b, KEPT, "another one");
    b.bob("install").fails(1, "is there already");
    assert_eq!(b.read(HOOK), "#!/usr/bin/perl\n");
    assert_eq!(b.read(KEPT), "another one");
    std::fs::remove_file(b.dir().join(KEPT)).unwrap();
    // The kept one was thrown away: pushes go on, and so does uninstall.
    b.bob("install").done();
    std::fs::remove_file(b.dir().join(KEPT)).unwrap();
    commit(&b, "file", "1");
    bob_pushes(&b, "origin main").done();
    b.bob("uninstall").done();
    assert!(!b.has(HOOK));
}

#[test]
fn a_link_into_the_work_tree() {
    let (_team, a, b) = Team::pair();
    put(&b, "scripts/pre-push", &format!("#!/bin/sh\n{TELLS}"));
    b.git("add --all");
    b.git("commit --quiet -m script");
    std::os::unix::fs::symlink("../../scripts/pre-push", b.dir().join(HOOK)).unwrap();
    goes_on(&a, &b);
    let meta = b.dir().join(HOOK).symlink_metadata().unwrap();
    assert!(meta.is_symlink());
}

#[test]
fn a_hook_that_is_asleep_stays_so() {
    let (_team, _, b) = Team::pair();
    b.write(HOOK, "#!/bin/sh\nexit 1\n");
    if takes_hooks_from_config(&b) {
        return;
    }
    b.bob("install")
        .fails(129, "is not executable")
        .hints("git presence hook pre-push \"$@\"");
    let mode = b.dir().join(HOOK).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o111, 0);
    assert_eq!(b.read(HOOK), "#!/bin/sh\nexit 1\n");
}

#[test]
fn large_input_is_said_again_as_it_was() {
    let (_team, _, b) = with_hook("#!/bin/sh\n");
    let lines: String = (0..3_000)
        .map(|n| format!("create refs/heads/many/{n} HEAD\n"))
        .collect();
    b.git_with_input("update-ref --stdin", lines.as_bytes());
    b.bob("install").done();
    bob_pushes(&b, "origin refs/heads/many/*:refs/heads/many/*").done();
    assert_eq!(heard(&b).lines().count(), 3_001);
}

#[test]
fn a_folder_that_is_not_this_repositorys_alone() {
    let (_team, _, b) = Team::pair();
    if takes_hooks_from_config(&b) {
        return;
    }
    let shared = b.root().join("shared");
    std::fs::create_dir(&shared).unwrap();
    for path in [shared.display().to_string(), ".husky/_".to_owned()] {
        b.git(&format!("config core.hooksPath {path}"));
        b.bob("install")
            .fails(129, "core.hooksPath points to")
            .hints("git presence hook pre-push \"$@\"");
        assert!(!b.has(".husky") && std::fs::read_dir(&shared).unwrap().count() == 0);
    }
    b.git("config core.hooksPath .git/more/hooks");
    b.bob("install").says(".git/more/hooks/pre-push");
    b.bob("uninstall").done();
}

#[test]
fn the_folder_is_another_one_by_now() {
    let (_team, _, b) = Team::pair();
    let before = Snapshot::of(b.dir(), &[".git/config"]);
    let config = b.read(".git/config");
    b.bob("install").done();
    let shared = b.root().join("shared");
    std::fs::create_dir(&shared).unwrap();
    if b.has(HOOK) {
        std::fs::copy(b.dir().join(HOOK), shared.join("pre-push")).unwrap();
    }
    let there = std::fs::read_dir(&shared).unwrap().count();
    b.git(&format!("config core.hooksPath {}", shared.display()));
    b.bob("uninstall").says("pre-push");
    b.git("config --unset core.hooksPath");
    assert!(
        Snapshot::of(b.dir(), &[".git/config"])
            .differs_from(&before)
            .is_empty()
    );
    assert_eq!(b.read(".git/config"), config);
    assert_eq!(std::fs::read_dir(&shared).unwrap().count(), there);
}

#[test]
fn everywhere_in_a_repository() {
    let (_team, a, b) = Team::pair();
    a.alice("claim branch:held --exclusive --purpose x").done();
    b.git("worktree add --quiet -b linked ../linked");
    b.at("linked").bob("install").done();
    b.write("below/file", "1");
    let below = b.at("b/below");
    below.bob("install").says("is already in");
    bob_pushes(&below, "origin main:held").fails(1, "branch:held");
    bob_pushes(&b.at("linked"), "origin main:held").fails(1, "branch:held");
    below.bob("uninstall").done();
    bob_pushes(&below, "origin main:held").done();
}

#[test]
fn another_process_is_writing() {
    let (_team, _, b) = Team::pair();
    for lock in [".git/hooks/pre-push.lock", ".git/config.lock"] {
        b.write(lock, "");
    }
    b.bob("install")
        .fails(1, "exists: another process writes it");
    assert!(!b.has(HOOK) && b.has(".git/config.lock"));
}

#[test]
fn without_the_program_a_push_goes_on() {
    let (_team, _, b) = Team::pair();
    b.bob("install").done();
    commit(&b, "file", "1");
    let tools = b.root().join("tools");
    std::fs::create_dir(&tools).unwrap();
    let bare = b.with(
        "PATH",
        format!("{}:/usr/local/bin:/usr/bin:/bin", tools.display()),
    );
    bob_pushes(&bare, "origin main").done();
}

#[test]
fn as_settings_where_git_takes_them() {
    let (_team, a, b) = Team::pair();
    if !takes_hooks_from_config(&b) {
        // Such a Git is in the path of some of us; the text is tested next to the code.
        return;
    }
    put(&b, HOOK, &format!("#!/bin/sh\n{TELLS}"));
    goes_on(&a, &b);
}
