//! The answers of `turn`, `turn take`, `turn pass` and `release --to`.
//!
//! Owns their words and their JSON: who has it, who is next, what was left, what to run next. Never
//! decides who holds what.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::handoff::{self, Handoff};
use super::holding::{life, token};
use super::news::{fetch_first, moved};
use super::offers::{InLine, Offer};
use super::present::{Present, Terminal};
use super::remote::{self, Backing};
use super::shapes::{self, At, labels};
use super::style::{BOLD, DIM, GOOD, WARN, clean, join, more};
use super::when::When;
use crate::app::turns::look::{Reason, Standing, TurnReport};
use crate::app::turns::pass::Passed;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::offer::Offered;
use crate::model::token::Token;

/// The most sessions of a queue that are shown to people.
const QUEUE_MAX: usize = 10;

/// What the verbs about turns answer to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TurnAnswer<'a> {
    /// the session that asked
    session_id: &'a str,
    /// the label of the turn: `turn:<room>`
    resource: &'a str,
    /// `free`, `held`, `frozen` by a session that need not have it, or `offered`: no session has
    /// it, and only one may have it
    state: &'static str,
    /// whether this command got the turn for this session
    granted: bool,
    /// whether this command gave it away
    passed: bool,
    /// why it was granted or would be: `open`, `offered` to this session; or why not: `held`,
    /// `offered_to_other`, `queued`: other sessions are first in line, `parked`: it is free, and
    /// only an offer is taken; null if this session has it already, or gave it away
    reason: Option<&'static str>,
    /// the session that has it; null if no session does
    holder: Option<&'a str>,
    /// whether that is the session that asked
    is_me: bool,
    /// the fencing token of the grant; null if no session has it
    token: Option<u64>,
    /// when it expires without a renewal; null if no session has it
    expires_at: Option<At>,
    /// to which session it is offered; null if it is not
    offer: Option<Offer<'a>>,
    /// the sessions that wait for it, the first one first
    queue: Vec<InLine<'a>>,
    /// the place of this session in the queue, from 1 on; null if it does not wait
    place: Option<usize>,
    /// what the last holder left, see `handoff`; null if nothing
    handoff: Option<Handoff<'a>>,
    /// as in `claim`
    fetch_first: Option<&'a str>,
    /// the command that comes next
    next_command: &'a str,
    /// as in `claim`; null if nothing was changed
    guarantee: Option<&'static str>,
    /// why what the remote has now is not known, for people; null if it is known
    unknown_because: Option<&'a str>,
}

impl Reason {
    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Offered => "offered",
            Self::Queued => "queued",
            Self::Held => "held",
            Self::OfferedToOther => "offered_to_other",
            Self::Parked => "parked",
        }
    }
}

impl Present for TurnReport {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let mut out = self.head(&when);
        self.line_up(&mut out, &when);
        if let Some(left) = &self.left {
            out.push_str(&handoff::text(left, &when));
        }
        let is_told = self.left.as_ref().is_some_and(|left| {
            let missing = self.moved.as_ref().map(|moved| &moved.last.commit);
            left.have_commit == Some(false) && left.handoff.code.commit.as_ref() == missing
        });
        if !is_told {
            out.push_str(&moved(self.moved.as_ref()));
        }
        let _ = writeln!(out, "Next: {}", clean(&self.next));
        out
    }

    fn json(&self) -> Value {
        let (held, offered) = match &self.standing {
            Standing::Free => (None, None),
            Standing::Held(held) => (Some(held), None),
            Standing::Offered(offered) => (None, Some(offered)),
        };
        let is_me = |one: &Holding| self.me.owns(one);
        shapes::value(&TurnAnswer {
            session_id: self.me.id.as_str(),
            resource: self.resource.label(),
            state: self.standing.word(),
            granted: self.granted,
            passed: self.passed,
            reason: self.reason.map(Reason::word),
            holder: held.map(|held| held.session.as_str()),
            is_me: held.is_some_and(|held| is_me(held)),
            token: held.and_then(|held| held.token.map(Token::number)),
            expires_at: held.map(|held| At(held.expires_at)),
            offer: offered.map(|offered| Offer::of(offered, self.is_offered_to_me)),
            queue: { self.queue.iter() }
                .map(|one| InLine::of(&self.me, one))
                .collect(),
            place: self.place(),
            handoff: self.left.as_ref().map(Handoff::of),
            fetch_first: fetch_first(self.moved.as_ref()),
            next_command: &self.next,
            guarantee: { self.confirmation.as_ref() }.map(|known| Backing::of(known).guarantee),
            unknown_because: self.known.problem(),
        })
    }

    /// What was changed says by itself how it stands at the remote.
    fn notices(&self, terminal: &Terminal) -> String {
        match self.confirmation {
            None => remote::as_of(&self.known, &terminal.when(self.now)),
            Some(_) => String::new(),
        }
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }

    fn exit_code(&self) -> u8 {
        self.code
    }
}

