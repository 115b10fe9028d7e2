//! Files of the user that we change where he asks for it.
//!
//! Owns how: as a whole, under the lock that Git takes too (`<file>.lock`), so that nobody sees
//! half of it and nobody's change is lost. Never decides what stands in a file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::Host;

/// A file that was read, or what is there instead of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileState {
    pub bytes: Vec<u8>,
    pub is_link: bool,
    pub is_executable: bool,
}

impl Host {
    /// What a file holds; `None` where there is none. A link counts as what it leads to.
    pub fn read_file(&self, path: &Path) -> std::io::Result<Option<FileState>> {
        let meta = match path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            meta => meta?,
        };
        let behind = path.metadata();
        Ok(Some(FileState {
            bytes: match &behind {
                Ok(meta) if meta.is_file() || meta.is_dir() => std::fs::read(path)?,
                // A pipe would be waited for, and a device has no end.
                Ok(_) => return Err(std::io::Error::other("it is no file")),
                // A link that leads nowhere.
                Err(_) => Vec::new(),
            },
            is_link: meta.is_symlink(),
            is_executable: behind.is_ok_and(|meta| is_executable(&meta)),
        }))
    }

    /// Replace a file, or make it, executable or not; one that was there keeps its mode. `edit`
    /// gets what stands there, under the lock, and answers `None` where nothing is to change.
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

    /// Put an executable file in the place of whatever has this name, a link too.
    pub fn replace_name(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        Lock::take(path)?.publish(path, bytes, true)
    }

    /// Keep a file under a second name, before it is replaced. What has that name stays; the same
    /// file is one that was kept by somebody who did not come further.
    pub fn keep_as(&self, path: &Path, kept: &Path) -> std::io::Result<()> {
        match std::fs::hard_link(path, kept) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                match self.read_file(path)? == self.read_file(kept)? {
                    true => Ok(()),
                    false => Err(std::io::Error::new(
                        error.kind(),
                        format!("{} is there already", kept.display()),
                    )),
                }
            }
            kept => kept,
        }
    }

    /// Put a file in the place of another one; where there is none any more, that one just goes.
    pub fn put_back(&self, kept: &Path, path: &Path) -> std::io::Result<()> {
        match std::fs::rename(kept, path) {
            Err(error) if error.kind() == ErrorKind::NotFound => self.remove_file(path),
            put => put,
        }
    }

    /// Add a text to the end of a file, in one piece; the file is made if need be.
    pub fn append(&self, path: &Path, text: &str) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).open(path)?;
        file.write_all(text.as_bytes())
    }

    /// Whether a file holds these words; one that cannot be read holds nothing.
    pub fn file_contains(&self, path: &Path, text: &str) -> bool {
        std::fs::read_to_string(path).is_ok_and(|held| held.contains(text))
    }

    /// The folders in which a program is looked for, in their order.
    pub fn search_path(&self) -> Vec<PathBuf> {
        let path = self.env("PATH").unwrap_or_default();
        std::env::split_paths(&path).collect()
    }

    /// Whether a program is in one of these folders.
    pub fn has_program(&self, program: &str, dirs: &[PathBuf]) -> bool {
        let runs = |dir: &PathBuf| {
            let found = dir.join(program).metadata();
            found.is_ok_and(|meta| meta.is_file() && is_executable(&meta))
        };
        dirs.iter().any(runs)
    }

    pub fn remove_file(&self, path: &Path) -> std::io::Result<()> {
        std::fs::remove_file(path)
    }
}

/// The lock of a file; gone with this value, unless it took the place of the file.
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

#[cfg(unix)]
fn is_executable(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    meta.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}

/// For whoever may read it.
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
