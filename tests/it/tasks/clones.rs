//! Clones that share a list through a remote.

use super::{add, id};
use crate::machines::{Team, sync};

#[test]
fn clones_share_a_list_and_a_stale_holder_is_turned_away() {
    let (team, a, b) = Team::pair();
    let first = add(&a, "ann", "one");
    let second = add(&a, "ann", &format!("two --needs {first}"));
    let taken = b.session("bob", "task next --json").done().json();
    assert_eq!(id(&taken), first);
    assert_eq!(taken["guarantee"], "confirmed");
    a.session("ann", "task next").refuses("1 held, 1 waiting");
    // To change what it says leaves the lease as it is.
    b.session("bob", &format!("task edit {first} --priority 1"))
        .done();
    b.session("bob", &format!("fence task:main/{first}"))
        .says("Yours");
    a.later("30m");
    let taken = a.session("ann", "task next --json").done().json();
    assert_eq!(id(&taken), first);
    b.session("bob", &format!("task done {first}"))
        .refuses("claimed by ann");
    b.session("bob", &format!("fence task:main/{first}"))
        .exits(3);
    b.write("file", "x");
    b.git("add --all");
    b.git("commit --quiet -m work");
    b.session(
        "bob",
        &format!("push origin HEAD:main --fence task:main/{first}"),
    )
    .exits(3);
    a.session("ann", &format!("task done {first} -m ok")).done();
    let taken = b.session("bob", "task next --json").done().json();
    assert_eq!(id(&taken), second);
    sync(&[&a, &b]);
    a.anyone("task").says("\"two\"  held by bob");
    // Where the remote is away, nothing is given out.
    team.away();
    a.session("cat", "task next").exits(5);
    team.back();
}
