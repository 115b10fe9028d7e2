//! A third kind of record, added in one place: here.
//!
//! Owns two rows that no release has, and the table with them: notes, in refs that sessions own and
//! beside their claims, and parcels, in cells that an arbiter decides. All that keeps records is
//! run over that table. Never adds a line anywhere else: what does not go by the table fails here.

mod rows;

use std::cell::Cell as Counter;
use std::path::Path;
use std::time::Duration;

use crate::clock::Clock;
use crate::git::Git;
use crate::git::remote::{Remote, RemoteOptions, Ssh};
use crate::ledger::kind::Namespace;
use crate::ledger::records::SESSIONS;
use crate::ledger::repository::{Repository, Surroundings};
use crate::ledger::{Beside, Durability, Ledger, Outcome, layout};
use crate::model::actor::Actor;
use crate::model::id::{RandomId, SessionId};
use crate::model::lock::{self, Lock};
use crate::model::lock_request;
use crate::model::offer::OfferPolicy;
use crate::model::resource::Resource;
use crate::model::session::{Bypass, Request as Asks, step};
use crate::model::text::Purpose;
use crate::model::time::{Timestamp, Ttl};
use crate::sync::rounds::Scope;
use crate::sync::{Arbiter, LivenessPolicy, Proposal, Request, Verdict, settle, sync};
use rows::{BOXES, NOTE, NOTED_SESSIONS, NOTES, Note, PARCEL, TABLE};

/// A clock that stands still, and chance that is counted.
struct Still {
    seed: u8,
    drawn: Counter<u8>,
}

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_763_719_200_000)
    }

    fn random(&self) -> RandomId {
        self.drawn.set(self.drawn.get() + 1);
        let mut bytes = [self.seed; 16];
        bytes[0] = self.drawn.get();
        RandomId::from_bytes(bytes)
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn since_boot(&self) -> (String, u64) {
        ("boot".to_owned(), 0)
    }

    fn pause(&self, _millis_max: u64) {}
}

/// A clone of a hub, with the ledger in it.
struct Clone {
    dir: tempfile::TempDir,
    ledger: Ledger,
    remote: Remote,
    clock: Still,
    me: Actor,
}

fn left() -> Duration {
    Duration::from_secs(60)
}

fn clone(hub: &Path, seed: u8) -> Clone {
    let dir = tempfile::tempdir().unwrap();
    gix::init_bare(dir.path()).unwrap();
    let config = dir.path().join("config");
    let text = std::fs::read_to_string(&config).unwrap();
    let url = hub.display();
    std::fs::write(
        &config,
        format!("{text}[remote \"origin\"]\n\turl = {url}\n"),
    )
    .unwrap();
    let repository = Repository::open(dir.path(), &Surroundings::default()).unwrap();
    let durability = Durability {
        fsync: false,
        quarantined: false,
    };
    let ledger = Ledger::new(&repository, durability).knowing(&TABLE);
    let ledger = ledger.following(Some("origin"));
    let clock = Still {
        seed,
        drawn: Counter::new(0),
    };
    let node = ledger.ensure_node(&clock).unwrap();
    let options = RemoteOptions {
        board: [layout::ROOT, layout::TRACKING],
        ssh: Ssh::AsConfigured,
        fsync: false,
        tracking: layout::fetch_refspec("origin"),
    };
    Clone {
        remote: Remote::new(Git::at(dir.path()), "origin", options),
        dir,
        ledger,
        clock,
        me: Actor {
            id: SessionId::parse(&format!("me-{seed}")).unwrap(),
            node,
            agent: None,
            user: "wizard".into(),
            host: "devvm".into(),
            process: None,
            worktree: None,
            branch: None,
        },
    }
}

fn hub() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    gix::init_bare(dir.path()).unwrap();
    dir
}

fn note(about: &str, text: &str) -> Note {
    Note {
        about: about.to_owned(),
        text: text.to_owned(),
    }
}

fn resource(label: &str) -> Resource {
    Resource::parse(label).unwrap()
}

fn purpose() -> Purpose {
    Purpose::parse("test").unwrap()
}

impl Clone {
    /// Writes these notes as all of mine, with an event that stays.
    fn write(&self, namespace: &'static Namespace, notes: &[Note]) -> Outcome {
        let asks = Asks::Bypass(Bypass {
            about: vec![resource("node:a")],
            holders: Vec::new(),
            around: Vec::new(),
            reason: purpose(),
        });
        let set = self.ledger.records(namespace, &NOTE);
        let written = set.update(&self.clock, &self.me, &mut |before, _, now| {
            let step = step(before, &self.me, &asks, now, Ttl::DEFAULT)?;
            Ok(step.map(|step| (step, notes.to_vec())))
        });
        written.unwrap()
    }

