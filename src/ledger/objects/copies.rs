//! Copies of objects in one file.
//!
//! Owns the format of such a file, [`Copies`]: a first line, then for each object its id, its kind,
//! its length and a line end, and its content. An object counts only if its content has its id, so
//! it does not matter which process wrote it. Never decides which objects are worth a copy.

use std::collections::HashMap;
use std::ops::Range;

use gix::ObjectId;
use gix::objs::Kind;

/// The objects in a file, by their ids.
#[derive(Default)]
pub(in crate::ledger) struct Copies {
    text: Vec<u8>,
    places: HashMap<ObjectId, (Kind, Range<usize>)>,
}

impl Copies {
    /// Returns the objects in `text`. One with another first line is of another format and has
    /// none; one that is cut has those before the cut.
    pub(in crate::ledger) fn of(first_line: &[u8], text: Vec<u8>) -> Self {
        let mut places = HashMap::new();
        let mut at = first_line.len();
        if text.starts_with(first_line) {
            while let Some((id, kind, content)) = entry(&text, at) {
                at = content.end;
                places.insert(id, (kind, content));
            }
        }
        Self { text, places }
    }

    /// Returns an object, if it is here and is what its id says.
    pub(in crate::ledger) fn find(&self, id: ObjectId) -> Option<(Kind, &[u8])> {
        let (kind, place) = self.places.get(&id)?;
        let content = self.text.get(place.clone())?;
        let hash = gix::objs::compute_hash(id.kind(), *kind, content);
        (hash.ok()? == id).then_some((*kind, content))
    }
}

/// Writes a file with these objects.
pub(in crate::ledger) fn write<'o>(
    first_line: &[u8],
    objects: impl Iterator<Item = (ObjectId, Kind, &'o [u8])>,
) -> Vec<u8> {
    let mut text = first_line.to_vec();
    for (id, kind, content) in objects {
        text.extend_from_slice(format!("{id} {kind} {}\n", content.len()).as_bytes());
        text.extend_from_slice(content);
    }
    text
}

/// Reads `<id> <kind> <length>`, a line end, and so many bytes.
fn entry(text: &[u8], at: usize) -> Option<(ObjectId, Kind, Range<usize>)> {
    let rest = text.get(at..)?;
    let end = memchr::memchr(b'\n', rest)?;
    let head = std::str::from_utf8(&rest[..end]).ok()?;
    let (id, head) = head.split_once(' ')?;
    let (kind, length) = head.split_once(' ')?;
    let id = ObjectId::from_hex(id.as_bytes()).ok()?;
    let kind = Kind::from_bytes(kind.as_bytes()).ok()?;
    let start = at + end + 1;
    let content = start..start.checked_add(length.parse().ok()?)?;
    (content.end <= text.len()).then_some((id, kind, content))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST_LINE: &[u8] = b"copies 1\n";

    fn id(content: &[u8]) -> ObjectId {
        gix::objs::compute_hash(gix::hash::Kind::Sha1, Kind::Blob, content).unwrap()
    }

    fn written(contents: &[&[u8]]) -> Vec<u8> {
        let objects = contents.iter().map(|text| (id(text), Kind::Blob, *text));
        write(FIRST_LINE, objects)
    }

    #[test]
    fn what_is_written_is_found() {
        let contents: [&[u8]; 4] = [b"", b"format = 1\n", b"\n\n", &[0xff; 9000]];
        let copies = Copies::of(FIRST_LINE, written(&contents));
        for content in contents {
            assert_eq!(copies.find(id(content)), Some((Kind::Blob, content)));
        }
        assert_eq!(copies.find(id(b"other")), None);
        let other = Copies::of(b"copies 2\n", written(&contents));
        assert_eq!(other.find(id(b"")), None, "another format");
    }

    #[test]
    fn only_what_has_its_id_counts() {
        let text = written(&[b"one = 1\n", b"two = 2\n"]);
        for n in 0..text.len() {
            let cut = Copies::of(FIRST_LINE, text[..n].to_vec());
            let mut changed = text.clone();
            changed[n] ^= 1;
            let changed = Copies::of(FIRST_LINE, changed);
            for content in [b"one = 1\n", b"two = 2\n"] {
                for copies in [&cut, &changed] {
                    let found = copies.find(id(content));
                    assert!(found.is_none_or(|found| found == (Kind::Blob, content)));
                }
            }
        }
        let kind = write(FIRST_LINE, [(id(b"x"), Kind::Tree, &b"x"[..])].into_iter());
        assert_eq!(Copies::of(FIRST_LINE, kind).find(id(b"x")), None);
        let far = format!("copies 1\n{} blob {}\n", id(b"x"), usize::MAX);
        assert_eq!(
            Copies::of(FIRST_LINE, far.into_bytes()).find(id(b"x")),
            None
        );
    }
}
