//! Turns at a glance, as `status` shows them.
//!
//! Owns their words and their JSON. Never decides who gets a turn.

use serde::Serialize;

use crate::app::board::turns::Turn;
use crate::app::turns::look::Standing;
use crate::model::claim::Mode;
use crate::model::handoff::Handoff;
use crate::model::holding::{Asker, Holding};
use crate::model::text::{harmless, quote};
use crate::output::offers::{InLine, Offer};
use crate::output::shapes::At;
use crate::output::style::{BOLD, DIM, GOOD, WARN};
use crate::output::when::When;

/// The most bytes of the words of another session that are shown.
const WORDS_BYTES_MAX: usize = 300;
const WORDS_IN_LINE_BYTES_MAX: usize = 80;

/// A turn in the JSON of `status`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct TurnShape<'a> {
    /// the label of the turn: `turn:<room>`
    resource: &'a str,
    /// `free`, `held`, `frozen` or `offered`, as in `turn`
    state: &'static str,
    /// the session that has it; null if no session does
    holder: Option<&'a str>,
    /// whether that is the session that asked
    is_me: bool,
    /// when it expires without a renewal; null if no session has it
    expires_at: Option<At>,
    /// to which session it is offered; null if it is not
    offer: Option<Offer<'a>>,
    /// the sessions that wait for it, the first one first
    queue: Vec<InLine<'a>>,
    /// what the last holder left; null if nothing. All of it: `git presence turn <room>`
    passed: Option<PassedShape<'a>>,
}

/// What the last holder of a turn left, in short.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct PassedShape<'a> {
    /// the session that left it
    from: &'a str,
    /// when it was left
    at: At,
    /// how things stood, in the words of that session, at most 300 bytes
    status: String,
    /// what is to be done next, in its words, at most 300 bytes
    next: String,
}

impl<'a> PassedShape<'a> {
    fn of(handoff: &'a Handoff) -> Self {
        let said = &handoff.said;
        Self {
            from: handoff.from.as_str(),
            at: At(handoff.at),
            status: harmless(said.status.as_str(), WORDS_BYTES_MAX),
            next: harmless(said.next.as_str(), WORDS_BYTES_MAX),
        }
    }
}

impl<'a> TurnShape<'a> {
    /// Takes a turn as the session that asks sees it.
    pub(in crate::output) fn of(me: &Asker, turn: &'a Turn) -> Self {
        let (held, offered) = match &turn.standing {
            Standing::Free => (None, None),
            Standing::Held(held) => (Some(held), None),
            Standing::Offered(offered) => (None, Some(offered)),
        };
        Self {
            resource: turn.resource.label(),
            state: turn.standing.word(),
            holder: held.map(|held| held.session.as_str()),
            is_me: turn.is_mine,
            expires_at: held.map(|held| At(held.expires_at)),
            offer: offered.map(|offered| Offer::of(offered, turn.is_offered_to_me)),
            queue: turn.queue.iter().map(|one| InLine::of(me, one)).collect(),
            passed: { turn.left.as_ref() }.map(|left| PassedShape::of(&left.handoff)),
        }
    }
}

/// Returns the line about a turn: who has it, who waits, and what was passed if it can be taken.
pub(in crate::output) fn line(me: &Asker, turn: &Turn, when: &When) -> String {
    let name = &turn.resource;
    let who = match &turn.standing {
        Standing::Held(held) => {
            let until = when.both(held.expires_at);
            let gone = if held.is_gone {
                ", whose process is gone"
            } else {
                ""
            };
            match (held.mode, turn.is_mine) {
                (_, true) => format!("{GOOD}yours{GOOD:#} until {until}"),
                (Mode::Frozen, _) => {
                    format!("{WARN}frozen{WARN:#} by {} until {until}", held.session)
                }
                _ => format!("{WARN}held{WARN:#} by {}{gone} until {until}", held.session),
            }
        }
        Standing::Offered(offered) => {
            let until = when.both(offered.until);
            match turn.is_offered_to_me {
                true => format!("{GOOD}offered to you{GOOD:#} until {until}"),
                false => format!("{WARN}offered{WARN:#} to {} until {until}", offered.to),
            }
        }
        Standing::Free => format!("{GOOD}free{GOOD:#}"),
    };
    let one = |one: &Holding| match me.owns(one) {
        true => "you".to_owned(),
        false => one.session.to_string(),
    };
    let queue: Vec<String> = turn.queue.iter().take(QUEUE_MAX).map(one).collect();
    let queue = match (queue.is_empty(), turn.queue.len().saturating_sub(QUEUE_MAX)) {
        (true, _) => String::new(),
        (false, 0) => format!("; in line: {}", queue.join(", ")),
        (false, more) => format!("; in line: {} and {more} more", queue.join(", ")),
    };
    let passed = match (&turn.left, &turn.standing) {
        (Some(_), Standing::Held(_)) if !turn.is_mine => String::new(),
        (Some(left), _) => {
            let handoff = &left.handoff;
            let next = quote(handoff.said.next.as_str(), WORDS_IN_LINE_BYTES_MAX);
            format!("; {DIM}{} passed it: next{DIM:#} {next}", handoff.from)
        }
        (None, _) => String::new(),
    };
    format!("{BOLD}{name}{BOLD:#} is {who}{queue}{passed}\n")
}

/// The most sessions of a queue in a line.
const QUEUE_MAX: usize = 3;
