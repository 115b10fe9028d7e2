//! The lease of an exclusive claim, as the lock register has it.
//!
//! Owns [`lease_status`]: whether a session still holds what was granted to it, and who has it
//! otherwise. Never knows whether the holder may rely on its own clock; that is asked of the
//! lease that its clone recorded.

use super::actor::Actor;
use super::event::{Event, EventKind};
use super::id::SessionId;
use super::lock::{Lock, LockRegister};
use super::resource::Resource;
use super::text::Purpose;
use super::time::Timestamp;
use super::token::Token;

/// What became of a lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseStatus<'r> {
    /// The lock stands under the token of the lease, and has not expired.
    Held(&'r Lock),
    /// The lock stands under the token of the lease, and has expired.
    Expired(&'r Lock),
    /// Another grant or a release replaced the lock.
    Lost {
        /// By which session and when, as far as the register and its last event show it.
        by: Option<(SessionId, Timestamp)>,
        /// Why it was taken by force, if it was.
        reason: Option<Purpose>,
    },
}

/// Returns what became of the lease on `resource` that was granted to `who` under `token`.
///
/// `last` is the last event of the register with its time. It counts only if it is about
/// `resource` and not older than the grant.
pub fn lease_status<'r>(
    who: &Actor,
    (resource, token): (&Resource, Token),
    register: &'r LockRegister,
    last: Option<&(Event, Timestamp)>,
    now: Timestamp,
) -> LeaseStatus<'r> {
    let lock = register.lock_on(resource);
    if let Some(lock) = lock.filter(|lock| lock.is_of(who) && lock.token == token) {
        return if lock.is_live(now) {
            LeaseStatus::Held(lock)
        } else {
            LeaseStatus::Expired(lock)
        };
    }
    let last = last.filter(|(event, _)| {
        let at_the_time = event.kind.details().token;
        at_the_time.is_none_or(|at_the_time| at_the_time >= token)
            && event.resources.iter().any(|r| r.overlaps(resource))
    });
    let mut later = register.locks.iter().filter(|lock| lock.token > token);
    let holder = later
        .find(|lock| lock.resource.overlaps(resource))
        .map(|lock| (lock.holder.id.clone(), lock.granted_at));
    LeaseStatus::Lost {
        by: holder.or_else(|| last.map(|(event, at)| (event.session.clone(), *at))),
        reason: last.and_then(|(event, _)| match &event.kind {
            EventKind::Overridden { reason, .. } => Some(reason.clone()),
            _ => None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Ttl;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    fn purpose() -> Purpose {
        Purpose::parse("drain").unwrap()
    }

    fn resource(label: &str) -> Resource {
        Resource::parse(label).unwrap()
    }

    /// A lock that was granted and renewed at 100 s for 60 s.
    fn lock(label: &str, holder: Actor, token: u64) -> Lock {
        Lock {
            resource: resource(label),
            token: Token::new(token),
            holder,
            purpose: purpose(),
            granted_at: at(100),
            renewed_at: at(100),
            ttl: Ttl::from_secs(60).unwrap(),
            with: None,
        }
    }

    fn event(label: &str, kind: EventKind) -> (Event, Timestamp) {
        let event = Event {
            session: SessionId::parse("carol").unwrap(),
            resources: vec![resource(label)],
            expired: Vec::new(),
            kind,
        };
        (event, at(120))
    }

    fn lost(by: Option<(&str, i64)>, reason: Option<Purpose>) -> LeaseStatus<'static> {
        let by = by.map(|(id, secs)| (SessionId::parse(id).unwrap(), at(secs)));
        LeaseStatus::Lost { by, reason }
    }

    /// Checks the lease of alice, of node 1, on `path:src` under token 7, at 130 s.
    fn check(locks: Vec<Lock>, last: Option<(Event, Timestamp)>, expected: &LeaseStatus<'_>) {
        let register = LockRegister {
            high_water: Token::new(9),
            locks,
            ..LockRegister::default()
        };
        let lease = (&resource("path:src"), Token::new(7));
        let alice = Actor::example("alice", 1);
        let status = lease_status(&alice, lease, &register, last.as_ref(), at(130));
        assert_eq!(status, *expected, "{register:?} after {last:?}");
    }

    #[test]
    fn a_lease_is_held_until_it_expires() {
        let held = lock("path:src", Actor::example("alice", 1), 7);
        check(vec![held.clone()], None, &LeaseStatus::Held(&held));
        for (ttl_secs, is_held) in [(31, true), (30, false)] {
            let ttl = Ttl::from_secs(ttl_secs).unwrap();
            let lock = Lock {
                ttl,
                ..held.clone()
            };
            let status = if is_held {
                LeaseStatus::Held(&lock)
            } else {
                LeaseStatus::Expired(&lock)
            };
            check(vec![lock.clone()], None, &status);
        }
    }

    #[test]
    fn a_lock_of_another_grant_is_not_the_lease() {
        check(Vec::new(), None, &lost(None, None));
        // Granted anew to the same session; to its namesake in another clone; over a wider path.
        for (lock, by) in [
            (
                lock("path:src", Actor::example("alice", 1), 8),
                Some(("alice", 100)),
            ),
            (
                lock("path:src", Actor::example("alice", 2), 8),
                Some(("alice", 100)),
            ),
            (
                lock("path:**", Actor::example("bob", 2), 9),
                Some(("bob", 100)),
            ),
            (lock("path:src", Actor::example("bob", 2), 6), None),
            (lock("path:docs", Actor::example("bob", 2), 9), None),
        ] {
            check(vec![lock], None, &lost(by, None));
        }
    }

    #[test]
    fn the_last_event_counts_if_it_is_about_the_lease() {
        let token = |number| Some(Token::new(number));
        let released = |number| EventKind::Released {
            token: token(number),
            to: None,
        };
        let overridden = |number| EventKind::Overridden {
            holder: SessionId::parse("alice").unwrap(),
            reason: purpose(),
            token: Token::new(number),
        };
        let carol = Some(("carol", 120));
        for (label, kind, expected) in [
            ("path:src", released(7), lost(carol, None)),
            ("path:src", EventKind::RELEASED, lost(carol, None)),
            ("path:src", released(6), lost(None, None)),
            ("path:docs", released(7), lost(None, None)),
            ("path:src/a.rs", overridden(7), lost(carol, Some(purpose()))),
            ("path:src", overridden(6), lost(None, None)),
        ] {
            check(Vec::new(), Some(event(label, kind)), &expected);
        }
        // The register shows who holds it now; the event only why it was taken.
        let bob = lock("path:src", Actor::example("bob", 2), 8);
        let last = Some(event("path:src", overridden(7)));
        check(vec![bob], last, &lost(Some(("bob", 100)), Some(purpose())));
    }
}
