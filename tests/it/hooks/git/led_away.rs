//! Hooks where Git does not look, and hooks that go on whatever the answer is.
//!
//! Owns that `doctor` names them for the work tree in which it runs, and that each line that is
//! advised for a hook of one's own stops a push.

use super::{bob_pushes, commit, takes_hooks_from_config};
use crate::machines::Team;
use crate::said::Said;
use crate::world::{World, needs, open_to_all};

/// The line that is advised for `pre-push`.
fn advised(said: &Said) -> String {
    let line = said
        .err
        .lines()
        .find_map(|line| line.split_once("to its pre-push: "));
    line.expect("a line is advised").1.to_owned()
}

fn put(clone: &World, path: &str, text: &str) {
    clone.write(path, text);
    open_to_all(&clone.dir().join(path), 0o755);
}

#[test]
fn hooks_that_are_off() {
    let world = World::new();
    if takes_hooks_from_config(&world) {
        return;
    }
    world.anyone("doctor").says("Healthy");
    for path in ["/dev/null", "README"] {
        world.git(&format!("config core.hooksPath {path}"));
        world
            .anyone("install")
            .fails(129, "so Git runs no hook files")
            .hints("git config --file");
        world
            .anyone("doctor")
            .says("core.hooksPath leads to no folder");
    }
    world.git("config --unset core.hooksPath");
    world.anyone("install").done();
    world.git("config core.hooksPath /dev/null");
    let said = world.anyone("doctor");
    said.exits(1)
        .prints("is not run: core.hooksPath is /dev/null");
    let advice = said.out.lines().find_map(|line| {
        let at = line.find("git config --file")?;
        Some(
            line[at..]
                .split(", then")
                .next()
                .unwrap_or_default()
                .to_owned(),
        )
    });
    world.sh(&advice.expect("the command is said")).done();
    world
        .anyone("doctor")
        .says("Healthy")
        .says("git pre-push    installed");
}

#[test]
fn a_relative_folder_is_another_one_in_each_work_tree() {
    let world = World::new();
    if takes_hooks_from_config(&world) {
        return;
    }
    world.anyone("install").done();
    world.git("worktree add --quiet ../more");
    let more = world.at("more");
    more.anyone("doctor").says("git pre-push    installed");
    // It is the usual folder, for the main work tree alone.
    world.git("config core.hooksPath .git/hooks");
    world.anyone("doctor").says("git pre-push    installed");
    let said = more.anyone("doctor");
    said.exits(1)
        .prints("the hook pre-push in /")
        .prints("in this work tree Git looks in /")
        .prints("more/.git/hooks");
    // A folder of the work tree that is not in the other one.
    world.git("config core.hooksPath .hooks");
    let line = advised(&world.anyone("install"));
    put(&world, ".hooks/pre-push", &format!("#!/bin/sh\n{line}\n"));
    world.anyone("doctor").prints("git pre-push    installed: ");
    more.anyone("doctor")
        .exits(1)
        .prints("repo/.hooks/pre-push is not run: in this work tree");
    // By a setting of one work tree alone.
    world.git("config --unset core.hooksPath");
    world.git("config extensions.worktreeConfig true");
    more.git("config --worktree core.hooksPath /dev/null");
    world.anyone("doctor").says("Healthy");
    more.anyone("doctor")
        .exits(1)
        .prints("core.hooksPath is /dev/null");
    // And an absolute one is the same for all.
    let usual = world.dir().join(".git/hooks").display().to_string();
    more.git(&format!("config --worktree core.hooksPath {usual}"));
    more.anyone("doctor").says("git pre-push    installed");
}

#[test]
fn the_advised_line_stops_a_push() {
    let (_team, a, b) = Team::pair();
    if takes_hooks_from_config(&b) {
        return;
    }
    a.alice("claim path:README --exclusive --purpose mine")
        .done();
    b.git("config core.hooksPath .hooks");
    let line = advised(&b.bob("install"));
    put(
        &b,
        ".hooks/pre-push",
        &format!("#!/bin/sh\n{line}\necho \"checks of ours\"\n"),
    );
    b.anyone("doctor").says("git pre-push    installed");
    commit(&b, "README", "changed\n");
    bob_pushes(&b, "origin main")
        .fails(1, "path:README is claimed by")
        .omits("checks of ours");
    // Who does not have the program can push.
    let without = b.with("PATH", "/usr/bin:/bin");
    without.try_git("push --quiet origin main:side").done();
    // A hook that goes on is no guard, and that is said.
    let call = "git presence hook pre-push \"$@\"";
    put(
        &b,
        ".hooks/pre-push",
        &format!("#!/bin/sh\n{call}\necho \"checks of ours\"\n"),
    );
    let said = b.anyone("doctor");
    said.exits(1)
        .prints("stops nothing: it goes on after the line")
        .prints(line.as_str());
    let json = b.anyone("doctor --json").exits(1).json();
    assert_eq!(json["hooks"][0]["state"], "unheeded", "{json}");
}

#[test]
fn at_a_terminal_nothing_is_waited_for() {
    let world = World::new();
    if takes_hooks_from_config(&world) || !needs("python3") {
        return;
    }
    let run = "timeout 20 python3 -c 'import os, pty, sys\n\
               status = pty.spawn([\".git/hooks/pre-push\", \"origin\", \"url\"])\n\
               sys.exit(os.waitstatus_to_exitcode(status))' </dev/null";
    // Lines in a script, and a program that is kept beside.
    for text in [
        "#!/bin/sh\necho \"ran, $1\"\nexit 7\n",
        "#!/usr/bin/env python3\nimport sys\nprint('ran, ' + sys.argv[1])\nsys.exit(7)\n",
    ] {
        put(&world, ".git/hooks/pre-push", text);
        world.anyone("install").done();
        world.sh(run).exits(7).prints("ran, origin");
        world.anyone("uninstall").done();
        assert_eq!(world.read(".git/hooks/pre-push"), text);
    }
    std::fs::remove_file(world.dir().join(".git/hooks/pre-push")).unwrap();
    world.anyone("install").done();
    world.sh(run).done();
}
