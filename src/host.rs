//! The real world, once.
//!
//! Owns the clock, randomness, sleeping, the environment, the current directory, the terminal
//! and the process table. Everything else gets values. Never decides anything.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the one place where the world is read"
)]

mod another;
mod child;
mod files;
mod input;
mod interrupted;
mod watch;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, FixedOffset, Local};

pub use child::{Child, NotStarted};
pub use files::Seen;
pub use input::Input;
pub use interrupted::Interrupted;
pub use watch::Watch;

use crate::clock::Clock;
use crate::identity::Ancestor;
use crate::model::actor::Process;
use crate::model::id::RandomId;
use crate::model::time::Timestamp;

/// Sets the clock to an instant (RFC 3339); for tests, which must not depend on the time of day.
const TEST_NOW: &str = "GIT_PRESENCE_TEST_NOW";
/// Nobody has more processes above him.
const ANCESTORS_MAX: usize = 64;
/// A number that is given out again is so long after.
const START_MILLIS_MAX: u64 = 2000;
const WIDTH_DEFAULT: usize = 100;

/// This process and the machine below it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Clock for Host {
    fn now(&self) -> Timestamp {
        if let Some(fixed) = self.env(TEST_NOW).and_then(|text| Timestamp::parse(&text)) {
            return fixed;
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = since.map_or(0, |since| since.as_millis());
        Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    fn random(&self) -> RandomId {
        let mut bytes = [0; 16];
        if getrandom::fill(&mut bytes).is_err() {
            // Without an entropy source, uniqueness still must hold between processes.
            let seed = format!("{:?} {}", self.now(), std::process::id());
            bytes.copy_from_slice(&blake3::hash(seed.as_bytes()).as_bytes()[..16]);
        }
        RandomId::from_bytes(bytes)
    }

    fn elapsed(&self) -> Duration {
        static STARTED: OnceLock<Instant> = OnceLock::new();
        STARTED.get_or_init(Instant::now).elapsed()
    }

    fn since_boot(&self) -> (String, u64) {
        // A test that sets the clock sets this one along with it.
        if let Some(fixed) = self.env(TEST_NOW).and_then(|text| Timestamp::parse(&text)) {
            let millis = u64::try_from(fixed.as_millis()).unwrap_or_default();
            return ("test".to_owned(), millis);
        }
        let boot_id = self.boot_id().unwrap_or_default();
        (boot_id, boottime_millis())
    }

    fn pause(&self, millis_max: u64) {
        let [a, b, ..] = *self.random().to_string().as_bytes() else {
            return;
        };
        let part = (u64::from(a) * 251 + u64::from(b) * 7) % 256;
        std::thread::sleep(Duration::from_micros(millis_max * 1000 * (part + 1) / 256));
    }
}

impl Host {
    pub fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// Those of `names` that are set and not empty.
    pub fn env_of(&self, names: &[&str]) -> BTreeMap<String, String> {
        let set = |name: &&str| Some(((*name).to_owned(), self.env(name)?));
        names.iter().filter_map(set).collect()
    }

    pub fn arguments(&self) -> Vec<OsString> {
        std::env::args_os().collect()
    }

    /// Run this program once more, by itself: nobody waits for it, and it holds none of our
    /// streams. Where it cannot be started, nothing is.
    pub fn run_behind(&self, arguments: &[OsString]) {
        let Ok(program) = std::env::current_exe() else {
            return;
        };
        let mut command = std::process::Command::new(program);
        command
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let _ = command.spawn();
    }

    /// Whether the user's or the machine's configuration of ssh says how connections are shared.
    pub fn ssh_is_told_to_share(&self) -> bool {
        let user = self.home().map(|home| home.join(".ssh/config"));
        let files = user
            .into_iter()
            .chain([PathBuf::from("/etc/ssh/ssh_config")]);
        let says = |text: String| {
            let text = text.to_ascii_lowercase();
            let mut lines = text.lines().map(str::trim_start);
            lines.any(|line| line.starts_with("controlmaster") || line.starts_with("controlpath"))
        };
        files
            .filter_map(|file| std::fs::read_to_string(file).ok())
            .any(says)
    }

    /// A folder with a short name that nobody else may write to, made if need be.
    pub fn private_dir(&self) -> Option<PathBuf> {
        let runtime = self.env("XDG_RUNTIME_DIR").map(PathBuf::from);
        let cache = || self.home().map(|home| home.join(".cache"));
        let above = runtime.filter(|dir| dir.is_dir()).or_else(cache)?;
        let dir = above.join("git-presence");
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let made = builder.recursive(true).create(&dir).is_ok();
        (made && is_private(&dir)).then_some(dir)
    }

    pub fn current_dir(&self) -> std::io::Result<PathBuf> {
        std::env::current_dir()
    }

    pub fn change_dir(&self, dir: &Path) -> std::io::Result<()> {
        std::env::set_current_dir(dir)
    }

    pub fn home(&self) -> Option<PathBuf> {
        self.env("HOME")
            .or_else(|| self.env("USERPROFILE"))
            .map(PathBuf::from)
    }

    /// The system-wide configuration of the `git` in the path, where that is not `/etc/gitconfig`:
    /// one that was built for `/opt/x` reads `/opt/x/etc/gitconfig`. Asking Git would cost a
    /// process for every command.
    pub fn system_config(&self) -> Option<PathBuf> {
        if self.env("GIT_CONFIG_SYSTEM").is_some() {
            return None;
        }
        let path = self.env("PATH")?;
        let bin = std::env::split_paths(&path).find(|dir| dir.join("git").is_file())?;
        let prefix = bin.parent().filter(|prefix| *prefix != Path::new("/usr"))?;
        let config = prefix.join("etc/gitconfig");
        config.is_file().then_some(config)
    }

    pub fn stdout_is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    pub fn stderr_is_terminal(&self) -> bool {
        std::io::stderr().is_terminal()
    }

    /// Columns of the terminal; `COLUMNS` counts where there is none.
    pub fn width(&self) -> usize {
        if let Some((width, _)) = terminal_size::terminal_size()
            && width.0 > 0
        {
            return width.0.into();
        }
        let columns = self.env("COLUMNS").and_then(|text| text.parse().ok());
        columns.unwrap_or(WIDTH_DEFAULT)
    }

    /// The instant on the wall clock of this machine's time zone.
    pub fn local(at: Timestamp) -> DateTime<FixedOffset> {
        at.to_utc().with_timezone(&Local).fixed_offset()
    }

    pub fn user(&self) -> String {
        let named = self.env("USER").or_else(|| self.env("LOGNAME"));
        named
            .or_else(|| whoami::username().ok())
            .unwrap_or_else(|| "unknown".to_owned())
    }

    pub fn hostname(&self) -> String {
        whoami::hostname().unwrap_or_else(|_| "localhost".to_owned())
    }

    /// A name for this machine that is not its secret machine id.
    pub fn host_id(&self) -> String {
        let id = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
        // Containers often have none; their host name is then as good.
        let id = match id.trim() {
            "" => self.hostname(),
            id => id.to_owned(),
        };
        // Images carry their machine id into every container and every copy of a machine. What a
        // process number means there, only those know who share it.
        let numbers = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
        let id = format!("{id}\0{}\0{}", self.hostname(), numbers.display());
        let hash = blake3::derive_key("git-presence host id", id.as_bytes());
        blake3::Hash::from(hash).to_hex()[..32].to_owned()
    }

    /// A name for the time since this machine was started.
    pub fn boot_id(&self) -> Option<String> {
        static READ: OnceLock<Option<String>> = OnceLock::new();
        let read = || std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
        let id = READ.get_or_init(read).as_ref()?;
        Some(id.trim().to_owned())
    }

    /// This very process, where its start can be known.
    pub fn own_process(&self) -> Option<Process> {
        let boot_id = self.boot_id()?;
        let (pid, started_at) = own_start()?;
        Some(Process {
            pid,
            started_at,
            host_id: self.host_id(),
            boot_id,
        })
    }

    /// Whether a process of this machine is gone for certain: the machine was started anew since,
    /// or nobody has its number and its start. False where that cannot be known.
    pub fn is_gone(&self, process: &Process) -> bool {
        if process.host_id != self.host_id() {
            return false;
        }
        match self.boot_id() {
            Some(boot_id) if boot_id == process.boot_id => !is_running(process),
            Some(_) => true,
            None => false,
        }
    }

    /// The processes above this one, nearest first, with those of `names` in their environment;
    /// as far as `enough` wants to know.
    #[cfg(target_os = "linux")]
    pub fn ancestors(&self, names: &[&str], enough: impl Fn(&[Ancestor]) -> bool) -> Vec<Ancestor> {
        let mut found = Vec::new();
        let Ok(myself) = procfs::process::Process::myself().and_then(|p| p.stat()) else {
            return found;
        };
        let booted = booted_at_millis();
        let mut pid = myself.ppid;
        while pid > 0 && found.len() < ANCESTORS_MAX && !enough(&found) {
            let Ok(process) = procfs::process::Process::new(pid) else {
                break;
            };
            let Ok(stat) = process.stat() else { break };
            let ticks = procfs::ticks_per_second().max(1);
            let since_boot = stat.starttime.saturating_mul(1000) / ticks;
            let since_boot = i64::try_from(since_boot).unwrap_or_default();
            found.push(Ancestor {
                pid: u32::try_from(pid).unwrap_or_default(),
                name: stat.comm,
                started_at: Timestamp::from_millis(booted.saturating_add(since_boot)),
                env: process.environ().ok().map(|env| {
                    let text = |value: &OsString| value.to_string_lossy().into_owned();
                    let set = |name: &&str| {
                        let value = env.get(std::ffi::OsStr::new(name))?;
                        Some(((*name).to_owned(), text(value)))
                    };
                    names.iter().filter_map(set).collect()
                }),
            });
            pid = stat.ppid;
        }
        found
    }

    /// No portable way to walk the process table here; identity then rests on the environment.
    #[cfg(not(target_os = "linux"))]
    pub fn ancestors(&self, _: &[&str], _: impl Fn(&[Ancestor]) -> bool) -> Vec<Ancestor> {
        Vec::new()
    }
}

/// Milliseconds since the machine was started, suspend included where the system counts it.
#[cfg(target_os = "linux")]
fn boottime_millis() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let secs = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(now.tv_nsec).unwrap_or_default();
    secs.saturating_mul(1000) + nanos / 1_000_000
}

