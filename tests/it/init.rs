//! `init`: is everything in place, and what comes first.

use snapbox::str;

use crate::world::{ALICE, World};

#[test]
fn ready() {
    let world = World::new();
    world.unchanged(|| {
        world.alice("init").says_all(str![[r#"
Ready. You are wizard@devvm@alice.
The board is kept in [..]/repo/.git (refs/presence/).
  git presence claim infra:example --purpose "trying it"
  git presence list
  git presence release --all-mine

"#]]);
    });
}

#[test]
fn a_clone_is_named_once() {
    let world = World::new();
    let first = world.alice("init --json").json();
    assert_eq!(first["created"], true);
    assert_eq!(first["session_id"], ALICE);
    assert_eq!(first["node"].as_str().unwrap().len(), 32);
    let second = world.bob("init --json").json();
    assert_eq!(second["created"], false);
    assert_eq!(second["node"], first["node"]);
}

#[test]
fn the_commands_that_it_shows_work() {
    let world = World::new();
    let said = world.alice("init");
    let commands: Vec<&str> = said.done().lines();
    let commands = commands
        .iter()
        .filter_map(|line| line.strip_prefix("  git presence "));
    let mut tried = 0;
    for command in commands {
        world.alice(command).done();
        tried += 1;
    }
    assert_eq!(tried, 3);
}

#[test]
fn nothing_needs_it() {
    let world = World::new();
    world.alice("claim node:x --purpose x").says("Claimed");
    assert_eq!(world.alice("init --json").json()["created"], false);
}

#[test]
fn where_no_board_can_be_kept() {
    let world = World::empty();
    world
        .alice("init")
        .fails(128, "no Git repository")
        .hints("git presence -C");
}
