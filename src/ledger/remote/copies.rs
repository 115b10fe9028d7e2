//! Damaged tracking refs of this clone.
//!
//! Owns [`TrackingCopies`]: how a damaged tracking ref is found and removed, so that it is fetched
//! again, and what `doctor` reports of unreadable ones. The remote has all that a tracking ref
//! names. Never changes a session of this clone, never contacts the remote.

use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::refs::RefValue;
use crate::ledger::refs::tips::Tips;
use crate::ledger::store::Ledger;
use crate::model::finding::{Finding, Severity};
use crate::model::unreadable::{Defect, UPGRADE, Unreadable};

/// The tracking refs of a remote, as read.
#[derive(Debug, Default)]
pub struct Copies {
    /// The tips of the intact ones, by their names at the remote.
    pub tips: Tips,
    /// The names at the remote of those that are broken or lack objects.
    pub damaged: Vec<String>,
}

/// How closely tracking refs are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrutiny {
    /// Checks that the commits exist.
    Tips,
    /// Checks that every record exists.
    Records,
}

/// The tracking refs of a remote, to check and to remove.
pub struct TrackingCopies<'l> {
    pub(in crate::ledger) ledger: &'l Ledger,
}

impl Ledger {
    /// Returns access to the tracking refs of the followed remote.
    pub fn copies(&self) -> TrackingCopies<'_> {
        TrackingCopies { ledger: self }
    }
}

impl TrackingCopies<'_> {
    /// Reads and checks the tracking refs. Fails if they cannot be listed.
    ///
    /// In a partial clone the user's own `git fetch` brings commits without their records, so
    /// there each record is checked.
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

    /// Whether this repository has the object `tip`.
    pub fn has_object(&self, tip: gix::ObjectId) -> bool {
        self.ledger.objects.has(tip)
    }

    /// Removes tracking refs, by their names at the remote; the next fetch makes them again. Until
    /// then what they hold is not known.
    ///
    /// Fails if a ref is locked or was moved meanwhile.
    pub fn drop(&self, names: &[String]) -> Result<(), LedgerError> {
        let mut copies = Vec::new();
        for name in names {
            let (_, value) = self.ledger.read_tracked(name)?;
            if value != RefValue::Absent {
                copies.push((name.clone(), value));
            }
        }
        self.ledger.lose_copies(&copies)?;
        for (name, value) in &copies {
            let at = self.ledger.tracking_name(name);
            self.ledger.refs.repair(&at, value, None)?;
        }
        Ok(())
    }
}

impl Ledger {
    /// Appends the findings of `doctor` about the tracking refs of sessions.
    ///
    /// With `repair`, removes those that are damaged in this clone.
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
                    let mut unreadable = self.unreadable_in(&at, &stored.tree.files);
                    let found =
                        |one: &Unreadable| unreadable.iter().any(|two| two.place == one.place);
                    let (_, judged): (Vec<_>, Vec<_>) =
                        stored.unreadable.into_iter().partition(found);
                    unreadable.extend(judged);
                    findings.extend(unreadable.iter().map(of_another_clone));
                }
                Err(unreadable) => {
                    findings.push(self.examine_copy(&name, &unreadable, repair));
                }
            }
        }
    }

    /// Returns the finding about one unreadable tracking ref; with `repair`, removes it if the
    /// defect is in this clone.
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

/// Returns the finding about a record that only the clone that wrote it may write again.
fn of_another_clone(unreadable: &Unreadable) -> Finding {
    let advice = match &unreadable.defect {
        Defect::Newer { .. } => UPGRADE,
        _ => {
            "the remote has it so: wait until its clone writes it again, or remove it there: \
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
