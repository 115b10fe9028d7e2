//! The lines of `log` that goes on: one for each event, as text or as JSON.
//!
//! Owns their words and their JSON. Never decides what is told.

use serde::Serialize;
use serde_json::Value;

use super::log::{Beside, line, parts};
use crate::app::board::aside::Aside;
use crate::app::board::follow::{Followed, Told};
use crate::model::event::Entry;
use crate::model::stream::Gap;
use crate::output::present::{Present, Terminal};
use crate::output::shapes::{self, At};
use crate::output::style::{BOLD, DIM};

/// A line of `log --follow` about an event.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StreamedEvent<'a> {
    #[serde(flatten)]
    event: shapes::Event<'a>,
    /// with `--for-me`, why it is told: one of the words below
    #[serde(skip_serializing_if = "Option::is_none")]
    concern: Option<&'a str>,
}

/// A line about something that no commit records.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct StreamedNotice<'a> {
    /// when it was seen
    at: At,
    /// `gap`: something that happened before is not shown; `free`: what the session waits for is
    /// free because a claim expired
    event: &'static str,
    /// of a gap: `gone`, `too_much` or `cursor_lost`
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    /// labels of what is free
    #[serde(skip_serializing_if = "Option::is_none")]
    resources: Option<Vec<&'a str>>,
    /// `free`, for what is free
    #[serde(skip_serializing_if = "Option::is_none")]
    concern: Option<&'a str>,
}

/// Returns what a person is told of a gap.
const fn words(gap: Gap) -> &'static str {
    match gap {
        Gap::Gone => "what was shown last is not here any more",
        Gap::TooMuch => "more happened than is shown",
        Gap::CursorLost => "the cursor cannot be read",
    }
}

fn event<'a>(entry: &'a Entry, aside: &'a Aside, concern: Option<&'a str>) -> Value {
    shapes::value(&StreamedEvent {
        event: shapes::Event::beside(entry, parts(aside)),
        concern,
    })
}

impl Present for Told {
    fn text(&self, terminal: &Terminal) -> String {
        match self {
            Self::Event {
                entry,
                concern,
                aside,
            } => {
                let why = concern.map(|why| format!("  {DIM}({why}){DIM:#}"));
                let when = terminal.when(entry.at);
                let beside = Beside {
                    aside: Some(aside),
                    is_for_me: concern.is_some(),
                };
                let line = line(entry, &when.exact(entry.at), (&beside, &when));
                let line = line.trim_end_matches('\n');
                format!("{line}{}\n", why.unwrap_or_default())
            }
            Self::Free { resource, at } => {
                let at = terminal.when(*at).exact(*at);
                format!(
                    "{at}  {BOLD}free{BOLD:#} {resource}: what another session claimed or had frozen has ended\n"
                )
            }
            Self::Gap { why, at } => {
                let at = terminal.when(*at).exact(*at);
                let why = words(*why);
                format!("{at}  {BOLD}gap{BOLD:#}: {why}; see git presence list\n")
            }
        }
    }

    fn json(&self) -> Value {
        let notice = |event, at, why, resources, concern| StreamedNotice {
            at: At(at),
            event,
            why,
            resources,
            concern,
        };
        match self {
            Self::Event {
                entry,
                concern,
                aside,
            } => event(entry, aside, *concern),
            Self::Free { resource, at } => {
                let labels = Some(vec![resource.label()]);
                shapes::value(&notice("free", *at, None, labels, Some("free")))
            }
            Self::Gap { why, at } => {
                shapes::value(&notice("gap", *at, Some(why.word()), None, None))
            }
        }
    }
}

/// All was told before.
impl Present for Followed {
    fn text(&self, _: &Terminal) -> String {
        match (self.has_caught_up, self.lines) {
            (true, 0) => "No new events.\n".to_owned(),
            _ => String::new(),
        }
    }

    fn json(&self) -> Value {
        Value::Null
    }

    fn line(&self) -> String {
        String::new()
    }
}
