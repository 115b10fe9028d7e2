//! Sessions in the ledger.
//!
//! Owns how a session and its claims are read from a ref and written back: which tree entries
//! are rewritten, which are carried over untouched (unknown ones, newer ones, damaged ones), and
//! the bounded loop around the swap. Never decides what a request does to a session.

use gix::ObjectId;
use gix::objs::Kind;

use super::objects::{CommitRead, CommitWrite, ObjectError, TreeFile};
use super::record::{self, ClaimRecord, RECORD_BYTES_MAX, Rest, SessionRecord};
use super::refs::RefValue;
use super::{Ledger, LedgerError, Machine, SwapError, layout, message};
use crate::model::board::{Board, Defect, MayHold, Unreadable};
use crate::model::event::{Event, EventKind};
use crate::model::refusal::Refusal;
use crate::model::session::{Actor, Session, Step};
use crate::model::time::Timestamp;

/// How often a write is tried before it is reported as contended.
const ROUNDS_MAX: u32 = 16;
/// The longest pause after the first failed attempt; it doubles with each.
const PAUSE_FIRST_MILLIS: u64 = 5;
const PAUSE_MILLIS_MAX: u64 = 500;

/// What a pure decision answers: a step to write, nothing to do, or no.
pub type Decision = Result<Option<Step>, Refusal>;

/// What became of a write.
#[derive(Debug)]
pub enum Outcome {
    Written(Box<Step>),
    NothingToDo,
    Refused(Refusal),
}

/// A session as it was read, with all that a rewrite has to respect.
pub(super) struct Stored {
    tip: ObjectId,
    commit: CommitRead,
    rest: Rest,
    claims: Vec<StoredClaim>,
    /// Entries that are not ours to rewrite.
    carried: Vec<TreeFile>,
    pub(super) session: Session,
    pub(super) unreadable: Vec<Unreadable>,
}

struct StoredClaim {
    file: TreeFile,
    record: ClaimRecord,
}

impl Ledger {
    /// Everything that can be known now. What cannot be read is on the board as such.
    pub fn board(&self) -> Result<Board, LedgerError> {
        let mut board = Board::default();
        for (name, value) in self.refs.list(layout::SESSIONS)? {
            match self.stored(&name, &value) {
                Ok(Some(mut stored)) => {
                    board.unreadable.append(&mut stored.unreadable);
                    board.sessions.push(stored.session);
                }
                Ok(None) => {}
                Err(unreadable) => board.unreadable.push(unreadable),
            }
        }
        Ok(board)
    }

    /// The session of `who`, as this clone last wrote it.
    pub fn session(&self, who: &Actor) -> Result<Option<Session>, LedgerError> {
        let name = layout::session_ref(&who.id, who.node);
        let value = self.refs.read(&name)?;
        let stored = self
            .stored(&name, &value)
            .map_err(LedgerError::Unreadable)?;
        Ok(stored.map(|stored| stored.session))
    }

    /// The one write path: read, decide, write, swap; decided again on fresh state when the swap
    /// is lost.
    pub fn update(
        &self,
        machine: &dyn Machine,
        who: &Actor,
        decide: &mut dyn FnMut(Option<&Session>, Timestamp) -> Decision,
    ) -> Result<Outcome, LedgerError> {
        self.may_write()?;
        let name = layout::session_ref(&who.id, who.node);
        let mut pause_millis_max = PAUSE_FIRST_MILLIS;
        let mut last = SwapError::Lost(name.clone());
        for _ in 0..ROUNDS_MAX {
            let value = self.refs.read(&name)?;
            let stored = self
                .stored(&name, &value)
                .map_err(LedgerError::Unreadable)?;
            let before = stored.as_ref().map(|stored| &stored.session);
            let step = match decide(before, machine.now()) {
                Ok(Some(step)) => step,
                Ok(None) => return Ok(Outcome::NothingToDo),
                Err(refusal) => return Ok(Outcome::Refused(refusal)),
            };
            match self.write(machine, &name, stored.as_ref(), &step) {
                Ok(()) => return Ok(Outcome::Written(Box::new(step))),
                Err(LedgerError::Swap(error @ (SwapError::Lost(_) | SwapError::Busy(_)))) => {
                    last = error;
                }
                Err(error) => return Err(error),
            }
            machine.pause(pause_millis_max);
            pause_millis_max = PAUSE_MILLIS_MAX.min(pause_millis_max * 2);
        }
        Err(LedgerError::Contended {
            rounds: ROUNDS_MAX,
            last,
        })
    }

