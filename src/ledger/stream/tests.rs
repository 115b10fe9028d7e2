//! Each event once, whatever happens to the refs between two looks.

use std::cell::Cell;
use std::collections::BTreeSet;

use gix::ObjectId;
use proptest::prelude::*;

use crate::clock::Clock;
use crate::ledger::archive::Leaving;
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::position::Position;
use crate::ledger::records::event;
use crate::ledger::refs::RefValue;
use crate::ledger::repository::{Repository, Surroundings};
use crate::ledger::store::{Durability, Ledger};
use crate::ledger::{Cursor, Followed, layout};
use crate::model::event::{Event, EventKind};
use crate::model::id::{CursorName, RandomId, SessionId};
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

const REMOTE: &str = "origin";
const START_SECS: i64 = 1_763_719_200;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// What happens to a ref.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// A session does something.
    Event(usize),
    /// A heartbeat, which replaces one before it.
    Beat(usize),
    /// The remote accepts what is here, or a fetch brings it.
    Track(usize),
    /// The remote loses it.
    Untrack(usize),
    /// A register is cut: its events go to the archive.
    Cut(usize),
    /// A session takes a new node id.
    Rename(usize),
    /// A session leaves the board: its events go to the archive.
    Fold(usize),
    /// The reader looks.
    Look,
    /// The reader looks, is written down, and begins anew.
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let of = |act: fn(usize) -> Act| (0..NAMES.len()).prop_map(act);
    prop_oneof![
        6 => of(Act::Event),
        4 => of(Act::Beat),
        3 => of(Act::Track),
        1 => of(Act::Untrack),
        1 => of(Act::Cut),
        1 => of(Act::Rename),
        1 => of(Act::Fold),
        3 => Just(Act::Look),
        1 => Just(Act::Restart),
    ]
}

#[derive(Default)]
struct Hand(Cell<i64>);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis((START_SECS + self.0.get()) * 1000)
    }

    fn random(&self) -> RandomId {
        self.0.set(self.0.get() + 1);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.0.get().to_be_bytes());
        RandomId::from_bytes(bytes)
    }

    fn elapsed(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }

    fn since_boot(&self) -> (String, u64) {
        ("boot".to_owned(), 0)
    }

    fn pause(&self, _: u64) {}
}

/// A repository in which commits are written by hand.
struct Board {
    _dir: tempfile::TempDir,
    ledger: Ledger,
    clock: Hand,
    /// How often each session took a new id.
    moves: [usize; 4],
    /// The commits of all events.
    events: BTreeSet<String>,
}

