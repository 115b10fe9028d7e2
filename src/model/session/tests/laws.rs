//! The step of a session against a second, simpler writing of the rules.
//!
//! Owns that writing, and the moves that are tried. Never knows what is stored.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::id::SessionId;

/// A clock that goes back by more than this was wrong before.
const CORRECTED_MILLIS: i64 = 86_400_000;

#[derive(Clone, Debug)]
enum Move {
    Claim(Vec<u8>, u64),
    Release(Vec<u8>),
    ReleaseAll,
    /// What another session claimed this many seconds after the start.
    Clear(Vec<u8>),
    Inherit(Vec<u8>, i64),
    Heartbeat,
}

fn a_move() -> impl Strategy<Value = Move> {
    let some = || proptest::collection::vec(0u8..5, 1..4);
    prop_oneof![
        4 => (some(), 10u64..60).prop_map(|(which, ttl)| Move::Claim(which, ttl)),
        2 => some().prop_map(Move::Release),
        1 => some().prop_map(Move::Clear),
        1 => Just(Move::ReleaseAll),
        1 => (some(), -90i64..90).prop_map(|(which, age)| Move::Inherit(which, age)),
        3 => Just(Move::Heartbeat),
    ]
}

fn request(step: &Move) -> Request {
    let labels = |which: &[u8]| {
        let mut labels: Vec<Resource> = Vec::new();
        for n in which {
            let resource = Resource::parse(&format!("node:n{n}")).unwrap();
            if !labels.contains(&resource) {
                labels.push(resource);
            }
        }
        labels
    };
    match step {
        Move::Claim(which, ttl) => Request::Claim {
            wanted: labels(which),
            purpose: Purpose::parse("p").unwrap(),
            ttl: Ttl::from_secs(*ttl).unwrap(),
        },
        Move::Release(which) => Request::Release(labels(which)),
        Move::Clear(which) => Request::Clear {
            which: labels(which),
            by: SessionId::parse("other").unwrap(),
            reason: Purpose::parse("gone").unwrap(),
        },
        Move::Inherit(which, age) => {
            let inherited = |resource| Claim {
                resource,
                purpose: Purpose::parse("p").unwrap(),
                mode: Mode::Shared,
                claimed_at: at(*age),
                ttl: Ttl::from_secs(30).unwrap(),
                place_until: None,
            };
            Request::Inherit(labels(which).into_iter().map(inherited).collect())
        }
        Move::ReleaseAll => Request::ReleaseAll,
        Move::Heartbeat => Request::Heartbeat,
    }
}

/// The rules once more, as simply as can be: who holds what until when.
#[derive(Clone, Debug, Default)]
struct Reference {
    seen: i64,
    held: BTreeMap<String, (i64, u64)>,
}

impl Reference {
    /// Apply a request; `false` when it is refused and changes nothing.
    fn apply(&mut self, request: &Request, now: i64) -> bool {
        let (before, seen_before) = (self.clone(), self.seen);
        let is_corrected = self.seen - now > CORRECTED_MILLIS;
        let now = if is_corrected {
            now
        } else {
            now.max(self.seen)
        };
        let (seen, mut expired) = (self.seen, Vec::new());
        self.held.retain(|label, (claimed, ttl)| {
            let live = now < seen.max(*claimed) + i64::try_from(*ttl).unwrap() * 1000;
            if !live {
                expired.push(label.clone());
            }
            live
        });
        for (claimed, _) in self.held.values_mut().filter(|_| is_corrected) {
            *claimed = now.min(*claimed);
        }
        self.seen = now;
        match request {
            Request::Claim { wanted, ttl, .. } => {
                for resource in wanted {
                    let entry = self.held.entry(resource.label().to_owned());
                    entry.or_insert((now, 0)).1 = ttl.as_secs();
                }
            }
            Request::Enqueue { wanted, ttl, .. } => {
                for resource in wanted {
                    let entry = self.held.entry(resource.label().to_owned());
                    entry.or_insert((now, ttl.as_secs()));
                }
            }
            Request::Release(which) | Request::Clear { which, .. } => {
                for resource in which {
                    let label = resource.label();
                    if self.held.remove(label).is_none() && !expired.iter().any(|l| l == label) {
                        *self = before;
                        return false;
                    }
                }
            }
            Request::ReleaseAll | Request::Supersede { .. } | Request::End { .. } => {
                if self.held.is_empty() && expired.is_empty() {
                    *self = before;
                }
                self.held.clear();
            }
            Request::Inherit(claims) => {
                let held_before = self.held.len();
                for claim in claims {
                    let entry = self.held.entry(claim.resource.label().to_owned());
                    let claimed = claim.claimed_at.as_millis().min(now);
                    entry.or_insert((claimed, claim.ttl.as_secs()));
                }
                if self.held.len() == held_before {
                    *self = before;
                }
            }
            Request::Heartbeat | Request::Bypass(_) | Request::Tell(_) | Request::Say { .. } => {}
            Request::Begin { .. } | Request::Know(_) => {}
        }
        if matches!(request, Request::Clear { .. }) {
            self.seen = seen_before;
        }
        true
    }
}

proptest! {
    #[test]
    fn a_session_follows_the_reference(
        moves in proptest::collection::vec((a_move(), prop_oneof![20 => -30i64..90, 1 => Just(-90_000)]), 1..40)
    ) {
        let me = actor("me");
        let mut reference = Reference { seen: START_MILLIS, ..Reference::default() };
        let mut session: Option<Session> = None;
        let mut clock = 0;
        for (a_move, delta) in &moves {
            clock += delta;
            let request = request(a_move);
            let now = at(clock);
            let floor = session.as_ref().map_or(now, |s| s.seen_at);
            if session.is_none() {
                reference.seen = now.as_millis();
            }
            let accepted = reference.apply(&request, now.as_millis());
            let result = step(session.as_ref(), &me, &request, now, Ttl::DEFAULT);
            prop_assert_eq!(result.is_ok(), accepted);
            let Ok(Some(stepped)) = result else { continue };
            let after = stepped.session;
            let back = floor.as_millis() - after.seen_at.as_millis();
            prop_assert!(back <= 0 || back > CORRECTED_MILLIS);
            let held: BTreeMap<String, (i64, u64)> = after
                .claims
                .iter()
                .map(|c| (c.resource.label().to_owned(), (c.claimed_at.as_millis(), c.ttl.as_secs())))
                .collect();
            prop_assert_eq!(held.len(), after.claims.len(), "no claim twice");
            prop_assert_eq!(&held, &reference.held);
            prop_assert!(after.claims.iter().all(|c| c.is_live(after.seen_at, after.seen_at)));
            // What this step dropped is not what it left.
            let reclaimed = |gone: &Resource| stepped.event.resources.contains(gone);
            let left = |gone: &Resource| held.contains_key(gone.label());
            let dropped = stepped.event.expired.iter();
            let dropped_for_good = dropped.filter(|gone| !reclaimed(gone)).all(|gone| !left(gone));
            prop_assert!(dropped_for_good);
            session = Some(after);
        }
    }
}
