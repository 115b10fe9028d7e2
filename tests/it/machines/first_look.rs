//! The first look of a new clone at a board that a team has used for a while.
//!
//! Owns what such a look brings, in which order, and what is said before all of it is here.

use super::Team;
use crate::aged::Aged;

/// Puts the board on the hub of `team`.
fn put(team: &Team, aged: &Aged) {
    let hub = team.hub();
    let mut stream = Vec::new();
    aged.write(&mut stream).unwrap();
    hub.git_with_input("fast-import --quiet --done", &stream);
    hub.git("pack-refs --all");
}

fn of_days(team: &Team, days: usize) -> Aged {
    let aged = Aged {
        sessions_a_day: 4,
        live: 6,
        cells: 3,
        ..Aged::of_days(team.hub().now(), days)
    };
    put(team, &aged);
    aged
}

#[test]
fn an_aged_board_is_a_board_like_any_other() {
    let team = Team::new();
    let aged = of_days(&team, 3);
    assert_eq!(team.refs().lines().count(), aged.refs());
    let clone = team.clone_to("a");
    clone.anyone("doctor").done().says("Healthy: 18 sessions");
    clone.anyone("list").done().says("live:5");
    clone.anyone("peek stack:s0").says("dev@host-0@live-0");
    clone.anyone("peek stack:s1").says("stack:s1 is free");
    clone
        .anyone("log -n 1000")
        .done()
        .says("change 9 of session 11");
}
