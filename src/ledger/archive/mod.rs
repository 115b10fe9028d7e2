//! Archives: the histories of sessions that left the board, and of lock registers.
//!
//! Owns `refs/presence-archive/<node>/<month>`, outside the refs of the board, so that no fetch of
//! the board brings them. Each ref names one commit without parents, whose tree has a file for each
//! day on which sessions ended; the histories are in the files, and so the commits of the sessions
//! can go. Never removes a session, never contacts a remote.

pub(in crate::ledger) mod examine;
pub(in crate::ledger) mod record;

use std::collections::BTreeMap;

use gix::ObjectId;

use self::record::{Day, Past, PastEvent};
use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::history::commit_of;
use crate::ledger::layout;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::event;
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::store::Ledger;
use crate::model::event::{Entry, Event};
use crate::model::id::NodeId;
use crate::model::month::{Month, day};
use crate::model::time::Timestamp;
use crate::model::unreadable::Defect;

/// How many months an archive is kept besides the present one.
const MONTHS_MAX: i32 = 13;
/// The most bytes of one file.
const DAY_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// A file that has so many bytes gets no more histories: the next ones begin another file.
const DAY_BYTES_FULL: usize = 4 * 1024 * 1024;
/// The most bytes of messages of one history that are kept: the newest. Other clones write them.
const PAST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A longer message is written again from what is read of it, as is one with control characters,
/// which take several bytes each in a file.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;
/// How often an archive is written again because another process moved its ref.
const ROUNDS_MAX: u32 = 16;
/// The most files of one day.
const FILES_MAX: u32 = 1_000;
/// The most files of one day that cannot be read before no more is added.
const DAMAGED_MAX: u32 = 8;
/// The most commits of one history that are read.
const COMMITS_MAX: usize = 200_000;

/// An archive that is in this repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The name of its ref.
    pub name: String,
    /// The month in which its sessions ended.
    pub month: Month,
    /// Its commit.
    pub tip: ObjectId,
    /// Whether this clone writes it.
    pub is_own: bool,
}

/// A session whose history goes into an archive, or a lock register.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// The session id, or the name of the register.
    pub id: String,
    /// Its last commit.
    pub tip: ObjectId,
    /// Its last heartbeat or move.
    pub seen_at: Timestamp,
}

/// The months whose archives take no history.
#[derive(Debug, Default)]
pub struct Unarchived {
    /// Each with the reason.
    pub months: Vec<(Month, String)>,
}

impl Unarchived {
    /// Returns true if the history of `one` is not in an archive.
    pub fn has(&self, one: &Leaving, now: Timestamp) -> bool {
        let month = Month::of(one.seen_at.min(now));
        self.months.iter().any(|(known, _)| *known == month)
    }
}

/// The archives in this repository.
pub struct Archives<'l> {
    ledger: &'l Ledger,
}

impl Ledger {
    /// Returns access to the archives.
    pub fn archives(&self) -> Archives<'_> {
        Archives { ledger: self }
    }
}

