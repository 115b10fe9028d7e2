//! The rows of the test: notes and parcels, and the table with them.
//!
//! Owns their shapes on disk and their limits. Never keeps a record.

use crate::ledger::kind::{FileName, Kind, Limits, Namespace, Ownership, Rest, Table};
use crate::ledger::layout;
use crate::ledger::records::{CLAIM, LOCK, LOCKS};
use crate::model::unreadable::Defect;

/// A record of the test: a label and a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Note {
    pub(super) about: String,
    pub(super) text: String,
}

fn decode(bytes: &[u8]) -> Result<(Note, Rest), Defect> {
    let malformed = |detail: String| Defect::Malformed { detail };
    let text = std::str::from_utf8(bytes).map_err(|_| Defect::NotUtf8)?;
    let mut rest: Rest = toml::from_str(text).map_err(|e| malformed(e.message().to_owned()))?;
    let mut take = |key: &str| match rest.remove(key) {
        Some(toml::Value::String(text)) => Ok(text),
        _ => Err(malformed(format!("no {key}"))),
    };
    let note = Note {
        about: take("about")?,
        text: take("text")?,
    };
    Ok((note, rest))
}

fn encode(note: &Note, rest: &Rest) -> Vec<u8> {
    let mut all = rest.clone();
    all.insert("about".into(), note.about.as_str().into());
    all.insert("text".into(), note.text.as_str().into());
    toml::to_string(&all).unwrap().into_bytes()
}

const LIMITS: Limits = Limits {
    bytes_max: 1000,
    count_max: 2,
};

pub(super) static NOTE: Kind<Note> = Kind {
    noun: "note",
    file: FileName::Hashed("note-"),
    label: |note| note.about.as_str().into(),
    decode,
    encode,
    limits: LIMITS,
};

pub(super) static PARCEL: Kind<Note> = Kind {
    noun: "parcel",
    file: FileName::Plain("parcel-"),
    ..NOTE_LIKE
};

const NOTE_LIKE: Kind<Note> = Kind {
    noun: "",
    file: FileName::Plain(""),
    label: |note| note.about.as_str().into(),
    decode,
    encode,
    limits: LIMITS,
};

/// Notes in refs of their own.
pub(super) static NOTES: Namespace = Namespace {
    noun: "note",
    folder: "notes",
    ownership: Ownership::Owned,
    head: "author.toml",
    kinds: &[&NOTE],
};

/// Notes beside claims.
pub(super) static NOTED_SESSIONS: Namespace = Namespace {
    kinds: &[&CLAIM, &NOTE],
    ..SESSIONS_LIKE
};

const SESSIONS_LIKE: Namespace = Namespace {
    noun: "session",
    folder: layout::SESSIONS_FOLDER,
    ownership: Ownership::Owned,
    head: "session.toml",
    kinds: &[],
};

/// Cells of their own for whatever is a box, with parcels in them.
pub(super) static BOXES: Namespace = Namespace {
    noun: "box",
    folder: "boxes",
    ownership: Ownership::Contended {
        decides: |resource| {
            let is_box = resource.label().starts_with("box:");
            is_box.then(|| layout::key_of(resource.label()))
        },
    },
    head: "cell.toml",
    kinds: &[&LOCK, &PARCEL],
};

pub(super) static TABLE: Table = Table(&[&NOTED_SESSIONS, &NOTES, &BOXES, &LOCKS]);
