//! The locks of exclusive claims, and the register in which they are decided together.
//!
//! Owns [`Lock`] with its lease and its fencing token, [`LockRegister`], and the pure steps grant,
//! renew, release and override; offers and handoffs stand beside the locks.
//! Exclusion rests on what stands in the register and on nothing else, because the register is what
//! is swapped. Never reads a clock, never knows where a register is kept.

use super::actor::{Actor, ProcessRole};
use super::handoff::Handoff;
use super::id::SessionId;
use super::offer::{OfferPolicy, Offered};
use super::resource::Resource;
use super::task::{TaskDenied, TaskList};
use super::text::Purpose;
use super::time::{Timestamp, Ttl};
use super::token::Token;

mod offers;
mod sound;
mod tasks;
pub use offers::RECORDS_MAX;
pub use tasks::Afterwards;

/// One resource, held by one session until its lease expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// What is held.
    pub resource: Resource,
    /// The token of the grant; a renewal keeps it.
    pub token: Token,
    /// The session that holds it.
    pub holder: Actor,
    /// What the holder is doing.
    pub purpose: Purpose,
    /// When it was granted.
    pub granted_at: Timestamp,
    /// When its lease was renewed last; at first, when it was granted.
    pub renewed_at: Timestamp,
    /// How long the lease lasts after a renewal.
    pub ttl: Ttl,
    /// The task with which it was granted, and with which it ends.
    pub with: Option<Resource>,
}

impl Lock {
    /// Returns when the lease expires, unless it is renewed.
    pub fn expires_at(&self) -> Timestamp {
        self.renewed_at.plus_secs(self.ttl.as_secs())
    }

    /// Returns true before the instant at which the lease expires.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// Returns true if the holder is this session in this clone. A session of the same id in
    /// another clone is another holder.
    pub fn is_of(&self, who: &Actor) -> bool {
        self.holder.id == who.id && self.holder.node == who.node
    }
}

/// The locks that are decided in one swap: those of one resource, or of all paths, since paths can
/// overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockRegister {
    /// The highest token that this register ever granted. It stays when a lock goes.
    pub high_water: Token,
    /// The locks, expired ones included.
    pub locks: Vec<Lock>,
    /// What no session holds and is offered to one, offers that are over included.
    pub offers: Vec<Offered>,
    /// What the last holders left for the next ones: at most one for each resource.
    pub handoffs: Vec<Handoff>,
    /// The tasks, in a register that is a list; else none.
    pub tasks: TaskList,
}

/// One exclusive claim that a session requests.
#[derive(Clone, Debug)]
pub struct GrantRequest {
    /// What is to be held.
    pub resource: Resource,
    /// What the session is going to do.
    pub purpose: Purpose,
    /// How long the lease lasts without a renewal.
    pub ttl: Ttl,
}

/// When a lock of another session can be taken over.
#[derive(Clone, Copy)]
pub struct TakeoverPolicy<'j> {
    /// The time by the clock of the requesting session.
    pub now: Timestamp,
    /// How far clocks may differ, in seconds: a lock is taken over if it expired longer ago.
    pub margin_secs: u64,
    /// Returns true if the holder is known to be dead; then the lease does not protect it.
    pub holder_is_dead: &'j dyn Fn(&Lock) -> bool,
    /// Whether the program of a holder is gone, however short ago the holder was heard of.
    pub program_is_gone: &'j dyn Fn(&Lock) -> bool,
    /// Returns true if the lock is one of the requesting session.
    pub is_mine: &'j dyn Fn(&Lock) -> bool,
    /// What becomes of offers.
    pub offers: OfferPolicy<'j>,
}

/// How a grant came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// No session held it.
    Free,
    /// The requesting session held it, and its lease had not expired.
    Renewed,
    /// Other sessions held it, or something that overlaps it.
    TakenOver {
        /// These sessions, at least one.
        from: Vec<FormerHolder>,
    },
}

/// A session whose lock was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerHolder {
    /// The session that held it.
    pub holder: SessionId,
    /// Whether its lease had expired; otherwise the holder was dead.
    pub had_expired: bool,
}

