//! A person's places: two terminals, two work trees. `setsid` starts another terminal.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use crate::world::{World, be_in_a_terminal};

/// Runs lines in a terminal of its own that stays open.
fn in_another_terminal(world: &World, folder: &str, lines: &str) {
    let ready = ready(world);
    world
        .sh(&format!(
            "{{ cd {folder} && exec setsid bash -c '{lines}; echo $$ > {ready}; exec sleep 60'; }} \
             </dev/null >/dev/null 2>&1 &\n\
             for i in $(seq 200); do [ -s {ready} ] && exit 0; sleep 0.05; done; exit 1"
        ))
        .done();
}

fn ready(world: &World) -> String {
    world.root().join("ready").display().to_string()
}

/// Closes the other terminal.
fn close(world: &World) {
    let ready = ready(world);
    world
        .sh(&format!(
            "pid=$(cat {ready}); kill $pid\n\
             for i in $(seq 200); do grep -qs \"^State:.[^ZX]\" /proc/$pid/status || exit 0; sleep 0.05; done; exit 1"
        ))
        .done();
}

#[test]
#[cfg(target_os = "linux")]
fn what_another_terminal_works_on_is_neither_claimed_nor_released() {
    be_in_a_terminal();
    let world = World::new();
    let claim = "git-presence claim -x stack:dns --purpose \"apply there\"";
    in_another_terminal(&world, ".", claim);
    world
        .anyone("claim -x stack:dns --purpose \"apply here\"")
        .exits(3)
        .fails(3, "stack:dns is yours already, claimed in another terminal")
        .hints("git presence claim --exclusive stack:dns --purpose 'apply here' --here");
    world
        .anyone("release stack:dns")
        .fails(3, "claimed in another terminal")
        .hints("git presence release stack:dns --here");
    world.anyone("claim -x node:mine --purpose p").done();
    world
        .anyone("release --all-mine")
        .says(contains("node:mine").and(contains("stack:dns").not()))
        .warns("stack:dns is not released: claimed in another terminal");
    // Two scripts of one person, each with a fence before its step, exclude each other.
    world
        .anyone("fence stack:dns")
        .fails(3, "stack:dns is yours already, claimed in another terminal")
        .hints("git presence claim --exclusive stack:dns --purpose \"<why>\" --here");
    world
        .anyone("claim stack:dns --purpose \"beside it\"")
        .fails(3, "claimed in another terminal");
    world
        .anyone("claim -x stack:dns --here --purpose p")
        .says("Renewed stack:dns exclusively");
    world.anyone("fence stack:dns").says("Yours");
    world.anyone("release stack:dns").says("Released stack:dns");
    close(&world);
}

#[test]
#[cfg(target_os = "linux")]
fn a_terminal_that_is_closed_is_no_place() {
    be_in_a_terminal();
    let world = World::new();
    in_another_terminal(&world, ".", "git-presence claim -x stack:dns --purpose p");
    close(&world);
    world.anyone("release --all-mine").says("stack:dns");
}

#[test]
#[cfg(target_os = "linux")]
fn another_work_tree_is_another_place() {
    be_in_a_terminal();
    let world = World::new();
    world.git("worktree add -q tree -b tree");
    world.anyone("claim -x stack:dns --purpose p").done();
    let tree = world.at(world.dir().join("tree"));
    tree.anyone("claim -x stack:dns --purpose p")
        .fails(3, "claimed in another worktree");
    tree.anyone("release --all-mine")
        .warns("stack:dns is not released");
    world.anyone("fence stack:dns").says("Yours");
    tree.anyone("release stack:dns --here").says("Released");
}

/// A chosen id and an agent have one place.
#[test]
#[cfg(target_os = "linux")]
fn only_people_have_places() {
    be_in_a_terminal();
    for variable in ["GIT_PRESENCE_SESSION", "CLAUDE_CODE_SESSION_ID"] {
        let world = World::new();
        let claim = format!("{variable}=one git-presence claim -x stack:dns --purpose p");
        in_another_terminal(&world, ".", &claim);
        let here = world.with(variable, "one");
        here.anyone("claim -x stack:dns --purpose p")
            .says("Renewed");
        here.anyone("release stack:dns").says("Released");
        close(&world);
    }
}

/// As by a container engine: the process that leads the session has no number in the container.
#[test]
#[cfg(target_os = "linux")]
fn in_a_container_that_was_entered_from_outside() {
    let world = World::new();
    let enter = "unshare --user --map-root-user --pid --mount-proc --fork";
    if world.sh(&format!("{enter} true")).code != Some(0) {
        eprintln!("skipped: no process namespace may be made here");
        return;
    }
    for line in ["claim -x stack:dns --purpose p", "release stack:dns"] {
        world.sh(&format!("{enter} git-presence {line}")).done();
    }
}
