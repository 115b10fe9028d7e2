//! Blobs, trees and commits.
//!
//! Owns how objects are read: bounded, loose before packed, and never more than a record of ours
//! can be. Never writes (`batch` does), never moves a ref.

use std::path::{Path, PathBuf};

use gix::objs::Kind;
use gix::{ObjectId, odb};

use crate::ledger::objects::loose::{Loose, LooseReader};
use crate::ledger::permissions::Sharing;

/// The most entries that a tree of ours has; more is not ours.
const TREE_ENTRIES_MAX: usize = 256;
/// Larger trees and commits are not ours.
const FRAME_BYTES_MAX: u64 = 256 * 1024;

/// Why an object cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    #[error("object {0} is missing")]
    Missing(ObjectId),
    #[error("object {id} is larger than {bytes_max} bytes")]
    TooLarge { id: ObjectId, bytes_max: u64 },
    #[error("object {id} is damaged: {detail}")]
    Damaged { id: ObjectId, detail: String },
}

/// A file of a flat tree.
#[derive(Clone, Debug)]
pub struct TreeFile {
    pub name: String,
    pub id: ObjectId,
}

/// A presence commit as it is read back.
#[derive(Clone, Debug)]
pub struct CommitRead {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    pub message: String,
    pub seconds: i64,
}

pub struct Objects {
    reader: LooseReader,
    pub(in crate::ledger) loose: odb::loose::Store,
    all: gix::OdbHandle,
    dir: PathBuf,
    pub(in crate::ledger) durable: bool,
    pub(in crate::ledger) sharing: Sharing,
}

impl Objects {
    pub fn new(repo: &gix::Repository, durable: bool, sharing: Sharing) -> Self {
        let dir = repo.common_dir().join("objects");
        Self {
            reader: LooseReader::default(),
            loose: odb::loose::Store::at(&dir, repo.object_hash()),
            all: repo.objects.clone(),
            dir,
            durable,
            sharing,
        }
    }

    /// Read one object of the expected kind. Loose first: presence objects are young, and a
    /// large repository's pack indices need not be opened for them.
    pub fn read(&self, id: ObjectId, kind: Kind, bytes_max: u64) -> Result<Vec<u8>, ObjectError> {
        let damaged = |detail: String| ObjectError::Damaged { id, detail };
        match self.reader.read(&self.loose.object_path(&id), bytes_max) {
            Loose::Found(found, data) => return accept(id, found, data, kind),
            Loose::TooLarge => return Err(ObjectError::TooLarge { id, bytes_max }),
            Loose::Damaged(detail) => return Err(damaged(detail)),
            Loose::Absent => {}
        }
        let mut buf = Vec::new();
        let header = gix::objs::FindHeader::try_header(&self.all, &id)
            .map_err(|e| damaged(e.to_string()))?
            .ok_or(ObjectError::Missing(id))?;
        if header.size > bytes_max {
            return Err(ObjectError::TooLarge { id, bytes_max });
        }
        let data = gix::objs::Find::try_find(&self.all, &id, &mut buf)
            .map_err(|e| damaged(e.to_string()))?
            .ok_or(ObjectError::Missing(id))?;
        accept(id, data.kind, data.data.to_vec(), kind)
    }

    pub fn has(&self, id: ObjectId) -> bool {
        self.loose.object_path(&id).exists() || gix::objs::Exists::exists(&self.all, &id)
    }

    pub fn read_tree(&self, id: ObjectId) -> Result<Vec<TreeFile>, ObjectError> {
        let damaged = |detail: String| ObjectError::Damaged { id, detail };
        let bytes = self.read(id, Kind::Tree, FRAME_BYTES_MAX)?;
        let mut files = Vec::new();
        for entry in gix::objs::TreeRefIter::from_bytes(&bytes, id.kind()) {
            let entry = entry.map_err(|e| damaged(e.to_string()))?;
            let name = std::str::from_utf8(entry.filename)
                .map_err(|_| damaged("an entry's name is not UTF-8".to_owned()))?;
            if files.len() == TREE_ENTRIES_MAX {
                return Err(damaged(format!("more than {TREE_ENTRIES_MAX} entries")));
            }
            if entry.mode.is_blob() {
                files.push(TreeFile {
                    name: name.to_owned(),
                    id: entry.oid.to_owned(),
                });
            }
        }
        Ok(files)
    }

    pub fn read_commit(&self, id: ObjectId) -> Result<CommitRead, ObjectError> {
        let damaged = |detail: String| ObjectError::Damaged { id, detail };
        let bytes = self.read(id, Kind::Commit, FRAME_BYTES_MAX)?;
        let commit = gix::objs::CommitRef::from_bytes(&bytes, id.kind())
            .map_err(|e| damaged(e.to_string()))?;
        let seconds = commit.time().map(|time| time.seconds).unwrap_or_default();
        Ok(CommitRead {
            tree: commit.tree(),
            parents: commit.parents().collect(),
            message: commit.message.to_string(),
            seconds,
        })
    }

    #[cfg(test)]
    pub fn loose_ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.loose.iter().filter_map(Result::ok)
    }

    /// Loose objects that are commits, in no order; where `doctor` looks for a lost tip.
    pub fn loose_commits(&self) -> impl Iterator<Item = ObjectId> + '_ {
        let is_commit = |id: &ObjectId| {
            let header = self.loose.try_header(id);
            matches!(header, Ok(Some((_, Kind::Commit))))
        };
        self.loose.iter().filter_map(Result::ok).filter(is_commit)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

fn accept(id: ObjectId, found: Kind, data: Vec<u8>, wanted: Kind) -> Result<Vec<u8>, ObjectError> {
    if found != wanted {
        let detail = format!("it is a {found}, not a {wanted}");
        return Err(ObjectError::Damaged { id, detail });
    }
    Ok(data)
}