    fn notes(&self, namespace: &'static Namespace) -> Vec<(SessionId, Note)> {
        let listing = self.ledger.records(namespace, &NOTE).list().unwrap();
        assert_eq!(listing.unreadable, []);
        let found = listing.found.into_iter();
        found.map(|f| (f.owner.unwrap().id, f.record)).collect()
    }

    fn sync(&self) -> usize {
        let scope = Scope {
            push: true,
            fetch: true,
            first: None,
            exclude: std::collections::BTreeSet::new(),
        };
        let request = Request {
            scope,
            deadline: left(),
            first_look: left(),
            in_background: false,
            retry: true,
            pushes_per_minute: 100,
        };
        let report = sync(&self.ledger, &self.remote, &self.clock, &request).unwrap();
        assert!(report.synced.pending.is_empty(), "{report:?}");
        report.synced.received
    }

    /// Asks the remote for a box, to put a parcel into it.
    fn ask(&self, label: &str, parcel: &Note) -> Verdict {
        let request = lock_request::Request::Grant(vec![lock::GrantRequest {
            resource: resource(label),
            purpose: purpose(),
            ttl: Ttl::DEFAULT,
        }]);
        let beside = |_: &_, _: &_| Beside::default().set(&PARCEL, vec![parcel.clone()]);
        let proposal = Proposal {
            who: &self.me,
            request: &request,
            liveness: LivenessPolicy {
                margin_secs: 0,
                holder_is_dead: &|_: &Lock| false,
                program_is_gone: &|_: &Lock| false,
                offers: OfferPolicy::BY_NAME,
            },
            beside: Some(&beside),
        };
        let arbiter = Arbiter::Remote {
            remote: &self.remote,
            left: &left,
        };
        settle(&self.ledger, &arbiter, &self.clock, &proposal).unwrap()
    }

    fn git(&self, args: &[&str], input: &str) -> String {
        let git = Git::at(self.dir.path());
        let output = git.run(args, input.as_bytes()).unwrap();
        let output = output.must_succeed().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Puts a file into the tree of a ref, as another program might have.
    fn plant(&self, name: &str, file: &str, text: &str) {
        let blob = self.git(&["hash-object", "-w", "--stdin"], text);
        let tree = self.git(&["ls-tree", name], "");
        let tree = format!("{tree}\n100644 blob {blob}\t{file}\n");
        let tree = self.git(&["mktree"], &tree);
        let parent = self.git(&["rev-parse", name], "");
        let by = format!("x <x> {} +0000", self.clock.now().as_millis() / 1000);
        let text =
            format!("tree {tree}\nparent {parent}\nauthor {by}\ncommitter {by}\n\nplanted\n");
        let commit = self.git(&["hash-object", "-t", "commit", "-w", "--stdin"], &text);
        self.git(&["update-ref", name, &commit], "");
    }
}

#[test]
fn records_of_a_new_namespace_are_kept_like_sessions() {
    let hub = hub();
    let [mine, yours] = [1, 2].map(|seed| clone(hub.path(), seed));
    let hello = note("node:a", "hello");
    assert!(matches!(
        mine.write(&NOTES, std::slice::from_ref(&hello)),
        Outcome::Written(_)
    ));
    assert_eq!(mine.notes(&NOTES), [(mine.me.id.clone(), hello.clone())]);
    assert_eq!(
        mine.ledger
            .tracking()
            .ahead(mine.clock.now())
            .unwrap()
            .len(),
        1
    );

    // A sync carries them, and all see whose they are, and what happened.
    mine.sync();
    assert_eq!(yours.sync(), 1);
    assert_eq!(yours.notes(&NOTES), [(mine.me.id.clone(), hello)]);
    let events = yours.ledger.events(10, None, &|_| true).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].event.session, mine.me.id);
    let folder = layout::tracking_ref("origin", &NOTES.prefix());
    let watched = yours.ledger.tracking().watched();
    assert!(
        watched.iter().any(|path| path.ends_with(&folder)),
        "{watched:?}"
    );

    // What cannot be read is found, here and in the copy, and dropped where it is ours.
    let name = NOTES.owned_ref(&mine.me.id, mine.me.node);
    mine.plant(&name, &NOTE.file_named("node:b"), "text = 5\n");
    mine.sync();
    yours.sync();
    let first = |clone: &Clone, repair| {
        let findings = clone.ledger.health().examine(&clone.clock, repair);
        assert!(findings[0].what.contains("note-node-b-"), "{findings:?}");
        findings[0].repairable
    };
    assert!(!first(&yours, false), "only its clone may");
    assert!(first(&mine, true));
    mine.sync();
    assert_eq!(mine.ledger.health().examine(&mine.clock, false).len(), 0);

    // The copy of a clone takes a new id, and goes on with what it had.
    mine.ledger.reidentify(&mine.clock).unwrap();
    mine.ledger.migrate_old_sessions(&mine.clock).unwrap();
    let node = mine.ledger.node().unwrap();
    let names = mine.git(
        &["for-each-ref", "--format=%(refname)", "refs/presence"],
        "",
    );
    assert_eq!(names, NOTES.owned_ref(&mine.me.id, node));
}

