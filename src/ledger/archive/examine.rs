//! Examination of archives, and their repair.
//!
//! Owns what `doctor` finds in archives: one that cannot be read takes no history, so that what
//! ended in its month stays on the board, and `log` shows nothing of it. What a repair replaces is
//! kept in `<git>/presence/replaced`. Never drops what can be read.

use gix::ObjectId;

use super::{Archives, archive_message};
use crate::clock::Clock;
use crate::ledger::layout;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::refs::RefValue;
use crate::ledger::store::Ledger;
use crate::model::finding::{Finding, Repaired, repairable};
use crate::model::month::Month;
use crate::model::text;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

const OF_A_REF: &str = "its histories are not shown, and what ended in its month stays on the \
                        board; --repair sets it back to the newest state that is left, or begins \
                        it anew";
const OF_A_FILE: &str =
    "its histories are not shown; --repair leaves it out, and notes where it was";

impl Archives<'_> {
    /// Returns the archives that cannot be read, each with the reason.
    pub fn unreadable(&self) -> Vec<String> {
        let all = self.ledger.refs.list(layout::ARCHIVE).unwrap_or_default();
        let unreadable = all.iter().filter_map(|(name, value)| {
            let defect = self.ledger.archive_at(name, value).err()?;
            Some(defect.to_string())
        });
        unreadable.collect()
    }
}

impl Ledger {
    /// Adds the findings about archives. With `repair`, repairs them.
    pub(in crate::ledger) fn examine_archives(
        &self,
        clock: &dyn Clock,
        repair: bool,
        findings: &mut Vec<Finding>,
    ) {
        for (name, value) in self.refs.list(layout::ARCHIVE).unwrap_or_default() {
            let files = match self.archive_at(&name, &value) {
                Ok(files) => files,
                Err(unreadable) => {
                    let what = unreadable.to_string();
                    findings.push(repairable(what, OF_A_REF, repair, || {
                        self.set_archive(clock, &name, &value, self.lost_archive(&name))
                    }));
                    continue;
                }
            };
            let RefValue::At(tip) = value else { continue };
            let defects = |file: &TreeFile| Some((file.name.clone(), self.day(file).err()?));
            let damaged: Vec<_> = files.iter().filter_map(defects).collect();
            let Some((file, why)) = damaged.first() else {
                continue;
            };
            let (name_shown, file) = (text::name(&name), text::name(file));
            let what = format!(
                "{} of {} files in {name_shown} cannot be read; {file}: {why}",
                damaged.len(),
                files.len(),
            );
            let is_read = |file: &&TreeFile| !damaged.iter().any(|(known, _)| *known == file.name);
            findings.push(repairable(what, OF_A_FILE, repair, || {
                let left: Vec<TreeFile> = files.iter().filter(is_read).cloned().collect();
                let month = month_of(&name).ok_or("it is of no month")?;
                let commit = self.archive_of(clock, month, left);
                let commit = commit.map_err(|error| error.to_string())?;
                self.set_archive(clock, &name, &RefValue::At(tip), Some(commit))
            }));
        }
    }

    /// Returns the files of an archive.
    fn archive_at(&self, name: &str, value: &RefValue) -> Result<Vec<TreeFile>, Unreadable> {
        let read = match value {
            RefValue::Absent => Ok(Vec::new()),
            RefValue::At(tip) => self.tree(*tip).map(|tree| tree.files),
            RefValue::Broken(detail) => {
                let detail = detail.clone();
                Err(Defect::BrokenRef { detail })
            }
        };
        read.map_err(|defect| Unreadable::new(name, defect, MayHold::Anything))
    }

    /// Returns the newest state of an archive that a crash or damage left without a ref. States
    /// have no parents, and are known by their message.
    fn lost_archive(&self, name: &str) -> Option<ObjectId> {
        let message = archive_message(month_of(name)?);
        let seconds = |id: ObjectId| {
            let tree = self.tree(id).ok()?;
            let is_read = tree.files.iter().all(|file| self.day(file).is_ok());
            (tree.commit.message == message && is_read).then_some((
                tree.commit.seconds,
                tree.files.len(),
                id,
            ))
        };
        let lost = self.objects.loose_commits().filter_map(seconds).max();
        lost.map(|(.., id)| id)
    }

    fn set_archive(
        &self,
        clock: &dyn Clock,
        name: &str,
        value: &RefValue,
        to: Option<ObjectId>,
    ) -> Repaired {
        self.keep_replaced(clock, name, value)
            .map_err(|error| error.to_string())?;
        self.refs
            .repair(name, value, to)
            .map_err(|error| error.to_string())?;
        Ok(match to {
            Some(id) => format!("set to {id}"),
            None => "removed: no state of it is left".to_owned(),
        })
    }
}

fn month_of(name: &str) -> Option<Month> {
    layout::archive_month(name).and_then(Month::parse)
}
