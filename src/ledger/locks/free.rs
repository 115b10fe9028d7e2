//! Lock registers that are free for long.
//!
//! Owns which registers may be removed; the floor is raised above their tokens before. Never
//! contacts a remote.

use gix::ObjectId;

use crate::ledger::archive::Leaving;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::AnyKind as _;
use crate::ledger::layout;
use crate::ledger::locks::Locks;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::HANDOFF;
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
    /// as the board keeps them, and that have no task, no key of one and no drain to remember. A
    /// handoff goes with its register; one with other records stays.
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
                && !read.cell.tasks.has_to_stay()
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
