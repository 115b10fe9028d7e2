//! The board: all sessions and claims at one instant.
//!
//! Owns [`Board`] and the questions asked of it: which claims are live, and which conflict with a
//! resource. Every reader gets the same answers. Never reads a ref.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::claim::{Claim, Mode};
use super::holding::{Asker, Holding, Whereabouts};
use super::id::{NodeId, SessionId};
use super::lock::{Lock, LockRegister};
use super::message::digest::MailDigest;
use super::offer::Offered;
use super::resource::Resource;
use super::session::Session;
use super::standing::{Said, Standing, standings};
use super::time::Timestamp;
use super::unreadable::Unreadable;

/// All that the records of a ledger say at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    /// The sessions with their shared claims and queued requests, expired ones included.
    pub sessions: Vec<Session>,
    /// Records that cannot be used. What they may stand for is not free.
    pub unreadable: Vec<Unreadable>,
    /// Exclusive claims, expired ones included.
    pub locks: Vec<Lock>,
    /// What no session holds and is offered to one, offers that are over included.
    pub offers: Vec<Offered>,
    /// Claims of this clone that the remote does not have yet, as they are now.
    pub pending: Vec<Pending>,
    /// How far clocks may differ, in seconds.
    pub margin_secs: u64,
    /// The digests of all messages and of what was read of them.
    pub mail: MailDigest,
    /// Lists with tasks that are not over: `main`, and those of which a session has a task.
    pub lists: Vec<(Resource, LockRegister)>,
}

/// A claim of this clone that other clones cannot see yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The session that claimed it.
    pub session: SessionId,
    /// The clone from which it was claimed.
    pub node: NodeId,
    /// What is claimed.
    pub resource: Resource,
}

impl Holding {
    fn new(session: &Session, at: &Arc<Whereabouts>, claim: Claim, pending: &[Pending]) -> Self {
        let is_this = |p: &Pending| {
            p.session == session.who.id
                && p.node == session.who.node
                && p.resource == claim.resource
        };
        Self {
            confirmed: !pending.iter().any(is_this),
            token: None,
            session: session.who.id.clone(),
            node: session.who.node,
            user: session.who.user.clone(),
            host: session.who.host.clone(),
            agent: session.who.agent.clone(),
            mode: claim.mode,
            claimed_at: claim.claimed_at,
            seen_at: session.seen_at,
            expires_at: claim.expires_at(session.seen_at),
            resource: claim.resource,
            purpose: claim.purpose,
            whereabouts: Arc::clone(at),
            with: None,
            is_gone: false,
            runs: false,
        }
    }

    /// Returns the claims of one session, of which those in `pending` are not confirmed.
    pub fn all_of(mut session: Session, pending: &[Pending]) -> impl Iterator<Item = Self> {
        let claims = std::mem::take(&mut session.claims).into_iter();
        let at = Arc::new(Whereabouts {
            folder: session.who.worktree.take(),
            branch: session.who.branch.take(),
            process: session.who.process.take(),
        });
        claims.map(move |claim| Self::new(&session, &at, claim, pending))
    }

    /// Sorts by resource, then by age, then by session id, then by clone. In place: a stable sort
    /// needs half of the memory again.
    pub fn sort(all: &mut [Self]) {
        all.sort_unstable_by(|a, b| {
            (a.resource.label(), a.claimed_at, &a.session, a.node, a.mode).cmp(&(
                b.resource.label(),
                b.claimed_at,
                &b.session,
                b.node,
                b.mode,
            ))
        });
    }

    /// Drops the shared claims of what the same session holds exclusively, too: that is the claim
    /// that counts, and what releases one releases both.
    pub fn drop_doubles(all: &mut Vec<Self>, now: Timestamp) {
        let exclusive: BTreeSet<_> = all
            .iter()
            .filter(|one| one.mode == Mode::Exclusive && one.is_live(now))
            .map(|one| (one.resource.label(), &one.session, one.node))
            .collect();
        if exclusive.is_empty() {
            return;
        }
        let is_double = |one: &Self| {
            one.mode == Mode::Shared
                && exclusive.contains(&(one.resource.label(), &one.session, one.node))
        };
        let doubles: Vec<bool> = all.iter().map(is_double).collect();
        let mut doubles = doubles.into_iter();
        all.retain(|_| !doubles.next().unwrap_or_default());
    }

    /// Returns the claim that a lock stands for. It is confirmed: the arbiter granted it.
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
            expires_at: lock.expires_at(),
            token: Some(lock.token),
            confirmed: true,
            whereabouts: Whereabouts::of(holder),
            with: lock.with.clone(),
            is_gone: false,
            runs: false,
        }
    }
}

impl Board {
    /// Returns all claims, expired ones included, sorted as by [`Holding::sort`].
    pub fn holdings(&self) -> Vec<Holding> {
        let mut all: Vec<Holding> = self
            .sessions
            .iter()
            .flat_map(|session| {
                let at = Whereabouts::of(&session.who);
                let claims = session.claims.iter();
                claims.map(move |claim| Holding::new(session, &at, claim.clone(), &self.pending))
            })
            .collect();
        all.extend(self.locks.iter().map(Holding::of_lock));
        Holding::sort(&mut all);
        all
    }

    /// Returns the claims that are live at `now`, queued requests included; of what a session
    /// claims shared and exclusively, the exclusive claim.
    pub fn live(&self, now: Timestamp) -> Vec<Holding> {
        let mut live = self.holdings();
        live.retain(|holding| holding.is_live(now));
        Holding::drop_doubles(&mut live, now);
        live
    }

    /// Returns the live claims that hold their resource; queued requests hold nothing.
    pub fn held(&self, now: Timestamp) -> Vec<Holding> {
        let mut held = self.live(now);
        held.retain(|holding| holding.mode.holds());
        held
    }

    /// Returns the claims of other sessions that hold their resource, or may hold it by their own
    /// clock, and what they have frozen. `is_mine` says which claims are not of others.
    pub fn held_by_others(
        &self,
        now: Timestamp,
        is_mine: impl Fn(&Holding) -> bool,
    ) -> Vec<Holding> {
        let mut others = self.holdings();
        others.extend(self.frozen(now));
        others.retain(|holding| holding.may_be_held(now, self.margin_secs) && !is_mine(holding));
        Holding::drop_doubles(&mut others, now);
        Holding::sort(&mut others);
        others
    }

    /// Returns the claims of sessions other than the one that asks that overlap `resource`.
    pub fn conflicts_with(&self, resource: &Resource, me: &Asker, now: Timestamp) -> Vec<Holding> {
        let mut others = self.held_by_others(now, |held| me.owns(held));
        others.retain(|other| other.resource.overlaps(resource));
        others
    }

    /// Returns the statements about resources that count at `now`, ordered by resource.
    pub fn standings(&self, now: Timestamp) -> Vec<Standing> {
        standings(self.sessions.iter().flat_map(Said::all_of), now)
    }

    /// Returns what is frozen at `now`, by any session.
    pub fn frozen(&self, now: Timestamp) -> Vec<Holding> {
        let mut said = self.sessions.iter().flat_map(|session| &session.states);
        if !said.any(|said| said.saying.word.is_frozen()) {
            return Vec::new();
        }
        let standings = self.standings(now);
        standings.iter().flat_map(Standing::frozen).collect()
    }

    /// Returns the session `id`; of two copies in different clones, the first one.
    pub fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.iter().find(|session| session.who.id == *id)
    }
}

#[cfg(test)]
mod tests;
