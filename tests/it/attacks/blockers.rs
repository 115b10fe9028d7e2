//! Refs at a remote that keep out refs of the board.
//!
//! Owns that what they keep out is not free, and that the ref and its removal are named.

use crate::machines::Team;
use crate::said::holds;

#[test]
fn a_ref_in_the_place_of_the_board_is_named_and_nothing_is_free() {
    let (team, a, b) = Team::pair();
    b.bob("claim infra:x --purpose p").done();
    a.alice("sync").done();
    let hub = team.hub();
    let commit = hub.git("commit-tree -m x 4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    let all = hub.git("for-each-ref --format=%(refname) refs/presence/");
    for name in all.lines() {
        hub.git(&format!("update-ref -d {name}"));
    }
    hub.git(&format!("update-ref refs/presence {}", commit.trim()));
    let removal = "git push origin --delete refs/presence";
    a.alice("sync").warns(removal);
    a.alice("claim infra:x --purpose p --refuse")
        .refuses(removal);
    a.alice("claim -x infra:x --purpose p").refuses(removal);
    let said = a.alice("claim -x infra:x --purpose p --over-shared");
    said.fails(5, removal);
    holds(&a.alice("doctor").exits(1).out, removal);
    a.git("push -q origin --delete refs/presence");
    for clone in [&b, &a] {
        clone.alice("sync").done();
    }
    a.alice("claim -x infra:x --purpose p")
        .refuses("infra:x is claimed by");
}

#[test]
fn a_ref_below_a_register_is_named_and_the_register_is_not_free() {
    let (team, a, b) = Team::pair();
    b.bob("claim -x infra:x --purpose p").done();
    a.alice("sync").done();
    let hub = team.hub();
    let name = hub.git("for-each-ref --format=%(refname) refs/presence/locks/");
    let name = name.trim();
    let tip = hub.git(&format!("rev-parse {name}"));
    hub.git(&format!("update-ref -d {name}"));
    hub.git(&format!("update-ref {name}/x {}", tip.trim()));
    let removal = format!("git push origin --delete {name}/x");
    let said = a.alice("claim -x infra:x --purpose p --over-shared");
    assert_ne!(said.code, Some(0), "{}", said.out);
    a.alice("sync").warns(removal.as_str());
    a.alice("claim infra:x --purpose p --refuse")
        .refuses(removal.as_str());
    a.alice("claim infra:y --purpose p --refuse").done();
    holds(&a.alice("doctor").exits(1).out, removal.as_str());
}

/// The hints are run as they are printed.
#[test]
fn a_command_that_is_advised_runs_nothing_of_a_name() {
    let (team, a, b) = Team::pair();
    b.bob("claim -x infra:dns --purpose p").done();
    let hub = team.hub();
    let lock = hub.git("for-each-ref --format=%(refname) refs/presence/locks");
    let tip = hub.git(&format!("rev-parse {lock}"));
    hub.git(&format!("update-ref -d {lock}"));
    for odd in [
        "$(touch${IFS}ran)",
        "a';touch${IFS}ran;'b",
        "`touch${IFS}ran`",
    ] {
        let name = format!("{lock}/{odd}");
        hub.git_with_input(
            "update-ref --stdin",
            format!("create {name} {tip}\n").as_bytes(),
        );
        for line in ["sync", "doctor", "status", "claim -x infra:dns --purpose p"] {
            let said = a.alice(line);
            let all = format!("{}{}", said.out, said.err);
            let names_it = matches!(line, "sync" | "doctor");
            assert!(
                !names_it || all.contains("by a command of your own"),
                "{all}"
            );
            for advised in all.split("git push origin --delete ").skip(1) {
                let advised = advised.lines().next().unwrap();
                let _ = a.sh(&format!("git push origin --delete {advised}"));
            }
            assert!(!a.has("ran"), "{line}: {all}");
        }
        hub.git_with_input("update-ref --stdin", format!("delete {name}\n").as_bytes());
        let _ = a.anyone("sync");
    }
}
