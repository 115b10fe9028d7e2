//! What this process read of the object database.
//!
//! Owns [`RecentObjects`]: the first few small objects that were read, so that one decision, which
//! looks at the same lock register several times, reads its objects once. An id stands for one
//! content, so what is kept is never out of date. Never knows whether an object is still there, and
//! never grows beyond its bounds.

use std::cell::RefCell;
use std::collections::BTreeMap;

use gix::ObjectId;
use gix::objs::Kind;

/// The most objects that are kept: a few registers have no more.
const COUNT_MAX: usize = 64;
/// The most bytes of an object that is kept.
const BYTES_MAX: usize = 2 * 1024;

/// The first small objects that were read.
#[derive(Default)]
pub(super) struct RecentObjects(RefCell<BTreeMap<ObjectId, (Kind, Vec<u8>)>>);

impl RecentObjects {
    /// Returns an object that was read before.
    pub(super) fn get(&self, id: ObjectId) -> Option<(Kind, Vec<u8>)> {
        self.0.borrow().get(&id).cloned()
    }

    /// Keeps an object, if it is small and there is room.
    pub(super) fn keep(&self, id: ObjectId, kind: Kind, data: &[u8]) {
        let mut kept = self.0.borrow_mut();
        if kept.len() < COUNT_MAX && data.len() <= BYTES_MAX {
            kept.insert(id, (kind, data.to_vec()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> ObjectId {
        let mut bytes = [0; 20];
        bytes[..8].copy_from_slice(&n.to_be_bytes());
        ObjectId::from_bytes_or_panic(&bytes)
    }

    #[test]
    fn a_small_object_is_kept_and_a_large_one_is_not() {
        let recent = RecentObjects::default();
        recent.keep(id(1), Kind::Blob, b"small");
        recent.keep(id(2), Kind::Blob, &[0; BYTES_MAX]);
        recent.keep(id(3), Kind::Blob, &[0; BYTES_MAX + 1]);
        let small = Some((Kind::Blob, b"small".to_vec()));
        assert_eq!(recent.get(id(1)), small);
        assert!(recent.get(id(2)).is_some());
        assert_eq!(recent.get(id(3)), None);
    }

    #[test]
    fn there_is_room_for_a_few() {
        let recent = RecentObjects::default();
        for n in 0..COUNT_MAX + 1 {
            recent.keep(id(n), Kind::Tree, b"tree");
        }
        assert!(recent.get(id(COUNT_MAX - 1)).is_some());
        assert_eq!(recent.get(id(COUNT_MAX)), None);
    }
}
