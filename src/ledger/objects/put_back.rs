//! Objects that Git pruned beside a write, and their return.
//!
//! Owns [`Objects::put_back`], and how a file gets the path of an object. Never writes an object
//! that was not kept.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use gix::ObjectId;

use crate::ledger::objects::read::Objects;
use crate::ledger::objects::sync::sync_dirs;

/// How often the folder of an object is made: `git gc` may remove an empty one before it is used.
pub(super) const FOLDER_ROUNDS_MAX: u32 = 10;
/// How often objects are put back while a prune deletes them: it passes each folder once.
const PUT_BACK_ROUNDS_MAX: u32 = 10;

/// The prefix that Git gives to an object while writing it: `git gc` removes those a crash left.
const TEMPORARY_PREFIX: &str = "tmp_obj_";

impl Objects {
    /// Puts back the objects that were written by this process, or found under a second name alone,
    /// and that Git has pruned since; returns how many.
    ///
    /// To be called once a ref reaches them: a prune that begins later leaves them alone.
    pub(crate) fn put_back(&self) -> io::Result<usize> {
        let mut count = 0;
        for _ in 0..PUT_BACK_ROUNDS_MAX {
            let gone = |id: &ObjectId| !self.has(*id);
            let missing: Vec<ObjectId> = self.kept.to_check().into_iter().filter(gone).collect();
            if missing.is_empty() {
                break;
            }
            let mut folders = Vec::new();
            for id in missing {
                let path = self.loose.object_path(&id);
                if let Some(from) = self.kept.paths(id).first() {
                    self.place(&path, &mut folders, |to| match fs::hard_link(from, to) {
                        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                        // Some systems let only the owner of a file link it.
                        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                            self.copy(from, to)
                        }
                        linked => linked,
                    })?;
                    count += 1;
                }
            }
            self.sync_folders(folders)?;
        }
        Ok(count)
    }

    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let folder = to.parent().unwrap_or(to);
        let mut copy = temporary(folder)?;
        copy.write_all(&fs::read(from)?)?;
        self.sharing.apply(copy.path())?;
        if self.durable {
            copy.as_file().sync_all()?;
        }
        copy.persist(to).map(drop).map_err(|error| error.error)
    }

    /// Returns how many objects were found under a second name alone.
    pub(crate) fn lost(&self) -> usize {
        self.kept.lost()
    }

    /// Whether this process is the first to write in an hour; only once true.
    pub(crate) fn begins_an_hour(&self) -> bool {
        self.kept.begins_an_hour()
    }

    /// Removes the second names of objects that were written before the last hour.
    pub(crate) fn drop_old_names(&self) {
        // What cannot be removed now is removed an hour later.
        let _ = self.kept.drop_old();
    }

    /// Whether an object has a second name.
    pub(crate) fn is_kept(&self, id: ObjectId) -> bool {
        !self.kept.paths(id).is_empty()
    }

    /// Whether an object has its second name alone.
    pub(crate) fn misses_any(&self) -> bool {
        self.kept.ids().iter().any(|id| !self.has(*id))
    }

    /// Whether this process has written an object.
    pub(crate) fn has_written(&self) -> bool {
        self.kept.has_written()
    }

    /// Gives a file the path of an object, in a folder that is made for it.
    pub(super) fn place(
        &self,
        path: &Path,
        folders: &mut Vec<PathBuf>,
        mut give: impl FnMut(&Path) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(folder) = path.parent() else {
            return Ok(());
        };
        for _ in 0..FOLDER_ROUNDS_MAX {
            if self.create_fan_out(folder)? {
                folders.push(self.dir().to_owned());
            }
            match give(path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                given => {
                    folders.push(folder.to_owned());
                    return given;
                }
            }
        }
        Err(ErrorKind::NotFound.into())
    }

    /// Syncs the folders of new objects to disk.
    pub(super) fn sync_folders(&self, mut folders: Vec<PathBuf>) -> io::Result<()> {
        if !self.durable {
            return Ok(());
        }
        folders.sort();
        folders.dedup();
        sync_dirs(&folders)
    }

    /// Creates the folder of an object and returns whether it is new.
    pub(super) fn create_fan_out(&self, folder: &Path) -> io::Result<bool> {
        match fs::create_dir(folder) {
            Ok(()) => self.sharing.apply(folder).map(|()| true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Creates a file in the object store that has no name of an object yet.
pub(super) fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o444));
    builder.tempfile_in(folder)
}
