//! Record kinds: what the ledger needs to know about a record to store it.
//!
//! Owns [`Kind`] (the files of one kind of record, their codec and their limits), [`Namespace`] (a
//! folder of refs, their owner, and the kinds in their trees) and [`Table`] (all of them). Never
//! lists the kinds: the table in `records` does.

use std::borrow::Cow;

use crate::ledger::layout;
use crate::model::id::{NodeId, SessionId};
use crate::model::resource::Resource;
use crate::model::unreadable::Defect;

/// Fields that this version does not know, kept on rewrite.
pub type Rest = toml::Table;

/// A record as it was decoded, with the fields that this version does not know.
pub type Decoded<R> = Result<(R, Rest), Defect>;

/// How the files of a kind are named, one file a record. Each name ends with `.toml`.
#[derive(Clone, Copy, Debug)]
pub enum FileName {
    /// This prefix, then a readable slug of the label and its hash.
    Hashed(&'static str),
    /// This prefix, then the label itself.
    Plain(&'static str),
}

/// The size limits of one kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most bytes of one record; more is reported as unreadable.
    pub bytes_max: u64,
    /// The most records in one tree; more are refused.
    pub count_max: usize,
}

/// A kind of record: a row of the table.
pub struct Kind<R: 'static> {
    /// What a record of it is called in messages: `claim`.
    pub noun: &'static str,
    /// How its files are named.
    pub file: FileName,
    /// Returns what identifies a record in a tree: the label of its resource, its number or its id.
    pub label: fn(&R) -> Cow<'_, str>,
    /// Decodes a record, with the fields that this version does not know.
    pub decode: fn(&[u8]) -> Decoded<R>,
    /// Encodes a record, with the fields that this version does not know.
    pub encode: fn(&R, &Rest) -> Vec<u8>,
    /// The most bytes of one record, and the most records in one tree.
    pub limits: Limits,
}

impl<R> Kind<R> {
    /// Returns the name of the file in which `record` stands.
    pub fn file_of(&self, record: &R) -> String {
        self.file_named(&(self.label)(record))
    }

    /// Returns the name of the file of the record with this label.
    pub fn file_named(&self, label: &str) -> String {
        match self.file {
            FileName::Hashed(prefix) => layout::record_file(prefix, &layout::key_of(label)),
            FileName::Plain(prefix) => layout::record_file(prefix, label),
        }
    }

    /// Decodes the record in the file `name`. Fails if the record belongs in another file.
    pub fn read(&self, name: &str, bytes: &[u8]) -> Decoded<R> {
        let (record, rest) = (self.decode)(bytes)?;
        let label = (self.label)(&record);
        if self.file_named(&label) != name {
            let label = label.into_owned();
            return Err(Defect::WrongLabel { label });
        }
        Ok((record, rest))
    }
}

/// A kind with the type of its record erased, for code that only needs its files.
pub trait AnyKind: Sync {
    /// Returns what a record of this kind is called in messages.
    fn noun(&self) -> &'static str;
    /// Returns the key in the name of a file of this kind; `None` for other files.
    fn key_in<'n>(&self, name: &'n str) -> Option<&'n str>;
    /// Returns the most bytes of one record, and the most records in one tree.
    fn limits(&self) -> Limits;
    /// Checks that the record in the file `name` can be read; the error says why it cannot.
    fn check(&self, name: &str, bytes: &[u8]) -> Result<(), Defect>;
}

impl<R> AnyKind for Kind<R> {
    fn noun(&self) -> &'static str {
        self.noun
    }

    fn key_in<'n>(&self, name: &'n str) -> Option<&'n str> {
        let (FileName::Hashed(prefix) | FileName::Plain(prefix)) = self.file;
        layout::record_key(prefix, name)
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn check(&self, name: &str, bytes: &[u8]) -> Result<(), Defect> {
        self.read(name, bytes).map(drop)
    }
}

/// Which clones may move the refs of a namespace.
#[derive(Clone, Copy)]
pub enum Ownership {
    /// Each ref has one writer, a session of one clone. The head of its tree is the record of that
    /// session. A sync pushes it; two diverged copies of it show that the clone was copied.
    Owned,
    /// Any clone may move any ref, by compare-and-swap at the arbiter. The head of its tree is a
    /// cell record with the highest token, and the locks are files beside it.
    Contended {
        /// Returns the key of the cell in which a resource is decided, if it is here.
        decides: fn(&Resource) -> Option<String>,
    },
}

/// A folder of refs, and the records in their trees.
pub struct Namespace {
    /// What one of its refs is called in messages: `session`.
    pub noun: &'static str,
    /// Its folder below `refs/presence/`.
    pub folder: &'static str,
    /// Which clones may move its refs.
    pub ownership: Ownership,
    /// The file that each of its trees has.
    pub head: &'static str,
    /// The kinds of records beside the head.
    pub kinds: &'static [&'static dyn AnyKind],
}

impl Namespace {
    /// Returns the common prefix of the names of its refs, with the slash at the end.
    pub fn prefix(&self) -> String {
        layout::namespace(self.folder)
    }

    /// Whether each of its refs has one writer.
    pub fn is_owned(&self) -> bool {
        matches!(self.ownership, Ownership::Owned)
    }

    /// Returns the name of the ref of a session of one clone, in a namespace whose refs are owned.
    pub fn owned_ref(&self, id: &SessionId, node: NodeId) -> String {
        self.prefix() + &layout::owner_key(id, node)
    }

    /// Returns the kind of the record in the file `name`, if this version knows it.
    pub fn kind_of(&self, name: &str) -> Option<&'static dyn AnyKind> {
        let mut kinds = self.kinds.iter();
        kinds.find(|kind| kind.key_in(name).is_some()).copied()
    }
}

/// All namespaces that a ledger knows.
pub struct Table(pub &'static [&'static Namespace]);

impl Table {
    /// Returns every namespace.
    pub fn all(&self) -> impl Iterator<Item = &'static Namespace> {
        self.0.iter().copied()
    }

    /// Returns the namespaces whose refs have one writer each.
    pub fn owned(&self) -> impl Iterator<Item = &'static Namespace> {
        self.all().filter(|namespace| namespace.is_owned())
    }

    /// Returns the namespaces whose refs are decided at the arbiter.
    pub fn contended(&self) -> impl Iterator<Item = &'static Namespace> {
        self.all().filter(|namespace| !namespace.is_owned())
    }

    /// Returns the namespace of the ref `name`; `None` if this version does not know it.
    pub fn of(&self, name: &str) -> Option<&'static Namespace> {
        let folder = layout::folder_of(name)?;
        self.all().find(|namespace| namespace.folder == folder)
    }

    /// Returns the name of the cell in which `resource` is decided: that of the first namespace
    /// that has one.
    pub fn cell_ref(&self, resource: &Resource) -> String {
        let cell = self.all().find_map(|namespace| match namespace.ownership {
            Ownership::Contended { decides } => {
                decides(resource).map(|key| namespace.prefix() + &key)
            }
            Ownership::Owned => None,
        });
        cell.unwrap_or_else(|| layout::cell_ref(resource))
    }
}
