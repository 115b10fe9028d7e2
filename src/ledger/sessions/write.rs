//! A session on its way to its ref.
//!
//! Owns which tree entries a step rewrites and which it carries over, the text of its commit, and
//! the one swap at the end. Never decides what the step is, never tries twice.

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::objects::read::{ObjectError, TreeFile};
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::claim::{self, ClaimRecord};
use crate::ledger::records::event;
use crate::ledger::records::session::{self, SessionRecord};
use crate::ledger::refs::SwapError;
use crate::ledger::sessions::read::{Stored, dangling};
use crate::ledger::store::Ledger;
use crate::model::event::{Event, EventKind};
use crate::model::session::Step;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

impl Ledger {
    pub(in crate::ledger) fn write(
        &self,
        clock: &dyn Clock,
        name: &str,
        before: Option<&Stored>,
        expected: Option<ObjectId>,
        step: &Step,
    ) -> Result<(), LedgerError> {
        let session = &step.session;
        let mut batch = self.objects.begin();
        let session_record = SessionRecord {
            who: session.who.clone(),
            seen_at: session.seen_at,
            ttl: session.ttl,
            rest: before.map(|b| b.rest.clone()).unwrap_or_default(),
        };
        let mut files = vec![TreeFile {
            name: layout::SESSION_ENTRY.to_owned(),
            id: batch.blob(&session::write_session(&session_record))?,
        }];
        for claim in &session.claims {
            let entry = layout::claim_entry(&claim.resource);
            let known = before.and_then(|b| b.claims.iter().find(|c| c.file.name == entry));
            let id = match known {
                Some(known) if known.record.claim == *claim => known.file.id,
                _ => batch.blob(&claim::write_claim(&ClaimRecord {
                    claim: claim.clone(),
                    rest: known.map(|k| k.record.rest.clone()).unwrap_or_default(),
                }))?,
            };
            files.push(TreeFile { name: entry, id });
        }
        let carried = before.map_or(&[][..], |b| &b.carried);
        for file in carried {
            if files.iter().any(|written| written.name == file.name) {
                self.may_replace(name, file)?;
            } else {
                files.push(file.clone());
            }
        }
        let tree = batch.tree(files)?;
        let commit = batch.commit(tree, self.commit_text(clock, before, step))?;
        batch.publish()?;
        // Nobody renames this clone while somebody writes: then the name is still the right one.
        let lock = || format!("{}/{}", layout::FOLDER, layout::WRITERS_LOCK);
        let busy = || SwapError::Busy(lock());
        let _writing = self.writers.enter().ok_or_else(busy)?;
        if self.node().is_some_and(|node| node != session.who.node) {
            return Err(SwapError::Lost(name.to_owned()).into());
        }
        Ok(self.refs.swap(name, expected, commit)?)
    }

    /// A damaged record may be replaced by the claim that it stood for; a newer one never.
    fn may_replace(&self, name: &str, file: &TreeFile) -> Result<(), LedgerError> {
        let read = self.claim(file);
        match read {
            Err(defect @ Defect::Newer { .. }) => {
                let place = format!("{name}: {}", file.name);
                let unreadable = Unreadable::new(&place, defect, MayHold::Anything);
                Err(LedgerError::Unreadable(unreadable))
            }
            _ => Ok(()),
        }
    }

    /// Write the session again without its damaged claims. Not a sign of life: the session's own
    /// record stays as it is, and so do records of a newer version.
    pub(in crate::ledger) fn rewrite_without_damaged(
        &self,
        clock: &dyn Clock,
        name: &str,
        stored: &Stored,
    ) -> Result<(), LedgerError> {
        let newer = |file: &TreeFile| {
            layout::claim_key(&file.name).is_none()
                || matches!(self.claim(file), Err(Defect::Newer { .. }))
        };
        let mut files = self
            .objects
            .read_tree(stored.commit.tree)
            .map_err(|error| self.unreadable_tree(name, error))?;
        files.retain(|file| {
            let carried = stored.carried.iter().any(|other| other.name == file.name);
            !carried || newer(file)
        });
        let event = Event {
            session: stored.session.who.id.clone(),
            resources: Vec::new(),
            expired: Vec::new(),
            kind: EventKind::Repaired { token: None },
        };
        let step = Step {
            session: stored.session.clone(),
            event,
        };
        let mut batch = self.objects.begin();
        let tree = batch.tree(files)?;
        let commit = batch.commit(tree, self.commit_text(clock, Some(stored), &step))?;
        batch.publish()?;
        Ok(self.refs.swap(name, Some(stored.tip), commit)?)
    }

    fn unreadable_tree(&self, name: &str, error: ObjectError) -> LedgerError {
        self.whole(name, dangling(error))
    }

    /// A heartbeat on top of a heartbeat takes its place, so that histories keep events, not
    /// beats; but not where a remote moves refs forward only.
    fn commit_text(&self, clock: &dyn Clock, before: Option<&Stored>, step: &Step) -> CommitWrite {
        let parents = match before {
            None => Vec::new(),
            Some(before) => {
                let beat_on_beat = step.event.kind == EventKind::Heartbeat
                    && event::is_heartbeat(&before.commit.message)
                    && !self.is_forward_only();
                match beat_on_beat {
                    true => before.commit.parents.clone(),
                    false => vec![before.tip],
                }
            }
        };
        self.text_of(clock, &step.session, &step.event, parents)
    }
}
