//! What is said to a session that was replaced: the one that goes on from it gets it, however late
//! it was said, and the sender is told who got it.

use super::{states, unread};
use crate::hooks::agent::{context, payload, send};
use crate::machines::{Team, sync};
use crate::world::World;

fn agent(world: &World, id: &str) -> World {
    world
        .with("CLAUDECODE", "1")
        .with("CLAUDE_CODE_SESSION_ID", id)
}

fn hook(world: &World, id: &str, event: &str, source: &str) -> String {
    let mut payload = payload(world, "claude", event);
    payload["session_id"] = id.into();
    payload["source"] = source.into();
    context(&send(&agent(world, id), "claude", event, &payload))
}

/// The id of a session of Claude Code.
fn id_of(world: &World, id: &str) -> String {
    let me = agent(world, id).anyone("whoami --json").json();
    me["session_id"].as_str().unwrap().to_owned()
}

/// A session that claimed something, or only wrote, and one that goes on from it after `/clear`.
fn cleared(world: &World, has_claims: bool) -> (String, String) {
    let _ = hook(world, "old", "SessionStart", "startup");
    let old = agent(world, "old");
    old.anyone("claim node:old -p x").done();
    if !has_claims {
        old.anyone("release node:old").done();
    }
    let _ = hook(world, "new", "SessionStart", "clear");
    (id_of(world, "old"), id_of(world, "new"))
}

#[test]
fn a_message_to_the_old_name_goes_to_the_session_that_goes_on() {
    for has_claims in [true, false] {
        let world = World::new();
        let (old, new) = cleared(&world, has_claims);
        let told = world.session("you", &format!("tell {old} -m late"));
        told.says(format!("{new} (not on the board), which goes on from {old}").as_str());
        let first = hook(&world, "new", "UserPromptSubmit", "");
        assert!(first.contains("\"late\""), "{has_claims}: {first}");
        assert!(first.contains("to the session before you"), "{first}");
        let second = hook(&world, "new", "UserPromptSubmit", "");
        assert!(!second.contains("MESSAGE"), "{second}");
        let delivered = ("delivered".to_owned(), Some(new.clone()));
        assert_eq!(states(&world, "you"), [delivered]);
        // Urgent, after a tool; and by `inbox`.
        world
            .session("you", &format!("tell {old} --urgent -m now"))
            .done();
        let after = hook(&world, "new", "PostToolUse", "");
        assert!(after.contains("\"now\""), "{after}");
        let third = world
            .session("you", &format!("tell {old} -m third --json"))
            .json();
        assert_eq!(third["reaches"][0]["session_id"], new.as_str());
        assert_eq!(third["reaches"][0]["instead_of"], old.as_str());
        assert_eq!(third["reaches"][0]["liveness"], "live");
        let mine = agent(&world, "new");
        mine.anyone("inbox")
            .says("third")
            .says("to the session before you");
        let id = third["id"].as_str().unwrap();
        mine.anyone(&format!("tell --reply {id} -m yes")).done();
        assert_eq!(unread(&world, "you"), ["yes"]);
        mine.anyone("inbox").says("No unread message");
    }
}

#[test]
fn the_chain_is_followed_to_its_end() {
    let world = World::new();
    let (old, new) = cleared(&world, true);
    agent(&world, "new").anyone("claim node:new -p x").done();
    let _ = hook(&world, "third", "SessionStart", "clear");
    let third = id_of(&world, "third");
    world
        .session("you", &format!("tell {old} -m late"))
        .says(format!("{third} (not on the board), which goes on from {old}").as_str());
    agent(&world, "new")
        .anyone("inbox")
        .says("No unread message");
    let told = hook(&world, "third", "UserPromptSubmit", "");
    assert!(told.contains("\"late\""), "{told}");
    world.session("you", &format!("tell {new} -m next")).done();
    let told = hook(&world, "third", "UserPromptSubmit", "");
    assert!(told.contains("\"next\""), "{told}");
}

#[test]
fn another_clone_may_know_the_old_name_only_and_the_old_session_may_be_folded() {
    let (_team, a, b) = Team::pair();
    let _ = hook(&a, "old", "SessionStart", "startup");
    agent(&a, "old").anyone("claim node:old -p x").done();
    sync(&[&a, &b]);
    let (old, new) = (id_of(&a, "old"), id_of(&a, "new"));
    let _ = hook(&a, "new", "SessionStart", "clear");
    b.session("you", &format!("tell {old} -m late")).done();
    sync(&[&a, &b]);
    a.later("3d");
    a.anyone("gc").done();
    let sessions = || a.git("for-each-ref --format=%(refname) refs/presence/sessions");
    let of_old = sessions();
    assert_eq!(of_old.lines().count(), 1, "it is waited for");
    let told = hook(&a, "new", "UserPromptSubmit", "");
    assert!(told.contains("\"late\""), "{told}");
    sync(&[&a, &b]);
    let delivered = ("delivered".to_owned(), Some(new));
    assert_eq!(states(&b, "you"), [delivered]);
    a.later("1h");
    a.anyone("gc").done();
    assert!(!sessions().contains(&of_old), "{}", sessions());
}
