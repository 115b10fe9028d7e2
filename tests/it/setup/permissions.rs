//! Repositories that belong to others, are shared with others, or may only be read.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::world::{STRANGER_UID, World, needs_root};

fn chown(path: &Path, uid: u32) {
    std::os::unix::fs::lchown(path, Some(uid), Some(uid)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        for entry in std::fs::read_dir(path).unwrap() {
            chown(&entry.unwrap().path(), uid);
        }
    }
}

#[test]
fn a_repository_of_another_user() {
    if !needs_root() {
        return;
    }
    let world = World::new();
    let below = world.at("repo/src");
    chown(world.dir(), STRANGER_UID);
    for place in [&world, &below] {
        for line in ["claim node:x --purpose x", "list", "whoami", "doctor"] {
            place
                .alice(line)
                .fails(128, "belongs to another user")
                .hints("git config --global --add safe.directory");
        }
    }
    let error = world.alice("list --json").exits(128).json()["error"].clone();
    assert_eq!(error["kind"], "no_repository");
    assert!(!world.has(".git/presence"));

    // The hint is the command that helps, and names what Git names.
    let said = below.alice("list");
    let hint = said.err.split("hint: if you trust it: ").nth(1).unwrap();
    below.sh(hint.trim_end()).done();
    let trusted = world.git("config --global safe.directory");
    assert_eq!(trusted, world.dir().display().to_string());
    world.alice("claim node:x --purpose x").says("Claimed");
    below.bob("list").says("node:x");
}

#[test]
fn trusting_everything() {
    if !needs_root() {
        return;
    }
    let world = World::new();
    chown(world.dir(), STRANGER_UID);
    world.git("config --global safe.directory *");
    world.alice("claim node:x --purpose x").says("Claimed");
    // The repository's own word does not count.
    world.git("config --global --unset safe.directory");
    let config = world.read(".git/config");
    world.write(".git/config", format!("{config}[safe]\n\tdirectory = *\n"));
    world.alice("list").fails(128, "belongs to another user");
}

#[test]
fn a_ledger_of_another_user() {
    if !needs_root() {
        return;
    }
    let world = World::new();
    let board = world.at("board.git");
    board.git("init --quiet --bare");
    chown(board.dir(), STRANGER_UID);
    world
        .alice("claim node:x --purpose x --ledger ../board.git")
        .fails(128, "belongs to another user")
        .hints("safe.directory");
    world.git(&format!(
        "config --global --add safe.directory {}",
        board.dir().display()
    ));
    world
        .alice("claim node:x --purpose x --ledger ../board.git")
        .says("Claimed");
}

/// Everything below a folder, with what its group may do.
fn modes(dir: &Path, found: &mut Vec<(PathBuf, u32)>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let mode = path.metadata().unwrap().permissions().mode();
        found.push((path.clone(), mode));
        if path.is_dir() {
            modes(&path, found);
        }
    }
}