impl Archives<'_> {
    /// Returns the archives, the newest month first. Fails if refs cannot be listed.
    pub fn list(&self) -> Result<Vec<Archive>, LedgerError> {
        let own = self.ledger.node().map(layout::archive_folder);
        let mut all = Vec::new();
        for (name, value) in self.ledger.refs.list(layout::ARCHIVE)? {
            let month = layout::archive_month(&name).and_then(Month::parse);
            if let (Some(month), RefValue::At(tip)) = (month, value) {
                let is_own = own.as_deref().is_some_and(|own| name.starts_with(own));
                all.push(Archive {
                    name,
                    month,
                    tip,
                    is_own,
                });
            }
        }
        all.sort_by_key(|archive| std::cmp::Reverse(archive.month));
        Ok(all)
    }

    /// Adds the histories of `leaving` to the archives of this clone; one that is there already is
    /// added once. They are durable when this returns, except those of months whose archive cannot
    /// be read. Fails if an archive cannot be written.
    pub fn add(&self, clock: &dyn Clock, leaving: &[Leaving]) -> Result<Unarchived, LedgerError> {
        let node = self.ledger.ensure_node(clock)?;
        let mut months: BTreeMap<Month, BTreeMap<u32, Vec<Past>>> = BTreeMap::new();
        for session in leaving {
            let ended_at = session.seen_at.min(clock.now());
            let days = months.entry(Month::of(ended_at)).or_default();
            let past = self.ledger.past_of(session);
            days.entry(day(ended_at)).or_default().push(past);
        }
        let mut unarchived = Unarchived::default();
        for (month, days) in &months {
            match self.add_to(clock, node, *month, days) {
                Err(LedgerError::Unreadable(unreadable)) => {
                    let why = (*month, unreadable.to_string());
                    unarchived.months.push(why);
                }
                done => done?,
            }
        }
        Ok(unarchived)
    }

    fn add_to(
        &self,
        clock: &dyn Clock,
        node: NodeId,
        month: Month,
        days: &BTreeMap<u32, Vec<Past>>,
    ) -> Result<(), LedgerError> {
        let name = layout::archive_ref(node, &month.to_string());
        for _ in 0..ROUNDS_MAX {
            let found = self.ledger.refs.read(&name)?;
            if let RefValue::Broken(detail) = found {
                return Err(LedgerError::unreadable(&name, Defect::BrokenRef { detail }));
            }
            let files = found.id().map(|tip| self.ledger.archived_files(&name, tip));
            let files = files.transpose()?.unwrap_or_default();
            let Some(commit) = self.ledger.archive_with(clock, month, files, days)? else {
                return Ok(());
            };
            // `is_locked` removes a lock whose process has ended.
            if self.ledger.refs.is_locked(&name, clock.now()) {
                return Err(SwapError::Busy(format!("{name}.lock")).into());
            }
            match self.ledger.refs.swap(&name, found.id(), commit) {
                Err(SwapError::Lost(_)) => {}
                done => return Ok(done?),
            }
        }
        Err(SwapError::Lost(name).into())
    }

    /// Removes the archives that are older than 13 months. Returns their names.
    pub fn drop_old(&self, now: Timestamp) -> Result<Vec<String>, LedgerError> {
        let mut dropped = Vec::new();
        for archive in self.old(now)? {
            let found = RefValue::At(archive.tip);
            match self.ledger.refs.repair(&archive.name, &found, None) {
                Err(SwapError::Lost(_) | SwapError::Busy(_)) => {}
                done => {
                    done?;
                    dropped.push(archive.name);
                }
            }
        }
        Ok(dropped)
    }

    /// Returns the archives that are older than 13 months.
    pub fn old(&self, now: Timestamp) -> Result<Vec<Archive>, LedgerError> {
        let now = Month::of(now);
        let mut old = self.list()?;
        old.retain(|archive| now.since(archive.month) > MONTHS_MAX);
        Ok(old)
    }
}

impl Ledger {
    /// Appends those archived events that `wanted` accepts and that may be among the newest
    /// `count`, of which `all` has the others, newest first.
    pub(in crate::ledger) fn archived_events(
        &self,
        (count, since): (usize, Option<Timestamp>),
        wanted: &dyn Fn(&Event) -> bool,
        all: &mut Vec<Entry>,
    ) -> Result<(), LedgerError> {
        let oldest_shown = all.get(count.saturating_sub(1)).map(|entry| entry.at);
        let from = oldest_shown.max(since).map(Month::of);
        for archive in self.archives().list()? {
            // All sessions of an archive ended in its month: no event of it is later.
            if from.is_some_and(|from| archive.month < from) {
                break;
            }
            for file in self
                .archived_files(&archive.name, archive.tip)
                .unwrap_or_default()
            {
                let Ok(day) = self.day(&file) else { continue };
                let events = day.sessions.into_iter().flat_map(|past| past.events);
                all.extend(events.filter_map(entry).filter(|entry| {
                    since.is_none_or(|since| entry.at >= since) && wanted(&entry.event)
                }));
            }
        }
        Ok(())
    }

    /// Writes the commit of an archive with the files as they were and the histories in `days`;
    /// `None` if it has them all. Nothing names the commit yet.
    fn archive_with(
        &self,
        clock: &dyn Clock,
        month: Month,
        mut files: Vec<TreeFile>,
        days: &BTreeMap<u32, Vec<Past>>,
    ) -> Result<Option<ObjectId>, LedgerError> {
        let mut batch = self.objects.begin();
        let mut is_new = false;
        for (number, pasts) in days {
            let mut left = pasts.as_slice();
            while !left.is_empty() {
                let (name, mut day) = self.open_day(&files, *number)?;
                let mut size = day.size();
                let fits = |past: &&Past| {
                    let fits = size < DAY_BYTES_FULL;
                    size += past.size();
                    fits
                };
                let (now, later) = left.split_at(left.iter().take_while(fits).count());
                left = later;
                let added = now.iter().filter(|past| day.add((*past).clone())).count();
                if added == 0 {
                    continue;
                }
                is_new = true;
                let bytes = day.write().map_err(|d| LedgerError::unreadable(&name, d))?;
                let id = batch.blob(&bytes)?;
                files.retain(|file| file.name != name);
                files.push(TreeFile { name, id });
            }
        }
        if !is_new {
            return Ok(None);
        }
        let tree = batch.tree(files)?;
        let commit = batch.commit(tree, archive_text(clock, month))?;
        batch.publish()?;
        Ok(Some(commit))
    }

