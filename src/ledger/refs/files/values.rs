//! Values of refs in loose and packed files.
//!
//! Owns how the bytes of a loose ref become a [`RefValue`], how a ref is found in `packed-refs` and
//! which folders a ref has. Never writes.

use std::fs;
use std::io::{ErrorKind, Read as _};

use gix::ObjectId;
use gix::refs::packed;

use crate::ledger::refs::{RefError, RefValue};

/// Returns the value of `name` in `packed-refs`.
pub(super) fn find_packed(packed: &packed::Buffer, name: &str) -> Result<RefValue, RefError> {
    match packed.try_find(name) {
        Ok(Some(found)) => Ok(RefValue::At(found.target())),
        Ok(None) => Ok(RefValue::Absent),
        Err(error) => Ok(RefValue::Broken(error.to_string())),
    }
}

/// Fails if a packed ref has the name of a folder of `name`.
pub(super) fn no_clash(packed: &packed::Buffer, name: &str) -> Result<(), RefError> {
    for parent in parents(name) {
        if find_packed(packed, parent)? != RefValue::Absent {
            let with = parent.to_owned();
            return Err(RefError::Clash { with });
        }
    }
    Ok(())
}

/// Reads the file with one call, up to the size of the buffer.
pub(super) fn read_once(file: &mut fs::File, buffer: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Parses a loose ref: one object id, then whitespace. Anything else is broken.
pub(super) fn parse_loose(bytes: &[u8]) -> RefValue {
    let text = bytes.trim_ascii_end();
    if text.is_empty() {
        return RefValue::Broken("the file is empty".into());
    }
    if text.starts_with(b"ref:") {
        return RefValue::Broken("it is a symbolic ref".into());
    }
    match ObjectId::from_hex(text) {
        Ok(id) if !id.is_null() => RefValue::At(id),
        _ => RefValue::Broken("the file does not hold an object id".into()),
    }
}

/// Iterates over the folders of a ref: `refs/a/b` and `refs/a` for `refs/a/b/c`, without `refs`.
pub(super) fn parents(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(name.rsplit_once('/').map(|(parent, _)| parent), |name| {
        name.rsplit_once('/').map(|(parent, _)| parent)
    })
    .filter(|parent| parent.contains('/'))
}
