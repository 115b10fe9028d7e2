//! What was passed on: offers and handoffs in the states of the remote.
//!
//! Owns two promises: while a resource is offered to one session no other is granted it, by the
//! clock of the command that asks; and what was left for the next holder is there until another
//! holder leaves something. Never runs anything.

use std::collections::BTreeMap;

use super::check::{Terms, Violation, overlap};
use super::history::{Held, Kind, Landed, Offer, Operation, Outcome, State};

/// Everything that is wrong with what was passed on.
pub fn passed_on(operations: &[Operation], landed: &Landed, terms: &Terms) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut cells: BTreeMap<&str, &State> = BTreeMap::new();
    for change in landed.transactions.iter().flat_map(|t| &t.changes) {
        let state = &change.state;
        if let Some(before) = cells.insert(&change.cell, state) {
            let is_new = |lock: &&Held| before.lock_on(&lock.resource) != Some(lock);
            for lock in state.locks.iter().filter(is_new) {
                let others = before.offers.iter();
                let others = others.filter(|offer| is_to_another(offer, lock));
                for offer in others.filter(|offer| was_too_early(operations, offer, lock, terms)) {
                    found.push(Violation::GrantedToAnother {
                        offer: offer.clone(),
                        lock: lock.clone(),
                    });
                }
            }
            for resource in before.handoffs.keys() {
                if !state.handoffs.contains_key(resource) {
                    let resource = resource.clone();
                    found.push(Violation::HandoffIsLost { resource });
                }
            }
        }
    }
    found
}

fn is_to_another(offer: &Offer, lock: &Held) -> bool {
    offer.to != lock.session && overlap(&offer.resource, &lock.resource)
}

/// Whether the command that was granted it began, by its own clock, before the offer was over. Of
/// several that were told so, the first one was granted it, or one before that was killed.
fn was_too_early(operations: &[Operation], offer: &Offer, lock: &Held, terms: &Terms) -> bool {
    let is_it = |op: &&Operation| {
        op.kind == Kind::Claim
            && op.resource == lock.resource
            && op.who.session == lock.session
            && op.outcome == Outcome::Granted(lock.token)
    };
    let told = operations.iter().filter(is_it);
    let first = told.map(|op| op.begin + (terms.off_by)(op.who.clone)).min();
    first.is_some_and(|began| began < offer.until)
}
