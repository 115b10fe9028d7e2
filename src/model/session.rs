//! A session and what a request makes of it.
//!
//! Owns the pure step `session + request + now → session + event`: claim, renew, release,
//! heartbeat, supersede. Every step is a sign of life and drops what had expired, so nothing that
//! expired is ever revived; time never runs backwards within a session. Never reads a clock,
//! never knows where a session is kept.

use super::actor::Actor;
use super::claim::{Claim, Mode};
use super::event::{Around, Event, EventKind};
use super::id::SessionId;
use super::refusal::Refusal;
use super::resource::Resource;
use super::text::Purpose;
use super::time::{Timestamp, Ttl};

/// The most claims that one session may hold.
pub const CLAIMS_MAX: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub who: Actor,
    pub seen_at: Timestamp,
    pub ttl: Ttl,
    pub claims: Vec<Claim>,
}

/// What a session is asked to do.
#[derive(Clone, Debug)]
pub enum Request {
    Heartbeat,
    Claim {
        wanted: Vec<Resource>,
        purpose: Purpose,
        ttl: Ttl,
    },
    /// Queue a request for exclusive claims; what is held already is not requested.
    Enqueue {
        wanted: Vec<Resource>,
        purpose: Purpose,
        ttl: Ttl,
    },
    Release(Vec<Resource>),
    ReleaseAll,
    /// Release everything, because session `by` took this one's place.
    Supersede {
        by: SessionId,
    },
    Bypass(Bypass),
}

/// Something that was done although others hold it.
#[derive(Clone, Debug)]
pub struct Bypass {
    pub about: Vec<Resource>,
    pub holders: Vec<SessionId>,
    /// What they claim of it.
    pub around: Vec<Around>,
    pub reason: Purpose,
}

/// A session after a request, and the event that tells it.
#[derive(Clone, Debug)]
pub struct Step {
    pub session: Session,
    pub event: Event,
}

impl Session {
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.seen_at.plus_secs(self.ttl.as_secs())
            || self.claims.iter().any(|c| c.is_live(self.seen_at, now))
    }
}

/// Apply `request`. `None` means that there is nothing to do and nothing to write.
pub fn step(
    before: Option<&Session>,
    who: &Actor,
    request: &Request,
    now: Timestamp,
    session_ttl: Ttl,
) -> Result<Option<Step>, Refusal> {
    let now = before.map_or(now, |s| s.seen_at.max(now));
    let (kept, expired) = partition_expired(before, now);
    let mut session = Session {
        who: who.clone(),
        seen_at: now,
        ttl: session_ttl,
        claims: kept,
    };
    let (kind, resources) = match request {
        Request::Heartbeat if expired.is_empty() => (EventKind::Heartbeat, Vec::new()),
        Request::Heartbeat => (EventKind::Expired, Vec::new()),
        Request::Claim {
            wanted,
            purpose,
            ttl,
        } => (session.claim(wanted, purpose, *ttl)?, wanted.clone()),
        Request::Enqueue {
            wanted,
            purpose,
            ttl,
        } => {
            let new = session.enqueue(wanted, purpose, *ttl)?;
            let purpose = purpose.clone();
            (EventKind::Queued { purpose }, new)
        }
        Request::Bypass(bypass) => {
            let kind = EventKind::Bypassed {
                holders: bypass.holders.clone(),
                around: bypass.around.clone(),
                reason: bypass.reason.clone(),
            };
            (kind, bypass.about.clone())
        }
        Request::Release(which) => {
            let released = session.release(which, &expired)?;
            (released_or_expired(&released), released)
        }
        Request::ReleaseAll | Request::Supersede { .. } => {
            let released = session.release_all();
            if released.is_empty() && expired.is_empty() {
                return Ok(None);
            }
            if let Request::Supersede { by: newer } = request {
                let by = newer.clone();
                (EventKind::Superseded { by }, released)
            } else {
                (released_or_expired(&released), released)
            }
        }
    };
    let event = Event {
        session: who.id.clone(),
        resources,
        expired: expired.into_iter().map(|claim| claim.resource).collect(),
        kind,
    };
    Ok(Some(Step { session, event }))
}

