//! What a fuzz target asks of the session cache.
//!
//! Owns two questions: whether any bytes count as a line, and whether a line with a changed byte
//! does. Never used by the program.

#![expect(clippy::expect_used, reason = "a fuzz target fails by a panic")]

use std::fs::File;
use std::io::{Seek as _, Write as _};

use gix::ObjectId;

use super::{CacheKey, SessionCache, record};
use crate::ledger::layout;
use crate::ledger::refs::RefValue;
use crate::model::session::Session;

fn key() -> CacheKey {
    CacheKey::from_bytes([7; 32])
}

fn tip() -> RefValue {
    RefValue::At(ObjectId::from_bytes_or_panic(&[1; 20]))
}

fn opened(bytes: &[u8]) -> SessionCache {
    let mut file: File = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("it is written");
    file.rewind().expect("it is read");
    SessionCache::of(Some(file), Some(key()))
}

/// Checks that `bytes`, as a file or as one of its records, are no session: they have no tag.
pub fn check_cache(bytes: &[u8]) {
    assert_eq!(opened(bytes).find(layout::ROOT, &tip()), None);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Some((session, mail)) = record::read(text)
        && let Some(again) = record::write(&session, mail)
    {
        assert_eq!(record::read(&again), Some((session, mail)), "{again:?}");
    }
}

/// Checks that the line of `session` counts, and does not once the byte `at` is another one.
pub fn check_changed_line(session: &Session, at: usize, byte: u8) {
    let mut cache = opened(b"");
    cache.add(layout::ROOT, &tip(), (session, 1));
    let mut text = cache.text(&key()).expect("a text").into_bytes();
    let found = opened(&text).find(layout::ROOT, &tip());
    if let Some((found, mail)) = &found {
        assert_eq!((found, *mail), (session, 1));
    }
    let at = at % text.len();
    if text[at] == byte || found.is_none() || at + 1 == text.len() {
        return;
    }
    text[at] = byte;
    assert_eq!(opened(&text).find(layout::ROOT, &tip()), None, "byte {at}");
}
