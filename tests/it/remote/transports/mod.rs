//! Sync over real transports: what holds wherever the other clone is.
//!
//! Owns the tests that run over a path, git daemon, ssh and http alike. `doors` has servers that
//! ask who one is, `rules` servers that forbid things. Never looks at how a sync is done.

mod doors;
mod rules;

use std::net::TcpListener;

use crate::said::Said;
use crate::servers::{Server, Transport};
use crate::world::{ALICE, World};

/// Each test over one transport, in a module of its own.
macro_rules! over {
    ($module:ident, $transport:ident: $($test:ident)*) => {
        mod $module {
            use crate::servers::{Server, Transport};
            $(#[test]
            fn $test() {
                Server::during(Transport::$transport, super::$test);
            })*
        }
    };
}

macro_rules! over_each_transport {
    ($($test:ident)*) => {
        over!(path, Path: $($test)*);
        over!(git_daemon, Daemon: $($test)*);
        over!(ssh, Ssh: $($test)*);
        over!(http, Http: $($test)*);
    };
}

over_each_transport! {
    a_claim_is_seen_in_another_clone
    the_second_is_told_of_the_first
    a_plain_fetch_of_the_refs_brings_the_board
    whatever_becomes_of_a_claim_arrives
    a_server_that_is_down_blocks_no_session
}

const CLAIM: &str = "claim node:x --purpose upgrade";

/// A verb of alice's, for which 20 seconds are too long. It has no terminal.
fn promptly(world: &World, line: &str) -> Said {
    let world = world.with("GIT_PRESENCE_SESSION", ALICE);
    world.sh(&format!("exec timeout 20 git presence {line} </dev/null"))
}

fn guarantee(said: &Said) -> String {
    let guarantee = &said.done().json()["guarantee"];
    guarantee.as_str().expect("a guarantee").to_owned()
}

fn two_clones(hub: &Server) -> (World, World) {
    (hub.clone_to("a"), hub.clone_to("b"))
}

fn a_claim_is_seen_in_another_clone(hub: Server) {
    let (a, b) = two_clones(&hub);
    a.alice(CLAIM).says("confirmed by origin");
    b.bob("sync").says("received 1 change, sent nothing\n");
    b.bob("list").says("node:x").says("alice");
    b.bob("sync").says("nothing new");
}

fn the_second_is_told_of_the_first(hub: Server) {
    let (a, b) = two_clones(&hub);
    assert_eq!(guarantee(&a.alice(&format!("{CLAIM} --json"))), "confirmed");
    let also = format!("ALSO CLAIMED BY {ALICE}");
    b.bob("claim node:x --purpose backup").says(&also);
    b.carol("claim node:x --purpose y --refuse")
        .refuses("alice");
}

fn a_plain_fetch_of_the_refs_brings_the_board(mut hub: Server) {
    let (a, b) = two_clones(&hub);
    a.alice(CLAIM).says("confirmed by origin");
    b.git("fetch --quiet origin +refs/presence/*:refs/presence-remote/origin/*");
    hub.stop();
    // What it brought is no look of ours: what else there is is not known.
    b.bob("list").exits(5).prints("node:x");
}

fn whatever_becomes_of_a_claim_arrives(hub: Server) {
    let (a, b) = two_clones(&hub);
    a.alice(CLAIM).says("confirmed by origin");
    for _ in 0..2 {
        a.later("5m");
        a.alice("heartbeat --throttle 0").done();
        a.alice("sync").says("Synced with").omits("not sent yet");
    }
    b.later("10m");
    b.bob("sync").says("received 1");
    b.bob("list").says("node:x");
    a.alice("release node:x").done();
    a.alice("sync").says("Synced with").omits("not sent yet");
    b.bob("sync").says("received 1");
    b.bob("list").omits("node:x");
}

fn a_server_that_is_down_blocks_no_session(mut hub: Server) {
    let (a, b) = two_clones(&hub);
    hub.stop();
    let said = promptly(&a, CLAIM);
    said.warns("origin").warns("will follow").says("node:x");
    let said = promptly(&a, "claim db:y --purpose backup --json");
    assert_eq!(guarantee(&said), "unconfirmed");
    promptly(&a, "list").exits(5).prints("node:x");
    promptly(&a, "list --mine").says("node:x");
    promptly(&a, "sync").exits(5);

    hub.resume();
    a.alice("sync").says("sent 1 change\n");
    b.bob("sync").says("received 1");
    b.bob("list").says("node:x").says("db:y");
}

/// A server listens, and that is all.
#[test]
fn a_server_that_never_answers_blocks_no_session() {
    for transport in [Transport::Daemon, Transport::Ssh, Transport::Http] {
        Server::during(transport, |hub| {
            let a = hub.clone_to("a");
            a.git("config presence.syncDeadline 1s");
            let mute = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            let port = mute.local_addr().unwrap().port();
            a.git(&format!("remote set-url origin {}", hub.url_at(port)));
            promptly(&a, CLAIM).warns("will follow");
            promptly(&a, "sync --deadline 1s").exits(5);
            a.git(&format!("remote set-url origin {}", hub.url()));
            a.alice("sync").says("sent 1 change\n");
        });
    }
}

#[test]
fn without_a_remote_there_is_nothing_to_confirm() {
    let world = World::new();
    let said = world.alice(&format!("{CLAIM} --json"));
    assert_eq!(guarantee(&said), "local");
    assert_eq!(said.err, "");
}

#[test]
fn sync_that_is_turned_off() {
    Server::during(Transport::Daemon, |hub| {
        let a = hub.clone_to("a");
        a.git("config presence.autoSync false");
        let said = a.alice(&format!("{CLAIM} --json"));
        assert_eq!(guarantee(&said), "unconfirmed");
        said.warns("what origin has is not known: it was never fetched");
        assert_eq!(hub.requests("receive-pack"), 0);
        a.alice("sync").says("received nothing, sent 1 change\n");
    });
}

#[test]
fn one_direction_only() {
    Server::during(Transport::Path, |hub| {
        let (a, b) = two_clones(&hub);
        a.git("config presence.autoSync false");
        b.git("config presence.autoSync false");
        a.alice(CLAIM).done();
        b.bob("claim db:y --purpose backup").done();
        b.bob("sync --push-only")
            .says("received nothing, sent 1 change");
        a.alice("sync --fetch-only")
            .says("received 1 change, sent nothing; 1 change not sent yet");
        a.alice("list").says("db:y");
        b.bob("sync").says("nothing new");
    });
}

#[test]
fn calls_of_ssh_share_a_connection() {
    Server::during(Transport::Ssh, |hub| {
        let a = hub.clone_to("a");
        let before = hub.connections();
        a.alice(CLAIM).says("confirmed by origin");
        a.alice("sync").says("Synced with").omits("not sent yet");
        assert_eq!(hub.connections(), before + 1);
    });
}

/// The name of a socket has a hundred bytes or so.
#[test]
fn where_no_connection_can_be_shared() {
    Server::during(Transport::Ssh, |hub| {
        let a = hub.clone_to(&"deep/".repeat(25));
        a.alice(CLAIM).says("confirmed by origin");
    });
}

/// The shared connection is cut, and the client was not told.
#[test]
fn a_shared_connection_that_breaks() {
    Server::during(Transport::Ssh, |mut hub| {
        let a = hub.clone_to("a");
        a.alice(CLAIM).says("confirmed by origin");
        hub.stop();
        hub.resume();
        a.alice("claim db:y --purpose backup")
            .says("confirmed by origin");
    });
}
