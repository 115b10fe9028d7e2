//! The door on Unix: every name is looked up in the opened folder.
//!
//! Owns the calls behind [`PlainDir`]. Never follows a link.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{AtFlags, FileType, Mode, OFlags};

use super::{Access, Foreign, Kind, Odd, PlainDir};
use crate::ledger::permissions::Sharing;

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
/// Nothing that is opened makes the caller wait, and no terminal becomes its own.
const PLAIN: OFlags = OFlags::NOFOLLOW
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

pub(super) fn open_dir(path: &Path) -> io::Result<PlainDir> {
    let opened = rustix::fs::open(path, FOLDER, Mode::empty());
    let dir = opened.map_err(|error| match path.symlink_metadata() {
        Ok(meta) if !meta.is_dir() => io::Error::other(Foreign {
            path: path.to_owned(),
            odd: match meta.is_symlink() {
                true => Odd::Link,
                false => Odd::NoFolder,
            },
        }),
        _ => error.into(),
    })?;
    Ok(PlainDir {
        dir: File::from(dir),
        path: path.to_owned(),
    })
}

pub(super) fn share(dir: &PlainDir, sharing: Sharing) -> io::Result<()> {
    sharing.apply_to(&dir.dir)
}

pub(super) fn keep_private(dir: &PlainDir) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    dir.dir
        .set_permissions(std::fs::Permissions::from_mode(0o700))
}

pub(super) fn has_other_names(meta: &Metadata) -> bool {
    meta.nlink() > 1
}

pub(super) fn never_wait(options: &mut OpenOptions) -> &mut OpenOptions {
    options.custom_flags(OFlags::NONBLOCK.union(OFlags::NOCTTY).bits().cast_signed())
}

pub(super) fn check_access(path: &Path, writes: bool) -> io::Result<()> {
    let is_dir = path.symlink_metadata()?.is_dir();
    let mut wanted = rustix::fs::Access::READ_OK;
    wanted.set(rustix::fs::Access::WRITE_OK, writes);
    wanted.set(rustix::fs::Access::EXEC_OK, is_dir);
    Ok(rustix::fs::access(path, wanted)?)
}

pub(super) fn owner_and_mode(path: &Path) -> Option<(String, bool)> {
    let meta = path.symlink_metadata().ok()?;
    let mode = meta.mode() & 0o7777;
    let text = format!("owner: uid {}, mode: {mode:03o}", meta.uid());
    Some((text, meta.uid() == rustix::process::geteuid().as_raw()))
}

pub(super) fn own_user() -> Option<String> {
    Some(rustix::process::geteuid().as_raw().to_string())
}

impl PlainDir {
    /// Opens the folder `name` in this one.
    pub(crate) fn open_below(&self, name: &str) -> io::Result<Self> {
        let path = self.path.join(name);
        let opened = rustix::fs::openat(&self.dir, name, FOLDER, Mode::empty());
        let dir = opened.map_err(|error| match self.kind(name) {
            Ok(Kind::Link) => self.foreign(name, Odd::Link),
            Ok(Kind::File | Kind::Special) => self.foreign(name, Odd::NoFolder),
            _ => error.into(),
        })?;
        Ok(Self {
            dir: File::from(dir),
            path,
        })
    }

    pub(super) fn make_dir(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(
            &self.dir,
            name,
            Mode::from_raw_mode(0o777),
        )?)
    }

    pub(super) fn open_file(&self, name: &str, access: Access) -> io::Result<File> {
        let flags = match access {
            Access::Read => OFlags::RDONLY,
            Access::Lock => OFlags::WRONLY | OFlags::CREATE,
            Access::Append => OFlags::RDWR | OFlags::CREATE | OFlags::APPEND,
            Access::New | Access::NewForAll | Access::NewReadOnly => {
                OFlags::RDWR | OFlags::CREATE | OFlags::EXCL
            }
        };
        let mode = Mode::from_raw_mode(match access {
            Access::NewReadOnly => 0o444,
            // What others may read is said by the policy, and not by the umask.
            _ => 0o600,
        });
        let opened = rustix::fs::openat(&self.dir, name, flags | PLAIN, mode);
        Ok(File::from(opened?))
    }

    /// Moves what has the name `from` to `to` in another folder, over whatever file is there.
    pub(crate) fn rename(&self, from: &str, to_dir: &Self, to: &str) -> io::Result<()> {
        rustix::fs::renameat(&self.dir, from, &to_dir.dir, to)
            .map_err(|error| to_dir.explain(to, error.into()))
    }

    /// Removes a file, or whatever else has its name and is no folder.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.dir, name, AtFlags::empty())?)
    }

    /// Makes the names in the folder durable.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.dir.sync_all()
    }

    /// Returns the names in the folder that are UTF-8.
    pub(crate) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name().to_str().ok();
            names.extend(
                name.filter(|name| !matches!(*name, "." | ".."))
                    .map(str::to_owned),
            );
        }
        Ok(names)
    }

    /// Returns what a name stands for.
    pub(crate) fn kind(&self, name: &str) -> io::Result<Kind> {
        let status = rustix::fs::statat(&self.dir, name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(match FileType::from_raw_mode(status.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            FileType::Symlink => Kind::Link,
            _ => Kind::Special,
        })
    }
}
