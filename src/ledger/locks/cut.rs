//! Lock registers with a long history, and the same states without it.
//!
//! Owns when a history is long, and the commit that replaces a tip: it has the same tree and the
//! same event, and no parents, so that a new clone does not fetch every grant that ever was. It
//! grants and ends nothing. Never moves a ref, never contacts a remote.

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::archive::Leaving;
use crate::ledger::error::LedgerError;
use crate::ledger::locks::{Locks, PreparedWrite};
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::event;
use crate::model::time::Timestamp;

/// The most commits of a register that stay.
const COMMITS_MAX: usize = 20;

/// A register with a long history.
#[derive(Clone, Debug)]
pub struct LongRegister {
    /// The ref of the register, by its name at the arbiter.
    pub name: String,
    /// Its state.
    pub tip: ObjectId,
    /// Its history.
    pub leaving: Leaving,
}

impl Locks<'_> {
    /// Returns the registers whose histories are long. Those that cannot be read are none of them,
    /// nor are any where refs move forward only. Fails if refs cannot be listed.
    pub fn long(&self) -> Result<Vec<LongRegister>, LedgerError> {
        let mut long = Vec::new();
        if self.ledger.is_forward_only() {
            return Ok(long);
        }
        for read in self.list()?.into_iter().filter_map(Result::ok) {
            let (Some(tip), Some(commit)) = (read.tip, &read.commit) else {
                continue;
            };
            // Without an event, it is none that this program wrote.
            if read.last_event().is_some() && self.is_long(&commit.parents) {
                let moved_at = Timestamp::from_millis(commit.seconds.saturating_mul(1000));
                long.push(LongRegister {
                    leaving: Leaving {
                        id: read.name.clone(),
                        tip,
                        seen_at: moved_at,
                    },
                    name: read.name,
                    tip,
                });
            }
        }
        Ok(long)
    }

    fn is_long(&self, parents: &[ObjectId]) -> bool {
        let mut next = parents.first().copied();
        for _ in 0..COMMITS_MAX {
            // A history that was cut off (a shallow clone, a lost object) ends there.
            let commit = next.and_then(|id| self.ledger.objects.read_commit(id).ok());
            let Some(commit) = commit else { return false };
            next = commit.parents.first().copied();
        }
        true
    }

    /// Writes the state of a register once more, without its history, and without moving its ref.
    /// Fails if this ledger may not be written, or the state cannot be read.
    pub fn prepare_cut(
        &self,
        clock: &dyn Clock,
        long: &LongRegister,
    ) -> Result<PreparedWrite, LedgerError> {
        let ledger = self.ledger;
        ledger.may_write()?;
        let tree = ledger.tree(long.tip);
        let tree = tree.map_err(|defect| LedgerError::unreadable(&long.name, defect))?;
        let commit = &tree.commit;
        let text = CommitWrite {
            parents: Vec::new(),
            author_name: "git presence".to_owned(),
            author_email: String::new(),
            seconds: commit.seconds,
            message: event::write_again(&commit.message, &long.tip.to_string(), clock.random()),
        };
        Ok(PreparedWrite {
            name: long.name.clone(),
            expected: Some(long.tip),
            to: ledger.commit_again(&tree, text)?,
        })
    }
}
