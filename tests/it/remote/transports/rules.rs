//! Servers with rules, hooks, and repositories of other formats.
//!
//! Owns what a server may forbid and what becomes of a claim then: it stands here, and who made it
//! is told. Never waits for a hook longer than the verb does.

use super::{CLAIM, promptly, two_clones};
use crate::servers::{Server, Transport};
use crate::world::{World, open_to_all};

/// Let a server have these settings.
fn with_settings(settings: &[&str], test: impl Fn(Server)) {
    Server::during(Transport::Daemon, |hub| {
        for setting in settings {
            hub.repository().git(&format!("config {setting}"));
        }
        test(hub);
    });
}

fn with_hook(script: &str, test: impl Fn(Server)) {
    Server::during(Transport::Daemon, |hub| {
        put_hook(&hub, "pre-receive", script);
        test(hub);
    });
}

fn put_hook(hub: &Server, name: &str, script: &str) {
    let hook = hub.repository().dir().join("hooks").join(name);
    hub.repository()
        .write(&hook, format!("#!/usr/bin/env bash\n{script}\n"));
    open_to_all(&hook, 0o755);
}

/// A claim of two sessions, renewed, and released, reaches the others.
fn a_day(hub: &Server) {
    let (a, b) = two_clones(hub);
    a.alice(CLAIM).says("confirmed by origin");
    a.carol("claim db:y --purpose backup")
        .says("confirmed by origin");
    for _ in 0..2 {
        a.later("5m");
        a.alice("heartbeat --throttle 0").done();
        a.carol("heartbeat --throttle 0").done();
        a.alice("sync").says("Synced with").omits("not sent yet");
    }
    b.bob("sync").done();
    b.bob("list").says("node:x").says("db:y");
    a.alice("release --all-mine").done();
    a.alice("sync").says("Synced with").omits("not sent yet");
    b.bob("sync").done();
    b.bob("list").omits("node:x").says("db:y");
}

/// Answers to each command of a push what Gerrit does: a ref moves forward, or not at all.
const FORWARD_ONLY: &str = r#"
export LC_ALL=C
send() { printf '%04x%s' $((${#1} + 4)) "$1"; }
receive() {
    read -r -N 4 length && [ "$length" != 0000 ] && read -r -N $((16#$length - 4)) line
}
while receive; do :; done
send version=1; printf 0000
while receive; do
    read -r old new ref <<<"$line"
    if [[ $old =~ ^0+$ ]] || git merge-base --is-ancestor "$old" "$new"; then
        send "ok $ref"; send 'option fall-through'
    else
        send "ng $ref non-fast-forward"
    fi
done
printf 0000
"#;

#[test]
fn refs_that_move_forward_only() {
    Server::during(Transport::Daemon, |hub| {
        let settings = "config receive.procReceiveRefs refs/presence";
        hub.repository().git(settings);
        put_hook(&hub, "proc-receive", FORWARD_ONLY);
        a_day(&hub);
    });
}

/// Of these git says more than it does: they guard branches.
#[test]
fn refs_that_may_not_be_rewound_or_removed() {
    let settings = [
        "receive.denyNonFastForwards true",
        "receive.denyDeletes true",
    ];
    with_settings(&settings, |hub| a_day(&hub));
}

#[test]
fn a_server_that_looks_closely_and_moves_refs_one_by_one() {
    let settings = [
        "receive.fsckObjects true",
        "transfer.fsckObjects true",
        "receive.advertiseAtomic false",
    ];
    with_settings(&settings, |hub| a_day(&hub));
}

#[test]
fn what_is_sent_and_what_is_fetched_is_sound() {
    Server::during(Transport::Path, |hub| {
        let (a, b) = two_clones(&hub);
        b.git("config fetch.fsckObjects true");
        a.alice(CLAIM).says("confirmed by origin");
        b.bob("sync").says("received 1");
        hub.repository().git("fsck --strict --no-dangling");
        b.git("fsck --strict --no-dangling");
    });
}

#[test]
fn hidden_refs_are_refused() {
    with_settings(&["transfer.hideRefs refs/presence"], |hub| {
        let a = hub.clone_to("a");
        promptly(&a, CLAIM).warns("hidden ref");
        promptly(&a, "sync").exits(5);
        let asked = hub.requests("receive-pack");
        promptly(&a, "claim db:y --purpose backup").done();
        assert_eq!(hub.requests("receive-pack"), asked, "asked again");
        hub.repository().git("config --unset transfer.hideRefs");
        a.alice("sync --retry").says("sent 1 change\n");
    });
}

#[test]
fn a_hook_that_takes_its_time() {
    with_hook("sleep 1", |hub| {
        promptly(&hub.clone_to("a"), CLAIM).says("confirmed by origin");
    });
}

#[test]
fn a_hook_that_takes_too_long() {
    with_hook("sleep 30", |hub| {
        let a = hub.clone_to("a");
        promptly(&a, CLAIM).warns("will follow");
        put_hook(&hub, "pre-receive", "exit 0");
        a.alice("sync").says("sent 1 change\n");
    });
}

#[test]
fn a_hook_that_refuses() {
    with_hook("echo 'no refs but branches' >&2; exit 1", |hub| {
        let a = hub.clone_to("a");
        promptly(&a, CLAIM).warns("pre-receive hook declined");
        promptly(&a, "sync").exits(5);
        put_hook(&hub, "pre-receive", "exit 0");
        a.alice("sync --retry").says("sent 1 change\n");
    });
}

#[test]
fn a_repository_of_another_format() {
    for options in ["--ref-format=reftable", "--object-format=sha256"] {
        let world = World::empty();
        if let Some(hub) = Server::start_with(&world, Transport::Daemon, options) {
            a_day(&hub);
        }
    }
}

#[test]
fn a_clone_with_ids_of_another_kind() {
    let world = World::empty();
    let hub = Server::start_with(&world, Transport::Daemon, "--object-format=sha256");
    let Some(hub) = hub else { return };
    let a = world.at("a");
    a.git("init --quiet");
    a.git(&format!("remote add origin {}", hub.url()));
    promptly(&a, CLAIM).warns("origin");
    let said = promptly(&a, "sync");
    said.fails(5, "hash algorithm").hints("SHA-256");
}