/// The wall clock, where there is no better one.
#[cfg(not(target_os = "linux"))]
fn boottime_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Whether only we may write to a folder.
#[cfg(unix)]
fn is_private(dir: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let me = rustix::process::geteuid().as_raw();
    std::fs::symlink_metadata(dir)
        .is_ok_and(|meta| meta.is_dir() && meta.uid() == me && meta.mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    false
}

#[cfg(target_os = "linux")]
fn own_start() -> Option<(u32, Timestamp)> {
    let stat = procfs::process::Process::myself().ok()?.stat().ok()?;
    Some((u32::try_from(stat.pid).ok()?, started_at(&stat)))
}

#[cfg(not(target_os = "linux"))]
fn own_start() -> Option<(u32, Timestamp)> {
    None
}

/// When a process was started, as exactly as the kernel tells when it was started itself.
#[cfg(target_os = "linux")]
fn started_at(stat: &procfs::process::Stat) -> Timestamp {
    let ticks = procfs::ticks_per_second().max(1);
    let since_boot = i64::try_from(stat.starttime.saturating_mul(1000) / ticks);
    let since_boot = since_boot.unwrap_or_default();
    Timestamp::from_millis(booted_at_millis().saturating_add(since_boot))
}

/// Whether a process of this number runs that was started at that moment, as exactly as the
/// kernel tells both.
#[cfg(target_os = "linux")]
fn is_running(process: &Process) -> bool {
    let Ok(pid) = i32::try_from(process.pid) else {
        return true;
    };
    let stat = match procfs::process::Process::new(pid).and_then(|found| found.stat()) {
        Ok(stat) => stat,
        Err(procfs::ProcError::NotFound(_)) => return false,
        // Not allowed to know.
        Err(_) => return true,
    };
    let started = started_at(&stat).as_millis();
    started.abs_diff(process.started_at.as_millis()) < START_MILLIS_MAX
}

#[cfg(not(target_os = "linux"))]
fn is_running(_: &Process) -> bool {
    true
}

/// When the machine was started: the wall clock of `/proc/stat`, in whole seconds.
#[cfg(target_os = "linux")]
fn booted_at_millis() -> i64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("btime "));
    let secs: i64 = line
        .and_then(|secs| secs.trim().parse().ok())
        .unwrap_or_default();
    secs.saturating_mul(1000)
}
