//! Tasks: lists that no two sessions take one task from.
//!
//! Owns the promises that a task has one holder, that needs come first, that what a session had is
//! open again when it is gone, and that a stale holder changes nothing.

mod apart;
mod attempted;
mod beside;
mod cached;
mod clones;
mod ends;
mod faults;
mod gate;
mod given;
mod glanced;
mod killed;
mod many;
mod nine;
mod offline;
mod plans;
mod policy;
mod set_back;
mod steps;
mod supervised;
mod told;
mod woken;

use serde_json::Value;

use crate::world::World;

/// The id of a task that was just added, or taken.
fn id(answer: &Value) -> String {
    answer["tasks"][0]["id"].as_str().unwrap().to_owned()
}

fn add(world: &World, session: &str, rest: &str) -> String {
    let line = format!("task add {rest} --json");
    id(&world.session(session, &line).done().json())
}
