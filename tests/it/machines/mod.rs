//! Several machines that share one board through a bare repository: they diverge and meet.
//!
//! Owns the team (a hub, reached by its path, and clones of it), the comparison of boards, and the
//! wait until no process is at work in the background. Never knows how a sync is done.

mod behind;
mod copies;
mod examined;
mod first_look;
pub mod folding;
mod folding_faults;
mod kinds;
mod odd;
mod refusing;
mod regressions;
mod settings;
mod storms;
mod waiting;
mod week;
mod wiped;

use std::path::PathBuf;

use serde_json::Value;

use crate::world::World;

/// Where the hub stands below the root of the world.
const HUB: &str = "hub.git";
/// Together twenty seconds at least.
const POLLS_MAX: usize = 1_000;

/// A bare repository with one commit, and its clones.
pub struct Team {
    world: World,
}

impl Team {
    pub fn new() -> Self {
        Self::with("")
    }

    /// With options for `git init --bare`.
    pub fn with(options: &str) -> Self {
        let world = World::empty();
        // Nothing happens in the background unless a test wants it.
        world.git("config --global presence.staleAfter 24h");
        let hub = world.at(HUB);
        hub.git(&format!("init --quiet --bare {options}"));
        let tree = hub.git_with_input("mktree", b"");
        let commit = hub.git(&format!("commit-tree {tree} -m \"first commit\""));
        hub.git(&format!("update-ref refs/heads/main {commit}"));
        Self { world }
    }

    pub fn hub(&self) -> World {
        self.world.at(HUB)
    }

    /// Standing in a folder without a repository.
    pub fn outside(&self) -> World {
        self.world.clone()
    }

    /// Standing in a new clone that has looked at the hub once.
    pub fn clone_to(&self, folder: &str) -> World {
        self.clone_with("", folder)
    }

    /// The same, with options for `git clone`.
    pub fn clone_with(&self, options: &str, folder: &str) -> World {
        let hub = self.hub().dir().display().to_string();
        let outside = self.outside();
        outside.git(&format!("clone --quiet {options} file://{hub} {folder}"));
        let clone = self.world.at(folder);
        clone.anyone("sync").done();
        clone
    }

    /// Two clones.
    pub fn pair() -> (Self, World, World) {
        let team = Self::new();
        let (a, b) = (team.clone_to("a"), team.clone_to("b"));
        (team, a, b)
    }

    /// Put the hub out of reach.
    pub fn away(&self) {
        self.rename(HUB, "hub.away");
    }

    pub fn back(&self) {
        self.rename("hub.away", HUB);
    }

    pub fn rename(&self, from: &str, to: &str) {
        let root = self.world.root();
        std::fs::rename(root.join(from), root.join(to)).expect("it is moved");
    }

    /// What stands on the hub below our root.
    pub fn refs(&self) -> String {
        self.hub().git("for-each-ref refs/presence")
    }

    /// A hook of the hub; in it `$1` and the like are what git says they are.
    pub fn hook(&self, name: &str, script: &str) {
        let path = self.hub().dir().join("hooks").join(name);
        self.hub().write(&path, format!("#!/bin/sh\n{script}\n"));
        crate::world::open_to_all(&path, 0o755);
    }

    pub fn no_hook(&self, name: &str) {
        let path = self.hub().dir().join("hooks").join(name);
        std::fs::remove_file(path).expect("the hook is there");
    }

    /// Lets the hub count from now on how often it is pushed to, refused or not.
    pub fn counts_pushes(&self) {
        let count = "echo push >>counted";
        self.hook("pre-receive", count);
    }

    /// How many pushes were counted.
    pub fn pushes(&self) -> usize {
        let path = self.hub().dir().join("counted");
        std::fs::read_to_string(path).map_or(0, |text| text.lines().count())
    }
}

/// The history, without the refs: an event in an archive has none.
pub fn history(world: &World) -> Value {
    let mut log = world.anyone("log -n 100 --json").done().json();
    for event in log.as_array_mut().expect("an array") {
        event.as_object_mut().expect("an event").remove("ref");
    }
    log
}