impl Board {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        gix::init_bare(dir.path()).unwrap();
        let repository = Repository::open(dir.path(), &Surroundings::default()).unwrap();
        let durability = Durability {
            fsync: false,
            quarantined: false,
        };
        let ledger = Ledger::new(&repository, durability).following(Some(REMOTE));
        Self {
            _dir: dir,
            ledger,
            clock: Hand::default(),
            moves: [0; 4],
            events: BTreeSet::new(),
        }
    }

    fn name(&self, of: usize) -> String {
        let (name, moves) = (NAMES[of], self.moves[of]);
        format!(
            "{}{name}-{moves:016x}",
            layout::namespace(layout::SESSIONS_FOLDER)
        )
    }

    fn tip(&self, name: &str) -> Option<ObjectId> {
        self.ledger.refs.read(name).unwrap().id()
    }

    fn set(&self, name: &str, to: Option<ObjectId>) {
        let found = self.tip(name);
        match to {
            Some(to) => self.ledger.refs.swap(name, found, to).unwrap(),
            None => {
                let found = found.map_or(RefValue::Absent, RefValue::At);
                self.ledger.refs.repair(name, &found, None).unwrap();
            }
        }
    }

    fn commit(&self, message: String, parents: Vec<ObjectId>) -> ObjectId {
        let mut batch = self.ledger.objects.begin();
        let tree = batch.tree(Vec::new()).unwrap();
        let text = CommitWrite {
            parents,
            author_name: "s".to_owned(),
            author_email: String::new(),
            seconds: START_SECS + self.clock.0.get(),
            message,
        };
        let commit = batch.commit(tree, text).unwrap();
        batch.publish().unwrap();
        commit
    }

    fn message(&self, of: usize, kind: EventKind) -> String {
        let event = Event {
            session: SessionId::parse(NAMES[of]).unwrap(),
            resources: vec![Resource::parse("node:x").unwrap()],
            expired: Vec::new(),
            kind,
        };
        let nonce = self.clock.random();
        event::write(&event, self.clock.now(), nonce)
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Event(of) => {
                let kind = EventKind::Claimed {
                    purpose: Purpose::parse("p").unwrap(),
                    token: None,
                };
                self.append(of, kind);
            }
            Act::Beat(of) => self.beat(of),
            Act::Track(of) => {
                if let Some(tip) = self.tip(&self.name(of)) {
                    self.set(&layout::tracking_ref(REMOTE, &self.name(of)), Some(tip));
                }
            }
            Act::Untrack(of) => {
                let there = layout::tracking_ref(REMOTE, &self.name(of));
                if self.tip(&there).is_some() {
                    self.set(&there, None);
                }
            }
            Act::Cut(of) => self.cut(of),
            Act::Rename(of) => {
                let before = self.name(of);
                if let Some(tip) = self.tip(&before) {
                    self.moves[of] += 1;
                    self.set(&self.name(of), Some(tip));
                    self.append(of, EventKind::Reidentified);
                    self.drop_all(&before);
                }
            }
            Act::Fold(of) => {
                let name = self.name(of);
                if self.archive(of, &name).is_some() {
                    self.drop_all(&name);
                    self.moves[of] += 1;
                }
            }
            Act::Look | Act::Restart => {}
        }
    }

    fn append(&mut self, of: usize, kind: EventKind) {
        let name = self.name(of);
        let message = self.message(of, kind);
        let commit = self.commit(message, self.tip(&name).into_iter().collect());
        self.set(&name, Some(commit));
        self.events.insert(commit.to_string());
    }

    fn beat(&mut self, of: usize) {
        let name = self.name(of);
        let Some(tip) = self.tip(&name) else { return };
        let last = self.ledger.objects.read_commit(tip).unwrap();
        let parents = match event::is_heartbeat(&last.message) {
            true => last.parents,
            false => vec![tip],
        };
        let message = self.message(of, EventKind::Heartbeat);
        self.set(&name, Some(self.commit(message, parents)));
    }

    fn archive(&self, of: usize, name: &str) -> Option<ObjectId> {
        let tip = self.tip(name)?;
        let leaving = Leaving {
            id: NAMES[of].to_owned(),
            tip,
            seen_at: self.clock.now(),
        };
        let archived = self.ledger.archives().add(&self.clock, &[leaving]);
        archived.unwrap();
        Some(tip)
    }

    fn cut(&mut self, of: usize) {
        let name = self.name(of);
        let Some(tip) = self.archive(of, &name) else {
            return;
        };
        let last = self.ledger.objects.read_commit(tip).unwrap();
        if event::is_heartbeat(&last.message) {
            return;
        }
        let message = event::write_again(&last.message, &tip.to_string(), self.clock.random());
        let commit = self.commit(message, Vec::new());
        self.set(&name, Some(commit));
        let there = layout::tracking_ref(REMOTE, &name);
        if self.tip(&there).is_some() {
            self.set(&there, Some(commit));
        }
    }

    fn drop_all(&self, name: &str) {
        for name in [name.to_owned(), layout::tracking_ref(REMOTE, name)] {
            if self.tip(&name).is_some() {
                self.set(&name, None);
            }
        }
    }

    /// What a reader is shown, and where it is then.
    fn look(&self, from: &Position, after_pause: bool) -> (Vec<String>, Position) {
        let batch = self.ledger.news_since(from, self.clock.now(), after_pause);
        let batch = batch.unwrap();
        assert_eq!(batch.gap, None);
        let commits = batch.events.into_iter().map(|entry| entry.commit);
        (commits.collect(), batch.next)
    }

    /// The same position, written down and read.
    fn written_down(&self, position: &Position) -> Position {
        let name = CursorName::parse("c").unwrap();
        self.ledger.folder.ensure().unwrap();
        let cursor: Cursor<'_> = self.ledger.cursor(&name);
        cursor.write(position, &[]).unwrap();
        match cursor.read() {
            Followed::At(stand) => stand.position,
            other => panic!("{other:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_event_is_shown_once(
        before in proptest::collection::vec(act(), 0..12),
        after in proptest::collection::vec(act(), 0..40),
    ) {
        let mut board = Board::new();
        before.iter().for_each(|act| board.act(*act));
        board.events.clear();
        let mut position = board.ledger.position_now(board.clock.now()).unwrap();
        let mut shown: Vec<String> = Vec::new();
        for act in after.into_iter().chain([Act::Restart]) {
            // Nothing happens in the second of a look.
            board.clock.random();
            board.act(act);
            let is_restart = matches!(act, Act::Restart);
            if is_restart || matches!(act, Act::Look) {
                if is_restart {
                    position = board.written_down(&position);
                }
                let (new, next) = board.look(&position, is_restart);
                shown.extend(new);
                position = next;
            }
        }
        let once: BTreeSet<String> = shown.iter().cloned().collect();
        prop_assert_eq!(once.len(), shown.len(), "twice: {:?}", shown);
        prop_assert_eq!(once, board.events);
    }
}
