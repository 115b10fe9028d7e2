//! Ref store over loose and packed files.
//!
//! Owns [`FileRefs`] and the file protocol of Git: take `<ref>.lock`, read the current value under
//! it, write the new one, rename. Unlike a transaction of gix it refuses a broken ref instead of
//! overwriting it, lists without missing a ref that is being packed, needs no `packed-refs.lock`
//! for an update, and syncs the file before it gets its name. Never writes `packed-refs` but to
//! delete a ref.

mod values;

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::lock::acquire::Fail;
use gix::refs::packed;
use gix::refs::transaction::{Change, PreviousValue, RefEdit, RefLog};
use gix::tempfile::signal::handler::Mode as OnSignal;

use self::values::{find_packed, no_clash, parents, parse_loose, read_once};
use super::{RefError, RefStore, RefValue, SwapError, remove_each};
use crate::ledger::layout;
use crate::ledger::local::writers::{Writers, Writing};
use crate::ledger::objects::sync::sync_dirs;
use crate::ledger::permissions::Sharing;
use crate::ledger::plain::open_without_waiting;
use crate::model::time::Timestamp;

/// More bytes than an object id and a line end have; a file that fills it is no ref.
const LOOSE_BYTES_MAX: usize = 256;

/// Whether this process goes on after a termination signal.
static SURVIVES: AtomicBool = AtomicBool::new(false);

/// Makes a termination signal remove the ref locks of this process without ending it.
///
/// The caller has its own handler, which does other work before it ends the process.
pub fn survive_signals() {
    SURVIVES.store(true, Ordering::Relaxed);
}

/// A [`RefStore`] over loose and packed files.
pub(crate) struct FileRefs {
    store: gix::refs::file::Store,
    common_dir: PathBuf,
    writers: Writers,
    durable: bool,
    sharing: Sharing,
}

impl FileRefs {
    /// Makes a store over the refs that all worktrees of `repo` share.
    ///
    /// With `durable`, files and folders are synced to disk. `sharing` gives the permissions of
    /// new files.
    pub(crate) fn new(
        repo: &gix::Repository,
        writers: Writers,
        durable: bool,
        sharing: Sharing,
    ) -> Self {
        let mut store = repo.refs.clone();
        // `GIT_NAMESPACE` is for servers; the ledger has one place in a repository.
        store.namespace = None;
        Self {
            store,
            common_dir: repo.common_dir().to_owned(),
            writers,
            durable,
            sharing,
        }
    }

    fn read_loose(&self, name: &str) -> Result<RefValue, RefError> {
        let mut buffer = [0; LOOSE_BYTES_MAX];
        let read = open_without_waiting(&self.common_dir.join(name))
            .and_then(|mut file| read_once(&mut file, &mut buffer));
        match read {
            Ok(count) => Ok(parse_loose(&buffer[..count])),
            Err(error) => match error.kind() {
                ErrorKind::NotFound | ErrorKind::IsADirectory => Ok(RefValue::Absent),
                ErrorKind::NotADirectory => Err(RefError::Clash {
                    with: self.clash(name).unwrap_or_else(|| name.to_owned()),
                }),
                // The file exists, so the ref is not absent, but its value is unknown.
                _ => Ok(RefValue::Broken(error.to_string())),
            },
        }
    }

    /// Returns the loose ref that has the name of a folder of `name`.
    fn clash(&self, name: &str) -> Option<String> {
        let is_file = |parent: &&str| self.common_dir.join(parent).is_file();
        parents(name).find(is_file).map(str::to_owned)
    }

    fn packed(&self) -> Result<Option<packed::Buffer>, RefError> {
        self.store
            .open_packed_buffer()
            .map_err(|error| RefError::Failed(error.to_string()))
    }

    /// Returns the packed value of a ref that is not loose.
    ///
    /// Fails if a packed ref has the name of a folder of `name`, as Git does: such a pair of refs
    /// would make packing fail later.
    fn read_packed(&self, name: &str) -> Result<RefValue, RefError> {
        let Some(packed) = self.packed()? else {
            return Ok(RefValue::Absent);
        };
        let value = find_packed(&packed, name)?;
        if value == RefValue::Absent {
            no_clash(&packed, name)?;
        }
        Ok(value)
    }

    fn enter(&self) -> Result<Writing, SwapError> {
        let busy = || SwapError::Busy(format!("{}/{}", layout::FOLDER, layout::WRITERS_LOCK));
        self.writers.enter().ok_or_else(busy)
    }

