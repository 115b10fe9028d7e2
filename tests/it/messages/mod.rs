//! Messages: what is sent, who gets it, and how a model is told.
//!
//! Owns the promises that a message reaches each session that it means once, that reading changes
//! nothing, that a sender can see who got it, and that foreign text stays data.

mod across;
mod addresses;
mod bad_input;
mod caught_up;
mod heirs;
mod hooks;
mod in_log;
mod killed;
mod room;
mod sent;

use serde_json::Value;

use crate::world::World;

/// The subjects of the unread messages of a session.
fn unread(world: &World, session: &str) -> Vec<String> {
    let rows = world.session(session, "inbox --json").json();
    let rows = rows.as_array().unwrap();
    let subject = |row: &Value| row["subject"].as_str().unwrap().to_owned();
    rows.iter().map(subject).collect()
}

/// The id of the last message that a session sent.
fn last_id(world: &World, session: &str) -> String {
    let rows = world.session(session, "inbox --sent --json").json();
    let last = rows.as_array().unwrap().last().unwrap();
    last["id"].as_str().unwrap().to_owned()
}

/// What became of the last message that a session sent, and for whom.
fn states(world: &World, session: &str) -> Vec<(String, Option<String>)> {
    let rows = world.session(session, "inbox --sent --json").json();
    let last = rows.as_array().unwrap().last().unwrap();
    let states = last["states"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    states
        .map(|state| (text(&state["state"]).unwrap(), text(&state["session_id"])))
        .collect()
}
