//! The write path over a store that loses, dies or holds garbage.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gix::ObjectId;

use super::refs::memory::MemoryRefs;
use super::refs::{RefStore, RefValue};
use super::*;
use crate::clock::Clock;
use crate::ledger::objects::{read, write};
use crate::ledger::repository::Repository;
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::id::{NodeId, RandomId};
use crate::model::resource::Resource;
use crate::model::session::{Request, Session, step};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;
use crate::model::time::Ttl;

const START_MILLIS: i64 = 1_763_719_200_000;

/// A clock that is moved by hand, ids that are counted, pauses that take no time.
#[derive(Default)]
struct Bench {
    secs: Cell<i64>,
    ids: Cell<u8>,
    pauses: RefCell<Vec<u64>>,
}

impl Clock for Bench {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(START_MILLIS + self.secs.get() * 1000)
    }

    fn random(&self) -> RandomId {
        self.ids.set(self.ids.get().wrapping_add(1));
        RandomId::from_bytes([self.ids.get(); 16])
    }

    fn elapsed(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    fn since_boot(&self) -> (String, u64) {
        ("boot".to_owned(), 0)
    }

    fn pause(&self, millis_max: u64) {
        self.pauses.borrow_mut().push(millis_max);
    }
}

/// The store is kept outside the ledger so that a test can look into it.
impl RefStore for Rc<MemoryRefs> {
    fn read(&self, name: &str) -> Result<RefValue, RefError> {
        self.as_ref().read(name)
    }

    fn list(&self, prefix: &str) -> Result<Vec<(String, RefValue)>, RefError> {
        self.as_ref().list(prefix)
    }

    fn swap(&self, name: &str, old: Option<ObjectId>, new: ObjectId) -> Result<(), SwapError> {
        self.as_ref().swap(name, old, new)
    }

    fn reads_one_cheaply(&self) -> bool {
        true
    }

    fn is_locked(&self, name: &str, now: Timestamp) -> bool {
        self.as_ref().is_locked(name, now)
    }

    fn repair(&self, name: &str, found: &RefValue, to: Option<ObjectId>) -> Result<(), SwapError> {
        self.as_ref().repair(name, found, to)
    }
}

struct Fixture {
    _dir: tempfile::TempDir,
    refs: Rc<MemoryRefs>,
    ledger: Ledger,
    bench: Bench,
}

fn fixture(refs: MemoryRefs) -> Fixture {
    let dir = tempfile::tempdir().unwrap();
    gix::init_bare(dir.path()).unwrap();
    let repository = Repository::open(dir.path(), &repository::Surroundings::default()).unwrap();
    let durability = Durability {
        fsync: false,
        quarantined: false,
    };
    let refs = Rc::new(refs);
    let mut ledger = Ledger::new(&repository, durability);
    ledger.refs = Box::new(refs.clone());
    Fixture {
        _dir: dir,
        refs,
        ledger,
        bench: Bench::default(),
    }
}

impl Fixture {
    fn me(&self) -> Actor {
        Actor {
            id: SessionId::parse("me").unwrap(),
            node: NodeId::from_bytes([9; 16]),
            agent: None,
            user: "wizard".into(),
            host: "devvm".into(),
            process: None,
            worktree: None,
            branch: None,
        }
    }

    fn my_ref(&self) -> String {
        layout::session_ref(&self.me().id, self.me().node)
    }

    fn ask(&self, request: &Request) -> Result<Outcome, LedgerError> {
        let me = self.me();
        let mut decide =
            |before: Option<&Session>, now| step(before, &me, request, now, Ttl::DEFAULT);
        self.ledger.sessions().update(&self.bench, &me, &mut decide)
    }

    fn claim(&self, label: &str) -> Result<Outcome, LedgerError> {
        self.ask(&Request::Claim {
            wanted: vec![Resource::parse(label).unwrap()],
            purpose: Purpose::parse("test").unwrap(),
            ttl: Ttl::DEFAULT,
        })
    }

    fn held(&self) -> Vec<String> {
        let board = self.ledger.board().unwrap();
        let live = board.live(self.bench.now());
        live.iter().map(|h| h.resource.to_string()).collect()
    }

    fn words(&self) -> Vec<String> {
        let events = self.ledger.events(100, None, &|_| true).unwrap();
        let words = events.iter().map(|entry| entry.event.kind.word());
        words.map(str::to_owned).collect()
    }
}