/// Why a session may not use a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Another session holds it: its lease has not expired, or not for longer than the margin.
    Held(Box<Lock>),
    /// No session holds it, and it is offered to another one.
    Offered(Box<Offered>),
    /// No session holds it.
    Free,
    /// The session held it, and its lease has expired.
    Expired(Box<Lock>),
    /// The lock stands under another token.
    OtherToken {
        /// The token that the caller named.
        asked: Token,
        /// The token of the lock.
        current: Token,
    },
    /// The register granted at a time that is still to come by the clock of the requesting session.
    /// One of the two clocks is wrong: if it is this one, the others would see its lease expire
    /// early, and take over.
    ClockBehind {
        /// By how many seconds.
        secs: u64,
    },
    /// The register has granted the highest token that there is.
    NoTokenLeft,
    /// The tasks of a list do not allow it.
    Task(Box<TaskDenied>),
}

impl TakeoverPolicy<'_> {
    /// Returns true if the lock of another session can be taken over.
    pub fn can_take_over(&self, lock: &Lock) -> bool {
        let is_over = lock.expires_at().plus_secs(self.margin_secs) < self.now;
        is_over || (self.holder_is_dead)(lock)
    }

    /// Returns `who` as the one that a lock of its own is recorded for. A program that is gone does
    /// not end a session that another process, which is not known, goes on with.
    pub fn heard_of(&self, lock: &Lock, who: &Actor) -> Actor {
        let mut heard = who.clone();
        if who.process.is_none() && (self.program_is_gone)(lock) {
            heard.process = lock.holder.process.clone();
            if let Some(process) = &mut heard.process {
                process.role = ProcessRole::Caller;
            }
        }
        heard
    }
}

impl LockRegister {
    /// Returns the lock on exactly this resource, expired or not.
    pub fn lock_on(&self, resource: &Resource) -> Option<&Lock> {
        self.locks.iter().find(|lock| lock.resource == *resource)
    }

    /// Returns the locks of all sessions that overlap `resource`.
    fn overlapping<'c>(&'c self, resource: &'c Resource) -> impl Iterator<Item = &'c Lock> {
        self.locks
            .iter()
            .filter(move |lock| lock.resource.overlaps(resource))
    }

