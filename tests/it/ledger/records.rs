//! Records that are damaged, misplaced, or newer than this version.

use crate::forge::{Files, replace};
use crate::world::{ALICE, World};

/// Alice holds `node:x` and, in the same session, `db:y`; the record of `node:x` is rewritten.
fn damaged(edit: impl FnOnce(Vec<u8>) -> Vec<u8>) -> (World, String) {
    let world = World::new();
    world.alice("claim db:y node:x --purpose upgrade").done();
    let name = world.ref_of(ALICE);
    world.rewrite(&name, |files| {
        let entry = claim_of("node-x", files);
        let bytes = edit(files[&entry].clone());
        files.insert(entry, bytes);
    });
    (world, name)
}

fn claim_of(slug: &str, files: &Files) -> String {
    let mut names = files.keys();
    let found = names.find(|name| name.starts_with(&format!("claim-{slug}-")));
    found.unwrap().clone()
}

/// Told by all readers, never free, blocking no other session; dropped by a repair, and only it.
fn is_reported_and_dropped(world: &World, name: &str, defect: &str) {
    world.unchanged(|| {
        let listed = world.bob("list");
        listed
            .says("db:y")
            .omits("node:x")
            .warns(name)
            .warns(defect);
        assert_eq!(world.bob("list --json").json().as_array().unwrap().len(), 1);
        world
            .bob("peek node:x")
            .says("node:x may be claimed")
            .says(defect)
            .omits("is free");
        world.bob("peek node:other").says("node:other is free");
        world
            .bob("claim node:x --purpose x --refuse")
            .refuses("node:x may be claimed");
        world.bob("status").says("Problem: ").says(name);
        world.bob("log").done();
        let said = world.bob("doctor");
        said.exits(1);
        said.prints(defect);
        said.prints("--repair drops it");
    });
    world
        .bob("claim node:x --purpose x")
        .says("Claimed node:x")
        .says("MAY BE CLAIMED");
    world.bob("release node:x").done();
    // Its own session goes on, and carries the bytes along.
    world
        .alice("claim infra:z --purpose z")
        .says("Claimed infra:z");
    world.bob("peek node:x").says("may be claimed");

    world
        .bob("doctor --repair")
        .says(defect)
        .says("repaired: dropped");
    world.bob("doctor").says("Healthy: 2 sessions");
    world.bob("peek node:x").says("node:x is free");
    let mine = world.alice("list --mine --json").json();
    assert_eq!(mine[0]["resource"], "db:y");
    assert_eq!(mine[1]["resource"], "infra:z");
    let log = world.bob("log -n 1 --json").json();
    assert_eq!(log[0]["event"], "repair");
    assert!(world.has(".git/presence/replaced"), "a note of it is kept");
    world.git("fsck --strict --no-dangling");
}

#[test]
fn malformed() {
    let (world, name) = damaged(|_| b"this is no TOML".to_vec());
    is_reported_and_dropped(&world, &name, "malformed");
    for (from, to) in [
        ("resource = \"node:x\"", "resource = \"node x\""),
        ("mode = \"shared\"", "mode = \"exclusive\""),
        ("ttl_seconds = 900", "ttl_seconds = -1"),
        ("ttl_seconds = 900", "ttl_seconds = 9223372036854775807"),
        ("ttl_seconds = 900", ""),
        ("2026-11-21T10:00:00.000Z", "2026-11-21"),
        ("2026-11-21T10:00:00.000Z", "2026-02-30T10:00:00.000Z"),
        ("format = 1", "format = 0"),
        ("format = 1", "format = -1"),
        ("format = 1", "format = \"1\""),
        ("format = 1", ""),
    ] {
        let (world, name) = damaged(replace(from, to));
        world
            .bob("list")
            .says("db:y")
            .warns(&name)
            .warns("malformed");
        world.bob("peek node:x").says("may be claimed");
    }
}

#[test]
fn of_no_bytes() {
    let (world, name) = damaged(|_| Vec::new());
    is_reported_and_dropped(&world, &name, "malformed");
}

#[test]
fn oversized() {
    let (world, name) = damaged(|mut bytes| {
        bytes.extend(format!("more = \"{}\"\n", "x".repeat(65_536)).into_bytes());
        bytes
    });
    is_reported_and_dropped(&world, &name, "larger than 65536 bytes");
}

#[test]
fn not_utf8() {
    let (world, name) = damaged(|mut bytes| {
        bytes.extend(b"more = \"\xff\xfe\"\n");
        bytes
    });
    is_reported_and_dropped(&world, &name, "not UTF-8");
}

#[test]
fn under_the_wrong_key() {
    let (world, name) = damaged(replace("node:x", "node:elsewhere"));
    world.bob("list").omits("node:elsewhere  ");
    world.bob("peek node:elsewhere").omits("is claimed");
    is_reported_and_dropped(
        &world,
        &name,
        "stands under the wrong key for \"node:elsewhere\"",
    );
}

#[test]
fn a_session_under_the_wrong_key() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    let files = world.files_of(&world.ref_of(ALICE));
    let stray = "refs/presence/sessions/somebody-else-0123456789abcdef";
    world.put(
        stray,
        &files,
        "claim node:x\n\nPresence-Event: claim\nPresence-Session: a\n",
    );
    world.unchanged(|| {
        world
            .bob("list")
            .warns(stray)
            .warns("wrong key for \"wizard@devvm@alice\"");
        assert_eq!(world.bob("list --json").json().as_array().unwrap().len(), 1);
        world.bob("doctor").exits(1);
    });
    world.bob("doctor --repair").says("repaired: removed");
    world.bob("doctor").says("Healthy: 1 session");
    world.bob("list").says("node:x");
}

