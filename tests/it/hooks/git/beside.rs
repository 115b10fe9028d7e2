//! Other managers of hooks, for real: pre-commit, lefthook, husky and Git LFS.
//!
//! Owns that they and we run on the same push, whichever came first, and that what they wrote is
//! what is left when we are gone. Each test needs its program in the path, and says so if it is
//! not there.

use super::{bob_pushes, commit, takes_hooks_from_config};
use crate::machines::Team;
use crate::said::holds;
use crate::world::{BOB, World, finds, open_to_all};

const HOOK: &str = ".git/hooks/pre-push";

/// A team whose hub has a branch that Alice holds exclusively, and Bob's clone.
fn held() -> (Team, World) {
    let (team, a, b) = Team::pair();
    a.alice("claim branch:held --exclusive --purpose \"release freeze\"")
        .done();
    (team, b.with("GIT_PRESENCE_SESSION", BOB))
}

/// How often the other hook ran since it was last asked.
fn heard(clone: &World) -> usize {
    let path = clone.root().join("heard");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let _ = std::fs::remove_file(path);
    text.lines().count()
}

/// Both are asked, and either can say no.
#[track_caller]
fn both_run(b: &World) {
    let _ = heard(b);
    b.git("commit --quiet --allow-empty -m more");
    bob_pushes(b, "origin main:side").done();
    assert_eq!(heard(b), 1, "the other one runs");
    // pre-commit runs nothing for a branch that brings no commit.
    b.git("commit --quiet --allow-empty -m more");
    let said = bob_pushes(b, "origin main:held");
    said.exits(1);
    holds(
        &format!("{}{}", said.out, said.err),
        "branch:held is claimed by",
    );
    let _ = heard(b);
}

#[track_caller]
fn alone(b: &World) {
    let _ = heard(b);
    b.git("commit --quiet --allow-empty -m alone");
    bob_pushes(b, "origin main:side main:held").done();
    assert_eq!(heard(b), 1, "only the other one runs");
}

/// The other manager has put its hook in place; we come and go.
#[track_caller]
fn we_come_and_go(b: &World, file: &str) {
    let before = b.read(file);
    b.bob("install").done();
    b.bob("install").says("is already in");
    both_run(b);
    b.bob("uninstall").done();
    assert_eq!(b.read(file), before);
    alone(b);
}

fn pre_commit_config(b: &World, repository: &str) {
    let config = format!("repos:\n{repository}");
    commit(b, ".pre-commit-config.yaml", &config);
}

const LOCAL: &str = "\
- repo: local
  hooks:
  - id: tells
    name: tells
    entry: sh -c 'echo heard >>../heard'
    language: system
    stages: [pre-push]
    always_run: true
    pass_filenames: false
";

#[test]
fn pre_commit_was_first() {
    if !finds("pre-commit") {
        return;
    }
    let (_team, b) = held();
    pre_commit_config(&b, LOCAL);
    b.sh("pre-commit install --hook-type pre-push").done();
    we_come_and_go(&b, HOOK);
}

#[test]
fn pre_commit_came_later() {
    if !finds("pre-commit") {
        return;
    }
    let (_team, b) = held();
    pre_commit_config(&b, LOCAL);
    b.bob("install").done();
    b.sh("pre-commit install --hook-type pre-push").done();
    both_run(&b);
    // It goes, and puts back what was there.
    b.sh("pre-commit uninstall --hook-type pre-push").done();
    bob_pushes(&b, "origin main:held").exits(1);
    b.bob("uninstall").done();
    assert!(!b.has(HOOK));
}

#[test]
fn pre_commit_calls_us() {
    if !finds("pre-commit") {
        return;
    }
    let (team, b) = held();
    let ours = team.outside().at("ours");
    ours.git("init --quiet");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/.pre-commit-hooks.yaml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    commit(&ours, ".pre-commit-hooks.yaml", &manifest);
    let (url, rev) = (ours.dir().display().to_string(), ours.git("rev-parse HEAD"));
    let repository =
        format!("- repo: {url}\n  rev: {rev}\n  hooks:\n  - id: git-presence-pre-push\n{LOCAL}");
    pre_commit_config(&b, &repository);
    b.sh("pre-commit install --hook-type pre-push").done();
    both_run(&b);
    // The files of a first push, where it says less.
    let a = team.clone_to("other");
    a.alice("claim path:src --exclusive --purpose x").done();
    commit(&b, "src/a", "1");
    let said = bob_pushes(&b, "origin main:new");
    said.exits(1);
    holds(
        &format!("{}{}", said.out, said.err),
        "path:src is claimed by",
    );
}

#[test]
fn lefthook_was_first() {
    if !finds("lefthook") {
        return;
    }
    let (_team, b) = held();
    let config = "pre-push:\n  jobs:\n    - run: echo heard >>../heard\n";
    commit(&b, "lefthook.yml", config);
    b.sh("lefthook install").done();
    we_come_and_go(&b, HOOK);
}

#[test]
fn lefthook_calls_us() {
    if !finds("lefthook") {
        return;
    }
    let (_team, b) = held();
    let config = "pre-push:\n  jobs:\n    - run: echo heard >>../heard\n    - name: presence\n      \
                  run: git presence hook pre-push {0}\n      use_stdin: true\n";
    commit(&b, "lefthook.yml", config);
    b.sh("lefthook install").done();
    both_run(&b);
}

#[test]
fn husky() {
    if !finds("husky") {
        return;
    }
    let (_team, b) = held();
    b.sh("husky").done();
    b.write(".husky/pre-push", "echo heard >>../heard\n");
    open_to_all(&b.dir().join(".husky/pre-push"), 0o755);
    commit(&b, ".gitignore", "node_modules\n");
    if takes_hooks_from_config(&b) {
        we_come_and_go(&b, ".husky/pre-push");
        return;
    }
    let said = b.bob("install");
    said.fails(129, "core.hooksPath points to");
    let line = "git presence hook pre-push \"$@\" || exit $?";
    said.hints(line);
    alone(&b);
    b.write(
        ".husky/pre-push",
        format!("echo heard >>../heard\n{line}\n"),
    );
    both_run(&b);
}

#[test]
fn git_lfs() {
    if !finds("git-lfs") {
        return;
    }
    let (team, b) = held();
    b.git("lfs install --local");
    b.git("lfs track *.bin");
    let stored = || {
        let path = team.hub().dir().join("lfs/objects");
        let found = team
            .outside()
            .sh(&format!("find {} -type f", path.display()));
        found.out.lines().count()
    };
    commit(&b, "first.bin", "1");
    let before = b.read(HOOK);
    b.bob("install").done();
    let said = bob_pushes(&b, "origin main:held");
    // It tells of its progress even so, where Git asks all hooks.
    said.exits(1).tells("branch:held is claimed by");
    bob_pushes(&b, "origin main:side").done();
    assert_eq!(stored(), 1);
    b.bob("uninstall").done();
    assert_eq!(b.read(HOOK), before);
    commit(&b, "second.bin", "2");
    bob_pushes(&b, "origin main:held").done();
    assert_eq!(stored(), 2);
}
