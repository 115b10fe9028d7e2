//! Everything that is known at one instant.
//!
//! Owns the board (all sessions with their claims, and the records that could not be read) and
//! the questions one asks of it: who holds this, what is live, what is in my way. The same
//! `is_live` answers for every reader. Never reads a ref, never orders anybody to do anything.

use std::fmt;

use super::claim::{Claim, Mode};
use super::id::{NodeId, SessionId};
use super::lock::{Lock, Token};
use super::resource::Resource;
use super::session::Session;
use super::text::{Purpose, harmless};
use super::time::Timestamp;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    pub sessions: Vec<Session>,
    pub unreadable: Vec<Unreadable>,
    /// Exclusive claims, lapsed ones included.
    pub locks: Vec<Lock>,
    /// Claims of this clone that the remote does not have yet, as they are now.
    pub pending: Vec<Pending>,
}

/// A claim that the others cannot see yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub session: SessionId,
    pub node: NodeId,
    pub resource: Resource,
}

/// One claim with its session, as it stands on the board.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    pub resource: Resource,
    pub session: SessionId,
    /// The clone from which it was claimed.
    pub node: NodeId,
    pub user: String,
    pub host: String,
    pub agent: Option<String>,
    pub purpose: Purpose,
    pub mode: Mode,
    pub claimed_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    /// The fencing token of an exclusive claim.
    pub token: Option<Token>,
    /// Whether the remote has it; true where there is none.
    pub confirmed: bool,
}

impl Holding {
    fn new(session: &Session, claim: &Claim, pending: &[Pending]) -> Self {
        let is_this = |p: &Pending| {
            p.session == session.who.id
                && p.node == session.who.node
                && p.resource == claim.resource
        };
        Self {
            confirmed: !pending.iter().any(is_this),
            token: None,
            resource: claim.resource.clone(),
            session: session.who.id.clone(),
            node: session.who.node,
            user: session.who.user.clone(),
            host: session.who.host.clone(),
            agent: session.who.agent.clone(),
            purpose: claim.purpose.clone(),
            mode: claim.mode,
            claimed_at: claim.claimed_at,
            seen_at: session.seen_at,
            expires_at: claim.expires_at(session.seen_at),
        }
    }

    /// What an arbiter decided is confirmed by it.
    pub fn of_lock(lock: &Lock) -> Self {
        let holder = &lock.holder;
        Self {
            resource: lock.resource.clone(),
            session: holder.id.clone(),
            node: holder.node,
            user: holder.user.clone(),
            host: holder.host.clone(),
            agent: holder.agent.clone(),
            purpose: lock.purpose.clone(),
            mode: Mode::Exclusive,
            claimed_at: lock.granted_at,
            seen_at: lock.renewed_at,
            expires_at: lock.lapses_at(),
            token: Some(lock.token),
            confirmed: true,
        }
    }

    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl Board {
    /// All claims, lapsed ones included, ordered by resource, then by age.
    pub fn holdings(&self) -> Vec<Holding> {
        let mut all: Vec<Holding> = self
            .sessions
            .iter()
            .flat_map(|session| {
                let claims = session.claims.iter();
                claims.map(|claim| Holding::new(session, claim, &self.pending))
            })
            .collect();
        all.extend(self.locks.iter().map(Holding::of_lock));
        all.sort_by(|a, b| {
            (a.resource.label(), a.claimed_at, &a.session).cmp(&(
                b.resource.label(),
                b.claimed_at,
                &b.session,
            ))
        });
        all
    }

    pub fn live(&self, now: Timestamp) -> Vec<Holding> {
        let mut live = self.holdings();
        live.retain(|holding| holding.is_live(now));
        live
    }

    /// Live claims of others that are in the way of `resource`.
    pub fn in_the_way(
        &self,
        resource: &Resource,
        me: Option<&SessionId>,
        now: Timestamp,
    ) -> Vec<Holding> {
        let mut others = self.live(now);
        others.retain(|other| {
            Some(&other.session) != me && other.mode.holds() && other.resource.overlaps(resource)
        });
        others
    }

    pub fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.who.id == *id)
    }
}

/// Longer names are not ours.
const PLACE_BYTES_MAX: usize = 300;

/// A record that is there and cannot be used: never "free", always reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The ref, and below it the record: `refs/presence/sessions/x: claim-y.toml`.
    pub place: String,
    pub defect: Defect,
    /// What it may hold.
    pub may_hold: MayHold,
}

/// What an unreadable record may stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MayHold {
    Anything,
    /// Only the resource with this key, or, for a path, one that overlaps it.
    Key(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// The ref is not an object id: empty, cut off, garbage or symbolic.
    BrokenRef {
        detail: String,
    },
    /// The ref names an object that is missing or damaged.
    Dangling {
        detail: String,
    },
    Malformed {
        detail: String,
    },
    TooLarge {
        bytes_max: u64,
    },
    NotUtf8,
    WrongLabel {
        label: String,
    },
    /// Written by a newer version: shown, never rewritten.
    Newer {
        format: u64,
    },
}

impl Unreadable {
    /// `place` is a name that somebody else chose, and is made harmless.
    pub fn new(place: &str, defect: Defect, may_hold: MayHold) -> Self {
        Self {
            place: harmless(place, PLACE_BYTES_MAX),
            defect,
            may_hold,
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.defect)
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenRef { detail } => write!(f, "broken ref ({detail})"),
            Self::Dangling { detail } => write!(f, "dangling ref ({detail})"),
            Self::Malformed { detail } => write!(f, "malformed ({detail})"),
            Self::TooLarge { bytes_max } => write!(f, "larger than {bytes_max} bytes"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::WrongLabel { label } => write!(f, "stands under the wrong key for {label:?}"),
            Self::Newer { format } => {
                write!(f, "written by a newer git-presence (format {format})")
            }
        }
    }
}
