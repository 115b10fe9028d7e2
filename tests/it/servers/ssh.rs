//! OpenSSH in front of the repository, as hosting services have it: one account, many keys.
//!
//! Owns sshd, its keys and its gate, and the `ssh` that clients find in their `PATH`. Git is never
//! told of it: a test or the program under test may say itself how to call `ssh`.

use std::process::Command;

use super::{Access, FOLDER, REQUESTS, process, server_environment, write_script};
use crate::world::{World, needs};

pub const LOG: &str = "srv/sshd.log";
const SSHD: &str = "/usr/sbin/sshd";
/// It takes its home from the user database, so it has to be told where its settings are.
const SSH: &str = "/usr/bin/ssh";

pub fn is_installed() -> bool {
    needs(SSHD) && needs(SSH) && needs("ssh-keygen")
}

/// Make the keys, and a gate behind which git is all there is.
pub fn prepare(hub: &World) {
    let srv = hub.at(FOLDER);
    for key in ["host", "writer", "reader", "unknown"] {
        srv.sh(&format!("ssh-keygen -q -t ed25519 -N '' -C {key} -f {key}"))
            .done();
    }
    let folder = srv.dir().display();
    let gate = format!(
        "{}printf '%s %s\\n' \"$1\" \"$SSH_ORIGINAL_COMMAND\" >>'{}'\n\
         case \"$1 $SSH_ORIGINAL_COMMAND\" in\n\
         'reader git-receive-pack '*) echo 'ERROR: Permission to hub.git denied to reader.' >&2; exit 1 ;;\n\
         *' git-receive-pack '* | *' git-upload-pack '*) eval \"exec $SSH_ORIGINAL_COMMAND\" ;;\n\
         esac\n",
        server_environment(hub),
        hub.root().join(REQUESTS).display(),
    );
    write_script(hub, "srv/gate", &gate);
    let key = |who: &str| {
        let key = srv.read(format!("{who}.pub"));
        format!("command=\"{folder}/gate {who}\",restrict {key}")
    };
    srv.write("keys", key("writer") + &key("reader"));
    srv.write(
        "sshd_config",
        format!(
            "ListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n\
             AuthorizedKeysFile {folder}/keys\nAuthenticationMethods publickey\nUsePAM no\n\
             StrictModes no\nPermitRootLogin yes\nAcceptEnv GIT_PROTOCOL\nLogLevel VERBOSE\n\
             KexAlgorithms curve25519-sha256\n"
        ),
    );
    srv.write("known_hosts", format!("hub {}", srv.read("host.pub")));
}

pub fn command(hub: &World, port: u16) -> Command {
    if rustix::process::geteuid().is_root() {
        // Root's sshd needs this folder, which a service manager would make. Others need none.
        let _ = std::fs::create_dir("/run/sshd");
    }
    let srv = hub.at(FOLDER);
    let mut command = srv.command(SSHD);
    command
        .args(["-D", "-p", &port.to_string()])
        .arg("-f")
        .arg(srv.dir().join("sshd_config"))
        .arg("-E")
        .arg(hub.root().join(LOG))
        .stderr(process::append_to(&hub.root().join(LOG)));
    command
}

/// With an `ssh` of one's own first in the `PATH`.
pub fn client(world: &World, access: Access) -> World {
    let srv = world.root().join(FOLDER);
    let (key, hosts) = match access {
        Access::Write => ("writer", "known_hosts"),
        Access::Read => ("reader", "known_hosts"),
        Access::Wrong => ("unknown", "known_hosts"),
        Access::Anonymous => ("nothing", "known_hosts"),
        Access::NewHere => ("writer", "known_hosts_of_nobody"),
    };
    let folder = format!("home/.ssh/{access:?}");
    let srv = srv.display();
    let place = world.at(&folder);
    place.write(
        "config",
        format!(
            "Host *\n  HostKeyAlias hub\n  UserKnownHostsFile {srv}/{hosts}\n  \
             GlobalKnownHostsFile /dev/null\n  IdentityFile {srv}/{key}\n  IdentitiesOnly yes\n"
        ),
    );
    let config = place.dir().join("config");
    let wrapper = format!("exec {SSH} -F '{}' \"$@\"\n", config.display());
    write_script(world, &format!("{folder}/ssh"), &wrapper);
    let path = world.sh("printf %s \"$PATH\"").out;
    world.with("PATH", format!("{}:{path}", place.dir().display()))
}
