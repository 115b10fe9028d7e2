//! Servers on loopback that a test pushes to and fetches from: a path, git daemon, sshd, lighttpd.
//!
//! Owns a bare repository below the root of the world, the way in which each transport serves it,
//! and who a client is to the server. What a server needs lies in the world, and ends with it.
//! Never knows what git presence sends.

mod plain;
pub mod process;
mod ssh;
mod web;

use std::process::{Command, Stdio};

use crate::world::{World, needs};

use process::Process;

/// Below the root of the world: all that belongs to the server.
const FOLDER: &str = "srv";
const REPOSITORY: &str = "srv/hub.git";
/// Where git daemon and the scripts of the others write down what clients ask for.
const REQUESTS: &str = "srv/requests";
/// How often another port is tried.
const PORTS_MAX: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Path,
    Daemon,
    Ssh,
    Http,
}

impl Transport {
    pub const ALL: [Self; 4] = [Self::Path, Self::Daemon, Self::Ssh, Self::Http];
}

/// Who a client is to a server that asks, sshd or lighttpd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Write,
    /// May fetch; a push is answered as hosting services do, with 403 or with an error on stderr.
    Read,
    /// With a password or a key that the server does not know.
    Wrong,
    /// Without any password or key.
    Anonymous,
    /// With a key that opens, and without knowing the server's. Over ssh only.
    NewHere,
}

/// A bare repository, and what serves it until this is dropped.
pub struct Server {
    // Ends before the folder in which it works.
    process: Option<Process>,
    transport: Transport,
    hub: World,
    port: u16,
}

impl Server {
    /// Serving a new repository with one commit. Where a program is missing, the test says so and
    /// ends; not in CI.
    pub fn start(world: &World, transport: Transport) -> Option<Self> {
        Self::start_with(world, transport, "")
    }

    /// The same, with options for `git init --bare`.
    pub fn start_with(world: &World, transport: Transport, options: &str) -> Option<Self> {
        let exec_path = world.at("").git("--exec-path");
        let there = match transport {
            Transport::Path => true,
            Transport::Daemon => needs(&format!("{exec_path}/git-daemon")),
            Transport::Ssh => ssh::is_installed(),
            Transport::Http => {
                needs(&format!("{exec_path}/git-http-backend")) && web::is_installed()
            }
        };
        if !there {
            return None;
        }
        let mut server = Self {
            process: None,
            transport,
            hub: new_repository(world, options),
            port: 0,
        };
        match transport {
            Transport::Path => return Some(server),
            Transport::Daemon => {}
            Transport::Ssh => ssh::prepare(&server.hub),
            Transport::Http => web::prepare(&server.hub),
        }
        for _ in 0..PORTS_MAX {
            server.port = process::free_port();
            server.process = Process::listening(server.command(), server.port);
            if server.process.is_some() {
                return Some(server);
            }
        }
        panic!("{transport:?} listens on no port:\n{}", server.log());
    }

    /// Serving for a test, which is passed over where it cannot.
    pub fn during(transport: Transport, test: impl FnOnce(Self)) {
        if let Some(server) = Self::start(&World::empty(), transport) {
            test(server);
        }
    }

    /// What `git remote add` takes.
    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// The same at another port.
    pub fn url_at(&self, port: u16) -> String {
        let path = self.hub.root().join(REPOSITORY);
        match self.transport {
            Transport::Path => path.display().to_string(),
            Transport::Daemon => format!("git://127.0.0.1:{port}/hub.git"),
            Transport::Ssh => format!("ssh://127.0.0.1:{port}{}", path.display()),
            Transport::Http => format!("http://127.0.0.1:{port}/git/hub.git"),
        }
    }

    /// Standing in the bare repository, for its settings and hooks.
    pub fn repository(&self) -> &World {
        &self.hub
    }

    /// The same place, with whatever a client needs to get in, or has in its stead.
    pub fn client(&self, world: &World, access: Access) -> World {
        match self.transport {
            Transport::Ssh => ssh::client(world, access),
            Transport::Http => web::client(world, access, self.port),
            Transport::Path | Transport::Daemon => world.clone(),
        }
    }

