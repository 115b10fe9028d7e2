//! A client that ignores to whom something is offered, which the checker has to find.
//!
//! Owns the story of it, and of the same client that does it right, before and after the offer is
//! over. Never waits.

use git_presence::model::id::SessionId;
use git_presence::model::lock_request::Request;
use git_presence::model::offer::{Offer, OfferPolicy};
use git_presence::model::resource::Resource;
use git_presence::model::time::Ttl;

use super::{ALICE, BOB, Client, DAWN_MILLIS, Step, X, granted, lease, operation, team};
use crate::exclusive::linearizable::TERMS;
use crate::exclusive::linearizable::by_hand::name;
use crate::exclusive::linearizable::check::{Terms, check};
use crate::exclusive::linearizable::history::{Kind, Outcome};
use crate::servers::{Server, Transport};
use crate::world::World;

/// When the offer is over: half an hour after it was made.
const OVER: i64 = 20 + 30 * 60 * 1000;

impl Step {
    /// Returns what a client makes of offers.
    pub(super) fn offers(self) -> OfferPolicy<'static> {
        match self {
            Self::IgnoresOffers => OfferPolicy {
                is_for_me: &|_| true,
                ..OfferPolicy::BY_NAME
            },
            _ => OfferPolicy::BY_NAME,
        }
    }
}

/// ALICE offers what she has to a third session, and BOB asks for it at this instant.
fn asked_for_what_is_offered_to_another(step: Step, at: i64) -> (Outcome, Vec<&'static str>) {
    let server = Server::start(&World::empty(), Transport::Path).expect("a path");
    let (hub, a, b) = team(&server);
    let a = Client::new(&a, 0, ALICE, Step::Right);
    let b = Client::new(&b, 1, BOB, step);
    let first = a.claim(0, 10);
    let token = granted(&first);
    a.look();
    let offer = Offer {
        to: SessionId::parse("carol").expect("a session"),
        lasts: Ttl::parse("30m").expect("a span"),
    };
    let pass = Request::Pass {
        resources: vec![Resource::parse(X).expect("a resource")],
        to: Some(offer),
        parting: None,
    };
    let (_, next) = a.decided(20, &pass).expect("it is hers");
    let refspec = format!("{}:{}", next.to, next.name);
    let outcome = a.push(&format!("{} origin {refspec}", lease(&next)), token);
    assert_eq!(outcome, Outcome::Granted(token));
    let passed = operation(&a.who, Kind::Release, X, (20, Outcome::Granted(0), 30));
    b.look();
    let taken = b.claim(at, at + 10);
    let outcome = taken.outcome;
    let mut told = vec![first, passed, taken];
    for operation in &mut told {
        operation.begin += DAWN_MILLIS;
        operation.end += DAWN_MILLIS;
    }
    let terms = Terms {
        off_by: |_| 0,
        ..TERMS
    };
    let wrong = check(&told, &hub.landed(&[X]), &terms);
    (outcome, wrong.iter().map(name).collect())
}

#[test]
fn a_client_that_ignores_offers_is_found() {
    let asked = asked_for_what_is_offered_to_another;
    let (outcome, wrong) = asked(Step::IgnoresOffers, OVER - 1);
    assert!(matches!(outcome, Outcome::Granted(_)), "{outcome:?}");
    assert_eq!(wrong, ["granted to another"]);
    let (outcome, wrong) = asked(Step::Right, OVER - 1);
    assert_eq!((outcome, wrong), (Outcome::Refused, vec![]));
    let (outcome, wrong) = asked(Step::Right, OVER);
    assert!(matches!(outcome, Outcome::Granted(_)), "{outcome:?}");
    assert_eq!(wrong, [""; 0]);
}
