//! Object stores that lead elsewhere: alternates, replacement objects, grafts.

use crate::machines::Team;
use crate::world::{ALICE, BOB, World};

/// Git goes on, whatever this file says.
fn alternates(world: &World, lines: &str) {
    world.write(".git/objects/info/alternates", lines);
    world.try_git("count-objects -v").done();
}

/// All verbs that read and write, while Alice's claim is there and Bob's comes.
fn works(world: &World) {
    world.bob("list").says(ALICE);
    world
        .bob("peek node:a")
        .says("node:a is claimed by")
        .omits("unreadable");
    world
        .bob("claim node:a --purpose mine --refuse")
        .refuses("claimed");
    world.bob("claim node:b --purpose mine").says("Claimed");
    world.bob("release node:b").says("Released");
    world.bob("doctor").says("Healthy");
}

#[test]
fn alternates_that_lead_nowhere_or_back() {
    let world = World::new();
    world.alice("claim node:a --purpose held").done();
    let other = world.at("other");
    other.git("init --quiet");
    let (own, others) = (
        world.git_dir().join("objects").display().to_string(),
        other.dir().join(".git/objects").display().to_string(),
    );
    std::fs::create_dir_all(other.dir().join(".git/objects/info")).unwrap();
    other.write(".git/objects/info/alternates", format!("{own}\n{others}\n"));
    let odd = [
        own.clone(),
        ".".to_owned(),
        format!("{others}\n{others}\n{own}\n../../../other/.git/objects\n"),
        "/no/such/folder\n\n# a note\n".to_owned(),
        format!("{own}/../config\n{own}/info/alternates\n"),
        "\"unfinished\n".to_owned(),
        "\0\u{1}\u{ff}\n".to_owned(),
    ];
    for packed in [false, true] {
        if packed {
            std::fs::remove_file(world.git_dir().join("objects/info/alternates")).unwrap();
            world.git("gc --quiet --prune=now");
        }
        for lines in &odd {
            alternates(&world, lines);
            works(&world);
        }
    }
}

#[test]
fn a_board_in_borrowed_packs() {
    let world = World::new();
    world.git("init --quiet --bare ../lender.git");
    world.git("remote add origin ../lender.git");
    world.git("config presence.autoSync false");
    world.alice("claim node:a --purpose held").done();
    world.alice("sync").done();
    let lender = world.at("lender.git");
    lender.git("gc --quiet");
    // A third store, below the one that is borrowed from, by a path that begins there.
    let below = world.at("below");
    below.git("init --quiet --bare");
    lender.write("objects/info/alternates", "../../below/objects\n");
    let pack = below.dir().join("objects/pack");
    std::fs::create_dir_all(&pack).unwrap();
    for entry in std::fs::read_dir(lender.dir().join("objects/pack")).unwrap() {
        let from = entry.unwrap().path();
        std::fs::rename(&from, pack.join(from.file_name().unwrap())).unwrap();
    }
    let copy = world.at("copy");
    copy.git("init --quiet");
    copy.git("remote add origin ../lender.git");
    copy.git("config presence.autoSync false");
    alternates(
        &copy,
        "../../../lender.git/objects\n../../../copy/.git/objects\n",
    );
    copy.bob("sync").done();
    copy.bob("peek node:a").says("node:a is claimed by");
    let stores = std::fs::read_dir(copy.git_dir().join("objects")).unwrap();
    assert!(stores.count() <= 3, "nothing was copied");
    // An object that two stores lack is missed, not taken for free.
    std::fs::remove_dir_all(&pack).unwrap();
    copy.bob("claim node:a --purpose mine --refuse")
        .refuses("node:a may be claimed in an unreadable record");
}

/// Replaces an object by another, and packs both: of a loose one, replacements are not looked up.
fn replace(world: &World, object: &str, by: &str) {
    world.git(&format!("replace -f {object} {by}"));
    world.git("repack -a -d --quiet");
}

#[test]
fn replaced_objects_do_not_count() {
    let world = World::new();
    world.alice("claim node:a --purpose held").done();
    let name = world.ref_of(ALICE);
    let of = |what: &str| world.git(&format!("rev-parse {name}{what}"));
    let (before, tree) = (of(""), of("^{tree}"));
    let claim = world.git(&format!("ls-tree --name-only {name}"));
    let claim = claim.lines().find(|file| file.starts_with("claim-"));
    let blob = of(&format!(":{}", claim.unwrap()));
    world.alice("release node:a").done();
    let freed = of("");
    let empty = of("^{tree}");
    world.alice("claim node:a --purpose held").done();
    let now = of("");
    assert_ne!(now, before);
    // Each hides the claim, or invents one, if it counts.
    let other = world.git_with_input("hash-object -w --stdin", b"nothing");
    for (object, by) in [
        (now.as_str(), freed.as_str()),
        (&tree, &empty),
        (&of("^{tree}"), &empty),
        (&blob, &other),
        (&of(&format!(":{}", claim.unwrap())), &other),
    ] {
        replace(&world, object, by);
        works(&world);
        world.alice("list --mine").says("node:a");
        world.git(&format!("replace -d {object}"));
    }
    world.alice("release node:a").done();
    replace(&world, &of(""), &before);
    world
        .bob("claim node:a --purpose mine --refuse")
        .says("Claimed");
    // Somewhere else, by the environment or the settings of a command.
    world.bob("release node:a").done();
    world.alice("claim node:a --purpose held").done();
    let tip = of("");
    world.git(&format!("update-ref refs/presence-replace/{tip} {freed}"));
    let hostile = world.with("GIT_REPLACE_REF_BASE", "refs/presence-replace/");
    works(&hostile);
    let hostile = world
        .with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "core.useReplaceRefs")
        .with("GIT_CONFIG_VALUE_0", "true");
    replace(&world, &tip, &freed);
    works(&hostile);
}

#[test]
fn other_parents_hide_no_file_of_a_push() {
    let (_team, a, b) = Team::pair();
    let held = "claim path:held --exclusive --purpose rewrite";
    a.alice(held).done();
    let before = b.git("rev-parse HEAD");
    for file in ["held", "free"] {
        b.write(file, "1");
        b.git("add --all");
        b.git(&format!("commit --quiet -m {file}"));
    }
    let [held, top] = ["HEAD~1", "HEAD"].map(|name| b.git(&format!("rev-parse {name}")));
    let bob = b.with("GIT_PRESENCE_SESSION", BOB);
    let pushed = format!("refs/heads/main {top} refs/heads/main {before}\n");
    let is_stopped = || {
        bob.anyone_with_input("hook pre-push origin url", pushed.as_bytes())
            .fails(3, "path:held is claimed by wizard@devvm@alice");
    };
    is_stopped();
    // A commit without that file, in the place of the one that is pushed.
    b.git("rm --quiet --cached held");
    let tree = b.git("write-tree");
    let harmless = b.git(&format!("commit-tree {tree} -p {before} -m free"));
    b.git(&format!("replace {top} {harmless}"));
    is_stopped();
    // And parents that have it already.
    b.git(&format!("replace -d {top}"));
    b.write(
        ".git/info/grafts",
        format!("{top} {before} {held}\n{held} {top}\n"),
    );
    is_stopped();
}
