//! Lock registers that are free for long, and the floor that stays when they go.
//!
//! Owns which registers may be removed, and the register `floor`: it has no lock, and its
//! high-water mark is above every token of the registers that were removed. A register without a
//! ref begins above it, so tokens only grow. The floor is raised before a register goes. Never
//! contacts a remote.

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::archive::Leaving;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::AnyKind as _;
use crate::ledger::layout;
use crate::ledger::locks::{Locks, PreparedWrite};
use crate::ledger::objects::read::TreeFile;
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::lock::{self, CellRecord};
use crate::ledger::records::{HANDOFF, LOCKS};
use crate::ledger::store::Ledger;
use crate::model::time::Timestamp;
use crate::model::token::Token;

/// A register that has been free for long.
#[derive(Clone, Debug)]
pub struct FreeRegister {
    /// The ref of the register, by its name at the arbiter.
    pub name: String,
    /// Its state.
    pub tip: ObjectId,
    /// The highest token that it ever granted.
    pub high_water: Token,
    /// Its history.
    pub leaving: Leaving,
}

impl Locks<'_> {
    /// Returns the registers of locks in which no lease is in force, and has not been for as long
    /// as the board keeps them. A handoff goes with its register; one with other records stays.
    /// Fails if refs cannot be listed.
    pub fn free(&self, now: Timestamp) -> Result<Vec<FreeRegister>, LedgerError> {
        let floor = layout::floor_ref();
        let is_old = |at: Timestamp| now.secs_since(at) >= self.ledger.retention.free_secs;
        let mut free = Vec::new();
        for read in self.list()?.into_iter().filter_map(Result::ok) {
            let (Some(tip), Some(commit)) = (read.tip, &read.commit) else {
                continue;
            };
            let moved_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
            let locks = &read.cell.locks;
            let is_free = is_old(moved_at)
                && locks.iter().all(|lock| is_old(lock.expires_at()))
                && read.cell.offers.iter().all(|offered| is_old(offered.until));
            let is_handoff = |file: &TreeFile| HANDOFF.key_in(&file.name).is_some();
            if read.name != floor && is_free && read.carried.iter().all(is_handoff) {
                free.push(FreeRegister {
                    leaving: Leaving {
                        id: read.name.clone(),
                        tip,
                        seen_at: moved_at,
                    },
                    name: read.name,
                    tip,
                    high_water: read.cell.high_water,
                });
            }
        }
        Ok(free)
    }

    /// Writes a floor above the tokens of `leaving`, without moving its ref; `None` if it is there
    /// already. Fails if the present floor cannot be read.
    pub fn prepare_floor(
        &self,
        clock: &dyn Clock,
        leaving: &[FreeRegister],
    ) -> Result<Option<PreparedWrite>, LedgerError> {
        let ledger = self.ledger;
        ledger.may_write()?;
        let name = layout::floor_ref();
        let (at, value) = ledger.read_cell_ref(&name)?;
        let before = ledger.read_cell(&name, &at, &value);
        let before = before.map_err(LedgerError::Unreadable)?;
        let tokens = leaving.iter().map(|register| register.high_water);
        let floor = tokens.max().unwrap_or_default();
        if floor <= before.cell.high_water {
            return Ok(None);
        }
        let mut batch = ledger.objects.begin();
        let own = CellRecord {
            floor,
            rest: before.rest.clone(),
        };
        let head = TreeFile {
            name: LOCKS.head.to_owned(),
            id: batch.blob(&lock::write_cell(&own))?,
        };
        let tree = batch.tree([vec![head], before.carried.clone()].concat())?;
        let text = CommitWrite {
            parents: before.tip.into_iter().collect(),
            author_name: "git presence".to_owned(),
            author_email: String::new(),
            seconds: clock.now().as_millis().div_euclid(1000),
            message: format!("floor {floor} of the lock registers that were removed\n"),
        };
        let to = batch.commit(tree, text)?;
        batch.publish()?;
        Ok(Some(PreparedWrite {
            name,
            expected: before.tip,
            to,
        }))
    }

    /// Removes registers of this repository, which is the arbiter; one that moved meanwhile stays.
    /// Returns how many were removed.
    pub fn remove(&self, free: &[FreeRegister]) -> Result<usize, LedgerError> {
        let refs: Vec<(String, ObjectId)> = free
            .iter()
            .map(|register| (register.name.clone(), register.tip))
            .collect();
        let kept = self.ledger.drop_refs(&refs)?;
        Ok(refs.len() - kept.len())
    }
}

impl Ledger {
    /// Returns the floor above which a register without a ref begins; 0 if none was ever removed.
    pub(in crate::ledger) fn floor(&self) -> Token {
        let read = self.read_cell_ref(&layout::floor_ref()).ok();
        let tip = read.and_then(|(_, value)| value.id());
        tip.map_or(Token::default(), |tip| {
            self.high_water_at(&layout::floor_ref(), Some(&tip))
        })
    }
}