fn is_shared_like_git_would(setting: &str, dir_bits: u32, file_bits: u32, loose_bits: u32) {
    let world = World::new();
    world.git(&format!("config core.sharedRepository {setting}"));
    // What was there before is none of our business.
    let mut before = Vec::new();
    modes(&world.git_dir(), &mut before);
    world
        .sh("umask 077
             export GIT_PRESENCE_SESSION=wizard@devvm@alice
             git presence claim node:x db:y --purpose x &&
             git presence heartbeat --throttle 0 &&
             git presence claim node:x --purpose y --refuse &&
             git presence release db:y")
        .done();
    let mut after = Vec::new();
    modes(&world.git_dir(), &mut after);
    let before: Vec<_> = before.into_iter().map(|(path, _)| path).collect();
    let mut seen = 0;
    for (path, mode) in after.into_iter().filter(|(path, _)| !before.contains(path)) {
        let is_object = ["objects", "presence/kept"]
            .iter()
            .any(|folder| path.starts_with(world.git_dir().join(folder)));
        let bits = match (path.is_dir(), is_object) {
            (true, _) => dir_bits,
            (false, true) => loose_bits,
            (false, false) => file_bits,
        };
        assert_eq!(mode & bits, bits, "{mode:o} {}", path.display());
        seen += 1;
    }
    assert!(seen > 8, "{seen}");
    world.git("fsck --strict --no-dangling");
}

#[test]
fn shared_with_a_group() {
    // Objects are never written again; everything else is.
    is_shared_like_git_would("group", 0o2070, 0o060, 0o040);
}

#[test]
fn shared_with_everybody() {
    is_shared_like_git_would("all", 0o2075, 0o064, 0o044);
}

#[test]
fn shared_by_mode() {
    is_shared_like_git_would("0660", 0o2070, 0o060, 0o040);
}

/// Whatever the umask is: only `core.sharedRepository` opens what is this clone's own.
#[test]
fn what_is_the_clones_own_is_for_its_user() {
    let world = World::new();
    world
        .sh("umask 022
             export CLAUDECODE=1 CLAUDE_CODE_SESSION_ID=s
             git presence claim node:x --purpose x &&
             git presence claim -x db:y --purpose x &&
             git presence sessions reconcile &&
             git presence heartbeat --throttle 0")
        .done();
    let folder = world.git_dir().join("presence");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut found = Vec::new();
    modes(&folder, &mut found);
    // Second names of objects have the permissions of those.
    found.retain(|(path, _)| path.is_file() && !path.starts_with(folder.join("kept")));
    assert!(found.len() > 2, "{found:?}");
    assert!(
        found.iter().all(|(path, _)| mode(path) == 0o600),
        "{found:?}"
    );
}

#[test]
fn not_shared() {
    let world = World::new();
    world
        .sh("umask 077; git presence claim node:x --purpose x")
        .done();
    let mut found = Vec::new();
    modes(&world.git_dir().join("presence"), &mut found);
    modes(&world.git_dir().join("refs/presence"), &mut found);
    assert!(found.iter().all(|(_, mode)| mode & 0o077 == 0), "{found:?}");
}

/// Others trust this world's repositories and may look at everything, whatever the umask is.
fn everybody_may_read(world: &World) {
    world.git("config --global safe.directory *");
    world
        .sh(&format!("chmod -R a+rX '{}'", world.root().display()))
        .done();
}

#[test]
fn one_that_may_only_be_read() {
    if !needs_root() {
        return;
    }
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    world.bob("claim db:y --purpose backup").done();
    everybody_may_read(&world);
    let stranger = world.with("GIT_PRESENCE_SESSION", "stranger");
    world.untouched(&[], || {
        stranger.stranger("list").says("node:x").says("db:y");
        stranger
            .stranger("peek node:x")
            .says("is claimed by wizard@devvm@alice");
        stranger.stranger("status").says("Others: 2 claims");
        stranger.stranger("log").says("claim node:x");
        stranger.stranger("whoami").says("stranger");
        let found = stranger.stranger("doctor");
        found.exits(1).prints("presence cannot be written");
        found.prints("1 open problem");
        for line in [
            "claim node:z --purpose z",
            "claim node:z --purpose z --refuse",
            "heartbeat",
        ] {
            stranger
                .stranger(line)
                .fails(1, "ermission denied")
                .fails(1, ".git")
                .hints("git presence doctor");
        }
        let error = stranger.stranger("claim node:z --purpose z --json");
        assert_eq!(error.exits(1).json()["error"]["kind"], "broken");
    });
}

#[test]
fn a_member_of_the_clone_who_lost_the_right_to_write() {
    if !needs_root() {
        return;
    }
    // The clone has its name already: the first thing that fails is an object or a ref.
    let world = World::new();
    world.alice("claim node:x --purpose x").done();
    everybody_may_read(&world);
    chown(world.dir(), STRANGER_UID);
    let stranger = world.with("GIT_PRESENCE_SESSION", "stranger");
    stranger
        .stranger("claim node:y --purpose y")
        .says("Claimed");
    for folder in ["objects", "refs/presence/sessions"] {
        chown(&world.git_dir().join(folder), 0);
        everybody_may_read(&world);
        world.untouched(&["objects", "presence/kept"], || {
            stranger
                .stranger("claim node:z --purpose z")
                .fails(1, "ermission denied")
                .fails(1, folder);
        });
        chown(&world.git_dir().join(folder), STRANGER_UID);
    }
    stranger
        .stranger("claim node:z --purpose z")
        .says("Claimed");
}
