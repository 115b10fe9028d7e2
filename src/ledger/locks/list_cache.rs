//! The cache of the records of a long list of tasks.
//!
//! Owns [`ListCache`] in `<git>/presence/lists.cache`: the blobs of the list that was read last,
//! so that the next process reads one file and not two hundred. A file that cannot be read or
//! written is ignored. Never decides which list to read.

use std::io::Read as _;

use gix::ObjectId;
use gix::objs::Kind;

use crate::ledger::layout;
use crate::ledger::objects::copies::{self, Copies};
use crate::ledger::objects::read::TreeFile;
use crate::ledger::plain::Access;
use crate::ledger::store::Ledger;

/// The first line; another version of the format has another one.
const FIRST_LINE: &[u8] = b"lists 2\n";
/// The fewest records for which the cache is used; fewer are read as quickly from their objects.
const MANY: usize = 32;
/// The fewest new records for which the file is written again.
const NEW_MIN: usize = 16;

/// The blobs of one list by their ids.
#[derive(Default)]
pub(super) struct ListCache {
    /// False if there are too few records for a file.
    is_used: bool,
    before: Copies,
    /// What was found here, and what was read elsewhere.
    kept: Vec<(ObjectId, Vec<u8>)>,
    new: usize,
}

impl ListCache {
    /// Returns a blob, if it is here.
    pub(super) fn find(&mut self, id: ObjectId) -> Option<Vec<u8>> {
        let (Kind::Blob, blob) = self.before.find(id)? else {
            return None;
        };
        self.kept.push((id, blob.to_vec()));
        Some(blob.to_vec())
    }

    /// Adds a blob that was read from its object.
    pub(super) fn add(&mut self, id: ObjectId, blob: &[u8]) {
        if self.is_used {
            self.new += 1;
            self.kept.push((id, blob.to_vec()));
        }
    }

    fn written(&self) -> Vec<u8> {
        let blobs = self.kept.iter();
        copies::write(
            FIRST_LINE,
            blobs.map(|(id, blob)| (*id, Kind::Blob, blob.as_slice())),
        )
    }
}

impl Ledger {
    /// Returns the cache, which is empty and unused for a register with few files.
    pub(super) fn list_cache(&self, files: &[TreeFile]) -> ListCache {
        if files.len() < MANY {
            return ListCache::default();
        }
        let bytes_max = layout::bytes_max(layout::LISTS_CACHE);
        let folder = self.folder.open();
        let file = folder.and_then(|folder| folder.file(layout::LISTS_CACHE, Access::Read));
        let mut text = Vec::new();
        let read = file.and_then(|file| file.take(bytes_max).read_to_end(&mut text));
        ListCache {
            is_used: true,
            before: Copies::of(FIRST_LINE, read.map(|_| text).unwrap_or_default()),
            ..ListCache::default()
        }
    }

    /// Writes the cache for the next reader, if enough is new.
    pub(super) fn keep_list_cache(&self, read: &ListCache) {
        if self.caches.is_none() || read.new < NEW_MIN || self.quarantined {
            return;
        }
        let text = read.written();
        if text.len() as u64 <= layout::bytes_max(layout::LISTS_CACHE) {
            // A user without write access reads all records each time.
            let _ = self.folder.replace_cache(layout::LISTS_CACHE, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_with_few_files_is_not_kept() {
        let mut unused = ListCache::default();
        unused.add(ObjectId::empty_blob(gix::hash::Kind::Sha1), b"");
        assert!(unused.kept.is_empty() && unused.new == 0);
    }
}
