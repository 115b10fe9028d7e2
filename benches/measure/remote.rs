//! Remotes to measure against.
//!
//! Owns the bare remote with others on it, its clones, and what plain Git pushes to it. Never
//! measures.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::measure::{Place, run};

/// A bare remote with this many sessions of others on it.
pub(crate) fn hub(root: &Path, sessions: usize) -> Place {
    let hub = Place::new(root, &format!("hub-{sessions}.git"));
    hub.git("config core.bare true");
    let board = Place::with_sessions(root, sessions);
    let from = board.dir.display();
    hub.git(&format!(
        "-c fetch.unpackLimit=100000 fetch --quiet {from} refs/presence/*:refs/presence/*"
    ));
    hub.git("pack-refs --all");
    std::fs::remove_dir_all(&board.dir).expect("it is not needed any more");
    hub
}

/// A clone of `hub` that has seen all of it.
pub(crate) fn clone(root: &Path, hub: &Place, name: &str) -> Place {
    let clone = Place::new(root, name);
    clone.git(&format!("remote add origin {}", hub.dir.display()));
    clone.git("config presence.staleAfter 24h");
    run(clone.presence(1, "sync"));
    clone
}

pub(crate) fn git(place: &Place, line: &str) -> Command {
    let mut command = place.command("git");
    command.args(line.split(' ')).stderr(Stdio::null());
    command
}

/// A commit of three objects, as a claim makes one, under a name of its own.
pub(crate) fn new_commit(place: &Place, round: usize) {
    let blob = place.git_fed("hash-object -w --stdin", format!("{round}\n").as_bytes());
    let tree = place.git_fed("mktree", format!("100644 blob {blob}\ta\n").as_bytes());
    let old = place.git_fed(
        "for-each-ref --format=%(objectname) refs/presence/plain/one",
        b"",
    );
    let parent = if old.is_empty() {
        String::new()
    } else {
        format!(" -p {old}")
    };
    let commit = place.git_fed(&format!("commit-tree {tree}{parent}"), b"plain\n");
    place.git(&format!("update-ref refs/presence/plain/one {commit}"));
}
