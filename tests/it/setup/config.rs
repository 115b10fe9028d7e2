//! Settings: every place that Git reads them from, and errors that help.

use crate::world::{ALICE, World};

/// The ttl of a fresh claim, in seconds: what `presence.ttl` came to.
fn ttl_secs(world: &World) -> u64 {
    let claim = world.alice("claim node:x --purpose x --json").done().json()["claims"][0].clone();
    let at = |field: &str| {
        let text = claim[field].as_str().unwrap();
        chrono::DateTime::parse_from_rfc3339(text)
            .unwrap()
            .timestamp()
    };
    u64::try_from(at("expires_at") - at("seen_at")).unwrap()
}

#[test]
fn the_default() {
    assert_eq!(ttl_secs(&World::new()), 900);
}

#[test]
fn of_the_system() {
    let world = World::new();
    world.write("system", "[presence]\n\tttl = 11\n");
    let system = world.with("GIT_CONFIG_SYSTEM", world.dir().join("system"));
    assert_eq!(ttl_secs(&system.without("GIT_CONFIG_NOSYSTEM")), 11);
    assert_eq!(ttl_secs(&system), 900, "GIT_CONFIG_NOSYSTEM counts");
}

#[test]
fn of_the_user() {
    let world = World::new();
    world.git("config --global presence.ttl 12");
    assert_eq!(ttl_secs(&world), 12);
    world.write("other", "[presence]\n\tttl = 13\n");
    let other = world.with("GIT_CONFIG_GLOBAL", world.dir().join("other"));
    assert_eq!(ttl_secs(&other), 13);
    world.write(
        "xdg/git/config",
        "[color]\n\tui = never\n[presence]\n\tttl = 14\n",
    );
    let xdg = world.with("XDG_CONFIG_HOME", world.dir().join("xdg"));
    assert_eq!(ttl_secs(&xdg), 12, "~/.gitconfig comes later");
    world.git("config --global --unset presence.ttl");
    assert_eq!(ttl_secs(&xdg), 14);
}

#[test]
fn of_the_repository_and_what_it_includes() {
    let world = World::new();
    world.git("config --global presence.ttl 12");
    world.git("config presence.ttl 15");
    assert_eq!(ttl_secs(&world), 15);
    world.write(".git/more", "[presence]\n\tttl = 16\n");
    world.git("config include.path more");
    assert_eq!(ttl_secs(&world), 16);
    // Git itself reads the same.
    assert_eq!(world.git("config presence.ttl"), "16");
}

#[test]
fn of_one_work_tree() {
    let world = World::new();
    world.git("worktree add --quiet ../linked -b side");
    world.git("config extensions.worktreeConfig true");
    let linked = world.at("linked");
    linked.git("config --worktree presence.ttl 17");
    assert_eq!(ttl_secs(&linked), 17);
    assert_eq!(ttl_secs(&world), 900);
}

#[test]
fn of_one_command() {
    let world = World::new();
    world.git("config presence.ttl 15");
    let claim = format!("presence claim node:x --purpose x --session {ALICE} --json");
    let said = world.try_git(&format!("-c presence.ttl=18 {claim}"));
    assert_eq!(
        said.json()["claims"][0]["expires_at"],
        "2026-11-21T10:00:18.000Z"
    );
    let said = world.try_git(&format!(
        "-c presence.ttl=18 -c presence.onConflict=refuse {claim}"
    ));
    assert_eq!(
        said.json()["claims"][0]["expires_at"],
        "2026-11-21T10:00:18.000Z"
    );
    world
        .try_git(&format!("-c presence.ttl=1 {claim}"))
        .exits(129);
    let counted = world
        .with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "presence.ttl")
        .with("GIT_CONFIG_VALUE_0", "19");
    assert_eq!(ttl_secs(&counted), 19);
    let said = counted.alice("claim node:x --purpose x --ttl 20 --json");
    assert_eq!(
        said.json()["claims"][0]["expires_at"],
        "2026-11-21T10:00:20.000Z"
    );
    // What stands on the command line comes last, as in Git.
    let said = counted.try_git(&format!("-c presence.ttl=18 {claim}"));
    assert_eq!(
        said.json()["claims"][0]["expires_at"],
        "2026-11-21T10:00:18.000Z"
    );
}

#[test]
fn an_error_names_key_value_place_and_what_is_allowed() {
    let world = World::new();
    let file = world.git_dir().join("config").display().to_string();
    for (key, value, allowed) in [
        ("presence.ttl", "5s", "10s to 24h"),
        ("presence.ttl", "soon", "10s to 24h"),
        ("presence.heartbeat", "25h", "0 to 24h"),
        ("presence.onConflict", "shout", "warn, refuse"),
        ("presence.fsync", "perhaps", "true or false"),
        ("color.presence", "mauve", "auto, always, never"),
    ] {
        world.git(&format!("config {key} {value}"));
        world.unchanged(|| {
            for line in ["claim node:x --purpose x", "list", "status", "heartbeat"] {
                world
                    .alice(line)
                    .fails(129, &format!("{key} = \"{value}\""))
                    .fails(129, allowed)
                    .fails(129, &file)
                    .hints(&format!("git config {key}"));
            }
        });
        let error = world.alice("list --json").exits(129).json()["error"].clone();
        assert_eq!(error["kind"], "usage");
        world.git(&format!("config --unset {key}"));
    }
}

#[test]
fn the_place_is_named_wherever_it_is() {
    let world = World::new();
    world.git("config --global presence.ttl never");
    let home = world.home().join(".gitconfig").display().to_string();
    world.alice("list").fails(129, &home);
    world.git("config --global --unset presence.ttl");
    world.write("more", "[presence]\n\tttl = never\n");
    world.git("config include.path ../more");
    world.alice("list").fails(129, "more");
    world.git("config --unset include.path");
    world
        .try_git("-c presence.ttl=never presence list")
        .fails(129, "presence.ttl = \"never\"");
    world.alice("list").done();
}

#[test]
fn keys_are_read_as_git_reads_them() {
    let world = World::new();
    world.write(
        ".git/config",
        format!(
            "{}[Presence]\n\tTTL = 21\n\tfsync\n",
            world.read(".git/config")
        ),
    );
    assert_eq!(ttl_secs(&world), 21);
    world.git("config --add presence.ttl 22");
    assert_eq!(ttl_secs(&world), 22, "the last one wins");
}

#[test]
fn without_fsync_it_works_the_same() {
    let world = World::new();
    world.git("config presence.fsync false");
    world.alice("claim node:x --purpose x").says("Claimed");
    world.bob("list").says("node:x");
    world.alice("doctor").says("presence.fsync is off");
}

#[test]
fn the_system_file_is_that_of_the_git_in_the_path() {
    let world = World::new().without("GIT_CONFIG_NOSYSTEM");
    let prefix = world.root().join("opt");
    std::fs::create_dir_all(prefix.join("bin")).unwrap();
    std::fs::create_dir_all(prefix.join("etc")).unwrap();
    std::fs::write(prefix.join("bin/git"), "").unwrap();
    std::fs::write(prefix.join("etc/gitconfig"), "[presence]\n\tttl = soon\n").unwrap();
    let own = world.with("PATH", prefix.join("bin"));
    own.alice("list").fails(129, "opt/etc/gitconfig");
    own.with("GIT_CONFIG_NOSYSTEM", "1").alice("list").done();
    own.with("GIT_CONFIG_SYSTEM", "/dev/null")
        .alice("list")
        .done();
}
