//! What a hook reads after one that left nothing unread: only what changed since.
//!
//! Owns that nothing is lost by it: what is read later, because another resource is held or another
//! session is followed, is handed over all the same.

use super::unread;
use crate::hooks::agent::{context, payload, send};
use crate::world::World;

fn prompt(world: &World, session: &str) -> String {
    let world = world.with("GIT_PRESENCE_SESSION", session);
    let payload = payload(&world, "claude", "UserPromptSubmit");
    context(&send(&world, "claude", "UserPromptSubmit", &payload))
}

/// A world with ten sessions, of which each has sent two messages to the last one, and `me`, which
/// was told once that there is nothing for it.
fn world() -> World {
    let world = World::new();
    world.git("config presence.sharedSession true");
    for n in 0..10 {
        let name = format!("s{n}");
        let claim = format!("claim node:{name} -p x");
        world.session(&name, &claim).done();
    }
    world.session("me", "claim node:me -p x").done();
    for n in 0..9 {
        for text in ["a", "b"] {
            let tell = format!("tell s9 -m {text}");
            world.session(&format!("s{n}"), &tell).done();
        }
    }
    assert!(!prompt(&world, "me").contains("MESSAGE"));
    world
}

/// The lines of the file with what `me` had seen.
fn noted(world: &World) -> Vec<String> {
    let text = world.sh("cat .git/presence/mail-*");
    text.done().out.lines().map(str::to_owned).collect()
}

#[test]
fn a_message_is_handed_over_once_between_those_of_others() {
    let world = world();
    assert_eq!(noted(&world).len(), 1 + 9);
    for n in 0..4 {
        let of_another = format!("tell s9 -m other-{n}");
        world.session(&format!("s{n}"), &of_another).done();
        assert!(!prompt(&world, "me").contains("MESSAGE"));
        let to_me = format!("tell me -m mine-{n}");
        world.session(&format!("s{n}"), &to_me).done();
        let told = prompt(&world, "me");
        assert!(told.contains(&format!("\"mine-{n}\"")), "{told}");
        assert_eq!(told.matches("MESSAGE FROM").count(), 1, "{told}");
        assert!(!prompt(&world, "me").contains("MESSAGE"));
    }
    world.session("s1", "tell all -m all").done();
    assert!(prompt(&world, "me").contains("\"all\""));
    assert_eq!(unread(&world, "me"), [""; 0]);
    // A file that is not understood counts as none.
    world
        .sh("for f in .git/presence/mail-*; do echo x > $f; done")
        .done();
    world.session("s1", "tell me -m last").done();
    assert!(prompt(&world, "me").contains("\"last\""));
}

#[test]
fn what_waits_for_the_next_holder_is_met_later() {
    let world = world();
    world.session("s1", "release node:s1").done();
    for (resource, read_by_another) in [("node:s1", false), ("node:s2", true)] {
        world
            .session("s3", &format!("tell {resource} -m about-{read_by_another}"))
            .done();
    }
    assert_eq!(noted(&world).len(), 10);
    assert!(!prompt(&world, "me").contains("MESSAGE"));
    let with_sign = noted(&world)
        .into_iter()
        .filter(|line| line.ends_with(" h"));
    assert_eq!(with_sign.count(), 1);
    world.session("s2", "inbox").says("about-true");
    world.session("s2", "inbox --ack").says("1 message marked");
    world.session("me", "claim node:s1 node:s2 -p x").done();
    let told = prompt(&world, "me");
    assert!(told.contains("\"about-false\""), "{told}");
    assert!(!told.contains("\"about-true\""), "{told}");
    assert!(!prompt(&world, "me").contains("MESSAGE"));
}

#[test]
fn what_cannot_be_read_is_looked_at_again() {
    let world = world();
    world.session("s1", "tell me -m lost").done();
    let name = world.ref_of("s1");
    let whole = world.git(&format!("rev-parse {name}"));
    world.rewrite(&name, |files| {
        let its = files
            .iter_mut()
            .filter(|(name, _)| name.starts_with("message-"));
        its.for_each(|(_, bytes)| *bytes = b"junk".to_vec());
    });
    let before = noted(&world);
    assert!(!prompt(&world, "me").contains("MESSAGE"));
    assert_eq!(noted(&world), before, "it is not noted");
    // What others say is noted all the same.
    world.session("s3", "tell s9 -m other").done();
    assert!(!prompt(&world, "me").contains("MESSAGE"));
    assert_eq!(noted(&world).len(), before.len() + 2);
    world.session("s2", "tell me -m readable").done();
    let told = prompt(&world, "me");
    assert!(
        told.contains("\"readable\"") && !told.contains("\"lost\""),
        "{told}"
    );
    world.git(&format!("update-ref {name} {whole}"));
    let told = prompt(&world, "me");
    assert!(
        told.contains("\"lost\"") && !told.contains("\"readable\""),
        "{told}"
    );
    assert!(!prompt(&world, "me").contains("MESSAGE"));
}
