//! `uninstall --everything`: clones, remote and home are as before, file by file.

use crate::machines::Team;
use crate::snapshot::Snapshot;
use crate::world::World;

/// A clone that no command of ours has seen.
fn fresh(team: &Team, folder: &str) -> World {
    let hub = team.hub().dir().display().to_string();
    team.outside()
        .git(&format!("clone --quiet file://{hub} {folder}"));
    team.outside().at(folder)
}

/// Everything of the world. Objects that no ref leads to are removed first, as `git gc` will, and
/// empty folders that Git leaves at the server for its own removals.
fn all(team: &Team, clones: &[&World]) -> Snapshot {
    team.hub()
        .sh("find refs -mindepth 1 -type d -empty -path '*presence*' -delete")
        .done();
    for place in clones {
        place.git("prune --expire=now");
    }
    team.hub().git("prune --expire=now");
    Snapshot::of(&team.outside().root(), &[])
}

#[track_caller]
fn nothing_is_left(before: &Snapshot, after: &Snapshot) {
    let changed = after.differs_from(before);
    assert!(changed.is_empty(), "{changed:?}");
}

fn set_up(clone: &World) {
    clone.anyone("init").done();
    clone.anyone("install").done();
    clone.anyone("install claude --rules").done();
    clone.anyone("install gemini --project").done();
    clone.anyone("man --install").done();
    clone
        .sh(
            "mkdir -p ~/.config/fish/completions ~/.local/share/bash-completion/completions
        git presence completions bash >~/.local/share/bash-completion/completions/git-presence
        git presence completions fish >~/.config/fish/completions/git-presence.fish",
        )
        .done();
}

#[test]
fn two_clones_the_remote_and_the_home_are_as_before() {
    let team = Team::new();
    let (a, b) = (fresh(&team, "a"), fresh(&team, "b"));
    // The user's own settings, scripts and folders stay.
    team.outside().sh(
        "mkdir -p ~/.claude ~/.config/fish/completions ~/.local/share/bash-completion/completions
        printf '{\\n  \"model\": \"x\"\\n}\\n' >~/.claude/settings.json
        printf '# mine\\n' >~/.claude/CLAUDE.md
        printf 'mine\\n' >~/.config/fish/completions/other.fish",
    )
    .done();
    a.sh("printf '#!/bin/sh\\nexit 0\\n' >.git/hooks/pre-push; chmod +x .git/hooks/pre-push")
        .done();
    let before = all(&team, &[&a, &b]);
    for clone in [&a, &b] {
        set_up(clone);
        clone.alice("claim path:src --purpose work").done();
        clone.bob("claim -x infra:x --purpose deploy").done();
        clone.bob("tell infra:x -m hello").done();
        clone.anyone("list").done();
        clone.alice("release --all-mine").done();
        clone.bob("release --all-mine").done();
    }
    assert!(!team.refs().is_empty());
    for clone in [&a, &b] {
        clone
            .anyone("uninstall --everything --remote")
            .says("refs of the board: origin")
            .prints("Other clones push their sessions to origin again")
            .prints("The program is left.")
            .tells("refs of the board go at origin");
    }
    assert_eq!(team.refs(), "");
    nothing_is_left(&before, &all(&team, &[&a, &b]));
    // A second run finds nothing, and leaves nothing.
    b.anyone("uninstall --everything")
        .says("Nothing was left to remove.")
        .prints("The board at origin is left to other clones");
    nothing_is_left(&before, &all(&team, &[&a, &b]));
}

#[test]
fn the_board_at_the_remote_is_left_to_others() {
    let team = Team::new();
    let a = fresh(&team, "a");
    let before = all(&team, &[&a]);
    a.alice("claim path:src --purpose work").done();
    a.alice("release --all-mine").done();
    let refs = team.refs();
    let answer = a.anyone("uninstall --everything --json").json();
    assert_eq!(answer["left_at"], "origin");
    assert!(answer["cleared"].is_null());
    assert_eq!(team.refs(), refs);
    let after = all(&team, &[&a]);
    let changed = after.differs_from(&before);
    assert!(
        changed.iter().all(|path| path.starts_with("hub.git")),
        "{changed:?}"
    );
}

/// What is claimed here, or with `--remote` anywhere, is released first.
#[test]
fn while_something_is_held_nothing_is_removed() {
    let team = Team::new();
    let (a, b) = (fresh(&team, "a"), fresh(&team, "b"));
    a.alice("claim path:src --purpose work").done();
    let before = all(&team, &[&a]);
    a.anyone("uninstall --everything")
        .refuses("path:src is still claimed, by wizard@devvm@alice")
        .tells("git presence release --all-mine");
    b.anyone("uninstall --everything --remote")
        .refuses("path:src is still claimed, by wizard@devvm@alice");
    let changed = all(&team, &[&a]).differs_from(&before);
    // The other clone has looked at the remote.
    assert!(
        changed.iter().all(|path| path.starts_with("b")),
        "{changed:?}"
    );
    // Another clone may leave meanwhile.
    b.anyone("uninstall --everything").done();
}

#[test]
fn a_remote_that_keeps_its_refs_is_told_and_nothing_is_removed_here() {
    let team = Team::new();
    let a = fresh(&team, "a");
    a.anyone("install").done();
    a.alice("claim path:src --purpose work").done();
    a.alice("release --all-mine").done();
    team.hook(
        "update",
        "[ $3 != 0000000000000000000000000000000000000000 ] || exit 1",
    );
    let hook = a.read(".git/config");
    a.anyone("uninstall --everything --remote")
        .fails(5, "the board at origin is not removed")
        .tells("nothing was removed here");
    assert_eq!(a.read(".git/config"), hook);
    assert!(a.has(".git/presence"));
}

#[test]
fn settings_of_the_user_are_named_and_stay() {
    let world = World::new();
    world.git("config presence.ttl 20m");
    world.alice("claim path:src --purpose work").done();
    world.alice("release --all-mine").done();
    world
        .anyone("uninstall --everything")
        .says("Settings that you made stay: presence.ttl (in ");
    assert_eq!(world.git("config presence.ttl"), "20m");
    assert!(!world.has(".git/presence") && !world.has(".git/refs/presence"));
}

/// With reftable, Git itself removes the refs.
#[test]
fn in_a_repository_with_reftable() {
    let world = World::empty().at("repo");
    if world.git_version() < (2, 45) {
        println!("skipped: this Git has no reftable");
        return;
    }
    world.git("init --quiet --ref-format=reftable");
    world.commit_files();
    world.alice("claim path:src --purpose work").done();
    world.alice("release --all-mine").done();
    world.anyone("uninstall --everything").done();
    assert_eq!(world.git("for-each-ref refs/presence"), "");
    assert!(!world.has(".git/presence"));
}

#[test]
fn what_goes_together() {
    let world = World::new();
    world
        .anyone("uninstall --remote")
        .fails(129, "--everything");
    world
        .anyone("uninstall claude --everything")
        .fails(129, "[TARGET] and --everything exclude each other");
}
