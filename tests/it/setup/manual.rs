//! Manual pages: one for each verb, where `man` and `git presence --help` find them.

use git_presence::cli::command;

use crate::said::holds;
use crate::world::{World, needs};

/// Every verb that a person may call.
fn verbs() -> Vec<String> {
    let command = command();
    let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let all = shown.map(clap::Command::get_name);
    all.map(str::to_owned).collect()
}

#[test]
fn a_page_for_each_verb() {
    let world = World::empty();
    let count = verbs().len() + 1;
    world
        .anyone("man --install --dir pages/man1")
        .says(&format!("Installed {count} pages in pages/man1"));
    for verb in verbs() {
        let page = world.read(format!("pages/man1/git-presence-{verb}.1"));
        holds(&page, &format!(".TH git-presence-{verb} 1"));
        for part in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"] {
            holds(&page, part);
        }
        let shown = world.anyone(&format!("man {verb}"));
        assert_eq!(shown.done().out, page, "{verb}");
    }
    let page = world.read("pages/man1/git-presence.1");
    assert_eq!(world.anyone("man").done().out, page);
    let files = std::fs::read_dir(world.dir().join("pages/man1")).unwrap();
    assert_eq!(files.count(), count);
    let answer = world.anyone("man --install --dir pages/man1 --json").json();
    assert_eq!(answer["count"], count);
}

#[test]
fn where_they_go_by_default() {
    let world = World::empty();
    world.anyone("man --install").says(".local/share/man/man1");
    assert!(
        world
            .home()
            .join(".local/share/man/man1/git-presence.1")
            .exists()
    );
    let elsewhere = world.with("XDG_DATA_HOME", world.dir().join("data"));
    elsewhere.anyone("man --install").done();
    assert!(world.has("data/man/man1/git-presence-claim.1"));
}

/// Other files of the folder stay.
#[test]
fn what_was_installed_is_removed_again() {
    let world = World::empty();
    let count = verbs().len() + 1;
    world.anyone("man --install --dir pages").done();
    world.write("pages/git-other.1", "");
    world
        .anyone("man --uninstall --dir pages")
        .says(&*format!("Removed {count} pages from pages\n"));
    let files = std::fs::read_dir(world.dir().join("pages")).unwrap();
    assert_eq!(files.count(), 1);
    let answer = world.anyone("man --uninstall --dir pages --json").json();
    assert_eq!(answer["count"], 0);
    world
        .anyone("man --uninstall")
        .says("No pages of git presence are in");
}

#[test]
fn where_they_cannot_go() {
    let world = World::empty();
    world.write("file", "");
    world
        .anyone("man --install --dir file/man1")
        .fails(1, "cannot install pages in file/man1")
        .hints("--dir");
    world
        .anyone("man frobnicate")
        .fails(129, "no page")
        .hints("git presence -h");
    world.anyone("man --dir x").fails(129, "--install");
}

#[test]
fn man_shows_them_and_so_does_git() {
    if !needs("man") {
        return;
    }
    let world = World::new();
    world.anyone("man --install").done();
    let reader = world
        .with("MANPATH", world.home().join(".local/share/man"))
        .with("MANPAGER", "cat")
        .with("MANWIDTH", "80")
        .with("PAGER", "cat")
        .with("GIT_PAGER", "cat");
    if reader.sh("man git-presence").code != Some(0) && minimised() {
        eprintln!("skipped: man is a stub here");
        return;
    }
    reader.sh("man git-presence-claim").says("--purpose");
    // Git makes `man git-presence` of it.
    reader
        .try_git("presence --help")
        .says("git-presence(1)")
        .says("heartbeat");
    reader.try_git("help presence").says("heartbeat");
}

/// Container images replace `man` by a script that says that pages are not installed.
fn minimised() -> bool {
    let man = std::fs::read("/usr/bin/man").unwrap_or_default();
    man.starts_with(b"#!")
}