    /// Grants `request` to `who`, or says which session holds it. A live lock of the same session
    /// is renewed. An expired one is granted anew under a new token, because other sessions may
    /// have relied on its end. A task is granted alone only if nothing is claimed with it.
    ///
    /// # Errors
    ///
    /// [`Denied::Held`] if a lock of another session overlaps and cannot be taken over,
    /// [`Denied::Offered`] if it is offered to another session, [`Denied::ClockBehind`] by more
    /// than the margin, [`Denied::Task`] for a task that is not ready or not to be taken alone, and
    /// [`Denied::NoTokenLeft`]. Then the register is as before.
    pub fn grant(
        &mut self,
        who: &Actor,
        request: &GrantRequest,
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(Granted, Token), Denied> {
        self.refuse_what_is_not_taken_alone(&request.resource, policy)?;
        self.put(who, request, policy)
    }

    /// Grants as [`grant`](Self::grant) does, also a task of which all claims were asked for.
    fn put(
        &mut self,
        who: &Actor,
        request: &GrantRequest,
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(Granted, Token), Denied> {
        let now = policy.now;
        self.refuse_what_is_not_ready(who, &request.resource, policy)?;
        let mut from = Vec::new();
        for lock in self.overlapping(&request.resource) {
            if (policy.is_mine)(lock) {
                continue;
            }
            let is_over = lock.expires_at().plus_secs(policy.margin_secs) < now;
            if !is_over && !(policy.holder_is_dead)(lock) {
                return Err(Denied::Held(Box::new(lock.clone())));
            }
            from.push(FormerHolder {
                holder: lock.holder.id.clone(),
                had_expired: is_over,
            });
        }
        self.refuse_what_is_offered(who, &request.resource, policy)?;
        let mine = self.locks.iter_mut().find(|lock| {
            lock.resource == request.resource && (policy.is_mine)(lock) && lock.is_live(now)
        });
        if let Some(lock) = mine {
            // Nothing of others overlaps a lock that is in force.
            lock.renewed_at = lock.renewed_at.max(now);
            lock.purpose = request.purpose.clone();
            lock.ttl = request.ttl;
            lock.holder = policy.heard_of(lock, who).keeping(&lock.holder);
            return Ok((Granted::Renewed, lock.token));
        }
        let token = self.high_water.next(now).ok_or(Denied::NoTokenLeft)?;
        let secs = self.high_water.ahead_secs_of(now);
        if secs > policy.margin_secs {
            return Err(Denied::ClockBehind { secs });
        }
        self.locks.retain(|lock| {
            let overlaps = lock.resource.overlaps(&request.resource);
            ((policy.is_mine)(lock) || !overlaps) && lock.resource != request.resource
        });
        self.drop_offers(&request.resource, policy);
        self.high_water = token;
        self.locks.push(Lock {
            resource: request.resource.clone(),
            token,
            holder: who.clone(),
            purpose: request.purpose.clone(),
            granted_at: now,
            renewed_at: now,
            ttl: request.ttl,
            with: None,
        });
        self.drop_old_handoffs();
        self.count_attempt(&request.resource);
        let granted = match from.is_empty() {
            true => Granted::Free,
            false => Granted::TakenOver { from },
        };
        Ok((granted, token))
    }

    /// Renews the lock that `who` holds under `token`. An expired lock is not revived.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check`]. Then the register is as before.
    pub fn renew(
        &mut self,
        who: &Actor,
        resource: &Resource,
        token: Token,
        now: Timestamp,
    ) -> Result<(), Denied> {
        self.check(who, resource, Some(token), now)?;
        let same = |lock: &&mut Lock| lock.resource == *resource;
        if let Some(lock) = self.locks.iter_mut().find(same) {
            lock.renewed_at = lock.renewed_at.max(now);
            // A session that was resumed goes on in another process.
            lock.holder = who.keeping(&lock.holder);
        }
        Ok(())
    }

    /// Moves the lock that `from` holds under `token` to `to`. The token stays: to what it
    /// protects, nothing changed.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check`]. Then the register is as before.
    pub fn transfer(
        &mut self,
        from: &Actor,
        to: &Actor,
        resource: &Resource,
        token: Token,
        now: Timestamp,
    ) -> Result<(), Denied> {
        self.check(from, resource, Some(token), now)?;
        let same = |lock: &&mut Lock| lock.resource == *resource;
        if let Some(lock) = self.locks.iter_mut().find(same) {
            lock.renewed_at = lock.renewed_at.max(now);
            lock.holder = to.keeping(&lock.holder);
        }
        Ok(())
    }

    /// Releases the lock of `who`, expired or not, and returns it. Its token is not granted again.
    ///
    /// # Errors
    ///
    /// [`Denied::Free`] if there is no lock, and [`Denied::Held`] if it is one of another session.
    pub fn release(&mut self, who: &Actor, resource: &Resource) -> Result<Lock, Denied> {
        match self.lock_on(resource) {
            None => Err(Denied::Free),
            Some(lock) if !lock.is_of(who) => Err(Denied::Held(Box::new(lock.clone()))),
            Some(lock) => {
                let released = lock.clone();
                self.locks.retain(|lock| lock.resource != *resource);
                Ok(released)
            }
        }
    }

    /// Takes a lock from exactly this holder under exactly this token, and returns it.
    ///
    /// # Errors
    ///
    /// [`Denied::Free`] if there is no lock, [`Denied::OtherToken`] if it stands under another
    /// token, and [`Denied::Held`] if another session holds it.
    pub fn override_lock(
        &mut self,
        resource: &Resource,
        holder: &SessionId,
        token: Token,
    ) -> Result<Lock, Denied> {
        let lock = self.lock_on(resource).ok_or(Denied::Free)?;
        if lock.token != token {
            let current = lock.token;
            return Err(Denied::OtherToken {
                asked: token,
                current,
            });
        }
        if lock.holder.id != *holder {
            return Err(Denied::Held(Box::new(lock.clone())));
        }
        let taken = lock.clone();
        self.locks.retain(|lock| lock.resource != *resource);
        Ok(taken)
    }

    /// Returns the lock if `who` holds `resource` at `now`, and under `token` if it is given.
    ///
    /// # Errors
    ///
    /// The first that applies of [`Denied::Free`], [`Denied::OtherToken`], [`Denied::Held`] by
    /// another session, and [`Denied::Expired`].
    pub fn check(
        &self,
        who: &Actor,
        resource: &Resource,
        token: Option<Token>,
        now: Timestamp,
    ) -> Result<&Lock, Denied> {
        let lock = self.lock_on(resource).ok_or(Denied::Free)?;
        let current = lock.token;
        match token {
            Some(asked) if asked != current => Err(Denied::OtherToken { asked, current }),
            _ if !lock.is_of(who) => Err(Denied::Held(Box::new(lock.clone()))),
            _ if !lock.is_live(now) => Err(Denied::Expired(Box::new(lock.clone()))),
            _ => Ok(lock),
        }
    }
}

#[cfg(test)]
mod task_machine;
#[cfg(test)]
mod tests;
