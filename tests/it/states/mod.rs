//! States: what is said of a resource, where it is seen, and what a freeze stops.
//!
//! Owns the promises that the newest statement counts everywhere, that it outlives its session, and
//! that only who froze something, or a forced and recorded word, lifts that.

mod frozen;
mod lifted;
mod said;

use serde_json::Value;

use crate::world::World;

/// The state of a resource and its session, as a clone sees them.
fn state(world: &World, resource: &str) -> Option<(String, String)> {
    let rows = world
        .anyone(&format!("state {resource} --json"))
        .done()
        .json();
    let row = rows.as_array().unwrap().first()?.clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Some((text(&row["state"]), text(&row["session_id"])))
}

fn of(word: &str, session: &str) -> Option<(String, String)> {
    Some((word.to_owned(), session.to_owned()))
}
