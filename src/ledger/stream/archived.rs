//! What is new in the archives, and which histories went there.
//!
//! Owns what a reader that did not look for a while is shown of sessions that left the board
//! meanwhile ([`Missed`]). Never reads an archive twice that did not change.

use std::collections::{BTreeMap, HashSet};

use gix::ObjectId;

use crate::ledger::archive::record::Past;
use crate::ledger::archive::{Archive, entry};
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::position::Shown;
use crate::ledger::store::Ledger;
use crate::model::event::Entry;
use crate::model::month::Month;
use crate::model::stream::is_news;
use crate::model::time::Timestamp;

/// What is looked for.
pub(super) struct Missed<'m> {
    /// The commits that the reader knows.
    pub(super) known: &'m HashSet<ObjectId>,
    /// When it looked last: of a history that it does not know, what happened since is new.
    pub(super) since: Timestamp,
    /// Whether a history is not where it was, so that it may be in an archive that did not change.
    pub(super) must_find: bool,
}

/// What was found.
pub(super) struct Archived {
    /// What is new, each history oldest first.
    pub(super) histories: Vec<Vec<Entry>>,
    /// The known commits that were met.
    pub(super) met: HashSet<ObjectId>,
    /// The histories of which something is new, each with its newest commits: they are shown here
    /// and not at a ref, and an archive that changes is read again.
    pub(super) shown: Vec<(String, Shown)>,
    /// The archives that are here.
    pub(super) tips: BTreeMap<String, ObjectId>,
}

impl Ledger {
    /// Returns the newest commits of the archives that are here.
    pub(super) fn archive_tips(&self) -> Result<BTreeMap<String, ObjectId>, LedgerError> {
        let archives = self.archives().list()?.into_iter();
        Ok(archives
            .map(|archive| (archive.name, archive.tip))
            .collect())
    }

    /// Looks at the archives that are not as `before`.
    pub(super) fn archived_since(
        &self,
        missed: &Missed<'_>,
        before: &BTreeMap<String, ObjectId>,
    ) -> Result<Archived, LedgerError> {
        let mut found = Archived {
            histories: Vec::new(),
            met: HashSet::new(),
            shown: Vec::new(),
            tips: BTreeMap::new(),
        };
        // All sessions of an archive ended in its month: no event of it is later.
        let from = Month::of(missed.since);
        for archive in self.archives().list()? {
            let has_changed = before.get(&archive.name) != Some(&archive.tip);
            let may_have = archive.month >= from || missed.must_find;
            if may_have && (has_changed || missed.must_find) {
                self.look_into(&archive, missed, &mut found);
            }
            found.tips.insert(archive.name, archive.tip);
        }
        Ok(found)
    }

    /// Returns the histories in an archive that can be read.
    pub(super) fn archived_pasts(&self, archive: &Archive) -> Vec<Past> {
        let files = self.archived_files(&archive.name, archive.tip);
        let files = files.unwrap_or_default().into_iter();
        let days = files.filter_map(|file| self.day(&file).ok());
        days.flat_map(|day| day.sessions).collect()
    }

    fn look_into(&self, archive: &Archive, missed: &Missed<'_>, found: &mut Archived) {
        for past in self.archived_pasts(archive) {
            let mut history = Vec::new();
            let mut has_met = false;
            for event in past.events {
                let id = ObjectId::from_hex(event.commit.as_bytes()).ok();
                if let Some(id) = id.filter(|id| missed.known.contains(id)) {
                    found.met.insert(id);
                    has_met = true;
                    break;
                }
                history.extend(entry(event).filter(|entry| is_news(&entry.event.kind)));
            }
            // The last commit may be a heartbeat, which is no event.
            let tip = ObjectId::from_hex(past.tip.as_bytes()).ok();
            if let Some(tip) = tip.filter(|tip| missed.known.contains(tip)) {
                found.met.insert(tip);
                continue;
            }
            if !has_met {
                history.retain(|entry| entry.at > missed.since);
            }
            let newest = history.first().map(|entry| (entry.at, &entry.commit));
            if let Some((at, commit)) = newest {
                let newest = ObjectId::from_hex(commit.as_bytes()).ok();
                let shown = Shown {
                    known: tip.into_iter().chain(newest).collect(),
                    at,
                    is_gone: true,
                };
                found
                    .shown
                    .push((format!("{}{}", layout::ARCHIVE, past.tip), shown));
            }
            history.reverse();
            found.histories.push(history);
        }
    }
}
