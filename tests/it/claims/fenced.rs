//! Fenced pushes and forced releases: a stale holder pushes nothing.
//!
//! Owns the promise that the server itself turns a stale holder away.

use crate::world::{World, needs};

/// A hub with one commit, and two clones of it.
fn team() -> (World, World, World) {
    let hub = World::empty().at("hub.git");
    hub.git("init --quiet --bare");
    let a = hub.at("a");
    a.git("clone --quiet ../hub.git .");
    a.commit_files();
    a.git("push --quiet origin HEAD:main");
    let b = hub.at("b");
    b.git("clone --quiet ../hub.git .");
    (hub, a, b)
}

fn commit(world: &World, text: &str) {
    world.write("src/a.rs", text);
    world.git(&format!("commit --quiet -a -m \"{text}\""));
}

#[test]
fn code_and_fence_land_together() {
    let (hub, a, b) = team();
    a.alice("claim --exclusive stack:prod --purpose deploy")
        .done();
    let cell = hub.git("for-each-ref --format=%(objectname) refs/presence/locks");
    commit(&a, "second");
    a.alice("push origin HEAD:main --fence stack:prod")
        .says("Pushed refs/heads/main to origin, fenced by stack:prod, token");
    assert_eq!(hub.git("log -1 --format=%s main"), "second");
    let moved = hub.git("for-each-ref --format=%(objectname) refs/presence/locks");
    assert_ne!(cell, moved, "an unchanged lock would fence nothing");
    a.alice("fence stack:prod --remote")
        .says("Yours: stack:prod");
    b.bob("push origin HEAD:main --fence stack:prod")
        .refuses("stack:prod");
}

/// The holder was away while it expired and was taken over; its clock and its view are old.
#[test]
fn a_stale_holder_is_turned_away_by_the_server() {
    let (hub, a, b) = team();
    a.alice("claim --exclusive stack:prod --purpose deploy --ttl 1m")
        .done();
    commit(&a, "stale");
    let stale = a.with("GIT_PRESENCE_TEST_NOW", a.now().to_rfc3339());
    b.later("2m");
    b.bob("claim --exclusive stack:prod --purpose takeover")
        .warns("taken over from wizard@devvm@alice");
    let before = hub.git("for-each-ref");
    stale
        .alice("push origin HEAD:main --fence stack:prod")
        .refuses("is not in force; the current one is")
        .hints("nothing was pushed");
    assert_eq!(
        hub.git("for-each-ref"),
        before,
        "neither code nor lock moved"
    );
    stale
        .alice("heartbeat")
        .refuses("stack:prod is no longer yours: taken over by wizard@devvm@bob");
}

#[test]
fn a_ref_that_is_not_taken_leaves_the_fence_where_it_was() {
    let (hub, a, b) = team();
    commit(&b, "faster");
    b.git("push --quiet origin HEAD:main");
    a.alice("claim --exclusive stack:prod --purpose deploy")
        .done();
    commit(&a, "slower");
    let before = hub.git("for-each-ref");
    a.alice("push origin HEAD:main --fence stack:prod")
        .fails(5, "refs/heads/main (\"fetch first\")")
        .hints("fetch and integrate");
    assert_eq!(hub.git("for-each-ref"), before);
}

#[test]
fn without_atomic_nothing_is_pushed() {
    let (hub, a, _) = team();
    a.alice("claim --exclusive stack:prod --purpose deploy")
        .done();
    hub.git("config receive.advertiseAtomic false");
    commit(&a, "second");
    a.alice("push origin HEAD:main --fence stack:prod")
        .fails(5, "the push would be unfenced");
    assert_ne!(hub.git("log -1 --format=%s main"), "second");
}

#[test]
fn a_fence_stands_where_the_claim_is_decided() {
    let (_, a, _) = team();
    a.git("remote add other ../hub.git");
    a.alice("claim --exclusive stack:prod --purpose deploy")
        .done();
    a.alice("push other HEAD:main --fence stack:prod")
        .fails(129, "origin decides about claims");
    a.alice("push origin HEAD:main --fence stack:other")
        .refuses("you do not hold stack:other");
    let alone = World::new();
    alone
        .alice("claim --exclusive stack:prod --purpose p")
        .done();
    alone
        .alice("push origin HEAD --fence stack:prod")
        .fails(129, "no remote decides about claims");
}

#[test]
fn the_hooks_of_the_user_run() {
    let (hub, a, _) = team();
    a.alice("claim --exclusive stack:prod --purpose deploy")
        .done();
    a.write(".git/hooks/pre-push", "#!/bin/sh\nexit 1\n");
    crate::world::open_to_all(&a.dir().join(".git/hooks/pre-push"), 0o755);
    commit(&a, "second");
    a.alice("push origin HEAD:main --fence stack:prod").exits(5);
    assert_ne!(hub.git("log -1 --format=%s main"), "second");
}

#[test]
fn exactly_the_named_grant_is_taken() {
    let world = World::new();
    let claimed = world
        .alice("claim --exclusive stack:prod --purpose p --json")
        .json();
    let token = claimed["claims"][0]["token"].as_u64().unwrap();
    let force = |holder: &str, token: u64| {
        world.bob(&format!(
            "release stack:prod --force --holder {holder} --token {token} --reason \"prod is down\""
        ))
    };
    force("wizard@devvm@alice", token - 1).refuses("is not in force");
    force("wizard@devvm@carol", token).refuses("claimed by wizard@devvm@alice");
    world.alice("fence stack:prod").done();
    force("wizard@devvm@alice", token).warns("stack:prod was taken from wizard@devvm@alice");
    world
        .alice("heartbeat")
        .refuses("taken over by wizard@devvm@bob at 10:00, now: \"prod is down\"");
    world.alice("heartbeat").done();
    world.bob("log").says("override stack:prod");
    let again = world
        .carol("claim --exclusive stack:prod --purpose p --json")
        .json();
    assert!(again["claims"][0]["token"].as_u64().unwrap() > token);
    world
        .bob("release stack:prod --force --holder x --token 1")
        .refuses("it is claimed by wizard@devvm@carol (");
}

/// A server that wants every push of code signed gets it signed, as from `git push`.
#[test]
fn it_is_signed_if_the_user_signs() {
    if !needs("ssh-keygen") {
        return;
    }
    let (hub, a, _) = team();
    hub.git("config receive.certNonceSeed seed");
    hub.write(
        "hooks/pre-receive",
        "#!/bin/sh\nwhile read o n r; do case $r in refs/presence/*) ;; \
         *) [ -n \"$GIT_PUSH_CERT\" ] || exit 1 ;; esac; done\n",
    );
    hub.sh("chmod +x hooks/pre-receive; ssh-keygen -q -t ed25519 -N '' -f ../key")
        .done();
    let key = hub.root().join("key").display().to_string();
    a.git("config gpg.format ssh");
    a.git(&format!("config user.signingKey {key}"));
    a.git("config push.gpgSign true");
    a.alice("claim --exclusive stack:prod --purpose deploy")
        .done();
    commit(&a, "signed");
    a.alice("push origin HEAD:main --fence stack:prod")
        .says("fenced by stack:prod");
    assert_eq!(hub.git("log -1 --format=%s main"), "signed");
    a.git("config push.gpgSign false");
    commit(&a, "bare");
    a.alice("push origin HEAD:main --fence stack:prod").exits(5);
    assert_eq!(hub.git("log -1 --format=%s main"), "signed");
}
