//! System calls of a verb, read from strace: the order in which a write becomes durable,
//! and all that a verb does without.
//!
//! Owns the promise that nothing is reported before it would survive a power cut, and that the
//! common verbs start no program, open no connection and read no table of time zones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::strace::{self, CHANGES, Call};
use crate::world::{ALICE, World};

/// Names and files that a power cut would take with it.
struct Disk {
    /// What is being done, for the complaint.
    story: String,
    root: PathBuf,
    /// Files whose content is not on the disk.
    files: BTreeSet<PathBuf>,
    /// Folders in which a name is not on the disk.
    folders: BTreeSet<PathBuf>,
}

impl Disk {
    /// Follow all calls of one process, from a disk on which everything is safe.
    fn follow_all(story: String, root: PathBuf, calls: &[Call]) {
        let mut disk = Self {
            story,
            root,
            files: BTreeSet::new(),
            folders: BTreeSet::new(),
        };
        // When the board was last folded is a note: lost in a power cut, it costs one look.
        let is_note =
            |call: &&Call| call.name.starts_with("rename") && call.args.contains("gc.toml");
        let note = calls.iter().find(is_note).and_then(|call| {
            let from = call.paths().into_iter().next()?;
            Some(from.file_name()?.to_string_lossy().into_owned())
        });
        let is_of_note = |call: &Call| note.as_ref().is_some_and(|note| call.args.contains(note));
        for call in calls.iter().filter(|call| !is_of_note(call)) {
            disk.follow(call);
        }
        disk.is_clean("the end", |_| true);
    }

    /// Follow one call, and complain when it comes too early.
    fn follow(&mut self, call: &Call) {
        if !call.worked() {
            return;
        }
        match call.name.as_str() {
            "openat" if call.args.contains("O_CREAT") => self.create(call),
            "write" | "pwrite64" | "writev" | "ftruncate" => match call.file() {
                Some(file) if self.is_ours(&file) => {
                    self.files.insert(file);
                }
                _ if call.args.starts_with("1<") => self.is_clean("the answer", |_| true),
                _ => {}
            },
            "fsync" | "fdatasync" => {
                let path = call.file().expect("a file");
                self.files.remove(&path);
                self.folders.remove(&path);
            }
            "mkdir" | "mkdirat" => {
                let made = call.paths().pop().expect("a folder");
                self.name(&made);
            }
            "unlink" | "unlinkat" => {
                let gone = call.paths().pop().expect("a path");
                // Relative to the folder behind the first descriptor, where there is one.
                let gone = call.file().map_or(gone.clone(), |dir| dir.join(&gone));
                self.files.remove(&gone);
            }
            name if name.starts_with("rename") || name.starts_with("link") => self.rename(call),
            _ => {}
        }
    }

    fn is_ours(&self, path: &Path) -> bool {
        path.starts_with(&self.root)
    }

    fn name(&mut self, path: &Path) {
        // The second name of an object is for a prune beside the write, not for a power cut.
        let is_second = path.starts_with(self.root.join("repo/.git/presence/kept"));
        if self.is_ours(path) && !is_second {
            self.folders
                .insert(path.parent().expect("a folder").to_owned());
        }
    }

    fn create(&mut self, call: &Call) {
        let path = call.paths().pop().expect("a path");
        // An operating-system lock holds nothing.
        let is_lock = path.to_string_lossy().contains(".git/presence/")
            && path.extension().is_some_and(|e| e == "lock");
        if self.is_ours(&path) && !is_lock {
            self.files.insert(path);
        }
    }

    fn rename(&mut self, call: &Call) {
        let [from, to] = &call.paths()[..] else {
            panic!("not two paths: {call:?}");
        };
        let is_dirty = self.files.remove(from);
        let story = &self.story;
        assert!(!is_dirty, "{story}: named before it is synced: {call:?}");
        if to.to_string_lossy().contains("/refs/presence/") {
            // Its own folder may follow; what it names may not.
            self.is_clean("the ref", |path| {
                path.starts_with(self.root.join("repo/.git/objects"))
            });
        }
        self.name(to);
    }

    fn is_clean(&self, what: &str, matters: impl Fn(&Path) -> bool) {
        let late = |paths: &BTreeSet<PathBuf>| {
            let late = paths.iter().filter(|path| matters(path));
            late.cloned().collect::<Vec<_>>()
        };
        let (files, folders) = (late(&self.files), late(&self.folders));
        assert!(
            files.is_empty() && folders.is_empty(),
            "{}: {what} comes before these are synced: {files:?}, entries of {folders:?}",
            self.story
        );
    }
}

