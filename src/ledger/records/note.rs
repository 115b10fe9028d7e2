//! The record of a note, `note-<key>.toml`.
//!
//! Owns its wire shape and the way between that and the model. Never touches Git.

use serde::Deserialize;

use crate::ledger::records::wire::{Lines, Rest, known_format, malformed, parse};
use crate::model::note::Note;
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::unreadable::Defect;

#[derive(Deserialize)]
struct NoteWire {
    format: u64,
    resource: String,
    text: String,
    #[serde(flatten)]
    rest: Rest,
}

/// Reads a note, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Result<(Note, Rest), Defect> {
    let wire: NoteWire = parse(bytes)?;
    known_format(wire.format)?;
    let resource =
        Resource::parse(&wire.resource).map_err(|e| malformed(format!("resource: {e}")))?;
    let text = Purpose::from_record(&wire.text);
    Ok((Note { resource, text }, wire.rest))
}

/// Writes a note as TOML.
pub fn encode(note: &Note, rest: &Rest) -> Vec<u8> {
    let mut out = Lines::default();
    out.text("resource", note.resource.label());
    out.text("text", note.text.as_str());
    out.finish(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_comes_back_with_what_is_not_known() {
        let text = b"format = 1\nresource = \"node:a\"\ntext = \"hot\"\nmood = \"calm\"\n";
        let (note, rest) = decode(text).unwrap();
        assert_eq!(note.text.as_str(), "hot");
        assert_eq!(encode(&note, &rest), text);
    }
}
