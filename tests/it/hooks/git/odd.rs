//! Odd input and odd places: a fault in the hook never stops a push.
//!
//! Owns that it ends with 0, says one line at most, and leaves nothing half written.

use std::io::Write as _;
use std::process::Stdio;

use super::{bob_pushes, commit, pair, told};
use crate::said::Said;
use crate::snapshot::Snapshot;
use crate::world::World;

const ZERO: &str = "0000000000000000000000000000000000000000";

/// It ended well, with one line at most, and no answer.
#[track_caller]
fn lets_go(said: &Said) {
    said.done();
    assert!(
        said.err.lines().count() <= 1 && said.out.is_empty(),
        "{}",
        said.err
    );
}

#[test]
fn outside_a_repository() {
    let world = World::empty();
    let line = format!("refs/heads/x {ZERO} refs/heads/main {ZERO}\n").replace('0', "1");
    let said = told(&world, line.as_bytes());
    lets_go(&said);
    said.warns("this push was not checked: no Git repository");
    lets_go(&told(&world, b""));
    world
        .bob("hook pre-apply stack:x")
        .fails(128, "no Git repository");
    world.bob("install").fails(128, "no Git repository");
}

#[test]
fn input_that_is_cut_off_or_means_nothing() {
    let (_team, a, b) = pair();
    a.alice("claim branch:main --exclusive --purpose x").done();
    b.bob("sync").done();
    let id = b.git("rev-parse main");
    let line = format!("refs/heads/main {id} refs/heads/main {id}\n");
    // Whole, it stops the push; a line that is cut off says nothing of a branch.
    told(&b, line.as_bytes()).exits(3);
    told(&b, line.trim_end().as_bytes()).exits(3);
    for cut in [1, 20, 60, line.len() - 42, line.len() - 3] {
        let said = told(&b, &line.as_bytes()[..cut]);
        lets_go(&said);
        said.warns("one line of what Git said of this push was not understood");
    }
    for input in [
        &b"\n\n\n"[..],
        b"\0\0\0",
        b"\xff\xfe \xff \xff \xff\n",
        b"a b c d\nx\n",
        b"--help\n",
    ] {
        lets_go(&told(&b, input));
    }
    // What can be read of it counts.
    told(&b, format!("garbage\n{line}").as_bytes()).exits(3);
}

#[test]
fn names_that_are_not_utf_8() {
    let (_team, a, b) = pair();
    a.alice("claim path:src --exclusive --purpose x").done();
    b.bob("sync").done();
    let id = b.git("rev-parse main");
    let line = |id: &str| {
        [
            b"refs/heads/\xff ",
            id.as_bytes(),
            b" refs/heads/\xfe\xff ",
            ZERO.as_bytes(),
            b"\n",
        ]
        .concat()
    };
    lets_go(&told(&b, &line(&id)));
    commit(&b, "src/a", "1");
    told(&b, &line(&b.git("rev-parse main"))).refuses("path:src is claimed by");
}

#[test]
fn objects_that_are_not_here() {
    let (_team, a, b) = pair();
    a.alice("claim path:src --exclusive --purpose x").done();
    b.bob("sync").done();
    let gone = "1234567890123456789012345678901234567890";
    for (new, old) in [(gone, ZERO), (gone, gone), (ZERO, gone)] {
        let line = format!("x {new} refs/heads/main {old}\n");
        lets_go(&told(&b, line.as_bytes()));
    }
    let blob = b.git_with_input("hash-object -w --stdin", b"text");
    b.git(&format!("tag blob {blob}"));
    lets_go(&bob_pushes(&b, "origin blob"));
}

#[test]
fn more_input_than_needed() {
    let (_team, a, b) = pair();
    a.alice("claim path:src --exclusive --purpose x").done();
    b.bob("sync").done();
    let id = b.git("rev-parse main");
    let line = format!("refs/heads/main {id} refs/heads/side {ZERO}\n");
    let said = told(&b, line.repeat(20_000).as_bytes());
    lets_go(&said);
    said.warns("10000 lines");
    let said = told(&b, &b"x".repeat(40 * 1024 * 1024));
    lets_go(&said);
    said.warns("too much, or did not end");
}

