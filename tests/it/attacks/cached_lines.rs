//! A cache that lies: no line hides a claim, or invents one.

use crate::machines::{Team, copied};
use crate::world::{ALICE, World};

const CACHE: &str = ".git/presence/sessions.cache";
const KEY: &str = ".git/presence/cache.key";
const SESSIONS: usize = 10;

fn session(n: usize) -> String {
    format!("wizard@devvm@{n}")
}

/// A board of many in two clones, of which the second has read it. Session 3 has released.
fn crowd() -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    for n in 0..SESSIONS {
        let line = format!("claim node:{n} --purpose x");
        a.session(&session(n), &line).done();
    }
    a.session(&session(3), "release node:3").done();
    a.alice("claim node:held branch:main --purpose held").done();
    a.alice("sync").done();
    b.bob("sync").done();
    b.bob("list").done();
    assert!(b.has(CACHE));
    (team, a, b)
}

fn board(world: &World) -> String {
    let said = world.alice("list --json");
    said.done();
    said.out
}

/// The line of a session, in parts: commit, ref, tag and record.
fn line<'c>(cache: &'c str, session: &str) -> Vec<&'c str> {
    let id = format!(" {session}\t");
    let line = cache.lines().find(|line| line.contains(&id));
    line.expect("it is there").splitn(4, ' ').collect()
}

/// Whatever the cache says: Alice's claims are there, and those of no other.
fn tells_the_truth(b: &World, truth: &str, lie: &str) {
    b.write(CACHE, lie);
    assert_eq!(board(b), truth, "{lie:.400}");
    b.write(CACHE, lie);
    b.bob("claim node:held --purpose x --refuse")
        .refuses("node:held is claimed by");
    b.write(CACHE, lie);
    b.bob("peek node:held").says(ALICE);
    b.bob("peek node:3").says("node:3 is free");
}

#[test]
fn a_changed_line_counts_for_nothing() {
    let (_team, _a, b) = crowd();
    let truth = board(&b);
    let kept = b.read(CACHE);
    let [held, free, other] = [ALICE.to_owned(), session(3), session(5)].map(|s| line(&kept, &s));
    let join = |parts: [&str; 4]| parts.join(" ");
    // A claim begins with its resource.
    let claims_of = |record: &str| record.find("\tnode:").expect("claims");
    let empty = |record: &str| record[..claims_of(record)].to_owned();
    let whole = held.join(" ");
    let claims = other[3][claims_of(other[3])..].replace("node:5", "node:3");
    let invented = free[3].to_owned() + &claims;
    let lies = [
        // The claims are gone, with the old tag and without one.
        kept.replace(&whole, &join([held[0], held[1], held[2], &empty(held[3])])),
        kept.replace(&whole, &join([held[0], held[1], "", &empty(held[3])])),
        kept.replace(&whole, &[held[0], held[1], &empty(held[3])].join(" ")),
        // The record of another session, with its tag, or under its commit.
        kept.replace(&whole, &join([held[0], held[1], free[2], free[3]])),
        kept.replace(&whole, &join([held[0], held[1], held[2], free[3]])),
        // A field more, a tag cut off, a tag of zeros.
        kept.replace(held[3], &held[3].replacen('\t', "\tmore\t", 1)),
        kept.replace(held[2], &held[2][..8]),
        kept.replace(held[2], &"0".repeat(held[2].len())),
        // A claim that no session made.
        kept.replace(free[3], &invented),
        // Cut within the line.
        kept[..kept.find(held[3]).unwrap() + 60].to_owned(),
        // The form of an older version.
        kept.replace("sessions 6", "sessions 5"),
    ];
    for lie in &lies {
        assert_ne!(*lie, kept);
        tells_the_truth(&b, &truth, lie);
    }
    // As it was, it counts.
    b.write(CACHE, &kept);
    assert_eq!(board(&b), truth);
    assert_eq!(b.read(CACHE), kept);
}

#[test]
fn a_line_of_an_earlier_commit_counts_for_nothing() {
    let (_team, a, b) = crowd();
    a.alice("release node:held").done();
    a.alice("sync").done();
    b.bob("sync").done();
    std::fs::remove_file(b.dir().join(CACHE)).unwrap();
    b.bob("list").done();
    let before = b.read(CACHE);
    a.alice("claim node:held --purpose held").done();
    a.alice("sync").done();
    b.bob("sync").done();
    std::fs::remove_file(b.dir().join(CACHE)).unwrap();
    let truth = board(&b);
    let (old, new) = (line(&before, ALICE).join(" "), b.read(CACHE));
    let new = line(&new, ALICE).join(" ");
    let moved = format!("{}{}", &new[..40], &old[40..]);
    tells_the_truth(&b, &truth, &b.read(CACHE).replace(&new, &moved));
}

#[test]
fn lines_of_another_clone_count_for_nothing() {
    let (_team, a, b) = crowd();
    let truth = board(&b);
    board(&a);
    // The board of the other clone, without what Alice holds, and its tags.
    a.git("config presence.autoSync false");
    a.alice("release node:held").done();
    let foreign = a.read(CACHE);
    let [own, theirs] = [b.read(KEY), a.read(KEY)];
    assert_ne!(own, theirs);
    tells_the_truth(&b, &truth, &foreign);
    // With another key no line is ours, and a key that is none is made anew.
    for key in ["", "0", &own[..40], "\u{1}\u{2}"] {
        let kept = b.read(CACHE);
        b.write(KEY, key);
        tells_the_truth(&b, &truth, &kept.replace("\tnode:held\t", "\tnode:else\t"));
        assert_eq!(b.read(KEY).trim_end().len(), 64, "{key:?}");
    }
    // A copied clone has the same key, and its lines count.
    let copy = copied(&b, "copy");
    let kept = copy.read(CACHE);
    assert_eq!(board(&copy), truth);
    assert_eq!(copy.read(CACHE), kept);
}

#[test]
fn the_key_is_for_users_who_may_write() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_team, _a, b) = crowd();
    let mode = || {
        let meta = b.dir().join(KEY).metadata().unwrap();
        meta.permissions().mode() & 0o777
    };
    assert_eq!(mode(), 0o600);
    std::fs::remove_file(b.dir().join(KEY)).unwrap();
    std::fs::remove_file(b.dir().join(CACHE)).unwrap();
    b.git("config core.sharedRepository group");
    board(&b);
    assert_eq!(mode(), 0o660);
}
