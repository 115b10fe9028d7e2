//! Health checks of the ledger, and their repairs.
//!
//! Owns [`Health`], the examination behind `doctor`, and every repair: a broken ref is set back to
//! the newest record that is left, here or in the tracking ref, or removed; damaged claims are
//! dropped; stale locks are cleared. What a repair replaces is kept in `<git>/presence/replaced`.
//! Never touches a ref that is not one of this program, never a record of a newer version.

use std::io::Read as _;

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::layout;
use crate::ledger::local::examine;
use crate::ledger::locks::repair::Put;
use crate::ledger::plain::{Access, open_without_waiting};
use crate::ledger::refs::RefError;
use crate::ledger::refs::RefValue;
use crate::ledger::remote::blockers::removal_here;
use crate::ledger::sessions::read::Stored;
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::finding::{Finding, Repaired, repairable};
use crate::model::text;
use crate::model::time::Timestamp;
use crate::model::unreadable::{Defect, UPGRADE, Unreadable};

const UNKNOWN: &str = "this version does not know refs of its kind";
/// Clocks differ a little; a difference of more seconds than this is reported.
const SKEW_SECS_MAX: u64 = 5 * 60;
/// The most ancestors of a broken tip among which a readable state of a session is searched.
const ANCESTORS_MAX: usize = 100;
/// How much of a broken ref is kept; a whole one has an object id and a line end.
const KEPT_BYTES_MAX: u64 = 64 * 1024;

/// The examination of the ledger, and its repair.
pub struct Health<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// Returns the examination of the ledger.
    pub fn health(&self) -> Health<'_> {
        Health { ledger: self }
    }
}

impl Health<'_> {
    /// Examines the cells. With `repair`, repairs those that are broken in this clone, in the name
    /// of `who`, and replaces those with an impossible token through `put`. Returns the findings.
    pub fn examine_locks(
        &self,
        clock: &dyn Clock,
        repair: bool,
        who: Option<&Actor>,
        put: Put<'_>,
    ) -> Vec<Finding> {
        self.ledger.examine_cells(clock, repair, who, put)
    }

    /// Examines everything but cells. With `repair`, repairs what can be repaired. Returns the
    /// findings; a check that fails is one of them.
    pub fn examine(&self, clock: &dyn Clock, repair: bool) -> Vec<Finding> {
        let mut findings = examine::examine(&self.ledger.folder, clock.now(), repair);
        // Locks first: a stale one would block the repairs that follow.
        self.ledger
            .examine_locks(clock.now(), repair, &mut findings);
        self.ledger.examine_lost(repair, &mut findings);
        self.ledger.examine_unfetched(repair, &mut findings);
        self.ledger.examine_archives(clock, repair, &mut findings);
        match self.ledger.refs_to_examine() {
            Ok((owned, all)) => {
                for (name, value) in owned {
                    self.ledger
                        .examine_session(clock, &name, &value, repair, &mut findings);
                }
                self.ledger.examine_copies(repair, &mut findings);
                for (name, _) in all {
                    if self.ledger.table.of(&name).is_none() {
                        findings.push(Finding::note(format!(
                            "{} is ignored: {UNKNOWN}",
                            text::name(&name)
                        )));
                    }
                }
            }
            Err(error) => {
                let advice = match &error {
                    RefError::Clash { with } => {
                        format!("if nothing needs it: {}", removal_here(with))
                    }
                    RefError::Failed(_) => {
                        format!("see what Git says: git for-each-ref {}", layout::ROOT)
                    }
                };
                findings.push(Finding::problem(error.to_string(), advice));
            }
        }
        findings
    }
}

type Refs = Vec<(String, RefValue)>;

impl Ledger {
    /// Returns the refs that sessions own, and all refs of the ledger.
    fn refs_to_examine(&self) -> Result<(Refs, Refs), RefError> {
        let mut owned = Vec::new();
        for namespace in self.table.owned() {
            owned.extend(self.refs.list(&namespace.prefix())?);
        }
        Ok((owned, self.refs.list(layout::ROOT)?))
    }

    /// Reports objects that Git has pruned beside a write, and that are left under a second name.
    fn examine_lost(&self, repair: bool, findings: &mut Vec<Finding>) {
        self.find_lost();
        let count = self.objects.lost();
        if count == 0 {
            return;
        }
        let what = format!("{count} objects of the board were pruned while they were written");
        let fix = || match self.objects.put_back() {
            Ok(count) => Ok(format!("{count} put back")),
            Err(error) => Err(error.to_string()),
        };
        let advice = "--repair puts them back; the next write of their session does so, too";
        findings.push(repairable(what, advice, repair, fix));
    }

    fn examine_session(
        &self,
        clock: &dyn Clock,
        name: &str,
        value: &RefValue,
        repair: bool,
        findings: &mut Vec<Finding>,
    ) {
        let stored = match self.stored(name, value) {
            Ok(None) => return,
            Ok(Some(stored)) => stored,
            Err(unreadable) => {
                let fix = || self.repair_session(clock, name, value);
                findings.push(unreadable_finding(&unreadable, repair, fix));
                return;
            }
        };
        let ahead = stored.session.seen_at.secs_since(clock.now());
        if ahead > SKEW_SECS_MAX {
            let who = text::name(name);
            let what = format!("{who} was seen {ahead} s in the future");
            findings.push(Finding::problem(
                what,
                "compare the clocks of the machines involved",
            ));
        }
        // One rewrite drops all damaged records of a session.
        let mut dropped: Option<Repaired> = None;
        for unreadable in &self.unreadable_in(name, &stored.tree.files) {
            let fix = || self.drop_damaged(clock, name, &stored);
            let fix = || dropped.get_or_insert_with(fix).clone();
            findings.push(unreadable_finding(unreadable, repair, fix));
        }
    }