    /// Writes the commit of an archive with these files alone. Nothing names the commit yet.
    fn archive_of(
        &self,
        clock: &dyn Clock,
        month: Month,
        files: Vec<TreeFile>,
    ) -> Result<ObjectId, LedgerError> {
        let mut batch = self.objects.begin();
        let tree = batch.tree(files)?;
        let commit = batch.commit(tree, archive_text(clock, month))?;
        batch.publish()?;
        Ok(commit)
    }

    /// Returns the file to which histories of a day are added, and its content. One that is full or
    /// cannot be read stays as it is: another one is begun beside it.
    fn open_day(&self, files: &[TreeFile], number: u32) -> Result<(String, Day), LedgerError> {
        let mut damaged = Vec::new();
        for attempt in 0..FILES_MAX {
            let name = layout::archive_file(number, attempt);
            let Some(file) = files.iter().find(|file| file.name == name) else {
                return Ok((name, Day::default()));
            };
            match self.day(file) {
                Ok(day) if day.size() < DAY_BYTES_FULL => return Ok((name, day)),
                Ok(_) => {}
                Err(error) => damaged.push(error),
            }
            if damaged.len() >= DAMAGED_MAX as usize {
                break;
            }
        }
        let why = damaged.pop();
        Err(why.unwrap_or_else(|| SwapError::Lost(layout::ARCHIVE.to_owned()).into()))
    }

    pub(in crate::ledger) fn day(&self, file: &TreeFile) -> Result<Day, LedgerError> {
        let unreadable = |defect| LedgerError::unreadable(&file.name, defect);
        let bytes = self.blob(file.id, DAY_BYTES_MAX).map_err(unreadable)?;
        Day::read(&bytes).map_err(unreadable)
    }

    pub(in crate::ledger) fn archived_files(
        &self,
        name: &str,
        tip: ObjectId,
    ) -> Result<Vec<TreeFile>, LedgerError> {
        let tree = self.tree(tip);
        tree.map(|tree| tree.files)
            .map_err(|defect| LedgerError::unreadable(name, defect))
    }

    /// Returns the history of a session without its heartbeats, newest first.
    fn past_of(&self, session: &Leaving) -> Past {
        let mut events = Vec::new();
        let mut room = PAST_BYTES_MAX;
        let mut next = Some(session.tip);
        for _ in 0..COMMITS_MAX {
            let Some(id) = next else { break };
            // A history that was cut off (a shallow clone, a lost object) ends there.
            let Ok(commit) = self.objects.read_commit(id) else {
                break;
            };
            if !event::is_heartbeat(&commit.message) {
                let message = bounded(commit.message, commit.seconds);
                match room.checked_sub(message.len()) {
                    Some(rest) => room = rest,
                    None => break,
                }
                events.push(PastEvent {
                    commit: commit_of(&message, id),
                    seconds: commit.seconds,
                    message,
                });
            }
            next = commit.parents.first().copied();
        }
        Past {
            id: session.id.clone(),
            tip: session.tip.to_string(),
            events,
        }
    }
}

/// Returns the message of each state of an archive.
fn archive_message(month: Month) -> String {
    format!("archive of the sessions that ended in {month}\n")
}

fn archive_text(clock: &dyn Clock, month: Month) -> CommitWrite {
    CommitWrite {
        parents: Vec::new(),
        author_name: "git presence".to_owned(),
        author_email: String::new(),
        seconds: clock.now().as_millis().div_euclid(1000),
        message: archive_message(month),
    }
}

/// Returns a message as it is, or what is read of one that no version of this program wrote.
fn bounded(message: String, seconds: i64) -> String {
    let is_plain = !message.contains(|c: char| c.is_control() && c != '\n' && c != '\t');
    if is_plain && message.len() <= MESSAGE_BYTES_MAX {
        return message;
    }
    let committed_at = Timestamp::from_millis(seconds.saturating_mul(1000));
    match event::read(&message, committed_at) {
        Some((event, at)) => event::write_bounded(&event, at, &message),
        None => String::new(),
    }
}

/// Returns an event of an archived history; `None` if its message records none.
pub(in crate::ledger) fn entry(past: PastEvent) -> Option<Entry> {
    let committed_at = Timestamp::from_millis(past.seconds.saturating_mul(1000));
    let (event, at) = event::read(&past.message, committed_at)?;
    Some(Entry {
        at,
        commit: past.commit,
        ref_name: None,
        event,
    })
}
