//! Reader of loose objects.
//!
//! Owns [`LooseReader`], which reads one small loose object with one `read` and inflates it into a
//! reused buffer, up to a limit that the header of the file cannot raise. gix maps each file and
//! sets up a new decoder, which dominates the time to read a board of a hundred objects. Never
//! writes, never reads a pack.

use std::cell::RefCell;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use gix::objs::Kind;
use gix::zlib::{Inflate, Status};

use crate::ledger::plain::open_without_waiting;

/// More bytes than any header, such as `commit <size>\0`, has.
const HEADER_BYTES_MAX: usize = 64;
/// The size of the first output buffer: most presence objects fit, larger ones are inflated twice.
const FIRST_TRY_BYTES: usize = 4 * 1024;

/// The result of reading a loose object.
pub(super) enum Loose {
    /// No file has the name of the object.
    Absent,
    /// The kind of the object, and its content without the header.
    Found(Kind, Vec<u8>),
    /// The object is larger than the limit of the caller.
    TooLarge,
    /// The file cannot be read or inflated, for the reason given.
    Damaged(String),
}

/// A zlib decoder and its buffers, reused for every object.
#[derive(Default)]
pub(super) struct LooseReader {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    inflate: Inflate,
    file: Vec<u8>,
    out: Vec<u8>,
}

impl LooseReader {
    /// Reads the loose object at `path`, of at most `bytes_max` bytes without its header.
    pub(super) fn read(&self, path: &Path, bytes_max: u64) -> Loose {
        let state = &mut *self.state.borrow_mut();
        let file = match open_without_waiting(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Loose::Absent,
            Err(error) => return Loose::Damaged(error.to_string()),
        };
        state.file.clear();
        // With room for most objects, one read finds the end.
        state.file.reserve(FIRST_TRY_BYTES);
        // Compressed data is hardly ever longer than its content.
        let limit = bytes_max + FIRST_TRY_BYTES as u64;
        if let Err(error) = file.take(limit + 1).read_to_end(&mut state.file) {
            return Loose::Damaged(error.to_string());
        }
        if state.file.len() as u64 > limit {
            return Loose::TooLarge;
        }
        let all = usize::try_from(bytes_max).unwrap_or(usize::MAX);
        let done = match state.inflate(FIRST_TRY_BYTES) {
            Loose::TooLarge => state.inflate(all.saturating_add(HEADER_BYTES_MAX)),
            done => done,
        };
        match done {
            Loose::Found(_, data) if data.len() > all => Loose::TooLarge,
            done => done,
        }
    }
}

impl State {
    fn inflate(&mut self, capacity: usize) -> Loose {
        self.inflate.reset();
        self.out.resize(capacity, 0);
        let (status, _, written) = match self.inflate.once(&self.file, &mut self.out) {
            Ok(done) => done,
            Err(error) => return Loose::Damaged(error.to_string()),
        };
        let damaged = |text: &str| Loose::Damaged(text.to_owned());
        let (kind, size, header) = match gix::objs::decode::loose_header(&self.out[..written]) {
            Ok(header) => header,
            Err(_) => return damaged("its header cannot be read"),
        };
        let held = written - header;
        match status {
            Status::StreamEnd if held as u64 == size => {
                Loose::Found(kind, self.out[header..written].to_vec())
            }
            _ if written == capacity && size >= held as u64 => Loose::TooLarge,
            _ => damaged("it is cut off, or longer than it says"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gix::objs::Write as _;

    fn store(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let store = gix::odb::loose::Store::at(dir.path(), gix::hash::Kind::Sha1);
        let id = store.write_buf(Kind::Blob, bytes).unwrap();
        let path = store.object_path(&id);
        (dir, path)
    }

    fn noise(len: usize) -> Vec<u8> {
        let mut hash = blake3::Hasher::new().finalize_xof();
        let mut bytes = vec![0; len];
        hash.fill(&mut bytes);
        bytes
    }

    #[test]
    fn sizes_around_every_limit() {
        let reader = LooseReader::default();
        for len in [0, 1, 4000, 4085, 4086, 4087, 4096, 9999, 10_000] {
            let bytes = noise(len);
            let (_dir, path) = store(&bytes);
            match reader.read(&path, 10_000) {
                Loose::Found(Kind::Blob, read) => assert_eq!(read, bytes, "{len}"),
                _ => panic!("{len} bytes are not read"),
            }
        }
        for len in [10_001, 20_000, 10_000_000] {
            for bytes in [noise(len), vec![0; len]] {
                let (_dir, path) = store(&bytes);
                assert!(
                    matches!(reader.read(&path, 10_000), Loose::TooLarge),
                    "{len}"
                );
            }
        }
    }

    #[test]
    fn damage_is_told_from_absence() {
        let reader = LooseReader::default();
        let (dir, path) = store(&noise(3000));
        assert!(matches!(
            reader.read(&dir.path().join("no"), 9000),
            Loose::Absent
        ));
        let whole = std::fs::read(&path).unwrap();
        let write = |bytes: &[u8]| {
            std::fs::remove_file(&path).unwrap();
            std::fs::write(&path, bytes).unwrap();
        };
        for cut in [0, 1, 2, 10, whole.len() / 2, whole.len() - 1] {
            write(&whole[..cut]);
            assert!(
                matches!(reader.read(&path, 9000), Loose::Damaged(_)),
                "cut at {cut}"
            );
        }
        write(b"this is no zlib stream");
        assert!(matches!(reader.read(&path, 9000), Loose::Damaged(_)));
        write(&whole);
        assert!(matches!(reader.read(&path, 9000), Loose::Found(..)));
    }
}