    /// Standing in a new clone of a user who may push.
    pub fn clone_to(&self, folder: &str) -> World {
        let world = self.client(&self.hub.at(""), Access::Write);
        world.git(&format!("clone --quiet {} {folder}", self.url()));
        world.at(folder)
    }

    /// Lets the repository be out of reach: no server listens, and open connections are cut.
    pub fn stop(&mut self) {
        match self.transport {
            Transport::Path => self.rename("hub.git", "hub.git.away"),
            _ => drop(self.process.take()),
        }
    }

    /// Undo `stop`, with the same URL.
    pub fn resume(&mut self) {
        match self.transport {
            Transport::Path => self.rename("hub.git.away", "hub.git"),
            _ => self.process = Some(Process::listening_again(&|| self.command(), self.port)),
        }
    }

    /// How often clients asked for a service, `upload-pack` or `receive-pack`, and were let in so
    /// far that the server knew for what they came.
    pub fn requests(&self, service: &str) -> usize {
        let asked = match self.transport {
            Transport::Path => panic!("a path is asked for nothing"),
            Transport::Daemon => format!("Request {service} "),
            Transport::Ssh => format!(" git-{service} "),
            Transport::Http => format!("?service=git-{service} "),
        };
        let log = std::fs::read_to_string(self.hub.root().join(REQUESTS));
        log.unwrap_or_default().matches(&asked).count()
    }

    /// How many connections sshd accepted; several requests may share one.
    pub fn connections(&self) -> usize {
        assert_eq!(self.transport, Transport::Ssh);
        self.log().matches("Accepted publickey").count()
    }

    /// The server in the foreground, with its words in a file.
    fn command(&self) -> Command {
        let mut command = match self.transport {
            Transport::Path => panic!("a path has no process"),
            Transport::Daemon => self.daemon(),
            Transport::Ssh => ssh::command(&self.hub, self.port),
            Transport::Http => web::command(&self.hub, self.port),
        };
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    fn daemon(&self) -> Command {
        let srv = self.hub.root().join(FOLDER);
        let mut command = self.hub.at(FOLDER).command("git");
        command
            .args(["daemon", "--verbose", "--reuseaddr", "--export-all"])
            .args(["--enable=receive-pack", "--informative-errors"])
            .args(["--listen=127.0.0.1", &format!("--port={}", self.port)])
            .arg(format!("--base-path={}", srv.display()))
            .env("HOME", srv.join("home"))
            .stderr(process::append_to(&self.hub.root().join(REQUESTS)));
        command
    }

    fn log(&self) -> String {
        let name = match self.transport {
            Transport::Path | Transport::Daemon => REQUESTS,
            Transport::Ssh => ssh::LOG,
            Transport::Http => web::LOG,
        };
        std::fs::read_to_string(self.hub.root().join(name)).unwrap_or_default()
    }

    fn rename(&self, from: &str, to: &str) {
        let srv = self.hub.root().join(FOLDER);
        std::fs::rename(srv.join(from), srv.join(to)).expect("the repository is moved");
    }
}

/// Standing in a new bare repository with one commit.
fn new_repository(world: &World, options: &str) -> World {
    world.at("srv/home");
    let hub = world.at(REPOSITORY);
    hub.git(&format!("init --quiet --bare {options}"));
    let tree = hub.git_with_input("hash-object -w -t tree --stdin", b"");
    let commit = hub.git(&format!("commit-tree {tree} -m \"first commit\""));
    hub.git(&format!("update-ref refs/heads/main {commit}"));
    hub
}

/// Put a script below the root of the world.
fn write_script(hub: &World, path: &str, lines: &str) {
    let path = hub.root().join(path);
    hub.write(&path, format!("#!/bin/sh\n{lines}"));
    crate::world::open_to_all(&path, 0o755);
}

/// The first lines of a script that runs git on the server: it knows nothing of the client.
fn server_environment(hub: &World) -> String {
    let path = hub.sh("printf %s \"$PATH\"").out;
    let home = hub.root().join(FOLDER).join("home");
    format!(
        "export PATH='{path}' HOME='{}' LC_ALL=C GIT_CONFIG_NOSYSTEM=1\n",
        home.display()
    )
}
