//! What a fold needs, damaged here or forged at the remote.
//!
//! Owns that one of these stops no fold of anything else, that it is told, and that the cure which
//! is told works.

use crate::machines::Team;
use crate::machines::folding::comes_and_goes;
use crate::world::World;

/// A clone without a sync of its own that has folded `one`; and its hub.
fn folded() -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    a.git("config presence.fsync false");
    a.git("config presence.autoSync false");
    comes_and_goes(&a, "one");
    a.later("8d");
    a.anyone("gc").says("Folded 1 of 1");
    (team, a, b)
}

fn archive(clone: &World) -> String {
    clone.git("for-each-ref --format=%(refname) refs/presence-archive")
}

#[test]
fn an_archive_that_cannot_be_read_stops_its_month_alone() {
    for damage in ["not an id\n", "the id of a blob"] {
        let (_team, a, _b) = folded();
        let name = archive(&a);
        let blob = a.git_with_input("hash-object -w --stdin", b"no archive\n");
        let bytes = match damage.starts_with("not") {
            true => damage.to_owned(),
            false => format!("{blob}\n"),
        };
        comes_and_goes(&a, "two");
        a.later("29d");
        comes_and_goes(&a, "three");
        a.later("8d");
        std::fs::write(a.ref_file(&name), bytes).unwrap();
        a.anyone("gc")
            .says("Folded 1 of 2")
            .warns("what it is for stays on the board: git presence doctor --repair")
            .warns(name.as_str());
        a.anyone("sync").done();
        let refs = "for-each-ref --format=%(refname) refs/presence/sessions";
        assert!(a.git(refs).contains("/two-"), "{}", a.git(refs));
        // What is not shown is told.
        a.anyone("log")
            .warns("its history is not shown: git presence doctor")
            .omits("work of one");
        a.anyone("doctor")
            .exits(1)
            .prints(name.as_str())
            .prints("--repair sets it back to the newest state");
        a.anyone("doctor --repair").says("repaired: set to");
        a.anyone("gc").says("Folded 1 of 1").omits("warning");
        assert_eq!(a.git(refs), "");
        let log = a.anyone("log -n 100");
        for who in ["one", "two", "three"] {
            log.says(format!("work of {who}").as_str());
        }
        a.anyone("doctor").done();
    }
}

#[test]
fn a_file_of_an_archive_that_cannot_be_read_is_told_and_left_out() {
    let (_team, a, _b) = folded();
    let name = archive(&a);
    let mut files = a.files_of(&name);
    files.insert("31.toml".to_owned(), b"no file of ours".to_vec());
    a.put(&name, &files, "archive");
    a.anyone("doctor")
        .exits(1)
        .prints("1 of 2 files in refs/presence-archive/")
        .prints("31.toml");
    a.anyone("doctor --repair").says("repaired");
    a.anyone("doctor").done();
    a.anyone("log").says("work of one");
}

#[test]
fn a_forged_floor_stops_no_fold_and_lowers_no_token() {
    let (team, a, b) = Team::pair();
    a.git("config presence.fsync false");
    a.git("config presence.autoSync false");
    let floor = "refs/presence/locks/floor";
    a.alice("claim -x infra:free --purpose x").done();
    a.alice("release infra:free").done();
    comes_and_goes(&a, "one");
    a.later("40d");
    let hub = team.hub();
    for (files, text) in [
        (vec![], "no cell.toml"),
        (vec![("cell.toml", "x")], "malformed"),
        (
            vec![("cell.toml", "format = 1\ntoken = 4500000000000000\n")],
            "ahead of any clock",
        ),
    ] {
        let files = files.into_iter();
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        hub.put(floor, &files.collect(), "floor");
        a.anyone("sync").done();
        a.anyone("doctor")
            .exits(1)
            .prints(text)
            .prints("--repair replaces it");
        // Others are told, and granted.
        b.bob("claim -x infra:new --purpose y")
            .says("Claimed infra:new")
            .warns("tokens begin above what is known here: git presence doctor --repair");
        b.bob("release infra:new").done();
    }
    a.anyone("gc")
        .says("Folded 1 of")
        .warns("what it is for stays on the board");
    let locks = |team: &Team| team.refs().matches("refs/presence/locks/").count();
    let before = locks(&team);
    a.anyone("doctor --repair")
        .says("repaired: replaced; tokens begin above");
    a.anyone("doctor").done();
    a.anyone("gc").omits("warning").done();
    assert!(locks(&team) < before);
}

#[test]
fn a_floor_that_is_gone_is_remembered() {
    let (team, a, _b) = Team::pair();
    a.git("config presence.fsync false");
    let floor = "refs/presence/locks/floor";
    let ahead = a.now().as_millis() + 20 * 60 * 60 * 1000;
    let text = format!("format = 1\ntoken = {ahead}\n");
    let files = [("cell.toml".to_owned(), text.into_bytes())].into();
    let hub = team.hub();
    hub.put(floor, &files, "floor");
    a.anyone("sync").done();
    hub.git(&format!("update-ref -d {floor}"));
    a.anyone("sync").tells("the next token is above");
    a.git("config presence.clockSkew 1d");
    let said = a.alice("claim -x infra:dns --purpose x --json");
    let token = said.done().json()["claims"][0]["token"].as_u64();
    assert!(token.unwrap() > u64::try_from(ahead).unwrap(), "{token:?}");
}
