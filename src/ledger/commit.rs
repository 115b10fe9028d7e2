//! Commits of the ledger: an event, the session that caused it, and the time.
//!
//! Owns the text of a commit, and writing one without a change of its tree. Never moves a ref.

use gix::ObjectId;

use crate::clock::Clock;
use crate::ledger::error::LedgerError;
use crate::ledger::objects::write::CommitWrite;
use crate::ledger::records::event;
use crate::ledger::store::Ledger;
use crate::ledger::tree::Tree;
use crate::model::actor::Actor;
use crate::model::event::{Event, EventKind};
use crate::model::resource::Resource;
use crate::model::session::Session;
use crate::model::time::Timestamp;

/// Returns what a commit of the ledger has besides its tree: parents, author, time and message.
pub(in crate::ledger) fn commit_text(
    clock: &dyn Clock,
    (who, at): (&Actor, Timestamp),
    event: &Event,
    parents: Vec<ObjectId>,
) -> CommitWrite {
    CommitWrite {
        parents,
        author_name: who.id.as_str().to_owned(),
        author_email: format!("{}@{}", who.user, who.host),
        seconds: at.as_millis().div_euclid(1000),
        message: event::write(event, at, clock.random()),
    }
}

/// Returns the event that a commit records, and its time; `None` for a commit of another program.
pub(in crate::ledger) fn event_of(tree: &Tree) -> Option<(Event, Timestamp)> {
    let committed_at = Timestamp::from_millis(tree.commit.seconds.saturating_mul(1000));
    event::read(&tree.commit.message, committed_at)
}

impl Ledger {
    /// Writes a tree once more, as a commit on other parents.
    pub(in crate::ledger) fn commit_again(
        &self,
        tree: &Tree,
        text: CommitWrite,
    ) -> Result<ObjectId, LedgerError> {
        let mut batch = self.objects.begin();
        let commit = batch.commit(tree.commit.tree, text)?;
        batch.publish()?;
        Ok(commit)
    }

    /// Writes three commits to probe a remote with: a root, its child, and another root. No ref
    /// names them.
    pub(in crate::ledger) fn probe_commits(
        &self,
        clock: &dyn Clock,
    ) -> Result<[ObjectId; 3], LedgerError> {
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
}

/// Returns the event of a session that continues under another node id.
pub(in crate::ledger) fn renamed(session: &Session, resources: Vec<Resource>) -> Event {
    Event {
        session: session.who.id.clone(),
        resources,
        expired: Vec::new(),
        kind: EventKind::Reidentified,
    }
}
