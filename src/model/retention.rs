//! Retention: which sessions are over, so that the board no longer keeps them.
//!
//! Owns [`Retention`] and the rule of when a session is over: nothing of it is in force, and it has
//! been silent for long enough. Never removes a session, never reads a clock.

use super::id::NodeId;
use super::lock::Lock;
use super::session::Session;
use super::time::Timestamp;

const SECS_A_DAY: u64 = 24 * 60 * 60;
/// How long a session of this clone that released everything stays on the board.
const RELEASED_FOR_SECS: u64 = SECS_A_DAY;
/// By how many times the retention the clock of this clone alone must be past a session of another
/// clone, where no third clone shows that it is that late.
const UNWITNESSED: u64 = 4;

/// How long the board keeps what is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long a silent session stays on the board, in seconds.
    pub silent_secs: u64,
    /// How long a lock register without a lock stays on the board, in seconds.
    pub free_secs: u64,
}

impl Retention {
    /// 7 days for silent sessions, 30 days for free lock registers.
    pub const DEFAULT: Self = Self {
        silent_secs: 7 * SECS_A_DAY,
        free_secs: 30 * SECS_A_DAY,
    };

    /// Returns true if a session of this clone is over: it has no claim in force, and has been
    /// silent for a day after it released everything, else for the whole retention.
    pub fn is_own_over(&self, session: &Session, now: Timestamp) -> bool {
        let silent_secs = match session.claims.is_empty() {
            true => self.silent_secs.min(RELEASED_FOR_SECS),
            false => self.silent_secs,
        };
        !session.is_live(now) && now.secs_since(session.seen_at) >= silent_secs
    }

    /// Returns true if a session of another clone is over, so that any clone may remove it: it has
    /// no claim in force and has been silent for the whole retention. One wrong clock must not
    /// remove what others work with: so either `witnessed`, the newest heartbeat of a third clone,
    /// is as late, or the session has been silent for four times as long.
    pub fn is_foreign_over(
        &self,
        session: &Session,
        now: Timestamp,
        witnessed: Option<Timestamp>,
    ) -> bool {
        let silent_secs = |now: Timestamp| now.secs_since(session.seen_at);
        let is_witnessed = witnessed.is_some_and(|at| silent_secs(at) >= self.silent_secs);
        let alone_secs = self.silent_secs.saturating_mul(UNWITNESSED);
        !session.is_live(now)
            && silent_secs(now) >= self.silent_secs
            && (is_witnessed || silent_secs(now) >= alone_secs)
    }
}

/// Returns true if the session holds one of `locks` and the lease has not expired.
pub fn holds_a_lock(session: &Session, locks: &[Lock], now: Timestamp) -> bool {
    let holds = |lock: &Lock| lock.is_of(&session.who) && lock.is_live(now);
    locks.iter().any(holds)
}

/// The newest heartbeats on a board, for [`Retention::is_foreign_over`].
#[derive(Clone, Debug, Default)]
pub struct Witnesses(Vec<(NodeId, Timestamp)>);

impl Witnesses {
    /// Adds a heartbeat of a session of the clone `node`.
    pub fn add(&mut self, node: NodeId, seen_at: Timestamp) {
        match self.0.iter_mut().find(|(known, _)| *known == node) {
            Some((_, newest)) => *newest = seen_at.max(*newest),
            None => self.0.push((node, seen_at)),
        }
    }

    /// Returns the newest heartbeat of a clone other than these two, up to `now`.
    pub fn besides(&self, two: [NodeId; 2], now: Timestamp) -> Option<Timestamp> {
        let others = self.0.iter().filter(|(node, _)| !two.contains(node));
        others.map(|(_, at)| *at).filter(|at| *at <= now).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::actor::Actor;
    use crate::model::claim::{Claim, Mode};
    use crate::model::resource::Resource;
    use crate::model::text::Purpose;
    use crate::model::time::Ttl;
    use crate::model::token::Token;

    const DAY: u64 = SECS_A_DAY;

    fn at(days: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000_000_000).plus_secs(days * DAY)
    }

