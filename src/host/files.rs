//! Files of the user that a verb changes on request.
//!
//! Owns how: as a whole, under the lock that Git takes too (`<file>.lock`), so that no other
//! process sees half of a change or loses its own. Never decides what a file contains.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::Host;
use crate::model::time::Timestamp;

/// How much of a file is searched for a text.
const SEARCHED_BYTES_MAX: usize = 1024 * 1024;

/// State of a file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    /// The content; empty for a link that leads nowhere.
    pub bytes: Vec<u8>,
    /// Whether the path is a symbolic link.
    pub is_link: bool,
    /// Whether the file is executable.
    pub is_executable: bool,
}

impl Host {
    /// Returns the first bytes of a file, `bytes_max` at most.
    pub fn read_start(&self, path: &Path, bytes_max: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path)?;
        file.take(bytes_max as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads a file, through links. Returns `None` if there is none. Fails if it is neither a file
    /// nor a folder.
    pub fn read_file(&self, path: &Path) -> std::io::Result<Option<FileState>> {
        let meta = match path.symlink_metadata() {
            Err(error) if is_absent(&error) => return Ok(None),
            meta => meta?,
        };
        let behind = path.metadata();
        Ok(Some(FileState {
            bytes: match &behind {
                Ok(meta) if meta.is_file() || meta.is_dir() => std::fs::read(path)?,
                // Reading a pipe would block, and a device has no end.
                Ok(_) => return Err(std::io::Error::other("it is no file")),
                // A link that leads nowhere.
                Err(_) => Vec::new(),
            },
            is_link: meta.is_symlink(),
            is_executable: behind.is_ok_and(|meta| is_executable(&meta)),
        }))
    }

    /// Reads a file up to one byte more than `bytes_max`. Fails if there is none, or it is no file.
    pub fn read_bounded(&self, path: &Path, bytes_max: usize) -> std::io::Result<Vec<u8>> {
        // Opening a pipe would block.
        if !path.metadata()?.is_file() {
            return Err(std::io::Error::other("it is no file"));
        }
        let limit = u64::try_from(bytes_max)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        let mut bytes = Vec::new();
        never_wait(OpenOptions::new().read(true))
            .open(path)?
            .take(limit)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Returns the names in a folder, each with when it was written to last; at most `count_max`.
    /// `None` if the folder cannot be read. No file is opened.
    pub fn listed(&self, folder: &Path, count_max: usize) -> Option<Vec<(String, Timestamp)>> {
        let entries = std::fs::read_dir(folder).ok()?.take(count_max);
        let read = |entry: std::fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            Some((name, written_at(&entry.metadata().ok()?)?))
        };
        Some(entries.flatten().filter_map(read).collect())
    }

    /// Returns when a file was written to last.
    pub fn written_at(&self, path: &Path) -> Option<Timestamp> {
        written_at(&path.metadata().ok()?)
    }

    /// Replaces or creates a file; an existing file keeps its mode. `edit` gets the current state
    /// under the lock and returns the new content, or `None` to leave the file as it is.
    pub fn replace(
        &self,
        path: &Path,
        executable: bool,
        edit: &mut dyn FnMut(Option<FileState>) -> Option<Vec<u8>>,
    ) -> std::io::Result<()> {
        let behind = self.read_file(path)?.filter(|seen| seen.is_link);
        let path = match behind {
            Some(_) => path.canonicalize()?,
            None => path.to_owned(),
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let lock = Lock::take(&path)?;
        let seen = self.read_file(&path)?;
        let Some(bytes) = edit(seen) else {
            return Ok(());
        };
        lock.publish(&path, &bytes, executable)
    }

    /// Returns the first link on the way from `top` to `path` that leads out of `top`, into a Git
    /// folder, or to nothing that can be resolved.
    pub fn link_out_of(&self, top: &Path, path: &Path) -> Option<PathBuf> {
        let below = path.strip_prefix(top).ok()?;
        let real_top = top.canonicalize().ok();
        let is_inside = |at: &Path| {
            let real = at.canonicalize().ok()?;
            let below = real.strip_prefix(real_top.as_ref()?).ok()?;
            let is_git = |part: &std::ffi::OsStr| part.eq_ignore_ascii_case(".git");
            (!below.iter().any(is_git)).then_some(())
        };
        let mut at = top.to_owned();
        for part in below {
            at.push(part);
            let is_link = at.symlink_metadata().is_ok_and(|at| at.is_symlink());
            if is_link && is_inside(&at).is_none() {
                return Some(at);
            }
        }
        None
    }

    /// Replaces whatever has this name, also a link, by an executable file.
    pub fn replace_name(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        Lock::take(path)?.publish(path, bytes, true)
    }

    /// Keeps a file under a second name before it is replaced. Fails if a different file has that
    /// name; an equal one is left from an attempt that was interrupted.
    pub fn keep_as(&self, path: &Path, kept: &Path) -> std::io::Result<()> {
        match std::fs::hard_link(path, kept) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if self.read_file(path)? == self.read_file(kept)? {
                    Ok(())
                } else {
                    Err(std::io::Error::new(
                        error.kind(),
                        format!("{} is there already", kept.display()),
                    ))
                }
            }
            kept => kept,
        }
    }

