//! The answer of `tell`, and the JSON of messages.
//!
//! Owns its words and its JSON. Never decides whom a message reaches.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::remote::{self, Backing};
use super::shapes::{self, At};
use super::style::{BOLD, DIM, GOOD, WARN, clean, plural};
use super::when::When;
use crate::app::messages::inbox::Row;
use crate::app::messages::last_there::LastThere;
use crate::app::messages::reach::Recipient;
use crate::app::messages::reading::Liveness;
use crate::app::messages::tell::Told;
use crate::app::remote::confirmation::Confirmation;
use crate::guard::shell::quote;
use crate::model::id::SessionId;
use crate::model::message::Message;
use crate::model::message::address::Address;
use crate::model::resource::Resource;
use crate::model::text::{is_word, list, name};

/// Returns the line that says how many messages are unread, if there are any.
pub(super) fn unread(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!(
            "{WARN}{}{WARN:#}: git presence inbox\n",
            plural(count, "unread message")
        ),
    }
}

/// The longest message that is repeated in a command, in bytes.
const AGAIN_BYTES_MAX: usize = 200;

/// What became of a message for one session.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct State<'a> {
    /// `recorded`: this clone has it; `at origin`: the remote has it, or there is none;
    /// `delivered`: it was handed over to `session_id`
    state: &'static str,
    /// the session; null unless it was delivered
    session_id: Option<&'a str>,
    /// when it was delivered; null otherwise
    at: Option<At>,
}

/// A message, as `inbox` and `tell` answer it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MessageShape<'a> {
    /// its id, 12 hex digits
    id: String,
    /// the session that sent it
    from: &'a str,
    /// the user of that session
    user: &'a str,
    /// the machine of that session
    host: &'a str,
    /// the harness or CI system of that session; null for a person
    agent: Option<&'a str>,
    /// its addresses, as they are typed
    to: Vec<String>,
    /// the label of what it is about, if it says so
    about: Option<&'a str>,
    /// its first line
    subject: &'a str,
    /// what follows the first line
    body: &'a str,
    /// when it was sent
    sent_at: At,
    /// when it is over
    expires_at: At,
    /// whether an answer is wanted
    ask: bool,
    /// whether it is handed over after the next tool
    urgent: bool,
    /// the message that it answers
    reply_to: Option<String>,
    /// how many answers of agents came before it in its thread
    hops: u8,
    /// whether this session has read it; true for its own
    read: bool,
    /// what became of it, for one that this session sent; else empty
    states: Vec<State<'a>>,
}

/// What `tell` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TellAnswer<'a> {
    /// the id of the message
    id: String,
    /// whether the same was sent within the last minute, so that nothing new was sent
    again: bool,
    /// its addresses, as they are typed
    to: Vec<String>,
    /// the sessions that it reaches, as far as this clone knows
    reaches: Vec<Reached<'a>>,
    /// where it reaches none: the session that was last at the resource; null otherwise
    last_there: Option<&'a str>,
    /// when it is over
    expires_at: At,
    /// `local`, `confirmed` or `unconfirmed`, as in `claim`
    guarantee: &'static str,
    /// the name of the remote; null with `local`
    remote: Option<&'a str>,
    /// why the remote does not have it, for people; null otherwise
    unconfirmed_because: Option<&'a str>,
}

/// A session that a message reaches.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Reached<'a> {
    /// the session
    session_id: &'a str,
    /// `live`, `silent`, `ended` or `unknown`
    liveness: &'static str,
    /// the session that the message names, if this one goes on from it; else null
    instead_of: Option<&'a str>,
}

const fn word(liveness: Liveness) -> &'static str {
    match liveness {
        Liveness::Live => "live",
        Liveness::Silent(_) => "silent",
        Liveness::Ended => "ended",
        Liveness::Unknown => "unknown",
    }
}

pub(super) fn of_life(liveness: Liveness, when: &When) -> String {
    match liveness {
        Liveness::Live => "live".to_owned(),
        Liveness::Silent(at) => format!("silent since {}", when.both(at)),
        Liveness::Ended => "its program has ended".to_owned(),
        Liveness::Unknown => "not on the board".to_owned(),
    }
}

/// Returns how those that a message reaches learn of it.
fn how_it_arrives(reaches: &[Recipient]) -> &'static str {
    let is_one = |agent: bool| reaches.iter().any(|one| one.is_agent != Some(!agent));
    match (is_one(true), is_one(false)) {
        (true, false) => "  An agent gets it in its next turn.\n",
        (false, _) => {
            "  A person sees it in git presence status, and reads it in git presence inbox.\n"
        }
        (true, true) => {
            "  An agent gets it in its next turn; a person reads it in git presence inbox.\n"
        }
    }
}

pub(super) fn typed(message: &Message) -> Vec<String> {
    message.draft.to.iter().map(Address::typed).collect()
}

