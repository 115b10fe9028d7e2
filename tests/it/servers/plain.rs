//! Plain git over each server, so that what fails elsewhere is not the server.

use super::process::soon;
use super::{Access, Server, Transport};
use crate::world::World;

/// Push, look, fetch; all or nothing; gone and back.
fn plain_git_works(transport: Transport) {
    let world = World::empty();
    let Some(mut hub) = Server::start(&world, transport) else {
        return;
    };
    let (a, b) = (hub.clone_to("a"), hub.clone_to("b"));
    a.git("push --quiet origin HEAD:refs/presence/x");
    let tip = a.git("rev-parse HEAD");
    let seen = b.git("ls-remote origin refs/presence/*");
    assert_eq!(seen, format!("{tip}\trefs/presence/x"));
    b.git("fetch --quiet origin +refs/presence/*:refs/presence-remote/origin/*");
    assert_eq!(b.git("rev-parse refs/presence-remote/origin/x"), tip);

    b.git("commit --quiet --allow-empty -m other");
    b.git("push --quiet --atomic origin HEAD:refs/presence/y HEAD:refs/presence/z");
    a.git("commit --quiet --allow-empty -m another");
    a.try_git("push --atomic origin HEAD:refs/presence/new HEAD:refs/presence/y")
        .exits(1);
    let seen = a.git("ls-remote origin refs/presence/new refs/presence/z");
    assert_eq!(seen.lines().count(), 1, "{seen}");

    let url = hub.url();
    hub.stop();
    a.try_git("ls-remote origin").exits(128);
    a.try_git("push origin HEAD:refs/presence/new").exits(128);
    hub.resume();
    assert_eq!(hub.url(), url);
    a.git("push --quiet origin HEAD:refs/presence/new");
    b.git("push --quiet origin :refs/presence/new");
}

#[test]
fn over_a_path() {
    plain_git_works(Transport::Path);
}

#[test]
fn over_git_daemon() {
    plain_git_works(Transport::Daemon);
}

#[test]
fn over_ssh() {
    plain_git_works(Transport::Ssh);
}

#[test]
fn over_http() {
    plain_git_works(Transport::Http);
}

#[test]
fn requests_are_counted() {
    for transport in [Transport::Daemon, Transport::Ssh, Transport::Http] {
        let Some(hub) = Server::start(&World::empty(), transport) else {
            continue;
        };
        let a = hub.clone_to("a");
        let fetched = hub.requests("upload-pack");
        assert_eq!(hub.requests("receive-pack"), 0, "{transport:?}");
        a.git("push --quiet origin HEAD:refs/presence/x");
        a.git("push --quiet origin HEAD:refs/presence/y");
        assert_eq!(hub.requests("receive-pack"), 2, "{transport:?}");
        assert_eq!(hub.requests("upload-pack"), fetched, "{transport:?}");
    }
}

#[test]
fn who_may_only_read() {
    for (transport, answer) in [
        (Transport::Ssh, "ERROR: Permission to hub.git denied"),
        (Transport::Http, "error: 403"),
    ] {
        let Some(hub) = Server::start(&World::empty(), transport) else {
            continue;
        };
        let reader = hub.client(&hub.clone_to("a"), Access::Read);
        reader.git("fetch --quiet origin");
        let said = reader.try_git("push origin HEAD:refs/presence/x");
        said.exits(128).tells(answer);
    }
}

#[test]
fn who_may_not_come_in() {
    let batch = "ssh -o BatchMode=yes";
    for (transport, access, answer) in [
        (
            Transport::Ssh,
            Access::Wrong,
            "Permission denied (publickey)",
        ),
        (
            Transport::Ssh,
            Access::Anonymous,
            "Permission denied (publickey)",
        ),
        (
            Transport::Ssh,
            Access::NewHere,
            "Host key verification failed",
        ),
        (Transport::Http, Access::Wrong, "Authentication failed"),
        (
            Transport::Http,
            Access::Anonymous,
            "could not read Username",
        ),
    ] {
        let Some(hub) = Server::start(&World::empty(), transport) else {
            continue;
        };
        let client = hub.client(&hub.clone_to("a"), access);
        let client = client.with("GIT_TERMINAL_PROMPT", "0");
        let said = client.with("GIT_SSH_COMMAND", batch).try_git("fetch");
        said.exits(128).tells(answer);
    }
}

#[test]
fn many_requests_in_one_connection() {
    let Some(hub) = Server::start(&World::empty(), Transport::Ssh) else {
        return;
    };
    let a = hub.clone_to("a");
    let before = hub.connections();
    let socket = a.root().join("socket");
    let shared = format!(
        "ssh -o ControlMaster=auto -o ControlPath={} -o ControlPersist=60",
        socket.display()
    );
    let shared = a.with("GIT_SSH_COMMAND", shared);
    shared.git("push --quiet origin HEAD:refs/presence/x");
    shared.git("ls-remote --quiet origin");
    assert_eq!(hub.connections(), before + 1);
    // A process that holds the connection open ends with the server.
    assert!(socket.exists());
    drop(hub);
    assert!(soon(|| !socket.exists()), "somebody still waits");
}

#[test]
fn other_formats_of_a_repository() {
    for options in ["--ref-format=reftable", "--object-format=sha256"] {
        for transport in Transport::ALL {
            let Some(hub) = Server::start_with(&World::empty(), transport, options) else {
                continue;
            };
            let a = hub.clone_to("a");
            a.git("push --quiet origin HEAD:refs/presence/x");
            let there = hub.repository().git("rev-parse refs/presence/x");
            assert_eq!(there, a.git("rev-parse HEAD"), "{options}");
        }
    }
}
