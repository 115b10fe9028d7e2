//! A week offline: two laptops that work without the remote, and one sync each.
//!
//! Owns the promise that such a week ends like any other day: one board, both histories whole,
//! nothing twice.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Team, agree, are_sound, at_rest, board, names, sync};
use crate::world::World;

/// On each of the two.
const EVENTS: u64 = 200;
const SESSIONS: [&str; 3] = ["red", "green", "blue"];
const RESOURCES: u64 = 12;

/// What this clone knows to have happened, each event once; heartbeats leave no trace.
#[track_caller]
fn history(clone: &World) -> BTreeSet<String> {
    let log = clone.anyone("log -n 1000 --json").done().json();
    let log = log.as_array().unwrap();
    let events: BTreeSet<String> = log.iter().map(Value::to_string).collect();
    assert_eq!(events.len(), log.len(), "nothing is told twice");
    events
}

/// The `n`th thing that happens on this laptop; it depends on nothing else.
fn event(n: u64, laptop: u64) -> (String, String) {
    let chance = (n * 7 + laptop * 3).wrapping_mul(2_654_435_761) >> 7;
    let resource = format!("infra:n{}", (chance / 16) % RESOURCES);
    let session = format!("{}-{laptop}", SESSIONS[(chance % 3) as usize]);
    let line = match chance % 8 {
        0..=2 => format!("claim {resource} --purpose \"event {n}\" --ttl 24h"),
        3 => format!("claim {resource} --purpose \"event {n}\" --ttl 10m"),
        4 => "release --all-mine".to_owned(),
        _ => "heartbeat --throttle 1h".to_owned(),
    };
    (session, line)
}

#[test]
fn a_week_offline_and_one_sync_each() {
    let (team, a, b) = Team::pair();
    for (laptop, clone) in [&a, &b].into_iter().enumerate() {
        clone.git("config presence.fsync false");
        clone.git("config presence.staleAfter 1h");
        let session = format!("red-{laptop}");
        clone
            .session(&session, "claim infra:before --purpose p")
            .done();
    }
    sync(&[&a, &b]);
    team.away();
    for n in 0..EVENTS {
        a.later("50m");
        for (laptop, clone) in [&a, &b].into_iter().enumerate() {
            let (session, line) = event(n, laptop as u64);
            clone.session(&session, &line).done();
        }
    }
    for clone in [&a, &b] {
        at_rest(clone);
        clone.anyone("status").says("3 changes not sent yet");
    }
    let known = [history(&a), history(&b)];
    let all: BTreeSet<String> = known.iter().flatten().cloned().collect();
    assert!(all.len() > 200, "much has happened: {}", all.len());
    team.back();

    sync(&[&a, &b, &a]);
    agree(&[&a, &b]);
    let board = board(&a);
    let once: BTreeSet<&String> = board.iter().collect();
    assert_eq!(once.len(), board.len());
    assert_eq!(history(&a), all);
    assert_eq!(history(&b), all);
    assert_eq!(team.refs().lines().count(), 6);
    for clone in [&a, &b] {
        assert_eq!(names(clone).len(), 1);
        clone
            .anyone("sync")
            .says("nothing new: the board is the same here and there\n");
    }
    are_sound(&[&a, &b, &team.hub()]);
}
