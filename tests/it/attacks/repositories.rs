//! Repositories that the user did not choose: embedded bare ones, and those of other users.
//!
//! Owns what a payload, a folder and a setting can make a hook or a verb open. `setup::permissions`
//! has what another user can do with a repository that is open to all.

use std::path::Path;

use serde_json::Value;

use crate::hooks::agent::{context, payload, send};
use crate::machines::{Team, at_rest};
use crate::said::Said;
use crate::world::{ALICE, STRANGER_UID, World, needs, needs_root};

/// Where an embedded bare repository stands in a checkout.
const EMBEDDED: &str = "docs/x.git";

/// A clone with a bare repository in its checkout that wants to run a program, and that program's
/// traces.
fn trapped(team: &Team) -> (World, World) {
    let clone = team.clone_to("clone");
    let bare = clone.at(clone.dir().join(EMBEDDED));
    bare.git("init --quiet --bare");
    bare.git("remote add origin ssh://host.invalid/x");
    let trap = format!(
        "touch {}; false",
        team.outside().dir().join("ran").display()
    );
    for key in ["core.sshCommand", "core.fsmonitor", "credential.helper"] {
        bare.git(&format!("config {key} \"{trap}\""));
    }
    bare.git("config presence.enforce deny");
    (clone, bare)
}

/// An event of Claude Code whose payload stands in another folder than the process.
fn event_in(world: &World, cwd: &Path, event: &str) -> Said {
    let mut said = payload(world, "claude", event);
    said["cwd"] = Value::from(cwd.display().to_string());
    send(world, "claude", event, &said)
}

#[test]
fn a_payload_in_an_embedded_bare_repository_is_about_the_checkout_around_it() {
    let team = Team::new();
    let (clone, bare) = trapped(&team);
    clone.alice("claim infra:x --purpose held").done();
    for process in [&clone, &bare, &team.outside()] {
        for deep in ["", "refs/heads"] {
            let said = event_in(process, &bare.dir().join(deep), "SessionStart");
            assert!(context(&said).contains(ALICE), "{}", said.out);
        }
    }
    for event in [
        "SessionStart",
        "PreToolUse",
        "PostToolUse",
        "Stop",
        "SessionEnd",
    ] {
        event_in(&bare, bare.dir(), event).exits(0);
    }
    at_rest(&team.outside());
    assert!(!team.outside().has("ran"), "a program of it was run");
    assert!(!bare.has("presence"), "it was taken for a ledger");
}

/// The jobs that a hook starts stand in the same folder, and read the same settings.
#[test]
fn a_job_of_a_hook_does_not_read_the_embedded_one_either() {
    let team = Team::new();
    let (clone, bare) = trapped(&team);
    bare.git("config presence.ttl garbage");
    clone.git("config presence.staleAfter 0s");
    let other = team.clone_to("other");
    other.bob("claim infra:y --purpose later").done();
    event_in(&bare, bare.dir(), "UserPromptSubmit").exits(0);
    at_rest(&team.outside());
    let told = context(&event_in(&bare, bare.dir(), "UserPromptSubmit"));
    assert!(told.contains("infra:y"), "{told}");
}

/// What is around it need not be in order.
#[test]
fn a_damaged_repository_around_it_is_one_too() {
    for damage in [
        "rm .git/HEAD",
        "rm -r .git/refs",
        "rm -r .git/*",
        "rm -r .git; echo x >.git",
    ] {
        let team = Team::new();
        let (clone, bare) = trapped(&team);
        clone.sh(damage).done();
        for event in ["SessionStart", "PreToolUse", "PostToolUse", "SessionEnd"] {
            event_in(&team.outside(), bare.dir(), event).is_silent();
        }
        at_rest(&team.outside());
        assert!(
            !team.outside().has("ran"),
            "{damage}: a program of it was run"
        );
        assert!(!bare.has("presence"), "{damage}: it was taken for a ledger");
    }
}

/// A folder of the checkout may be on another file system, where the search of Git ends.
#[test]
fn a_mount_in_the_checkout_is_a_part_of_it() {
    if !needs_root() || !needs("unshare") {
        return;
    }
    let team = Team::new();
    let (clone, bare) = trapped(&team);
    let mut said = payload(&clone, "claude", "SessionStart");
    said["cwd"] = Value::from(bare.dir().display().to_string());
    clone.write("../payload", said.to_string());
    let script = "unshare -m sh -ec 'mkdir ../copy; cp -R docs/. ../copy; mount -t tmpfs none docs;                   cp -R ../copy/. docs; cd /;                   git-presence hook claude <$OLDPWD/../payload; test ! -e $OLDPWD/docs/x.git/presence'";
    clone.sh(script).done();
    at_rest(&team.outside());
    assert!(!team.outside().has("ran"), "a program of it was run");
}

/// One that nothing is around is the user's own choice, as it is to Git.
#[test]
fn a_bare_repository_by_itself_has_hooks() {
    let world = World::empty().at("board.git");
    world.git("init --quiet --bare");
    world.alice("claim infra:x --purpose held").done();
    let told = context(&event_in(&world, world.dir(), "UserPromptSubmit"));
    assert!(told.contains("infra:x"), "{told}");
    world.git("config --global safe.bareRepository explicit");
    event_in(&world, world.dir(), "UserPromptSubmit").is_silent();
}

