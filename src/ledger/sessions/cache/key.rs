//! The key under which a line of the session cache counts.
//!
//! Owns [`CacheKey`] in `<git>/presence/cache.key`: 256 random bits, for the users who may write to
//! the repository. A line has a tag that only a holder of the key can make, over commit, ref and
//! record. So a line counts for the commit that this clone read it from, and a line that was
//! changed, moved or copied from another clone is none. Never protects anything else: a user with
//! the key may write refs as well.

use std::io::ErrorKind;

use crate::clock::Clock;
use crate::ledger::layout::CACHE_KEY;
use crate::ledger::store::Ledger;

/// The digits of a tag: 128 bits, as many as a node id has.
const TAG_HEX_DIGITS: usize = 32;

/// The key of this clone.
pub(super) struct CacheKey([u8; blake3::KEY_LEN]);

impl CacheKey {
    /// Returns the key with these bytes.
    pub(super) const fn from_bytes(bytes: [u8; blake3::KEY_LEN]) -> Self {
        Self(bytes)
    }

    /// Returns the tag of the record of a session, which is `about` a commit and a ref.
    pub(super) fn tag(&self, about: &str, record: &str) -> String {
        let mut tag = self.hash(about, record).to_hex().as_str().to_owned();
        tag.truncate(TAG_HEX_DIGITS);
        tag
    }

    /// Whether `tag` is the tag of this record.
    pub(super) fn tags(&self, about: &str, record: &str, tag: &str) -> bool {
        let hex = self.hash(about, record).to_hex();
        hex.as_str().get(..TAG_HEX_DIGITS) == Some(tag)
    }

    fn hash(&self, about: &str, record: &str) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(about.as_bytes());
        // Neither a commit id nor the name of a ref has one.
        hasher.update(b"\0");
        hasher.update(record.as_bytes());
        hasher.finalize()
    }
}

impl Ledger {
    /// Returns the key, if this clone has one that can be read.
    pub(super) fn cache_key(&self) -> Option<CacheKey> {
        let text = self.folder.text(CACHE_KEY);
        let bytes = blake3::Hash::from_hex(text.trim_end()).ok()?;
        Some(CacheKey::from_bytes(*bytes.as_bytes()))
    }

    /// Makes a key in the place of none, or of something that is no key. `None` if there is one
    /// that only another user may read: this user then has no use of the cache.
    pub(super) fn make_cache_key(&self, chance: &dyn Clock) -> Option<CacheKey> {
        let found = self.folder.read(CACHE_KEY);
        if found.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
            return None;
        }
        let text = format!("{}{}\n", chance.random(), chance.random());
        self.folder.replace_bytes(CACHE_KEY, text.as_bytes()).ok()?;
        // Another process may have made one at the same time; the last one counts.
        self.cache_key()
    }
}
