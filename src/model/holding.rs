//! One claim with its session, as every reader sees it.
//!
//! Owns the value [`Holding`], when it is live, and the words for its session ([`Holder`]). Never
//! knows from which record it was made.

use std::fmt;
use std::sync::Arc;

use super::actor::{Actor, Process};
use super::claim::Mode;
use super::id::{NodeId, SessionId};
use super::resource::Resource;
use super::task::{SUPERVISOR, place_of};
use super::text::{Purpose, name, quote};
use super::time::Timestamp;
use super::token::Token;

/// The most bytes of a folder that are shown.
const FOLDER_BYTES_MAX: usize = 120;

/// Where a session worked when it was heard of last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The path of the work tree; `None` in a bare repository.
    pub folder: Option<String>,
    /// The branch that was checked out, without `refs/heads/`.
    pub branch: Option<String>,
    /// The process that the session is known by.
    pub process: Option<Process>,
}

impl Whereabouts {
    /// Takes them from an actor.
    pub fn of(who: &Actor) -> Arc<Self> {
        Arc::new(Self {
            folder: who.worktree.clone(),
            branch: who.branch.clone(),
            process: who.process.clone(),
        })
    }
}

/// One claim with its session, as it stands on the board.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// What is claimed.
    pub resource: Resource,
    /// The session that claimed it.
    pub session: SessionId,
    /// The clone from which it was claimed.
    pub node: NodeId,
    /// The user of the session.
    pub user: String,
    /// The machine of the session, for people.
    pub host: String,
    /// The agent harness, or the CI system; `None` for a person.
    pub agent: Option<String>,
    /// What the session is doing.
    pub purpose: Purpose,
    /// Shared, exclusive, waiting, or frozen.
    pub mode: Mode,
    /// When it was claimed or granted first.
    pub claimed_at: Timestamp,
    /// The last heartbeat of the session, or the last renewal of the lease.
    pub seen_at: Timestamp,
    /// When it expires, unless it is renewed.
    pub expires_at: Timestamp,
    /// The fencing token of an exclusive claim.
    pub token: Option<Token>,
    /// Whether the remote has it; true if there is no remote.
    pub confirmed: bool,
    /// Where its session works.
    pub whereabouts: Arc<Whereabouts>,
    /// The task with which it was granted, and with which it ends.
    pub with: Option<Resource>,
    /// Whether the program of its session has certainly ended. False until a use case has looked,
    /// which it can for sessions of this machine only.
    pub is_gone: bool,
    /// Whether the program of its session certainly runs. False until a use case has looked.
    pub runs: bool,
}

impl Holding {
    /// Keeps the place where the session works only once if it is that of `other`.
    pub fn share_place(&mut self, other: &Self) {
        if self.whereabouts == other.whereabouts {
            self.whereabouts = Arc::clone(&other.whereabouts);
        }
    }
}

/// The session of a claim in words: its id, and which agent, user and machine that is.
pub struct Holder<'h>(&'h Holding);

impl fmt::Display for Holder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(held) = self;
        write!(f, "{} (", held.session)?;
        if let Some(by) = held.session.runs_for() {
            write!(f, "a run of {}, ", name(by))?;
        }
        if let Some(agent) = &held.agent {
            write!(f, "{}, ", name(agent))?;
        }
        write!(f, "{}@{})", name(&held.user), name(&held.host))
    }
}

/// The place of the session of a claim in words, after a space; nothing if it is not known.
pub struct Whence<'h>(&'h Holding);

impl fmt::Display for Whence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = &self.0.whereabouts;
        if let Some(folder) = &at.folder {
            write!(f, " in {}", quote(folder, FOLDER_BYTES_MAX))?;
        }
        match &at.branch {
            Some(branch) => write!(f, " on {}", name(branch)),
            None => Ok(()),
        }
    }
}

/// The session that asks, in its clone.
///
/// A session of the same id in another clone is another session: a person on two machines, the
/// legs of a CI job, and two clones side by side hold nothing for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The session id.
    pub id: SessionId,
    /// The clone; `None` if it never wrote anything.
    pub node: Option<NodeId>,
    /// The task of the attempt in which it asks; `None` if a supervisor did not start it. The
    /// attempts of one supervisor are one session, and hold nothing for each other.
    pub attempt: Option<Resource>,
}

