//! Refs on the hub that are no sessions, and copies here that are damaged.
//!
//! Owns the promise that one odd thing is told and hides no other session.

use super::{Team, agree, are_sound, board, claimed, sync};
use crate::forge::replace;
use crate::world::{ALICE, BOB, World};

/// Two clones that know of each other.
fn acquainted() -> (Team, World, World) {
    let (team, a, b) = Team::pair();
    a.alice("claim infra:a --purpose p").done();
    a.carol("claim infra:c --purpose p").done();
    b.bob("claim infra:b --purpose p").done();
    (team, a, b)
}

/// The file of the copy that `b` has of a session of `a`.
fn copy_of(b: &World, a: &World, session: &str) -> std::path::PathBuf {
    let name = a.ref_of(session);
    let name = name.replace("refs/presence/", "refs/presence-remote/origin/");
    assert!(b.git_dir().join(&name).is_file());
    b.git_dir().join(name)
}

/// Below the sessions of the hub, and none.
const ODD: [&str; 7] = [
    "a-blob",
    "a-tree",
    "code",
    "large",
    "newer",
    "symbolic",
    "wrong-key",
];

#[test]
fn what_is_no_session_hides_no_other() {
    let (team, a, b) = acquainted();
    let hub = team.hub();
    let session = a.ref_of(ALICE);
    let put = |name: &str, value: &str| {
        hub.git(&format!("update-ref refs/presence/sessions/{name} {value}"));
    };
    let blob = hub.git_with_input("hash-object -w --stdin", b"hello");
    put("a-blob", &blob);
    put("a-tree", "main^{tree}");
    put("code", "main");
    put("wrong-key", &session);
    hub.git("symbolic-ref refs/presence/sessions/symbolic refs/heads/main");
    hub.git("symbolic-ref refs/presence/sessions/nowhere refs/heads/nowhere");
    hub.put(
        "refs/presence/sessions/large",
        &[("session.toml".to_owned(), vec![b'#'; 200_000])].into(),
        "claim x",
    );
    put("newer", &session);
    hub.rewrite("refs/presence/sessions/newer", |files| {
        let own = files.get_mut("session.toml").unwrap();
        *own = replace("format = 1", "format = 2")(std::mem::take(own));
    });
    a.alice("claim infra:news --purpose p").done();
    // The first few, and how many more.
    b.anyone("sync")
        .warns("refs/presence/sessions/a-blob: ")
        .warns("more");
    assert_eq!(claimed(&b), ["infra:a", "infra:b", "infra:c", "infra:news"]);
    b.bob("list").warns("unreadable records");
    let status = b.bob("status --json").json();
    assert_eq!(status["problems"].as_array().unwrap().len(), ODD.len());
    let said = b.bob("doctor");
    said.exits(1);
    for name in ODD {
        assert!(status["problems"].to_string().contains(name), "{status}");
        said.prints(name);
    }
    // Who knows what they hold?
    b.bob("claim infra:free --purpose p --refuse")
        .refuses("may be claimed");
    b.bob("claim infra:free --purpose p")
        .says("confirmed by origin")
        .says("MAY BE CLAIMED");
    b.bob("log").says("infra:news");
    are_sound(&[&b]);
    for name in ODD {
        hub.git(&format!(
            "update-ref --no-deref -d refs/presence/sessions/{name}"
        ));
    }
    sync(&[&b, &a]);
    agree(&[&a, &b]);
}

/// On the hub no session can stand beside it; here they can.
#[test]
fn a_ref_where_a_folder_belongs() {
    let team = Team::new();
    let hub = team.hub();
    hub.git("update-ref refs/presence/sessions main");
    let (a, b) = (team.outside().at("a"), team.outside().at("b"));
    for clone in [&a, &b] {
        clone.git("clone --quiet ../hub.git .");
        let _ = clone.anyone("sync");
    }
    a.alice("claim infra:a --purpose p")
        .warns("recorded here")
        .says("not yet at origin");
    a.alice("list").says("infra:a");
    a.alice("status").says("not sent yet");
    hub.git("update-ref -d refs/presence/sessions");
    for clone in [&a, &b] {
        clone.anyone("sync --retry").done();
    }
    b.bob("claim infra:b --purpose p")
        .says("confirmed by origin");
    sync(&[&a]);
    agree(&[&a, &b]);
}

#[test]
fn a_damaged_copy_is_fetched_again() {
    for damage in [
        "",
        "garbage\n",
        "1234567890123456789012345678901234567890\n",
    ] {
        let (_team, a, b) = acquainted();
        let copy = copy_of(&b, &a, ALICE);
        std::fs::write(&copy, damage).unwrap();
        a.carol("claim infra:news --purpose p").done();
        b.bob("list").warns("unreadable records");
        sync(&[&b]);
        assert_eq!(board(&b), board(&a), "after {damage:?}");
        agree(&[&a, &b]);
        are_sound(&[&b]);
    }
}

#[test]
fn a_lock_left_on_a_copy_goes() {
    let (_team, a, b) = acquainted();
    let copy = copy_of(&b, &a, ALICE);
    let lock = copy.with_extension("lock");
    std::fs::write(&lock, "").unwrap();
    a.alice("claim infra:late --purpose p").done();
    a.carol("claim infra:news --purpose p").done();
    sync(&[&b]);
    assert!(!lock.exists(), "no Git works here that could hold it");
    agree(&[&a, &b]);
}

#[test]
fn a_copy_whose_objects_are_gone_is_fetched_again() {
    let (_team, a, b) = acquainted();
    let copy = copy_of(&b, &a, ALICE);
    let tip = std::fs::read_to_string(copy).unwrap();
    let object = b
        .git_dir()
        .join(format!("objects/{}/{}", &tip[..2], tip[2..].trim_end()));
    std::fs::remove_file(object).unwrap();
    b.bob("list").warns("unreadable records");
    sync(&[&b, &a]);
    agree(&[&a, &b]);
    are_sound(&[&b]);
}

/// More than go in one push, and enough to compare before anything is fetched.
const MANY: usize = 60;

#[test]
fn many_sessions_at_once() {
    let (team, a, b) = Team::pair();
    a.git("config presence.autoSync false");
    a.git("config presence.fsync false");
    let claims: String = (0..MANY)
        .map(|i| format!("GIT_PRESENCE_SESSION=s{i} git-presence claim infra:n{i} -p p\n"))
        .collect();
    a.sh(&format!("set -e\n{claims}")).done();
    a.anyone("sync").says(&format!("sent {MANY}"));
    b.anyone("sync").says(&format!("received {MANY}"));
    assert_eq!(team.refs().lines().count(), MANY);
    agree(&[&a, &b]);
    // Of many one changes: only that one comes.
    a.session("s7", "release infra:n7").done();
    b.bob("claim infra:b --purpose p").done();
    a.anyone("sync").says("sent 1").says("received 1");
    b.anyone("sync").says("received 1 change, sent nothing");
    agree(&[&a, &b]);
    assert_eq!(b.session(BOB, "list --mine").lines().len(), 2);
}
