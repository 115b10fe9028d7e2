//! The cache of sessions: a board of many is read faster, and nothing else differs.

use predicates::boolean::PredicateBooleanExt as _;
use predicates::str::contains;

use crate::said::holds;
use crate::world::World;

const CACHE: &str = ".git/presence/sessions.cache";
const SESSIONS: usize = 12;

/// A board of many, each with something to tell.
fn crowd() -> World {
    let world = World::new();
    for n in 0..SESSIONS {
        let line = format!("claim node:n{n:02} \"path:src/part {n}/**\" --purpose \"say é ' {n}\"");
        world.session(&session(n), &line).done();
    }
    // Each of them looked at what the others do.
    std::fs::remove_file(world.dir().join(CACHE)).unwrap();
    world
}

fn session(n: usize) -> String {
    format!("wizard@devvm@{n:02}")
}

fn board(world: &World) -> String {
    let said = world.alice("list --json");
    said.done();
    said.out
}

#[test]
fn what_was_read_before_is_what_is_read_now() {
    let world = crowd();
    let cold = board(&world);
    let kept = world.read(CACHE);
    assert_eq!(kept.lines().count(), 1 + SESSIONS, "{kept}");
    assert_eq!(board(&world), cold);
    assert_eq!(world.read(CACHE), kept, "nothing new, nothing written");
    std::fs::remove_file(world.dir().join(CACHE)).unwrap();
    assert_eq!(board(&world), cold);
    for about in ["node:n03", "path:src/part 3/x.rs"] {
        let said = world.alice(&format!("peek \"{about}\""));
        said.says(&session(3));
    }
}

#[test]
fn what_changes_is_seen_at_once() {
    let world = crowd();
    board(&world);
    world.session(&session(5), "release node:n05").done();
    holds(&board(&world), contains("node:n05").not());
    let line = "claim node:n05 --purpose again";
    world.session(&session(5), line).done();
    let after = board(&world);
    holds(&after, contains("node:n05").and(contains("again")));
    world.later("1h");
    assert_eq!(world.alice("list --json").json(), serde_json::json!([]));
}

#[test]
fn what_the_remote_does_not_have_is_not_confirmed() {
    let world = crowd();
    world.git("init --quiet --bare ../hub.git");
    world.git("remote add origin ../hub.git");
    world.git("config presence.autoSync false");
    let cold = board(&world);
    let kept = world.read(CACHE);
    assert_eq!(cold.matches("\"confirmed\":false").count(), 2 * SESSIONS);
    assert_eq!(board(&world), cold);
    assert_eq!(world.read(CACHE), kept, "nothing new, nothing written");
    world.alice("sync").done();
    holds(&board(&world), contains("\"confirmed\":false").not());
}

#[test]
fn what_killed_readers_left_goes_with_the_next_write() {
    let world = crowd();
    for (name, age) in [(".tmpOld123", "2 hours ago"), (".tmpNew123", "now")] {
        let file = format!(".git/presence/{name}");
        world.write(&file, "sessions 1\n");
        world.sh(&format!("touch -d '{age}' {file}")).done();
    }
    board(&world);
    assert!(!world.has(".git/presence/.tmpOld123"));
    assert!(
        world.has(".git/presence/.tmpNew123"),
        "somebody may be at it"
    );
    assert!(world.has(CACHE) && world.has(".git/presence/node"));
}

#[test]
fn a_few_are_not_written_down() {
    let world = World::new();
    world.alice("claim node:a --purpose x").done();
    world.bob("claim node:b --purpose x").done();
    board(&world);
    assert!(!world.has(CACHE));
}

#[test]
fn nothing_is_written_where_that_is_not_wanted() {
    let world = crowd();
    for session in 0..2 {
        let world = world.with("GIT_OPTIONAL_LOCKS", "0");
        world.session(&session.to_string(), "list").done();
    }
    assert!(!world.has(CACHE));
    board(&world);
    assert!(world.has(CACHE));
}

#[test]
fn a_file_that_is_damaged_or_lies_counts_for_nothing() {
    let world = crowd();
    let truth = board(&world);
    let kept = world.read(CACHE);
    let half = &kept[..kept.len() / 2];
    let older = kept.replacen("sessions 6", "sessions 5", 1);
    assert_ne!(older, kept);
    // Each line under the commit of the next one.
    let mut lines: Vec<&str> = kept.lines().collect();
    let tips: Vec<String> = lines[1..]
        .iter()
        .map(|line| line[..40].to_owned())
        .collect();
    let moved: Vec<String> = lines
        .split_off(1)
        .iter()
        .zip(tips.iter().cycle().skip(1))
        .map(|(line, tip)| format!("{tip}{}", &line[40..]))
        .collect();
    let moved = format!("{}\n{}\n", lines[0], moved.join("\n"));
    for lie in ["", "\0\u{1}", half, &older, &moved, &"x y z\n".repeat(100)] {
        world.write(CACHE, lie);
        assert_eq!(board(&world), truth, "{lie:.60}");
    }
    std::fs::remove_file(world.dir().join(CACHE)).unwrap();
    std::fs::create_dir(world.dir().join(CACHE)).unwrap();
    assert_eq!(board(&world), truth, "where it cannot be written");
}

#[test]
fn what_an_attacker_put_there_is_shown_harmlessly() {
    let world = crowd();
    board(&world);
    let kept = world.read(CACHE);
    let hostile = kept.replace("\twizard\t", "\t\u{1b}[31mwizard\t");
    assert_ne!(hostile, kept);
    world.write(CACHE, hostile);
    let shown = board(&world);
    holds(&shown, contains("u001b").or(contains("\u{1b}")).not());
}

/// A claim that was read once is known, and stands; `doctor` looks at the objects themselves.
#[test]
fn lost_objects_are_found_by_doctor() {
    let world = crowd();
    let before = board(&world);
    let tips = world.git("for-each-ref --format=%(objectname) refs/presence/sessions");
    let tip = tips.lines().next().unwrap();
    let tree = world.git(&format!("rev-parse {tip}^{{tree}}"));
    let object = format!(".git/objects/{}/{}", &tree[..2], &tree[2..]);
    std::fs::remove_file(world.dir().join(object)).unwrap();
    // Nor is it among what was written within the last hours.
    std::fs::remove_dir_all(world.dir().join(".git/presence/kept")).unwrap();
    assert_eq!(board(&world), before);
    let found = world.alice("doctor");
    found.exits(1).prints(&tree);
}