    /// Sets a session ref back to the newest state that can be read, or removes it.
    fn repair_session(&self, clock: &dyn Clock, name: &str, value: &RefValue) -> Repaired {
        let ancestor = match value {
            RefValue::At(tip) => self.readable_ancestor(name, *tip),
            RefValue::Absent | RefValue::Broken(_) => None,
        };
        let lost = ancestor.is_none().then(|| self.newest_lost_tip(name));
        let copy = self.read_tracked(name).ok().and_then(|(_, copy)| copy.id());
        // The tracking ref is newer than an ancestor, unless the session was never pushed.
        let to = [ancestor, lost.flatten(), copy]
            .into_iter()
            .flatten()
            .filter_map(|id| Some((self.load(name, id).ok()?.session.seen_at, id)))
            .max_by_key(|(seen_at, _)| *seen_at)
            .map(|(_, id)| id);
        self.keep_replaced(clock, name, value)
            .map_err(|error| error.to_string())?;
        self.refs
            .repair(name, value, to)
            .map_err(|error| error.to_string())?;
        Ok(match to {
            Some(id) => format!("set back to {id}"),
            None => "removed: no readable state of it is left".to_owned(),
        })
    }

    fn readable_ancestor(&self, name: &str, tip: ObjectId) -> Option<ObjectId> {
        let mut next = self.objects.read_commit(tip).ok()?.parents.first().copied();
        for _ in 0..ANCESTORS_MAX {
            let id = next?;
            if self.load(name, id).is_ok() {
                return Some(id);
            }
            next = self.objects.read_commit(id).ok()?.parents.first().copied();
        }
        None
    }

    /// Returns the newest commit of a ref that a crash emptied: its commits are left as loose
    /// objects.
    fn newest_lost_tip(&self, name: &str) -> Option<ObjectId> {
        self.objects
            .loose_commits()
            .filter_map(|id| Some((self.load(name, id).ok()?.session.seen_at, id)))
            .max()
            .map(|(_, id)| id)
    }

    /// Saves what a repair is about to replace, below `<git>/presence/replaced`.
    pub(in crate::ledger) fn keep_replaced(
        &self,
        clock: &dyn Clock,
        name: &str,
        value: &RefValue,
    ) -> std::io::Result<()> {
        self.folder.ensure()?;
        let sharing = self.folder.sharing();
        let dir = self.folder.open()?.below(layout::REPLACED, sharing)?;
        let leaf = name.rsplit('/').next().unwrap_or(name);
        let to = format!("{leaf}-{}", clock.now().as_millis());
        let mut before = Vec::new();
        match value {
            RefValue::At(id) => before.extend_from_slice(format!("{id}\n").as_bytes()),
            RefValue::Absent | RefValue::Broken(_) => {
                let from = self.common_dir.join(name);
                if !from.is_file() {
                    return Ok(());
                }
                let file = open_without_waiting(&from)?;
                file.take(KEPT_BYTES_MAX).read_to_end(&mut before)?;
            }
        }
        let content = (Access::NewForAll, layout::UNFINISHED_PREFIX, &before[..]);
        dir.replace(&to, content, |_| Ok(()))
    }

    fn drop_damaged(&self, clock: &dyn Clock, name: &str, stored: &Stored) -> Repaired {
        self.keep_replaced(clock, name, &RefValue::At(stored.tree.tip))
            .map_err(|error| error.to_string())?;
        self.rewrite_without_damaged(clock, name, stored)
            .map_err(|error| error.to_string())?;
        Ok("dropped".to_owned())
    }

    fn examine_locks(&self, now: Timestamp, repair: bool, findings: &mut Vec<Finding>) {
        let writers = &self.writers;
        for path in writers.find_old_of_copies(now) {
            let what = format!("{} was left behind by a fetch", path.display());
            let fix = || match std::fs::remove_file(&path) {
                Ok(()) => Ok("removed".to_owned()),
                Err(error) => Err(error.to_string()),
            };
            findings.push(repairable(what, "--repair removes it", repair, fix));
        }
        for path in writers.find_old(now) {
            let what = format!(
                "{} was left behind by a process that is gone",
                path.display()
            );
            let fix = || match writers.clear(&path, now) {
                Ok(true) => Ok("removed".to_owned()),
                Ok(false) => Err("a process is writing; try again".to_owned()),
                Err(error) => Err(error.to_string()),
            };
            findings.push(repairable(what, "--repair removes it", repair, fix));
        }
    }
}

fn unreadable_finding(
    unreadable: &Unreadable,
    repair: bool,
    fix: impl FnOnce() -> Repaired,
) -> Finding {
    match &unreadable.defect {
        Defect::Newer { .. } => Finding {
            advice: Some(UPGRADE.to_owned()),
            ..Finding::note(unreadable.to_string())
        },
        Defect::BrokenRef { .. } | Defect::Dangling { .. } => repairable(
            unreadable.to_string(),
            "--repair sets it back to the newest state that is left; git gc and git fetch may \
             fail until then",
            repair,
            fix,
        ),
        _ => repairable(
            unreadable.to_string(),
            "--repair drops it and keeps a note of it",
            repair,
            fix,
        ),
    }
}
