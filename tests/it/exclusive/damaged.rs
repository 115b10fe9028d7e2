//! Damaged cells: broken, forged, newer than this version, or impossible.
//!
//! Owns the promise that such a cell is never free: every reader tells, no session is granted
//! anything in it, and nothing is written over it. Also the one place that knows the records of a
//! cell.

use super::{ask, cell, held, holders, take};
use crate::forge::{Files, replace};
use crate::machines::Team;
use crate::world::{ALICE, BOB, World};

/// Alice holds `node:x`; `node:y` is a cell of its own and is in order.
fn with_cell(damage: impl FnOnce(&World, &str)) -> (World, String) {
    let world = World::new();
    take(&world, ALICE, "node:x");
    take(&world, ALICE, "node:y");
    let name = cell("node:x");
    damage(&world, &name);
    (world, name)
}

/// The same, with the record of the lock rewritten.
fn with_lock(edit: impl FnOnce(Vec<u8>) -> Vec<u8>) -> (World, String) {
    with_cell(|world, name| {
        world.rewrite(name, |files| {
            let entry = lock_entry(files);
            let bytes = files.remove(&entry).expect("it is there");
            files.insert(entry, edit(bytes));
        });
    })
}

fn lock_entry(files: &Files) -> String {
    let mut names = files.keys();
    let entry = names.find(|name| name.starts_with("lock-"));
    entry.expect("a lock").clone()
}

/// Whatever is wrong: all readers tell, no session is granted it, nothing changes, and what has
/// nothing to do with it goes on.
#[track_caller]
fn is_never_free(world: &World, name: &str, defect: &str) {
    world.unchanged(|| {
        world.bob("list").warns(name).warns(defect).omits("node:x");
        world.bob("list --json").warns(name);
        world
            .bob("peek node:x")
            .says("node:x may be claimed")
            .says("Defer")
            .omits("is free");
        let status = world.bob("status --json").done().json();
        assert_eq!(status["problems"][0]["place"], name, "{status}");
        for session in [World::alice, World::bob] {
            for line in [
                "claim -x node:x --purpose p",
                "claim -x node:x --purpose p --over-shared",
                "claim -x node:x node:new --purpose p",
                "claim node:x --purpose p",
                "fence node:x",
                "fence node:x --remote",
            ] {
                let said = session(world, line);
                assert!(matches!(said.code, Some(1 | 3)), "{line}: {:?}", said.code);
                said.tells(name);
            }
        }
        world.bob("log").done();
        world.carol("doctor").exits(1);
    });
    assert_eq!(holders(world, "node:new"), [""; 0], "all or none");
    world
        .bob(&ask("node:other"))
        .says("Claimed node:other exclusively");
    world.alice("release node:y").says("Released node:y");
    world.bob("release node:other").done();
}

/// The same in short, for one more way of being wrong.
#[track_caller]
fn is_told_and_not_granted(world: &World, name: &str, defect: &str) {
    world.unchanged(|| {
        world.bob("list").warns(name).warns(defect).omits("node:x");
        world.bob(&ask("node:x")).fails(1, name);
        world.alice(&ask("node:x")).fails(1, defect);
        world.alice("fence node:x").fails(1, name);
        world.carol("doctor").exits(1);
    });
}

#[test]
fn a_ref_of_no_bytes() {
    let (world, name) = with_cell(|world, name| world.break_ref(name, ""));
    is_never_free(&world, &name, "broken ref");
}

#[test]
fn a_ref_of_garbage() {
    for bytes in [
        &b"garbage\n"[..],
        &[0; 41],
        &[0xff; 41],
        b"ref: refs/heads/main\n",
    ] {
        let (world, name) = with_cell(|world, name| world.break_ref(name, bytes));
        is_told_and_not_granted(&world, &name, "broken ref");
    }
}

#[test]
fn a_ref_to_nothing() {
    let missing = format!("{}\n", "1".repeat(40));
    let (world, name) = with_cell(|world, name| world.break_ref(name, missing));
    is_never_free(&world, &name, "dangling ref");
}

#[test]
fn an_object_that_is_gone() {
    let (world, name) = with_cell(|world, name| {
        let listing = world.git(&format!("ls-tree {name}"));
        let lock = listing.lines().find(|line| line.contains("\tlock-"));
        let id = lock.and_then(|line| line.split([' ', '\t']).nth(2));
        let id = id.expect("the record of a lock");
        world
            .sh(&format!(
                "rm -rf .git/objects/{}/{} .git/presence/kept",
                &id[..2],
                &id[2..]
            ))
            .done();
    });
    is_never_free(&world, &name, "is missing");
}

