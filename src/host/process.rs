//! Processes of this machine.
//!
//! Owns how a process is told from a later one with the same id, and which processes are above this
//! one. Never ends a process.

#![expect(
    clippy::disallowed_methods,
    reason = "the world is read here, for the host"
)]

#[cfg(target_os = "linux")]
use std::collections::BTreeMap;
#[cfg(target_os = "linux")]
use std::io::Read as _;
use std::time::Duration;

#[cfg(target_os = "linux")]
use procfs::FromRead as _;

use super::Host;
use crate::identity::Ancestor;
#[cfg(target_os = "linux")]
use crate::identity::is_runtime;
#[cfg(target_os = "linux")]
use crate::model::actor::SAME_START_MILLIS;
use crate::model::actor::{Process, ProcessRole};
use crate::model::time::Timestamp;

/// At most this many processes above this one are read.
#[cfg(target_os = "linux")]
const ANCESTORS_MAX: usize = 64;
/// Room for most files of a process.
#[cfg(target_os = "linux")]
const FIRST_READ: usize = 16 << 10;
/// At most this many bytes of a file of a process are read: an environment may have megabytes.
#[cfg(target_os = "linux")]
const BYTES_MAX: u64 = 4 << 20;
/// At most this many arguments of a process are read.
#[cfg(target_os = "linux")]
const ARGS_MAX: usize = 8;

