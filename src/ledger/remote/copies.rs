//! Copies of a remote's refs that are damaged here.
//!
//! Owns how such a copy is found and dropped, so that it is fetched again, and what `doctor` says
//! of copies that cannot be read. A copy holds nothing that the remote does not have. Never
//! touches a session of ours, never the remote.

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::refs::RefValue;
use crate::ledger::refs::tips::Tips;
use crate::ledger::store::Ledger;
use crate::model::finding::{Finding, Severity};
use crate::model::time::Timestamp;
use crate::model::unreadable::{Defect, Unreadable};

/// What stands in the tracking refs.
#[derive(Debug, Default)]
pub struct Copies {
    pub tips: Tips,
    /// Refs of the remote whose copy is of no use: it is broken, or objects of it are missing.
    pub damaged: Vec<String>,
}

/// How closely copies are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrutiny {
    /// Whether the commits are there.
    Tips,
    /// Whether every record is.
    Records,
}

/// The copies of the refs of a remote.
pub struct TrackingCopies<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// The copies of the refs of the remote that is followed.
    pub fn copies(&self) -> TrackingCopies<'_> {
        TrackingCopies { ledger: self }
    }
}

impl TrackingCopies<'_> {
    /// Read the tracking refs. In a partial clone the user's own fetch brings commits without
    /// their records, so there each record is looked for.
    pub fn read(&self, scrutiny: Scrutiny) -> Result<Copies, LedgerError> {
        let deeply = scrutiny == Scrutiny::Records || self.ledger.is_partial;
        let mut copies = Copies::default();
        for (name, value) in self.ledger.tracked_below(layout::ROOT)? {
            let is_whole = match &value {
                RefValue::At(tip) if deeply => self.ledger.is_whole(*tip),
                RefValue::At(tip) => self.ledger.objects.has(*tip),
                RefValue::Absent | RefValue::Broken(_) => false,
            };
            match value {
                RefValue::At(tip) if is_whole => {
                    copies.tips.insert(name, tip);
                }
                _ => copies.damaged.push(name),
            }
        }
        Ok(copies)
    }

    /// Whether an object is here.
    pub fn has_object(&self, tip: gix::ObjectId) -> bool {
        self.ledger.objects.has(tip)
    }

    /// Remove copies. They are there again after the next fetch.
    pub fn drop(&self, names: &[String]) -> Result<(), LedgerError> {
        for name in names {
            let (at, value) = self.ledger.read_tracked(name)?;
            if value != RefValue::Absent {
                self.ledger.refs.mend(&at, &value, None)?;
            }
        }
        Ok(())
    }

    /// Remove locks of tracking refs that a fetch left behind; whether there were any. Only for
    /// whoever holds the lock for talking to a remote.
    pub fn clear_stale_locks(&self, now: Timestamp) -> bool {
        let mut any = false;
        for lock in self.ledger.writers.find_old_of_copies(now) {
            any |= std::fs::remove_file(lock).is_ok();
        }
        any
    }
}

impl Ledger {
    /// What `doctor` has to say of the copies.
    pub(in crate::ledger) fn examine_copies(&self, repair: bool, findings: &mut Vec<Finding>) {
        for namespace in self.table.owned() {
            match self.tracked_below(&namespace.prefix()) {
                Ok(copies) => self.examine_copies_of(copies, repair, findings),
                Err(error) => findings.push(Finding::problem(error.to_string(), SEE_GIT)),
            }
        }
    }

    fn examine_copies_of(
        &self,
        copies: Vec<(String, RefValue)>,
        repair: bool,
        findings: &mut Vec<Finding>,
    ) {
        for (name, value) in copies {
            let at = self.tracking_name(&name);
            match self.stored(&at, &value) {
                Ok(None) => {}
                Ok(Some(stored)) => {
                    let unreadable = self.unreadable_in(&at, &stored.tree.files);
                    findings.extend(unreadable.iter().map(of_another_clone));
                }
                Err(unreadable) => {
                    findings.push(self.examine_copy(&name, &unreadable, repair));
                }
            }
        }
    }

    pub(in crate::ledger) fn examine_copy(
        &self,
        name: &str,
        unreadable: &Unreadable,
        repair: bool,
    ) -> Finding {
        let is_here = matches!(
            unreadable.defect,
            Defect::BrokenRef { .. } | Defect::Dangling { .. }
        );
        if !is_here {
            return of_another_clone(unreadable);
        }
        let drop = || {
            let dropped = self.copies().drop(&[name.to_owned()]);
            dropped
                .map(|()| "removed; git presence sync brings it again".to_owned())
                .map_err(|error| error.to_string())
        };
        Finding {
            repairable: true,
            repaired: repair.then(drop),
            ..Finding::problem(
                unreadable.to_string(),
                "--repair removes this copy, and a sync brings it again",
            )
        }
    }
}

const SEE_GIT: &str = "see what Git says: git for-each-ref";

/// Only the clone that wrote it may write it again.
fn of_another_clone(unreadable: &Unreadable) -> Finding {
    let advice = match &unreadable.defect {
        Defect::Newer { .. } => "upgrade git-presence to see it",
        _ => {
            "it is so on the remote: its clone has to write it anew, or somebody removes it there: \
             git push <remote> --delete <ref>"
        }
    };
    Finding {
        severity: match unreadable.defect {
            Defect::Newer { .. } => Severity::Note,
            _ => Severity::Problem,
        },
        ..Finding::problem(unreadable.to_string(), advice)
    }
}
