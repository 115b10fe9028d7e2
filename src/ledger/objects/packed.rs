//! Reader of packed and of borrowed objects.
//!
//! Owns [`PackedReader`], which finds an object that is not loose in this repository: through gix
//! where the repository borrows none, and otherwise in every object folder that Git would use. An
//! alternate that leads in a circle, to no folder or too deep is left out, as Git leaves it out; to
//! gix, one of them makes all objects unreadable. Knows no replacement objects. Never writes.

use std::cell::{OnceCell, RefCell};
use std::fs;
use std::path::{Path, PathBuf};

use gix::odb::pack::Bundle;
use gix::odb::pack::cache::Never;
use gix::odb::pack::data::decode::header::ResolvedBase;
use gix::zlib::Inflate;
use gix::{ObjectId, odb};

use super::loose::{Loose, LooseReader};

/// How deep Git follows alternates of alternates.
const DEPTH_MAX: usize = 5;
/// The most bytes of a file with alternates.
const ALTERNATES_BYTES_MAX: u64 = 1024 * 1024;
/// How often the packs are listed for one object: `git gc` may have replaced them in between.
const ROUNDS_MAX: u32 = 2;

/// The objects of a repository that are not among its own loose ones.
pub(super) struct PackedReader {
    dir: PathBuf,
    hash: gix::hash::Kind,
    plain: OnceCell<Option<odb::Handle>>,
    chain: OnceCell<Chain>,
}

/// The object folders of a repository that borrows objects: its own, and those of others.
struct Chain {
    folders: Vec<PathBuf>,
    /// The packs in all folders, once they were listed.
    packs: RefCell<Option<Vec<Bundle>>>,
}

impl PackedReader {
    /// Returns the reader of the objects in `dir`. Opens nothing.
    pub(super) fn new(dir: &Path, hash: gix::hash::Kind) -> Self {
        Self {
            dir: dir.to_owned(),
            hash,
            plain: OnceCell::new(),
            chain: OnceCell::new(),
        }
    }

    /// Reads an object of at most `bytes_max` bytes.
    pub(super) fn read(&self, loose: &LooseReader, id: ObjectId, bytes_max: u64) -> Loose {
        match self.plain() {
            // One damaged pack makes gix fail for all, so the packs are then opened one by one.
            Some(plain) => match find(plain, id, bytes_max) {
                Loose::Damaged(_) => self.chain().read(loose, self.hash, id, bytes_max),
                found => found,
            },
            None => self.chain().read(loose, self.hash, id, bytes_max),
        }
    }

    /// Whether the object exists.
    pub(super) fn has(&self, id: ObjectId) -> bool {
        match self.plain() {
            Some(plain) => gix::objs::Exists::exists(plain, &id),
            None => self.chain().has(self.hash, id),
        }
    }

    /// Returns the store of gix, if the repository borrows no objects.
    fn plain(&self) -> Option<&odb::Handle> {
        let open = || match alternates_of(&self.dir).exists() {
            true => None,
            false => odb::at(&self.dir, self.hash).ok(),
        };
        self.plain.get_or_init(open).as_ref()
    }

    fn chain(&self) -> &Chain {
        self.chain.get_or_init(|| Chain {
            folders: resolve(&self.dir),
            packs: RefCell::new(None),
        })
    }
}

fn find(store: &odb::Handle, id: ObjectId, bytes_max: u64) -> Loose {
    let damaged = |error: &dyn std::fmt::Display| Loose::Damaged(error.to_string());
    match gix::objs::FindHeader::try_header(store, &id) {
        Ok(None) => return Loose::Absent,
        Ok(Some(header)) if header.size > bytes_max => return Loose::TooLarge,
        Ok(Some(_)) => {}
        Err(error) => return damaged(&error),
    }
    let mut buffer = Vec::new();
    match gix::objs::Find::try_find(store, &id, &mut buffer) {
        Ok(None) => Loose::Absent,
        Ok(Some(data)) => Loose::Found(data.kind, data.data.to_vec()),
        Err(error) => damaged(&error),
    }
}

impl Chain {
    fn read(
        &self,
        reader: &LooseReader,
        hash: gix::hash::Kind,
        id: ObjectId,
        bytes_max: u64,
    ) -> Loose {
        let mut worst = Loose::Absent;
        for folder in &self.folders {
            let store = odb::loose::Store::at(folder, hash);
            match reader.read(&store.object_path(&id), bytes_max) {
                Loose::Absent => {}
                // Another folder may have the same object whole.
                damaged @ Loose::Damaged(_) => worst = damaged,
                found => return found,
            }
        }
        match self.in_packs(hash, |bundle| unpack(bundle, id, bytes_max)) {
            Some(Loose::Absent) | None => worst,
            Some(found) => found,
        }
    }