impl TurnReport {
    /// Returns the line that says who has it.
    fn head(&self, when: &When) -> String {
        let turn = format!("{BOLD}{}{BOLD:#}", self.resource);
        let known = self.confirmation.as_ref().map(remote::confirmation);
        let known = known.unwrap_or_default();
        let refused = match self.code {
            0 => String::new(),
            _ => format!("{WARN}Not granted:{WARN:#} "),
        };
        match &self.standing {
            Standing::Held(held) if self.is_mine() => {
                let verb = match self.granted {
                    true => format!("{GOOD}Yours now:{GOOD:#}"),
                    false => format!("{GOOD}Yours:{GOOD:#}"),
                };
                let until = when.both(held.expires_at);
                let token = match held.agent.is_some() {
                    true => String::new(),
                    false => format!(", token {}", token(held)),
                };
                format!("{verb} {turn}{token}, until {until}{known}\n")
            }
            Standing::Held(held) => {
                let until = when.both(held.expires_at);
                let is = match held.mode {
                    Mode::Frozen => "frozen",
                    _ => "held",
                };
                format!(
                    "{refused}{turn} is {is} by {} until {until}: {}\n  {DIM}{}{DIM:#}\n",
                    held.holder(),
                    held.purpose,
                    life(held, when)
                )
            }
            Standing::Offered(offered) => {
                let (start, end) = match self.passed {
                    true => (format!("{GOOD}Passed on:{GOOD:#} "), known.as_str()),
                    false => (refused, ""),
                };
                self.offered(&turn, offered, when, (&start, end))
            }
            Standing::Free => {
                let why = match self.reason {
                    Some(Reason::Parked) => " and not offered to you",
                    Some(Reason::Queued) => ", and kept for the first in line for a moment",
                    _ => "",
                };
                let verb = match self.passed {
                    true => format!("{GOOD}Passed on:{GOOD:#} "),
                    false => refused,
                };
                let whose = match self.queue.first() {
                    Some(first) if self.passed => {
                        format!(" for {}, the first in line", first.session)
                    }
                    None if self.passed => " for the next session that takes it".to_owned(),
                    None if self.was_mine() => {
                        format!(
                            ": you passed it on, and no session has taken it yet; to have it again: {}",
                            clean(&self.take(""))
                        )
                    }
                    _ => String::new(),
                };
                format!("{verb}{turn} is free{whose}{why}{known}\n")
            }
        }
    }

    fn offered(
        &self,
        turn: &str,
        offered: &Offered,
        when: &When,
        (start, end): (&str, &str),
    ) -> String {
        let until = when.both(offered.until);
        let by = &offered.by.id;
        match self.is_offered_to_me {
            true => format!("{GOOD}Offered to you:{GOOD:#} {turn} until {until}, by {by}\n"),
            false if self.passed => {
                format!(
                    "{start}{turn} is offered to {} until {until}{end}\n",
                    offered.to
                )
            }
            false => format!(
                "{start}{turn} is offered to {} until {until}, by {by}\n",
                offered.to
            ),
        }
    }

    /// Adds the line that says who waits.
    fn line_up(&self, out: &mut String, when: &When) {
        if self.queue.is_empty() {
            return;
        }
        let one = |one: &Holding| {
            let since = when.relative(one.claimed_at);
            match self.me.owns(one) {
                true => format!("you (since {since})"),
                false => format!("{} (since {since})", one.session),
            }
        };
        let shown: Vec<String> = self.queue.iter().take(QUEUE_MAX).map(one).collect();
        let _ = writeln!(out, "In line: {}", shown.join(", "));
        more(out, self.queue.len(), QUEUE_MAX);
    }
}

/// What `release` with `--to` or a handoff answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct PassAnswer<'a> {
    /// who released
    session_id: &'a str,
    /// labels
    released: Vec<&'a str>,
    /// the session that it is offered to; null if the queue goes on
    offered_to: Option<&'a str>,
    /// until when only that one is granted it; null as well
    offered_until: Option<At>,
    /// whether a handoff was left for the next holder
    handed_over: bool,
    /// the sessions that wait for it, the first one first
    queue: Vec<&'a str>,
    /// as in `claim`
    guarantee: &'static str,
    /// as in `claim`
    remote: Option<&'a str>,
}

impl Present for Passed {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let words = match self.has_words {
            true => ", with a handoff for the next holder",
            false => "",
        };
        let mut out = format!(
            "{GOOD}Released{GOOD:#} {}{words}{}\n",
            join(&self.released),
            remote::confirmation(&self.confirmation)
        );
        let _ = match (&self.offer, self.queue.first()) {
            (Some((to, until)), _) => {
                writeln!(out, "Offered to {to} until {}", when.both(*until))
            }
            (None, Some(first)) => writeln!(out, "Next in line: {}", first.holder()),
            (None, None) => Ok(()),
        };
        out
    }

    fn json(&self) -> Value {
        let backing = Backing::of(&self.confirmation);
        let offer = self.offer.as_ref();
        shapes::value(&PassAnswer {
            session_id: self.me.as_str(),
            released: labels(&self.released),
            offered_to: offer.map(|(to, _): &(SessionId, _)| to.as_str()),
            offered_until: offer.map(|(_, until)| At(*until)),
            handed_over: self.has_words,
            queue: self.queue.iter().map(|one| one.session.as_str()).collect(),
            guarantee: backing.guarantee,
            remote: backing.remote,
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<TurnAnswer<'_>>("turn"),
        whole::<PassAnswer<'_>>("release to"),
    ]
}
