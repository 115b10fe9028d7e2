//! A session with its claims, and what a request makes of it.
//!
//! Owns [`Session`] and [`step`], the pure step from session, request and time to session and
//! event: claim, enqueue, release, heartbeat, supersede, bypass. Every step counts as a heartbeat
//! and drops the claims that had expired, so that none is ever revived. Time never runs backwards
//! within a session, except from an hour that no clock can have. Never reads a clock, never knows
//! where a session is kept.

mod bypass;
mod life;
mod request;
mod said;
mod status;

pub use bypass::Bypass;
pub use life::Life;
pub use request::Request;
pub use status::{Signs, Status, status};

use super::actor::Actor;
use super::claim::{Claim, Mode};
use super::event::{Event, EventKind};
use super::refusal::Refusal;
use super::resource::Resource;
use super::state::Statement;
use super::text::Purpose;
use super::time::{Timestamp, Ttl};

/// The most claims that one session may have.
pub const CLAIMS_MAX: usize = 64;

/// A session as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session, and where it acted from last.
    pub who: Actor,
    /// Its last heartbeat.
    pub seen_at: Timestamp,
    /// How long a session without claims counts as live after a heartbeat.
    pub ttl: Ttl,
    /// Its shared claims and queued requests, at most [`CLAIMS_MAX`].
    pub claims: Vec<Claim>,
    /// What it said of resources, at most 64; they outlast its claims and itself.
    pub states: Vec<Statement>,
    /// When it began and ended, and what its harness calls it.
    pub life: Life,
}

/// A session after a request, and the event for its history.
#[derive(Clone, Debug)]
pub struct Step {
    /// The session as it is to be recorded.
    pub session: Session,
    /// What happened.
    pub event: Event,
}

impl Session {
    /// Returns true until the session has ended or expired, and every claim of it expired.
    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.has_ended() && now < self.seen_at.plus_secs(self.ttl.as_secs())
            || self.claims.iter().any(|c| c.is_live(self.seen_at, now))
    }

    /// Returns true if the session was seen when its clock was further ahead than any in earnest.
    /// Other sessions cannot read it until it says the right time.
    pub fn is_impossible(&self, now: Timestamp) -> bool {
        let claimed = self.claims.iter().map(|claim| claim.claimed_at);
        let said = self.states.iter().map(|said| said.at);
        { claimed.chain(said) }
            .chain([self.seen_at])
            .any(|at| at.is_impossible(now))
    }
}

/// Applies `request` of `who` to the session as it was, and returns it as it is after that.
///
/// `None` means that there is nothing to do and nothing to write. `session_ttl` is the time to live
/// of the session itself. A `now` before the last heartbeat counts as that heartbeat, since it may
/// be this clock that is wrong; unless the session [is impossible](Session::is_impossible): then it
/// goes on from `now`, and nothing of it was made later.
///
/// # Errors
///
/// [`Refusal::NotYours`] for a release of what the session does not have,
/// [`Refusal::TooManyClaims`], and [`Refusal::TooManyStates`]. Then nothing changes.
pub fn step(
    before: Option<&Session>,
    who: &Actor,
    request: &Request,
    now: Timestamp,
    session_ttl: Ttl,
) -> Result<Option<Step>, Refusal> {
    let now = match before {
        Some(session) if !session.is_impossible(now) => session.seen_at.max(now),
        _ => now,
    };
    let (kept, expired) = partition_expired(before, now);
    let seen_at = match (request, before) {
        // What another process does is no heartbeat of this session.
        (request, Some(session)) if life::is_no_heartbeat(request) => session.seen_at,
        _ => now,
    };
    let mut session = Session {
        who: before.map_or_else(|| who.clone(), |session| who.keeping(&session.who)),
        seen_at,
        ttl: session_ttl,
        claims: kept,
        states: said::kept(before, now),
        life: life::after(before, request, now),
    };
    let Some((kind, resources)) = session.apply(before, request, &expired)? else {
        return Ok(None);
    };
    let event = Event {
        session: who.id.clone(),
        resources,
        expired: expired.into_iter().map(|claim| claim.resource).collect(),
        kind,
    };
    Ok(Some(Step { session, event }))
}

/// Returns the kind of a step without an event of its own.
const fn beaten(is_heartbeat: bool) -> EventKind {
    match is_heartbeat {
        true => EventKind::Heartbeat,
        false => EventKind::Expired,
    }
}

/// Returns the kind of a release: if all claims had expired before, none was released.
fn released_or_expired(released: &[Resource]) -> EventKind {
    if released.is_empty() {
        EventKind::Expired
    } else {
        EventKind::RELEASED
    }
}

/// Separates the claims that are live from those that had expired. None was made later than `now`.
fn partition_expired(before: Option<&Session>, now: Timestamp) -> (Vec<Claim>, Vec<Claim>) {
    let Some(session) = before else {
        return (Vec::new(), Vec::new());
    };
    let claims = session.claims.iter().cloned();
    let (mut live, expired): (Vec<Claim>, Vec<Claim>) =
        claims.partition(|claim| claim.is_live(session.seen_at, now));
    for claim in &mut live {
        claim.claimed_at = claim.claimed_at.min(now);
    }
    (live, expired)
}

