//! What a hook hands over to the agent of its session.
//!
//! Owns which messages are due at which moment, how many, and that they are marked only when the
//! answer was written. Reads nothing of the board where nothing changed since the last look. Never
//! words the answer of a harness.

use super::{look, reading};
use crate::config::InboxAt;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{CHARS_MAX, letters_briefing};
use crate::ledger::Mail;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::id::{NodeId, SessionId};
use crate::model::message::MessageId;
use crate::model::message::address::{Means, Reader};
use crate::model::message::post::Letter;
use crate::model::time::Timestamp;

/// The most messages that are handed over at once; the newest ones.
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
#[derive(Clone, Debug)]
pub struct Handover {
    /// The text for the model.
    pub text: String,
    /// The session that gets it.
    pub me: Actor,
    /// The messages in it, each with when it expires.
    read: Vec<(MessageId, Timestamp)>,
    /// The sessions from which it goes on.
    heir_of: Vec<SessionId>,
}

impl Handover {
    /// Marks the messages as handed over, after the answer was written.
    pub fn is_written(&self, context: &Context) -> Result<(), Failure> {
        reading::mark(context, &self.me, &self.read, &self.heir_of)
    }
}

/// Returns what is due at `moment`, in at most `room` characters. `board` is the board, if the
/// caller has read it.
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
    let rings = moment != Moment::AfterTool || context.ledger.bell(&context.me.id).rings();
    if !is_wanted || !rings {
        return Ok(None);
    }
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
    let notices = context.ledger.notices();
    let seen = digest(context, board);
    let has_seen = match moment {
        Moment::Prompt => notices.begins_turn(&me.id, &seen),
        Moment::Stop => notices.has_seen(&me.id, &seen),
        Moment::Start | Moment::AfterTool => false,
    };
    if board.mail.is_empty() || has_seen {
        context.ledger.bell(&me.id).stop();
        return Ok(None);
    }
    let look = look::since_caught_up(context, &me, board)?;
    let now = context.now();
    let mut letters = look.unread(&me, now);
    if letters.is_empty() {
        // What was not read may be for this session; what cannot be noted is looked at again.
        if look.is_complete() {
            look.note(context, &me, board);
            let _ = notices.see(&me.id, &seen);
            context.ledger.bell(&me.id).stop();
        }
        return Ok(None);
    }
    let unread = letters.len();
    letters.retain(|letter| is_due(letter, moment, &look.reader));
    if moment == Moment::AfterTool {
        context.ledger.bell(&me.id).stop();
    }
    if letters.is_empty() || moment == Moment::Stop && !notices.may_hold(&me.id, HELD_MAX) {
        return Ok(None);
    }
    let handed = Handed {
        unread,
        room: room.min(CHARS_MAX),
        heir_of: look.reader.heir_of.clone(),
    };
    Ok(Some(handed.over(me, now, letters)))
}

/// What is known of messages before the newest of them are handed over.
struct Handed {
    unread: usize,
    room: usize,
    heir_of: Vec<SessionId>,
}

impl Handed {
    fn over(self, me: Actor, now: Timestamp, mut letters: Vec<Letter<'_>>) -> Handover {
        let newest = letters.len().saturating_sub(LETTERS_MAX);
        letters.drain(..newest);
        let rest = self.unread - letters.len();
        let read = letters.iter().map(|letter| &letter.sent.message);
        let read = read.map(|message| (message.id(), message.expires_at()));
        Handover {
            read: read.collect(),
            text: letters_briefing(now, &letters, rest, self.room),
            me,
            heir_of: self.heir_of,
        }
    }
}

/// Returns a text that differs whenever a message may have become due: with the messages, and with
/// what the session claims.
fn digest(context: &Context, board: &Board) -> String {
    let asker = context.asker();
    let held = board.held(context.now()).into_iter();
    let mut mine: Vec<String> = held
        .filter(|held| asker.owns(held))
        .map(|held| held.resource.label().to_owned())
        .collect();
    mine.sort();
    format!("{:x} {}", board.mail.all(), mine.join(" "))
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