    /// Takes `<ref>.lock` without waiting.
    ///
    /// A signal that ends the process removes the lock; after `kill -9` it is left and stale.
    fn lock(&self, name: &str) -> Result<gix::lock::File, SwapError> {
        gix::tempfile::signal::setup(match SURVIVES.load(Ordering::Relaxed) {
            true => OnSignal::DeleteTempfilesOnTermination,
            false => OnSignal::DeleteTempfilesOnTerminationAndRestoreDefaultBehaviour,
        });
        let boundary = Some(self.common_dir.join("refs"));
        let path = self.common_dir.join(name);
        gix::lock::File::acquire_to_update_resource(
            path,
            Fail::Immediately,
            boundary,
            self.sharing.bits(),
        )
        .map_err(|error| {
            let io = error.downcast_any_ref::<std::io::Error>();
            match io.map(std::io::Error::kind) {
                // Not found: Git removed the empty folder just after it was made.
                Some(ErrorKind::AlreadyExists | ErrorKind::NotADirectory | ErrorKind::NotFound)
                | None => match self.clash(name) {
                    Some(with) => SwapError::Clash { with },
                    None => SwapError::Busy(format!("{name}.lock")),
                },
                Some(kind) => SwapError::Failed {
                    name: name.to_owned(),
                    source: match io.and_then(std::io::Error::raw_os_error) {
                        Some(code) => std::io::Error::from_raw_os_error(code),
                        None => kind.into(),
                    },
                },
            }
        })
    }

    /// Returns the value of `name` while this process has its lock, so that it cannot change.
    fn read_locked(&self, name: &str) -> Result<RefValue, SwapError> {
        self.read(name).map_err(|error| match error {
            RefError::Clash { with } => SwapError::Clash { with },
            RefError::Failed(text) => SwapError::Failed {
                name: name.to_owned(),
                source: std::io::Error::other(text),
            },
        })
    }

    fn write(
        &self,
        name: &str,
        mut lock: gix::lock::File,
        new: ObjectId,
        folder_is_new: bool,
    ) -> Result<(), SwapError> {
        let failed = |source: std::io::Error| SwapError::Failed {
            name: name.to_owned(),
            source,
        };
        // A signal cannot remove the file while `with_mut` runs, so only the write is done there.
        lock.with_mut(|file| file.write_all(format!("{new}\n").as_bytes()))
            .map_err(failed)?;
        let lock = lock.close().map_err(failed)?;
        if self.durable {
            let file = fs::File::open(lock.lock_path()).map_err(failed)?;
            file.sync_all().map_err(failed)?;
        }
        lock.commit().map_err(|error| failed(error.error))?;
        self.sync_folders(name, folder_is_new)
            .map_err(|source| SwapError::NotDurable {
                name: name.to_owned(),
                source,
            })
    }

    /// Syncs the entry of a ref to disk, and with `folder_is_new` those of its folders.
    fn sync_folders(&self, name: &str, folder_is_new: bool) -> std::io::Result<()> {
        if !self.durable {
            return Ok(());
        }
        let count = if folder_is_new { usize::MAX } else { 1 };
        let above = parents(name).chain(["refs"]).take(count);
        let folders: Vec<PathBuf> = above.map(|folder| self.common_dir.join(folder)).collect();
        sync_dirs(&folders)
    }

    fn lacks_folder(&self, name: &str) -> bool {
        let mut above = parents(name);
        above
            .next()
            .is_some_and(|folder| !self.common_dir.join(folder).is_dir())
    }

    /// Removes readable refs through gix, which rewrites `packed-refs` without them: all or none.
    fn delete(&self, refs: &[(String, ObjectId)]) -> Result<(), SwapError> {
        let Some((first, _)) = refs.first() else {
            return Ok(());
        };
        let failed = |text: String| SwapError::Failed {
            name: first.to_owned(),
            source: std::io::Error::other(text),
        };
        let edit = |(name, expected): &(String, ObjectId)| {
            Ok(RefEdit {
                change: Change::Delete {
                    expected: PreviousValue::MustExistAndMatch((*expected).into()),
                    log: RefLog::AndReference,
                },
                name: name
                    .as_str()
                    .try_into()
                    .map_err(|_| failed("bad name".into()))?,
                deref: false,
            })
        };
        let edits = refs
            .iter()
            .map(edit)
            .collect::<Result<Vec<RefEdit>, SwapError>>()?;
        self.store
            .transaction()
            .prepare(edits, Fail::Immediately, Fail::Immediately)
            .and_then(|transaction| transaction.commit(None))
            .map(drop)
            .map_err(|error| {
                let has_moved = |(name, id): &(String, ObjectId)| {
                    let found = self.read(name);
                    found.is_ok_and(|found| found != RefValue::At(*id))
                };
                match error.is_conflict() || refs.iter().any(has_moved) {
                    true => SwapError::Lost(first.to_owned()),
                    false => failed(error.to_string()),
                }
            })
    }
}