/// The states of a repository in which a write differs.
fn places() -> [(&'static str, World); 3] {
    let world = || World::new().without("GIT_PRESENCE_TEST_NOW");
    let fresh = world();
    let used = world();
    used.alice("claim infra:a --purpose p").done();
    let packed = world();
    packed.alice("claim infra:a --purpose p").done();
    packed.git("gc --quiet");
    [("fresh", fresh), ("used", used), ("packed", packed)]
}

const WRITES: [&str; 4] = [
    "claim infra:a infra:b --purpose p",
    "heartbeat --throttle 0",
    "release infra:b",
    "claim infra:c --purpose p --refuse",
];

#[test]
fn nothing_is_reported_before_it_is_durable() {
    if !strace::works() {
        return;
    }
    for (place, world) in places() {
        for line in WRITES {
            let traced = strace::run(&world, ALICE, line, CHANGES, &[]);
            traced.said.done();
            Disk::follow_all(format!("{place}: {line}"), world.root(), &traced.calls);
            let syncs = traced.calls.iter().filter(|call| call.is_sync()).count();
            // Three objects or more, their folders, the ref and its folder.
            assert!(syncs >= 8, "{place}: {line}: only {syncs} syncs");
        }
    }
}

/// The tests above would pass if nothing were ever noticed.
#[test]
fn a_wrong_order_is_noticed() {
    let written = r#"1 openat(AT_FDCWD, "/w/repo/.git/objects/ab/tmp", O_RDWR|O_CREAT, 0444) = 3
1 write(3</w/repo/.git/objects/ab/tmp>, "x", 1) = 1
"#;
    let synced = "1 fsync(3</w/repo/.git/objects/ab/tmp>) = 0\n";
    let named = r#"1 rename("/w/repo/.git/objects/ab/tmp", "/w/repo/.git/objects/ab/cd") = 0
"#;
    let folder_synced = "1 fsync(4</w/repo/.git/objects/ab>) = 0\n";
    let answer = "1 write(1<pipe:[1]>, \"done\", 4) = 4\n";
    let holds = |parts: &[&str]| {
        let calls = strace::parse(&parts.concat());
        let follow = || Disk::follow_all("made up".to_owned(), "/w".into(), &calls);
        std::panic::catch_unwind(follow).is_ok()
    };
    assert!(holds(&[written, synced, named, folder_synced, answer]));
    assert!(!holds(&[written, named, synced, folder_synced, answer]));
    assert!(!holds(&[written, synced, named, answer, folder_synced]));
    assert!(!holds(&[written, synced, named, answer]));
    let moved = r#"1 rename("/w/repo/.git/refs/presence/sessions/a.lock", "/w/repo/.git/refs/presence/sessions/a") = 0
1 fsync(4</w/repo/.git/refs/presence/sessions>) = 0
"#;
    assert!(holds(&[written, synced, named, folder_synced, moved]));
    assert!(!holds(&[written, synced, named, moved, folder_synced]));
}

#[test]
fn without_fsync_nothing_is_synced() {
    if !strace::works() {
        return;
    }
    for (place, world) in places() {
        world.git("config presence.fsync false");
        for line in WRITES {
            let traced = strace::run(&world, ALICE, line, CHANGES, &[]);
            traced.said.done();
            let syncs: Vec<_> = traced.calls.iter().filter(|call| call.is_sync()).collect();
            assert!(syncs.is_empty(), "{place}: {line}: {syncs:?}");
        }
    }
}

const READS: [&str; 7] = [
    "list",
    "list --json",
    "peek infra:a",
    "status",
    "whoami",
    "log",
    "doctor",
];

/// Every call that starts a program, talks to a network, reads a folder or opens a file.
const REACHES: &str = "%process,%network,?open,openat,openat2,?getdents,getdents64";

/// Calls of that kind that a common verb has no business with.
fn reaches_too_far(call: &Call, zone: Option<&str>) -> bool {
    let zones = Path::new("/usr/share/zoneinfo");
    match call.name.as_str() {
        "execve" | "execveat" | "fork" | "vfork" => true,
        // Files are synced side by side, in threads.
        "clone" | "clone3" => !call.args.contains("CLONE_THREAD"),
        "socket" => !call.args.starts_with("AF_UNIX"),
        "getdents" | "getdents64" => call.file().is_some_and(|file| file.starts_with(zones)),
        _ => {
            let mut paths = call.paths().into_iter();
            paths.any(|path| {
                let below = path.strip_prefix(zones).ok();
                below.is_some_and(|below| Some(below) != zone.map(Path::new))
            })
        }
    }
}

#[test]
fn common_verbs_start_no_program_and_reach_no_network() {
    if !strace::works() {
        return;
    }
    let (_, world) = places().into_iter().nth(2).expect("the third place");
    for zone in [None, Some("UTC"), Some("Europe/Berlin")] {
        let world = match zone {
            Some(zone) => world.with("TZ", zone),
            None => world.without("TZ"),
        };
        for line in WRITES.iter().chain(&READS) {
            let traced = strace::run(&world, ALICE, line, REACHES, &[]);
            traced.said.done();
            // The first is the verb itself.
            let mut calls = traced.calls.iter();
            assert!(calls.next().is_some_and(|call| call.name == "execve"));
            let far: Vec<_> = calls.filter(|call| reaches_too_far(call, zone)).collect();
            assert!(far.is_empty(), "{line}, TZ={zone:?}: {far:?}");
        }
    }
}

#[test]
fn reading_verbs_change_nothing() {
    if !strace::works() {
        return;
    }
    for (place, world) in places() {
        // What lies in packs is copied by the first reader, once.
        world.alice("list").done();
        for line in READS {
            let traced = strace::run(&world, ALICE, line, CHANGES, &[]);
            traced.said.done();
            let to_stream = |call: &&Call| call.file().is_some_and(|f| !f.starts_with("/"));
            let changes: Vec<_> = traced
                .calls
                .iter()
                .filter(|call| call.opens_to_change() || call.changes(&world) || call.is_sync())
                .filter(|call| !(call.name == "write" && to_stream(call)))
                .collect();
            assert!(changes.is_empty(), "{place}: {line}: {changes:?}");
        }
    }
}
