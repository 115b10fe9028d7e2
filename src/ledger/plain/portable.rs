//! The door where folders cannot be held open: names are checked before they are used.
//!
//! Owns the calls behind [`PlainDir`]. Never follows a link that was there before the call.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use super::{Access, Foreign, Kind, Odd, PlainDir};
use crate::ledger::permissions::Sharing;

pub(super) fn open_dir(path: &Path) -> io::Result<PlainDir> {
    let meta = path.symlink_metadata()?;
    let path = path.to_owned();
    match meta.is_dir() && !meta.is_symlink() {
        true => Ok(PlainDir { path }),
        false => Err(io::Error::other(Foreign {
            path,
            odd: match meta.is_symlink() {
                true => Odd::Link,
                false => Odd::NoFolder,
            },
        })),
    }
}

pub(super) fn share(_: &PlainDir, _: Sharing) -> io::Result<()> {
    Ok(())
}

pub(super) fn keep_private(_: &PlainDir) -> io::Result<()> {
    Ok(())
}

pub(super) fn has_other_names(_: &Metadata) -> bool {
    false
}

pub(super) fn never_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

pub(super) fn check_access(path: &Path, writes: bool) -> io::Result<()> {
    match writes && path.symlink_metadata()?.permissions().readonly() {
        true => Err(io::ErrorKind::PermissionDenied.into()),
        false => Ok(()),
    }
}

pub(super) fn owner_and_mode(_: &Path) -> Option<(String, bool)> {
    None
}

pub(super) fn own_user() -> Option<String> {
    None
}

impl PlainDir {
    /// Opens the folder `name` in this one.
    pub(crate) fn open_below(&self, name: &str) -> io::Result<Self> {
        open_dir(&self.path.join(name))
    }

    pub(super) fn make_dir(&self, name: &str) -> io::Result<()> {
        fs::create_dir(self.path.join(name))
    }

    pub(super) fn open_file(&self, name: &str, access: Access) -> io::Result<File> {
        if let Some(odd) = self.odd(name) {
            return Err(self.foreign(name, odd));
        }
        let mut options = OpenOptions::new();
        match access {
            Access::Read => options.read(true),
            Access::Lock => options.write(true).create(true).truncate(false),
            Access::Append => options.read(true).append(true).create(true),
            Access::New | Access::NewForAll | Access::NewReadOnly => {
                options.read(true).write(true).create_new(true)
            }
        };
        options.open(self.path.join(name))
    }

    /// Moves what has the name `from` to `to` in another folder, over whatever file is there.
    pub(crate) fn rename(&self, from: &str, to_dir: &Self, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), to_dir.path.join(to))
            .map_err(|error| to_dir.explain(to, error))
    }

    /// Removes a file, or whatever else has its name and is no folder.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// Makes the names in the folder durable, which this system does by itself.
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    /// Returns the names in the folder that are UTF-8.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            names.extend(entry?.file_name().into_string().ok());
        }
        Ok(names)
    }

    /// Returns what a name stands for.
    pub(crate) fn kind(&self, name: &str) -> io::Result<Kind> {
        let meta = self.path.join(name).symlink_metadata()?;
        Ok(match meta.file_type() {
            kind if kind.is_symlink() => Kind::Link,
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_file() => Kind::File,
            _ => Kind::Special,
        })
    }
}
