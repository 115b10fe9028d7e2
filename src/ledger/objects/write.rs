//! Writer of blobs, trees and commits.
//!
//! Owns [`Batch`]: objects are prepared in memory, then published together, each file durable
//! before it gets its name, and kept under a second one for an hour at least. A commit of the
//! ledger has a flat tree, the event as its message, and a nonce in it. Never moves a ref; Git
//! removes an object that no ref reached when it looked, and [`Objects::put_back`] puts it back.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;
use gix::objs::tree::EntryKind;

use crate::ledger::objects::put_back::{FOLDER_ROUNDS_MAX, temporary};
use crate::ledger::objects::read::{Objects, TreeFile};
use crate::ledger::objects::sync::sync_at_once;

/// The most bytes in one stored block of a zlib stream.
const BLOCK_BYTES_MAX: usize = 65_535;
/// The modulus of the two sums of an Adler-32.
const ADLER_MODULUS: u32 = 65_521;

/// The error of writing objects, with the folder and the cause.
#[derive(Debug, thiserror::Error)]
#[error("cannot write objects below {}: {source}", dir.display())]
pub struct WriteError {
    dir: PathBuf,
    source: io::Error,
}

/// The content of a commit besides its tree.
#[derive(Clone, Debug)]
pub(crate) struct CommitWrite {
    /// The ids of the parents.
    pub parents: Vec<ObjectId>,
    /// The name of author and committer; `<`, `>`, line feeds and NUL are left out.
    pub author_name: String,
    /// The address of author and committer, with the same characters left out.
    pub author_email: String,
    /// The time of both, in seconds since 1970 UTC.
    pub seconds: i64,
    /// The whole message.
    pub message: String,
}

/// Prepared objects that are not yet part of the repository.
#[must_use = "prepared objects vanish unless they are published"]
pub(crate) struct Batch<'o> {
    objects: &'o Objects,
    prepared: Vec<(ObjectId, Vec<u8>)>,
    /// The time of the newest commit, in seconds since 1970 UTC.
    seconds: i64,
}

impl Objects {
    /// Begins an empty batch of objects that are published together.
    pub(crate) fn begin(&self) -> Batch<'_> {
        Batch {
            objects: self,
            prepared: Vec::new(),
            seconds: 0,
        }
    }
}