/// Where all of it had expired before, nothing was released.
fn released_or_expired(released: &[Resource]) -> EventKind {
    if released.is_empty() {
        EventKind::Expired
    } else {
        EventKind::Released { token: None }
    }
}

fn partition_expired(before: Option<&Session>, now: Timestamp) -> (Vec<Claim>, Vec<Claim>) {
    match before {
        None => (Vec::new(), Vec::new()),
        Some(session) => session
            .claims
            .iter()
            .cloned()
            .partition(|claim| claim.is_live(session.seen_at, now)),
    }
}

impl Session {
    /// Claim or renew all of `wanted`, or nothing.
    fn claim(
        &mut self,
        wanted: &[Resource],
        purpose: &Purpose,
        ttl: Ttl,
    ) -> Result<EventKind, Refusal> {
        let mut is_renewal = true;
        for resource in wanted {
            let mine = self.claims.iter_mut().find(|c| c.resource == *resource);
            if let Some(claim) = mine {
                // A wish is not a claim: it becomes one now, and starts now.
                if !claim.mode.holds() {
                    claim.mode = Mode::Shared;
                    claim.claimed_at = self.seen_at;
                    is_renewal = false;
                }
                claim.purpose = purpose.clone();
                claim.ttl = ttl;
                continue;
            }
            is_renewal = false;
            self.claims.push(Claim {
                resource: resource.clone(),
                purpose: purpose.clone(),
                mode: Mode::Shared,
                claimed_at: self.seen_at,
                ttl,
            });
        }
        if self.claims.len() > CLAIMS_MAX {
            return Err(Refusal::TooManyClaims {
                claims_max: CLAIMS_MAX,
            });
        }
        let purpose = purpose.clone();
        Ok(if is_renewal {
            EventKind::Renewed {
                purpose: Some(purpose),
                token: None,
            }
        } else {
            EventKind::Claimed {
                purpose,
                token: None,
            }
        })
    }

    /// Enqueues requests for `wanted` and returns those that are new.
    fn enqueue(
        &mut self,
        wanted: &[Resource],
        purpose: &Purpose,
        ttl: Ttl,
    ) -> Result<Vec<Resource>, Refusal> {
        let has = |claims: &[Claim], r: &Resource| claims.iter().any(|c| c.resource == *r);
        let new: Vec<Resource> = wanted
            .iter()
            .filter(|resource| !has(&self.claims, resource))
            .cloned()
            .collect();
        let seen_at = self.seen_at;
        self.claims.extend(new.iter().map(|resource| Claim {
            resource: resource.clone(),
            purpose: purpose.clone(),
            mode: Mode::Waiting,
            claimed_at: seen_at,
            ttl,
        }));
        if self.claims.len() > CLAIMS_MAX {
            return Err(Refusal::TooManyClaims {
                claims_max: CLAIMS_MAX,
            });
        }
        Ok(new)
    }

    /// Release all of `which`, or nothing. What expired a moment ago counts as released.
    fn release(&mut self, which: &[Resource], expired: &[Claim]) -> Result<Vec<Resource>, Refusal> {
        let is_mine = |resource: &Resource| {
            let same = |claim: &Claim| claim.resource == *resource;
            self.claims.iter().any(same) || expired.iter().any(same)
        };
        if let Some(foreign) = which.iter().find(|resource| !is_mine(resource)) {
            return Err(Refusal::NotYours {
                resource: foreign.clone(),
                by: Vec::new(),
            });
        }
        let (released, kept) = std::mem::take(&mut self.claims)
            .into_iter()
            .partition(|claim| which.contains(&claim.resource));
        self.claims = kept;
        let released: Vec<Claim> = released;
        Ok(released.into_iter().map(|claim| claim.resource).collect())
    }

    fn release_all(&mut self) -> Vec<Resource> {
        let all = std::mem::take(&mut self.claims);
        all.into_iter().map(|claim| claim.resource).collect()
    }
}

#[cfg(test)]
mod tests;