/// `cp -a`: the same repository twice.
pub fn copied(clone: &World, to: &str) -> World {
    let copy = clone.at(to);
    clone
        .sh(&format!("cp -a . {}", copy.dir().display()))
        .done();
    copy
}

/// With a refspec of the user for the board, as `init` of earlier versions added it.
pub fn follow_the_board(clone: &World) {
    let refspec = "+refs/presence/*:refs/presence-remote/origin/*";
    clone.git(&format!("config --add remote.origin.fetch {refspec}"));
}

/// One sync of each, in this order.
#[track_caller]
pub fn sync(clones: &[&World]) {
    for clone in clones {
        clone.anyone("sync").done();
    }
}

/// One claim a line, as this clone knows it; not who asks, and how fresh the view is.
#[track_caller]
pub fn board(clone: &World) -> Vec<String> {
    let list = clone.anyone("list --expired --json").done().json();
    let line = |claim: &Value| {
        let mut claim = claim.clone();
        for key in ["is_me", "as_of"] {
            claim.as_object_mut().expect("a claim").remove(key);
        }
        claim.to_string()
    };
    list.as_array()
        .expect("an array")
        .iter()
        .map(line)
        .collect()
}

/// The resources on the board, in order.
#[track_caller]
pub fn claimed(clone: &World) -> Vec<String> {
    let list = clone.anyone("list --json").done().json();
    let label = |claim: &Value| claim["resource"].as_str().expect("a text").to_owned();
    list.as_array()
        .expect("an array")
        .iter()
        .map(label)
        .collect()
}

/// They all see the same, and it is all confirmed.
#[track_caller]
pub fn agree(clones: &[&World]) {
    let first = board(clones[0]);
    for claim in &first {
        assert!(claim.contains("\"confirmed\":true"), "{claim}");
    }
    for clone in clones {
        let place = clone.dir().display();
        assert_eq!(claimed(clone), claimed(clones[0]), "{place}");
        assert_eq!(board(clone), first, "{place}");
        let status = clone.anyone("status --json").done().json();
        assert_eq!(status["problems"], serde_json::json!([]), "{place}");
        assert_eq!(status["remote"]["pending"], 0, "{place}");
    }
}

/// Git finds nothing wrong.
#[track_caller]
pub fn are_sound(places: &[&World]) {
    for place in places {
        let fsck = place.try_git("fsck --strict --no-dangling --no-progress");
        assert_eq!(fsck.done().err, "", "{}", place.dir().display());
    }
}

/// The name of this clone, and those that it had before.
pub fn names(clone: &World) -> Vec<String> {
    let path = clone.git_dir().join("presence/node");
    let text = std::fs::read_to_string(path).expect("this clone has a name");
    text.lines().map(str::to_owned).collect()
}

/// The processes that are at work somewhere in this world, by their words.
pub fn at_work(world: &World) -> Vec<String> {
    let root = world.root();
    let words = root.to_string_lossy();
    let mut all = processes();
    all.retain(|process| process.dir.starts_with(&root) || process.words.contains(&*words));
    all.into_iter().map(|process| process.words).collect()
}

/// One of all the processes that run now.
pub struct Process {
    pub id: i32,
    /// Where it stands. One that is only just starting has no words yet, but stands somewhere.
    pub dir: PathBuf,
    pub words: String,
}

pub fn processes() -> Vec<Process> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|id| id.parse().ok()) else {
            continue;
        };
        let words = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        // Of one that has ended nothing is left but its number.
        let Ok(dir) = std::fs::read_link(entry.path().join("cwd")) else {
            continue;
        };
        found.push(Process {
            id,
            dir,
            words: String::from_utf8_lossy(&words).replace('\0', " "),
        });
    }
    found
}

/// Waits until no process is at work there.
#[track_caller]
pub fn at_rest(world: &World) {
    for _ in 0..POLLS_MAX {
        if at_work(world).is_empty() {
            return;
        }
        world.at("home").sh("sleep 0.02").done();
    }
    panic!("still at work: {:?}", at_work(world));
}