#[test]
fn records_beside_claims_change_with_their_session_alone() {
    let hub = hub();
    let mine = clone(hub.path(), 1);
    let claim = Asks::Claim {
        wanted: vec![resource("node:a")],
        purpose: purpose(),
        ttl: Ttl::DEFAULT,
    };
    let apply = |asks: &Asks| {
        let sessions = mine.ledger.sessions();
        sessions.apply(&mine.clock, &mine.me, asks, Ttl::DEFAULT)
    };
    apply(&claim).unwrap();
    let one = note("node:b", "one");
    mine.write(&NOTED_SESSIONS, std::slice::from_ref(&one));
    let claims = || {
        mine.ledger
            .sessions()
            .get(&mine.me)
            .unwrap()
            .unwrap()
            .claims
    };
    assert_eq!(claims().len(), 1, "a note leaves the claims alone");
    apply(&Asks::ReleaseAll).unwrap();
    assert_eq!(mine.notes(&NOTED_SESSIONS), [(mine.me.id.clone(), one)]);
    assert_eq!(claims().len(), 0, "and the other way round");

    // Fields of a newer version stay; so does what cannot be read.
    let name = SESSIONS.owned_ref(&mine.me.id, mine.me.node);
    let file = NOTE.file_named("node:c");
    mine.plant(&name, &file, "about = \"node:c\"\ntext = \"x\"\nnew = 1\n");
    mine.plant(&name, "note-bad.toml", "?");
    mine.write(&NOTED_SESSIONS, &[note("node:c", "two")]);
    let read = |file: &str| mine.git(&["cat-file", "blob", &format!("{name}:{file}")], "");
    assert!(read(&file).contains("new = 1"));
    assert_eq!(read("note-bad.toml"), "?");

    let many = ["a", "b", "c"].map(|label| note(label, ""));
    let set = mine.ledger.records(&NOTED_SESSIONS, &NOTE);
    let refused = set.update(&mine.clock, &mine.me, &mut |before, _, now| {
        let step = step(before, &mine.me, &Asks::Heartbeat, now, Ttl::DEFAULT)?;
        Ok(step.map(|step| (step, many.to_vec())))
    });
    assert!(refused.unwrap_err().to_string().contains("more than 2"));
}

#[test]
fn records_of_a_new_contended_namespace_are_kept_like_locks() {
    let hub = hub();
    let [mine, yours] = [1, 2].map(|seed| clone(hub.path(), seed));
    let parcel = note("p1", "for you");
    assert!(matches!(mine.ask("box:a", &parcel), Verdict::Done(..)));
    let refs = Git::at(hub.path()).run(&["for-each-ref", "--format=%(refname)"], b"");
    let refs = String::from_utf8(refs.unwrap().stdout).unwrap();
    assert!(refs.starts_with(&BOXES.prefix()), "{refs}");

    // Held there: another clone is refused, and sees what is in it.
    let late = yours.ask("box:a", &note("p2", "too late"));
    assert!(matches!(late, Verdict::Denied(_)), "{late:?}");
    let parcels = |clone: &Clone| {
        let listing = clone.ledger.records(&BOXES, &PARCEL).list().unwrap();
        let found = listing.found.into_iter().map(|found| found.record);
        (found.collect::<Vec<_>>(), listing.unreadable.len())
    };
    assert_eq!(parcels(&yours), (vec![parcel], 0));
    let cell = yours.ledger.locks().get(&resource("box:a")).unwrap();
    assert_eq!(yours.ledger.records(&BOXES, &PARCEL).beside(&cell).len(), 1);
    let held = yours.ledger.board().unwrap().locks;
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].holder.id, mine.me.id);
    assert_eq!(yours.ledger.events(10, None, &|_| true).unwrap().len(), 1);

    // A cell that went back is noticed, and its tokens go on.
    let name = yours.ledger.locks().ref_name(&resource("box:a"));
    let locks = yours.ledger.locks();
    let kept = locks
        .raise_high_water(&name, cell.tip.as_ref(), None)
        .unwrap();
    assert_eq!(kept, Some(held[0].token));
    // What is damaged beside the lock is found, and the lock stands.
    let copy = layout::tracking_ref("origin", &name);
    yours.plant(&copy, "parcel-bad.toml", "?");
    assert_eq!(parcels(&yours).1, 1);
    assert_eq!(yours.ledger.board().unwrap().locks.len(), 1);
    let health = yours.ledger.health();
    let findings = health.examine_locks(&yours.clock, false, Some(&yours.me), &|_| Ok(()));
    assert!(findings[0].what.contains("parcel-bad.toml"), "{findings:?}");
    assert_eq!(health.examine(&yours.clock, false).len(), 0);
}
