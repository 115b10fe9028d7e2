//! `init`: is everything in place, and what comes first; the line that keeps the choice of the
//! remote.
//!
//! Owns what `init` says, what it adds to the configuration, and that `--undo` takes exactly that
//! back.

use std::os::unix::fs::PermissionsExt as _;

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::{contains, ends_with, starts_with};
use serde_json::json;
use snapbox::str;

use crate::machines::{Team, claimed, sync};
use crate::said::holds;
use crate::world::{ALICE, World};

/// The bytes of the configuration of this repository.
fn config(clone: &World) -> String {
    std::fs::read_to_string(clone.git_dir().join("config")).unwrap()
}

fn write_config(clone: &World, text: &str) {
    std::fs::write(clone.git_dir().join("config"), text).unwrap();
}

/// What git understands of it.
fn settings(clone: &World) -> String {
    clone.git("config --local --list")
}

/// `init` and `init --undo` leave these bytes as they were, and git reads them all the while.
#[track_caller]
fn leaves_no_trace(clone: &World, text: &str) {
    write_config(clone, text);
    let before = settings(clone);
    clone.anyone("init").says("Added to the configuration");
    holds(&config(clone), starts_with(text));
    let with = settings(clone);
    holds(&with, starts_with(&before));
    holds(&with, ends_with("presence.remote=origin"));
    clone
        .anyone("init --undo")
        .says("Removed from the configuration");
    assert_eq!(config(clone), text);
}

