//! Git hooks: what others hold stops a push, or a command that is about to apply something.
//!
//! Owns what the hooks have in common: clones with the hooks in place, and pushes by a session.

mod applied;
mod beside;
mod examined;
mod files;
mod led_away;
mod mirrors;
mod odd;
mod placed;
mod pushed;
mod required;

use crate::machines::Team;
use crate::said::Said;
use crate::world::{ALICE, BOB, World};

/// Alice's clone, and Bob's, where the hooks are in place.
fn pair() -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    b.bob("install").says("pre-push ");
    (team, a, b)
}

/// Whether this Git runs hooks that stand in its settings.
fn takes_hooks_from_config(world: &World) -> bool {
    world.git_version() >= (2, 54)
}

/// A commit with this file in it.
fn commit(clone: &World, path: &str, text: &str) {
    clone.write(path, text);
    clone.git("add --all");
    clone.git(&format!("commit --quiet -m \"{path}\""));
}

fn push(clone: &World, session: &str, words: &str) -> Said {
    let clone = clone.with("GIT_PRESENCE_SESSION", session);
    clone.try_git(&format!("push --quiet {words}"))
}

/// Bob pushes.
fn bob_pushes(clone: &World, words: &str) -> Said {
    push(clone, BOB, words)
}

/// Alice pushes from a clone without conflicting claims.
fn alice_pushes(clone: &World, words: &str) {
    push(clone, ALICE, words).done();
}

/// What Git says to the hook is said by us.
fn told(clone: &World, input: &[u8]) -> Said {
    let bob = clone.with("GIT_PRESENCE_SESSION", BOB);
    bob.anyone_with_input("hook pre-push origin url", input)
}
