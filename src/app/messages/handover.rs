//! What a hook hands over to the agent of its session.
//!
//! Owns which messages are due at which moment, how many, and that they are marked only when the
//! answer was written. Reads nothing of the board where nothing changed since the last look. Never
//! words the answer of a harness.

use super::look::{self, Look};
use super::{owed, reading};
use crate::config::InboxAt;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{
    MAIL_NOT_READ, letters_briefing, unmarkable_briefing, waiting_briefing,
};
use crate::ledger::{Handing, Mail, Topic};
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::id::{NodeId, SessionId};
use crate::model::message::address::{Means, Reader};
use crate::model::message::post::Letter;
use crate::model::message::{Message, MessageId};
use crate::model::time::Timestamp;

/// The most messages that are handed over at once.
const LETTERS_MAX: usize = 5;
/// The most turns in a row that go on because of messages.
const HELD_MAX: u32 = 3;

/// When a hook asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A session starts.
    Start,
    /// The user sends a prompt.
    Prompt,
    /// A tool was used.
    AfterTool,
    /// A turn is about to end.
    Stop,
}

/// What is handed over.
#[derive(Debug)]
pub struct Handover {
    /// The text for the model.
    pub text: String,
    /// The session that gets it.
    pub me: Actor,
    /// The messages in it, each with when it expires.
    read: Vec<(MessageId, Timestamp)>,
    /// Those of them that want an answer.
    asked: Vec<MessageId>,
    /// The sessions from which it goes on.
    heir_of: Vec<SessionId>,
    /// Keeps other hooks of the session from handing over the same.
    _alone: Handing,
}

impl Handover {
    /// Marks the messages as handed over, after the answer was written.
    pub fn is_written(&self, context: &Context) -> Result<(), Failure> {
        owed::note(context, &self.me, &self.asked);
        reading::mark(context, &self.me, &self.read, &self.heir_of)
    }
}

/// Returns what is due at `moment`, in at most `room` characters. `board` is the board, if the
/// caller has read it. The bell rings as long as something waits that is due after a tool: it is
/// taken down before a look, and rings on unless that found nothing.
pub fn due(
    context: &Context,
    moment: Moment,
    board: Option<&Board>,
    room: usize,
) -> Result<Option<Handover>, Failure> {
    let is_wanted = match context.config.agents.inbox {
        InboxAt::Off => false,
        InboxAt::Prompt => moment != Moment::Stop,
        InboxAt::Stop => true,
    };
    let bell = context.ledger.bell(&context.me.id);
    match moment {
        _ if !is_wanted => Ok(None),
        Moment::AfterTool if !bell.rings() => Ok(None),
        Moment::AfterTool => {
            // Another hook of the session hands over what there is.
            let Some(alone) = bell.handing() else {
                return Ok(None);
            };
            bell.stop();
            let found = found(context, moment, board, (room, Some(alone)));
            if !matches!(found, Ok(None)) {
                // What cannot be announced is handed over at the next prompt.
                let _ = bell.ring();
            }
            found
        }
        Moment::Start | Moment::Prompt | Moment::Stop => {
            found(context, moment, board, (room, None))
        }
    }
}

/// Looks at what waits, if that may have changed.
fn found(
    context: &Context,
    moment: Moment,
    board: Option<&Board>,
    (room, alone): (usize, Option<Handing>),
) -> Result<Option<Handover>, Failure> {
    let read;
    let board = match board {
        Some(board) => board,
        None => {
            read = context.ledger.board()?;
            &read
        }
    };
    // A clone that never wrote gets its id when a session starts.
    let me = match (context.known_actor(), moment) {
        (Some(me), _) => me,
        (None, Moment::Start) => context.actor()?,
        (None, _) => return Ok(None),
    };
    if moment == Moment::Prompt {
        context.ledger.notices().begin_turn(&me.id);
    }
    let may_be_seen = matches!(moment, Moment::Prompt | Moment::Stop);
    if board.mail.is_empty() || may_be_seen && look::is_seen(context, &me, board) {
        return Ok(None);
    }
    match alone.or_else(|| context.ledger.bell(&me.id).handing()) {
        Some(alone) => waiting(context, moment, (me, board), (room, alone)),
        None => Ok(None),
    }
}

