//! The list of tasks that this process read last.
//!
//! Owns when a [`Snapshot`] is kept and used again: a verb that looks at a list several times, or
//! whose swap was lost, reads and parses each record once. A commit and a blob stand for one
//! content, so what is kept is never out of date. Never knows whether an object is still there.

use gix::ObjectId;

use crate::ledger::kind::Kind;
use crate::ledger::locks::Snapshot;
use crate::ledger::locks::list_cache::ListCache;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::store::Ledger;
use crate::ledger::tree::Entry;
use crate::model::unreadable::Defect;

impl Ledger {
    /// Returns the register `name` at the commit `tip`, if that is what was read last.
    pub(super) fn recent_at(&self, name: &str, tip: ObjectId) -> Option<Snapshot> {
        let kept = self.recent_list.borrow();
        let kept = kept.as_ref()?.downcast_ref::<Snapshot>();
        kept.filter(|read| read.tip == Some(tip) && read.name == name)
            .cloned()
    }

    /// Takes out what was read last, if it is another state of the register `name`.
    pub(super) fn recent_before(&self, name: &str) -> Option<Snapshot> {
        let kept = self.recent_list.take()?.downcast::<Snapshot>().ok()?;
        Some(*kept).filter(|read| read.name == name)
    }

    /// Keeps what was read, if it is a list.
    pub(super) fn keep_recent(&self, read: &Snapshot) {
        if read.is_list {
            *self.recent_list.borrow_mut() = Some(Box::new(read.clone()));
        }
    }

    /// Reads the record of `kind` in `file`, unless the entries of a state before have it, which
    /// are in the order of their names, or the cache has its bytes.
    pub(super) fn entry_unless<R, B: From<R> + Clone>(
        &self,
        (known, cache): (&[Entry<B>], &mut ListCache),
        kind: &Kind<R>,
        file: &TreeFile,
    ) -> Result<Entry<B>, Defect> {
        let at = known.partition_point(|entry| entry.file.name < file.name);
        let same = known.get(at).filter(|entry| {
            let TreeFile { name, id } = &entry.file;
            *name == file.name && *id == file.id
        });
        match same {
            Some(entry) => Ok(entry.clone()),
            None => {
                let bytes_max = kind.limits.bytes_max;
                let cached = cache.find(file.id);
                let bytes = match cached.filter(|bytes| bytes.len() as u64 <= bytes_max) {
                    Some(bytes) => bytes,
                    None => {
                        let bytes = self.blob(file.id, bytes_max)?;
                        cache.add(file.id, &bytes);
                        bytes
                    }
                };
                let (record, rest) = kind.read(&file.name, &bytes)?;
                let (file, record) = (file.clone(), B::from(record));
                Ok(Entry { file, record, rest })
            }
        }
    }
}