#[test]
fn a_ref_to_something_else() {
    let (world, name) = with_cell(|world, name| {
        world.git(&format!("update-ref {name} main"));
    });
    is_never_free(&world, &name, "no cell.toml");
    let (world, name) = with_cell(|world, name| {
        let blob = world.git_with_input("hash-object -w --stdin", b"format = 1\n");
        world.git(&format!("update-ref {name} {blob}"));
    });
    is_never_free(&world, &name, "dangling ref");
}

#[test]
fn a_cell_without_its_own_record() {
    let (world, name) = with_cell(|world, name| {
        world.rewrite(name, |files| {
            files.remove("cell.toml");
        });
    });
    is_never_free(&world, &name, "no cell.toml");
}

#[test]
fn records_that_are_none() {
    for bytes in [
        &b"garbage"[..],
        b"",
        b"format = 1\n",
        b"\xff\xfe",
        b"format = 0\n",
    ] {
        let (world, name) = with_lock(|_| bytes.to_vec());
        is_told_and_not_granted(&world, &name, &name);
    }
    let (world, name) = with_lock(|_| vec![b'#'; 65 * 1024]);
    is_told_and_not_granted(&world, &name, "larger than");
}

#[test]
fn a_lock_of_another_resource() {
    // Under its own key, in the cell of another one.
    let (world, name) = with_cell(|world, name| {
        let mut files = world.files_of(name);
        let other = world.files_of(&cell("node:y"));
        files.extend(
            other
                .into_iter()
                .filter(|(name, _)| name.starts_with("lock-")),
        );
        world.put(name, &files, "forged");
    });
    is_never_free(&world, &name, "wrong key for \"node:y\"");
    // Under the key of this one.
    let (world, name) = with_lock(replace("\"node:x\"", "\"node:z\""));
    is_told_and_not_granted(&world, &name, "wrong key for \"node:z\"");
    // A path, which has its place elsewhere.
    let (world, name) = with_lock(replace("\"node:x\"", "\"path:x\""));
    is_told_and_not_granted(&world, &name, "wrong key");
}

#[test]
fn a_token_above_all_that_were_given_out() {
    let (world, name) = with_cell(|world, name| {
        world.rewrite(name, |files| {
            let edit = replace("token = ", "token = 1 # ");
            let bytes = files.remove("cell.toml").expect("it is there");
            files.insert("cell.toml".to_owned(), edit(bytes));
        });
    });
    is_never_free(&world, &name, "contradict");
}

#[test]
fn a_token_beyond_any_clock() {
    for token in [
        "4503599627370497",
        "9223372036854775807",
        "-1",
        "1.5",
        "\"7\"",
    ] {
        let (world, name) = with_lock(|bytes| {
            let text = String::from_utf8(bytes).expect("text");
            let lines = text.lines().map(|line| match line.starts_with("token") {
                true => format!("token = {token}\n"),
                false => format!("{line}\n"),
            });
            lines.collect::<String>().into_bytes()
        });
        is_told_and_not_granted(&world, &name, "malformed");
    }
}

#[test]
fn a_newer_format() {
    let newer = b"format = 2\nwhat = \"only the newer one knows\"\n";
    let (world, name) = with_lock(|_| newer.to_vec());
    is_never_free(&world, &name, "newer git-presence (format 2)");
    world.bob(&ask("node:x")).hints("upgrade git-presence");
    let (world, name) = with_cell(|world, name| {
        world.rewrite(name, |files| {
            files.insert("cell.toml".to_owned(), newer.to_vec());
        });
    });
    is_never_free(&world, &name, "newer git-presence (format 2)");
}