impl Session {
    /// Applies a request, and returns what happened and to which resources; `None` if nothing did.
    /// `expired` are the claims that this step drops.
    fn apply(
        &mut self,
        before: Option<&Self>,
        request: &Request,
        expired: &[Claim],
    ) -> Result<Option<(EventKind, Vec<Resource>)>, Refusal> {
        let done = match request {
            Request::Heartbeat => (beaten(expired.is_empty()), Vec::new()),
            Request::Claim {
                wanted,
                purpose,
                ttl,
            } => (self.claim(wanted, purpose, *ttl)?, wanted.clone()),
            Request::Enqueue {
                wanted,
                purpose,
                ttl,
                place_until,
            } => {
                let new = self.enqueue(wanted, purpose, *ttl, *place_until)?;
                let purpose = purpose.clone();
                let kind = match new.is_empty() {
                    false => EventKind::Queued { purpose },
                    // A place that is kept for longer is no event.
                    true => beaten(expired.is_empty()),
                };
                (kind, new)
            }
            Request::Inherit(claims) => {
                let inherited = self.inherit(claims)?;
                let Some(last) = inherited.last() else {
                    return Ok(None);
                };
                let purpose = last.purpose.clone();
                let token = None;
                let resources = inherited.into_iter().map(|claim| claim.resource).collect();
                (EventKind::Claimed { purpose, token }, resources)
            }
            Request::Begin { .. } | Request::Know(_) | Request::End { .. } => {
                return Ok(self.live(before, request));
            }
            Request::Tell(message) => message.happened(),
            Request::Bypass(bypass) => (bypass.kind(), bypass.about.clone()),
            Request::Say { sayings, over } => return self.say_all(sayings, over),
            Request::Release(which) => {
                let released = self.release(which, expired)?;
                (released_or_expired(&released), released)
            }
            Request::Clear { which, by, reason } => {
                let (by, reason) = (by.clone(), reason.clone());
                let kind = EventKind::Cleared { by, reason };
                (kind, self.release(which, expired)?)
            }
            Request::ReleaseAll | Request::Supersede { .. } => {
                let released = self.release_all();
                match request {
                    // What is offered to a session that holds nothing goes to the newer one.
                    Request::Supersede { by } => {
                        let by = by.clone();
                        (EventKind::Superseded { by }, released)
                    }
                    _ if released.is_empty() && expired.is_empty() => return Ok(None),
                    _ => (released_or_expired(&released), released),
                }
            }
        };
        Ok(Some(done))
    }

    /// Claims or renews all of `wanted`, or nothing.
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
                // A queued request is not a claim: it becomes one now, and starts now.
                if !claim.mode.holds() {
                    claim.mode = Mode::Shared;
                    claim.place_until = None;
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
                place_until: None,
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

    /// Adds claims of another session, and returns those that were added. None is younger than
    /// this step.
    fn inherit(&mut self, claims: &[Claim]) -> Result<Vec<Claim>, Refusal> {
        let mut new: Vec<Claim> = Vec::new();
        for claim in claims {
            if self
                .claims
                .iter()
                .all(|mine| mine.resource != claim.resource)
            {
                let claimed_at = claim.claimed_at.min(self.seen_at);
                new.push(Claim {
                    claimed_at,
                    ..claim.clone()
                });
            }
        }
        self.claims.extend(new.iter().cloned());
        match self.claims.len() {
            0..=CLAIMS_MAX => Ok(new),
            _ => Err(Refusal::TooManyClaims {
                claims_max: CLAIMS_MAX,
            }),
        }
    }

    /// Enqueues requests for `wanted` and returns those that are new. One that is queued already
    /// keeps its position.
    fn enqueue(
        &mut self,
        wanted: &[Resource],
        purpose: &Purpose,
        ttl: Ttl,
        place_until: Option<Timestamp>,
    ) -> Result<Vec<Resource>, Refusal> {
        let has = |claims: &[Claim], r: &Resource| claims.iter().any(|c| c.resource == *r);
        let new: Vec<Resource> = wanted
            .iter()
            .filter(|resource| !has(&self.claims, resource))
            .cloned()
            .collect();
        let seen_at = self.seen_at;
        let queued = self.claims.iter_mut();
        for claim in queued.filter(|c| c.mode == Mode::Waiting && wanted.contains(&c.resource)) {
            claim.purpose = purpose.clone();
            claim.ttl = ttl;
            claim.place_until = place_until;
        }
        self.claims.extend(new.iter().map(|resource| Claim {
            resource: resource.clone(),
            purpose: purpose.clone(),
            mode: Mode::Waiting,
            claimed_at: seen_at,
            ttl,
            place_until,
        }));
        if self.claims.len() > CLAIMS_MAX {
            return Err(Refusal::TooManyClaims {
                claims_max: CLAIMS_MAX,
            });
        }
        Ok(new)
    }

    /// Releases all of `which`, or nothing. A claim that this step drops as expired counts as
    /// released.
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