/// Looks at what waits for `me`.
fn waiting(
    context: &Context,
    moment: Moment,
    (me, board): (Actor, &Board),
    (room, alone): (usize, Handing),
) -> Result<Option<Handover>, Failure> {
    let notices = context.ledger.notices();
    let look = look::since_caught_up(context, &me, board)?;
    let now = context.now();
    let mut letters = look.unread(&me, now);
    let unread = letters.len();
    let not_read = what_was_not_read(context, &look, board);
    // What was not read may be for this session.
    if letters.is_empty() && !look.is_partly_read() {
        look.note(context, &me, board);
    }
    letters.retain(|letter| is_due(letter, moment, &look.reader));
    let may_tell = moment != Moment::Stop || !letters.is_empty();
    if letters.is_empty() && not_read.is_empty()
        || !may_tell
        || moment == Moment::Stop && !notices.may_hold(&me.id, HELD_MAX)
    {
        return Ok(None);
    }
    let spare = look.spare_marks(&me, now);
    let letters = first(letters, spare);
    let (text, count) = match (unread, spare) {
        _ if letters.is_empty() && spare > 0 => (String::new(), 0),
        (_, 0) => (unmarkable(context, &me, unread), 0),
        _ => letters_briefing(
            now,
            &letters,
            unread,
            room.saturating_sub(not_read.chars().count()),
        )
        .unwrap_or_else(|| (waiting_briefing(unread), 0)),
    };
    let text = not_read + &text;
    let read = letters.iter().take(count);
    let read = read.map(|letter| &letter.sent.message);
    let asked = read.clone().filter(|message| message.draft.asks);
    let asked = asked.map(Message::id).collect();
    let read = read.map(|message| (message.id(), message.expires_at()));
    Ok(Some(Handover {
        read: read.collect(),
        asked,
        text: match text.chars().count() <= room {
            true => text,
            // It waits for an answer with more room.
            false => String::new(),
        },
        heir_of: look.reader.heir_of.clone(),
        me,
        _alone: alone,
    }))
}

/// Returns the text that there was no time to read all messages, once for each change of them.
fn what_was_not_read(context: &Context, look: &Look, board: &Board) -> String {
    let is_left_out = look.is_partly_read();
    let notices = context.ledger.notices();
    let about = format!("not read {:x}", board.mail.all());
    let is_news = || notices.is_news(&context.me.id, Topic::Mail, &about);
    match is_left_out && is_news().unwrap_or(false) {
        true => MAIL_NOT_READ.to_owned(),
        false => String::new(),
    }
}

/// Returns the text that messages wait that this session cannot mark as read, once for each count
/// of them: it would get them again and again.
fn unmarkable(context: &Context, me: &Actor, unread: usize) -> String {
    let text = unmarkable_briefing(unread);
    let is_news = context.ledger.notices().is_news(&me.id, Topic::Mail, &text);
    match is_news.unwrap_or(false) {
        true => text,
        false => String::new(),
    }
}

/// Returns those that come first, at most `max`: urgent ones, the oldest first, then the newest of
/// the others.
fn first(letters: Vec<Letter<'_>>, max: usize) -> Vec<Letter<'_>> {
    let is_urgent = |letter: &Letter<'_>| letter.sent.message.draft.urgent;
    let (urgent, others): (Vec<_>, Vec<_>) = letters.into_iter().partition(is_urgent);
    let mut first = urgent;
    first.extend(others.into_iter().rev());
    first.truncate(LETTERS_MAX.min(max));
    first
}

/// Whether a message is handed over at this moment.
fn is_due(letter: &Letter<'_>, moment: Moment, reader: &Reader) -> bool {
    match moment {
        Moment::Start | Moment::Prompt => true,
        Moment::AfterTool => letter.sent.is_handed_over_at_once(reader),
        Moment::Stop => {
            let is_by_name = matches!(letter.means, Means::ByName | Means::AsHeir);
            is_by_name || letter.sent.message.draft.asks
        }
    }
}

/// Rings at the sessions of this clone to which messages that arrived are handed over after their
/// next tool.
pub fn announce_arrivals(context: &Context) {
    let Ok(board) = context.ledger.board() else {
        return;
    };
    if board.mail.is_empty() || !context.ledger.is_new_mail(board.mail.all()) {
        return;
    }
    let (Ok(mail), Some(node)) = (context.ledger.mail(), context.ledger.node()) else {
        return;
    };
    ring(context, &board, &mail, node);
}

fn ring(context: &Context, board: &Board, mail: &Mail, node: NodeId) {
    let now = context.now();
    let heirs = reading::heirs(context, &mail.post, now);
    let live = board.sessions.iter().filter(|session| session.is_live(now));
    for session in live.filter(|session| session.who.node == node) {
        let who = &session.who;
        let reader = reading::reader(who, board, (&mail.post, &heirs), now);
        let unread = mail.post.unread(&reader, Some(node), now);
        let mut due = unread.iter();
        if due.any(|letter| is_due(letter, Moment::AfterTool, &reader)) {
            // What cannot be announced is handed over at the next prompt.
            let _ = context.ledger.bell(&who.id).ring();
        }
    }
}
