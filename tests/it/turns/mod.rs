//! Turns, offers and handoffs from end to end.
//!
//! Owns the words with which a session takes a turn and passes it on. The rules of one register are
//! the model's, and have their tables there. Never knows what a register looks like inside.

mod handed;
mod instructions;
mod killed;
mod offered;
mod room;
mod successors;
mod told;

use serde_json::Value;

use crate::said::Said;
use crate::world::World;

/// The words of a handoff.
const WORDS: &str = "--status \"the zone is half there\" --next \"apply the rest\"";

/// Passes the turn with a handoff.
fn pass(world: &World, who: &str, more: &str) -> Said {
    world.session(who, &format!("turn pass {WORDS} {more}"))
}

/// What `turn` says to a session, for programs.
#[track_caller]
fn turn(world: &World, who: &str) -> Value {
    world.session(who, "turn --json").done().json()
}

/// Takes the turn, and returns what it says, for programs.
fn take(world: &World, who: &str, more: &str) -> Value {
    world
        .session(who, &format!("turn take {more} --json"))
        .json()
}

/// A heartbeat of each of these.
fn here(world: &World, who: &[&str]) {
    for who in who {
        let claim = format!("claim node:{who} --purpose p");
        world.session(who, &claim).done();
    }
}
