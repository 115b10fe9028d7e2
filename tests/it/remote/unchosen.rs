//! Remotes that the settings do not lead to.
//!
//! Owns what is said where `presence.remote` names no remote, or several are there and none is
//! chosen: the claims of other clones are not known, and nothing is held exclusively.

use crate::hooks::agent::{context, payload, send};
use crate::machines::Team;
use crate::world::{ALICE, World};

const CLAIM: &str = "claim -x infra:x --purpose p";

/// A clone that knows of no remote, by each of two mistakes, and the word for it.
fn mistaken() -> Vec<(Team, World, &'static str)> {
    let mistakes = [
        ("config presence.remote nowhere", "there is no remote"),
        ("remote rename origin upstream", "none"),
    ];
    let made = mistakes.into_iter().map(|(line, word)| {
        let (team, a, b) = Team::pair();
        b.bob(CLAIM).done();
        a.alice("sync").done();
        a.anyone("peek infra:x").says("wizard@devvm@bob");
        a.git(line);
        if word == "none" {
            a.git("remote add fork ../fork.git");
        }
        (team, a, word)
    });
    made.collect()
}

/// What an agent is told.
fn event(at: &World, event: &str) -> String {
    let said = send(at, "claude", event, &payload(at, "claude", event));
    context(&said)
}

#[test]
fn every_reader_says_that_the_board_of_others_is_not_known() {
    for (_team, a, word) in mistaken() {
        for line in ["peek infra:x", "list", "status", "log"] {
            let said = a.alice(line);
            let text = format!("{}{}", said.out, said.err);
            assert!(
                text.contains("not known") && text.contains(word),
                "{line}: {text}"
            );
            assert!(
                text.contains("git config presence.remote"),
                "{line}: {text}"
            );
        }
        let said = a.alice("hook pre-apply infra:x");
        assert!(said.err.contains("not known"), "{}", said.err);
        a.alice("claim infra:y --purpose p --refuse")
            .fails(5, "is not known yet");
        a.alice("claim infra:y --purpose p")
            .warns("no other clone can see this");
        a.anyone("doctor").exits(1);
    }
}

#[test]
fn nothing_is_held_exclusively() {
    for (_team, a, word) in mistaken() {
        a.alice(CLAIM)
            .fails(129, word)
            .hints("presence.remote <name>");
        assert!(a.alice("fence infra:x").code != Some(0));
        assert_eq!(a.git("for-each-ref refs/presence/locks"), "");
    }
}

#[test]
fn a_hook_tells_it_once() {
    for (_team, a, word) in mistaken() {
        let told = event(&a, "SessionStart");
        assert!(!told.contains("No other session claims anything"), "{told}");
        assert!(told.contains("not known") && told.contains(word), "{told}");
        event(&a, "UserPromptSubmit");
        let told = event(&a, "UserPromptSubmit");
        assert!(!told.contains("not known"), "{told}");
    }
}

/// Without any remote this repository decides, as before; one remote needs no choice.
#[test]
fn no_remote_and_one_remote_are_no_mistake() {
    let world = World::new();
    world.alice(CLAIM).says("local");
    world.anyone("list").omits("not known");
    let team = Team::new();
    let clone = team.clone_to("clone");
    clone.git("remote rename origin only");
    clone.alice("sync").done();
    clone.alice(CLAIM).says("confirmed by only");
    clone.bob(CLAIM).refuses(ALICE);
}
