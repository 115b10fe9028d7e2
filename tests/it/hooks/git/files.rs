//! The `pre-push` hook and paths: which files a push changes.
//!
//! Owns that each commit is judged by what it changes itself, whatever the push looks like.

use super::{alice_pushes, bob_pushes, commit, pair};
use crate::machines::Team;
use crate::world::World;

/// Alice holds `src/net` alone, and Bob has not changed anything yet.
fn held() -> (Team, World, World) {
    let (team, a, b) = pair();
    commit(&a, "src/net/dns", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    alice_pushes(&a, "origin main");
    b.git("pull --quiet");
    a.alice("claim path:src/net --exclusive --purpose \"rewrite\"")
        .done();
    (team, a, b)
}

#[track_caller]
fn is_stopped(b: &World, words: &str) {
    bob_pushes(b, words).fails(1, "path:src/net is claimed by wizard@devvm@alice");
}

#[track_caller]
fn passes(b: &World, words: &str) {
    let said = bob_pushes(b, words);
    assert_eq!(said.done().err, "");
}

#[test]
fn a_file_below_it() {
    let (_team, _, b) = held();
    commit(&b, "src/other", "1");
    passes(&b, "origin main");
    for n in 0..5 {
        commit(&b, &format!("src/net/{n}"), "1");
    }
    commit(&b, "README", "1");
    bob_pushes(&b, "origin main")
        .fails(1, "path:src/net is claimed by wizard@devvm@alice")
        .hints("git presence wait path:src/net")
        .hints("path:src/net covers src/net/0, src/net/1, src/net/2 and 2 more");
    let forced = b.with("GIT_PRESENCE_BYPASS", "agreed with alice");
    bob_pushes(&forced, "origin main").warns("path:src/net (src/net/0");
}

#[test]
fn shared_claims_and_globs() {
    let (_team, a, b) = pair();
    a.alice("claim path:src/**/*.rs --purpose rewrite").done();
    commit(&b, "src/net/dns.rs", "1");
    bob_pushes(&b, "origin main")
        .warns("ALSO CLAIMED BY wizard@devvm@alice (")
        .warns("): path:src/**/*.rs (src/net/dns.rs)");
}

#[test]
fn changed_and_changed_back() {
    let (_team, _, b) = held();
    commit(&b, "src/net/dns", "other");
    b.git("revert --no-edit HEAD");
    is_stopped(&b, "origin main");
}

#[test]
fn moved_out_and_moved_in() {
    let (_team, _, b) = held();
    b.git("mv src/net/dns moved");
    b.git("commit --quiet -m out");
    is_stopped(&b, "origin main");
    b.git("reset --quiet --hard origin/main");
    commit(&b, "file", "1\n2\n3\n");
    passes(&b, "origin main");
    b.git("mv file src/net/file");
    b.git("commit --quiet -m in");
    is_stopped(&b, "origin main");
}

#[test]
fn removed_and_made_executable() {
    let (_team, _, b) = held();
    b.git("update-index --chmod=+x src/net/dns");
    b.git("commit --quiet -m mode");
    is_stopped(&b, "origin main");
    b.git("reset --quiet --hard origin/main");
    b.git("rm --quiet src/net/dns");
    b.git("commit --quiet -m removed");
    is_stopped(&b, "origin main");
}

#[test]
fn a_submodule_that_is_moved_counts_whatever_its_settings_leave_out() {
    let (_team, _, b) = held();
    let moved = |at: &str| {
        let id = b.git(&format!("rev-parse {at}"));
        let entry = format!("160000,{},src/net/sub", id.trim());
        b.git(&format!("update-index --add --cacheinfo {entry}"));
        b.git("commit --quiet -m moved");
    };
    // The entry is on a branch of its own, so that what follows only moves it.
    moved("HEAD");
    is_stopped(&b, "origin HEAD:side");
    b.write(
        ".gitmodules",
        "[submodule \"s\"]\n\tpath = src/net/sub\n\turl = x\n\tignore = all\n",
    );
    is_stopped(&b, "origin HEAD:side");
    b.git("config submodule.s.ignore all");
    b.git("config diff.ignoreSubmodules all");
    is_stopped(&b, "origin HEAD:side");
}

#[test]
fn a_new_branch_and_a_tag() {
    let (_team, _, b) = held();
    b.git("checkout --quiet -b side");
    passes(&b, "origin side");
    commit(&b, "src/net/dns", "other");
    is_stopped(&b, "origin side:another");
    is_stopped(&b, "origin HEAD:refs/tags/light");
    b.git("tag -a heavy -m \"a tag\"");
    is_stopped(&b, "origin heavy");
    // The commit is not in what is pushed here.
    passes(&b, "origin main:third :side");
}

#[test]
fn a_branch_that_is_moved_back_or_elsewhere() {
    let (_team, a, b) = held();
    commit(&b, "src/net/dns", "other");
    is_stopped(&b, "--force origin HEAD:main");
    // Bob does not have what stands there.
    b.git("reset --quiet --hard HEAD^");
    commit(&a, "src/net/dns", "alice");
    alice_pushes(&a, "origin main");
    commit(&b, "file", "1");
    passes(&b, "--force origin HEAD:main");
}

#[test]
fn what_others_changed_comes_along_in_a_merge() {
    let (_team, a, b) = held();
    b.git("checkout --quiet -b side");
    commit(&b, "file", "1");
    passes(&b, "origin side");
    commit(&a, "src/net/dns", "alice");
    alice_pushes(&a, "origin main");
    b.git("fetch --quiet");
    b.git("merge --quiet --no-edit origin/main");
    passes(&b, "origin side");
    // Not even where the remote has none of it under the name of this branch.
    passes(&b, "origin side:side2");
}

#[test]
fn what_merged_by_itself_is_no_change() {
    let (_team, a, b) = held();
    a.alice("release path:src/net").done();
    b.git("checkout --quiet -b side");
    commit(&b, "src/net/dns", "first\n2\n3\n4\n5\n6\n7\n8\n9\n");
    passes(&b, "origin side");
    commit(&a, "src/net/dns", "1\n2\n3\n4\n5\n6\n7\n8\nlast\n");
    alice_pushes(&a, "origin main");
    a.alice("claim path:src/net --exclusive --purpose rewrite")
        .done();
    b.git("fetch --quiet");
    b.git("merge --quiet --no-edit origin/main");
    assert_eq!(b.read("src/net/dns"), "first\n2\n3\n4\n5\n6\n7\n8\nlast\n");
    passes(&b, "origin side");
}

#[test]
fn what_a_merge_changes_itself() {
    let (_team, a, b) = held();
    b.git("checkout --quiet -b side");
    commit(&b, "file", "1");
    passes(&b, "origin side");
    commit(&a, "more", "1");
    alice_pushes(&a, "origin main");
    b.git("fetch --quiet");
    b.git("merge --quiet --no-edit --no-commit origin/main");
    commit(&b, "src/net/a \"name\"\twith ä", "slipped in");
    assert_eq!(b.git("rev-list --count --merges origin/side..side"), "1");
    is_stopped(&b, "origin side");
}

#[test]
fn a_merge_of_what_is_not_there_yet() {
    let (_team, _, b) = held();
    b.git("checkout --quiet -b side");
    commit(&b, "src/net/dns", "other");
    b.git("checkout --quiet main");
    commit(&b, "file", "1");
    b.git("merge --quiet --no-edit --no-ff side");
    is_stopped(&b, "origin main");
}

#[test]
fn what_is_there_already_moves_another_branch() {
    let (_team, a, b) = held();
    a.alice("release path:src/net").done();
    b.git("checkout --quiet -b side");
    commit(&b, "src/net/dns", "other");
    passes(&b, "origin side");
    a.alice("claim path:src/net --exclusive --purpose rewrite")
        .done();
    is_stopped(&b, "origin side:main");
}

#[test]
fn names_that_are_not_text() {
    let (_team, _, b) = held();
    let odd = b.dir().join(std::ffi::OsString::from("src/net"));
    let name = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xff\xfe");
    std::fs::write(odd.join(name), "1").unwrap();
    b.git("add --all");
    b.git("commit --quiet -m odd");
    is_stopped(&b, "origin main");
}

#[test]
fn to_a_url_that_has_no_name() {
    let (team, _, b) = held();
    let url = team.hub().dir().display().to_string();
    // Such a push brings nothing of the board along.
    b.bob("sync").done();
    commit(&b, "file", "1");
    passes(&b, &format!("{url} main:side"));
    commit(&b, "src/net/dns", "other");
    is_stopped(&b, &format!("{url} main:another"));
}

#[test]
fn a_first_push() {
    let team = Team::new();
    let (a, b) = (team.clone_to("a"), team.outside().at("b"));
    a.alice("claim path:src --exclusive --purpose rewrite")
        .done();
    b.git("init --quiet");
    b.bob("install").done();
    b.git(&format!("remote add origin {}", team.hub().dir().display()));
    commit(&b, "src/a", "1");
    bob_pushes(&b, "origin main:first").fails(1, "path:src is claimed by");
    b.git("reset --quiet --hard");
    b.git("checkout --quiet --orphan other");
    b.git("rm -r --quiet --force .");
    commit(&b, "file", "1");
    passes(&b, "origin other");
}

#[test]
fn where_ids_are_longer_and_refs_are_no_files() {
    for (options, clone) in [
        ("--object-format=sha256", ""),
        ("", "--ref-format=reftable"),
    ] {
        let team = Team::with(options);
        if !clone.is_empty()
            && team.outside().try_git("init --ref-format=reftable x").code != Some(0)
        {
            continue;
        }
        let (a, b) = (team.clone_to("a"), team.clone_with(clone, "b"));
        b.bob("install").done();
        a.alice("claim path:src --exclusive --purpose rewrite")
            .done();
        commit(&b, "file", "1");
        passes(&b, "origin HEAD:main");
        commit(&b, "src/a", "1");
        bob_pushes(&b, "origin HEAD:main").fails(1, "path:src is claimed by");
    }
}

#[test]
fn from_a_linked_work_tree_and_a_shallow_clone() {
    let (team, _, b) = held();
    b.git("worktree add --quiet -b linked ../linked");
    let linked = b.at("linked");
    commit(&linked, "src/net/dns", "other");
    is_stopped(&linked, "origin linked");
    let shallow = team.clone_with("--depth 1", "shallow");
    shallow.bob("install").done();
    commit(&shallow, "file", "1");
    passes(&shallow, "origin HEAD:shallow");
    commit(&shallow, "src/net/dns", "other");
    is_stopped(&shallow, "origin HEAD:shallow");
}

#[test]
fn a_forced_push_that_takes_away_what_was_pushed() {
    let (_team, a, b) = held();
    commit(&a, "src/net/dns", "work of alice");
    alice_pushes(&a, "origin main");
    // Seen, and thrown away.
    b.git("fetch --quiet");
    commit(&b, "src/other", "1");
    is_stopped(&b, "--force origin main");
    b.git("rebase --quiet origin/main");
    passes(&b, "origin main");
    // A branch that is set back, without anything new.
    b.git("reset --quiet --hard HEAD~2");
    is_stopped(&b, "--force origin main");
}

#[test]
fn a_rebase_onto_the_work_of_others() {
    let (_team, a, b) = held();
    b.git("checkout --quiet -b feat");
    commit(&b, "src/other", "1");
    passes(&b, "origin feat");
    commit(&a, "src/net/dns", "work of alice");
    alice_pushes(&a, "origin main");
    b.git("fetch --quiet");
    b.git("rebase --quiet origin/main");
    passes(&b, "--force origin feat");
    // Two at once, one of which moves forward.
    commit(&b, "src/more", "1");
    b.git("commit --quiet --amend -m other");
    b.git("branch side origin/main");
    passes(&b, "--force origin feat side");
    // What it changes itself is still found.
    commit(&b, "src/net/mine", "1");
    is_stopped(&b, "--force origin feat");
}
