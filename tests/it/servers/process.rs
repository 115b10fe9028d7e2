//! A server process: started, waited for, and ended with all that it started.
//!
//! Owns every process that goes on while a test does something else, and the one wait for real
//! time, which is bounded. Never ends a process that is not its own or a child of its own.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Together five seconds at least.
const POLL_MILLIS: u64 = 10;
const POLLS_MAX: usize = 500;

pub struct Process {
    child: Child,
}

impl Process {
    /// Start a server and wait until it accepts connections. Without an answer, it ended by
    /// itself: another one may have been faster at the port.
    pub fn listening(mut command: Command, port: u16) -> Option<Self> {
        let child = command.spawn().expect("the server starts");
        let mut process = Self { child };
        for _ in 0..POLLS_MAX {
            pause();
            if process.child.try_wait().expect("our child").is_some() {
                return None;
            }
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Some(process);
            }
        }
        panic!("nobody listens on port {port}: {command:?}");
    }

    /// The same on a port that was in use just before.
    pub fn listening_again(command: &dyn Fn() -> Command, port: u16) -> Self {
        let mut tries = (0..POLLS_MAX).map(|_| Self::listening(command(), port));
        let process = tries.find_map(|process| process);
        process.unwrap_or_else(|| panic!("port {port} is taken"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // So that it starts no process while we look for those it has started.
        let _ = kill_process(pid(self.child.id()), Signal::STOP);
        for process in started_by(self.child.id()) {
            let _ = kill_process(pid(process), Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pid(id: u32) -> Pid {
    let id = i32::try_from(id).ok().and_then(Pid::from_raw);
    id.expect("the id of a process")
}

/// The children of a process and theirs, wherever `/proc` tells. Of sshd each has a session of its
/// own, and outlives it.
fn started_by(root: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name().into_string();
        if let Some(id) = name.ok().and_then(|name| name.parse().ok())
            && let Some(parent) = parent(id)
        {
            children.entry(parent).or_default().push(id);
        }
    }
    let mut found = children.remove(&root).unwrap_or_default();
    let mut seen = 0;
    while let Some(id) = found.get(seen) {
        found.extend(children.remove(id).unwrap_or_default());
        seen += 1;
    }
    found
}

/// From `42 (the name) S 41 …`.
fn parent(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// A port on which no process listens at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback is there");
    listener.local_addr().expect("an address").port()
}

pub fn append_to(path: &Path) -> File {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.expect("the file is opened")
}

/// Whether something becomes true while one waits for it.
pub fn soon(holds: impl Fn() -> bool) -> bool {
    (0..POLLS_MAX).any(|_| {
        let holds = holds();
        if !holds {
            pause();
        }
        holds
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "nothing tells when a server has begun to listen"
)]
fn pause() {
    std::thread::sleep(Duration::from_millis(POLL_MILLIS));
}
