//! Blobs, trees and commits.
//!
//! Owns how objects are read (bounded, loose before packed) and written (staged, made durable,
//! then published), and the shape of a presence commit: flat tree, event as message, nonce.
//! Never moves a ref; an object that no ref names is nobody's business.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use gix::objs::tree::EntryKind;
use gix::objs::{Kind, Write as _};
use gix::{ObjectId, odb};

use super::loose::{Loose, LooseReader};
use super::sharing::Sharing;

/// The most entries that a tree of ours has; more is not ours.
const TREE_ENTRIES_MAX: usize = 256;
/// Larger trees and commits are not ours.
const FRAME_BYTES_MAX: u64 = 256 * 1024;
/// Git's own name for a staging area: `git gc` removes one that a crash left behind.
pub const STAGING_PREFIX: &str = "tmp_objdir-presence-";

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

/// Why objects could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write objects below {}: {source}", dir.display())]
pub struct WriteError {
    dir: PathBuf,
    source: std::io::Error,
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
    loose: odb::loose::Store,
    all: gix::OdbHandle,
    dir: PathBuf,
    durable: bool,
    sharing: Sharing,
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

    /// Begin to write a set of objects that will be published together.
    pub fn begin(&self) -> Result<Batch<'_>, WriteError> {
        let staging = tempfile::Builder::new()
            .prefix(STAGING_PREFIX)
            .tempdir_in(&self.dir)
            .map_err(|e| self.failed(e))?;
        Ok(Batch {
            store: odb::loose::Store::at(staging.path(), self.loose.object_hash()),
            objects: self,
            _staging: staging,
            written: Vec::new(),
        })
    }

    fn failed(&self, source: std::io::Error) -> WriteError {
        WriteError {
            dir: self.dir.clone(),
            source,
        }
    }
}

fn accept(id: ObjectId, found: Kind, data: Vec<u8>, wanted: Kind) -> Result<Vec<u8>, ObjectError> {
    if found != wanted {
        let detail = format!("it is a {found}, not a {wanted}");
        return Err(ObjectError::Damaged { id, detail });
    }
    Ok(data)
}

/// What a commit says besides its tree.
#[derive(Clone, Debug)]
pub struct CommitWrite {
    pub parents: Vec<ObjectId>,
    pub author_name: String,
    pub author_email: String,
    pub seconds: i64,
    pub message: String,
}

/// Objects that are written and not yet part of the repository.
#[must_use = "staged objects vanish unless they are published"]
pub struct Batch<'o> {
    objects: &'o Objects,
    store: odb::loose::Store,
    _staging: tempfile::TempDir,
    written: Vec<ObjectId>,
}

impl Batch<'_> {
    pub fn blob(&mut self, bytes: &[u8]) -> Result<ObjectId, WriteError> {
        self.stage(Kind::Blob, bytes)
    }

    pub fn tree(&mut self, mut files: Vec<TreeFile>) -> Result<ObjectId, WriteError> {
        files.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        let tree = gix::objs::Tree {
            entries: files
                .into_iter()
                .map(|file| gix::objs::tree::Entry {
                    mode: EntryKind::Blob.into(),
                    filename: file.name.into(),
                    oid: file.id,
                })
                .collect(),
        };
        self.stage_object(&tree)
    }

    pub fn commit(&mut self, tree: ObjectId, text: CommitWrite) -> Result<ObjectId, WriteError> {
        let who = gix::actor::Signature {
            name: ident(&text.author_name).into(),
            email: ident(&text.author_email).into(),
            time: gix::date::Time::new(text.seconds, 0),
        };
        let commit = gix::objs::Commit {
            tree,
            parents: text.parents.into(),
            author: who.clone(),
            committer: who,
            encoding: None,
            message: text.message.into(),
            extra_headers: Vec::new(),
        };
        self.stage_object(&commit)
    }

    fn stage_object(&mut self, object: &dyn gix::objs::WriteTo) -> Result<ObjectId, WriteError> {
        let mut bytes = Vec::new();
        object
            .write_to(&mut bytes)
            .map_err(|e| self.objects.failed(std::io::Error::other(e.to_string())))?;
        self.stage(object.kind(), &bytes)
    }

    fn stage(&mut self, kind: Kind, bytes: &[u8]) -> Result<ObjectId, WriteError> {
        let id = self.store.write_buf(kind, bytes).map_err(|error| {
            let io = error.downcast_any_ref::<std::io::Error>();
            let text = io.map_or_else(|| error.to_string(), ToString::to_string);
            self.objects.failed(std::io::Error::other(text))
        })?;
        self.written.push(id);
        Ok(id)
    }

    /// Make the staged objects durable and part of the repository: each file is synced before it
    /// gets its name, each directory after.
    pub fn publish(self) -> Result<(), WriteError> {
        self.move_in().map_err(|e| self.objects.failed(e))
    }

    fn move_in(&self) -> std::io::Result<()> {
        let mut touched: Vec<PathBuf> = Vec::new();
        for id in &self.written {
            let from = self.store.object_path(id);
            let to = self.objects.loose.object_path(id);
            if to.exists() {
                continue;
            }
            if self.objects.durable {
                File::open(&from)?.sync_all()?;
            }
            self.objects.sharing.apply(&from)?;
            let Some(fan_out) = to.parent() else { continue };
            match fs::create_dir(fan_out) {
                Ok(()) => {
                    self.objects.sharing.apply(fan_out)?;
                    touched.push(self.objects.dir.clone());
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            fs::rename(&from, &to)?;
            touched.push(fan_out.to_owned());
        }
        touched.sort();
        touched.dedup();
        if self.objects.durable {
            touched.iter().try_for_each(|dir| sync_dir(dir))?;
        }
        Ok(())
    }
}

/// A name or address without the characters that end one in a commit header.
fn ident(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !"<>\n\0".contains(*c)).collect();
    let kept = kept.trim();
    if kept.is_empty() {
        "unknown".to_owned()
    } else {
        kept.to_owned()
    }
}

/// Make a directory's entries durable. Windows has no such call and needs none.
pub fn sync_dir(dir: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
