//! New node ids, for a clone that shares its id with a copy of it.
//!
//! Owns [`Ledger::reidentify`] for a repository that was copied: the copy takes a new node id, and
//! its live sessions move to refs under the new id. Never touches the refs of a node id that this
//! clone never had.

use crate::clock::Clock;
use crate::ledger::commit::{commit_text, renamed};
use crate::ledger::error::LedgerError;
use crate::ledger::kind::Namespace;
use crate::ledger::local::node::{self, Renaming};
use crate::ledger::objects::read::TreeFile;
use crate::ledger::records::session::{self, SessionRecord};
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::remote::tracking::RefPair;
use crate::ledger::sessions::read::Stored;
use crate::ledger::sessions::write::head_of;
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::id::NodeId;
use crate::model::resource::Resource;
use crate::model::session::Session;

impl Ledger {
    /// Takes a new node id, because another clone writes under the present one.
    pub fn reidentify(&self, clock: &dyn Clock) -> Result<(), LedgerError> {
        self.may_write()?;
        self.rename(clock, Renaming::TakeNew)
    }

    fn rename(&self, clock: &dyn Clock, renaming: Renaming) -> Result<(), LedgerError> {
        node::rename(&self.folder, &self.writers, clock, renaming, self.durable)
            .map_err(|error| self.folder.error("the naming of this clone", error).into())
    }

    /// Moves the sessions under former node ids of this clone to its present one. Returns the
    /// number of refs that changed.
    pub fn migrate_old_sessions(&self, clock: &dyn Clock) -> Result<usize, LedgerError> {
        let former = node::read_former(&self.folder);
        let Some(now_called) = self.node().filter(|_| !former.is_empty()) else {
            return Ok(0);
        };
        let (mut changed, mut left) = (0, 0);
        for namespace in self.table.owned() {
            for place in self.places(namespace)? {
                let RefValue::At(tip) = place.local else {
                    continue;
                };
                let Ok(stored) = self.load(&place.name, tip) else {
                    continue;
                };
                if former.contains(&stored.session.who.node) {
                    if self.settle(clock, &place, &stored, (namespace, now_called))? {
                        changed += 1;
                    } else {
                        left += 1;
                    }
                }
            }
        }
        if left == 0 {
            // What a fetch brings in later under one of these ids belongs to another clone.
            self.rename(clock, Renaming::ForgetFormer)?;
        }
        Ok(changed)
    }

    /// Moves one session and removes its former ref; returns whether that ref is gone. A live
    /// session continues under the present id, even if the remote has it under the former one:
    /// another clone writes there now.
    fn settle(
        &self,
        clock: &dyn Clock,
        place: &RefPair,
        stored: &Stored,
        (namespace, now_called): (&Namespace, NodeId),
    ) -> Result<bool, LedgerError> {
        let has_all = match place.tracked {
            RefValue::At(there) => self.descends_from(there, stored.tree.tip),
            RefValue::Absent | RefValue::Broken(_) => false,
        };
        let who = Actor {
            node: now_called,
            ..stored.session.who.clone()
        };
        let went_on = match self.refs.read(&namespace.owned_ref(&who.id, who.node))? {
            RefValue::At(here) => self.descends_from(here, stored.tree.tip),
            RefValue::Absent | RefValue::Broken(_) => false,
        };
        let is_over = has_all && !stored.session.is_live(clock.now());
        if !went_on && !is_over && !self.move_session(clock, stored, (namespace, who))? {
            return Ok(false);
        }
        match self.refs.repair(&place.name, &place.local, None) {
            // A process that began under the old id wrote once more: the next call moves it.
            Err(SwapError::Lost(_) | SwapError::Busy(_)) => Ok(false),
            done => done.map(|()| true).map_err(LedgerError::Swap),
        }
    }

    /// Writes the session under the present id; returns false if another process was faster.
    fn move_session(
        &self,
        clock: &dyn Clock,
        stored: &Stored,
        (namespace, who): (&Namespace, Actor),
    ) -> Result<bool, LedgerError> {
        let name = namespace.owned_ref(&who.id, who.node);
        let head = SessionRecord {
            who,
            rest: stored.rest.clone(),
            ..head_of(&stored.session)
        };
        let mut files = stored.tree.files.clone();
        files.retain(|file| file.name != namespace.head);
        let mut batch = self.objects.begin();
        files.push(TreeFile {
            name: namespace.head.to_owned(),
            id: batch.blob(&session::write_session(&head))?,
        });
        let tree = batch.tree(files)?;
        let session = &stored.session;
        let event = renamed(session, labels(session));
        let by = (&session.who, session.seen_at);
        let text = commit_text(clock, by, &event, vec![stored.tree.tip]);
        let commit = batch.commit(tree, text)?;
        batch.publish()?;
        match self.swap(&name, None, commit) {
            Err(SwapError::Lost(_) | SwapError::Busy(_)) => Ok(false),
            done => done.map(|()| true).map_err(LedgerError::Swap),
        }
    }
}

fn labels(session: &Session) -> Vec<Resource> {
    session.claims.iter().map(|c| c.resource.clone()).collect()
}
