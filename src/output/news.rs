//! What a session was not told yet, as the verbs show it.
//!
//! Owns its words for people, a line each, and its JSON. Never decides what is news.

use std::fmt::Write as _;

use serde::Serialize;

use super::shapes::At;
use super::style::WARN;
use super::when::When;
use crate::model::departure::Moved;
use crate::model::news::News;
use crate::model::refusal::Refusal;

/// One thing that happened to a session without its doing.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Untold<'a> {
    /// `expired`: a claim expired; `lost`: an exclusive claim was taken over, or its lease cannot
    /// be trusted; `superseded`: another session replaced this one; `granted`: a queued request was
    /// granted; `request_expired`: it was not; `free`: what the session did not get is free;
    /// `waited_for`: another session waits for what this one holds; `freeze_ended`: the time that
    /// it named for a freeze is over; `id_shared`: another agent was
    /// started with the id of this session, and has one of its own
    what: &'static str,
    /// what it is about; null if that is not known
    resource: Option<&'a str>,
    /// when it happened; null if that is not known
    at: Option<At>,
    /// which session did it or waits, if that is another one and known
    by: Option<&'a str>,
    /// why it was taken by force, in the words of that session; null otherwise
    reason: Option<&'a str>,
    /// the fencing token of a grant; null otherwise
    token: Option<u64>,
}

impl<'a> Untold<'a> {
    /// Returns all of `news`.
    pub(super) fn all(news: &'a [News]) -> Vec<Self> {
        news.iter().map(Self::of).collect()
    }

    fn of(news: &'a News) -> Self {
        let mut told = Self {
            what: news.word(),
            resource: news.resource().map(crate::model::resource::Resource::label),
            at: None,
            by: None,
            reason: None,
            token: None,
        };
        match news {
            News::Lost(Refusal::Expired { at, .. })
            | News::Expired { at, .. }
            | News::RequestExpired { at, .. }
            | News::FreezeEnded { at, .. } => told.at = Some(At(*at)),
            News::Lost(Refusal::TakenOver { by, reason, .. }) => {
                told.at = by.as_ref().map(|(_, at)| At(*at));
                told.by = by.as_ref().map(|(by, _)| by.as_str());
                told.reason = reason.as_ref().map(crate::model::text::Purpose::as_str);
            }
            News::Lost(_) | News::Freed { .. } => {}
            News::Superseded { at, by, .. }
            | News::WaitedFor { at, by, .. }
            | News::IdShared { at, by } => {
                told.at = Some(At(*at));
                told.by = Some(by.as_str());
            }
            News::Granted { at, token, .. } => {
                told.at = Some(At(*at));
                told.token = Some(token.number());
            }
        }
        told
    }
}

/// Returns the labels of claims that expired.
pub(super) fn expired(news: &[News]) -> Vec<&str> {
    let expired = news.iter().filter(|news| news.is_expiry());
    let resources = expired.filter_map(News::resource);
    resources
        .map(crate::model::resource::Resource::label)
        .collect()
}

/// Returns a line for each, with instants as the reader spells them.
pub(super) fn untold(news: &[News], when: &When) -> String {
    let mut out = String::new();
    for news in news {
        let news = when.spelled(&news.to_string());
        let _ = writeln!(out, "{WARN}Note:{WARN:#} {news}");
    }
    out
}

/// Returns the line about what the code here lacks.
pub(super) fn moved(moved: Option<&Moved>) -> String {
    let line = |moved: &Moved| {
        let (advice, last) = (moved.advice(), &moved.last);
        let (session, resource) = (&last.session, &last.resource);
        format!(
            "{WARN}Note:{WARN:#} {advice}, where {session} was when it was done with {resource}\n"
        )
    };
    moved.map(line).unwrap_or_default()
}

/// Returns the commit that is to be fetched or merged first.
pub(super) fn fetch_first(moved: Option<&Moved>) -> Option<&str> {
    moved.map(|moved| moved.last.commit.as_str())
}

/// Returns the tables of `docs/json.md` that show these shapes.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    vec![super::tests::whole::<Untold<'_>>("news")]
}
