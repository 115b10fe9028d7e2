//! Whom an address means.

use super::{states, unread};
use crate::world::World;

fn here(world: &World, sessions: &[&str]) {
    for session in sessions {
        let claim = format!("claim node:{session} -p work");
        world.session(session, &claim).done();
    }
}

#[test]
fn a_session_gets_what_names_it_and_no_other_does() {
    let world = World::new();
    here(&world, &["a", "b", "c"]);
    world
        .session("a", "tell b -m hello")
        .says("Told b, id ")
        .says("  b (live)")
        .says("git presence inbox --sent");
    assert_eq!(unread(&world, "b"), ["hello"]);
    assert!(unread(&world, "a").is_empty() && unread(&world, "c").is_empty());
    world.session("b", "inbox").says("MESSAGE FROM a");
    assert_eq!(unread(&world, "b"), ["hello"], "reading changes nothing");
    world.session("b", "inbox --ack").says("marked as read");
    world.session("b", "inbox").says("No unread message.");
    world.session("b", "inbox --all").says("MESSAGE FROM a");
    let delivered = ("delivered".to_owned(), Some("b".to_owned()));
    assert_eq!(states(&world, "a"), [delivered]);
}

#[test]
fn a_person_is_every_session_under_that_name_there() {
    let world = World::new();
    here(&world, &["a", "b"]);
    let row = world.session("a", "who --json").json();
    let (user, host) = (&row[0]["user"], &row[0]["host"]);
    let person = format!("{}@{}", user.as_str().unwrap(), host.as_str().unwrap());
    world
        .session("c", &format!("tell {person} -m hello"))
        .says("  a (live)")
        .says("  b (live)");
    assert_eq!(unread(&world, "a"), ["hello"]);
    assert_eq!(unread(&world, "b"), ["hello"]);
}

#[test]
fn all_reaches_those_that_begin_later_once_and_never_its_author() {
    let world = World::new();
    here(&world, &["a", "b"]);
    world.session("a", "tell all -m hello").done();
    assert!(unread(&world, "a").is_empty());
    world.session("b", "inbox --ack").done();
    here(&world, &["late"]);
    assert_eq!(unread(&world, "late"), ["hello"]);
    assert!(unread(&world, "b").is_empty());
    world.later("24h");
    assert!(unread(&world, "late").is_empty(), "it is over");
}

#[test]
fn a_resource_is_who_is_at_it_and_then_its_next_holder() {
    let world = World::new();
    world.session("a", "claim -x infra:dns -p move").done();
    world.session("w", "claim path:src -p work").done();
    world
        .session("b", "tell infra:dns --ask -m \"ten minutes?\"")
        .says("  a (live)");
    assert_eq!(unread(&world, "a"), ["ten minutes?"]);
    assert!(unread(&world, "w").is_empty());
    world.session("a", "release infra:dns").done();
    world.session("w", "claim infra:dns -p next").done();
    assert_eq!(unread(&world, "w"), ["ten minutes?"], "a has not read it");
    world.session("a", "inbox --ack").done();
    assert!(unread(&world, "w").is_empty(), "it was met");
}

#[test]
fn a_role_is_a_mailbox() {
    let world = World::new();
    world.session("a", "claim role:reviewer -p review").done();
    world.session("a", "release role:reviewer").done();
    world
        .session("b", "tell role:reviewer -m \"look at #7\"")
        .says("No session is there now");
    world.session("c", "claim role:reviewer -p review").done();
    assert_eq!(unread(&world, "c"), ["look at #7"]);
    world.session("c", "inbox --ack").done();
    world.session("c", "release role:reviewer").done();
    world.session("d", "claim role:reviewer -p review").done();
    assert!(unread(&world, "d").is_empty());
}

#[test]
fn what_is_not_known_is_refused_with_the_nearest_names() {
    let world = World::new();
    here(&world, &["alice@here"]);
    world.session("a", "claim infra:dns -p x").done();
    let known = "is known here";
    let free = "no session claims infra:dsn, or did so before";
    let all = "git presence tell all --about infra:dsn -m \"<text>\"";
    for (line, why, hint) in [
        ("tell infra:dsn -m x", free, "infra:dns"),
        ("tell infra:dsn -m x", free, all),
        ("tell alice@hare -m x", known, "alice@here"),
        ("tell zzz -m x", known, "git presence sessions"),
    ] {
        let said = world.session("b", line);
        said.refuses(why).hints(hint);
    }
    let line = all
        .trim_start_matches("git presence ")
        .replace("\"<text>\"", "x");
    world.session("b", &line).says("Told all");
    world
        .session("b", "tell -m x")
        .fails(129, "tell also needs");
    world
        .session("b", "tell --reply 0123456789ab -m x")
        .refuses("there is no message 0123456789ab");
    world
        .session("b", "inbox 0123456789ab")
        .refuses("there is no message 0123456789ab");
    world.session("b", "inbox nonsense").fails(129, "is no id");
}
