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

/// The board of a hub is its clones'; nothing in it goes while one of them holds something.
#[test]
fn in_the_repository_that_others_use_as_their_remote() {
    let team = Team::new();
    let a = fresh(&team, "a");
    a.alice("claim --exclusive infra:x --purpose work").done();
    let before = all(&team, &[&a]);
    let hub = team.hub();
    hub.anyone("uninstall --everything")
        .refuses("infra:x is still claimed, by wizard@devvm@alice");
    assert_eq!(
        all(&team, &[&a]).differs_from(&before),
        Vec::<std::path::PathBuf>::new()
    );
    a.alice("release --all-mine").done();
    hub.anyone("uninstall --everything").done();
    assert_eq!(hub.git("for-each-ref refs/presence"), "");
}

#[test]
fn what_cannot_be_read_or_is_frozen_is_not_removed() {
    let world = World::new();
    world
        .alice("claim --exclusive infra:x --purpose work")
        .done();
    let register = world.git("for-each-ref --format=%(refname) refs/presence/locks");
    let tree = world.git(&format!("rev-parse {register}^{{tree}}"));
    let object = format!(".git/objects/{}/{}", &tree[..2], &tree[2..]);
    world
        .sh(&format!("mv {object} aside; rm -r .git/presence/kept"))
        .done();
    world
        .anyone("uninstall --everything")
        .refuses("what cannot be read may be held")
        .tells("git presence doctor");
    world.sh(&format!("mv aside {object}")).done();
    // Also without its id, by which a clone knows what is its own.
    world.sh("rm .git/presence/node*").done();
    world
        .anyone("uninstall --everything")
        .refuses("infra:x is still claimed");
    let world = World::new();
    world.alice("state branch:main frozen -m release").done();
    world
        .anyone("uninstall --everything")
        .refuses("branch:main is frozen, by wizard@devvm@alice")
        .tells("git presence state <resource> --clear");
    world.alice("state branch:main --clear").done();
    world.alice("task add \"never done\"").done();
    world
        .anyone("uninstall --everything")
        .says("a task that was not over");
}

/// With `--remote`, one of them would remove the board of all.
#[test]
fn a_board_of_several_repositories_is_removed_in_its_own_folder_only() {
    let team = Team::new();
    let board = fresh(&team, "board");
    let shop = team.outside().at("shop");
    shop.git("init --quiet");
    shop.git("config presence.ledger ../board");
    shop.alice("claim infra:x --purpose work").done();
    shop.alice("release --all-mine").done();
    let before = team.hub().git("for-each-ref refs/presence");
    shop.anyone("uninstall --everything --remote")
        .refuses("the board is of several repositories")
        .tells("presence uninstall --everything --remote");
    assert_eq!(team.hub().git("for-each-ref refs/presence"), before);
    assert!(!before.is_empty());
    board.anyone("uninstall --everything --remote").done();
    assert_eq!(team.hub().git("for-each-ref refs/presence"), "");
}

/// A claim between the look at the remote and the removal there.
#[test]
fn what_is_claimed_meanwhile_stays() {
    let team = Team::new();
    let (a, b) = (fresh(&team, "a"), fresh(&team, "b"));
    a.alice("claim --exclusive infra:x --purpose before").done();
    a.alice("release --all-mine").done();
    let claim = format!(
        "git -C {} presence claim --exclusive infra:x --purpose meanwhile --session late",
        a.dir().display()
    );
    // The fetch is what asks a second time.
    let program = b.dir().join("upload-pack");
    let text = format!(
        "#!/bin/sh\n[ -e {0}.asked ] && [ ! -e {0}.done ] && touch {0}.done && (unset GIT_DIR; {claim}) \
         >{0}.log 2>&1\ntouch {0}.asked\nexec git-upload-pack \"$@\"\n",
        program.display()
    );
    std::fs::write(&program, text).unwrap();
    b.sh("chmod +x upload-pack").done();
    b.git(&format!(
        "config remote.origin.uploadpack {}",
        program.display()
    ));
    b.anyone("uninstall --everything --remote")
        .refuses("infra:x is still claimed, by late");
    a.session("late", "fence infra:x").done();
    // Here as well: what moves after it was listed is not removed.
    assert!(
        b.read("upload-pack.log").contains("Claimed"),
        "{}",
        b.read("upload-pack.log")
    );
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
