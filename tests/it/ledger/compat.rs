//! Frozen ledgers: what an old version wrote is read, shown and continued for ever.
//!
//! A fixture is a `git fast-export` of `refs/presence/` and is never changed; a new format adds
//! one of its own.

use crate::world::World;

const FORMAT_1: &[u8] = include_bytes!("../fixtures/format-1.fast-export");
/// The clone in which the fixture was written.
const NODE: &str = "0123456789abcdef0123456789abcdef\n";

fn with_the_old_ledger() -> World {
    let world = World::new();
    world.git_with_input("fast-import --quiet", FORMAT_1);
    world.later("8m");
    world
}

#[test]
fn format_1_is_read() {
    let world = with_the_old_ledger();
    let listed = world.carol("list --json").json();
    let field = |n: usize, name: &str| listed[n][name].as_str().map(str::to_owned);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(field(0, "resource").as_deref(), Some("node:k8s-1"));
    assert_eq!(
        field(0, "purpose").as_deref(),
        Some("GPU driver \"upgrade\"")
    );
    assert_eq!(
        field(0, "claimed_at").as_deref(),
        Some("2026-11-21T10:00:00.123Z")
    );
    assert_eq!(
        field(0, "expires_at").as_deref(),
        Some("2026-11-21T10:21:00.000Z")
    );
    assert_eq!(field(1, "resource").as_deref(), Some("stack:Ünïcode"));
    assert_eq!(field(1, "session_id").as_deref(), Some("wizard@devvm@bob"));
    assert_eq!(
        field(1, "expires_at").as_deref(),
        Some("2026-11-21T11:07:00.000Z")
    );
    world.carol("doctor").says("Healthy: 2 sessions");
    let events = world.carol("log --json").json();
    let kinds: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["release", "claim", "claim"]);
}

#[test]
fn format_1_is_continued_by_the_clone_that_wrote_it() {
    let world = with_the_old_ledger();
    world.write(".git/presence/node", NODE);
    world
        .alice("claim node:k8s-1 --purpose \"still at it\"")
        .says("Renewed");
    world
        .bob("release --all-mine")
        .says("Released \"stack:Ünïcode\"");
    let refs = world.git("for-each-ref refs/presence --format=%(refname)");
    assert_eq!(refs.lines().count(), 2, "no second ref of either: {refs}");
    // In another clone the same name is another writer, with a ref of its own.
    let other = with_the_old_ledger();
    other
        .alice("claim node:k8s-1 --purpose elsewhere")
        .says("Claimed");
    let refs = other.git("for-each-ref refs/presence --format=%(refname)");
    assert_eq!(refs.lines().count(), 3, "{refs}");
}
