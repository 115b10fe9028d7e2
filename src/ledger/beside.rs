//! Records of any kind beside a session or a lock register.
//!
//! Owns [`Beside`], the records that a write puts in the place of those of their kind, and the rule
//! of what a rewrite carries over: what this version does not know, and what it cannot read. Never
//! decides which records to write.

use crate::ledger::error::LedgerError;
use crate::ledger::kind::{AnyKind, Kind};
use crate::ledger::objects::read::{LIST_ENTRIES_MAX, TREE_ENTRIES_MAX, TreeFile};
use crate::ledger::objects::write::Batch;
use crate::ledger::records::LIST;
use crate::ledger::store::Ledger;
use crate::ledger::tree::write_entries;
use crate::model::unreadable::Defect;

/// The records that a write puts beside a session or a cell, in the place of all of their kinds.
#[derive(Default)]
pub struct Beside(Vec<Box<dyn Replace>>);

/// The records of one kind, with the type of the record erased.
trait Replace {
    /// Returns the kind of the records.
    fn kind(&self) -> &dyn AnyKind;
    /// Writes the records. Returns their files, and those of `before` that cannot be read.
    fn write(
        &self,
        ledger: &Ledger,
        batch: &mut Batch<'_>,
        before: Vec<TreeFile>,
    ) -> Result<(Vec<TreeFile>, Vec<TreeFile>), LedgerError>;
}

struct Set<R: 'static> {
    kind: &'static Kind<R>,
    records: Vec<R>,
}

impl Beside {
    /// Puts `records` in the place of all records of their kind.
    #[must_use]
    pub fn set<R: PartialEq + 'static>(mut self, kind: &'static Kind<R>, records: Vec<R>) -> Self {
        self.0.push(Box::new(Set { kind, records }));
        self
    }
}

impl<R: PartialEq> Replace for Set<R> {
    fn kind(&self) -> &dyn AnyKind {
        self.kind
    }

    fn write(
        &self,
        ledger: &Ledger,
        batch: &mut Batch<'_>,
        before: Vec<TreeFile>,
    ) -> Result<(Vec<TreeFile>, Vec<TreeFile>), LedgerError> {
        let (mut known, mut damaged) = (Vec::new(), Vec::new());
        for file in before {
            match ledger.entry(self.kind, &file) {
                Ok(entry) => known.push(entry),
                Err(_) => damaged.push(file),
            }
        }
        let written = write_entries(batch, self.kind, &self.records, &known)?;
        Ok((written, damaged))
    }
}

impl Ledger {
    /// Completes the files of a tree below the ref `name`: with the records of `beside`, and with
    /// what is carried over of the tree before.
    pub(in crate::ledger) fn complete(
        &self,
        name: &str,
        batch: &mut Batch<'_>,
        mut files: Vec<TreeFile>,
        mut carried: Vec<TreeFile>,
        beside: &Beside,
    ) -> Result<Vec<TreeFile>, LedgerError> {
        for set in &beside.0 {
            let is_its = |file: &TreeFile| set.kind().key_in(&file.name).is_some();
            let (before, others) = carried.into_iter().partition(is_its);
            let (written, damaged) = set.write(self, batch, before)?;
            files.extend(written);
            carried = others;
            carried.extend(damaged);
        }
        for file in carried {
            if files.iter().any(|written| written.name == file.name) {
                self.may_replace(name, &file)?;
            } else {
                files.push(file);
            }
        }
        // More are not read back, and what is not read is not free: nothing could be done with it.
        // A list is read by no version that reads fewer.
        let is_list = files.iter().any(|file| LIST.key_in(&file.name).is_some());
        let entries_max = match is_list {
            true => LIST_ENTRIES_MAX,
            false => TREE_ENTRIES_MAX,
        };
        let (noun, count_max) = ("record", entries_max - 1);
        match files.len() > entries_max {
            true => Err(LedgerError::TooMany { noun, count_max }),
            false => Ok(files),
        }
    }

    /// Checks that a record may be replaced: a damaged one may, one of a newer version may not.
    fn may_replace(&self, name: &str, file: &TreeFile) -> Result<(), LedgerError> {
        match self.defect_of(name, file) {
            Some(defect @ Defect::Newer { .. }) => {
                let place = format!("{name}: {}", file.name);
                Err(LedgerError::unreadable(&place, defect))
            }
            _ => Ok(()),
        }
    }

    /// Returns why a record of a known kind below the ref `name` cannot be read.
    pub(in crate::ledger) fn defect_of(&self, name: &str, file: &TreeFile) -> Option<Defect> {
        let kind = self.namespace_of(name)?.kind_of(&file.name)?;
        self.check(kind, file).err()
    }
}
