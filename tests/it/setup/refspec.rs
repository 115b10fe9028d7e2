//! The user's own `git fetch` after `init`, and the refspec that earlier versions added for it.
//!
//! Owns that no command of the user writes what a sync writes, and that the old refspec goes.

use predicates::str::contains;

use crate::machines::{Team, claimed, sync};
use crate::said::holds;
use crate::world::World;

/// The bytes of the configuration of this repository.
fn config(clone: &World) -> String {
    std::fs::read_to_string(clone.git_dir().join("config")).unwrap()
}

fn write_config(clone: &World, text: &str) {
    std::fs::write(clone.git_dir().join("config"), text).unwrap();
}

/// The refspec that earlier versions added.
const OLD_REFSPEC: &str = "[remote \"origin\"] # git presence init\n\
                           \tfetch = +refs/presence/*:refs/presence-remote/origin/*\n";

/// The user's own commands move no copy: a sync alone does.
#[test]
fn then_a_plain_fetch_leaves_the_board_alone() {
    for fetch in ["fetch", "fetch --prune", "pull --quiet", "remote update"] {
        let (team, a, b) = Team::pair();
        b.anyone("init").done();
        a.alice("claim infra:a --purpose p").done();
        b.git(fetch);
        assert_eq!(b.git("for-each-ref refs/presence-remote"), "", "{fetch}");
        sync(&[&b]);
        team.away();
        assert_eq!(claimed(&b), ["infra:a"], "{fetch}");
        team.back();
        // What a sync brought stays, whichever command prunes.
        b.git("fetch --prune");
        b.git("remote prune origin");
        assert_eq!(claimed(&b), ["infra:a"], "{fetch}");
        let fetched = b.git("fetch origin main");
        assert_eq!(fetched, "");
        assert_eq!(b.git("branch --all --format=%(refname)"), branches());
    }
}

/// While the hub packs what the user pulls, another claim arrives there and a sync brings it here.
#[test]
fn a_pull_beside_a_sync_merges() {
    let (team, a, b) = Team::pair();
    b.anyone("init").done();
    a.alice("claim infra:first --purpose p").done();
    b.git("fetch --quiet");
    sync(&[&b]);
    a.git("commit --quiet --allow-empty -m two");
    a.git("push --quiet");
    a.alice("claim infra:second --purpose p").done();
    let root = team.outside().root();
    let pack = format!(
        "#!/bin/sh\nif [ -z \"$INSIDE\" ]; then\nexport INSIDE=1\n\
         (unset GIT_DIR GIT_PROTOCOL; cd '{root}/a' && \
         git presence claim infra:third --session w --purpose p && \
         cd '{root}/b' && git presence sync --fetch-only) >'{root}/log' 2>&1\nfi\nexec \"$@\"\n",
        root = root.display()
    );
    std::fs::write(root.join("pack"), pack).unwrap();
    crate::world::open_to_all(&root.join("pack"), 0o755);
    b.git(&format!(
        "config --global uploadpack.packObjectsHook {}",
        root.join("pack").display()
    ));
    b.git("pull --quiet");
    holds(
        &std::fs::read_to_string(root.join("log")).unwrap(),
        contains("received"),
    );
    assert_eq!(b.git("log -1 --format=%s"), "two");
    let all = ["infra:first", "infra:second", "infra:third"];
    assert_eq!(claimed(&b), all);
}

/// `init`, `init --undo` and `doctor --repair` remove it; `doctor` names it.
#[test]
fn the_refspec_of_an_earlier_version_is_removed() {
    let (_team, a, _) = Team::pair();
    let plain = config(&a);
    let old = format!("{plain}[presence] # git presence init\n\tremote = origin\n{OLD_REFSPEC}");
    let new = old.replace(OLD_REFSPEC, "");
    let spec = "fetch = +refs/presence/*:refs/presence-remote/origin/*";

    write_config(&a, &old);
    a.alice("init")
        .says("Removed from the configuration")
        .says(spec)
        .omits("Added");
    assert_eq!(config(&a), new);

    write_config(&a, &old);
    let removed = a.alice("init --json").json();
    assert_eq!(removed["removed"].as_array().unwrap().len(), 2);

    write_config(&a, &old);
    let said = a.anyone("doctor");
    said.exits(1);
    said.prints("has a refspec of an earlier git presence init");
    said.prints("--repair removes it");
    assert_eq!(config(&a), old, "doctor alone changes nothing");
    a.anyone("doctor --repair").says("2 lines removed");
    assert_eq!(config(&a), new);
    a.anyone("doctor").omits("refspec");

    write_config(&a, &old);
    a.alice("init --undo").says(spec);
    assert_eq!(config(&a), plain);
}

/// Of the user's own clone: no more than there were.
fn branches() -> String {
    "refs/heads/main\nrefs/remotes/origin/HEAD\nrefs/remotes/origin/main".to_owned()
}
