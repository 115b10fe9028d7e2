//! `log --follow`, `--wait`, `--after` and `--cursor`.
//!
//! Owns a follower that runs beside the test ([`Follower`]), and what is asked of its lines. Never
//! ends a process that it did not start.

/// What ends a follower, and who may follow.
mod ends;
/// What concerns the session that asks.
mod for_me;
/// Each event once, also across restarts and kills.
mod once;
/// Where refs are kept and how they come: worktrees, packed refs, tables, a remote.
mod places;

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::servers::process::soon;
use crate::world::{BOB, World};

const BINARY: &str = env!("CARGO_BIN_EXE_git-presence");

/// A follower that writes to a file.
pub struct Follower {
    child: Child,
    world: World,
    out: PathBuf,
}

impl Follower {
    /// Bob follows with these words, and from now on. Without a cursor it gets one: that it stands
    /// there shows that it has begun.
    pub fn begin(world: &World, words: &str) -> Self {
        let n = (0..).find(|n| !world.root().join(format!("lines-{n}")).exists());
        let n = n.expect("a number");
        let out = world.root().join(format!("lines-{n}"));
        let file = File::create(&out).expect("a file");
        let errors = File::create(out.with_extension("err")).expect("a file");
        let more = match words.contains("--cursor") {
            true => String::new(),
            false => format!("--cursor begins-{n}"),
        };
        let child = world
            .with("GIT_PRESENCE_SESSION", BOB)
            .command(BINARY)
            .arg("log")
            .args(words.split_whitespace())
            .args(more.split_whitespace())
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .expect("it starts");
        let follower = Self {
            child,
            world: world.clone(),
            out,
        };
        follower.has_begun();
        follower
    }

    fn has_begun(&self) {
        let common = self.world.git("rev-parse --git-common-dir");
        let folder = self.world.dir().join(common).join("presence");
        let pid = format!("{}\n", self.child.id());
        let stands = || {
            let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let mut paths = entries.map(|entry| entry.path());
            paths.any(|path| {
                let is_ours = || std::fs::read_to_string(&path).is_ok_and(|text| text == pid);
                let is_lock = path.extension().is_some_and(|end| end == "lock");
                is_lock && is_ours() && path.with_extension("toml").exists()
            })
        };
        assert!(soon(stands), "it begins: {}", self.errors());
    }

    pub fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.out).expect("its lines");
        text.lines().map(str::to_owned).collect()
    }

    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.out.with_extension("err")).expect("its errors")
    }

    pub fn events(&self) -> Vec<Value> {
        let lines = self.lines();
        let parsed = lines.iter().map(|line| serde_json::from_str(line));
        parsed.collect::<Result<_, _>>().expect("JSON lines")
    }

    /// The words of the events, once there are so many.
    pub fn tells(&self, count: usize) -> Vec<String> {
        soon(|| self.lines().len() >= count);
        said(&self.events())
    }

    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.expect("a pid"), signal).expect("it is ours");
    }

    /// Its exit code, once it has ended.
    pub fn ended(mut self) -> Option<i32> {
        let mut status: Option<ExitStatus> = None;
        for _ in 0..4 {
            let child = std::cell::RefCell::new(&mut self.child);
            let is_over = || child.borrow_mut().try_wait().expect("our child").is_some();
            if soon(is_over) {
                status = self.child.try_wait().expect("our child");
                break;
            }
        }
        status.expect("it ends").code()
    }

    /// Kills it, and returns what it wrote.
    pub fn kill(mut self) -> Vec<Value> {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
        self.events()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn world(&self) -> &World {
        &self.world
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `claim node:x` for each event; of a gap, why.
pub fn said(events: &[Value]) -> Vec<String> {
    let one = |event: &Value| {
        let labels = event["resources"].as_array().cloned().unwrap_or_default();
        let labels: Vec<&str> = labels.iter().filter_map(Value::as_str).collect();
        let word = event["event"].as_str().expect("a word");
        let why = event["why"].as_str().unwrap_or_default();
        format!("{word} {}{why}", labels.join(" "))
    };
    events
        .iter()
        .map(one)
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// What is new at a cursor, or after an id.
pub fn news(world: &World, words: &str) -> Vec<Value> {
    let answer = world.bob(&format!("log --json {words}"));
    let lines = answer.done().lines().into_iter();
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

pub fn claim(world: &World, label: &str) {
    world.alice(&format!("claim {label} --purpose p")).done();
    world.later("1s");
}
