//! A verb under strace: what it asks of the kernel, and what becomes of it when a call goes wrong.
//!
//! Owns the command line of strace and the reading of its output. Where strace cannot work, the
//! tests that need it say so and end; in CI they fail. Never knows what a verb should do.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::said::Said;
use crate::world::{World, needs};

/// Every call that can change a file, a name or a folder, and those that make them durable. `?`
/// tells strace that this machine need not have it.
pub const CHANGES: &str = "openat,write,?pwrite64,?writev,ftruncate,?mkdir,mkdirat,?rename,\
    ?renameat,renameat2,?link,linkat,?unlink,unlinkat,?rmdir,?symlink,symlinkat,?chmod,fchmod,\
    fchmodat,?utimensat,fsync,fdatasync,sync,syncfs,sync_file_range,msync";

/// One call: `renameat(AT_FDCWD, "/a", AT_FDCWD, "/b") = 0`.
#[derive(Debug)]
pub struct Call {
    pub thread: String,
    pub name: String,
    /// What stands between the brackets; a file descriptor is followed by `<its path>`.
    pub args: String,
    pub result: String,
}

/// A process that has ended, and what it asked for.
pub struct Traced {
    pub said: Said,
    pub calls: Vec<Call>,
}

/// Whether a process can be traced here. Where it cannot, the test says so and ends.
pub fn works() -> bool {
    static WORKS: OnceLock<bool> = OnceLock::new();
    *WORKS.get_or_init(|| {
        if !needs("strace") {
            return false;
        }
        let tried = World::empty().sh("strace -f -e trace=openat -o trace true");
        // In a container it may be there and not be let.
        tried.code == Some(0) || needs("a strace that may trace")
    })
}

/// Run a verb as `session` under strace, tracing `calls`. `faults` are what strace calls
/// injections: `renameat:signal=SIGKILL:when=1`.
pub fn run(world: &World, session: &str, line: &str, calls: &str, faults: &[String]) -> Traced {
    let world = world.with("GIT_PRESENCE_SESSION", session);
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = world.command("strace");
    command.args(["-f", "-qq", "-y", "-o"]).arg(log.path());
    command.arg("-e").arg(format!("trace={calls}"));
    for fault in faults {
        command.arg("-e").arg(format!("inject={fault}"));
    }
    command.arg("git-presence").args(line.split(' '));
    let ended = assert_cmd::Command::from_std(command).assert();
    let text = std::fs::read_to_string(log.path()).unwrap();
    Traced {
        said: Said::new(format!("strace {faults:?} git-presence {line}"), &ended),
        calls: parse(&text),
    }
}

/// Runs a verb like [`run`], without its threads and the processes that it starts: those go on
/// undisturbed.
pub fn run_alone(
    world: &World,
    session: &str,
    line: &str,
    calls: &str,
    faults: &[String],
) -> Traced {
    let world = world.with("GIT_PRESENCE_SESSION", session);
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = world.command("strace");
    command.args(["-qq", "-y", "-o"]).arg(log.path());
    command.arg("-e").arg(format!("trace={calls}"));
    for fault in faults {
        command.arg("-e").arg(format!("inject={fault}"));
    }
    command.arg("git-presence").args(line.split(' '));
    let ended = assert_cmd::Command::from_std(command).assert();
    let text = std::fs::read_to_string(log.path()).unwrap();
    let lines: String = text.lines().map(|line| format!("1 {line}\n")).collect();
    Traced {
        said: Said::new(format!("strace {faults:?} git-presence {line}"), &ended),
        calls: parse(&lines),
    }
}

/// The injection that does `what` to call number `i` of a run like the one that made `calls`.
pub fn fault(calls: &[Call], i: usize, what: &str) -> String {
    let Call { thread, name, .. } = &calls[i];
    // strace counts the calls of each name in each thread.
    let same = |call: &&Call| call.name == *name && call.thread == *thread;
    let when = calls[..=i].iter().filter(same).count();
    format!("{name}:{what}:when={when}")
}

