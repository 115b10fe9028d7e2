//! A clone that shares its name with another.
//!
//! Owns what happens when a repository was copied: the copy takes a new node id, and what stands
//! under the old name and lives moves to refs under the new one. Never touches the
//! refs of a node that this clone never was.

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::layout;
use crate::ledger::local::node;
use crate::ledger::local::node::Renaming;
use crate::ledger::objects::read::TreeFile;
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::event;
use crate::ledger::records::session::{self, SessionRecord};
use crate::ledger::refs::{RefValue, SwapError};
use crate::ledger::remote::tracking::Place;
use crate::ledger::sessions::read::{Stored, dangling};
use crate::ledger::store::Ledger;
use crate::model::actor::Actor;
use crate::model::event::{Event, EventKind};
use crate::model::id::NodeId;
use crate::model::resource::Resource;
use crate::model::session::Session;
use crate::model::time::Timestamp;
use crate::model::unreadable::{Defect, MayHold, Unreadable};

impl Ledger {
    /// Take a new node id: somebody else writes under the one that we have.
    pub fn reidentify(&self, clock: &dyn Clock) -> Result<(), LedgerError> {
        self.may_write()?;
        self.rename(clock, Renaming::TakeNew)
    }

    fn rename(&self, clock: &dyn Clock, renaming: Renaming) -> Result<(), LedgerError> {
        node::rename(
            self.folder.path(),
            &self.writers,
            clock,
            renaming,
            self.durable,
        )
        .map_err(|error| self.folder.error("the naming of this clone", error).into())
    }

    /// Bring what still stands under a former name of this clone under its present one. How many
    /// refs changed.
    pub fn migrate_old_sessions(&self, clock: &dyn Clock) -> Result<usize, LedgerError> {
        let former = node::read_former(self.folder.path());
        let Some(now_called) = self.node().filter(|_| !former.is_empty()) else {
            return Ok(0);
        };
        let (mut changed, mut left) = (0, 0);
        for place in self.places()? {
            let RefValue::At(tip) = place.local else {
                continue;
            };
            let Ok(stored) = self.load(&place.name, tip) else {
                continue;
            };
            if former.contains(&stored.session.who.node) {
                match self.settle(clock, &place, &stored, now_called)? {
                    true => changed += 1,
                    false => left += 1,
                }
            }
        }
        if left == 0 {
            // What a fetch brings in later under one of these names is somebody else's.
            self.rename(clock, Renaming::ForgetFormer)?;
        }
        Ok(changed)
    }

    /// Whether the ref under the former name is gone. What lives goes on under the present name,
    /// even where the remote has it under the former one: whoever writes there now is another.
    fn settle(
        &self,
        clock: &dyn Clock,
        place: &Place,
        stored: &Stored,
        now_called: NodeId,
    ) -> Result<bool, LedgerError> {
        let has_all = match place.tracked {
            RefValue::At(there) => self.descends_from(there, stored.tip),
            RefValue::Absent | RefValue::Broken(_) => false,
        };
        let who = Actor {
            node: now_called,
            ..stored.session.who.clone()
        };
        let went_on = match self.refs.read(&self.sessions().ref_name(&who))? {
            RefValue::At(here) => self.descends_from(here, stored.tip),
            RefValue::Absent | RefValue::Broken(_) => false,
        };
        let is_over = has_all && !stored.session.is_live(clock.now());
        if !went_on && !is_over && !self.move_session(clock, stored, who)? {
            return Ok(false);
        }
        match self.refs.mend(&place.name, &place.local, None) {
            // A process that began under the old name wrote once more: next time.
            Err(SwapError::Lost(_) | SwapError::Busy(_)) => Ok(false),
            done => done.map(|()| true).map_err(LedgerError::Swap),
        }
    }