impl Host {
    /// Returns the process with this id, if its start time can be read.
    #[cfg(target_os = "linux")]
    pub fn process(&self, pid: u32) -> Option<Process> {
        let stat = stat_of(&pid.to_string())?;
        Some(Process {
            pid,
            started_at: started_at(&stat),
            host_id: self.host_id(),
            boot_id: self.boot_id()?,
            role: ProcessRole::Program,
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub fn process(&self, _: u32) -> Option<Process> {
        None
    }

    /// Sleeps for `span`.
    pub fn sleep_for(&self, span: Duration) {
        std::thread::sleep(span);
    }

    /// Returns the id of this process.
    pub fn pid(&self) -> u32 {
        std::process::id()
    }

    /// Returns this process, if its start time can be read.
    pub fn own_process(&self) -> Option<Process> {
        let boot_id = self.boot_id()?;
        let (pid, started_at) = own_start()?;
        Some(Process {
            pid,
            started_at,
            host_id: self.host_id(),
            boot_id,
            role: ProcessRole::Program,
        })
    }

    /// Returns the process that leads the session of this one, as the system has it: the shell of
    /// a terminal. `None` for what was started without one.
    #[cfg(target_os = "linux")]
    pub fn terminal(&self) -> Option<Process> {
        let myself = stat_of("self")?;
        // 0 where a container was entered from outside: its leader has no number in here.
        let pid = u32::try_from(myself.session).ok().filter(|pid| *pid > 0)?;
        let process = self.process(pid)?;
        Some(Process {
            role: ProcessRole::Terminal,
            ..process
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub fn terminal(&self) -> Option<Process> {
        None
    }

    /// Returns true if a process of a clone of this machine, last heard of at `seen_at`, is
    /// certainly dead: it [has ended](Self::has_ended), or the machine was restarted since. Returns
    /// false if that cannot be known. To be asked only about this very clone: other machines of one
    /// image have the same id and other boots.
    pub fn is_dead(&self, process: &Process, seen_at: Timestamp) -> bool {
        let is_restarted = || {
            process.host_id == self.host_id()
                && self
                    .boot_id()
                    .is_some_and(|boot_id| boot_id != process.boot_id)
                && booted_at().is_some_and(|booted_at| seen_at < booted_at)
        };
        self.has_ended(process, seen_at) || is_restarted()
    }

    /// Returns true if no process of this boot of this machine has this id and start time, nor had
    /// the id when the session was last seen, at `seen_at`. Returns false if it is one of another
    /// boot, or may not be known.
    pub fn has_ended(&self, process: &Process, seen_at: Timestamp) -> bool {
        self.is_of_this_boot(process) && !is_running(process, seen_at)
    }

    /// Returns true if the process, last heard of at `seen_at`, runs here, or may not be known.
    /// Returns false for one of another machine.
    pub fn is_running(&self, process: &Process, seen_at: Timestamp) -> bool {
        self.is_of_this_boot(process) && is_running(process, seen_at)
    }

    fn is_of_this_boot(&self, process: &Process) -> bool {
        process.host_id == self.host_id() && self.boot_id().as_ref() == Some(&process.boot_id)
    }

    /// Returns the processes above this one, nearest first, with the variables in `names` from
    /// the environment of those for which `has_variables` returns true. Stops once `enough` returns
    /// true. Both are told which processes were found.
    #[cfg(target_os = "linux")]
    pub fn ancestors(
        &self,
        names: &[&str],
        has_variables: impl Fn(&[Ancestor], &Ancestor) -> bool,
        enough: impl Fn(&[Ancestor]) -> bool,
    ) -> Vec<Ancestor> {
        let mut found = Vec::new();
        let Some(myself) = stat_of("self") else {
            return found;
        };
        let booted = booted_at_millis();
        let mut pid = myself.ppid;
        while pid > 0 && found.len() < ANCESTORS_MAX && !enough(&found) {
            let folder = pid.to_string();
            let Some(stat) = stat_of(&folder) else { break };
            let mut above = ancestor(&stat, booted);
            if !names.is_empty() && has_variables(&found, &above) {
                above.env = environment(&folder, names);
            }
            found.push(above);
            pid = stat.ppid;
        }
        found
    }

    /// No portable way to walk the process table here; identity then rests on the environment.
    #[cfg(not(target_os = "linux"))]
    pub fn ancestors(
        &self,
        _: &[&str],
        _: impl Fn(&[Ancestor], &Ancestor) -> bool,
        _: impl Fn(&[Ancestor]) -> bool,
    ) -> Vec<Ancestor> {
        Vec::new()
    }
}

/// Returns a process that has this number, and the one that started it, of a machine that was
/// started at that time.
#[cfg(target_os = "linux")]
pub(super) fn look_at(pid: u32, booted_millis: i64) -> Option<(Ancestor, u32)> {
    let stat = stat_of(&pid.to_string())?;
    // Ended, and not yet waited for by its parent.
    if stat.state == 'Z' {
        return None;
    }
    let parent = u32::try_from(stat.ppid).unwrap_or_default();
    Some((ancestor(&stat, booted_millis), parent))
}

/// Returns a process without its variables, of a machine that was started at that time.
#[cfg(target_os = "linux")]
fn ancestor(stat: &procfs::process::Stat, booted_millis: i64) -> Ancestor {
    let since_boot_millis = since_boot(stat);
    Ancestor {
        pid: u32::try_from(stat.pid).unwrap_or_default(),
        args: match is_runtime(&stat.comm) {
            true => arguments(&stat.pid.to_string()),
            false => Vec::new(),
        },
        started_at: Timestamp::from_millis(booted_millis.saturating_add(since_boot_millis)),
        since_boot_millis,
        name: stat.comm.clone(),
        env: None,
    }
}

/// Returns a file of a process, read at once: each read asks the kernel to make it anew.
#[cfg(target_os = "linux")]
fn read_of(folder: &str, name: &str) -> Option<Vec<u8>> {
    let file = std::fs::File::open(format!("/proc/{folder}/{name}")).ok()?;
    let mut text = Vec::with_capacity(FIRST_READ);
    // Bounded, and without asking for its size, which the kernel does not know.
    file.take(BYTES_MAX).read_to_end(&mut text).ok()?;
    Some(text)
}

#[cfg(target_os = "linux")]
fn stat_of(folder: &str) -> Option<procfs::process::Stat> {
    procfs::process::Stat::from_read(&*read_of(folder, "stat")?).ok()
}

#[cfg(target_os = "linux")]
fn arguments(folder: &str) -> Vec<String> {
    let all = read_of(folder, "cmdline").unwrap_or_default();
    let words = all
        .strip_suffix(b"\0")
        .unwrap_or(&all)
        .split(|byte| *byte == 0);
    let text = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    words.take(ARGS_MAX).map(text).collect()
}

/// Returns the variables in `names` that a process was started with.
#[cfg(target_os = "linux")]
pub(super) fn environment(folder: &str, names: &[&str]) -> Option<BTreeMap<String, String>> {
    let env = read_of(folder, "environ")?;
    let mut set = BTreeMap::new();
    for variable in env.split(|byte| *byte == 0) {
        let text = String::from_utf8_lossy(variable);
        let Some((name, value)) = text.split_once('=') else {
            continue;
        };
        if names.contains(&name) {
            set.insert(name.to_owned(), value.to_owned());
        }
    }
    Some(set)
}

#[cfg(target_os = "linux")]
fn own_start() -> Option<(u32, Timestamp)> {
    let stat = stat_of("self")?;
    Some((u32::try_from(stat.pid).ok()?, started_at(&stat)))
}

#[cfg(not(target_os = "linux"))]
fn own_start() -> Option<(u32, Timestamp)> {
    None
}

/// When a process was started, as exactly as the kernel tells when it was started itself.
#[cfg(target_os = "linux")]
fn started_at(stat: &procfs::process::Stat) -> Timestamp {
    Timestamp::from_millis(booted_at_millis().saturating_add(since_boot(stat)))
}

/// How many milliseconds after the machine.
#[cfg(target_os = "linux")]
fn since_boot(stat: &procfs::process::Stat) -> i64 {
    let ticks = procfs::ticks_per_second().max(1);
    let since_boot = i64::try_from(stat.starttime.saturating_mul(1000) / ticks);
    since_boot.unwrap_or_default()
}

/// Whether a process of this number runs that was started at that moment, as exactly as the
/// kernel tells both. A step of the wall clock moves what the kernel tells: whichever process had
/// the number when the session was seen, at `seen_at`, is the one of the session.
#[cfg(target_os = "linux")]
fn is_running(process: &Process, seen_at: Timestamp) -> bool {
    let Ok(pid) = i32::try_from(process.pid) else {
        return true;
    };
    let stat = match procfs::process::Process::new(pid).and_then(|found| found.stat()) {
        Ok(stat) => stat,
        // The processes of other users may be hidden; the kernel still knows their numbers.
        Err(procfs::ProcError::NotFound(_)) => return has_number(pid),
        // Not allowed to know.
        Err(_) => return true,
    };
    // Ended, and not yet waited for by its parent: in many containers it never is.
    if stat.state == 'Z' && stat.num_threads <= 1 {
        return false;
    }
    let started = started_at(&stat).as_millis();
    let is_same = started.abs_diff(process.started_at.as_millis()) < SAME_START_MILLIS;
    is_same || started < seen_at.as_millis() && seen_at > process.started_at
}

/// Whether any process has this number.
#[cfg(target_os = "linux")]
fn has_number(pid: i32) -> bool {
    let asked = rustix::process::Pid::from_raw(pid).map(rustix::process::test_kill_process);
    !matches!(asked, Some(Err(rustix::io::Errno::SRCH)))
}

#[cfg(not(target_os = "linux"))]
fn is_running(_: &Process, _: Timestamp) -> bool {
    true
}

/// When this machine was started, with a margin: earlier, it was another boot.
#[cfg(target_os = "linux")]
fn booted_at() -> Option<Timestamp> {
    let millis = Some(booted_at_millis()).filter(|millis| *millis > 0)?;
    Some(Timestamp::from_millis(millis).minus_secs(SAME_START_MILLIS / 1000))
}

#[cfg(not(target_os = "linux"))]
fn booted_at() -> Option<Timestamp> {
    None
}

/// When the machine was started: the wall clock of `/proc/stat`, in whole seconds.
#[cfg(target_os = "linux")]
pub(super) fn booted_at_millis() -> i64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("btime "));
    let secs: i64 = line
        .and_then(|secs| secs.trim().parse().ok())
        .unwrap_or_default();
    secs.saturating_mul(1000)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    /// A step of the clock moves the start of every process that the kernel tells.
    #[test]
    fn a_step_of_the_clock_ends_no_process() {
        let now = Host.own_process().unwrap();
        let started = now.started_at;
        let recorded = |started_at| Process {
            started_at,
            ..now.clone()
        };
        for step_secs in [30, 90, 3600] {
            let later = started.plus_secs(step_secs);
            // The clock was set back since, and the session was seen before that.
            assert!(!Host.has_ended(&recorded(later), later.plus_secs(600)));
            // It was set on, and the session had been at work for longer than the step.
            let earlier = started.minus_secs(step_secs);
            assert!(!Host.has_ended(&recorded(earlier), started.plus_secs(1)));
        }
        // Another process got the number after the session was last seen.
        let long_before = started.minus_secs(3600);
        assert!(Host.has_ended(&recorded(long_before), started.minus_secs(600)));
        assert!(Host.has_ended(&recorded(long_before), long_before));
    }
}
