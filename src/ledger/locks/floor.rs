//! The floor of fencing tokens: what stays of lock registers that were removed.
//!
//! Owns the register `floor`: it has no lock, and its high-water mark is above every token of the
//! registers that were removed. A register without a ref begins above it, so tokens only grow. A
//! floor that cannot be read is no floor of 0: what this clone knows of it counts, and it can be
//! replaced by one that is above all that is known. Never contacts a remote.

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::Rest;
use crate::ledger::layout;
use crate::ledger::locks::free::FreeRegister;
use crate::ledger::locks::repair::Put;
use crate::ledger::locks::{Locks, PreparedWrite};
use crate::ledger::objects::read::TreeFile;
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::LOCKS;
use crate::ledger::records::lock::{self, CellRecord};
use crate::ledger::refs::RefValue;
use crate::ledger::store::Ledger;
use crate::model::finding::{Finding, repairable};
use crate::model::token::Token;
use crate::model::unreadable::{Defect, Unreadable};

/// The most states before an unreadable floor that are read for what it was.
const STATES_MAX: usize = 100;

impl Locks<'_> {
    /// Returns why the floor cannot be read; `None` if it can be, or there is none.
    pub fn unreadable_floor(&self) -> Option<Unreadable> {
        let name = layout::floor_ref();
        let (at, value) = self.ledger.read_cell_ref(&name).ok()?;
        self.ledger.read_cell(&name, &at, &value).err()
    }

    /// Writes a floor above the tokens of `leaving`, without moving its ref; `None` if it is there
    /// already. Fails if the present floor cannot be read.
    pub fn prepare_floor(
        &self,
        clock: &dyn Clock,
        leaving: &[FreeRegister],
    ) -> Result<Option<PreparedWrite>, LedgerError> {
        let ledger = self.ledger;
        let name = layout::floor_ref();
        let (at, value) = ledger.read_cell_ref(&name)?;
        let before = ledger.read_cell(&name, &at, &value);
        let before = before.map_err(LedgerError::Unreadable)?;
        let tokens = leaving.iter().map(|register| register.high_water);
        let floor = tokens.max().unwrap_or_default();
        if floor <= before.cell.high_water {
            return Ok(None);
        }
        let rest = (before.rest.clone(), before.carried.clone());
        ledger.write_floor(clock, floor, before.tip, rest).map(Some)
    }
}

impl Ledger {
    /// Returns the floor above which a register without a ref begins, as far as this clone knows;
    /// 0 if no register was ever removed.
    pub(in crate::ledger) fn floor(&self) -> Token {
        let name = layout::floor_ref();
        let read = self.read_cell_ref(&name).ok();
        let tip = read.and_then(|(_, value)| value.id());
        let there = self.high_water_at(&name, tip.as_ref());
        // It may have gone back, or be unreadable now.
        there.max(self.high_water_of(&name))
    }

    fn write_floor(
        &self,
        clock: &dyn Clock,
        floor: Token,
        before: Option<ObjectId>,
        (rest, carried): (Rest, Vec<TreeFile>),
    ) -> Result<PreparedWrite, LedgerError> {
        self.may_write()?;
        let mut batch = self.objects.begin();
        let head = TreeFile {
            name: LOCKS.head.to_owned(),
            id: batch.blob(&lock::write_cell(&CellRecord {
                floor,
                is_list: false,
                rest,
            }))?,
        };
        let tree = batch.tree([vec![head], carried].concat())?;
        let text = CommitWrite {
            parents: before.into_iter().collect(),
            author_name: "git presence".to_owned(),
            author_email: String::new(),
            seconds: clock.now().as_millis().div_euclid(1000),
            message: format!("floor {floor} of the lock registers that were removed\n"),
        };
        let to = batch.commit(tree, text)?;
        batch.publish()?;
        Ok(PreparedWrite {
            name: layout::floor_ref(),
            expected: before,
            to,
        })
    }

    /// Returns the finding about a floor that cannot be read. With `repair`, replaces it where it
    /// is decided.
    pub(in crate::ledger) fn examine_floor(
        &self,
        clock: &dyn Clock,
        unreadable: &Unreadable,
        value: &RefValue,
        (repair, put): (bool, Put<'_>),
    ) -> Finding {
        let what = unreadable.to_string();
        if let Defect::Newer { .. } = unreadable.defect {
            return Finding {
                advice: Some(
                    "no register is removed before git-presence is upgraded here".to_owned(),
                ),
                ..Finding::note(what)
            };
        }
        let advice = "no register is removed until then, and registers of other clones may begin \
                      below its tokens; --repair replaces it by one that is above all that is known";
        repairable(what, advice, repair, || {
            let floor = self.known_floor(clock, value.id());
            let next =
                self.write_floor(clock, floor, value.id(), <(Rest, Vec<TreeFile>)>::default());
            let next = next.map_err(|error| error.to_string())?;
            match value {
                // A file without an id is here, where it is decided.
                RefValue::Broken(_) => {
                    let kept = self.keep_replaced(clock, &next.name, value);
                    kept.map_err(|error| error.to_string())?;
                    let set = self.refs.repair(&next.name, value, Some(next.to));
                    set.map_err(|error| error.to_string())?;
                }
                _ => put(&next)?,
            }
            Ok(format!("replaced; tokens begin above {floor}"))
        })
    }

    /// Returns a floor above every token that is known here, and not below the clock.
    fn known_floor(&self, clock: &dyn Clock, at: Option<ObjectId>) -> Token {
        let mut known = self.floor().max(Token::by_clock(clock.now()));
        let name = layout::floor_ref();
        let mut next = at;
        for _ in 0..STATES_MAX {
            let commit = next.and_then(|id| self.objects.read_commit(id).ok());
            next = commit.and_then(|commit| commit.parents.first().copied());
            known = known.max(self.high_water_at(&name, next.as_ref()));
        }
        for (name, value) in self.cell_refs().unwrap_or_default() {
            known = known.max(self.high_water_at(&name, value.id().as_ref()));
        }
        known
    }
}
