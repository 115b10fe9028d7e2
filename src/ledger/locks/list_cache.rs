//! The cache of the records of a long list of tasks.
//!
//! Owns [`ListCache`] in `<git>/presence/lists.cache`: the blobs of the list that was read last,
//! one after the other, so that the next process reads one file and not two hundred. A blob counts
//! only if its content has its id, so it does not matter which process wrote it. A file that cannot
//! be read or written is ignored. Never decides which list to read.

use std::collections::HashMap;
use std::io::Read as _;
use std::ops::Range;

use gix::ObjectId;
use gix::objs::Kind;

use crate::ledger::layout;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::plain::Access;
use crate::ledger::store::Ledger;

/// The first line; another version of the format has another one.
const FIRST_LINE: &[u8] = b"lists 1\n";
/// The fewest records for which the cache is used; fewer are read as quickly from their objects.
const MANY: usize = 32;
/// The fewest new records for which the file is written again.
const NEW_MIN: usize = 16;

/// The blobs of one list by their ids.
#[derive(Default)]
pub(super) struct ListCache {
    /// False if there are too few records for a file.
    is_used: bool,
    text: Vec<u8>,
    places: HashMap<ObjectId, Range<usize>>,
    /// What was found here, and what was read elsewhere.
    kept: Vec<(ObjectId, Vec<u8>)>,
    new: usize,
}

impl ListCache {
    fn of(text: Vec<u8>) -> Self {
        let mut places = HashMap::new();
        let mut at = FIRST_LINE.len();
        if text.starts_with(FIRST_LINE) {
            while let Some((id, blob)) = entry(&text, at) {
                at = blob.end;
                places.insert(id, blob);
            }
        }
        Self {
            is_used: true,
            text,
            places,
            ..Self::default()
        }
    }

    /// Returns a blob, if it is here and is what its id says.
    pub(super) fn find(&mut self, id: ObjectId) -> Option<Vec<u8>> {
        let blob = self.text.get(self.places.get(&id)?.clone())?.to_vec();
        let hash = gix::objs::compute_hash(id.kind(), Kind::Blob, &blob);
        if hash.ok()? != id {
            return None;
        }
        self.kept.push((id, blob.clone()));
        Some(blob)
    }

    /// Adds a blob that was read from its object.
    pub(super) fn add(&mut self, id: ObjectId, blob: &[u8]) {
        if self.is_used {
            self.new += 1;
            self.kept.push((id, blob.to_vec()));
        }
    }

    fn written(&self) -> Vec<u8> {
        let mut text = FIRST_LINE.to_vec();
        for (id, blob) in &self.kept {
            text.extend_from_slice(format!("{id} {}\n", blob.len()).as_bytes());
            text.extend_from_slice(blob);
        }
        text
    }
}

/// Reads `<id> <length>`, a line end, and so many bytes.
fn entry(text: &[u8], at: usize) -> Option<(ObjectId, Range<usize>)> {
    let rest = text.get(at..)?;
    let end = memchr::memchr(b'\n', rest)?;
    let head = std::str::from_utf8(&rest[..end]).ok()?;
    let (id, length) = head.split_once(' ')?;
    let id = ObjectId::from_hex(id.as_bytes()).ok()?;
    let start = at + end + 1;
    let blob = start..start.checked_add(length.parse().ok()?)?;
    (blob.end <= text.len()).then_some((id, blob))
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
        ListCache::of(read.map(|_| text).unwrap_or_default())
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

    fn id(blob: &[u8]) -> ObjectId {
        gix::objs::compute_hash(gix::hash::Kind::Sha1, Kind::Blob, blob).unwrap()
    }

    fn cached(blobs: &[&[u8]]) -> Vec<u8> {
        let mut cache = ListCache::of(Vec::new());
        blobs.iter().for_each(|blob| cache.add(id(blob), blob));
        cache.written()
    }

    #[test]
    fn what_is_written_is_found() {
        let blobs: [&[u8]; 4] = [b"", b"format = 1\n", b"\n\n", &[0xff; 9000]];
        let mut cache = ListCache::of(cached(&blobs));
        for blob in blobs {
            assert_eq!(cache.find(id(blob)), Some(blob.to_vec()));
        }
        assert_eq!(cache.find(id(b"other")), None);
        assert_eq!(cache.written(), cached(&blobs));
    }

    #[test]
    fn only_what_has_its_id_counts() {
        let text = cached(&[b"one = 1\n", b"two = 2\n"]);
        for n in 0..text.len() {
            let mut cut = ListCache::of(text[..n].to_vec());
            let mut changed = text.clone();
            changed[n] ^= 1;
            let mut changed = ListCache::of(changed);
            for blob in [b"one = 1\n", b"two = 2\n"] {
                for found in [cut.find(id(blob)), changed.find(id(blob))] {
                    assert!(found.is_none_or(|found| found == blob));
                }
            }
        }
        let far = format!("lists 1\n{} {}\n", id(b"x"), usize::MAX);
        assert_eq!(ListCache::of(far.into_bytes()).find(id(b"x")), None);
    }

    #[test]
    fn a_register_with_few_files_is_not_kept() {
        let mut unused = ListCache::default();
        unused.add(id(b"x"), b"x");
        assert!(unused.kept.is_empty() && unused.new == 0);
    }
}
