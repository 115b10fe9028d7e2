//! Exclusive claims from end to end: one holder at a time, whatever breaks.
//!
//! Owns how a test takes a resource for a session, the token that comes with it, and who holds it
//! by the word of any reader. The rules of one cell are the model's, and have their tables there.
//! Never knows what a cell looks like inside; `damaged` does.

mod ahead;
mod arbiter;
mod clones;
mod copies;
mod counted;
mod damaged;
mod fenced;
mod killed;
mod linearizable;
mod local;
mod many;
mod paths;
mod places;
mod queued_requests;
mod races;
mod regressions;
mod restored;
mod shared;
mod shown;
mod taken;
mod unanswered;
mod wiped;

use git_presence::ledger::layout;
use git_presence::model::resource::Resource;
use serde_json::Value;

use crate::said::Said;
use crate::world::World;

/// A lease of fifteen minutes and the margin of half a minute are both over.
const TTL_AND_MARGIN: &str = "931s";

/// The words with which a session asks for `what`.
fn ask(what: &str) -> String {
    format!("claim -x {what} --purpose p")
}

/// Take `what`, which has to work; the token of the first of it.
#[track_caller]
fn take(world: &World, session: &str, what: &str) -> u64 {
    token(&world.session(session, &format!("{} --json", ask(what))))
}

/// The token in the answer to a claim.
#[track_caller]
fn token(said: &Said) -> u64 {
    let answer = said.done().json();
    let token = answer["claims"][0]["token"].as_u64();
    token.unwrap_or_else(|| panic!("no token in {answer}"))
}

/// Who holds what alone right now, by the word of a listing: session, resource and token.
#[track_caller]
fn held(world: &World) -> Vec<(String, String, u64)> {
    let list = world.anyone("list --json").done().json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let alone = list.as_array().expect("an array").iter();
    alone
        .filter(|one| one["mode"] == "exclusive")
        .map(|one| {
            let token = one["token"].as_u64().expect("a token");
            (text(&one["session_id"]), text(&one["resource"]), token)
        })
        .collect()
}

/// The sessions that hold `what` right now. More than one is the end of everything.
#[track_caller]
fn holders(world: &World, what: &str) -> Vec<String> {
    let all = held(world).into_iter();
    let of = all.filter(|(_, resource, _)| resource == what);
    of.map(|(session, ..)| session).collect()
}

/// The ref in which `what` is decided.
fn cell(what: &str) -> String {
    layout::cell_ref(&Resource::parse(what).expect("a resource"))
}

/// The words of the commits of a cell, newest first.
fn events(world: &World, what: &str) -> Vec<String> {
    let log = world.git(&format!("log --format=%s {}", cell(what)));
    log.lines().map(str::to_owned).collect()
}
