//! Servers that authenticate, and clients with no credentials, the wrong ones, or few rights.
//!
//! Owns what is done without a user at the keyboard: no question is asked, the line of the server
//! that explains is passed on, and a remote that refuses is left alone. Never needs a person.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use super::{CLAIM, promptly};
use crate::said::holds;
use crate::servers::{Access, Server, Transport};
use crate::world::{ALICE, World, needs};

/// Who does not get in, and the words that say why. For having nothing to say each version of git
/// has its own.
const SHUT_OUT: [(Transport, Access, &str); 5] = [
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
    (Transport::Http, Access::Anonymous, ""),
];

const READERS: [Transport; 2] = [Transport::Ssh, Transport::Http];

#[test]
fn who_does_not_get_in_is_told_why() {
    for (transport, access, words) in SHUT_OUT {
        Server::during(transport, |hub| {
            let a = hub.client(&hub.clone_to("a"), access);
            let said = promptly(&a, "sync");
            said.fails(5, words).hints("configure credentials");
            promptly(&a, CLAIM).warns("will follow");
            // Once a user has logged in, it goes on by itself.
            let a = hub.client(&a, Access::Write);
            a.alice("sync").says("sent 1 change\n");
        });
    }
}

#[test]
fn no_user_is_asked() {
    for (transport, access, _) in SHUT_OUT {
        Server::during(transport, |hub| {
            let a = hub.client(&hub.clone_to("a"), access);
            a.write("../ask", "#!/bin/sh\ntouch \"$HOME/asked\"\necho guess\n");
            let ask = a.root().join("ask");
            crate::world::open_to_all(&ask, 0o755);
            let a = a
                .with("GIT_ASKPASS", &ask)
                .with("SSH_ASKPASS", &ask)
                .with("SSH_ASKPASS_REQUIRE", "force")
                .with("DISPLAY", ":0");
            promptly(&a, CLAIM).done();
            promptly(&a, "sync").exits(5);
            assert!(!hub.repository().at("home").has("asked"), "{access:?}");
        });
    }
}

/// What stands on a terminal when a verb is through.
fn on_a_terminal(world: &World, line: &str) -> String {
    let world = world.with("GIT_PRESENCE_SESSION", ALICE);
    let script =
        format!("exec timeout 20 script -qec \"git presence {line}\" /dev/null </dev/null");
    world.sh(&script).out
}

#[test]
fn no_user_is_asked_on_a_terminal() {
    if !needs("script") {
        return;
    }
    for (transport, access, _) in SHUT_OUT {
        Server::during(transport, |hub| {
            let a = hub.client(&hub.clone_to("a"), access);
            // Ours, and one that would ask.
            for a in [&a, &a.with("GIT_SSH_COMMAND", "ssh")] {
                let shown = on_a_terminal(a, "sync");
                holds(&shown, "hint: configure credentials");
                for question in ["Username for", "assword for", "passphrase", "(yes/no"] {
                    holds(&shown, contains(question).not());
                }
            }
        });
    }
}

#[test]
fn a_refusal_is_remembered() {
    for transport in READERS {
        Server::during(transport, |hub| {
            let reader = hub.client(&hub.clone_to("a"), Access::Read);
            // A shared connection would go on as the reader's.
            reader.git("config presence.sshMultiplex false");
            promptly(&reader, CLAIM).warns("origin");
            assert_eq!(hub.requests("receive-pack"), 1);
            promptly(&reader, "claim db:y --purpose backup").done();
            promptly(&reader, "sync").exits(5);
            assert_eq!(hub.requests("receive-pack"), 1, "asked again");
            promptly(&reader, "sync --retry").exits(5);
            assert_eq!(hub.requests("receive-pack"), 2);

            let writer = hub.client(&reader, Access::Write);
            writer.alice("sync --retry").says("sent 1 change\n");
            promptly(&writer, "claim dns:z --purpose move").says("confirmed by origin");
        });
    }
}

#[test]
fn who_may_not_push_still_sees_the_others() {
    for transport in READERS {
        Server::during(transport, |hub| {
            let (a, b) = (hub.clone_to("a"), hub.clone_to("b"));
            let reader = hub.client(&b, Access::Read);
            a.alice(CLAIM).says("confirmed by origin");
            let also = format!("ALSO CLAIMED BY {ALICE}");
            // When it is refused for the first time, and when that is known.
            let claim = "claim node:x --purpose backup";
            reader.bob(claim).says(&also);
            reader.bob("release node:x").done();
            reader.bob(claim).says(&also);
            a.alice("claim db:y --purpose backup").done();
            reader.bob("sync").exits(5);
            reader.bob("list").says("db:y");
        });
    }
}
