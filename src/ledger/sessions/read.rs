//! A session as it stands under its ref.
//!
//! Owns the reading of one session with its claims: what is ours, what is carried along untouched
//! (unknown entries, newer records, damaged ones), and what is reported as unreadable. Never
//! writes.

use gix::ObjectId;
use gix::objs::Kind;

use crate::ledger::layout;
use crate::ledger::objects::read::{CommitRead, ObjectError, TreeFile};
use crate::ledger::records::claim::{self, ClaimRecord};
use crate::ledger::records::session;
use crate::ledger::records::wire::{self, RECORD_BYTES_MAX, Rest};
use crate::ledger::refs::RefValue;
use crate::ledger::store::Ledger;
use crate::model::session::Session;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// A session as it was read, with all that a rewrite has to respect.
pub(in crate::ledger) struct Stored {
    pub(in crate::ledger) tip: ObjectId,
    pub(in crate::ledger) commit: CommitRead,
    pub(in crate::ledger) rest: Rest,
    pub(in crate::ledger) claims: Vec<StoredClaim>,
    /// Entries that are not ours to rewrite.
    pub(in crate::ledger) carried: Vec<TreeFile>,
    pub(in crate::ledger) session: Session,
    pub(in crate::ledger) unreadable: Vec<Unreadable>,
}

pub(in crate::ledger) struct StoredClaim {
    pub(in crate::ledger) file: TreeFile,
    pub(in crate::ledger) record: ClaimRecord,
}

impl Ledger {
    pub(in crate::ledger) fn stored(
        &self,
        name: &str,
        value: &RefValue,
    ) -> Result<Option<Stored>, Unreadable> {
        self.stored_if(name, value, &|_| true)
    }

    /// Read the session under a ref, unless a look at its tree says that it is not wanted.
    pub(in crate::ledger) fn stored_if(
        &self,
        name: &str,
        value: &RefValue,
        wanted: &dyn Fn(&[TreeFile]) -> bool,
    ) -> Result<Option<Stored>, Unreadable> {
        let whole = |defect| Unreadable::new(name, defect, MayHold::Anything);
        let tip = match value {
            RefValue::Absent => return Ok(None),
            RefValue::At(id) => *id,
            RefValue::Broken(detail) => {
                let detail = detail.clone();
                return Err(whole(Defect::BrokenRef { detail }));
            }
        };
        let (commit, files) = self.frame(tip).map_err(whole)?;
        if !wanted(&files) && self.is_of_this_format(&files) {
            return Ok(None);
        }
        let stored = self.fill(name, tip, commit, files).map_err(whole)?;
        Ok(Some(stored))
    }

    /// Whether a session that is not looked at would at least be understood: what a newer one
    /// claims, and where, cannot be known.
    fn is_of_this_format(&self, files: &[TreeFile]) -> bool {
        let own = files.iter().find(|file| file.name == layout::SESSION_ENTRY);
        let bytes = own.and_then(|file| self.blob(file.id).ok());
        bytes.is_some_and(|bytes| wire::opens_with_this_format(&bytes))
    }

    /// Read the session that a tip holds, if it is one that may stand under `name`.
    pub(in crate::ledger) fn load(&self, name: &str, tip: ObjectId) -> Result<Stored, Defect> {
        let (commit, files) = self.frame(tip)?;
        self.fill(name, tip, commit, files)
    }

    fn frame(&self, tip: ObjectId) -> Result<(CommitRead, Vec<TreeFile>), Defect> {
        let commit = self.objects.read_commit(tip).map_err(dangling)?;
        let files = self.objects.read_tree(commit.tree).map_err(dangling)?;
        Ok((commit, files))
    }

    fn fill(
        &self,
        name: &str,
        tip: ObjectId,
        commit: CommitRead,
        files: Vec<TreeFile>,
    ) -> Result<Stored, Defect> {
        let (own, others): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|file| file.name == layout::SESSION_ENTRY);
        let missing = || Defect::Malformed {
            detail: format!("no {}", layout::SESSION_ENTRY),
        };
        let own = own.into_iter().next().ok_or_else(missing)?;
        let bytes = self.blob(own.id)?;
        let record = session::read_session(&bytes)?;
        if layout::session_ref(&record.who.id, record.who.node) != layout::session_name(name) {
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
                let place = format!("{name}: {}", file.name);
                let may_hold = MayHold::Key(key.to_owned());
                stored
                    .unreadable
                    .push(Unreadable::new(&place, defect, may_hold));
                stored.carried.push(file);
            }
        }
    }

    pub(in crate::ledger) fn claim(&self, file: &TreeFile) -> Result<ClaimRecord, Defect> {
        let record = claim::read_claim(&self.blob(file.id)?)?;
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

pub(in crate::ledger) fn dangling(error: ObjectError) -> Defect {
    Defect::Dangling {
        detail: error.to_string(),
    }
}
