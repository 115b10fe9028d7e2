//! Offers, where the board is shown: what no session holds and only one may have for a while; and
//! who waits.
//!
//! Owns their words and their JSON. Never decides for which session an offer is.

use serde::Serialize;

use super::shapes::At;
use super::style::{BOLD, GOOD, WARN, more};
use super::when::When;
use crate::app::claims::offers::Open;
use crate::app::turns::look::Standing;
use crate::model::claim::Mode;
use crate::model::holding::{Asker, Holding};
use crate::model::offer::Offered;

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

/// An offer of what no session holds.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Offer<'a> {
    /// the session that may have it; also one that replaced it
    to: &'a str,
    /// until when only that one is granted it
    until: At,
    /// the session that released it
    by: &'a str,
    /// whether it is for the session that asked
    is_me: bool,
}

/// A session that waits.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct InLine<'a> {
    /// the session
    session_id: &'a str,
    /// since when it waits
    since: At,
    /// whether it is the session that asked
    is_me: bool,
}

impl<'a> Offer<'a> {
    /// Takes an offer.
    pub(super) fn of(offered: &'a Offered, is_me: bool) -> Self {
        Self {
            to: offered.to.as_str(),
            until: At(offered.until),
            by: offered.by.id.as_str(),
            is_me,
        }
    }
}

impl<'a> InLine<'a> {
    /// Takes a queued request.
    pub(super) fn of(me: &Asker, waiter: &'a Holding) -> Self {
        Self {
            session_id: waiter.session.as_str(),
            since: At(waiter.claimed_at),
            is_me: me.owns(waiter),
        }
    }
}

impl Standing {
    /// Returns the word of programs for it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Held(held) if held.mode == Mode::Frozen => "frozen",
            Self::Held(_) => "held",
            Self::Offered(_) => "offered",
        }
    }
}

/// Returns a line for each offer; those to the session that asks come first.
pub(super) fn lines(offers: &[Open], when: &When) -> String {
    let (mine, others): (Vec<&Open>, Vec<&Open>) = offers.iter().partition(|one| one.is_mine);
    let all = mine.into_iter().chain(others).take(SHOWN_MAX);
    let mut out: String = all.map(|open| line(open, when)).collect();
    more(&mut out, offers.len(), SHOWN_MAX);
    out
}

/// Returns the line about an offer.
pub(super) fn line(open: &Open, when: &When) -> String {
    let offered = &open.offered;
    let (resource, by) = (&offered.resource, &offered.by.id);
    let until = when.both(offered.until);
    let whose = match open.is_mine {
        true => format!("{GOOD}offered to you{GOOD:#}"),
        false => format!("{WARN}offered{WARN:#} to {}", offered.to),
    };
    format!("{BOLD}{resource}{BOLD:#} is {whose} until {until}, by {by}\n")
}

/// Returns the tables of the documentation.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<OfferOf<'_>>("offer"),
        whole::<Offer<'_>>("turn offer"),
        whole::<InLine<'_>>("turn queue"),
    ]
}