#[test]
fn a_lost_race_is_decided_again_and_bounded() {
    let f = fixture(MemoryRefs::losing(3));
    assert!(matches!(f.claim("node:a").unwrap(), Outcome::Written(_)));
    assert_eq!(f.held(), ["node:a"]);
    assert_eq!(*f.bench.pauses.borrow(), [5, 10, 20], "it backs off");
    let f = fixture(MemoryRefs::losing(u32::MAX));
    match f.claim("node:a") {
        Err(LedgerError::Contended { rounds, .. }) => assert_eq!(rounds, 16),
        other => panic!("{other:?}"),
    }
    let longest = f.bench.pauses.borrow().iter().max().copied();
    assert_eq!(longest, Some(500));
}

#[test]
fn a_store_that_dies_at_any_step_leaves_the_old_or_the_new_state() {
    for first in 0..6 {
        let f = fixture(MemoryRefs::default());
        f.claim("node:a").unwrap();
        f.refs.die_in(first);
        let outcome = f.claim("node:b");
        f.refs.revive();
        let held = f.held();
        match outcome {
            Ok(_) => assert_eq!(held, ["node:a", "node:b"], "done is done"),
            Err(_) => assert!(
                held == ["node:a"] || held == ["node:a", "node:b"],
                "{held:?}"
            ),
        }
        assert!(f.ledger.board().unwrap().unreadable.is_empty());
        // A lost answer does no harm: the same request again has one effect.
        f.claim("node:b").unwrap();
        assert_eq!(f.held(), ["node:a", "node:b"]);
    }
}

#[test]
fn heartbeats_replace_heartbeats_and_events_stay() {
    let f = fixture(MemoryRefs::default());
    f.claim("node:a").unwrap();
    for secs in [100, 200, 300] {
        f.bench.secs.set(secs);
        f.ask(&Request::Heartbeat).unwrap();
    }
    assert_eq!(f.words(), ["heartbeat", "claim"]);
    f.claim("node:b").unwrap();
    f.bench.secs.set(400);
    f.ask(&Request::Heartbeat).unwrap();
    assert_eq!(f.words(), ["heartbeat", "claim", "heartbeat", "claim"]);
}

#[test]
fn a_heartbeat_rewrites_only_the_session_record() {
    let f = fixture(MemoryRefs::default());
    f.claim("node:a").unwrap();
    let objects = || f.ledger.objects.loose_ids().count();
    let before = objects();
    f.bench.secs.set(100);
    f.ask(&Request::Heartbeat).unwrap();
    assert_eq!(objects() - before, 3, "one blob, one tree, one commit");
}

/// Puts a tree of these files under the session's own ref, as another program might write it.
fn plant(f: &Fixture, change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) {
    let RefValue::At(tip) = f.refs.read(&f.my_ref()).unwrap() else {
        panic!("no session to change");
    };
    let commit = f.ledger.objects.read_commit(tip).unwrap();
    let files = f.ledger.objects.read_tree(commit.tree).unwrap();
    let read = |id| {
        f.ledger
            .objects
            .read(id, gix::objs::Kind::Blob, u64::MAX / 2)
            .unwrap()
    };
    let mut files: Vec<_> = files.into_iter().map(|f| (f.name, read(f.id))).collect();
    change(&mut files);
    let mut batch = f.ledger.objects.begin();
    let files = files
        .into_iter()
        .map(|(name, bytes)| read::TreeFile {
            name,
            id: batch.blob(&bytes).unwrap(),
        })
        .collect();
    let tree = batch.tree(files).unwrap();
    let text = write::CommitWrite {
        parents: vec![tip],
        author_name: "x".into(),
        author_email: "x".into(),
        seconds: 0,
        message: "planted\n".into(),
    };
    let id = batch.commit(tree, text).unwrap();
    batch.publish().unwrap();
    f.refs.put(&f.my_ref(), RefValue::At(id));
}

fn entry(label: &str) -> String {
    records::CLAIM.file_named(label)
}

#[test]
fn what_this_version_does_not_know_survives_a_rewrite() {
    let f = fixture(MemoryRefs::default());
    f.claim("node:a").unwrap();
    let newer = (
        entry("node:new"),
        b"format = 7\nlease = \"strange\"\n".to_vec(),
    );
    plant(&f, |files| {
        for (name, bytes) in files.iter_mut() {
            bytes.extend_from_slice(format!("future = \"{name}\"\n").as_bytes());
        }
        files.push(("notes.toml".into(), b"anything".to_vec()));
        files.push(newer.clone());
    });
    f.bench.secs.set(100);
    f.claim("node:a").unwrap();
    f.ask(&Request::Heartbeat).unwrap();
    let mut seen = Vec::new();
    plant(&f, |files| seen.clone_from(files));
    let find = |name: &str| {
        let file = seen.iter().find(|(found, _)| found == name);
        String::from_utf8(file.unwrap().1.clone()).unwrap()
    };
    assert!(find("session.toml").contains("future = \"session.toml\""));
    assert!(find(&entry("node:a")).contains("future = "));
    assert_eq!(find("notes.toml"), "anything");
    assert_eq!(find(&newer.0).as_bytes(), newer.1);
    // It is shown, and the session does not replace it.
    let board = f.ledger.board().unwrap();
    assert!(
        board.unreadable[0]
            .to_string()
            .contains("newer git-presence (format 7)")
    );
    assert!(matches!(
        f.claim("node:new"),
        Err(LedgerError::Unreadable(_))
    ));
    f.ask(&Request::ReleaseAll).unwrap();
    plant(&f, |files| assert!(files.contains(&newer)));
}