#[test]
fn damaged_records_of_a_session_itself() {
    for (from, to) in [
        ("node = \"", "node = \"x"),
        ("id = \"wizard@devvm@alice\"", "id = \"\""),
        (
            "seen_at = 2026-11-21T10:00:00.000Z",
            "seen_at = \"yesterday\"",
        ),
        ("user = \"wizard\"", "user = 7"),
        ("ttl_seconds = 900", "ttl_seconds = 1"),
    ] {
        let world = World::new();
        world.alice("claim node:x --purpose upgrade").done();
        let name = world.ref_of(ALICE);
        world.rewrite(&name, |files| {
            let bytes = replace(from, to)(files["session.toml"].clone());
            files.insert("session.toml".to_owned(), bytes);
        });
        world.unchanged(|| {
            world.bob("list").warns(&name).warns("malformed");
            world.bob("peek node:x").says("node:x may be claimed");
            world.alice("claim db:y --purpose y").fails(1, &name);
        });
        world.bob("doctor --repair").says("repaired: set back to");
        world.bob("doctor").says("Healthy: 1 session");
        world.alice("claim db:y --purpose y").says("Claimed");
    }
}

#[test]
fn a_session_without_its_record() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    let name = world.ref_of(ALICE);
    world.rewrite(&name, |files| {
        files.remove("session.toml");
    });
    world.bob("list").warns("no session.toml");
    world.bob("peek node:x").says("node:x may be claimed");
    world.bob("doctor --repair").says("repaired: set back to");
    world.bob("list").says("node:x");
}

#[test]
fn a_claim_of_a_newer_version_is_shown_and_never_rewritten() {
    let newer = "format = 2\nwhat = \"only the newer one knows\"\n";
    let (world, name) = damaged(|_| newer.as_bytes().to_vec());
    let is_there = || {
        let files = world.files_of(&name);
        assert_eq!(files[&claim_of("node-x", &files)], newer.as_bytes());
    };
    world
        .bob("list")
        .says("db:y")
        .warns("newer git-presence (format 2)");
    world
        .bob("peek node:x")
        .says("node:x may be claimed")
        .says("format 2");
    world
        .bob("doctor")
        .says("note: ")
        .says("format 2")
        .says("upgrade git-presence");
    world
        .bob("doctor --repair")
        .says("format 2")
        .omits("repaired");
    is_there();
    world.alice("claim infra:z --purpose z").says("Claimed");
    is_there();
    world.later("2m");
    world.alice("heartbeat").done();
    is_there();
    world.unchanged(|| {
        world
            .alice("claim node:x --purpose mine")
            .fails(1, "format 2")
            .hints("upgrade git-presence");
    });
    world.alice("release --all-mine").done();
    is_there();
}

#[test]
fn a_session_of_a_newer_version_is_left_alone() {
    let world = World::new();
    world.alice("claim node:x --purpose upgrade").done();
    let name = world.ref_of(ALICE);
    world.rewrite(&name, |files| {
        files.insert("session.toml".to_owned(), b"format = 7\n".to_vec());
    });
    world.unchanged(|| {
        world.bob("list").warns("newer git-presence (format 7)");
        world.bob("peek node:any").says("may be claimed");
        world
            .alice("claim node:z --purpose z")
            .fails(1, "format 7")
            .hints("upgrade git-presence");
        world
            .bob("doctor --repair")
            .says("upgrade git-presence")
            .omits("repaired");
    });
}

#[test]
fn what_a_newer_version_added_is_kept() {
    let world = World::new();
    world.alice("claim node:x db:y --purpose upgrade").done();
    let name = world.ref_of(ALICE);
    world.rewrite(&name, |files| {
        for bytes in files.values_mut() {
            bytes.extend(b"mood = \"hopeful\"\n[later]\nn = 1\n");
        }
        files.insert("extra.toml".to_owned(), b"anything".to_vec());
    });
    world
        .alice("claim node:x --purpose \"another purpose\"")
        .done();
    world.later("2m");
    world.alice("heartbeat").done();
    let files = world.files_of(&name);
    assert_eq!(files.len(), 4);
    assert_eq!(files["extra.toml"], b"anything");
    for (path, bytes) in files.iter().filter(|(path, _)| *path != "extra.toml") {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains("mood = \"hopeful\"\n"), "{path}: {text}");
        assert!(text.contains("[later]\nn = 1\n"), "{path}: {text}");
    }
    let list = world.bob("list --resource node:x --json").json();
    assert_eq!(list[0]["purpose"], "another purpose");
    world.bob("doctor").says("Healthy");
}

#[test]
fn a_claim_of_an_unreadable_record_takes_its_place() {
    let (world, name) = damaged(|_| b"garbage".to_vec());
    world
        .alice("claim node:x --purpose again")
        .says("Claimed node:x");
    world.bob("list").says("node:x").omits("warning");
    assert_eq!(world.files_of(&name).len(), 3);
    world.bob("doctor").says("Healthy");
}
