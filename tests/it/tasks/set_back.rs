//! Lists that went back at the remote, and what a list must not forget.

use super::{add, id};
use crate::machines::Team;

#[test]
fn a_list_that_went_back_at_the_remote_is_told() {
    let (team, a, b) = Team::pair();
    let first = add(&a, "ann", "one");
    b.anyone("sync").done();
    a.sh("cp -R ../hub.git ../old.git").done();
    a.later("1m");
    add(&a, "ann", "two");
    a.session("ann", &format!("task drop {first} -m x")).done();
    a.session("ann", "task drain").done();
    b.anyone("sync").omits("went back");
    // Steps that grant nothing leave no token.
    let restore = || {
        a.sh("rm -rf ../hub.git && cp -R ../old.git ../hub.git")
            .done();
    };
    restore();
    a.anyone("sync").warns("went back in time, from 10:01");
    a.anyone("status").says("went back in time");
    a.session("ann", "task")
        .says("one")
        .warns("what was done since may be given out again");
    // A grant that fetches first finds it as well, and says so.
    b.session("bob", "task next")
        .says("Taken")
        .omits("two")
        .warns("task:main went back in time at the remote");
    b.session("bob", "task").warns("went back in time");
    // What goes on is no step back, and it is told for a day.
    b.session("bob", &format!("task done {first}")).done();
    a.anyone("sync").omits("went back in time");
    a.later("25h");
    a.session("ann", "task").omits("went back in time");
    let _ = team;
}

#[test]
fn renewals_cuts_and_other_clones_are_no_step_back() {
    let (_team, a, b) = Team::pair();
    for n in 0..30 {
        add(&a, "ann", &format!("t{n}"));
    }
    b.anyone("sync").omits("went back");
    let taken = a.session("ann", "task next --json").done().json();
    for _ in 0..3 {
        a.later("2m");
        a.session("ann", &format!("task start {}", id(&taken)))
            .done();
        b.anyone("sync").omits("went back");
    }
    add(&b, "bob", "more");
    a.anyone("gc").done();
    a.anyone("sync").omits("went back");
    b.anyone("sync").omits("went back");
    add(&a, "ann", "last");
    b.anyone("sync").omits("went back");
    b.session("bob", "task").omits("went back");
}

#[test]
fn a_list_remembers_its_keys_and_its_drain_for_good() {
    let (_team, a, b) = Team::pair();
    let first = add(&a, "ann", "one --key plan-1");
    a.session("ann", &format!("task start {first}")).done();
    a.session("ann", &format!("task done {first}")).done();
    let spare = add(&a, "ann", "other --list spare");
    a.session("ann", &format!("task drop {spare} --list spare -m x"))
        .done();
    a.session("ann", "task drain --list dry").done();
    a.later("40d");
    // Only the list that has nothing to remember goes.
    a.anyone("gc").says("Removed 1 lock register");
    b.session("bob", "task add one --key plan-1 --json").done();
    b.session("bob", "task next").refuses("no task");
    b.session("bob", "task --list dry").says("Drained");
}