#[test]
fn damaged_claims_are_reported_may_hold_their_resource_and_are_repaired() {
    let f = fixture(MemoryRefs::default());
    f.claim("node:a").unwrap();
    let good = "format = 1\nresource = \"node:c\"\npurpose = \"p\"\nmode = \"shared\"\n\
                claimed_at = 2025-11-21T10:00:00Z\nttl_seconds = 900\n";
    plant(&f, |files| {
        files.push((entry("node:bad"), b"not toml at all [".to_vec()));
        files.push((entry("node:b"), good.as_bytes().to_vec()));
        files.push((entry("node:raw"), vec![0xff; 10]));
        files.push((entry("path:src/x"), vec![b'#'; 70_000]));
    });
    let board = f.ledger.board().unwrap();
    let mut defects: Vec<String> = board
        .unreadable
        .iter()
        .map(|u| u.defect.to_string())
        .collect();
    defects.sort();
    assert_eq!(defects.len(), 4);
    assert_eq!(defects[0], "larger than 65536 bytes");
    assert!(defects[1].starts_with("malformed ("));
    assert_eq!(defects[2], "not UTF-8");
    assert_eq!(defects[3], "stands under the wrong key for \"node:c\"");
    let may = |label: &str| {
        let resource = Resource::parse(label).unwrap();
        let mut hidden = board.unreadable.iter();
        hidden.any(|u| layout::may_hold(&u.may_hold, &resource))
    };
    assert!(may("node:bad") && may("node:b") && may("path:elsewhere"));
    assert!(!may("node:a") && !may("node:c"));
    assert_eq!(f.held(), ["node:a"], "the readable ones still count");
    let findings = f.ledger.health().examine(&f.bench, true);
    assert!(
        findings.iter().all(|finding| !finding.is_open()),
        "{findings:?}"
    );
    assert!(f.ledger.board().unwrap().unreadable.is_empty());
    assert_eq!(f.held(), ["node:a"]);
}

#[test]
fn a_broken_own_ref_is_refused_and_repaired_from_what_is_left() {
    let f = fixture(MemoryRefs::default());
    f.claim("node:a").unwrap();
    f.bench.secs.set(60);
    f.claim("node:b").unwrap();
    let broken = RefValue::Broken("the file is empty".into());
    f.refs.put(&f.my_ref(), broken.clone());
    assert!(matches!(f.claim("node:c"), Err(LedgerError::Unreadable(_))));
    assert_eq!(
        f.refs.read(&f.my_ref()).unwrap(),
        broken,
        "nothing was written over it"
    );
    let looked_at = f.ledger.health().examine(&f.bench, false);
    assert!(looked_at[0].is_open() && looked_at[0].repairable);
    assert_eq!(
        f.refs.read(&f.my_ref()).unwrap(),
        broken,
        "looking changes nothing"
    );
    f.ledger.health().examine(&f.bench, true);
    assert_eq!(f.held(), ["node:a", "node:b"], "the newest state is back");
}

#[test]
fn a_dangling_ref_is_repaired_and_one_with_nothing_left_is_removed() {
    let f = fixture(MemoryRefs::default());
    f.claim("node:a").unwrap();
    let nowhere = ObjectId::from_hex(&[b'1'; 40]).unwrap();
    f.refs.put(&f.my_ref(), RefValue::At(nowhere));
    let other = format!(
        "{}other-0000000000000000",
        layout::namespace(layout::SESSIONS_FOLDER)
    );
    f.refs.put(&other, RefValue::At(nowhere));
    assert_eq!(f.ledger.board().unwrap().unreadable.len(), 2);
    f.ledger.health().examine(&f.bench, true);
    assert_eq!(f.held(), ["node:a"]);
    assert_eq!(f.refs.read(&other).unwrap(), RefValue::Absent);
}

#[test]
fn nothing_is_written_while_a_push_is_being_checked() {
    let mut f = fixture(MemoryRefs::default());
    f.ledger.quarantined = true;
    assert!(matches!(f.claim("node:a"), Err(LedgerError::Quarantined)));
    assert_eq!(f.held(), Vec::<String>::new());
}
