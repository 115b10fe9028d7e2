//! The marks of commands that `run` runs under a session that others use, too.
//!
//! Owns [`RunMark`]: `<git>/presence/run-<key>.lock`, one file for a session and a resource. It has
//! which grant a `run` made, and each command that runs under it holds a shared lock, which ends
//! with its process. Never claims, never releases.

use std::fs::{File, TryLockError};
use std::io::{Seek as _, Write as _};

use crate::clock::Clock;
use crate::ledger::layout;
use crate::ledger::local::file_locks::open_lock;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::ledger::plain::Access;
use crate::model::id::SessionId;
use crate::model::resource::Resource;

/// What a command waits for while another one releases the same claim.
const WHAT: &str = "the end of a command under the same claim";
/// How often a mark is tried while another command releases the claim; it takes seconds where a
/// remote decides.
const ROUNDS_MAX: u32 = 400;
const PAUSE_MILLIS_MAX: u64 = 50;

/// The share of one command in a claim that `run` made, held until it is dropped.
#[must_use = "another command may release the claim when it is dropped"]
pub struct RunMark {
    file: File,
    name: String,
}

/// The marks of a session.
pub struct RunMarks<'l> {
    folder: &'l Folder,
    session: &'l SessionId,
}

impl<'l> RunMarks<'l> {
    /// Returns the marks of `session` in a folder.
    pub fn new(folder: &'l Folder, session: &'l SessionId) -> Self {
        Self { folder, session }
    }

    /// Returns true if a `run` made this grant on `resource`. A mark that a killed command left
    /// names another grant than one that was made since.
    pub fn has(&self, resource: &Resource, grant: &str) -> bool {
        let name = layout::run_file(self.session, resource);
        self.folder.text(&name) == grant
    }

    /// Marks the claim on `resource` as one that `run` made. Waits while another command releases
    /// it. Fails if that takes too long, or the folder cannot be written.
    pub fn enter(&self, clock: &dyn Clock, resource: &Resource) -> Result<RunMark, FolderError> {
        let name = layout::run_file(self.session, resource);
        let entered = self.try_enter(clock, &name);
        entered.map_err(|error| self.folder.error(WHAT, error))
    }

    fn try_enter(&self, clock: &dyn Clock, name: &str) -> std::io::Result<RunMark> {
        self.folder.ensure()?;
        for _ in 0..ROUNDS_MAX {
            let file = open_lock(&self.folder.open()?, name, self.folder.sharing())?;
            match file.try_lock_shared() {
                // The command that released the claim has removed the file that is locked here.
                Ok(()) if !self.folder.has_file(name, &file) => {}
                Ok(()) => {
                    let name = name.to_owned();
                    return Ok(RunMark { file, name });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
            clock.pause(PAUSE_MILLIS_MAX);
        }
        Err(std::io::ErrorKind::WouldBlock.into())
    }

    /// Records which grant a `run` made. A mark that cannot be written names none, and then the
    /// claim stays until it expires.
    pub fn record(&self, mark: &mut RunMark, grant: &str) {
        let file = &mut mark.file;
        let emptied = file.rewind().and_then(|()| file.set_len(0));
        let _ = emptied.and_then(|()| file.write_all(grant.as_bytes()));
    }

    /// Makes the claim that of the session itself, if a `run` made it: the session claimed it
    /// again.
    pub fn disown(&self, resource: &Resource) {
        let name = layout::run_file(self.session, resource);
        if self.folder.text(&name).is_empty() {
            return;
        }
        let opened = self.folder.open();
        let file = opened.and_then(|dir| dir.file(&name, Access::Append));
        // What cannot be written goes on as the claim of the command.
        let _ = file.and_then(|file| file.set_len(0));
    }

    /// Returns true if the mark still names a grant that a `run` made.
    pub fn is_owned(&self, mark: &RunMark) -> bool {
        !self.folder.text(&mark.name).is_empty()
    }

    /// Returns the mark if no other command runs under the claim, so that this one releases it;
    /// until then no other command enters. The file goes with [`Self::remove`].
    pub fn leave(&self, mark: RunMark) -> Option<RunMark> {
        // On a file system without such locks the claim is released, as one that is killed is.
        match mark.file.try_lock() {
            Err(TryLockError::WouldBlock) => None,
            Ok(()) | Err(TryLockError::Error(_)) => Some(mark),
        }
    }

    /// Removes the mark of a claim that was released.
    pub fn remove(&self, mark: RunMark) {
        let _ = self.folder.remove(&mark.name);
    }
}