    fn has(&self, hash: gix::hash::Kind, id: ObjectId) -> bool {
        let mut folders = self.folders.iter();
        folders.any(|folder| {
            let store = odb::loose::Store::at(folder, hash);
            store.object_path(&id).is_file()
        }) || self
            .in_packs(hash, |bundle| bundle.index.lookup(id).map(drop))
            .is_some()
    }

    /// Returns the answer of the first pack that has one. Packs are listed anew before the answer
    /// is that none has.
    fn in_packs<T>(&self, hash: gix::hash::Kind, ask: impl Fn(&Bundle) -> Option<T>) -> Option<T> {
        for round in 0..ROUNDS_MAX {
            let mut packs = self.packs.borrow_mut();
            let is_fresh = packs.is_none() || round > 0;
            if is_fresh {
                *packs = Some(list_packs(&self.folders, hash));
            }
            let answer = packs.iter().flatten().find_map(&ask);
            if answer.is_some() || is_fresh {
                return answer;
            }
        }
        None
    }
}

/// Opens the packs in all folders; one that cannot be opened is left out, as Git does.
fn list_packs(folders: &[PathBuf], hash: gix::hash::Kind) -> Vec<Bundle> {
    let mut packs = Vec::new();
    for folder in folders {
        let entries = fs::read_dir(folder.join("pack")).into_iter().flatten();
        let paths = entries.flatten().map(|entry| entry.path());
        let indices = paths.filter(|path| path.extension().is_some_and(|end| end == "idx"));
        packs.extend(
            indices
                .filter(|path| path.is_file() && path.with_extension("pack").is_file())
                .filter_map(|path| Bundle::at(path, hash).ok()),
        );
    }
    packs
}

/// Reads an object of a pack; `None` if the pack does not have it.
fn unpack(bundle: &Bundle, id: ObjectId, bytes_max: u64) -> Option<Loose> {
    let entry_of = |id: &gix::oid| {
        let offset = |at| bundle.index.pack_offset_at_index(at);
        let at = bundle.index.lookup(id);
        at.map(|at| bundle.pack.entry(offset(at))).transpose()
    };
    let in_pack = |id: &gix::oid| Ok(entry_of(id)?.map(ResolvedBase::InPack));
    let damaged = |error: &dyn std::fmt::Display| Some(Loose::Damaged(error.to_string()));
    let mut inflate = Inflate::default();
    let header = match entry_of(&id) {
        Ok(entry) => bundle.pack.decode_header(entry?, &mut inflate, &in_pack),
        Err(error) => return damaged(&error),
    };
    match header {
        Ok(header) if header.object_size > bytes_max => return Some(Loose::TooLarge),
        Ok(_) => {}
        Err(error) => return damaged(&error),
    }
    let mut out = Vec::new();
    match bundle.find(&id, &mut out, &mut inflate, &mut Never) {
        Ok(found) => found.map(|(data, _)| Loose::Found(data.kind, data.data.to_vec())),
        Err(error) => damaged(&error),
    }
}

fn alternates_of(dir: &Path) -> PathBuf {
    dir.join("info/alternates")
}

/// Returns the object folders that Git would use for `dir`, itself first: each once, folders only.
fn resolve(dir: &Path) -> Vec<PathBuf> {
    let mut folders = vec![dir.to_owned()];
    let mut known = vec![canonical(dir)];
    follow(dir, 0, &mut folders, &mut known);
    folders
}

fn follow(dir: &Path, depth: usize, folders: &mut Vec<PathBuf>, known: &mut Vec<PathBuf>) {
    if depth > DEPTH_MAX {
        return;
    }
    let file = alternates_of(dir);
    let is_readable = |meta: fs::Metadata| meta.is_file() && meta.len() <= ALTERNATES_BYTES_MAX;
    if !file.metadata().is_ok_and(is_readable) {
        return;
    }
    let text = fs::read(&file).unwrap_or_default();
    for alternate in odb::alternate::parse(&text).unwrap_or_default() {
        let folder = canonical(dir).join(alternate);
        let itself = canonical(&folder);
        if folder.is_dir() && !known.contains(&itself) {
            known.push(itself);
            folders.push(folder.clone());
            follow(&folder, depth + 1, folders, known);
        }
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests;
