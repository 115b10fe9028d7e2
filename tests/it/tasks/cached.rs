//! The cache of a long list: it changes nothing that is read, and hides nothing that is lost.

use std::fmt::Write as _;

use crate::world::World;

const CACHE: &str = ".git/presence/lists.cache";

/// A clone with a list of so many tasks.
fn listed(tasks: usize) -> World {
    let world = World::new();
    let mut plan = "name = 'p'\n".to_owned();
    for n in 0..tasks {
        let _ = writeln!(plan, "[[task]]\nkey = 'part-{n}'\ntitle = 'part {n}'");
    }
    world.write("plan.toml", plan);
    world.session("ann", "task add --from plan.toml").done();
    world
}

fn all(world: &World) -> String {
    world.anyone("task list --json").done().out.clone()
}

#[test]
fn a_list_is_the_same_whatever_stands_in_the_file() {
    let world = listed(40);
    world.session("bob", "task next").done();
    let before = all(&world);
    assert!(world.has(CACHE));
    let written = std::fs::read(world.dir().join(CACHE)).unwrap();
    let mut lies = written.clone();
    let title = lies.windows(6).position(|part| part == b"part 1").unwrap();
    lies[title] = b'P';
    for bytes in [
        &lies[..],
        b"",
        b"lists 1\n",
        b"lists 2\n",
        &written[..written.len() / 2],
    ] {
        world.write(CACHE, bytes);
        assert_eq!(all(&world), before);
        world.session("bob", "task next").done();
    }
    std::fs::remove_file(world.dir().join(CACHE)).unwrap();
    assert_eq!(all(&world), before);
    // What is done is not there any more, though its record may be.
    let taken = world.session("bob", "task next --json").json();
    let id = super::id(&taken);
    world.session("bob", &format!("task done {id}")).done();
    assert!(!all(&world).contains(&format!("\"id\":\"{id}\",\"key\"")));
}

#[test]
fn it_is_written_for_long_lists_only_and_not_where_that_is_not_wanted() {
    let world = listed(20);
    world.session("bob", "task next").done();
    assert!(!world.has(CACHE));
    let world = listed(40);
    let _ = std::fs::remove_file(world.dir().join(CACHE));
    let unasked = world.with("GIT_OPTIONAL_LOCKS", "0");
    unasked.anyone("task list").done();
    assert!(!world.has(CACHE));
    world.anyone("task list").done();
    assert!(world.has(CACHE));
}

#[test]
fn a_record_that_is_lost_is_found_by_doctor_all_the_same() {
    let world = listed(40);
    world.session("bob", "task next").done();
    let refs = world.git("for-each-ref --format=%(refname) refs/presence/locks");
    let files = world.git(&format!("ls-tree {}", refs.lines().next().unwrap()));
    // The first one was taken, so its record is new.
    let mut files = files.lines().filter(|line| line.contains("\ttask-"));
    let blob = files
        .next_back()
        .unwrap()
        .split([' ', '\t'])
        .nth(2)
        .unwrap();
    let object = format!(".git/objects/{}/{}", &blob[..2], &blob[2..]);
    std::fs::remove_file(world.dir().join(object)).unwrap();
    // Second names that are kept against `git prune` would bring it back.
    std::fs::remove_dir_all(world.dir().join(".git/presence/kept")).unwrap();
    world.anyone("task list").done();
    world.anyone("doctor").prints(blob);
}