impl Present for Told {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let to = typed(&self.message);
        let to = list(to.iter().map(|to| name(to).to_string()));
        let id = self.message.id();
        let mut out = match self.again {
            false => format!(
                "{GOOD}Told{GOOD:#} {BOLD}{to}{BOLD:#}, id {id}{}\n",
                remote::confirmation(&self.confirmation)
            ),
            true => format!("Told {to} a moment ago, id {id}: nothing new was sent\n"),
        };
        for one in &self.reaches {
            let life = of_life(one.liveness, &when);
            let _ = match &one.instead_of {
                None => writeln!(out, "  {} ({life})", one.session),
                Some(old) => writeln!(out, "  {} ({life}), which goes on from {old}", one.session),
            };
        }
        if self.reaches.is_empty() {
            let until = when.both(self.message.expires_at());
            let _ = writeln!(
                out,
                "  No session is there now: it waits until {until} for one that is."
            );
            if let Some(last) = &self.last {
                let _ = writeln!(
                    out,
                    "  The last one there was {}, {}. To tell that one: {}",
                    last.session,
                    when.relative(last.at),
                    self.way_to(last)
                );
            }
        } else {
            out.push_str(how_it_arrives(&self.reaches));
            let waits = matches!(self.confirmation, Confirmation::Unconfirmed { .. });
            let is_far = self.reaches.iter().any(|one| !one.is_here);
            match (is_far, waits) {
                (true, true) => out.push_str(
                    "  To other clones it goes with the next sync; to send it now: git presence \
                     sync\n",
                ),
                (true, false) => out.push_str(
                    "  Another clone has it after its next sync; to have it at once, there: git \
                     presence sync\n",
                ),
                (false, _) => {}
            }
        }
        let next = match self.message.draft.asks && !self.reaches.is_empty() {
            true => "wait for the answer: git presence inbox --wait",
            false => "see who got it: git presence inbox --sent",
        };
        let _ = writeln!(out, "{DIM}  To {next}{DIM:#}");
        out
    }

    fn json(&self) -> Value {
        let backing = Backing::of(&self.confirmation);
        shapes::value(&TellAnswer {
            id: self.message.id().to_string(),
            again: self.again,
            to: typed(&self.message),
            reaches: { self.reaches.iter() }
                .map(|one| Reached {
                    session_id: one.session.as_str(),
                    liveness: word(one.liveness),
                    instead_of: one.instead_of.as_ref().map(SessionId::as_str),
                })
                .collect(),
            last_there: { self.last.as_ref() }.map(|last| last.session.as_str()),
            expires_at: At(self.message.expires_at()),
            guarantee: backing.guarantee,
            remote: backing.remote,
            unconfirmed_because: backing.unconfirmed_because,
        })
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Told {
    /// Returns the command that tells the same to the session that was last there.
    fn way_to(&self, last: &LastThere) -> String {
        let draft = &self.message.draft;
        let text = draft.text.as_str();
        let text = match text.len() <= AGAIN_BYTES_MAX && !text.contains('\n') {
            true => quote(text),
            false => "\"<text>\"".to_owned(),
        };
        let who = match is_word(last.session.as_str()) {
            true => quote(last.session.as_str()),
            false => "<id>".to_owned(),
        };
        let ask = if draft.asks { " --ask" } else { "" };
        let about = quote(last.resource.label());
        clean(&format!(
            "git presence tell {who} --about {about}{ask} -m {text}"
        ))
    }
}

pub(super) fn message(row: &Row) -> MessageShape<'_> {
    let message = &row.sent.message;
    let (by, draft) = (&row.sent.by, &message.draft);
    let is_mine = row.means.is_none();
    let delivered = row.deliveries.iter().map(|one| State {
        state: "delivered",
        session_id: Some(one.to.as_str()),
        at: Some(At(one.at)),
    });
    let mut states: Vec<State<'_>> = delivered.collect();
    if is_mine && states.is_empty() {
        states.push(State {
            state: if row.sent.is_published {
                "at origin"
            } else {
                "recorded"
            },
            session_id: None,
            at: None,
        });
    }
    MessageShape {
        id: message.id().to_string(),
        from: by.id.as_str(),
        user: &by.user,
        host: &by.host,
        agent: by.agent.as_deref(),
        to: typed(message),
        about: draft.about.as_ref().map(Resource::label),
        subject: draft.text.subject(),
        body: draft.text.body(),
        sent_at: At(message.sent_at),
        expires_at: At(message.expires_at()),
        ask: draft.asks,
        urgent: draft.urgent,
        reply_to: draft.reply_to.as_ref().map(ToString::to_string),
        hops: draft.hops,
        read: is_mine || row.read_at.is_some(),
        states,
    }
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<TellAnswer<'_>>("tell"),
        whole::<Reached<'_>>("tell reaches"),
        whole::<MessageShape<'_>>("inbox"),
        whole::<State<'_>>("inbox states"),
    ]
}
