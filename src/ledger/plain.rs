//! The door to files that other users may have put there.
//!
//! Owns [`PlainDir`], a folder that is itself no link, and how a file in it is opened, replaced and
//! moved: never through a link, never waiting, plain files only, up to a size. Anything else is
//! [`Foreign`]. Never knows what a file is for.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::ledger::permissions::Sharing;

/// Room for a file that is read; most are shorter.
const READ_BYTES: usize = 1024;

/// Something in the place of a file or a folder of this program that is neither.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {odd}", path.display())]
pub struct Foreign {
    /// Its path.
    pub path: PathBuf,
    /// What it is.
    pub odd: Odd,
}

/// What is in the place of a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    /// A symbolic link, wherever it leads.
    #[error("is a symbolic link")]
    Link,
    /// A folder, where a file belongs.
    #[error("is a folder")]
    Folder,
    /// A file, where a folder belongs.
    #[error("is not a folder")]
    NoFolder,
    /// A pipe, a socket or a device.
    #[error("is a pipe, a socket or a device")]
    Special,
    /// A file that has a name elsewhere, too, so that a change would be seen there.
    #[error("has a second name elsewhere")]
    Linked,
    /// A file of more bytes than its kind has.
    #[error("is larger than {bytes_max} bytes")]
    Large {
        /// The limit.
        bytes_max: u64,
    },
}

impl Foreign {
    /// Returns the foreign thing behind an error, if that is its cause.
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

/// What a file is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It is read, and must exist.
    Read,
    /// It is locked; made if it does not exist.
    Lock,
    /// It is read and appended to; made if it does not exist.
    Append,
    /// It is written for the own user only, and must not exist.
    New,
    /// It is written, its permissions are set by the policy, and it must not exist.
    NewForAll,
    /// It is written once and read by all users that the umask allows, and must not exist.
    NewReadOnly,
}

/// A folder that was opened, and not through a link.
pub(crate) struct PlainDir {
    /// The folder itself; all names are looked up in it, also if another has its path by now.
    #[cfg(unix)]
    dir: File,
    path: PathBuf,
}

impl PlainDir {
    /// Opens the folder at `path`. The folders above it may be links.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        system::open_dir(path)
    }

    /// Opens the folder `name` in this one; makes it if it does not exist.
    pub(crate) fn below(&self, name: &str, sharing: Sharing) -> io::Result<Self> {
        match self.make_dir(name) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            made => {
                let below = self.open_below(name)?;
                if made.is_ok() {
                    below.share(sharing)?;
                }
                Ok(below)
            }
        }
    }

    /// Opens the file `name`. Fails with [`Foreign`] if that is no plain file.
    pub(crate) fn file(&self, name: &str, access: Access) -> io::Result<File> {
        let file = match self.open_file(name, access) {
            Ok(file) => file,
            Err(error) => return Err(self.explain(name, error)),
        };
        let meta = file.metadata()?;
        let odd = match meta.is_file() {
            true if access == Access::Append && system::has_other_names(&meta) => Odd::Linked,
            true => return Ok(file),
            false if meta.is_dir() => Odd::Folder,
            false => Odd::Special,
        };
        Err(self.foreign(name, odd))
    }

    /// Reads the file `name`, of at most `bytes_max` bytes. Fails with [`Foreign`] if that is no
    /// plain file, or a larger one.
    pub(crate) fn read(&self, name: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
        // With room for most files, one read finds the end.
        let mut bytes = Vec::with_capacity(READ_BYTES);
        let file = self.file(name, Access::Read)?;
        file.take(bytes_max.saturating_add(1))
            .read_to_end(&mut bytes)?;
        if bytes.len() as u64 > bytes_max {
            return Err(self.foreign(name, Odd::Large { bytes_max }));
        }
        Ok(bytes)
    }

    /// Puts a new file with this content under `name`, in the place of whatever has it. Its name
    /// begins with a prefix until then, and `prepare` gets the file.
    pub(crate) fn replace(
        &self,
        name: &str,
        (access, prefix, bytes): (Access, &str, &[u8]),
        prepare: impl FnOnce(&File) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix);
        let temporary = builder.make_in(&self.path, |path| {
            let name = path.file_name().and_then(|name| name.to_str());
            self.file(name.unwrap_or_default(), access)
        })?;
        let (mut file, temporary) = temporary.into_parts();
        file.write_all(bytes)?;
        prepare(&file)?;
        let unfinished = temporary.file_name().and_then(|name| name.to_str());
        self.rename(unfinished.unwrap_or_default(), self, name)?;
        temporary.keep().map(drop).map_err(|error| error.error)
    }

    /// Returns what is odd about `name`, if it is no plain file; `None` also if there is none.
    pub(crate) fn odd(&self, name: &str) -> Option<Odd> {
        let kind = self.kind(name).ok()?;
        match kind {
            Kind::File => None,
            Kind::Folder => Some(Odd::Folder),
            Kind::Link => Some(Odd::Link),
            Kind::Special => Some(Odd::Special),
        }
    }

    /// Sets the permissions of a folder that was just made.
    pub(crate) fn share(&self, sharing: Sharing) -> io::Result<()> {
        system::share(self, sharing)
    }

    /// Sets the permissions of a folder of this clone's own that was just made: those of the
    /// policy, or without one for this user alone.
    pub(crate) fn own(&self, sharing: Sharing) -> io::Result<()> {
        match sharing.bits() {
            0 => system::keep_private(self),
            _ => self.share(sharing),
        }
    }

    /// Returns the path of the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn foreign(&self, name: &str, odd: Odd) -> io::Error {
        let path = self.path.join(name);
        io::Error::other(Foreign { path, odd })
    }

    /// Replaces the error of a call by what is in its place.
    fn explain(&self, name: &str, error: io::Error) -> io::Error {
        match error.kind() {
            ErrorKind::NotFound | ErrorKind::PermissionDenied => error,
            _ => match self.odd(name) {
                Some(odd) => self.foreign(name, odd),
                None => error,
            },
        }
    }
}

/// What a name stands for, without following a link.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// Opens a file to read it, through links, without waiting for a pipe to be written.
pub(crate) fn open_without_waiting(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    system::never_wait(options.read(true)).open(path)
}

/// Checks whether this user may read the file or folder at `path`, and write to it if `writes`.
pub(crate) fn check_access(path: &Path, writes: bool) -> io::Result<()> {
    system::check_access(path, writes)
}

/// Returns the owner and the mode of a path for users, and whether this user owns it.
pub(crate) fn owner_and_mode(path: &Path) -> Option<(String, bool)> {
    system::owner_and_mode(path)
}

/// Returns this user in the words of `chown`.
pub(crate) fn own_user() -> Option<String> {
    system::own_user()
}

#[cfg(unix)]
#[path = "plain/unix.rs"]
mod system;
#[cfg(not(unix))]
#[path = "plain/portable.rs"]
mod system;

#[cfg(test)]
#[cfg(unix)]
mod tests;
