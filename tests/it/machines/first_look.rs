//! The first look of a new clone at a board that a team has used for a while.
//!
//! Owns what such a look brings, in which order, and what is said before all of it is here.

use super::Team;
use crate::aged::Aged;
use crate::world::World;

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

/// Lets the hub answer this many requests for objects; the next ones get none before the test
/// ends. What each asked for is noted.
fn answers(team: &Team, most: usize) {
    let script = team.outside().root().join("pack");
    let noted = team.outside().root().join("asked");
    let text = format!(
        "#!/bin/sh\nn=$(ls {0} | wc -l)\ncat > {0}/$n\n[ $n -lt {most} ] || exec sleep 60\n\
         exec \"$@\" < {0}/$n\n",
        noted.display()
    );
    team.outside().write(&script, text);
    team.outside()
        .sh(&format!(
            "chmod +x {}; rm -rf {1}; mkdir {1}",
            script.display(),
            noted.display()
        ))
        .done();
    let outside = team.outside();
    outside.git(&format!(
        "config --global uploadpack.packObjectsHook {}",
        script.display()
    ));
}

/// Returns the commits that were asked for, by request.
fn asked(team: &Team) -> Vec<Vec<String>> {
    let said = team
        .outside()
        .sh("cd asked && for n in *; do cat $n; echo end; done");
    let mut all = vec![Vec::new()];
    for line in said.lines() {
        match line {
            "end" => all.push(Vec::new()),
            id if id.len() == 40 => all.last_mut().unwrap().push(id.to_owned()),
            _ => {}
        }
    }
    all.pop();
    all
}

/// A clone that has never looked.
fn new_clone(team: &Team) -> World {
    let hub = team.hub().dir().display().to_string();
    team.outside()
        .git(&format!("clone --quiet file://{hub} new"));
    let clone = team.outside().at("new");
    clone.git("config presence.firstLook 2s");
    clone
}

#[test]
fn a_look_that_is_cut_off_was_of_use() {
    let team = Team::new();
    let aged = of_days(&team, 20);
    let clone = new_clone(&team);
    answers(&team, 1);
    let claim = clone.alice("claim node:mine --purpose p");
    claim.done().says("Claimed node:mine");
    claim.warns("only 17 of its 90 refs were seen so far; git presence sync brings the rest");
    clone.anyone("list").exits(5).tells("17 of its 90");
    let json = clone.anyone("list --json").exits(5).json();
    assert!(json[0]["as_of"].is_null(), "{json}");

    // Registers came first, and what did not come is not free.
    clone
        .anyone("peek stack:s0")
        .exits(5)
        .prints("dev@host-0@live-0");
    clone.bob("claim stack:s0 -x --purpose p").exits(3);
    clone
        .anyone("peek live:0")
        .exits(5)
        .prints("it is not known yet whether live:0 is claimed: only 17 of its 90");
    clone.anyone("status").exits(5).prints("17 of its 90");
    clone.anyone("doctor").prints("17 of the 90 refs");
    clone.bob("hook pre-apply live:0").fails(
        5,
        "who claims live:0 at origin is not known yet: only 17 of its 90",
    );
    let two = "claim live:0 --refuse --purpose p";
    clone
        .bob(two)
        .fails(5, "only 17 of its 90 refs were seen so far");

    answers(&team, 1000);
    clone.anyone("sync").done().says("received");
    let all: Vec<String> = asked(&team).concat();
    assert_eq!(
        all.len(),
        aged.refs() - 16,
        "what is here is not asked for again"
    );
    clone.anyone("peek live:0").says("dev@host-0@live-0");
    clone.anyone("doctor").done();
    clone.anyone("list").done().says("live:5");
}

/// A script that asks to be refused and one that asks before an apply get one answer.
#[test]
fn what_was_never_seen_is_refused_as_before_an_apply() {
    let team = Team::new();
    let clone = new_clone(&team);
    team.away();
    for line in ["claim node:x -p p --refuse", "hook pre-apply node:x"] {
        clone
            .alice(line)
            .fails(5, "who claims node:x at origin is not known yet")
            .hints("git presence sync");
    }
    clone.alice("list --mine").omits("node:x");
    clone.alice("claim node:x -p p").done();
}
