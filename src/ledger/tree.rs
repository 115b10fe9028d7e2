//! Trees of records: what a ref of ours holds.
//!
//! Owns the reading of a commit with its flat tree, of the records in it by their [`Kind`], and the
//! writing of those that changed. Never moves a ref, never knows what a record means.

use gix::ObjectId;
use gix::objs::Kind as ObjectKind;

use crate::ledger::error::LedgerError;
use crate::ledger::kind::{AnyKind, Kind, Limits, Rest};
use crate::ledger::objects::read::{CommitRead, ObjectError, TreeFile};
use crate::ledger::objects::write::Batch;
use crate::ledger::store::Ledger;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

/// What stands under a ref.
pub(in crate::ledger) struct Tree {
    pub(in crate::ledger) tip: ObjectId,
    pub(in crate::ledger) commit: CommitRead,
    pub(in crate::ledger) files: Vec<TreeFile>,
}

/// A record as it was read, with all that a rewrite has to respect.
#[derive(Clone, Debug)]
pub(in crate::ledger) struct Entry<R> {
    pub(in crate::ledger) file: TreeFile,
    pub(in crate::ledger) record: R,
    pub(in crate::ledger) rest: Rest,
}

impl Ledger {
    pub(in crate::ledger) fn tree(&self, tip: ObjectId) -> Result<Tree, Defect> {
        let commit = self.objects.read_commit(tip).map_err(dangling)?;
        let files = self.objects.read_tree(commit.tree).map_err(dangling)?;
        Ok(Tree { tip, commit, files })
    }

    pub(in crate::ledger) fn blob(&self, id: ObjectId, bytes_max: u64) -> Result<Vec<u8>, Defect> {
        let read = self.objects.read(id, ObjectKind::Blob, bytes_max);
        read.map_err(|error| match error {
            ObjectError::TooLarge { bytes_max, .. } => Defect::TooLarge { bytes_max },
            other => dangling(other),
        })
    }

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

    /// Returns why the record in `file` cannot be read.
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

    /// Whether every object below a commit is here, and whole.
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

/// A record that is there and cannot be used. What it stands for, its name may tell.
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

/// Writes records in the place of those that were there; what did not change stays as it is.
pub(in crate::ledger) fn write_entries<R: PartialEq>(
    batch: &mut Batch<'_>,
    kind: &Kind<R>,
    records: &[R],
    before: &[Entry<R>],
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
        let name = kind.file_of(record);
        let known = before.iter().find(|entry| entry.file.name == name);
        let id = match known {
            Some(known) if known.record == *record => known.file.id,
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

pub(in crate::ledger) fn dangling(error: ObjectError) -> Defect {
    Defect::Dangling {
        detail: error.to_string(),
    }
}
