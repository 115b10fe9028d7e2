//! The bytes of a folder, to show that nothing changed.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::world::World;

/// Path, mode and bytes of everything in a folder.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, (u32, Vec<u8>)>);

impl Snapshot {
    /// All of `root`, except what is below one of `except`.
    pub fn of(root: &Path, except: &[&str]) -> Self {
        let mut found = BTreeMap::new();
        walk(root, Path::new(""), except, &mut found);
        Self(found)
    }

    /// The paths that are not the same in both.
    pub fn differs_from(&self, other: &Self) -> Vec<PathBuf> {
        let all: BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        all.into_iter()
            .filter(|path| self.0.get(*path) != other.0.get(*path))
            .cloned()
            .collect()
    }
}

fn walk(root: &Path, below: &Path, except: &[&str], found: &mut BTreeMap<PathBuf, (u32, Vec<u8>)>) {
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if except.iter().any(|left_out| path == Path::new(left_out)) {
            continue;
        }
        let full = entry.path();
        let meta = full.symlink_metadata().unwrap();
        let bytes = if meta.is_dir() {
            walk(root, &path, except, found);
            Vec::new()
        } else if meta.is_symlink() {
            let target = std::fs::read_link(&full).unwrap();
            target.into_os_string().into_encoded_bytes()
        } else {
            std::fs::read(&full).unwrap()
        };
        found.insert(path, (meta.permissions().mode(), bytes));
    }
}

impl World {
    /// Whatever `act` does, it leaves every ref and every object of this repository as it was.
    /// Only the folder of the clone itself (a node id, a lock) may begin to exist.
    #[track_caller]
    pub fn unchanged<T>(&self, act: impl FnOnce() -> T) -> T {
        self.untouched(&["presence"], act)
    }

    /// Whatever `act` does, nothing at all changes in this repository, outside `except`.
    #[track_caller]
    pub fn untouched<T>(&self, except: &[&str], act: impl FnOnce() -> T) -> T {
        let git_dir = self.git_dir();
        let before = Snapshot::of(&git_dir, except);
        let answer = act();
        let changed = Snapshot::of(&git_dir, except).differs_from(&before);
        assert!(changed.is_empty(), "changed: {changed:?}");
        answer
    }

    pub fn git_dir(&self) -> PathBuf {
        let text = self.git("rev-parse --path-format=absolute --git-common-dir");
        PathBuf::from(text)
    }
}
