//! The hermetic world of a test: repositories, sessions and a clock.
//!
//! Owns a temporary folder with a home and any number of repositories, the hermetic environment
//! of every process that a test starts, and the clock. The only file that spawns a process or
//! reads the environment. Never knows what git presence promises.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "the one file of the tests that spawns processes and reads the environment"
)]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;

use git_presence::model::time::{Timestamp, parse_span_secs};

use crate::said::Said;

pub const ALICE: &str = "wizard@devvm@alice";
pub const BOB: &str = "wizard@devvm@bob";
pub const CAROL: &str = "wizard@devvm@carol";

/// Morning of the day on which every test begins.
const DAWN: &str = "2026-11-21T10:00:00Z";
/// A user that exists on no machine.
pub const STRANGER_UID: u32 = 12_345;

/// What waits for ever fails instead.
const ANSWERS_WITHIN: Duration = Duration::from_secs(300);
const BINARY: &str = env!("CARGO_BIN_EXE_git-presence");

/// What git reads at home. Nothing of ours may need a name or an address.
const HOME_CONFIG: &str = "\
[init]
\tdefaultBranch = main
[user]
\tuseConfigOnly = true
[maintenance]
\tauto = false
";

/// A folder in a world of its own, and the environment of the processes that start there.
#[derive(Clone)]
pub struct World {
    shared: Arc<Shared>,
    dir: PathBuf,
    env: BTreeMap<String, Option<OsString>>,
}

struct Shared {
    root: tempfile::TempDir,
    now_millis: AtomicI64,
}

impl World {
    /// Standing in a repository with one commit.
    pub fn new() -> Self {
        let world = Self::empty().at("repo");
        world.git("init --quiet");
        world.commit_files();
        world
    }

    /// Standing in an empty folder, outside any repository.
    pub fn empty() -> Self {
        let root = tempfile::Builder::new().prefix("presence-").tempdir();
        let root = root.expect("a temporary folder");
        let dir = root.path().canonicalize().expect("the folder is there");
        // Other users come to visit.
        open_to_all(&dir, 0o755);
        std::fs::create_dir(dir.join("home")).expect("a home");
        std::fs::write(dir.join("home/.gitconfig"), HOME_CONFIG).expect("a configuration");
        let dawn = Timestamp::parse(DAWN).expect("an instant");
        let shared = Shared {
            root,
            now_millis: AtomicI64::new(dawn.as_millis()),
        };
        Self {
            shared: Arc::new(shared),
            dir,
            env: BTreeMap::new(),
        }
    }

    pub fn commit_files(&self) {
        self.write("README", "hello\n");
        self.write("src/a.rs", "fn a() {}\n");
        self.git("add .");
        self.git("commit --quiet -m \"first commit\"");
    }

    /// The same world, from another folder of it; made if need be.
    pub fn at(&self, folder: impl AsRef<Path>) -> Self {
        let dir = self.root().join(folder);
        std::fs::create_dir_all(&dir).expect("a folder");
        Self {
            dir,
            ..self.clone()
        }
    }

    /// The same place, with a variable in the environment.
    pub fn with(&self, name: &str, value: impl Into<OsString>) -> Self {
        let mut world = self.clone();
        world.env.insert(name.to_owned(), Some(value.into()));
        world
    }

    /// The same place, without a variable that every process gets.
    pub fn without(&self, name: &str) -> Self {
        let mut world = self.clone();
        world.env.insert(name.to_owned(), None);
        world
    }

