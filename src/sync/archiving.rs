//! The archives of a fold.
//!
//! Owns that histories are in an archive before their refs go, and the push of the archives of this
//! clone. Never removes a ref of the board.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::read;
use super::fold::{Fold, Folded};
use crate::git::porcelain::Outcome;
use crate::git::remote::{Move, Remote};
use crate::ledger::{Leaving, LedgerError, Sweep};

impl Fold<'_> {
    /// Archives what leaves the board, and returns that; what is in no archive stays, and
    /// `folded` says why.
    pub(super) fn archived<T: Clone>(
        &self,
        all: &[T],
        leaving: impl Fn(&T) -> &Leaving,
        folded: &mut Folded,
    ) -> Result<Vec<T>, LedgerError> {
        if !self.archives {
            return Ok(all.to_vec());
        }
        let histories: Vec<Leaving> = all.iter().map(|one| leaving(one).clone()).collect();
        let archives = self.ledger.archives();
        let unarchived = archives.add(self.clock, &histories)?;
        let now = self.clock.now();
        let is_kept = |one: &&T| !unarchived.has(leaving(one), now);
        let archived = all.iter().filter(is_kept).cloned().collect();
        for (_, why) in unarchived.months {
            if !folded.unreadable.contains(&why) {
                folded.unreadable.push(why);
            }
        }
        Ok(archived)
    }

    /// Pushes the archives of this clone that the remote does not have as they are, and removes
    /// there those that were removed here. Returns why the remote does not take one.
    ///
    /// # Errors
    ///
    /// Any [`LedgerError`] of this clone.
    pub fn push_archives(
        &self,
        remote: &Remote,
        sweep: &mut Sweep,
    ) -> Result<Option<String>, LedgerError> {
        let mut moves = Vec::new();
        let here = self.ledger.archives().list()?;
        let own: BTreeMap<String, String> = here
            .into_iter()
            .filter(|archive| archive.is_own)
            .map(|archive| (archive.name, archive.tip.to_string()))
            .collect();
        let names: BTreeSet<&String> = own.keys().chain(sweep.pushed.keys()).collect();
        for name in names {
            let (to, expect) = (own.get(name).cloned(), sweep.pushed.get(name).cloned());
            if to != expect {
                moves.push(Move {
                    name: name.clone(),
                    expect,
                    to,
                });
            }
        }
        if moves.is_empty() {
            return Ok(None);
        }
        let answer = read(remote.push(&moves, false, self.left), self.ledger);
        if answer.elsewhere.is_some() {
            return Ok(None);
        }
        let mut said = answer.failure.map(|failure| failure.message);
        for Move { name, to, .. } in moves {
            match (answer.outcomes.get(&name), to) {
                (Some(Outcome::Landed | Outcome::UpToDate), Some(tip)) => {
                    sweep.pushed.insert(name, tip);
                }
                (Some(Outcome::Landed | Outcome::UpToDate), None) => {
                    sweep.pushed.remove(&name);
                }
                (Some(Outcome::Refused { reason } | Outcome::Lost { reason }), _) => {
                    said.get_or_insert_with(|| reason.clone());
                }
                _ => {}
            }
        }
        Ok(said)
    }
}
