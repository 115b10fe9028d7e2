//! Who holds a resource alone, and what a request makes of that.
//!
//! Owns the lock with its lease and its fencing token, the cell in which locks are decided
//! together, and the pure steps grant, renew, release, override. An exclusion rests only on what
//! stands in the cell, because the cell is what is swapped. Never reads a clock, never knows where
//! a cell is kept.

use super::actor::Actor;
use super::id::SessionId;
use super::resource::Resource;
use super::text::Purpose;
use super::time::{Timestamp, Ttl};
use super::token::Token;

/// One resource, held by one session until its lease expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    pub resource: Resource,
    pub token: Token,
    pub holder: Actor,
    pub purpose: Purpose,
    pub granted_at: Timestamp,
    pub renewed_at: Timestamp,
    pub ttl: Ttl,
}

impl Lock {
    pub fn expires_at(&self) -> Timestamp {
        self.renewed_at.plus_secs(self.ttl.as_secs())
    }

    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at()
    }

    /// Held by this session, on this clone: another one of the same name elsewhere is another.
    pub fn is_of(&self, who: &Actor) -> bool {
        self.holder.id == who.id && self.holder.node == who.node
    }
}

/// What is decided together, in one swap: a resource, or all paths, since these can overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockRegister {
    /// The highest token that was ever given out here. It stays when a lock goes.
    pub high_water: Token,
    pub locks: Vec<Lock>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct GrantRequest {
    pub resource: Resource,
    pub purpose: Purpose,
    pub ttl: Ttl,
}

/// How the locks that are there are judged.
#[derive(Clone, Copy)]
pub struct TakeoverPolicy<'j> {
    pub now: Timestamp,
    /// How far clocks may be apart: a lock is taken over only when it expired longer ago.
    pub margin_secs: u64,
    /// Whether the holder is provably gone, whatever its lease says.
    pub holder_is_dead: &'j dyn Fn(&Lock) -> bool,
    /// Whether it is a lock of whoever asks.
    pub is_mine: &'j dyn Fn(&Lock) -> bool,
}

/// How a grant came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// Nobody held it.
    Free,
    /// It was mine, and in force.
    Renewed,
    /// It was somebody else's.
    TakenOver { from: Vec<FormerHolder> },
}

/// Whose lock was taken over, and why it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerHolder {
    pub holder: SessionId,
    /// Whether the lease was over; else the holder was gone before that.
    pub had_expired: bool,
}

/// Why a lock is not mine to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Held by another session, in force or not yet expired for long enough.
    Held(Box<Lock>),
    /// Nobody holds it.
    Free,
    /// It was mine and expired.
    Expired(Box<Lock>),
    /// The token is not the one that is in force.
    OtherToken { asked: Token, current: Token },
    /// No greater token can be given out.
    NoTokenLeft,
}

impl LockRegister {
    pub fn lock_on(&self, resource: &Resource) -> Option<&Lock> {
        self.locks.iter().find(|lock| lock.resource == *resource)
    }

    /// Locks that stand in the way of `resource`, whoever holds them.
    fn overlapping<'c>(&'c self, resource: &'c Resource) -> impl Iterator<Item = &'c Lock> {
        self.locks
            .iter()
            .filter(move |lock| lock.resource.overlaps(resource))
    }

    /// Grant `wish` to `who`, or say who holds it. A lock of mine that is in force is renewed; one
    /// that expired is granted anew, under a new token, because somebody may have relied on that.
    pub fn grant(
        &mut self,
        who: &Actor,
        wish: &GrantRequest,
        policy: &TakeoverPolicy<'_>,
    ) -> Result<(Granted, Token), Denied> {
        let now = policy.now;
        let mut from = Vec::new();
        for lock in self.overlapping(&wish.resource) {
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
        let mine = self.locks.iter_mut().find(|lock| {
            lock.resource == wish.resource && (policy.is_mine)(lock) && lock.is_live(now)
        });
        if let Some(lock) = mine {
            // Nothing of others overlaps a lock that is in force.
            lock.renewed_at = lock.renewed_at.max(now);
            lock.purpose = wish.purpose.clone();
            lock.ttl = wish.ttl;
            lock.holder = who.clone();
            return Ok((Granted::Renewed, lock.token));
        }
        let token = self.high_water.next(now).ok_or(Denied::NoTokenLeft)?;
        self.locks.retain(|lock| {
            let overlaps = lock.resource.overlaps(&wish.resource);
            ((policy.is_mine)(lock) || !overlaps) && lock.resource != wish.resource
        });
        self.high_water = token;
        self.locks.push(Lock {
            resource: wish.resource.clone(),
            token,
            holder: who.clone(),
            purpose: wish.purpose.clone(),
            granted_at: now,
            renewed_at: now,
            ttl: wish.ttl,
        });
        let granted = match from.is_empty() {
            true => Granted::Free,
            false => Granted::TakenOver { from },
        };
        Ok((granted, token))
    }

    /// Renew what `who` holds under `token`. What expired is not revived, what is somebody else's
    /// is not touched.
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
            if who.process.is_some() {
                lock.holder = who.clone();
            }
        }
        Ok(())
    }

    /// Give back what stands in the name of `who`; the token stays used. What expired may be given
    /// back too.
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

    /// Take a lock away from exactly this holder with exactly this token.
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

    /// Whether `who` holds `resource` now, under this token where one is named.
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

    /// What stands for this state where those that followed it may be lost: the locks under the
    /// tokens that are counted on last as long as if they were renewed now, and no token up to
    /// `given` or the clock is given out again.
    #[must_use]
    pub fn restored(mut self, counted: &[Token], given: Token, now: Timestamp) -> Self {
        let locks = self.locks.iter_mut();
        for lock in locks.filter(|lock| counted.contains(&lock.token)) {
            lock.renewed_at = lock.renewed_at.max(now);
        }
        let given = given.max(Token::by_clock(now)).min(Token::MAX);
        self.high_water = self.high_water.max(given);
        self
    }

    /// Whether every token in it is at or below the high-water mark, and no two locks of different
    /// overlap: what each cell that was ever written here keeps.
    pub fn is_sound(&self) -> bool {
        let below = self.locks.iter().all(|lock| lock.token <= self.high_water);
        let apart = self.locks.iter().enumerate().all(|(n, a)| {
            self.locks[n + 1..].iter().all(|b| {
                let same_holder = a.holder.id == b.holder.id && a.holder.node == b.holder.node;
                a.resource != b.resource && (same_holder || !a.resource.overlaps(&b.resource))
            })
        });
        below && apart
    }
}

#[cfg(test)]
mod tests;
