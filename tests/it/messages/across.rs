//! Messages across worktrees and clones, offline and copied.

use super::{last_id, states, unread};
use crate::machines::{Team, copied, sync};
use crate::world::World;

#[test]
fn worktrees_of_a_clone_hear_each_other_without_a_push() {
    let world = World::new();
    world.git("worktree add --quiet ../tree");
    let tree = world.at("tree");
    world.session("a", "claim -x infra:dns -p x").done();
    tree.session("b", "tell infra:dns --ask -m \"ten minutes?\"")
        .done();
    assert_eq!(unread(&world, "a"), ["ten minutes?"]);
    let id = last_id(&tree, "b");
    world
        .session("a", &format!("tell --reply {id} -m yes"))
        .done();
    assert_eq!(unread(&tree, "b"), ["yes"]);
    tree.session("b", "inbox --sent").says("delivered to a at");
}

#[test]
fn clones_hear_each_other_through_the_remote() {
    let (_team, a, b) = Team::pair();
    a.session("a", "claim -x infra:dns -p x").done();
    b.anyone("sync").done();
    b.session("b", "tell infra:dns --ask -m \"ten minutes?\"")
        .says("confirmed by origin");
    sync(&[&a]);
    assert_eq!(unread(&a, "a"), ["ten minutes?"]);
    let id = last_id(&b, "b");
    a.session("a", &format!("tell --reply {id} -m yes")).done();
    sync(&[&b]);
    assert_eq!(unread(&b, "b"), ["yes"]);
    let delivered = ("delivered".to_owned(), Some("a".to_owned()));
    assert_eq!(states(&b, "b"), [delivered]);
}

#[test]
fn what_is_sent_offline_arrives_after_one_sync() {
    let (team, a, b) = Team::pair();
    a.session("a", "claim node:a -p x").done();
    b.anyone("sync").done();
    team.away();
    b.session("b", "tell a -m hello")
        .says("To other clones it goes with the next sync; to send it now: git presence sync");
    assert_eq!(states(&b, "b"), [("recorded".to_owned(), None)]);
    b.session("b", "inbox --sent")
        .says("not sent to the remote yet");
    team.back();
    sync(&[&b, &a]);
    assert_eq!(states(&b, "b"), [("at origin".to_owned(), None)]);
    assert_eq!(unread(&a, "a"), ["hello"]);
    sync(&[&b, &a]);
    assert_eq!(unread(&a, "a"), ["hello"], "once");
}

#[test]
fn a_copied_clone_sends_no_message_twice() {
    let (_team, a, b) = Team::pair();
    b.session("b", "claim node:b -p x").done();
    a.anyone("sync").done();
    a.session("a", "tell b -m hello").done();
    let copy = copied(&a, "copy");
    copy.session("a", "tell b -m \"of the copy\"").done();
    a.session("a", "tell b -m \"of the first\"").done();
    sync(&[&a, &copy, &a, &copy, &b]);
    let mut got = unread(&b, "b");
    got.sort();
    assert_eq!(got, ["hello", "of the copy", "of the first"]);
    b.session("b", "inbox --ack").done();
    sync(&[&b, &a, &copy, &b]);
    assert!(unread(&b, "b").is_empty());
}

#[test]
fn two_clones_of_one_session_each_get_it() {
    let (_team, a, b) = Team::pair();
    a.session("me", "claim node:a -p x").done();
    b.session("me", "claim node:b -p x").done();
    sync(&[&a, &b, &a]);
    let third = a.session("you", "tell me -m hello");
    third.done();
    sync(&[&b]);
    a.session("me", "inbox --ack").done();
    sync(&[&b]);
    assert_eq!(unread(&b, "me"), ["hello"]);
}

#[test]
fn messages_survive_what_folds_and_what_is_wiped() {
    let (team, a, b) = Team::pair();
    b.session("b", "claim node:b -p x").done();
    a.anyone("sync").done();
    a.session("a", "claim node:a -p x").done();
    a.session("a", "tell b -m hello").done();
    a.session("a", "release --all-mine").done();
    a.later("30h");
    a.anyone("gc").done();
    sync(&[&b]);
    assert_eq!(unread(&b, "b"), ["hello"], "an unread message is in force");
    team.hub()
        .sh("git for-each-ref --format='delete %(refname)' refs/presence | git update-ref --stdin")
        .done();
    sync(&[&a, &b]);
    assert_eq!(unread(&b, "b"), ["hello"]);
}

#[test]
fn who_writes_to_another_clone_is_told_when_it_arrives() {
    let (_team, a, b) = Team::pair();
    a.session("a", "claim node:a -p x").done();
    b.session("b", "claim node:b -p x").done();
    sync(&[&a, &b]);
    b.session("b", "tell a -m hello")
        .says("confirmed by origin")
        .says("Another clone has it after its next sync; to have it at once, there: git presence sync");
    a.session("a2", "claim node:c -p x").done();
    a.session("a", "tell a2 -m hello").omits("Another clone");
}