    /// Moves a kept file back over `path`. If there is no kept file, `path` is removed.
    pub fn put_back(&self, kept: &Path, path: &Path) -> std::io::Result<()> {
        match std::fs::rename(kept, path) {
            Err(error) if error.kind() == ErrorKind::NotFound => self.remove_file(path),
            put => put,
        }
    }

    /// Appends a text to a file in one write, and creates the file if needed. Fails for a pipe that
    /// is not read at once.
    pub fn append(&self, path: &Path, text: &str) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = never_wait(options.create(true).append(true)).open(path)?;
        file.write_all(text.as_bytes())
    }

    /// Checks whether the first MiB of a file contains `text`. What is no file, or cannot be read,
    /// contains nothing.
    pub fn file_contains(&self, path: &Path, text: &str) -> bool {
        let held = self.read_bounded(path, SEARCHED_BYTES_MAX);
        held.is_ok_and(|held| memchr::memmem::find(&held, text.as_bytes()).is_some())
    }

    /// Returns the folders in `PATH`, in order.
    pub fn search_path(&self) -> Vec<PathBuf> {
        let path = self.env("PATH").unwrap_or_default();
        std::env::split_paths(&path).collect()
    }

    /// Checks whether one of `dirs` has an executable `program`.
    pub fn has_program(&self, program: &str, dirs: &[PathBuf]) -> bool {
        let runs = |dir: &PathBuf| {
            let found = dir.join(program).metadata();
            found.is_ok_and(|meta| meta.is_file() && is_executable(&meta))
        };
        dirs.iter().any(runs)
    }

    /// Removes a folder if it is empty.
    pub fn remove_empty_dir(&self, path: &Path) -> std::io::Result<()> {
        std::fs::remove_dir(path)
    }

    /// Removes a file.
    pub fn remove_file(&self, path: &Path) -> std::io::Result<()> {
        std::fs::remove_file(path)
    }
}

fn written_at(meta: &std::fs::Metadata) -> Option<Timestamp> {
    let since = meta
        .modified()
        .ok()?
        .duration_since(std::time::UNIX_EPOCH)
        .ok()?;
    Some(Timestamp::from_millis(
        i64::try_from(since.as_millis()).ok()?,
    ))
}

/// The lock of a file. It is removed with this value, unless it became the file.
struct Lock {
    path: PathBuf,
    file: std::fs::File,
    is_spent: bool,
}

impl Lock {
    fn take(path: &Path) -> std::io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let path = PathBuf::from(name);
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let file = file.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => std::io::Error::new(
                error.kind(),
                format!("{} exists: another process writes it", path.display()),
            ),
            _ => error,
        })?;
        Ok(Self {
            path,
            file,
            is_spent: false,
        })
    }

    fn publish(mut self, path: &Path, bytes: &[u8], executable: bool) -> std::io::Result<()> {
        self.file.write_all(bytes)?;
        match path.symlink_metadata() {
            Ok(meta) if !meta.is_symlink() => {
                std::fs::set_permissions(&self.path, meta.permissions())?;
            }
            _ if executable => make_executable(&self.path)?,
            _ => {}
        }
        self.file.sync_all()?;
        std::fs::rename(&self.path, path)?;
        self.is_spent = true;
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if !self.is_spent {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Whether an error says that there is no file: nothing of that name, or a folder on the way to it
/// that is none, such as `/dev/null`.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Opens without waiting for the other side of a pipe.
#[cfg(unix)]
pub(super) fn never_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    options.custom_flags(flags.bits().cast_signed())
}

#[cfg(not(unix))]
pub(super) fn never_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn is_executable(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}

/// Makes a file executable for every user who may read it.
#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = path.metadata()?.permissions().mode();
    let permissions = std::fs::Permissions::from_mode(mode | ((mode & 0o444) >> 2));
    std::fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