    pub fn root(&self) -> PathBuf {
        self.shared.root.path().canonicalize().expect("the root")
    }

    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = self.dir.join(path);
        let folder = path.parent().expect("a folder");
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(path, bytes).expect("the file is written");
    }

    pub fn read(&self, path: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.dir.join(path)).expect("the file is there")
    }

    pub fn has(&self, path: impl AsRef<Path>) -> bool {
        self.dir.join(path).symlink_metadata().is_ok()
    }

    // The clock.

    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.shared.now_millis.load(Ordering::SeqCst))
    }

    /// Let time pass, for everybody.
    pub fn later(&self, span: &str) {
        let secs = parse_span_secs(span).expect("a span");
        let millis = i64::try_from(secs * 1000).expect("a human span");
        self.shared.now_millis.fetch_add(millis, Ordering::SeqCst);
        if self.clock_file().exists() {
            self.write_clock();
        }
    }

    /// The same place, with a clock that goes on for processes that run, too.
    pub fn with_a_clock(&self) -> Self {
        self.write_clock();
        let file = self.clock_file();
        self.with("GIT_PRESENCE_TEST_NOW", format!("@{}", file.display()))
    }

    fn clock_file(&self) -> PathBuf {
        self.root().join("clock")
    }

    fn write_clock(&self) {
        // A reader finds the old instant or the new one.
        let next = self.root().join("clock.next");
        std::fs::write(&next, self.now().to_rfc3339()).expect("the file is written");
        std::fs::rename(&next, self.clock_file()).expect("it is put in place");
    }

    // The sessions.

    pub fn alice(&self, line: &str) -> Said {
        self.session(ALICE, line)
    }

    pub fn bob(&self, line: &str) -> Said {
        self.session(BOB, line)
    }

    pub fn carol(&self, line: &str) -> Said {
        self.session(CAROL, line)
    }

    pub fn session(&self, id: &str, line: &str) -> Said {
        self.with("GIT_PRESENCE_SESSION", id).anyone(line)
    }

    /// Without a session of one's own: the session that the environment names.
    pub fn anyone(&self, line: &str) -> Said {
        self.run(BINARY, &split(line), b"")
    }

    pub fn anyone_with_input(&self, line: &str, input: &[u8]) -> Said {
        self.run(BINARY, &split(line), input)
    }

    // Other programs.

    /// Git, which has to succeed; what it printed, without the last line end.
    pub fn git(&self, line: &str) -> String {
        let said = self.try_git(line);
        said.done();
        said.out.trim_end().to_owned()
    }

    pub fn try_git(&self, line: &str) -> Said {
        self.committer().run("git", &split(line), b"")
    }

    pub fn git_with_input(&self, line: &str, input: &[u8]) -> String {
        let said = self.committer().run("git", &split(line), input);
        said.done();
        said.out.trim_end().to_owned()
    }

    /// A script for bash.
    pub fn sh(&self, script: &str) -> Said {
        self.run("bash", &["-c".to_owned(), script.to_owned()], b"")
    }

    /// Lines that a harness runs: a shell under its name, which ends with them.
    pub fn harness(&self, name: &str, script: &str) -> Said {
        let program = self.root().join(name);
        if !program.exists() {
            std::os::unix::fs::symlink("/bin/bash", &program).expect("a harness");
        }
        let script = format!("{script}\ntrue");
        let program = program.display().to_string();
        self.run(&program, &["-c".to_owned(), script], b"")
    }

    /// Our own program as another user, who finds it in a folder that everybody may read.
    pub fn stranger(&self, line: &str) -> Said {
        let copy = self.root().join("git-presence");
        if !copy.exists() {
            std::fs::copy(BINARY, &copy).expect("a copy of the program");
            open_to_all(&copy, 0o755);
        }
        let mut words = split(&format!(
            "--reuid {STRANGER_UID} --regid {STRANGER_UID} --clear-groups"
        ));
        words.push(copy.display().to_string());
        words.extend(split(line));
        self.run("setpriv", &words, b"")
    }

    /// Only for the tests' own commits: git asks who wrote them.
    fn committer(&self) -> Self {
        self.with("GIT_AUTHOR_NAME", "Somebody")
            .with("GIT_AUTHOR_EMAIL", "somebody@example.org")
            .with("GIT_COMMITTER_NAME", "Somebody")
            .with("GIT_COMMITTER_EMAIL", "somebody@example.org")
    }

    fn run(&self, program: &str, words: &[String], input: &[u8]) -> Said {
        let mut command = assert_cmd::Command::from_std(self.command(program));
        let ended = command
            .args(words)
            .write_stdin(input)
            .timeout(ANSWERS_WITHIN)
            .assert();
        let name = program.rsplit('/').next().unwrap_or(program);
        Said::new(format!("{name} {}", words.join(" ")), &ended)
    }

    /// Of the Git in the path, the first two numbers.
    pub fn git_version(&self) -> (u32, u32) {
        let version = self.git("--version");
        let words = version.split(['.', ' ']);
        let mut numbers = words.filter_map(|word| word.parse().ok());
        let mut next = || numbers.next().expect("a version has two numbers");
        (next(), next())
    }

    /// A process of this world that was not started yet.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .current_dir(&self.dir)
            .env("PATH", search_path())
            .env("HOME", self.home())
            .env("USER", "wizard")
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_PRESENCE_TEST_NOW", self.now().to_rfc3339());
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }
}

/// The built program comes first, so that `git presence` is ours.
fn search_path() -> OsString {
    let mut path = OsString::from(Path::new(BINARY).parent().expect("a folder"));
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    path
}

/// Whether a program is installed. Where it is not, the test says so and ends; not in CI.
pub fn needs(program: &str) -> bool {
    let path = search_path();
    let found = std::env::split_paths(&path).any(|dir| dir.join(program).exists());
    found || skips(&format!("{program} is not installed"))
}

/// The same for a program that comes from a registry, which CI may not reach either.
pub fn finds(program: &str) -> bool {
    let found = std::env::split_paths(&search_path()).any(|dir| dir.join(program).exists());
    if !found {
        eprintln!("skipped: {program} is not in the path");
    }
    found
}

/// Whether the tests may become another user. Where they may not, the test says so and ends.
pub fn needs_root() -> bool {
    let may = rustix::process::geteuid().is_root();
    if !may {
        eprintln!("skipped: only root may become another user");
    }
    may && needs("setpriv")
}

/// Gives the tests a process that leads their session, as a terminal does, if theirs is outside of
/// the container that they run in.
#[cfg(target_os = "linux")]
pub fn be_in_a_terminal() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let myself = procfs::process::Process::myself().expect("this process");
        if myself.stat().expect("its state").session == 0 {
            rustix::process::setsid().expect("a session");
        }
    });
}

fn skips(why: &str) -> bool {
    assert!(std::env::var_os("CI").is_none(), "not in CI: {why}");
    eprintln!("skipped: {why}");
    false
}

pub fn open_to_all(path: &Path, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, permissions).expect("the mode is set");
}

/// Words as a shell would see them, as far as spaces and double quotes go.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => (quoted, any) = (!quoted, true),
            ' ' if !quoted => {
                if any {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => {
                word.push(c);
                any = true;
            }
        }
    }
    assert!(!quoted, "a quote is open in {line:?}");
    if any {
        words.push(word);
    }
    words
}