#[test]
fn input_without_an_end() {
    let (_team, _, b) = pair();
    let mut command = b.command("git-presence");
    command.args(["hook", "pre-push", "origin", "url"]);
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"refs/heads/main ").unwrap();
    // It ends although the input does not.
    assert!(child.wait().unwrap().success());
    drop(input);
}

#[test]
fn a_remote_that_never_answers() {
    let (_team, a, b) = pair();
    a.alice("claim stack:x branch:main --exclusive --purpose x")
        .done();
    b.bob("sync").done();
    b.git("config presence.syncDeadline 1s");
    b.git("config remote.origin.uploadpack \"sleep 60; false\"");
    let bob = b.with("GIT_PRESENCE_SESSION", crate::world::BOB);
    let within = |script: &str| bob.sh(&format!("timeout 20 {script}"));
    within("git presence hook pre-apply stack:x").refuses("stack:x");
    within("git presence hook pre-apply stack:y").warns("decided from local data");
    let id = b.git("rev-parse main");
    let said = |branch: &str| {
        let line = format!("x {id} refs/heads/{branch} {id}");
        within(&format!(
            "git presence hook pre-push origin url <<<\"{line}\""
        ))
    };
    said("main").refuses("branch:main");
    lets_go(&said("side"));
}

#[test]
fn no_home_and_odd_words() {
    let (_team, a, b) = pair();
    a.alice("claim branch:main --exclusive --purpose x").done();
    let id = b.git("rev-parse main");
    let line = format!("refs/heads/main {id} refs/heads/main {id}\n");
    told(&b.without("HOME"), line.as_bytes()).refuses("branch:main");
    for words in ["", "origin", "--bogus -x", "-- -C /nowhere", "a b c d"] {
        let bob = b.with("GIT_PRESENCE_SESSION", "bob");
        let said = bob.anyone_with_input(&format!("hook pre-push {words}"), line.as_bytes());
        said.refuses("branch:main");
    }
    b.bob("hook commit-msg").exits(129);
    b.bob("hook").exits(129);
}

#[test]
fn settings_and_records_that_are_broken() {
    let (_team, a, b) = pair();
    a.alice("claim branch:main --exclusive --purpose x").done();
    b.bob("sync").done();
    let id = b.git("rev-parse main");
    let line = format!("refs/heads/main {id} refs/heads/side {id}\n");
    b.git("config presence.ttl soon");
    lets_go(&told(&b, line.as_bytes()));
    b.git("config --unset presence.ttl");
    b.bob("claim node:x --purpose x").done();
    b.break_ref(&b.ref_of(crate::world::BOB), "");
    lets_go(&told(&b, line.as_bytes()));
}

#[test]
fn a_push_writes_nothing_but_the_board() {
    let (_team, a, b) = pair();
    a.alice("claim branch:main --exclusive --purpose x").done();
    commit(&b, "file", "1");
    let ours = [
        ".git/presence",
        ".git/refs/presence",
        ".git/refs/presence-remote",
        ".git/packed-refs",
        ".git/objects",
    ];
    let before = Snapshot::of(b.dir(), &ours);
    bob_pushes(&b, "origin main").exits(1);
    assert!(
        Snapshot::of(b.dir(), &ours)
            .differs_from(&before)
            .is_empty()
    );
}

#[test]
fn a_repository_that_is_read_only() {
    if !crate::world::needs_root() {
        return;
    }
    let (_team, a, b) = pair();
    a.alice("claim branch:main --exclusive --purpose x").done();
    b.bob("sync").done();
    let trusted = b
        .with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "safe.directory")
        .with("GIT_CONFIG_VALUE_0", "*");
    let said = trusted.stranger("hook pre-push origin url");
    lets_go(&said);
}
