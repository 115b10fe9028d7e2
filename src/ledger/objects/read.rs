//! Reader of blobs, trees and commits.
//!
//! Owns [`Objects`], which reads objects up to a size limit, loose before packed, and each under
//! its own id: what `refs/replace` puts in its place does not count. Never writes
//! ([`Batch`](super::write::Batch) does), never moves a ref.

use std::path::{Path, PathBuf};

use gix::objs::Kind;
use gix::{ObjectId, odb};

use crate::ledger::objects::kept::Kept;
use crate::ledger::objects::loose::{Loose, LooseReader};
use crate::ledger::objects::packed::PackedReader;
use crate::ledger::objects::recent::RecentObjects;
use crate::ledger::objects::unpacked::Unpacked;
use crate::ledger::permissions::Sharing;

/// The most entries that a tree of the ledger has.
pub(in crate::ledger) const TREE_ENTRIES_MAX: usize = 256;
/// The most entries in the tree of a list: 256 tasks, a lock for each, and what stands beside them.
pub(in crate::ledger) const LIST_ENTRIES_MAX: usize = 640;
/// The most bytes that a tree or a commit of the ledger has.
const FRAME_BYTES_MAX: u64 = 256 * 1024;

/// The error of reading an object.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ObjectError {
    /// The repository does not have the object.
    #[error("object {0} is missing")]
    Missing(ObjectId),
    /// The object is larger than the limit of the caller.
    #[error("object {id} is larger than {bytes_max} bytes")]
    TooLarge {
        /// The object id.
        id: ObjectId,
        /// The limit of the caller, in bytes.
        bytes_max: u64,
    },
    /// The object cannot be read or decoded, or is of another kind.
    #[error("object {id} is damaged: {detail}")]
    Damaged {
        /// The object id.
        id: ObjectId,
        /// The defect, for users.
        detail: String,
    },
}

/// A file of a flat tree.
#[derive(Clone, Debug)]
pub(crate) struct TreeFile {
    /// The file name, without a folder.
    pub name: String,
    /// The id of the blob.
    pub id: ObjectId,
}

/// A commit of the ledger, as read from the repository.
#[derive(Clone, Debug)]
pub(crate) struct CommitRead {
    /// The id of the tree.
    pub tree: ObjectId,
    /// The ids of the parents, in the order of the commit.
    pub parents: Vec<ObjectId>,
    /// The whole message.
    pub message: String,
    /// The committer time, in seconds since 1970 UTC; 0 if it cannot be parsed.
    pub seconds: i64,
}

/// The object database of a repository.
pub(crate) struct Objects {
    reader: LooseReader,
    /// The store of loose objects.
    pub(in crate::ledger) loose: odb::loose::Store,
    others: PackedReader,
    unpacked: Unpacked,
    pub(super) kept: Kept,
    recent: RecentObjects,
    dir: PathBuf,
    /// Whether written objects are synced to disk.
    pub(in crate::ledger) durable: bool,
    /// The permissions of new files and folders.
    pub(in crate::ledger) sharing: Sharing,
}

impl Objects {
    /// Opens the object database that all worktrees of `repo` share.
    pub(crate) fn new(repo: &gix::Repository, durable: bool, sharing: Sharing) -> Self {
        let dir = repo.common_dir().join("objects");
        Self {
            reader: LooseReader::default(),
            loose: odb::loose::Store::at(&dir, repo.object_hash()),
            others: PackedReader::new(&dir, repo.object_hash()),
            unpacked: Unpacked::new(repo.common_dir()),
            kept: Kept::new(repo.common_dir(), sharing),
            recent: RecentObjects::default(),
            dir,
            durable,
            sharing,
        }
    }

    /// Reads the object `id` of the expected kind, of at most `bytes_max` bytes.
    ///
    /// Loose objects come first: presence objects are young, and the pack indices of a large
    /// repository need not be opened for them. Fails if the object is missing, too large, damaged
    /// or of another kind.
    pub(crate) fn read(
        &self,
        id: ObjectId,
        kind: Kind,
        bytes_max: u64,
    ) -> Result<Vec<u8>, ObjectError> {
        let found = match self.recent.get(id) {
            Some((found, data)) => Loose::Found(found, data),
            None => self.look_for(id, bytes_max),
        };
        match found {
            Loose::Found(found, data) if data.len() as u64 <= bytes_max => {
                accept(id, found, data, kind)
            }
            Loose::Found(..) | Loose::TooLarge => Err(ObjectError::TooLarge { id, bytes_max }),
            Loose::Damaged(detail) => Err(ObjectError::Damaged { id, detail }),
            Loose::Absent => Err(ObjectError::Missing(id)),
        }
    }

