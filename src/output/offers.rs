//! Offers, where the board is shown: what no session holds and only one may have for a while.
//!
//! Owns their words and their JSON. Never decides for which session an offer is.

use std::fmt::Write as _;

use serde::Serialize;

use super::shapes::At;
use super::style::{BOLD, GOOD, WARN, more};
use super::when::When;
use crate::app::claims::offers::Open;

/// The most offers that are shown to people.
const SHOWN_MAX: usize = 10;

/// What is offered, and to which session.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OfferOf<'a> {
    /// the label of what is offered
    resource: &'a str,
    /// the session that may have it; also one that replaced it
    to: &'a str,
    /// until when only that one is granted it
    until: At,
    /// the session that released it
    by: &'a str,
    /// whether it is for the session that asked
    is_me: bool,
}

impl<'a> OfferOf<'a> {
    /// Takes an offer.
    pub(super) fn of(open: &'a Open) -> Self {
        let offered = &open.offered;
        Self {
            resource: offered.resource.label(),
            to: offered.to.as_str(),
            until: At(offered.until),
            by: offered.by.id.as_str(),
            is_me: open.is_mine,
        }
    }
}

/// Returns a line for each offer; those to the session that asks come first.
pub(super) fn lines(offers: &[Open], when: &When) -> String {
    let (mine, others): (Vec<&Open>, Vec<&Open>) = offers.iter().partition(|one| one.is_mine);
    let mut out = String::new();
    for open in mine.into_iter().chain(others).take(SHOWN_MAX) {
        let offered = &open.offered;
        let (resource, by) = (&offered.resource, &offered.by.id);
        let until = when.both(offered.until);
        let _ = match open.is_mine {
            true => writeln!(
                out,
                "{BOLD}{resource}{BOLD:#} is {GOOD}offered to you{GOOD:#} until {until}, by {by}"
            ),
            false => writeln!(
                out,
                "{BOLD}{resource}{BOLD:#} is {WARN}offered{WARN:#} to {} until {until}, by {by}",
                offered.to
            ),
        };
    }
    more(&mut out, offers.len(), SHOWN_MAX);
    out
}

/// Returns the tables of the documentation.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![whole::<OfferOf<'_>>("offer")]
}