impl Batch<'_> {
    /// Prepares a blob and returns its id.
    pub(crate) fn blob(&mut self, bytes: &[u8]) -> Result<ObjectId, WriteError> {
        self.prepare(Kind::Blob, bytes)
    }

    /// Prepares a flat tree of `files`, in any order, and returns its id.
    pub(crate) fn tree(&mut self, mut files: Vec<TreeFile>) -> Result<ObjectId, WriteError> {
        files.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        let entry = |file: TreeFile| gix::objs::tree::Entry {
            mode: EntryKind::Blob.into(),
            filename: file.name.into(),
            oid: file.id,
        };
        let entries = files.into_iter().map(entry).collect();
        self.prepare_object(&gix::objs::Tree { entries })
    }

    /// Prepares a commit of `tree` and returns its id.
    pub(crate) fn commit(
        &mut self,
        tree: ObjectId,
        text: CommitWrite,
    ) -> Result<ObjectId, WriteError> {
        self.seconds = self.seconds.max(text.seconds);
        let who = gix::actor::Signature {
            name: ident(&text.author_name).into(),
            email: ident(&text.author_email).into(),
            time: gix::date::Time::new(text.seconds, 0),
        };
        self.prepare_object(&gix::objs::Commit {
            tree,
            parents: text.parents.into(),
            author: who.clone(),
            committer: who,
            encoding: None,
            message: text.message.into(),
            extra_headers: Vec::new(),
        })
    }

    fn prepare_object(&mut self, object: &dyn gix::objs::WriteTo) -> Result<ObjectId, WriteError> {
        let mut bytes = Vec::new();
        object
            .write_to(&mut bytes)
            .map_err(|error| self.failed(io::Error::other(error.to_string())))?;
        self.prepare(object.kind(), &bytes)
    }

    fn prepare(&mut self, kind: Kind, bytes: &[u8]) -> Result<ObjectId, WriteError> {
        let id = gix::objs::compute_hash(self.objects.loose.object_hash(), kind, bytes)
            .map_err(|error| self.failed(io::Error::other(error.to_string())))?;
        let header = gix::objs::encode::loose_header(kind, bytes.len() as u64);
        self.prepared
            .push((id, zlib_stored(&[&header, bytes].concat())));
        Ok(id)
    }

    /// Writes the objects into the repository.
    ///
    /// Where the ledger is durable, each file is synced before it gets its name, each folder
    /// after. A crash leaves some of the objects, each whole.
    pub(crate) fn publish(self) -> Result<(), WriteError> {
        self.write_files().map_err(|error| self.failed(error))?;
        let written = self.prepared.iter().map(|(id, _)| *id);
        self.objects.kept.wrote(written);
        Ok(())
    }

    fn write_files(&self) -> io::Result<()> {
        let Some(hour) = self.objects.kept.hour(self.seconds) else {
            return self.write_in_place();
        };
        let mut files = Vec::new();
        for (id, bytes) in &self.prepared {
            let mut file = hour.begin(self.objects.sharing)?;
            file.file.write_all(bytes)?;
            files.push((*id, file));
        }
        if self.objects.durable {
            let written: Vec<&File> = files.iter().map(|(_, file)| &file.file).collect();
            sync_at_once(&written)?;
        }
        let mut folders: Vec<PathBuf> = Vec::new();
        for (id, file) in &mut files {
            let path = self.objects.loose.object_path(id);
            match self
                .objects
                .place(&path, &mut folders, |to| hour.place(file, *id, to))
            {
                // The object store is another file system.
                Err(error) if error.kind() == ErrorKind::CrossesDevices => {
                    return self.write_in_place();
                }
                placed => placed?,
            }
        }
        self.objects.sync_folders(folders)
    }

    /// Writes the objects without a second name.
    fn write_in_place(&self) -> io::Result<()> {
        let mut folders: Vec<PathBuf> = Vec::new();
        let mut files = Vec::new();
        for (id, bytes) in &self.prepared {
            let path = self.objects.loose.object_path(id);
            let Some(folder) = path.parent() else {
                continue;
            };
            let (mut file, folder_is_new) = self.temporary_in(folder)?;
            if folder_is_new {
                folders.push(self.objects.dir().to_owned());
            }
            file.write_all(bytes)?;
            self.objects.sharing.apply(file.path())?;
            folders.push(folder.to_owned());
            files.push((file, path));
        }
        if self.objects.durable {
            let written: Vec<&File> = files.iter().map(|(file, _)| file.as_file()).collect();
            sync_at_once(&written)?;
        }
        for (file, path) in files {
            // A file of the same name has the same content, so replacing it changes nothing.
            file.persist(&path).map_err(|error| error.error)?;
        }
        self.objects.sync_folders(folders)
    }

    /// Creates a file in the folder of an object; returns also whether that folder is new.
    fn temporary_in(&self, folder: &Path) -> io::Result<(tempfile::NamedTempFile, bool)> {
        for _ in 0..FOLDER_ROUNDS_MAX {
            let is_new = self.objects.create_fan_out(folder)?;
            match temporary(folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                file => return file.map(|file| (file, is_new)),
            }
        }
        Err(ErrorKind::NotFound.into())
    }

    fn failed(&self, source: io::Error) -> WriteError {
        WriteError {
            dir: self.objects.dir().to_owned(),
            source,
        }
    }
}

/// Returns a zlib stream that stores `bytes` without compression.
///
/// Records are smaller than a block of the file system, so compression would save no space, and
/// setting up its tables takes longer than the rest of a claim. Git compresses them in a pack.
fn zlib_stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(BLOCK_BYTES_MAX).peekable();
    while let Some(block) = blocks.next() {
        let len = u16::try_from(block.len()).unwrap_or(u16::MAX);
        out.push(u8::from(blocks.peek().is_none()));
        out.extend_from_slice(&len.to_le_bytes());
        out.extend_from_slice(&(!len).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % ADLER_MODULUS;
        b = (b + a) % ADLER_MODULUS;
    }
    out.extend_from_slice(&((b << 16) | a).to_be_bytes());
    out
}

/// Returns a name or address without the characters that end one in a commit header.
fn ident(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !"<>\n\0".contains(*c)).collect();
    match kept.trim() {
        "" => "unknown".to_owned(),
        kept => kept.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inflate(stream: &[u8]) -> Vec<u8> {
        let mut out = vec![0; stream.len() + 1];
        let (status, read, written) = gix::zlib::Inflate::default()
            .once(stream, &mut out)
            .unwrap();
        assert_eq!((status, read), (gix::zlib::Status::StreamEnd, stream.len()));
        out.truncate(written);
        out
    }

    #[test]
    fn streams_of_every_length_are_read_back() {
        for len in [1, 2, 65_534, 65_535, 65_536, 200_000] {
            let bytes: Vec<u8> = (0..len).map(|n: usize| (n * 7 % 251) as u8).collect();
            assert_eq!(inflate(&zlib_stored(&bytes)), bytes, "{len}");
        }
        let worst = vec![0xff; 300_000];
        assert_eq!(
            inflate(&zlib_stored(&worst)),
            worst,
            "the sums do not overflow"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_back(bytes in proptest::collection::vec(any::<u8>(), 1..3000)) {
            prop_assert_eq!(inflate(&zlib_stored(&bytes)), bytes);
        }
    }

    #[test]
    fn names_cannot_end_a_header() {
        assert_eq!(ident(" a <b>\nc\0 "), "a bc");
        assert_eq!(ident("<>"), "unknown");
    }
}
