//! Ref locks that a killed process left behind.
//!
//! Owns whose locks are removed, and when: those of a fetch that was ended at its deadline at once,
//! those of others once no Git works in the repository, and none before.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::machines::{Team, agree, claimed, sync};
use crate::servers::process::soon;
use crate::world::{ALICE, World, open_to_all};

/// More locks than Git could wait for within the deadline, a tenth of a second each.
const MANY: usize = 200;

fn copies(world: &World) -> PathBuf {
    world.git_dir().join("refs/presence-remote/origin/sessions")
}

fn locks_in(dir: &Path) -> usize {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let is_lock = |name: std::ffi::OsString| name.to_string_lossy().ends_with(".lock");
    entries.filter(|entry| is_lock(entry.file_name())).count()
}

/// A fetch of the user that does not end before it is dropped.
struct Fetch(Child);

impl Fetch {
    fn begin(world: &World) -> Self {
        let mut command = world.command("git");
        command
            .args(["-c", "protocol.ext.allow=always", "fetch", "--quiet"])
            .arg("ext::sleep 600")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        let fetch = Self(command.spawn().unwrap());
        let words = format!("/proc/{}/cmdline", fetch.0.id());
        let is_git = || std::fs::read(&words).is_ok_and(|words| words.starts_with(b"git\0"));
        assert!(soon(is_git), "git is running");
        fetch
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        let group = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        let _ = group.map(|group| kill_process_group(group, Signal::KILL));
        let _ = self.0.wait();
    }
}

#[test]
fn a_fetch_that_is_ended_leaves_no_lock() {
    let (_team, a, b) = Team::pair();
    a.alice("claim infra:x --purpose p").done();
    // This git is stuck in a fetch after it has locked refs and the storage, and ignores TERM.
    let real = b.sh("command -v git").out.trim().to_owned();
    let folder = copies(&b).display().to_string();
    let storage = b.git_dir().join("packed-refs.lock");
    let script = format!(
        "#!/bin/sh\ncase \" $* \" in *' fetch '*)\n mkdir -p '{folder}'; : >'{folder}/one.lock'; \
         : >'{folder}/two.lock'; : >'{}'\n trap '' TERM; while :; do sleep 1; done;; esac\n\
         exec {real} \"$@\"\n",
        storage.display()
    );
    b.write("../stuck/git", script);
    open_to_all(&b.root().join("stuck/git"), 0o755);
    let path = b.sh("echo $PATH").out.trim().to_owned();
    let stuck = b.at("b").with(
        "PATH",
        format!("{}:{path}", b.root().join("stuck").display()),
    );
    stuck.git("config presence.syncDeadline 1s");
    stuck
        .bob("claim infra:y --purpose p")
        .warns("no answer in time");
    assert_eq!(locks_in(&copies(&b)), 0);
    assert!(!storage.exists(), "the lock of all packed refs");
    sync(&[&b]);
    assert_eq!(claimed(&b), ["infra:x", "infra:y"]);
}

#[test]
fn hundreds_of_old_locks_do_not_use_up_the_deadline() {
    let (_team, a, b) = Team::pair();
    a.alice("claim infra:x --purpose p").done();
    let dir = copies(&b);
    std::fs::create_dir_all(&dir).unwrap();
    let name = a.ref_of(ALICE);
    let name = name.rsplit('/').next().unwrap();
    std::fs::write(dir.join(format!("{name}.lock")), "").unwrap();
    for n in 0..MANY {
        std::fs::write(dir.join(format!("old-{n}.lock")), "").unwrap();
    }
    b.anyone("sync").says("received 1");
    assert_eq!(locks_in(&dir), 0);
    agree(&[&a, &b]);
}

#[test]
fn a_lock_that_git_may_hold_stays_and_its_ref_is_not_known() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let (_team, a, b) = Team::pair();
    let name = {
        a.alice("claim infra:x --purpose p").done();
        sync(&[&b]);
        a.ref_of(ALICE)
    };
    let lock = copies(&b).join(format!("{}.lock", name.rsplit('/').next().unwrap()));
    std::fs::write(&lock, "").unwrap();
    a.alice("claim infra:late --purpose p").done();
    let fetch = Fetch::begin(&b);
    b.bob("claim infra:late --purpose mine --refuse")
        .refuses("may be claimed")
        .refuses("not fetched");
    b.bob("hook pre-apply infra:late").refuses("not fetched");
    b.bob("peek infra:late")
        .says("not fetched")
        .omits("is free");
    b.bob("list").warns("not fetched");
    b.bob("doctor").exits(1).prints("not fetched");
    b.bob("doctor --repair").exits(1).prints("Git works here");
    assert!(lock.exists(), "it may be in use");
    drop(fetch);
    b.bob("claim infra:late --purpose mine --refuse")
        .refuses("infra:late");
    assert!(!lock.exists());
    agree(&[&a, &b]);
}

#[test]
fn a_register_that_was_not_fetched_is_looked_up_again_before_a_no() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let (_team, a, b) = Team::pair();
    a.alice("claim -x db:x --purpose first").done();
    sync(&[&b]);
    let cells = b.git_dir().join("refs/presence-remote/origin/locks");
    let cell = std::fs::read_dir(&cells).unwrap().next().unwrap().unwrap();
    let lock = PathBuf::from(format!("{}.lock", cell.path().display()));
    std::fs::write(&lock, "").unwrap();
    a.alice("release db:x").done();
    let fetch = Fetch::begin(&b);
    b.bob("claim db:x --purpose mine").fails(3, "not fetched");
    drop(fetch);
    b.bob("claim db:x --purpose mine")
        .says("confirmed by origin");
}

/// `git fetch <remote> 'refs/presence/*:refs/presence/*'` copies what others wrote to the refs
/// here, where it gets older.
#[test]
fn an_older_copy_beside_a_locked_tracking_ref_makes_nothing_known() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let (_team, a, b) = Team::pair();
    a.alice("claim infra:x --purpose p").done();
    sync(&[&b]);
    b.git("fetch --quiet origin refs/presence/*:refs/presence/*");
    let name = a.ref_of(ALICE);
    let lock = copies(&b).join(format!("{}.lock", name.rsplit('/').next().unwrap()));
    std::fs::write(&lock, "").unwrap();
    a.alice("claim infra:late --purpose p").done();
    let fetch = Fetch::begin(&b);
    b.bob("claim infra:late --purpose mine --refuse")
        .refuses("not fetched");
    b.bob("peek infra:late").omits("is free");
    drop(fetch);
    sync(&[&b]);
    b.bob("claim infra:late --purpose mine --refuse")
        .refuses("infra:late");
}
