//! What happened to the sessions of this clone and what they were not told yet.
//!
//! Owns [`NewsLog`]: `<git>/presence/news-<key>.jsonl`, to which a line of JSON is appended for
//! each claim that a write found expired, or that a newer session released, for each request that
//! was granted in the background, and for each session that waits for what this one holds. The
//! file goes when its session was told. A lost lease is not in it: that is known by its register.
//! Never decides what is told where.

use std::io::Write as _;

use serde::{Deserialize, Serialize};

use crate::ledger::layout;
use crate::ledger::local::folder::{Folder, FolderError};
use crate::ledger::plain::Access;
use crate::model::claim::Mode;
use crate::model::event::EventKind;
use crate::model::id::SessionId;
use crate::model::news::News;
use crate::model::resource::Resource;
use crate::model::session::{Session, Step};
use crate::model::time::Timestamp;
use crate::model::token::Token;

/// The most lines that count; a session has at most 64 claims, and those of long ago matter less.
const LINES_MAX: usize = 128;

/// What one session was not told yet.
pub struct NewsLog<'l> {
    folder: &'l Folder,
    session: &'l SessionId,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    what: String,
    #[serde(default)]
    resource: String,
    at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<u64>,
}

impl<'l> NewsLog<'l> {
    /// Returns what `session` was not told, in a folder.
    pub fn new(folder: &'l Folder, session: &'l SessionId) -> Self {
        Self { folder, session }
    }

    /// Returns all of it, oldest first. A line that cannot be read is left out.
    pub fn list(&self) -> Vec<News> {
        let text = self.folder.text(&layout::news_file(self.session));
        let lines = text.lines().rev().take(LINES_MAX);
        let news = lines.filter_map(|line| serde_json::from_str::<Wire>(line).ok()?.news());
        let mut news: Vec<News> = news.collect();
        news.reverse();
        news
    }

    /// Appends. Fails if the file cannot be written.
    pub fn append(&self, news: &[News]) -> Result<(), FolderError> {
        let lines = news.iter().filter_map(Wire::of);
        let lines = lines.filter_map(|wire| serde_json::to_string(&wire).ok());
        let text: String = lines.map(|line| line + "\n").collect();
        if text.is_empty() {
            return Ok(());
        }
        let append = || {
            self.folder.ensure()?;
            let name = layout::news_file(self.session);
            let mut file = self.folder.open()?.file(&name, Access::Append)?;
            let _ = self.folder.sharing().apply_to(&file);
            file.write_all(text.as_bytes())
        };
        append().map_err(|error| self.folder.error("what a session is to be told", error))
    }

    /// Forgets all of it: the session was told, or has ended.
    pub fn forget(&self) {
        let _ = self.folder.remove(&layout::news_file(self.session));
    }
}

impl Wire {
    fn of(news: &News) -> Option<Self> {
        let resource = news.resource().map_or("", Resource::label).to_owned();
        let (at, by, token) = match news {
            News::Expired { at, .. }
            | News::RequestExpired { at, .. }
            | News::FreezeEnded { at, .. } => (at, None, None),
            News::Superseded { at, by, .. }
            | News::WaitedFor { at, by, .. }
            | News::IdShared { at, by } => (at, Some(by.as_str().to_owned()), None),
            News::Granted { at, token, .. } => (at, None, Some(token.number())),
            News::Lost(_) | News::Freed { .. } => return None,
        };
        Some(Self {
            what: news.word().to_owned(),
            resource,
            at: at.to_rfc3339(),
            by,
            token,
        })
    }

    fn news(self) -> Option<News> {
        let at = Timestamp::parse(&self.at)?;
        if self.what == "id_shared" {
            let by = SessionId::from_record(&self.by?).ok()?;
            return Some(News::IdShared { by, at });
        }
        let resource = Resource::from_record(&self.resource).ok()?;
        Some(match self.what.as_str() {
            "expired" => News::Expired { resource, at },
            "request_expired" => News::RequestExpired { resource, at },
            "freeze_ended" => News::FreezeEnded { resource, at },
            "superseded" => News::Superseded {
                resource,
                by: SessionId::from_record(&self.by?).ok()?,
                at,
            },
            "waited_for" => News::WaitedFor {
                resource,
                by: SessionId::from_record(&self.by?).ok()?,
                at,
            },
            "granted" => News::Granted {
                resource,
                token: Token::new(self.token?),
                at,
            },
            _ => return None,
        })
    }
}

/// Returns what a step did to claims of the session `before` without its doing.
pub(in crate::ledger) fn of_step(before: Option<&Session>, step: &Step) -> Vec<News> {
    let mut news = Vec::new();
    for resource in &step.event.expired {
        let claims = before.iter().flat_map(|before| {
            let claims = before.claims.iter();
            claims.map(|claim| (claim, claim.expires_at(before.seen_at)))
        });
        let mut claims = claims.filter(|(claim, _)| claim.resource == *resource);
        let Some((claim, at)) = claims.next() else {
            continue;
        };
        // A place in the queue ends by itself: the session was told when the wait ended.
        if claim.place_until.is_some() {
            continue;
        }
        let resource = resource.clone();
        news.push(match claim.mode {
            Mode::Waiting => News::RequestExpired { resource, at },
            Mode::Shared | Mode::Exclusive | Mode::Frozen => News::Expired { resource, at },
        });
    }
    let ended = before
        .iter()
        .flat_map(|before| before.ended_freezes(step.session.seen_at));
    news.extend(ended.map(|(resource, at)| News::FreezeEnded { resource, at }));
    if let EventKind::Superseded { by } = &step.event.kind {
        let released = step.event.resources.iter();
        news.extend(released.map(|resource| News::Superseded {
            resource: resource.clone(),
            by: by.clone(),
            at: step.session.seen_at,
        }));
    }
    news
}
