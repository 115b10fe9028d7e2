//! The answer of `status` to programs; its words are in `summary`.
//!
//! Owns its JSON. Never decides which claims conflict.

use serde::Serialize;
use serde_json::Value;

use super::list::{ConflictingWith, conflicting};
use super::turns::TurnShape;
use crate::app::board::list::Conflict;
use crate::app::board::status::Status;
use crate::app::messages::inbox::Row;
use crate::app::sessions::list::Present as Here;
use crate::model::holding::{Asker, Holding};
use crate::model::resource::Resource;
use crate::model::text::harmless;
use crate::output::glance::GlanceShape;
use crate::output::news::Untold;
use crate::output::offers::OfferOf;
use crate::output::present::{Present, Terminal};
use crate::output::remote::{self, RemoteState};
use crate::output::shapes::{self, At, Claim, Record};
use crate::output::states::StateShape;

/// The most messages in the answer.
const MESSAGES_MAX: usize = 5;
/// The most bytes of a first line.
const SUBJECT_BYTES_MAX: usize = 120;

/// What `status` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct StatusAnswer<'a> {
    /// the session of the caller
    session_id: &'a str,
    /// how that was found out: `flag`, `variable`, `harness`, `ci` or `person`
    rule: &'static str,
    /// the harness or CI system, if known
    agent: Option<&'a str>,
    /// the repository that keeps the board
    ledger: &'a str,
    /// the last heartbeat of this session; null for a session that never wrote
    seen_at: Option<At>,
    /// claims of this session, and what it waits for, which it does not hold
    mine: Vec<StatusClaim<'a>>,
    /// claims of other sessions; those that conflict with `mine` come first
    others: Vec<StatusClaim<'a>>,
    /// the turns that a session has, waits for or passed; those that concern the caller come first
    turns: Vec<TurnShape<'a>>,
    /// what no session holds and only one may have for a while
    offers: Vec<OfferOf<'a>>,
    /// the sessions that are here, in the order of `sessions`
    sessions: Vec<SessionBrief<'a>>,
    /// how many live sessions there are besides this one, with or without claims
    other_sessions: usize,
    /// what happened to claims and requests of this session that it was not told yet; `status`
    /// shows it until another verb or a hook told it
    news: Vec<Untold<'a>>,
    /// how many messages of other sessions are unread
    unread: usize,
    /// the newest of them, the newest first, at most five
    messages: Vec<UnreadMessage<'a>>,
    /// what is true of resources, as sessions say it; what is not as it should be comes first
    states: Vec<StateShape<'a>>,
    /// the lists of tasks: `main`, and those of which the session has a task, if anything is to be
    /// done there
    tasks: Vec<GlanceShape<'a>>,
    /// records that cannot be read
    problems: Vec<Record<'a>>,
    /// the remote, or null without one
    remote: Option<RemoteState<'a>>,
    /// a command to go on with, for a person; null if none is more likely than others
    next: Option<&'a str>,
}

/// A claim in the JSON of `status`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct StatusClaim<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// the live claims of other sessions that overlap it
    conflicts_with: Vec<ConflictingWith<'a>>,
}

impl<'a> StatusClaim<'a> {
    fn all(me: &Asker, all: &'a [Holding], conflicts: &'a [Vec<Conflict>]) -> Vec<Self> {
        let all = all.iter().zip(conflicts);
        all.map(|(held, conflicts)| Self {
            claim: Claim::seen_by(me, held),
            conflicts_with: conflicts.iter().map(conflicting).collect(),
        })
        .collect()
    }
}

/// A session in the JSON of `status`; `sessions` says more of each.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct SessionBrief<'a> {
    /// the session
    session_id: &'a str,
    /// as in `sessions`: `working`, `waiting`, `idle`, `silent`, `gone` or `ended`
    status: &'static str,
    /// the harness or CI system, if known
    agent: Option<&'a str>,
    /// the user
    user: &'a str,
    /// the machine
    host: &'a str,
    /// the branch that it had checked out, if known
    branch: Option<&'a str>,
    /// the id of the task that it holds, or null
    task: Option<&'a str>,
    /// how many of its claims overlap one of another session
    conflicts: usize,
    /// its last heartbeat
    seen_at: At,
    /// whether it is the caller's session
    is_me: bool,
}

impl<'a> SessionBrief<'a> {
    fn of(me: &Asker, one: &'a Here) -> Self {
        Self {
            session_id: one.session.as_str(),
            status: one.status.as_str(),
            agent: one.agent.as_deref(),
            user: &one.user,
            host: &one.host,
            branch: one.branch.as_deref(),
            task: one.task.as_ref().map(|task| task.id.as_str()),
            conflicts: one.conflicts,
            seen_at: At(one.seen_at),
            is_me: one.session == me.id && Some(one.node) == me.node,
        }
    }
}

/// An unread message in the JSON of `status`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct UnreadMessage<'a> {
    /// its id, 12 hex digits; to read all of it: `git presence inbox <id>`
    id: String,
    /// the session that sent it
    from: &'a str,
    /// the label of what it is about, if it says so
    about: Option<&'a str>,
    /// its first line, at most 120 bytes
    subject: String,
    /// when it was sent
    sent_at: At,
    /// whether an answer is wanted
    ask: bool,
    /// whether it is handed over after the next tool
    urgent: bool,
}

impl<'a> UnreadMessage<'a> {
    fn of(row: &'a Row) -> Self {
        let message = &row.sent.message;
        let draft = &message.draft;
        Self {
            id: message.id().to_string(),
            from: row.sent.by.id.as_str(),
            about: draft.about.as_ref().map(Resource::label),
            subject: harmless(draft.text.subject(), SUBJECT_BYTES_MAX),
            sent_at: At(message.sent_at),
            ask: draft.asks,
            urgent: draft.urgent,
        }
    }
}

impl Present for Status {
    fn text(&self, terminal: &Terminal) -> String {
        self.summary(terminal)
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        shapes::value(&StatusAnswer {
            session_id: self.me.id.as_str(),
            rule: self.rule.as_str(),
            agent: self.agent.as_deref(),
            ledger: &self.ledger,
            seen_at: self.seen_at.map(At),
            mine: StatusClaim::all(&self.me, &self.mine, &self.mine_conflicts),
            others: StatusClaim::all(&self.me, &self.others, &self.other_conflicts),
            turns: { self.turns.iter() }
                .map(|turn| TurnShape::of(&self.me, turn))
                .collect(),
            offers: self.offers.iter().map(OfferOf::of).collect(),
            sessions: { self.sessions.iter() }
                .map(|one| SessionBrief::of(&self.me, one))
                .collect(),
            other_sessions: self.other_sessions,
            news: Untold::all(&self.news),
            unread: self.unread,
            messages: { self.messages.iter().take(MESSAGES_MAX) }
                .map(UnreadMessage::of)
                .collect(),
            states: self.states.iter().map(StateShape::of).collect(),
            tasks: self.tasks.iter().map(GlanceShape::of).collect(),
            problems: Record::all(&self.problems),
            remote: self.remote.as_ref().map(RemoteState::of),
            next: self.next.as_deref(),
        })
    }
}