/// In all the scopes from which Git takes it, and in no other.
#[test]
fn a_bare_repository_has_to_be_named_if_the_user_says_so() {
    let team = Team::new();
    let (clone, bare) = trapped(&team);
    let by_count = |world: &World, value: &str| {
        world
            .with("GIT_CONFIG_COUNT", "1")
            .with("GIT_CONFIG_KEY_0", "safe.bareRepository")
            .with("GIT_CONFIG_VALUE_0", value)
    };
    let refuses = |world: &World| {
        for line in ["sync", "claim infra:x --purpose p", "list"] {
            world
                .alice(line)
                .fails(128, "is a bare repository, and safe.bareRepository")
                .hints("GIT_DIR=");
        }
        world.try_git("rev-parse --git-dir").exits(128);
    };
    refuses(&by_count(&bare, "explicit"));
    let by_option = "'safe.bareRepository'='explicit'";
    refuses(&bare.with("GIT_CONFIG_PARAMETERS", by_option));
    let system = team.outside().dir().join("system");
    std::fs::write(&system, "[safe]\n\tbareRepository = explicit\n").unwrap();
    let of_system = bare.without("GIT_CONFIG_NOSYSTEM");
    refuses(&of_system.with("GIT_CONFIG_SYSTEM", &system));
    at_rest(&team.outside());
    assert!(!team.outside().has("ran"), "a program of it was run");
    // What the repository says of itself does not count.
    bare.git("config safe.bareRepository explicit");
    bare.anyone("list").exits(5);
    bare.git("config safe.bareRepository all");
    clone.git("config --global safe.bareRepository explicit");
    refuses(&bare);
    refuses(&bare.at(bare.dir().join("refs")));
    // The last one counts.
    by_count(&bare, "all").anyone("list").exits(5);
    // Work trees, and repositories that are named, are not concerned.
    clone.anyone("list").done();
    clone.at(clone.dir().join(".git")).anyone("list").done();
    bare.with("GIT_DIR", bare.dir()).anyone("list").exits(5);
    clone
        .anyone(&format!("--ledger {} list", bare.dir().display()))
        .exits(5);
}

/// Git has a variable with which every repository counts as that of another user.
#[test]
fn safe_directory_counts_from_where_git_takes_it() {
    let world = World::new().with("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let top = world.dir().display().to_string();
    let above = world.root().display().to_string();
    let lists = [
        (vec![], false),
        (vec![top.clone()], true),
        (vec![format!("{top}/")], true),
        (vec![format!("{above}/*")], true),
        (vec![format!("{top}/*")], false),
        (vec![format!("{top}/.git")], false),
        (vec!["*".to_owned()], true),
        (vec!["*".to_owned(), String::new()], false),
        (vec![String::new(), top.clone()], true),
        (vec![".".to_owned()], true),
        (vec!["repo".to_owned()], false),
    ];
    for (values, is_safe) in &lists {
        let mut env = world.with("GIT_CONFIG_COUNT", values.len().to_string());
        for (at, value) in values.iter().enumerate() {
            env = env
                .with(&format!("GIT_CONFIG_KEY_{at}"), "safe.directory")
                .with(&format!("GIT_CONFIG_VALUE_{at}"), value.clone());
        }
        let said = env.anyone("list");
        assert_eq!(said.code == Some(0), *is_safe, "{values:?}: {}", said.err);
        let git = env.try_git("rev-parse --git-dir");
        assert_eq!(git.code == Some(0), *is_safe, "Git, with {values:?}");
        let told = event_in(&env, env.dir(), "SessionStart");
        assert_eq!(!told.exits(0).out.is_empty(), *is_safe, "{values:?}");
    }
    // Not by what stands in the repository itself.
    let owner = world.without("GIT_TEST_ASSUME_DIFFERENT_OWNER");
    owner.git("config safe.directory *");
    world.anyone("list").fails(128, "belongs to another user");
    owner.git(&format!("config core.worktree {}", world.home().display()));
    owner.git(&format!(
        "config --global safe.directory {}",
        world.home().display()
    ));
    world.anyone("list").fails(128, "belongs to another user");
    owner.git(&format!("config --global safe.directory {top}"));
    world.anyone("list").done();
}

#[test]
fn only_root_is_also_who_called_sudo() {
    if !needs_root() {
        return;
    }
    let world = World::new();
    world
        .sh(&format!("chown -R {STRANGER_UID}:{STRANGER_UID} ."))
        .done();
    world.anyone("list").fails(128, "belongs to another user");
    let called = world.with("SUDO_UID", STRANGER_UID.to_string());
    called.anyone("list").done();
    called.git("rev-parse --git-dir");
    // To another user, the variable says nothing.
    world.sh("chown -R 0:0 .").done();
    let said = world.with("SUDO_UID", "0").stranger("list");
    said.fails(128, "belongs to another user");
}

/// The folder of another user may be where a payload is, and where nothing of it is run.
#[test]
fn a_payload_in_the_repository_of_another_user_opens_none() {
    if !needs_root() {
        return;
    }
    let team = Team::new();
    let (clone, bare) = trapped(&team);
    clone.alice("claim infra:x --purpose held").done();
    let theirs = team.outside().at("theirs");
    theirs.git("init --quiet");
    theirs.git("remote add origin ssh://host.invalid/x");
    let trap = bare.git("config core.sshCommand");
    theirs.git(&format!("config core.sshCommand \"{trap}\""));
    theirs
        .sh(&format!("chown -R {STRANGER_UID}:{STRANGER_UID} ."))
        .done();
    for process in [&clone, &theirs] {
        for event in ["SessionStart", "UserPromptSubmit", "PreToolUse", "Stop"] {
            event_in(process, theirs.dir(), event).is_silent();
        }
    }
    at_rest(&team.outside());
    assert!(!team.outside().has("ran"), "a program of it was run");
    assert!(!theirs.has(".git/presence"), "it was taken for a ledger");
}