/// Two sessions that overlap: one of them is a forgery, and no reader can tell which.
#[test]
fn two_holders_of_one_file() {
    let world = World::new();
    take(&world, ALICE, "path:src/a.rs");
    take(&world, BOB, "path:src/b.rs");
    let name = cell("path:src/a.rs");
    let forged = world.files_of(&name).into_iter().map(|(entry, bytes)| {
        let text = String::from_utf8(bytes).expect("text");
        (
            entry,
            text.replace("path:src/b.rs", "path:src/**").into_bytes(),
        )
    });
    let mut forged: Files = forged.collect();
    let wide = World::empty().at("elsewhere");
    wide.git("init --quiet");
    take(&wide, BOB, "path:src/**");
    let entry = lock_entry(&wide.files_of(&name));
    let narrow = forged
        .iter()
        .find(|(_, bytes)| String::from_utf8_lossy(bytes).contains("path:src/**"));
    let narrow = narrow.expect("the forged one").0.clone();
    let bytes = forged.remove(&narrow).expect("it is there");
    forged.insert(entry, bytes);
    world.put(&name, &forged, "forged");
    world.unchanged(|| {
        world.carol("list").warns(&name).warns("contradict");
        for path in ["path:src/a.rs", "path:src/**", "path:docs"] {
            for session in [World::alice, World::bob, World::carol] {
                let said = session(&world, &ask(path));
                said.fails(1, "contradict");
            }
            world.carol(&format!("peek {path}")).says("may be claimed");
        }
        world.carol("doctor").exits(1);
    });
    world.carol(&ask("node:x")).done();
}

#[test]
fn what_a_newer_version_added_is_kept() {
    let world = World::new();
    let first = take(&world, ALICE, "node:x");
    let name = cell("node:x");
    world.rewrite(&name, |files| {
        for bytes in files.values_mut() {
            bytes.extend(b"mood = \"hopeful\"\n");
        }
        files.insert("extra.toml".to_owned(), b"anything".to_vec());
    });
    world.later("5m");
    world.alice("heartbeat").done();
    assert_eq!(take(&world, ALICE, "node:x"), first);
    let files = world.files_of(&name);
    assert_eq!(files.len(), 3);
    for (entry, bytes) in files.iter().filter(|(entry, _)| *entry != "extra.toml") {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains("mood = \"hopeful\"\n"), "{entry}: {text}");
    }
    world.alice("release node:x").done();
    let files = world.files_of(&name);
    assert_eq!(
        files.keys().collect::<Vec<_>>(),
        ["cell.toml", "extra.toml"]
    );
    assert!(String::from_utf8_lossy(&files["cell.toml"]).contains("hopeful"));
}

/// Refs below the place of cells that are none.
#[test]
fn a_stray_ref_is_told_and_blocks_no_session() {
    let world = World::new();
    world.git("update-ref refs/presence/locks/junk main");
    world.bob("list").warns("refs/presence/locks/junk");
    world.bob(&ask("node:x")).says("Claimed node:x exclusively");
    world.alice("heartbeat").done();
    world.carol("doctor").exits(1);
}

/// Where a remote decides, a forgery there is told in every clone.
#[test]
fn a_cell_that_is_damaged_on_the_remote() {
    let (team, a, b) = Team::pair();
    take(&a, ALICE, "infra:x");
    take(&a, ALICE, "infra:y");
    let hub = team.hub();
    let name = cell("infra:x");
    hub.rewrite(&name, |files| {
        let entry = lock_entry(files);
        files.insert(entry, b"garbage".to_vec());
    });
    a.anyone("sync").done();
    let before = team.refs();
    for (clone, session) in [(&a, ALICE), (&b, BOB)] {
        clone.session(session, "sync").done();
        clone.session(session, "list").warns("malformed");
        clone
            .session(session, &ask("infra:x"))
            .fails(1, "malformed");
        clone
            .session(session, &ask("infra:x infra:new"))
            .fails(1, "malformed");
        clone.session(session, "fence infra:x --remote").exits(1);
        clone.carol("doctor").exits(1);
    }
    assert_eq!(team.refs(), before);
    a.alice("fence infra:y --remote").done();
    // Removing it there makes the resource free.
    hub.git(&format!("update-ref -d {name}"));
    b.later("1s");
    b.anyone("sync").done();
    take(&b, BOB, "infra:x");
    assert_eq!(held(&b).len(), 2);
}

/// The advice is to remove it: that frees what a session with a newer version holds.
#[test]
fn a_cell_of_a_newer_version_is_not_to_be_removed() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.rewrite(&cell("node:x"), |files| {
        files.insert("cell.toml".to_owned(), b"format = 2\n".to_vec());
    });
    let said = world.bob("doctor");
    said.prints("upgrade git-presence");
    said.omits("update-ref -d");
}

/// It cannot be read, so it is treated as held.
#[test]
fn a_release_does_not_call_free_what_cannot_be_read() {
    let world = World::new();
    take(&world, ALICE, "node:x");
    world.break_ref(&cell("node:x"), "");
    world
        .alice("release node:x")
        .fails(1, "broken ref")
        .omits("no other session does");
    world
        .alice("release --all-mine")
        .warns("not released, if you hold it")
        .warns("broken ref");
}