    fn write(
        &self,
        machine: &dyn Machine,
        name: &str,
        before: Option<&Stored>,
        step: &Step,
    ) -> Result<(), LedgerError> {
        let session = &step.session;
        let mut batch = self.objects.begin()?;
        let session_record = SessionRecord {
            who: session.who.clone(),
            seen_at: session.seen_at,
            ttl: session.ttl,
            rest: before.map(|b| b.rest.clone()).unwrap_or_default(),
        };
        let mut files = vec![TreeFile {
            name: layout::SESSION_ENTRY.to_owned(),
            id: batch.blob(&record::write_session(&session_record))?,
        }];
        for claim in &session.claims {
            let entry = layout::claim_entry(&claim.resource);
            let known = before.and_then(|b| b.claims.iter().find(|c| c.file.name == entry));
            let id = match known {
                Some(known) if known.record.claim == *claim => known.file.id,
                _ => batch.blob(&record::write_claim(&ClaimRecord {
                    claim: claim.clone(),
                    rest: known.map(|k| k.record.rest.clone()).unwrap_or_default(),
                }))?,
            };
            files.push(TreeFile { name: entry, id });
        }
        let carried = before.map_or(&[][..], |b| &b.carried);
        for file in carried {
            if files.iter().any(|written| written.name == file.name) {
                self.may_replace(name, file)?;
            } else {
                files.push(file.clone());
            }
        }
        let tree = batch.tree(files)?;
        let commit = batch.commit(tree, commit_text(machine, before, step))?;
        batch.publish()?;
        Ok(self.refs.swap(name, before.map(|b| b.tip), commit)?)
    }

    /// A damaged record may be replaced by the claim that it stood for; a newer one never.
    fn may_replace(&self, name: &str, file: &TreeFile) -> Result<(), LedgerError> {
        let read = self.claim(file);
        match read {
            Err(defect @ Defect::Newer { .. }) => Err(LedgerError::Unreadable(Unreadable {
                place: format!("{name}: {}", file.name),
                defect,
                may_hold: MayHold::Anything,
            })),
            _ => Ok(()),
        }
    }

    pub(super) fn stored(
        &self,
        name: &str,
        value: &RefValue,
    ) -> Result<Option<Stored>, Unreadable> {
        let whole = |defect| Unreadable {
            place: name.to_owned(),
            defect,
            may_hold: MayHold::Anything,
        };
        let tip = match value {
            RefValue::Absent => return Ok(None),
            RefValue::At(id) => *id,
            RefValue::Broken(detail) => {
                let detail = detail.clone();
                return Err(whole(Defect::BrokenRef { detail }));
            }
        };
        self.load(name, tip).map(Some).map_err(whole)
    }

