//! Objects that were just written, under a second name that Git does not prune.
//!
//! Owns [`Kept`] in `<git>/presence/kept`. `git prune` deletes an object that no ref reached when
//! it began, also if a ref reaches it by now, so a claim beside it would lose what was reported as
//! written. An object is therefore written here first, linked, and moved into the object store;
//! what Git deletes there is read from here and put back. A link takes no space of its own. The
//! links of an hour are in one folder, and two hours are kept. Never decides what is reachable.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use gix::ObjectId;

use super::loose::{Loose, LooseReader};
use crate::ledger::layout;
use crate::ledger::permissions::Sharing;
use crate::ledger::plain::{Access, PlainDir};

/// The span of the commits whose objects are kept in one folder.
const FOLDER_SECS: i64 = 60 * 60;

/// The second names of young objects.
pub(super) struct Kept {
    folder: PathBuf,
    sharing: Sharing,
    /// The objects that this process has written.
    written: RefCell<Vec<ObjectId>>,
    /// The objects that were found here alone.
    lost: RefCell<BTreeSet<ObjectId>>,
    /// The hour in which this process writes.
    now: Cell<i64>,
    /// Whether this process began the folder of that hour, so that older ones may go.
    is_new_hour: Cell<bool>,
}

/// A file that has no name in the object store yet.
pub(super) struct Unplaced {
    /// The file, to be written and synced.
    pub(super) file: File,
    path: tempfile::TempPath,
}

/// The folder of one hour.
pub(super) struct Hour {
    dir: PlainDir,
}

impl Kept {
    /// Returns the second names in a common git directory. Makes no folder.
    pub(super) fn new(common_dir: &Path, sharing: Sharing) -> Self {
        Self {
            folder: common_dir.join(layout::FOLDER),
            sharing,
            written: RefCell::default(),
            lost: RefCell::default(),
            now: Cell::new(0),
            is_new_hour: Cell::new(false),
        }
    }

    /// Opens the folder of the hour of a commit; `None` if there can be none.
    pub(super) fn hour(&self, seconds: i64) -> Option<Hour> {
        let kept = PlainDir::open(&self.folder).ok()?;
        let kept = kept.below(layout::KEPT, self.sharing).ok()?;
        self.now.set(seconds.div_euclid(FOLDER_SECS));
        let name = self.now.get().to_string();
        if kept.kind(&name).is_err() {
            self.is_new_hour.set(true);
        }
        let dir = kept.below(&name, self.sharing).ok()?;
        Some(Hour { dir })
    }

    /// Reads an object from its second name, of at most `bytes_max` bytes, and remembers that it is
    /// lost otherwise.
    pub(super) fn read(&self, loose: &LooseReader, id: ObjectId, bytes_max: u64) -> Loose {
        for path in self.paths(id) {
            if let Loose::Found(kind, data) = loose.read(&path, bytes_max)
                // Others may be able to write here.
                && gix::objs::compute_hash(id.kind(), kind, &data).is_ok_and(|found| found == id)
            {
                self.lost.borrow_mut().insert(id);
                return Loose::Found(kind, data);
            }
        }
        Loose::Absent
    }

    /// Returns the paths under which an object is kept.
    pub(super) fn paths(&self, id: ObjectId) -> Vec<PathBuf> {
        let name = id.to_string();
        let hours = self.hours().unwrap_or_default();
        let has = hours.iter().filter(|dir| dir.odd(&name).is_none());
        let paths = has.map(|dir| dir.path().join(&name));
        paths.filter(|path| path.is_file()).collect()
    }

    /// Records what this process has written.
    pub(super) fn wrote(&self, ids: impl Iterator<Item = ObjectId>) {
        self.written.borrow_mut().extend(ids);
    }

    /// Returns the objects that this process has written, and those that were lost, which from now
    /// on are the same.
    pub(super) fn to_check(&self) -> Vec<ObjectId> {
        let mut written = self.written.borrow_mut();
        written.extend(self.lost.take());
        written.clone()
    }

    /// Returns how many objects were found here alone since they were last put back.
    pub(super) fn lost(&self) -> usize {
        self.lost.borrow().len()
    }

    /// Whether this process began a new hour; only once true.
    pub(super) fn begins_an_hour(&self) -> bool {
        self.is_new_hour.replace(false)
    }

    /// Returns all objects that are kept.
    pub(super) fn ids(&self) -> Vec<ObjectId> {
        let hours = self.hours().unwrap_or_default();
        let names = hours.iter().flat_map(|dir| dir.names().unwrap_or_default());
        names.filter_map(|name| name.parse().ok()).collect()
    }

    /// Whether this process has written an object.
    pub(super) fn has_written(&self) -> bool {
        !self.written.borrow().is_empty()
    }

    /// Removes the folders of all hours but this one and the last.
    pub(super) fn drop_old(&self) -> io::Result<()> {
        let now = self.now.get();
        for dir in self.hours()? {
            let name = dir.path().file_name().and_then(|name| name.to_str());
            let hour = name.and_then(|name| name.parse::<i64>().ok());
            if hour.is_none_or(|hour| (now - 1..=now).contains(&hour)) {
                continue;
            }
            for name in dir.names()? {
                dir.remove(&name)?;
            }
            std::fs::remove_dir(dir.path())?;
        }
        Ok(())
    }

    fn hours(&self) -> io::Result<Vec<PlainDir>> {
        let kept = PlainDir::open(&self.folder)?.open_below(layout::KEPT)?;
        let mut names = kept.names()?;
        names.sort_unstable_by(|a, b| b.cmp(a));
        let opened = names.iter().map(|name| kept.open_below(name));
        Ok(opened.filter_map(Result::ok).collect())
    }
}

impl Hour {
    /// Creates a file that only this process knows.
    pub(super) fn begin(&self, sharing: Sharing) -> io::Result<Unplaced> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(layout::UNFINISHED_PREFIX);
        let file = builder.make_in(self.dir.path(), |path| {
            let name = path.file_name().and_then(|name| name.to_str());
            self.dir.file(name.unwrap_or_default(), Access::NewReadOnly)
        })?;
        let (file, path) = file.into_parts();
        sharing.apply_to(&file)?;
        Ok(Unplaced { file, path })
    }

    /// Gives a file its second name, without which it is not kept, and moves it to its place in the
    /// object store. Fails with the kind `NotFound` if there is no such folder.
    pub(super) fn place(&self, file: &mut Unplaced, id: ObjectId, to: &Path) -> io::Result<()> {
        let second = self.dir.path().join(id.to_string());
        match std::fs::hard_link(&file.path, &second) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                // The same object, written again.
                let _ = self.dir.remove(&id.to_string());
                let _ = std::fs::hard_link(&file.path, &second);
            }
            _ => {}
        }
        std::fs::rename(&file.path, to)
    }
}