/// Read lines such as `4242 name(args) = result`, each when its call has ended; lines about
/// signals and exits are none. A call that another thread interrupts stands on two lines.
pub fn parse(text: &str) -> Vec<Call> {
    let mut begun: BTreeMap<&str, &str> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in text.lines() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        if let Some(half) = rest.strip_suffix("<unfinished ...>") {
            begun.insert(thread, half);
        } else if let Some((_, end)) = rest.split_once(" resumed>") {
            let half = begun.remove(thread).unwrap_or_default();
            calls.extend(call(thread, &format!("{}{end}", half.trim_end())));
        } else {
            calls.extend(call(thread, rest));
        }
    }
    calls
}

fn call(thread: &str, line: &str) -> Option<Call> {
    let (name, rest) = line.split_once('(')?;
    let (args, result) = rest.rsplit_once(" = ")?;
    Some(Call {
        thread: thread.to_owned(),
        name: name.to_owned(),
        args: args.trim_end().trim_end_matches(')').to_owned(),
        result: result.to_owned(),
    })
}

impl Call {
    pub fn is(&self, names: &[&str]) -> bool {
        names.contains(&self.name.as_str())
    }

    pub fn worked(&self) -> bool {
        !self.result.starts_with('-') && !self.result.starts_with('?')
    }

    /// The paths among the arguments, in order.
    pub fn paths(&self) -> Vec<PathBuf> {
        let quoted = self.args.split('"').skip(1).step_by(2);
        quoted.map(PathBuf::from).collect()
    }

    /// The file behind the descriptor that is the first argument.
    pub fn file(&self) -> Option<PathBuf> {
        let (_, rest) = self.args.split_once('<')?;
        Some(PathBuf::from(rest.split_once('>')?.0))
    }

    /// Whether a file is opened in a way in which it may be made or changed.
    pub fn opens_to_change(&self) -> bool {
        let ways = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"];
        self.is(&["open", "openat", "openat2", "creat"])
            && ways.iter().any(|way| self.args.contains(way))
    }

    pub fn is_sync(&self) -> bool {
        self.is(&[
            "fsync",
            "fdatasync",
            "sync",
            "syncfs",
            "sync_file_range",
            "msync",
        ])
    }

    /// Whether it changes something in the world of this test.
    pub fn changes(&self, world: &World) -> bool {
        let root = world.root();
        match self.name.as_str() {
            "openat" => self.opens_to_change(),
            "write" | "pwrite64" | "writev" | "ftruncate" | "fchmod" => {
                self.file().is_some_and(|file| file.starts_with(&root))
            }
            _ => !self.is_sync(),
        }
    }
}

#[test]
fn lines_of_strace() {
    let text = r#"
42 fsync(3</tmp/a b>)           = 0
42 renameat(AT_FDCWD</r>, "/a.lock", AT_FDCWD</r>, "/a") = 0
7  mkdir("/a", 0777) = -1 EEXIST (File exists)
42 --- SIGCHLD {si_signo=SIGCHLD} ---
42 fsync(3</tmp/a b> <unfinished ...>
43 close(4) = 0
42 <... fsync resumed>)          = -1 EIO (Input/output error)
42 +++ exited with 0 +++
"#;
    let calls = parse(text);
    let names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["fsync", "renameat", "mkdir", "close", "fsync"]);
    assert_eq!(calls[0].file(), Some("/tmp/a b".into()));
    assert!(calls[0].worked() && calls[0].is_sync());
    let paths = [PathBuf::from("/a.lock"), PathBuf::from("/a")];
    assert_eq!(calls[1].paths(), paths);
    assert!(!calls[2].worked() && !calls[4].worked());
    assert_eq!(calls[4].file(), Some("/tmp/a b".into()));
    assert_eq!(fault(&calls, 4, "error=EIO"), "fsync:error=EIO:when=2");
}