    fn read_packed(&self, id: ObjectId, bytes_max: u64) -> Loose {
        let found = self.others.read(&self.reader, id, bytes_max);
        if let Loose::Found(kind, data) = &found {
            self.unpacked.add(id, *kind, data);
        }
        found
    }

    /// Returns the copies of the objects that this process had to read from packs, for
    /// [`PACKED_CACHE`](crate::ledger::layout::PACKED_CACHE); `None` if it had not.
    pub(crate) fn unpacked(&self) -> Option<Vec<u8>> {
        self.unpacked.outdated()
    }

    /// Reads from copies while `read` runs, where there are some: what is only there is not found
    /// to be lost, so nothing may be written on top of what was read.
    pub(crate) fn using_copies<T>(&self, read: impl FnOnce() -> T) -> T {
        let before = self.unpacked.used(true);
        let done = read();
        self.unpacked.used(before);
        done
    }

    /// Looks for an object where it may be: loose, in a pack, under its second name.
    fn look_for(&self, id: ObjectId, bytes_max: u64) -> Loose {
        let mut found = self.reader.read(&self.loose.object_path(&id), bytes_max);
        if let Loose::Absent = found {
            if let Some((kind, data)) = self.unpacked.find(id) {
                return Loose::Found(kind, data);
            }
            found = self.read_packed(id, bytes_max);
        }
        if let Loose::Absent = found {
            found = self.kept.read(&self.reader, id, bytes_max);
        }
        if let Loose::Found(kind, data) = &found {
            self.recent.keep(id, *kind, data);
        }
        found
    }

    /// Finds out whether an object is left under its second name alone.
    pub(crate) fn look_up(&self, id: ObjectId) {
        if !self.has(id) {
            self.kept.read(&self.reader, id, FRAME_BYTES_MAX);
        }
    }

    /// Whether the repository has the object `id`, loose or packed.
    pub(crate) fn has(&self, id: ObjectId) -> bool {
        self.loose.object_path(&id).exists() || self.others.has(id)
    }

    /// Returns the files of the tree `id`, without its folders, links and submodules.
    ///
    /// Fails as [`read`](Self::read) does, and for a tree of more than 640 entries.
    pub(crate) fn read_tree(&self, id: ObjectId) -> Result<Vec<TreeFile>, ObjectError> {
        let damaged = |detail: String| ObjectError::Damaged { id, detail };
        let bytes = self.read(id, Kind::Tree, FRAME_BYTES_MAX)?;
        let mut files = Vec::new();
        for entry in gix::objs::TreeRefIter::from_bytes(&bytes, id.kind()) {
            let entry = entry.map_err(|e| damaged(e.to_string()))?;
            let name = std::str::from_utf8(entry.filename)
                .map_err(|_| damaged("an entry's name is not UTF-8".to_owned()))?;
            if files.len() == LIST_ENTRIES_MAX {
                return Err(damaged(format!("more than {LIST_ENTRIES_MAX} entries")));
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

    /// Reads the commit `id`, of at most 256 KiB. Fails as [`read`](Self::read) does.
    pub(crate) fn read_commit(&self, id: ObjectId) -> Result<CommitRead, ObjectError> {
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

    /// Iterates over the ids of all loose objects, in no order.
    #[cfg(test)]
    pub(crate) fn loose_ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.loose.iter().filter_map(Result::ok)
    }

    /// Iterates over the loose commits, in no order; `doctor` searches them for a lost tip.
    pub(crate) fn loose_commits(&self) -> impl Iterator<Item = ObjectId> + '_ {
        let is_commit = |id: &ObjectId| {
            let header = self.loose.try_header(id);
            matches!(header, Ok(Some((_, Kind::Commit))))
        };
        self.loose.iter().filter_map(Result::ok).filter(is_commit)
    }

    /// Returns the folder of the object database.
    pub(crate) fn dir(&self) -> &Path {
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
