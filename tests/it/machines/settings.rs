//! Settings and surroundings that stop a plain `git push`, or make it do more.
//!
//! Owns the promise that they change nothing about a sync, and that a sync carries nothing of the
//! user's along.

use super::{Team, agree, are_sound, claimed, sync};
use crate::said::holds;
use crate::world::World;

/// Each stops some plain push or fetch, or makes it do more.
const SETTINGS: [(&str, &str); 33] = [
    ("branch.main.pushRemote", "nowhere"),
    ("color.ui", "always"),
    ("core.logAllRefUpdates", "always"),
    ("fetch.all", "true"),
    ("fetch.fsckObjects", "true"),
    ("fetch.output", "compact"),
    ("fetch.parallel", "4"),
    ("fetch.prune", "true"),
    ("fetch.pruneTags", "true"),
    ("fetch.recurseSubmodules", "true"),
    ("fetch.unpackLimit", "1"),
    ("fetch.writeCommitGraph", "true"),
    ("gc.auto", "1"),
    ("maintenance.auto", "true"),
    ("protocol.version", "0"),
    ("protocol.version", "1"),
    ("push.autoSetupRemote", "true"),
    ("push.default", "nothing"),
    ("push.followTags", "true"),
    ("push.gpgSign", "true"),
    ("push.negotiate", "true"),
    ("push.recurseSubmodules", "on-demand"),
    ("push.recurseSubmodules", "only"),
    ("push.useForceIfIncludes", "true"),
    ("remote.origin.mirror", "true"),
    ("remote.origin.prune", "true"),
    ("remote.origin.push", "refs/heads/*:refs/heads/*"),
    ("remote.origin.skipFetchAll", "true"),
    ("remote.origin.tagOpt", "--tags"),
    ("remote.pushDefault", "nowhere"),
    ("submodule.recurse", "true"),
    ("transfer.fsckObjects", "true"),
    ("transfer.hideRefs", "refs/presence"),
];

/// What only this clone has, and what a push that does more would carry along.
fn with_private_work(clone: &World) {
    clone.git("commit --quiet --allow-empty -m \"not published\"");
    clone.git("tag -a secret -m secret");
    clone.git("branch private");
}

/// Everything on the hub but the board.
fn the_rest(team: &Team) -> String {
    team.hub().git("for-each-ref --exclude=refs/presence")
}

fn the_users_own(clone: &World) -> String {
    clone.git("for-each-ref --exclude=refs/presence --exclude=refs/presence-remote")
}

#[test]
fn each_setting_that_would_stop_it() {
    let (team, a, b) = Team::pair();
    with_private_work(&a);
    let (here, there) = (the_users_own(&a), the_rest(&team));
    b.bob("claim infra:b --purpose p").done();
    for (n, (key, value)) in SETTINGS.iter().enumerate() {
        a.git(&format!("config --add {key} {value}"));
        let said = a.alice(&format!("claim infra:n{n:02} --purpose p"));
        said.says("confirmed by origin");
        assert_eq!(said.err, "", "{key} = {value}");
        a.git(&format!(
            "config --unset-all {key} {}",
            value.replace('*', ".")
        ));
    }
    for (key, value) in SETTINGS {
        a.git(&format!("config {key} {value}"));
    }
    a.alice("release infra:n00").says("confirmed by origin");
    sync(&[&a, &b]);
    assert_eq!(claimed(&a).len(), SETTINGS.len());
    agree(&[&a, &b]);
    assert_eq!(the_users_own(&a), here);
    assert_eq!(the_rest(&team), there);
    assert!(!a.has(".git/FETCH_HEAD"));
    are_sound(&[&a, &b, &team.hub()]);
}

/// Not even as objects that no ref names.
#[test]
fn tags_and_commits_that_were_not_published_stay_private() {
    let (team, a, b) = Team::pair();
    with_private_work(&a);
    let before = the_rest(&team);
    a.alice("claim branch:private --purpose p").done();
    a.anyone("sync").done();
    a.alice("doctor --remote").done();
    assert_eq!(the_rest(&team), before);
    for private in ["HEAD", "secret"] {
        let id = a.git(&format!("rev-parse {private}"));
        team.hub().try_git(&format!("cat-file -e {id}")).exits(1);
    }
    sync(&[&b]);
    assert_eq!(b.git("tag"), "");
    assert!(!b.has(".git/FETCH_HEAD"));
}

