//! The digest that tells whether messages and marks changed.
//!
//! Owns [`mail_of`]. Never reads a record.

use crate::ledger::kind::AnyKind as _;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::{MARKS, MESSAGE};

/// Returns a digest of the messages and marks among the files below the ref `name`; 0 if there are
/// none.
pub(in crate::ledger) fn mail_of(name: &str, files: &[TreeFile]) -> u64 {
    let is_mail = |file: &&TreeFile| {
        MESSAGE.key_in(&file.name).is_some() || MARKS.key_in(&file.name).is_some()
    };
    let mut its = files.iter().filter(is_mail).peekable();
    if its.peek().is_none() {
        return 0;
    }
    let mut hash = blake3::Hasher::new();
    hash.update(name.as_bytes());
    for file in its {
        hash.update(file.name.as_bytes());
        hash.update(file.id.as_slice());
    }
    let mut bytes = [0; 8];
    hash.finalize_xof().fill(&mut bytes);
    u64::from_le_bytes(bytes) | 1
}
