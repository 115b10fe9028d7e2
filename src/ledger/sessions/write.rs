//! Writing a session to its ref.
//!
//! Owns [`Write`]: which tree entries a step rewrites and which it carries over, the text of its
//! commit, and the one swap at the end. Never decides what the step is, never retries.

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::beside::Beside;
use crate::ledger::commit::commit_text;
use crate::ledger::error::LedgerError;
use crate::ledger::kind::{Namespace, Rest};
use crate::ledger::layout;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::session::{self, SessionRecord};
use crate::ledger::records::{CLAIM, STATE, event};
use crate::ledger::refs::SwapError;
use crate::ledger::sessions::read::Stored;
use crate::ledger::store::Ledger;
use crate::ledger::tree::write_entries;
use crate::model::event::{Event, EventKind};
use crate::model::session::{Session, Step};
use crate::model::unreadable::Defect;

/// A change to write: the session after a request, and the records beside it.
pub(in crate::ledger) struct Write {
    pub(in crate::ledger) step: Step,
    pub(in crate::ledger) beside: Beside,
}

impl From<Step> for Write {
    fn from(step: Step) -> Self {
        let beside = Beside::default();
        Self { step, beside }
    }
}

impl Ledger {
    /// Writes a session and swaps its ref from `expected`. Fails with [`SwapError::Lost`] if
    /// another process moved the ref or changed the node id.
    pub(in crate::ledger) fn write(
        &self,
        clock: &dyn Clock,
        namespace: &Namespace,
        (before, expected): (Option<&Stored>, Option<ObjectId>),
        write: &Write,
    ) -> Result<(), LedgerError> {
        let session = &write.step.session;
        let who = &session.who;
        let name = &namespace.owned_ref(&who.id, who.node);
        let mut batch = self.objects.begin();
        let head = SessionRecord {
            rest: before.map(|b| b.rest.clone()).unwrap_or_default(),
            ..head_of(session)
        };
        let claims = before.map_or(&[][..], |b| &b.claims);
        let mut files = write_entries(&mut batch, &CLAIM, &session.claims, claims)?;
        let states = before.map_or(&[][..], |b| &b.states);
        files.extend(write_entries(&mut batch, &STATE, &session.states, states)?);
        files.push(TreeFile {
            name: namespace.head.to_owned(),
            id: batch.blob(&session::write_session(&head))?,
        });
        let carried = before.map(|before| before.carried(namespace.head));
        let carried = carried.unwrap_or_default();
        let files = self.complete(name, &mut batch, files, carried, &write.beside)?;
        let tree = batch.tree(files)?;
        let commit = batch.commit(tree, self.text_of_step(clock, before, &write.step))?;
        batch.publish()?;
        // No process changes the node id while this lock is held, so the check below stays true.
        let lock = || format!("{}/{}", layout::FOLDER, layout::WRITERS_LOCK);
        let busy = || SwapError::Busy(lock());
        let _writing = self.writers.enter().ok_or_else(busy)?;
        if self.node().is_some_and(|node| node != who.node) {
            return Err(SwapError::Lost(name.to_owned()).into());
        }
        Ok(self.swap(name, expected, commit)?)
    }

    /// Writes the session again without its damaged records. Does not count as a heartbeat: the
    /// session's own record stays as it is, and so do records of a newer version.
    pub(in crate::ledger) fn rewrite_without_damaged(
        &self,
        clock: &dyn Clock,
        name: &str,
        stored: &Stored,
    ) -> Result<(), LedgerError> {
        let mut files = stored.tree.files.clone();
        files.retain(|file| match self.defect_of(name, file) {
            None | Some(Defect::Newer { .. }) => true,
            Some(_) => false,
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
        let commit = batch.commit(tree, self.text_of_step(clock, Some(stored), &step))?;
        batch.publish()?;
        Ok(self.swap(name, Some(stored.tree.tip), commit)?)
    }

    /// Returns the text of the commit of a step. A heartbeat replaces a heartbeat before it, so
    /// that histories keep events; but not if a remote only lets refs move forward.
    fn text_of_step(&self, clock: &dyn Clock, before: Option<&Stored>, step: &Step) -> CommitWrite {
        let parents = match before {
            None => Vec::new(),
            Some(before) => {
                let commit = &before.tree.commit;
                // One of an earlier time replaces none: what was pushed stays an ancestor.
                let beat_on_beat = step.event.kind == EventKind::Heartbeat
                    && event::is_heartbeat(&commit.message)
                    && step.session.seen_at >= before.session.seen_at
                    && !self.is_forward_only();
                if beat_on_beat {
                    commit.parents.clone()
                } else {
                    vec![before.tree.tip]
                }
            }
        };
        let session = &step.session;
        let at = match step.event.kind {
            // Another session did it, and this one was not heard of.
            EventKind::Cleared { .. } => clock.now().max(session.seen_at),
            EventKind::Lived { .. } => { session.life.ended_at.into_iter() }
                .chain([session.seen_at])
                .max()
                .unwrap_or(session.seen_at),
            _ => session.seen_at,
        };
        let text = commit_text(clock, (&session.who, at), &step.event, parents);
        CommitWrite {
            message: self.with_head(text.message, &step.event),
            ..text
        }
    }
}

/// Returns the record of a session, without fields that this version does not know.
pub(in crate::ledger) fn head_of(session: &Session) -> SessionRecord {
    SessionRecord {
        who: session.who.clone(),
        seen_at: session.seen_at,
        ttl: session.ttl,
        life: session.life.clone(),
        rest: Rest::default(),
    }
}