    fn session(claims: usize) -> Session {
        let claim = |n: usize| Claim {
            resource: Resource::parse(&format!("node:{n}")).unwrap(),
            purpose: Purpose::parse("p").unwrap(),
            mode: Mode::Shared,
            claimed_at: at(0),
            ttl: Ttl::DEFAULT,
            place_until: None,
        };
        Session {
            who: Actor::example("s", 1),
            seen_at: at(0),
            ttl: Ttl::DEFAULT,
            claims: (0..claims).map(claim).collect(),
            states: Vec::new(),
            life: Default::default(),
        }
    }

    #[test]
    fn an_own_session_is_over_a_day_after_its_release_or_after_the_retention() {
        let is_over =
            |claims, secs| Retention::DEFAULT.is_own_over(&session(claims), at(0).plus_secs(secs));
        assert!(!is_over(0, DAY - 1));
        assert!(is_over(0, DAY));
        assert!(!is_over(1, 7 * DAY - 1));
        assert!(is_over(1, 7 * DAY));
        let short = Retention {
            silent_secs: 3600,
            ..Retention::DEFAULT
        };
        assert!(!short.is_own_over(&session(0), at(0).plus_secs(3599)));
        assert!(short.is_own_over(&session(0), at(0).plus_secs(3600)));
    }

    #[test]
    fn what_is_in_force_or_in_the_future_is_never_over() {
        let none = Retention {
            silent_secs: 0,
            free_secs: 0,
        };
        let mut live = session(1);
        assert!(!none.is_own_over(&live, at(0)));
        assert!(!none.is_foreign_over(&live, at(0), Some(at(9))));
        live.ttl = Ttl::MIN;
        let after_the_session = at(0).plus_secs(Ttl::MIN.as_secs());
        assert!(!none.is_own_over(&live, after_the_session));
        let mut early = session(0);
        early.seen_at = at(30);
        assert!(!Retention::DEFAULT.is_own_over(&early, at(0)));
        assert!(!Retention::DEFAULT.is_foreign_over(&early, at(0), Some(at(60))));
    }

    #[test]
    fn a_foreign_session_is_over_after_the_retention_by_two_clocks_or_four_times_by_one() {
        let is_over =
            |now, witnessed| Retention::DEFAULT.is_foreign_over(&session(0), now, witnessed);
        let almost = at(7).minus_secs(1);
        assert!(!is_over(almost, Some(at(7))));
        assert!(!is_over(at(7), Some(almost)));
        assert!(is_over(at(7), Some(at(7))));
        assert!(!is_over(at(7), None));
        assert!(!is_over(at(28).minus_secs(1), Some(almost)));
        assert!(is_over(at(28), None));
        assert!(is_over(at(28), Some(at(0))));
    }

    #[test]
    fn a_third_clone_is_the_witness_and_none_from_the_future() {
        let node = |n| NodeId::from_bytes([n; 16]);
        let mut witnesses = Witnesses::default();
        witnesses.add(node(1), at(9));
        witnesses.add(node(2), at(8));
        witnesses.add(node(3), at(5));
        witnesses.add(node(3), at(4));
        assert_eq!(witnesses.besides([node(1), node(2)], at(9)), Some(at(5)));
        assert_eq!(witnesses.besides([node(2), node(3)], at(9)), Some(at(9)));
        assert_eq!(witnesses.besides([node(3), node(4)], at(8)), Some(at(8)));
        assert_eq!(witnesses.besides([node(1), node(2)], at(4)), None);
    }

    #[test]
    fn a_lease_of_the_session_itself_counts_until_it_expires() {
        let session = session(0);
        let lock = |holder: Actor| Lock {
            resource: Resource::parse("node:x").unwrap(),
            token: Token::new(1),
            holder,
            purpose: Purpose::parse("p").unwrap(),
            granted_at: at(0),
            renewed_at: at(0),
            ttl: Ttl::MIN,
            with: None,
        };
        let mine = [lock(session.who.clone())];
        let ends = at(0).plus_secs(Ttl::MIN.as_secs());
        assert!(holds_a_lock(&session, &mine, ends.minus_secs(1)));
        assert!(!holds_a_lock(&session, &mine, ends));
        let elsewhere = [lock(Actor::example("s", 2))];
        assert!(!holds_a_lock(&session, &elsewhere, at(0)));
    }
}
