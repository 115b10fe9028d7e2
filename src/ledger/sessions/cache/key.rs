//! The key under which a line of the session cache counts.
//!
//! Owns [`CacheKey`] in `<git>/presence/cache.key`: 256 random bits, for the users who may write to
//! the repository. A line has a tag that only a holder of the key can make, over commit, ref and
//! record. So a line counts for the commit that this clone read it from, and a line that was
//! changed, moved or copied from another clone is none. Never protects anything else: a user with
//! the key may write refs as well.

use std::hash::Hasher as _;
use std::io::ErrorKind;

use siphasher::sip128::{Hasher128 as _, SipHasher24};

use crate::clock::Clock;
use crate::ledger::layout::CACHE_KEY;
use crate::ledger::store::Ledger;

/// The digits of a tag: 128 bits, as many as a node id has.
const TAG_HEX_DIGITS: usize = 32;
const HEX: &[u8; 16] = b"0123456789abcdef";
/// What the bits are used for: another version of the file derives another key from them.
const USE: &str = "git-presence sessions 6";

/// The key of this clone.
pub(super) struct CacheKey(SipHasher24);

impl CacheKey {
    /// Returns the key that is derived from these random bytes.
    pub(super) fn from_bytes(bytes: [u8; blake3::KEY_LEN]) -> Self {
        let derived = blake3::derive_key(USE, &bytes);
        let (key, _) = derived
            .as_chunks()
            .0
            .split_first()
            .unwrap_or((&[0; 16], &[]));
        Self(SipHasher24::new_with_key(key))
    }

    /// Returns the tag of the record of a session, which is `about` a commit and a ref.
    pub(super) fn tag(&self, about: &str, record: &str) -> String {
        self.digits(about, record)
            .iter()
            .map(|digit| char::from(*digit))
            .collect()
    }

    /// Whether `tag` is the tag of this record.
    pub(super) fn tags(&self, about: &str, record: &str, tag: &str) -> bool {
        self.digits(about, record) == *tag.as_bytes()
    }

    fn digits(&self, about: &str, record: &str) -> [u8; TAG_HEX_DIGITS] {
        // Lines are short, and a function for short texts takes a third of the time of BLAKE3.
        let mut hasher = self.0;
        hasher.write(about.as_bytes());
        // Neither a commit id nor the name of a ref has a zero byte.
        hasher.write(b"\0");
        hasher.write(record.as_bytes());
        let mut digits = [0; TAG_HEX_DIGITS];
        for (pair, byte) in digits
            .chunks_exact_mut(2)
            .zip(hasher.finish128().as_bytes())
        {
            pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        digits
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
