//! The archives of a fold.
//!
//! Owns that histories are in an archive before their refs go, and the push of the archives of this
//! clone. Never removes a ref of the board.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::read;
use super::fold::Fold;
use crate::git::porcelain::Outcome;
use crate::git::remote::{Move, Remote};
use crate::ledger::{Leaving, LedgerError, Sweep};

impl Fold<'_> {
    pub(super) fn archive<'l>(
        &self,
        leaving: impl Iterator<Item = &'l Leaving>,
    ) -> Result<(), LedgerError> {
        if !self.archives {
            return Ok(());
        }
        let leaving: Vec<Leaving> = leaving.cloned().collect();
        self.ledger.archives().add(self.clock, &leaving)
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
