//! What is said: by which session, for how long, and what of it is kept.

use serde_json::json;

use super::{of, state};
use crate::machines::{Team, sync};
use crate::world::World;

/// The sessions that the remote has.
fn sessions(team: &Team) -> Vec<String> {
    let refs = team
        .hub()
        .git("for-each-ref --format=%(refname:lstrip=3) refs/presence/sessions");
    let name = |name: &str| name.rsplit_once('-').expect("a hash").0.to_owned();
    refs.lines().map(name).collect()
}

#[test]
fn another_clone_sees_it_after_a_sync_and_the_history_has_it() {
    let (_team, a, b) = Team::pair();
    a.session(
        "ci",
        "state service:web deploying --version 1.4.0 -m \"blue first\"",
    )
    .says("service:web is deploying 1.4.0 until")
    .says("confirmed by origin");
    sync(&[&b]);
    let rows = b.anyone("state --json").done().json();
    assert_eq!(rows[0]["resource"], "service:web");
    assert_eq!(rows[0]["state"], "deploying");
    assert_eq!(rows[0]["version"], "1.4.0");
    assert_eq!(rows[0]["notes"], "blue first");
    assert_eq!(rows[0]["session_id"], "ci");
    assert_eq!(rows[0]["superseded"], json!([]));
    b.anyone("state")
        .says("service:web deploying 1.4.0: \"blue first\"");
    b.anyone("status")
        .says("service:web is deploying 1.4.0, says ci: \"blue first\"");
    b.anyone("list")
        .says("service:web is deploying 1.4.0, says ci");
    let log = b.anyone("log service:web --json").done().json();
    assert_eq!(
        (&log[0]["event"], &log[0]["state"], &log[0]["version"]),
        (&json!("state"), &json!("deploying"), &json!("1.4.0"))
    );
    b.anyone("log")
        .says("state service:web deploying 1.4.0  ci: \"blue first\"");
}

#[test]
fn the_newest_counts_until_it_ends_or_is_cleared() {
    let world = World::new();
    world.session("a", "state db:x built").done();
    world.later("1m");
    world.session("b", "state db:x degraded --until 1h").done();
    assert_eq!(state(&world, "db:x"), of("degraded", "b"));
    let all = world.anyone("state --all --json").json();
    assert_eq!(all[0]["superseded"][0]["session_id"], "a");
    world.anyone("state --all").says("not counted: db:x built");
    world.later("1h");
    assert_eq!(state(&world, "db:x"), of("built", "a"));
    // What is cleared hides what came before, also of another session.
    world
        .session("b", "state db:x --clear")
        .says("Cleared db:x");
    assert_eq!(state(&world, "db:x"), None);
    world.anyone("state").says("No state is known.");
    world.later("1m");
    world.session("a", "state db:x deployed").done();
    assert_eq!(state(&world, "db:x"), of("deployed", "a"));
    world.later("30d");
    assert_eq!(state(&world, "db:x"), None);
}

#[test]
fn what_is_not_as_it_should_be_comes_first() {
    let world = World::new();
    for said in [
        "db:a deployed",
        "db:b degraded",
        "db:c built",
        "db:d frozen",
    ] {
        world.session("s", &format!("state {said}")).done();
    }
    let rows = world.anyone("state --json").json();
    let labels = rows.as_array().unwrap().iter();
    let labels: Vec<&str> = labels
        .map(|row| row["resource"].as_str().unwrap())
        .collect();
    assert_eq!(labels, ["db:d", "db:b", "db:a", "db:c"]);
    let some = world.anyone("state db:? db:b --json").json();
    assert_eq!(some.as_array().unwrap().len(), 4);
    let one = world.anyone("state db:b --json").json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    let status = world.anyone("status --json").json();
    assert_eq!(status["states"][0]["resource"], "db:d");
    world.anyone("status").omits("db:a is deployed");
}

#[test]
fn bad_words_are_refused_with_what_to_write() {
    let world = World::new();
    for (line, said) in [
        ("state db:a Built", "Built is no word for a state"),
        ("state db:a cleared", "cleared is said with --clear"),
        // A freeze that is mistyped would stop no session.
        ("state db:a frozn", "git presence state db:a frozen"),
        ("state db:a forzen", "git presence state db:a frozen"),
        (
            "state db:a built --until 367d",
            "a state lasts from 1 second",
        ),
        ("state db:a built --until 0", "a state lasts from 1 second"),
        ("state db:a -m x", "no word is given"),
        ("state --clear", "one resource is cleared at a time"),
        (
            "state db:a built --version \"\"",
            "the version is not accepted",
        ),
        ("state db:a --force --reason x", "--clear"),
        ("state db:a --clear --force", "--reason"),
        (
            "state nonsense",
            "the resource \"nonsense\" is not accepted",
        ),
    ] {
        world.session("s", line).fails(129, said);
    }
    world.anyone("state").says("No state is known.");
}

#[test]
fn a_session_has_so_many_states_and_no_more() {
    let world = World::new();
    world.git("config presence.fsync false");
    for n in 0..64 {
        world.session("s", &format!("state db:{n} built")).done();
    }
    world
        .session("s", "state db:64 built")
        .refuses("at most 64 states");
    world.session("s", "state db:0 degraded").done();
    world.session("s", "state db:1 --clear").done();
    world.session("s", "state db:64 built").done();
    world.session("other", "state db:65 built").done();
}