    /// Write the session under its present name; whether nobody else did just now.
    fn move_session(
        &self,
        clock: &dyn Clock,
        stored: &Stored,
        who: Actor,
    ) -> Result<bool, LedgerError> {
        let name = layout::session_ref(&who.id, who.node);
        let record = SessionRecord {
            who,
            seen_at: stored.session.seen_at,
            ttl: stored.session.ttl,
            rest: stored.rest.clone(),
        };
        let mut files = self
            .objects
            .read_tree(stored.commit.tree)
            .map_err(|error| self.whole(&name, dangling(error)))?;
        files.retain(|file| file.name != layout::SESSION_ENTRY);
        let mut batch = self.objects.begin();
        files.push(TreeFile {
            name: layout::SESSION_ENTRY.to_owned(),
            id: batch.blob(&session::write_session(&record))?,
        });
        let tree = batch.tree(files)?;
        let event = renamed(&stored.session, labels(&stored.session));
        let text = self.text_of(clock, &stored.session, &event, vec![stored.tip]);
        let commit = batch.commit(tree, text)?;
        batch.publish()?;
        match self.refs.swap(&name, None, commit) {
            Err(SwapError::Lost(_) | SwapError::Busy(_)) => Ok(false),
            done => done.map(|()| true).map_err(LedgerError::Swap),
        }
    }

    /// Write a commit with the same event once more, on other parents.
    pub(super) fn commit_again(
        &self,
        clock: &dyn Clock,
        stored: &Stored,
        tree: gix::ObjectId,
        parents: Vec<gix::ObjectId>,
    ) -> Result<gix::ObjectId, LedgerError> {
        let committed_at = Timestamp::from_millis(stored.commit.seconds.saturating_mul(1000));
        let event = event::read(&stored.commit.message, committed_at).map(|(event, _)| event);
        let event = event.unwrap_or_else(|| renamed(&stored.session, Vec::new()));
        let text = self.text_of(clock, &stored.session, &event, parents);
        let mut batch = self.objects.begin();
        let commit = batch.commit(tree, text)?;
        batch.publish()?;
        Ok(commit)
    }

    /// Three commits to try a remote out with: one, its child, and another one. No ref names them.
    pub(in crate::ledger) fn probe_commits(
        &self,
        clock: &dyn Clock,
    ) -> Result<[gix::ObjectId; 3], LedgerError> {
        self.may_write()?;
        let mut batch = self.objects.begin();
        let tree = batch.tree(Vec::new())?;
        let mut commit = |parents| {
            let text = CommitWrite {
                parents,
                author_name: "git presence".to_owned(),
                author_email: String::new(),
                seconds: clock.now().as_millis().div_euclid(1000),
                message: format!("probe\n\nPresence-Nonce: {}\n", clock.random()),
            };
            batch.commit(tree, text)
        };
        let first = commit(Vec::new())?;
        let second = commit(vec![first])?;
        let other = commit(Vec::new())?;
        batch.publish()?;
        Ok([first, second, other])
    }

    pub(super) fn text_of(
        &self,
        clock: &dyn Clock,
        session: &Session,
        event: &Event,
        parents: Vec<gix::ObjectId>,
    ) -> CommitWrite {
        let who = &session.who;
        CommitWrite {
            parents,
            author_name: who.id.to_string(),
            author_email: format!("{}@{}", who.user, who.host),
            seconds: session.seen_at.as_millis().div_euclid(1000),
            message: event::write(event, session.seen_at, clock.random()),
        }
    }

    pub(super) fn whole(&self, place: &str, defect: Defect) -> LedgerError {
        LedgerError::Unreadable(Unreadable::new(place, defect, MayHold::Anything))
    }
}

fn labels(session: &Session) -> Vec<Resource> {
    session.claims.iter().map(|c| c.resource.clone()).collect()
}

fn renamed(session: &Session, resources: Vec<Resource>) -> Event {
    Event {
        session: session.who.id.clone(),
        resources,
        expired: Vec::new(),
        kind: EventKind::Reidentified,
    }
}
