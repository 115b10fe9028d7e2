//! Tokens that no clock can have given.
//!
//! Owns that such a register is damaged like any other, and that both remedies end it.

use git_presence::ledger::layout;

use super::{ask, cell, take};
use crate::forge::Files;
use crate::machines::Team;
use crate::said::holds;
use crate::world::{ALICE, BOB};

/// A register with this token, put where it is decided by a clone that can push.
fn pushed_token(team: &Team, name: &str, token: &str) {
    team.hub().rewrite(name, |files| {
        let head = format!("format = 1\ntoken = {token}\n");
        files.insert("cell.toml".to_owned(), head.into_bytes());
    });
}

#[test]
fn a_token_that_no_clock_gave_blocks_no_session_for_ever() {
    let (team, a, b) = Team::pair();
    take(&a, ALICE, "path:held");
    let first = take(&a, ALICE, "path:a");
    a.alice("release path:a").done();
    let name = cell("path:a");
    for token in ["4503599627370496", "4503599627370490", "1863808000000"] {
        pushed_token(&team, &name, token);
        for clone in [&a, &b] {
            clone.alice("sync").done();
            clone.bob(&ask("path:b")).fails(1, "ahead of any clock");
            let said = clone.anyone("doctor");
            holds(&said.exits(1).out, "--repair replaces it");
        }
        // What was granted before counts, and is kept.
        a.alice("doctor --repair").says("replaced; its token is");
        b.alice("sync").done();
        let next = take(&b, BOB, "path:b");
        assert!(next > first, "{next} is not above {first}");
        b.bob(&ask("path:held")).refuses("path:held is claimed by");
        b.bob("release path:b").done();
        a.alice("sync").done();
        a.alice("fence path:held").done();
    }
    // Removing it where it is decided is a remedy as well: no clone keeps that token.
    pushed_token(&team, &name, "4503599627370496");
    for clone in [&a, &b] {
        clone.alice("sync").done();
    }
    team.hub().git(&format!("update-ref -d {name}"));
    for clone in [&a, &b] {
        clone.alice("sync").done();
    }
    take(&a, "dora", "path:c");
    take(&b, BOB, "path:d");
}

#[test]
fn a_floor_that_no_clock_gave_is_no_floor() {
    let (team, a, b) = Team::pair();
    take(&a, ALICE, "node:x");
    let floor = layout::floor_ref();
    let hub = team.hub();
    hub.put(
        &floor,
        &Files::from([(
            "cell.toml".to_owned(),
            b"format = 1\ntoken = 4503599627370496\n".to_vec(),
        )]),
        "floor\n",
    );
    b.alice("sync").done();
    take(&b, BOB, "node:y");
    b.alice("doctor --repair")
        .says("replaced; tokens begin above");
    b.write(
        ".git/presence/floors.toml",
        format!("[floors]\n\"{}\" = 4503599627370496\n", cell("node:z")),
    );
    take(&b, BOB, "node:z");
}