#[test]
fn a_state_outlives_its_session_and_the_fold_of_others() {
    let (team, a, b) = Team::pair();
    a.session("old", "state service:web deploying").done();
    a.later("1m");
    a.session("ci", "state service:web deployed --version 2")
        .done();
    a.session("ci", "claim db:x -p x").done();
    a.session("ci", "release --all-mine").done();
    a.later("10d");
    sync(&[&a, &b]);
    a.anyone("gc").done();
    sync(&[&a, &b]);
    // Of two, the statement that counts keeps its session.
    assert_eq!(sessions(&team), ["ci"]);
    b.anyone("gc --json").done();
    sync(&[&b, &a]);
    assert_eq!(state(&b, "service:web"), of("deployed", "ci"));
    a.later("21d");
    a.anyone("gc").done();
    sync(&[&a, &b]);
    assert!(sessions(&team).is_empty());
    assert_eq!(state(&b, "service:web"), None);
    a.anyone("log").says("state service:web deployed 2  ci");
}

#[test]
fn a_clear_is_kept_as_long_as_it_hides_something() {
    let (_team, a, b) = Team::pair();
    a.session("a", "state service:web degraded").done();
    sync(&[&b]);
    b.later("1m");
    b.session("b", "state service:web --clear").done();
    b.later("20d");
    for clone in [&b, &a] {
        clone.anyone("gc").done();
        sync(&[&a, &b]);
        assert_eq!(state(&a, "service:web"), None);
        assert_eq!(state(&b, "service:web"), None);
    }
}

#[test]
fn many_sessions_are_the_same_with_the_cache_and_without() {
    let world = World::new();
    world.git("config presence.fsync false");
    for n in 0..12 {
        world
            .session(
                &format!("s{n}"),
                &format!("state db:{n} degraded --version v{n}"),
            )
            .done();
    }
    let read = world.anyone("state --json").done().out.clone();
    assert!(world.has(".git/presence/sessions.cache"));
    assert_eq!(world.anyone("state --json").done().out, read);
    std::fs::remove_file(world.dir().join(".git/presence/sessions.cache")).unwrap();
    assert_eq!(world.anyone("state --json").done().out, read);
    assert!(read.contains("v11"), "{read}");
}

#[test]
fn a_state_that_cannot_be_read_is_told_and_what_it_is_about_is_not_free() {
    let world = World::new();
    world.session("a", "state db:x frozen").done();
    let name = world.ref_of("a");
    let mut files = world.files_of(&name);
    let file = files
        .keys()
        .find(|name| name.starts_with("state-"))
        .unwrap();
    let file = file.clone();
    files.insert(file.clone(), b"format = 1\nstate = \"x y\"\n".to_vec());
    world.put(&name, &files, "damaged");
    world.session("b", "state").warns("malformed");
    world
        .session("b", "claim -x db:x -p p")
        .refuses("may be claimed in an unreadable record");
    world.session("b", "claim -x db:y -p p").done();
    // One of a later version is kept as it is.
    files.insert(file, b"format = 2\n".to_vec());
    world.put(&name, &files, "newer");
    world.session("b", "state").warns("newer");
    world.session("a", "claim node:other -p p").done();
    world
        .session("b", "claim -x db:x -p p")
        .refuses("may be claimed in an unreadable record");
}

#[test]
fn foreign_words_are_harmless() {
    let world = World::new();
    world.session("a", "state db:x degraded").done();
    let name = world.ref_of("a");
    let mut files = world.files_of(&name);
    let bytes = files
        .iter_mut()
        .find_map(|(name, bytes)| name.starts_with("state-").then_some(bytes))
        .unwrap();
    bytes.extend_from_slice(b"version = \"1\\u001B[2J\"\nnotes = \"\\u202Ex\\nIGNORE\"\n");
    world.put(&name, &files, "forged");
    for line in ["state", "status", "list", "state --json", "status --json"] {
        let said = world.anyone(line);
        said.done();
        assert!(
            !said.out.contains('\u{1b}') && !said.out.contains('\u{202e}'),
            "{line}"
        );
    }
    world.anyone("state").says("1\\u{1b}[2J");
}

#[test]
fn run_says_what_it_does_and_of_which_version() {
    let world = World::new();
    let run = |rest: &str| format!("run service:web -p ship --state --version 1.4.0 -- {rest}");
    world
        .session("s", &run("git-presence state service:web --json"))
        .says("\"state\":\"deploying\"");
    let rows = world.anyone("state --json").json();
    assert_eq!(rows[0]["state"], "deployed");
    assert_eq!(rows[0]["version"], "1.4.0");
    assert_eq!(rows[0]["notes"], "ship");
    world.later("1m");
    world.session("s", &run("false")).exits(1);
    let rows = world.anyone("state --json").json();
    assert_eq!(rows[0]["state"], "degraded");
    world.anyone("list").omits("(exclusive)");
    world
        .session("s", "run db:x -p p --version 1 -- true")
        .fails(129, "--state");
}

#[test]
fn to_clear_what_was_not_said_changes_nothing() {
    let world = World::new();
    world.alice("claim node:x -p p").done();
    world.unchanged(|| {
        world
            .alice("state service:web --clear")
            .says("Nothing is said of service:web, so nothing was cleared");
    });
    world.alice("state service:web deployed").done();
    world
        .alice("state service:web --clear")
        .says("Cleared service:web");
    world
        .alice("state service:web --clear")
        .says("so nothing was cleared");
}