impl RefStore for FileRefs {
    fn read(&self, name: &str) -> Result<RefValue, RefError> {
        match self.read_loose(name)? {
            RefValue::Absent => self.read_packed(name),
            value => Ok(value),
        }
    }

    /// Reads loose refs before packed ones: a ref that Git packs in between is then in one of the
    /// two. The other order would miss it.
    fn list(&self, prefix: &str) -> Result<Vec<(String, RefValue)>, RefError> {
        let mut found = Vec::new();
        self.list_loose(prefix.trim_end_matches('/'), &mut found)?;
        if let Some(packed) = self.packed()? {
            no_clash(&packed, prefix)?;
            let failed = |error: gix::Error| RefError::Failed(error.to_string());
            for item in packed.iter_prefixed(prefix.into()).map_err(failed)? {
                let item = item.map_err(failed)?;
                let name = item.name.as_bstr().to_str_lossy().into_owned();
                found.push((name, RefValue::At(item.target())));
            }
        }
        // A loose value wins over a packed one: the sort is stable.
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found.dedup_by(|later, earlier| later.0 == earlier.0);
        Ok(found)
    }

    fn swap(&self, name: &str, expected: Option<ObjectId>, new: ObjectId) -> Result<(), SwapError> {
        let _writing = self.enter()?;
        let folder_is_new = self.lacks_folder(name);
        let lock = self.lock(name)?;
        let current = match self.read_locked(name)? {
            RefValue::Absent => None,
            RefValue::At(id) => Some(id),
            RefValue::Broken(detail) => {
                return Err(SwapError::Broken {
                    name: name.to_owned(),
                    detail,
                });
            }
        };
        if current != expected {
            return Err(SwapError::Lost(name.to_owned()));
        }
        self.write(name, lock, new, folder_is_new)
    }

    fn reads_one_cheaply(&self) -> bool {
        true
    }

    /// Removes all at once, which rewrites `packed-refs` once; one by one where that fails.
    fn remove_all(&self, refs: &[(String, ObjectId)]) -> Vec<Result<(), SwapError>> {
        let Ok(_writing) = self.enter() else {
            let busy = |(name, _): &(String, ObjectId)| Err(SwapError::Busy(name.clone()));
            return refs.iter().map(busy).collect();
        };
        match self.delete(refs) {
            Ok(()) => refs.iter().map(|_| Ok(())).collect(),
            Err(_) => remove_each(self, refs),
        }
    }

    fn is_locked(&self, name: &str, now: Timestamp) -> bool {
        let lock = self.common_dir.join(format!("{name}.lock"));
        lock.exists() && !self.writers.clear(&lock, now).unwrap_or(false)
    }

    fn repair(&self, name: &str, found: &RefValue, to: Option<ObjectId>) -> Result<(), SwapError> {
        if let (RefValue::At(id), None) = (found, to) {
            return self.delete(&[(name.to_owned(), *id)]);
        }
        let _writing = self.enter()?;
        let lock = self.lock(name)?;
        if self.read_locked(name)? != *found {
            return Err(SwapError::Lost(name.to_owned()));
        }
        match to {
            Some(id) => self.write(name, lock, id, false),
            None => fs::remove_file(self.common_dir.join(name))
                .and_then(|()| self.sync_folders(name, false))
                .map_err(|source| SwapError::Failed {
                    name: name.to_owned(),
                    source,
                }),
        }
    }
}

impl FileRefs {
    fn list_loose(
        &self,
        folder: &str,
        found: &mut Vec<(String, RefValue)>,
    ) -> Result<(), RefError> {
        let entries = match fs::read_dir(self.common_dir.join(folder)) {
            Ok(entries) => entries,
            Err(error) => {
                return match error.kind() {
                    ErrorKind::NotFound => Ok(()),
                    ErrorKind::NotADirectory => Err(RefError::Clash {
                        with: self.clash(folder).unwrap_or_else(|| folder.to_owned()),
                    }),
                    _ => Err(RefError::Failed(format!("{folder}: {error}"))),
                };
            }
        };
        for entry in entries {
            let entry = entry.map_err(|e| RefError::Failed(format!("{folder}: {e}")))?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            if name.ends_with(".lock") {
                continue;
            }
            let name = format!("{folder}/{name}");
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.list_loose(&name, found)?;
                continue;
            }
            // Absent by now: Git packed it, so that it is found there, or it was deleted.
            match self.read_loose(&name)? {
                RefValue::Absent => {}
                value => found.push((name, value)),
            }
        }
        Ok(())
    }
}
