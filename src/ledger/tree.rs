//! Trees of records, one below each ref of the ledger.
//!
//! Owns [`Tree`]: reading a commit with its flat tree and the records in it by their [`Kind`], and
//! writing those that changed. Never moves a ref, never knows what a record means.

use std::borrow::Borrow;

use gix::ObjectId;
use gix::objs::Kind as ObjectKind;

use crate::ledger::error::LedgerError;
use crate::ledger::kind::{AnyKind, Kind, Limits, Rest};
use crate::ledger::objects::read::{CommitRead, ObjectError, TreeFile};
use crate::ledger::objects::write::Batch;
use crate::ledger::store::Ledger;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// The commit of a ref, with the files in its tree.
pub(in crate::ledger) struct Tree {
    pub(in crate::ledger) tip: ObjectId,
    pub(in crate::ledger) commit: CommitRead,
    pub(in crate::ledger) files: Vec<TreeFile>,
}

/// A record as it was read, with its file and the fields that a rewrite has to keep.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct Entry<R> {
    pub(in crate::ledger) file: TreeFile,
    pub(in crate::ledger) record: R,
    pub(in crate::ledger) rest: Rest,
}

impl Ledger {
    /// Reads a commit and its tree.
    pub(in crate::ledger) fn tree(&self, tip: ObjectId) -> Result<Tree, Defect> {
        let commit = self.objects.read_commit(tip).map_err(dangling)?;
        let files = self.objects.read_tree(commit.tree).map_err(dangling)?;
        Ok(Tree { tip, commit, files })
    }

    /// Reads a blob of at most `bytes_max` bytes.
    pub(in crate::ledger) fn blob(&self, id: ObjectId, bytes_max: u64) -> Result<Vec<u8>, Defect> {
        let read = self.objects.read(id, ObjectKind::Blob, bytes_max);
        read.map_err(|error| match error {
            ObjectError::TooLarge { bytes_max, .. } => Defect::TooLarge { bytes_max },
            other => dangling(other),
        })
    }

    /// Reads the record of `kind` in `file`.
    pub(in crate::ledger) fn entry<R>(
        &self,
        kind: &Kind<R>,
        file: &TreeFile,
    ) -> Result<Entry<R>, Defect> {
        let bytes = self.blob(file.id, kind.limits.bytes_max)?;
        let (record, rest) = kind.read(&file.name, &bytes)?;
        let file = file.clone();
        Ok(Entry { file, record, rest })
    }

    /// Checks that the record in `file` can be read; the error says why it cannot.
    pub(in crate::ledger) fn check(
        &self,
        kind: &dyn AnyKind,
        file: &TreeFile,
    ) -> Result<(), Defect> {
        let bytes = self.blob(file.id, kind.limits().bytes_max)?;
        kind.check(&file.name, &bytes)
    }

    /// Returns the records of known kinds in the tree of the ref `at` that cannot be read.
    pub(in crate::ledger) fn unreadable_in(&self, at: &str, files: &[TreeFile]) -> Vec<Unreadable> {
        let Some(namespace) = self.namespace_of(at) else {
            return Vec::new();
        };
        let unreadable = |file: &TreeFile| {
            let kind = namespace.kind_of(&file.name)?;
            let defect = self.check(kind, file).err()?;
            Some(unreadable(at, kind, file, defect))
        };
        files.iter().filter_map(unreadable).collect()
    }

    /// Whether every object below a commit is present and intact.
    pub(in crate::ledger) fn is_whole(&self, tip: ObjectId) -> bool {
        let bytes_max = crate::ledger::records::wire::RECORD_BYTES_MAX;
        let dangles = |file: &TreeFile| {
            let read = self.blob(file.id, bytes_max);
            matches!(read, Err(Defect::Dangling { .. }))
        };
        let tree = self.tree(tip);
        tree.is_ok_and(|tree| !tree.files.iter().any(dangles))
    }
}

/// Returns the report of a record that cannot be read. The key in its file name tells what it may
/// hold.
pub(in crate::ledger) fn unreadable(
    at: &str,
    kind: &dyn AnyKind,
    file: &TreeFile,
    defect: Defect,
) -> Unreadable {
    let key = kind.key_in(&file.name).unwrap_or_default();
    let place = format!("{at}: {}", file.name);
    Unreadable::new(&place, defect, MayHold::Key(key.to_owned()))
}

/// Writes records in the place of those before; a record that did not change keeps its blob.
pub(in crate::ledger) fn write_entries<R: PartialEq, B: Borrow<R>>(
    batch: &mut Batch<'_>,
    kind: &Kind<R>,
    records: &[B],
    before: &[Entry<B>],
) -> Result<Vec<TreeFile>, LedgerError> {
    let noun = kind.noun;
    let Limits {
        bytes_max,
        count_max,
    } = kind.limits;
    if records.len() > count_max {
        return Err(LedgerError::TooMany { noun, count_max });
    }
    let mut files = Vec::new();
    for record in records {
        let record: &R = record.borrow();
        let name = kind.file_of(record);
        let known = before.iter().find(|entry| entry.file.name == name);
        let id = match known {
            Some(known) if known.record.borrow() == record => known.file.id,
            _ => {
                let rest = known.map(|known| known.rest.clone()).unwrap_or_default();
                let bytes = (kind.encode)(record, &rest);
                if bytes.len() as u64 > bytes_max {
                    return Err(LedgerError::TooLarge {
                        file: name,
                        bytes_max,
                    });
                }
                batch.blob(&bytes)?
            }
        };
        files.push(TreeFile { name, id });
    }
    Ok(files)
}

/// Returns the defect for an object that is missing or cannot be read.
pub(in crate::ledger) fn dangling(error: ObjectError) -> Defect {
    Defect::Dangling {
        detail: error.to_string(),
    }
}
