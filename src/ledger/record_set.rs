//! The records of one kind, beside the sessions or the cells of one namespace.
//!
//! Owns [`RecordSet`]: listing the records, and the changes of a session to its own records in the
//! write path of the session. Never decides what becomes of a record.

use crate::clock::Clock;
use crate::ledger::beside::Beside;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::{AnyKind as _, Kind, Namespace};
use crate::ledger::locks::snapshot::Snapshot;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::sessions::Outcome;
use crate::ledger::sessions::read::Stored;
use crate::ledger::sessions::write::Write;
use crate::ledger::store::Ledger;
use crate::ledger::tree::unreadable;
use crate::model::actor::Actor;
use crate::model::refusal::Refusal;
use crate::model::session::{Session, Step};
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// The records of one kind in one namespace of a ledger.
pub struct RecordSet<'l, R: 'static> {
    ledger: &'l Ledger,
    namespace: &'static Namespace,
    kind: &'static Kind<R>,
}

/// A record, and the ref under which it was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<R> {
    /// The name of the ref, here and on every remote.
    pub name: String,
    /// The session that owns the ref; `None` for a record beside a cell.
    pub owner: Option<Actor>,
    /// The record itself.
    pub record: R,
}

/// The records of one kind, and what could not be read.
#[derive(Debug)]
pub struct Listing<R> {
    /// The records that could be read.
    pub found: Vec<Found<R>>,
    /// Records, and whole sessions and cells, that cannot be read.
    pub unreadable: Vec<Unreadable>,
}

/// A decision about a session and its records of one kind, given both and the time. It returns a
/// step with all records of the kind, `None` if there is nothing to do, or a refusal.
pub type DecideRecords<'d, R> =
    &'d mut dyn FnMut(Option<&Session>, &[R], Timestamp) -> Result<Option<(Step, Vec<R>)>, Refusal>;

impl Ledger {
    /// Returns access to the records of `kind` in `namespace`.
    pub fn records<R>(
        &self,
        namespace: &'static Namespace,
        kind: &'static Kind<R>,
    ) -> RecordSet<'_, R> {
        RecordSet {
            ledger: self,
            namespace,
            kind,
        }
    }
}

impl<R: Clone + PartialEq> RecordSet<'_, R> {
    /// Returns every record that this clone knows. Where a session has a ref and a tracking ref,
    /// the records are those of the one that counts.
    pub fn list(&self) -> Result<Listing<R>, LedgerError> {
        let mut listing = Listing {
            found: Vec::new(),
            unreadable: Vec::new(),
        };
        if self.namespace.is_owned() {
            for place in self.ledger.places(self.namespace)? {
                let (at, stored) = self.ledger.counting(&place)?;
                match stored {
                    Ok(None) => {}
                    Ok(Some(stored)) => {
                        let owner = Some(&stored.session.who);
                        let files = &stored.tree.files;
                        self.take((&place.name, &at), files, owner, &mut listing);
                    }
                    Err(unreadable) => listing.unreadable.push(unreadable),
                }
            }
            return Ok(listing);
        }
        for (name, value) in self.ledger.cell_refs_of(self.namespace)? {
            let at = self.ledger.cell_place(&name);
            match self.ledger.read_cell(&name, &at, &value) {
                Ok(read) => self.take((&name, &at), &read.carried, None, &mut listing),
                Err(unreadable) => listing.unreadable.push(unreadable),
            }
        }
        Ok(listing)
    }

    /// Returns the readable records beside a cell.
    pub fn beside(&self, cell: &Snapshot) -> Vec<R> {
        self.readable(&cell.carried)
    }

    /// Changes the session of `who` and its records of this kind, in one write. Calls `decide`
    /// again on fresh state when another process of this clone was faster. Fails with
    /// [`LedgerError::Contended`] after 16 attempts.
    pub fn update(
        &self,
        clock: &dyn Clock,
        who: &Actor,
        decide: DecideRecords<'_, R>,
    ) -> Result<Outcome, LedgerError> {
        let mut write = |before: Option<&Stored>, now| {
            let files = before.map_or(&[][..], |stored| &stored.tree.files);
            let records = self.readable(files);
            let session = before.map(|stored| &stored.session);
            let decided = decide(session, &records, now);
            let write = |(step, records)| Write {
                step,
                beside: Beside::default().set(self.kind, records),
            };
            Ok(decided.map(|decided| decided.map(write)))
        };
        self.ledger.update(clock, self.namespace, who, &mut write)
    }

    fn readable(&self, files: &[TreeFile]) -> Vec<R> {
        let its = files
            .iter()
            .filter(|file| self.kind.key_in(&file.name).is_some());
        its.filter_map(|file| self.ledger.entry(self.kind, file).ok())
            .map(|entry| entry.record)
            .collect()
    }

    fn take(
        &self,
        (name, at): (&str, &str),
        files: &[TreeFile],
        owner: Option<&Actor>,
        listing: &mut Listing<R>,
    ) {
        for file in files {
            if self.kind.key_in(&file.name).is_none() {
                continue;
            }
            match self.ledger.entry(self.kind, file) {
                Ok(entry) => listing.found.push(Found {
                    name: name.to_owned(),
                    owner: owner.cloned(),
                    record: entry.record,
                }),
                Err(defect) => {
                    let unreadable = unreadable(at, self.kind, file, defect);
                    listing.unreadable.push(unreadable);
                }
            }
        }
    }
}