/// Those of the user are for the user's own pushes.
#[test]
fn hooks_of_the_user_do_not_run() {
    let (_team, a, b) = Team::pair();
    let hooks = [
        "pre-push",
        "reference-transaction",
        "post-merge",
        "pre-auto-gc",
    ];
    a.git("config core.hooksPath ../hooks");
    for hook in hooks {
        let path = a.root().join("hooks").join(hook);
        a.write(
            &path,
            "#!/bin/sh\necho ran >>\"$(dirname \"$0\")/ran\"\nexit 1\n",
        );
        crate::world::open_to_all(&path, 0o755);
    }
    b.bob("claim infra:b --purpose p").done();
    a.alice("claim infra:a --purpose p")
        .says("confirmed by origin");
    a.anyone("sync").done();
    a.alice("doctor --remote").done();
    a.alice("release infra:a").says("confirmed by origin");
    assert!(!a.has("../hooks/ran"));
    a.try_git("push origin main:refs/heads/other").exits(1);
    assert!(a.has("../hooks/ran"), "they do run");
    assert_eq!(claimed(&a), ["infra:b"]);
}

/// Nor do those in the settings, where Git can be told so for an event.
#[test]
fn hooks_in_the_settings_of_the_user_do_not_run() {
    let (_team, a, b) = Team::pair();
    let version = a.git_version();
    if version < (2, 55) {
        eprintln!("skipped: Git {version:?} cannot turn off the hooks of an event");
        return;
    }
    let c = a.at("c");
    c.git("init --quiet --ref-format=reftable");
    let ran = a.root().join("ran");
    let script = a.root().join("script");
    a.write(
        &script,
        "#!/bin/sh\necho \"$@\" >>\"$(dirname \"$0\")/ran\"\nexit 1\n",
    );
    crate::world::open_to_all(&script, 0o755);
    for clone in [&a, &c] {
        clone.git(&format!("config hook.mine.command {}", script.display()));
        for event in [
            "reference-transaction",
            "pre-push",
            "post-merge",
            "pre-auto-gc",
        ] {
            clone.git(&format!("config --add hook.mine.event {event}"));
        }
    }
    b.bob("claim infra:b --purpose p").done();
    a.alice("claim infra:a --purpose p")
        .says("confirmed by origin");
    a.anyone("sync").done();
    a.alice("doctor --remote").done();
    a.alice("release infra:a").says("confirmed by origin");
    a.alice("claim -x infra:alone --purpose p").done();
    c.alice("claim infra:c --purpose p").done();
    assert!(!ran.exists(), "{}", a.read(&ran));
    assert_eq!(claimed(&a), ["infra:alone", "infra:b"]);
    assert_eq!(claimed(&c), ["infra:c"]);
    // They do run where the user is at it.
    a.try_git("update-ref refs/heads/other HEAD").exits(128);
    holds(&a.read(&ran), "prepar");
}

/// Variables that change what git says or does.
#[test]
fn what_the_environment_asks_of_git() {
    let (_team, a, b) = Team::pair();
    for (n, (name, value)) in [
        ("GIT_TRACE", "1"),
        ("GIT_TRACE2", "1"),
        ("GIT_TRACE2_EVENT", "2"),
        ("GIT_TRACE_PACKET", "1"),
        ("GIT_TRACE_SETUP", "1"),
        ("GIT_NAMESPACE", "elsewhere"),
        ("GIT_PROTOCOL", "version=0"),
        ("GIT_REF_PARANOIA", "1"),
        ("GIT_SHALLOW_FILE", "/nowhere"),
        ("GIT_DEFAULT_HASH", "sha256"),
        ("GIT_ASKPASS", "/nowhere"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("LANGUAGE", "de"),
    ]
    .into_iter()
    .enumerate()
    {
        let said = a
            .with(name, value)
            .alice(&format!("claim infra:n{n:02} --purpose p"));
        said.says("confirmed by origin");
        assert_eq!(said.err, "", "{name}");
        a.with(name, value)
            .anyone("sync")
            .says("Synced with")
            .omits("not sent yet");
    }
    sync(&[&b]);
    agree(&[&a, &b]);
}

/// Set for a host that knows them, as GitLab does; others turn such a push away.
#[test]
fn push_options_are_not_sent() {
    let (_team, a, _) = Team::pair();
    a.git("config push.pushOption ci.skip");
    a.alice("claim infra:a --purpose p")
        .says("confirmed by origin");
}

/// Then git does not move our own copy along, as it takes another for it.
#[test]
fn a_refspec_of_the_user_that_takes_in_everything() {
    let (_team, a, _) = Team::pair();
    a.git("config --add remote.origin.fetch +refs/*:refs/all/*");
    a.alice("claim infra:a --purpose p")
        .says("confirmed by origin");
    a.alice("release infra:a").says("confirmed by origin");
}

/// The remote has another URL than the settings say.
#[test]
fn a_url_that_is_written_anew() {
    let (team, a, b) = Team::pair();
    let hub = team.hub().dir().display().to_string();
    a.git("remote set-url origin hub:board");
    a.git(&format!("config url.{hub}.insteadOf hub:board"));
    a.alice("claim infra:a --purpose p")
        .says("confirmed by origin");
    sync(&[&b, &a]);
    agree(&[&a, &b]);
}
