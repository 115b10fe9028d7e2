//! Objects on their way into the repository.
//!
//! Owns how objects are written: staged in a folder of their own, made durable, then published.
//! A commit of ours has a flat tree, the event as its message, and a nonce in it. Never moves a
//! ref; an object that no ref names is nobody's business.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use gix::objs::tree::EntryKind;
use gix::objs::{Kind, Write as _};
use gix::{ObjectId, odb};

use super::objects::{Objects, TreeFile};

/// Git's own name for a staging area: `git gc` removes one that a crash left behind.
pub const STAGING_PREFIX: &str = "tmp_objdir-presence-";

/// Why objects could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write objects below {}: {source}", dir.display())]
pub struct WriteError {
    dir: PathBuf,
    source: std::io::Error,
}

impl Objects {
    /// Begin to write a set of objects that will be published together.
    pub fn begin(&self) -> Result<Batch<'_>, WriteError> {
        let staging = tempfile::Builder::new()
            .prefix(STAGING_PREFIX)
            .tempdir_in(self.dir())
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
            dir: self.dir().to_owned(),
            source,
        }
    }
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
                    touched.push(self.objects.dir().to_owned());
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