impl Asker {
    /// Returns true if the claim is one of this session.
    pub fn owns(&self, holding: &Holding) -> bool {
        self.is_of_its_session(holding) && self.is_of_its_attempt(holding)
    }

    /// Returns true if the claim is one of the same session, of another attempt or of its
    /// supervisor included.
    pub fn is_of_its_session(&self, holding: &Holding) -> bool {
        self.has_its_id(holding) && Some(holding.node) == self.node
    }

    /// Returns true if the claim is not one that another attempt has, or their supervisor: the task
    /// itself, what was granted with it, and what is claimed besides tasks.
    fn is_of_its_attempt(&self, holding: &Holding) -> bool {
        let Some(task) = &self.attempt else {
            return true;
        };
        let resource = &holding.resource;
        match (&holding.with, place_of(resource)) {
            (Some(with), _) => with == task,
            (None, Some((_, Some(_)))) => resource == task,
            (None, _) => resource.kind().as_str() != SUPERVISOR,
        }
    }

    /// Returns true if the claim is one of this session or of its namesake in another clone.
    pub fn has_its_id(&self, holding: &Holding) -> bool {
        holding.session == self.id
    }
}

/// Splits `holdings` into those of the session that asks and those of other sessions.
pub fn split_by(holdings: Vec<Holding>, me: &Asker) -> (Vec<Holding>, Vec<Holding>) {
    holdings.into_iter().partition(|holding| me.owns(holding))
}

impl Holding {
    /// Returns the words for its session.
    pub fn holder(&self) -> Holder<'_> {
        Holder(self)
    }

    /// Returns the words for the place of its session.
    pub fn whence(&self) -> Whence<'_> {
        Whence(self)
    }

    /// Returns true if it is no claim, but what a session has frozen.
    pub fn is_frozen(&self) -> bool {
        self.mode == Mode::Frozen
    }

    /// Returns true before the instant at which the claim expires.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Returns true if another session must expect that the claim is in force: of an exclusive one
    /// for `margin_secs` after it expired, because the clock of its holder may be that far behind.
    pub fn may_be_held(&self, now: Timestamp, margin_secs: u64) -> bool {
        match self.mode {
            Mode::Exclusive => now < self.expires_at.plus_secs(margin_secs),
            Mode::Shared | Mode::Frozen => self.is_live(now),
            Mode::Waiting => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lock::Lock;
    use crate::model::time::Ttl;

    fn held(resource: &str, with: Option<&str>) -> Holding {
        let lock = Lock {
            resource: Resource::parse(resource).unwrap(),
            with: with.map(|with| Resource::parse(with).unwrap()),
            token: Token::new(1),
            holder: Actor::example("ann", 1),
            purpose: Purpose::parse("work").unwrap(),
            granted_at: Timestamp::from_millis(0),
            renewed_at: Timestamp::from_millis(0),
            ttl: Ttl::from_secs(60).unwrap(),
        };
        Holding::of_lock(&lock)
    }

    #[test]
    fn an_attempt_owns_what_was_granted_with_its_task() {
        let ann = Actor::example("ann", 1);
        let (own, other) = ("task:main/abcd2345", "task:main/bcde2345");
        let attempt = Resource::parse(own).ok();
        for (resource, with, is_own) in [
            (own, None, true),
            (other, None, false),
            ("path:a", Some(own), true),
            ("path:a", Some(other), false),
            ("path:a", None, true),
            ("supervisor:main", None, false),
            ("task:main", None, true),
        ] {
            let mut asker = Asker {
                id: ann.id.clone(),
                node: Some(ann.node),
                attempt: attempt.clone(),
            };
            let holding = held(resource, with);
            assert_eq!(asker.owns(&holding), is_own, "{resource} {with:?}");
            assert!(asker.is_of_its_session(&holding));
            asker.attempt = None;
            assert!(asker.owns(&holding), "{resource} {with:?}");
            asker.id = Actor::example("bob", 1).id;
            assert!(!asker.owns(&holding), "{resource} {with:?}");
        }
    }
}