#[test]
fn ready() {
    let world = World::new();
    world.unchanged(|| {
        world.alice("init").says_all(str![[r#"
Ready. You are wizard@devvm@alice.
The board is kept in [..]/repo/.git (refs/presence/).
Try it:
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

#[test]
fn with_a_remote_it_adds_a_section_and_shows_it() {
    let (_team, a, _) = Team::pair();
    let before = config(&a);
    a.alice("init").says_all(str![[r#"
Ready. You are wizard@devvm@alice.
The board is kept in [..]/a/.git (refs/presence/).
It is shared through origin: verbs and syncs fetch it by themselves.
Added to the configuration (git presence init --undo removes them):
  [presence] # git presence init
  remote = origin
Try it:
  git presence claim infra:example --purpose "trying it"
  git presence list
  git presence release --all-mine

"#]]);
    let added = "[presence] # git presence init\n\tremote = origin\n";
    assert_eq!(config(&a), format!("{before}{added}"));
    assert_eq!(a.git("config presence.remote"), "origin");
    assert_eq!(
        a.git("config --get-all remote.origin.fetch"),
        "+refs/heads/*:refs/remotes/origin/*"
    );

    let said = a.alice("init --undo");
    said.says("Removed from the configuration:")
        .says("[presence] # git presence init")
        .says("remote = origin");
    assert_eq!(config(&a), before);
    a.alice("init --undo")
        .says("git presence init added nothing to");
}

#[test]
fn twice_is_once() {
    let (_team, a, _) = Team::pair();
    let first = a.alice("init --json").json();
    assert_eq!(first["remote"], "origin");
    assert_eq!(first["added"].as_array().unwrap().len(), 2);
    let with = config(&a);
    let second = a.alice("init --json").json();
    assert_eq!(second["added"], json!([]));
    assert_eq!(second["removed"], json!([]));
    a.alice("init").omits("Added");
    assert_eq!(config(&a), with);
    let undone = a.alice("init --undo --json").json();
    assert_eq!(undone["removed"], first["added"]);
}

#[test]
fn its_undo_leaves_no_trace() {
    let (_team, a, _) = Team::pair();
    let plain = config(&a);
    let text = plain.trim_end_matches('\n');
    leaves_no_trace(&a, &plain);
    leaves_no_trace(&a, text);
    leaves_no_trace(&a, &plain.replace('\n', "\r\n"));
    leaves_no_trace(&a, &text.replace('\n', "\r\n"));
    leaves_no_trace(&a, &format!("{plain}\n\n# the end"));
    leaves_no_trace(&a, &format!("{plain}[presence]\n\tttl = 5m\n"));
    leaves_no_trace(
        &a,
        &format!("{plain}[alias]\n\tx = \"!echo \\\n\t\thello\"\n"),
    );
    leaves_no_trace(&a, &format!("{plain}[remote \"origin\"]\n\tprune = true\n"));
    leaves_no_trace(&a, &format!("\u{feff}{plain}"));
}

/// What is left is what the user made of it.
#[test]
fn what_the_user_writes_in_between_stays() {
    let (_team, a, _) = Team::pair();
    let before = config(&a);
    a.anyone("init").done();
    a.git("config presence.ttl 20m");
    a.git("config user.nickname wizard");
    a.git("config remote.origin.prune true");
    a.alice("claim infra:x --purpose p").says("in 20 min");
    a.anyone("init --undo").done();
    let settings = settings(&a);
    for kept in [
        "presence.ttl=20m",
        "user.nickname=wizard",
        "remote.origin.prune=true",
    ] {
        assert!(settings.contains(kept), "{kept}: {settings}");
    }
    holds(&settings, contains("presence.remote").not());
    let theirs = config(&a).replace("\tprune = true\n", "");
    holds(&theirs, starts_with(&before));
    // And once more, on top of that.
    let now = config(&a);
    a.anyone("init").done();
    a.anyone("init --undo").done();
    assert_eq!(config(&a), now);
}

#[test]
fn git_config_edits_what_it_added() {
    let (_team, a, _) = Team::pair();
    a.anyone("init").done();
    a.git("config presence.remote elsewhere");
    assert_eq!(a.git("config --get-all presence.remote"), "elsewhere");
    a.git("config presence.remote origin");
    a.git("config --unset-all presence.remote");
    a.anyone("init --undo").done();
    a.alice("claim infra:x --purpose p")
        .says("confirmed by origin");
    a.git("config --remove-section presence");
}

/// One that the clone did not come from, and back again.
#[test]
fn through_another_remote() {
    let (team, a, _) = Team::pair();
    team.outside().git("clone --quiet --bare hub.git other.git");
    a.git("remote add other ../other.git");
    let before = config(&a);
    a.alice("init --remote other")
        .says("It is shared through other:")
        .says("remote = other");
    a.alice("claim infra:x --purpose p")
        .says("confirmed by other");
    a.alice("init").says("shared through other").omits("Added");
    a.alice("init --remote origin").says("remote = origin");
    a.alice("claim infra:x --purpose p")
        .says("confirmed by origin");
    a.alice("init --undo").done();
    assert_eq!(config(&a), before);
    a.alice("init --remote nowhere")
        .fails(129, "no remote \"nowhere\"")
        .hints("git remote -v");
    a.alice("init --remote origin --undo")
        .fails(129, "exclude each other");
    assert_eq!(config(&a), before);
}

#[test]
fn remotes_with_odd_names() {
    for name in ["a=b", "x]y", "it's", "#1;2", "deep/er.er", "Größe"] {
        let team = Team::new();
        team.outside()
            .git(&format!("clone --quiet -o {name} hub.git a"));
        let (a, b) = (team.outside().at("a"), team.clone_to("b"));
        let before = config(&a);
        a.alice("init")
            .says(&format!("It is shared through {name}:"));
        b.bob("claim infra:b --purpose p").done();
        sync(&[&a]);
        assert_eq!(claimed(&a), ["infra:b"], "{name}");
        let confirmed = format!("confirmed by {name}");
        a.alice("claim infra:a --purpose p").says(&confirmed);
        a.alice("release infra:a").says(&confirmed);
        a.anyone("sync").says("Synced with").omits("not sent yet");
        a.anyone("init --undo").done();
        assert_eq!(config(&a), before, "{name}");
    }
}

#[test]
fn in_a_bare_repository_and_in_a_linked_work_tree() {
    let (team, a, b) = Team::pair();
    team.outside().git("clone --quiet --bare hub.git bare.git");
    let bare = team.outside().at("bare.git");
    a.git("worktree add --quiet ../linked");
    let linked = team.outside().at("linked");
    b.bob("claim infra:b --purpose p").done();
    for place in [&bare, &linked] {
        let before = config(place);
        place.alice("init").says("Added to the configuration");
        sync(&[place]);
        assert_eq!(claimed(place), ["infra:b"]);
        assert!(
            !place.has(".git/config"),
            "the settings of one work tree are none of ours"
        );
        place.anyone("init --undo").done();
        assert_eq!(config(place), before);
    }
}

/// The file stays what it is: its mode, and where it stands.
#[test]
fn the_file_of_settings_stays_where_it_is() {
    let (_team, a, _) = Team::pair();
    let path = a.git_dir().join("config");
    let mode = || path.metadata().unwrap().permissions().mode() & 0o777;
    crate::world::open_to_all(&path, 0o600);
    a.anyone("init").done();
    assert_eq!(mode(), 0o600);
    a.write(".git/config.lock", "");
    let with = config(&a);
    a.anyone("init --undo").exits(1);
    assert_eq!(config(&a), with, "somebody else is writing");
    std::fs::remove_file(a.git_dir().join("config.lock")).unwrap();
    a.anyone("init --undo").done();
    assert_eq!(mode(), 0o600);
}

/// Nothing is pushed, nothing asked.
#[test]
fn it_does_not_talk_to_the_remote() {
    let (team, a, _) = Team::pair();
    team.away();
    a.alice("init").says("shared through origin");
    a.alice("init --undo").done();
}
