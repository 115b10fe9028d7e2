//! Objects that had to be read from packs before.
//!
//! Owns [`Unpacked`] in `<git>/presence/packed.cache`: copies of small objects of the board, which
//! the next process reads in place of the packs. To open the index of a large repository takes
//! longer than all else that a reader of the board does. What is only here is lost, so what is
//! written or examined is read without this file. Never decides what is read.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;

use crate::ledger::layout;
use crate::ledger::objects::copies::{self, Copies};
use crate::ledger::plain::{Access, PlainDir};

/// The first line; another version of the format has another one.
const FIRST_LINE: &[u8] = b"packed 1\n";
/// The most bytes of an object that is copied.
const BYTES_MAX: usize = 16 * 1024;

/// The objects that were read from packs, by this process or by one before.
pub(super) struct Unpacked {
    folder: PathBuf,
    before: OnceCell<Copies>,
    /// What this process read, here or from a pack.
    read: RefCell<BTreeMap<ObjectId, (Kind, Vec<u8>)>>,
    /// Whether it read from a pack.
    is_outdated: Cell<bool>,
    is_used: Cell<bool>,
}

impl Unpacked {
    /// Returns the copies in a common git directory. Opens nothing.
    pub(super) fn new(common_dir: &Path) -> Self {
        Self {
            folder: common_dir.join(layout::FOLDER),
            before: OnceCell::new(),
            read: RefCell::default(),
            is_outdated: Cell::new(false),
            is_used: Cell::new(false),
        }
    }

    /// Uses the copies from now on, or not; returns what was the case before.
    pub(super) fn used(&self, is_used: bool) -> bool {
        self.is_used.replace(is_used)
    }

    /// Returns the copy of an object, while they are used.
    pub(super) fn find(&self, id: ObjectId) -> Option<(Kind, Vec<u8>)> {
        if !self.is_used.get() {
            return None;
        }
        let before = self.before.get_or_init(|| self.open());
        let (kind, data) = before.find(id)?;
        let found = (kind, data.to_vec());
        self.read.borrow_mut().insert(id, found.clone());
        Some(found)
    }

    /// Adds an object that was read from a pack, while copies are used.
    pub(super) fn add(&self, id: ObjectId, kind: Kind, data: &[u8]) {
        if data.len() <= BYTES_MAX && self.is_used.get() {
            self.is_outdated.set(true);
            self.read.borrow_mut().insert(id, (kind, data.to_vec()));
        }
    }

    /// Returns the new content of the file, if packs had to be read; only once.
    pub(super) fn outdated(&self) -> Option<Vec<u8>> {
        if !self.is_outdated.replace(false) {
            return None;
        }
        let read = self.read.borrow();
        let objects = read
            .iter()
            .map(|(id, (kind, data))| (*id, *kind, data.as_slice()));
        let text = copies::write(FIRST_LINE, objects);
        (text.len() as u64 <= layout::bytes_max(layout::PACKED_CACHE)).then_some(text)
    }

    fn open(&self) -> Copies {
        let folder = PlainDir::open(&self.folder);
        let file = folder.and_then(|folder| folder.file(layout::PACKED_CACHE, Access::Read));
        let mut text = Vec::new();
        let bytes_max = layout::bytes_max(layout::PACKED_CACHE);
        let read = file.and_then(|file| file.take(bytes_max).read_to_end(&mut text));
        Copies::of(FIRST_LINE, read.map(|_| text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(content: &[u8]) -> ObjectId {
        gix::objs::compute_hash(gix::hash::Kind::Sha1, Kind::Blob, content).unwrap()
    }

    #[test]
    fn what_was_read_from_packs_is_kept_for_the_next_process_and_what_is_too_large_is_not() {
        let git = tempfile::tempdir().unwrap();
        std::fs::create_dir(git.path().join(layout::FOLDER)).unwrap();
        let opened = || {
            let copies = Unpacked::new(git.path());
            copies.used(true);
            copies
        };
        let first = opened();
        assert_eq!(first.find(id(b"one")), None);
        assert_eq!(first.outdated(), None, "nothing was read from a pack");
        let large = [b'x'; BYTES_MAX + 1];
        for content in [b"one", b"two", &large[..]] {
            first.add(id(content), Kind::Blob, content);
        }
        let file = git.path().join(layout::FOLDER).join(layout::PACKED_CACHE);
        std::fs::write(&file, first.outdated().unwrap()).unwrap();
        assert_eq!(first.outdated(), None, "once");

        let second = opened();
        let one = Some((Kind::Blob, b"one".to_vec()));
        assert_eq!(second.find(id(b"one")), one);
        assert_eq!(second.find(id(&large)), None);
        assert_eq!(second.outdated(), None, "no pack was opened");
        second.add(id(b"three"), Kind::Blob, b"three");
        std::fs::write(&file, second.outdated().unwrap()).unwrap();

        let third = opened();
        assert_eq!(third.find(id(b"one")), one);
        assert!(third.find(id(b"three")).is_some());
        assert_eq!(third.find(id(b"two")), None, "the second had no use of it");
        assert!(third.used(false));
        assert_eq!(third.find(id(b"one")), None);
        third.add(id(b"four"), Kind::Blob, b"four");
        assert_eq!(third.outdated(), None, "not while they are not used");
    }
}
