//! A look at the messages that may be unread for a session.
//!
//! Owns [`Look`]: what has to be read after a look that left nothing unread, and noting that
//! nothing is. So one new message costs one session, however many there are. Never marks a message.

use super::reading;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Mail;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::message::address::{Means, Reader};
use crate::model::message::digest::CaughtUp;
use crate::model::message::post::Letter;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// The messages that may be unread for a session, and the session as their reader.
pub struct Look {
    /// The session.
    pub reader: Reader,
    mail: Mail,
    /// What the session had seen before; `None` if all messages were read.
    before: Option<CaughtUp>,
}

/// Reads the messages that may be unread for `me`, as the sessions of `board` have them.
pub fn since_caught_up(context: &Context, me: &Actor, board: &Board) -> Result<Look, Failure> {
    if let Some(look) = of_what_changed(context, me, board)? {
        return Ok(look);
    }
    let mail = context.ledger.mail()?;
    let now = context.now();
    let heirs = reading::heirs(context, &mail.post, now);
    let reader = reading::reader(me, board, (&mail.post, &heirs), now);
    Ok(Look {
        reader,
        mail,
        before: None,
    })
}

/// Reads what changed since nothing was unread for `me`; `None` if that does not tell what is
/// unread.
fn of_what_changed(context: &Context, me: &Actor, board: &Board) -> Result<Option<Look>, Failure> {
    let now = context.now();
    let Some(before) = context.ledger.mail_seen(&me.id).read() else {
        return Ok(None);
    };
    let holds = CaughtUp::digest_of_held(&reading::held_by(me, board, now));
    let mut parts = before.to_read(&board.mail, &holds);
    // What the session itself has read, and which sessions it replaced.
    let own = board.mail.part_of(&me.id, me.node);
    parts.extend(own.filter(|own| !parts.contains(own)));
    let mail = context.ledger.mail_of(&parts, &board.sessions)?;
    if heir_of(me, &mail) != before.heir_of {
        return Ok(None);
    }
    let heirs = reading::heirs(context, &mail.post, now);
    let reader = reading::reader(me, board, (&mail.post, &heirs), now);
    // Whether another session has read what waits for the next holder is known to that session.
    let unread = mail.post.unread(&reader, Some(me.node), now);
    let mut means = unread.iter().map(|letter| letter.means);
    if means.any(|means| means == Means::AtResource) {
        return Ok(None);
    }
    Ok(Some(Look {
        reader,
        mail,
        before: Some(before),
    }))
}

/// Returns a digest of the sessions that `me` wrote down as those before it.
fn heir_of(me: &Actor, mail: &Mail) -> String {
    CaughtUp::digest_of_heir(mail.post.heir_of(&me.id, Some(me.node)))
}

impl Look {
    /// Returns what is unread, the first one first.
    pub fn unread(&self, me: &Actor, now: Timestamp) -> Vec<Letter<'_>> {
        self.mail.post.unread(&self.reader, Some(me.node), now)
    }

    /// Returns true if all of it could be read.
    pub fn is_complete(&self) -> bool {
        self.mail.unreadable.is_empty()
    }

    /// Returns true if there was no time to read all of it.
    pub fn is_partly_read(&self) -> bool {
        self.mail.unreadable.iter().any(Unreadable::is_left_out)
    }

    /// Returns how many more messages `me` can mark as read.
    pub fn spare_marks(&self, me: &Actor, now: Timestamp) -> usize {
        self.mail.post.spare_marks(&me.id, Some(me.node), now)
    }

    /// Notes that nothing is unread for `me`, as of `board`.
    pub fn note(&self, context: &Context, me: &Actor, board: &Board) {
        let state = (
            CaughtUp::digest_of_held(&self.reader.holds),
            heir_of(me, &self.mail),
        );
        let to_holders = &self.mail.to_holders;
        let seen = CaughtUp::after(self.before.as_ref(), &board.mail, state, to_holders);
        context.ledger.mail_seen(&me.id).note(&seen);
    }
}
