//! The record of what a session has read, `marks.toml`.
//!
//! Owns its shape on disk, and its conversion from and to the model ([`decode`], [`encode`]). Never
//! knows a message, never touches Git.

use serde::Deserialize;

use crate::ledger::records::wire::{Lines, Rest, known_format, malformed, parse};
use crate::model::id::SessionId;
use crate::model::message::MessageId;
use crate::model::message::marks::{HEIR_MAX, MARKS_MAX, Mark, Marks};
use crate::model::time::Timestamp;
use crate::model::unreadable::Defect;

const MILLIS: i64 = 1000;

#[derive(Deserialize)]
struct MarksWire {
    format: u64,
    #[serde(default)]
    heir_of: Vec<String>,
    #[serde(default)]
    read: Vec<String>,
    #[serde(flatten)]
    rest: Rest,
}

/// Reads the marks from TOML, and the fields that this version does not know.
pub fn decode(bytes: &[u8]) -> Result<(Marks, Rest), Defect> {
    let wire: MarksWire = parse(bytes)?;
    known_format(wire.format)?;
    let heir_of = wire.heir_of.iter().take(HEIR_MAX);
    let heir_of: Result<Vec<SessionId>, _> = heir_of.map(|id| SessionId::from_record(id)).collect();
    let read = wire.read.iter().take(MARKS_MAX);
    let marks = Marks {
        read: read.filter_map(|mark| read_mark(mark)).collect(),
        heir_of: heir_of.map_err(|e| malformed(format!("heir_of: {e}")))?,
    };
    Ok((marks, wire.rest))
}

/// Takes `<id> <seconds> <seconds>`: the message, when it was read, and when it expires.
fn read_mark(text: &str) -> Option<Mark> {
    let mut words = text.split(' ');
    let id = MessageId::parse(words.next()?)?;
    let mut instant = || {
        let secs: i64 = words.next()?.parse().ok()?;
        Timestamp::of_calendar(secs.checked_mul(MILLIS)?)
    };
    Some(Mark {
        id,
        at: instant()?,
        until: instant()?,
    })
}

/// Writes the marks as TOML.
pub fn encode(marks: &Marks, rest: &Rest) -> Vec<u8> {
    let secs = |at: Timestamp| at.as_millis().div_euclid(MILLIS);
    let heir_of = marks.heir_of.iter().map(|id| id.as_str().to_owned());
    let heir_of: Vec<String> = heir_of.collect();
    let read = { marks.read.iter() }
        .map(|mark| format!("{} {} {}", mark.id, secs(mark.at), secs(mark.until)));
    let read: Vec<String> = read.collect();
    let mut out = Lines::default();
    if !heir_of.is_empty() {
        out.line("heir_of", toml::Value::from(heir_of));
    }
    out.line("read", toml::Value::from(read));
    out.finish(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::records::wire::RECORD_BYTES_MAX;

    /// What a session may mark can be written and is read again.
    #[test]
    fn all_marks_fit_into_a_record() {
        let mut marks = Marks::default();
        let now = Timestamp::from_millis(1_763_719_200_000);
        for n in 0..MARKS_MAX {
            let id = MessageId::parse(&format!("{n:012x}")).unwrap();
            assert!(marks.mark(&id, now.plus_secs(600), now));
        }
        let id = |n: usize| SessionId::from_record(&format!("{n:0>255}")).unwrap();
        marks.heir_of = (0..HEIR_MAX).map(id).collect();
        let bytes = encode(&marks, &Rest::new());
        assert!(bytes.len() as u64 <= RECORD_BYTES_MAX, "{}", bytes.len());
        assert_eq!(decode(&bytes), Ok((marks, Rest::new())));
    }
}
