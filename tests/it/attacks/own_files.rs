//! Pipes, links, folders and too large files where the files of a clone belong.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::machines::Team;
use crate::world::{ALICE, BOB, STRANGER_UID, World, needs_root, open_to_all};

const PROMPT: &str = "hook claude UserPromptSubmit";

/// Two clones, of which the second has every file that a clone can have.
fn full() -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    for n in 0..9 {
        let session = format!("wizard@devvm@{n}");
        let line = format!("claim node:{n} --purpose x");
        a.session(&session, &line).done();
    }
    a.alice("claim node:held --purpose held").done();
    b.bob("sync").done();
    b.bob("claim node:b --purpose mine").done();
    b.bob("claim db:b --exclusive --purpose mine").done();
    b.bob("list").done();
    prompt(&b);
    for name in ["floors.toml", "forward-only", "seen.jsonl", "seen.1.jsonl"] {
        b.write(format!(".git/presence/{name}"), "");
    }
    (team, a, b)
}

fn prompt(world: &World) {
    let cwd = world.dir().display();
    let event = "UserPromptSubmit";
    let input = format!(r#"{{"session_id":"s","hook_event_name":"{event}","cwd":"{cwd}"}}"#);
    let bob = world.with("GIT_PRESENCE_SESSION", BOB);
    bob.anyone_with_input(PROMPT, input.as_bytes()).done();
}

fn own(world: &World) -> PathBuf {
    world.git_dir().join("presence")
}

fn names(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(own(world)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_file = |name: &String| !name.starts_with("ssh-") && name != "kept";
    let mut names: Vec<String> = names.filter(is_file).collect();
    names.sort();
    names
}

fn remove(path: &Path) {
    match path.symlink_metadata().unwrap().is_dir() {
        true => std::fs::remove_dir_all(path).unwrap(),
        false => std::fs::remove_file(path).unwrap(),
    }
}

/// Puts one kind of thing in the place of a file.
type Put = fn(&World, &Path);

fn pipe(world: &World, path: &Path) {
    world.sh(&format!("mkfifo '{}'", path.display())).done();
}

fn link(world: &World, path: &Path) {
    symlink(world.root().join("precious"), path).unwrap();
}

fn dangling(world: &World, path: &Path) {
    symlink(world.root().join("absent"), path).unwrap();
}

fn folder(_: &World, path: &Path) {
    std::fs::create_dir(path).unwrap();
}

const KINDS: [(Put, &str); 4] = [
    (pipe, "is a pipe, a socket or a device"),
    (link, "is a symbolic link"),
    (dangling, "is a symbolic link"),
    (folder, "is a folder"),
];

#[test]
fn every_file_may_be_anything_and_nothing_waits_or_is_written_through() {
    let (_team, _a, b) = full();
    let precious = b.root().join("precious");
    let files = names(&b);
    assert!(files.len() >= 10, "{files:?}");
    for (put, what) in KINDS {
        for name in &files {
            let path = own(&b).join(name);
            let kept = std::fs::read(&path).unwrap();
            remove(&path);
            put(&b, &path);
            std::fs::write(&precious, "precious").unwrap();
            // What is held by others is held, whatever is in the place of a file.
            b.bob("list").prints("node:held");
            let asked = b.bob("claim node:held --purpose x --refuse");
            assert!(
                matches!(asked.code, Some(1 | 3 | 5)),
                "{name}: {}",
                asked.out
            );
            prompt(&b);
            let found = b.bob("doctor");
            if path.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
                found.exits(1);
                found.prints(&format!("problem: {} {what}", path.display()));
                found.prints("Repair: git presence doctor --repair");
            }
            let asked = b.bob("claim node:new --purpose x");
            assert!(
                matches!(asked.code, Some(0 | 1 | 3)),
                "{name}: {}",
                asked.err
            );
            b.bob("doctor --repair").done();
            b.bob("doctor").says("Healthy");
            assert_eq!(std::fs::read(&precious).unwrap(), b"precious", "{name}");
            assert!(!b.root().join("absent").exists(), "{name}");
            b.write(format!(".git/presence/{name}"), kept);
            b.bob("claim node:new --purpose x").done();
            b.bob("sync").done();
        }
    }
}

#[test]
fn the_folder_itself_is_no_link() {
    let (_team, _a, b) = full();
    let (path, moved) = (own(&b), b.root().join("moved"));
    std::fs::rename(&path, &moved).unwrap();
    let before = std::fs::read(moved.join("node")).unwrap();
    for to in [
        moved.clone(),
        b.root().join("absent"),
        b.root().join("precious"),
    ] {
        b.write("../precious", "precious");
        symlink(&to, &path).unwrap();
        b.bob("list").prints("node:held");
        prompt(&b);
        b.bob("claim node:new --purpose x")
            .fails(1, "presence is a symbolic link")
            .hints("git presence doctor --repair");
        b.bob("claim db:new --exclusive --purpose x")
            .fails(1, "presence is a symbolic link");
        b.bob("doctor")
            .exits(1)
            .prints("presence is a symbolic link");
        b.bob("doctor --repair").says("repaired: moved to");
        b.bob("doctor").says("Healthy");
        b.bob("claim node:new --purpose x").done();
        remove(&path);
    }
    assert_eq!(std::fs::read(moved.join("node")).unwrap(), before);
    assert!(!b.root().join("absent").exists());
}

#[test]
fn a_file_of_any_size_costs_no_memory() {
    let (_team, _a, b) = full();
    for name in names(&b) {
        let path = own(&b).join(&name);
        let kept = std::fs::read(&path).unwrap();
        // A hole, which takes no space.
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_len(40 << 30).unwrap();
        let limited = |line: &str| {
            let script =
                format!("ulimit -v 2000000; GIT_PRESENCE_SESSION={BOB} git presence {line}");
            b.sh(&script)
        };
        limited("list").says("node:held");
        limited("peek node:held").says(ALICE);
        // One that is written anew as a whole is in order by now.
        if !name.ends_with(".lock") && path.metadata().unwrap().len() > 1 << 30 {
            limited("doctor")
                .exits(1)
                .prints(&format!("{name} is larger than"));
            limited("doctor --repair").done();
        }
        b.write(format!(".git/presence/{name}"), kept);
    }
}

#[test]
fn what_is_kept_of_a_repair_goes_to_no_other_place() {
    let (_team, _a, b) = full();
    let outside = b.root().join("outside");
    std::fs::create_dir(&outside).unwrap();
    symlink(&outside, own(&b).join("replaced")).unwrap();
    let ours = b.ref_of(BOB);
    b.write(format!(".git/{ours}"), "broken\n");
    b.bob("doctor --repair")
        .prints("replaced is a symbolic link");
    b.bob("doctor --repair").done();
    b.bob("doctor").says("Healthy");
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn a_log_with_a_second_name_is_not_appended_to() {
    let (_team, _a, b) = full();
    let path = own(&b).join("seen.jsonl");
    std::fs::remove_file(&path).unwrap();
    b.write("../precious", "precious\n");
    std::fs::hard_link(b.root().join("precious"), &path).unwrap();
    let input = r#"{"session_id":"s","hook_event_name":"PostToolUse","tool_name":"Bash",
        "tool_input":{"command":"kubectl drain b"},"cwd":"."}"#;
    let bob = b.with("GIT_PRESENCE_SESSION", BOB);
    bob.anyone_with_input("hook claude PostToolUse", input.as_bytes())
        .done();
    assert!(b.read(".git/presence/seen.jsonl").contains("kubectl"));
    assert_eq!(b.read("../precious"), "precious\n");
}

#[test]
fn pipes_among_refs_and_objects_stop_no_verb() {
    let (_team, _a, b) = full();
    let path = b.git_dir().join("refs/presence/sessions/pipe");
    pipe(&b, &path);
    b.bob("list")
        .says("node:held")
        .warns("refs/presence/sessions/pipe");
    prompt(&b);
    b.bob("doctor")
        .exits(1)
        .prints("refs/presence/sessions/pipe");
    std::fs::remove_file(&path).unwrap();
    let tip = b.git(&format!("rev-parse {}", b.ref_of(BOB)));
    let object = b
        .git_dir()
        .join(format!("objects/{}/{}", &tip[..2], &tip[2..]));
    std::fs::remove_file(&object).unwrap();
    pipe(&b, &object);
    b.alice("claim node:b --purpose x --refuse")
        .refuses("node:b");
    b.bob("doctor").exits(1).prints(&tip);
}

#[test]
fn a_folder_that_may_not_be_written_is_a_problem_with_a_cure() {
    if !needs_root() {
        return;
    }
    let (_team, _a, b) = full();
    let (path, git_dir) = (own(&b), b.git_dir());
    let all = |path: &Path| {
        b.sh(&format!("chown -R {STRANGER_UID} '{}'", path.display()))
            .done();
    };
    all(b.dir());
    all(&b.root().join("hub.git"));
    open_to_all(&b.home(), 0o755);
    open_to_all(&b.home().join(".gitconfig"), 0o644);
    let cure = |said: &str| {
        let line = said
            .lines()
            .find(|line| line.contains("chown") || line.contains("chmod"));
        let at = line.and_then(|line| line.find("ch")).expect("a cure");
        line.unwrap()[at..].trim().to_owned()
    };
    b.stranger("doctor").says("No problem");
    // The folder, and a single file in it, belong to another user.
    for owned in [path.clone(), path.join("sync.lock"), path.join("node")] {
        b.sh(&format!(
            "chown -R 0 '{0}'; chmod -R go= '{0}'",
            owned.display()
        ))
        .done();
        if owned == path {
            open_to_all(&path, 0o755);
        }
        let found = b.stranger("doctor");
        found.exits(1);
        found.prints(&format!("{} cannot be", owned.display()));
        found.prints("owner: uid 0, mode: ");
        b.sh(&cure(&found.out)).done();
        b.stranger("doctor").says("No problem");
    }
    // It belongs to this user, who may not write to it.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o555)).unwrap();
    let found = b.stranger("doctor");
    found
        .exits(1)
        .prints("cannot be written")
        .prints("mode: 555");
    b.sh(&cure(&found.out)).done();
    b.stranger("doctor").says("No problem");
    // There is none yet, and none can be made.
    b.git("config --global safe.directory *");
    std::fs::remove_dir_all(&path).unwrap();
    b.sh(&format!(
        "chown 0 '{0}'; chmod 755 '{0}'",
        git_dir.display()
    ))
    .done();
    let found = b.stranger("doctor");
    found.exits(1).prints("presence cannot be made");
}