    /// Read the session that a tip holds, if it is one that may stand under `name`.
    pub(super) fn load(&self, name: &str, tip: ObjectId) -> Result<Stored, Defect> {
        let commit = self.objects.read_commit(tip).map_err(dangling)?;
        let files = self.objects.read_tree(commit.tree).map_err(dangling)?;
        let (own, others): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|file| file.name == layout::SESSION_ENTRY);
        let missing = || Defect::Malformed {
            detail: format!("no {}", layout::SESSION_ENTRY),
        };
        let own = own.into_iter().next().ok_or_else(missing)?;
        let bytes = self.blob(own.id)?;
        let record = record::read_session(&bytes)?;
        if layout::session_ref(&record.who.id, record.who.node) != name {
            let label = record.who.id.as_str().to_owned();
            return Err(Defect::WrongLabel { label });
        }
        let mut stored = Stored {
            tip,
            commit,
            rest: record.rest,
            claims: Vec::new(),
            carried: Vec::new(),
            session: Session {
                who: record.who,
                seen_at: record.seen_at,
                ttl: record.ttl,
                claims: Vec::new(),
            },
            unreadable: Vec::new(),
        };
        for file in others {
            self.load_claim(name, file, &mut stored);
        }
        Ok(stored)
    }

    fn load_claim(&self, name: &str, file: TreeFile, stored: &mut Stored) {
        let Some(key) = layout::claim_key(&file.name) else {
            stored.carried.push(file);
            return;
        };
        match self.claim(&file) {
            Ok(record) => {
                stored.session.claims.push(record.claim.clone());
                stored.claims.push(StoredClaim { file, record });
            }
            Err(defect) => {
                stored.unreadable.push(Unreadable {
                    place: format!("{name}: {}", file.name),
                    defect,
                    may_hold: MayHold::Key(key.to_owned()),
                });
                stored.carried.push(file);
            }
        }
    }

    fn claim(&self, file: &TreeFile) -> Result<ClaimRecord, Defect> {
        let record = record::read_claim(&self.blob(file.id)?)?;
        if layout::claim_entry(&record.claim.resource) != file.name {
            return Err(Defect::WrongLabel {
                label: record.claim.resource.label().to_owned(),
            });
        }
        Ok(record)
    }

    fn blob(&self, id: ObjectId) -> Result<Vec<u8>, Defect> {
        self.objects
            .read(id, Kind::Blob, RECORD_BYTES_MAX)
            .map_err(|error| match error {
                ObjectError::TooLarge { bytes_max, .. } => Defect::TooLarge { bytes_max },
                other => dangling(other),
            })
    }
}

impl Stored {
    pub(super) fn tip(&self) -> ObjectId {
        self.tip
    }
}

impl Ledger {
    /// Write the session again without its damaged claims. Not a sign of life: the session's own
    /// record stays as it is, and so do records of a newer version.
    pub(super) fn rewrite_without_damaged(
        &self,
        machine: &dyn Machine,
        name: &str,
        stored: &Stored,
    ) -> Result<(), LedgerError> {
        let newer = |file: &TreeFile| {
            layout::claim_key(&file.name).is_none()
                || matches!(self.claim(file), Err(Defect::Newer { .. }))
        };
        let mut files = self
            .objects
            .read_tree(stored.commit.tree)
            .map_err(|error| self.unreadable_tree(name, error))?;
        files.retain(|file| {
            let carried = stored.carried.iter().any(|other| other.name == file.name);
            !carried || newer(file)
        });
        let event = Event {
            kind: EventKind::Repair,
            session: stored.session.who.id.clone(),
            resources: Vec::new(),
            lapsed: Vec::new(),
            purpose: None,
            by: None,
        };
        let step = Step {
            session: stored.session.clone(),
            event,
        };
        let mut batch = self.objects.begin()?;
        let tree = batch.tree(files)?;
        let commit = batch.commit(tree, commit_text(machine, Some(stored), &step))?;
        batch.publish()?;
        Ok(self.refs.swap(name, Some(stored.tip), commit)?)
    }

    fn unreadable_tree(&self, name: &str, error: ObjectError) -> LedgerError {
        LedgerError::Unreadable(Unreadable {
            place: name.to_owned(),
            defect: dangling(error),
            may_hold: MayHold::Anything,
        })
    }
}

fn dangling(error: ObjectError) -> Defect {
    Defect::Dangling {
        detail: error.to_string(),
    }
}

/// A heartbeat on top of a heartbeat takes its place, so that histories keep events, not beats.
fn commit_text(machine: &dyn Machine, before: Option<&Stored>, step: &Step) -> CommitWrite {
    let parents = match before {
        None => Vec::new(),
        Some(before) => {
            let beat_on_beat = step.event.kind == EventKind::Heartbeat
                && message::is_heartbeat(&before.commit.message);
            match beat_on_beat {
                true => before.commit.parents.clone(),
                false => vec![before.tip],
            }
        }
    };
    let who = &step.session.who;
    CommitWrite {
        parents,
        author_name: who.id.to_string(),
        author_email: format!("{}@{}", who.user, who.host),
        seconds: step.session.seen_at.as_millis().div_euclid(1000),
        message: message::write(&step.event, step.session.seen_at, machine.random()),
    }
}
