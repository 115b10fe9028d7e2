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
use crate::model::resource::Resource;
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

/// Returns true if nothing can be unread for `me`, because nothing changed since nothing was.
pub fn is_seen(context: &Context, me: &Actor, board: &Board) -> bool {
    let before = context.ledger.mail_seen(&me.id).read();
    let holds = || CaughtUp::digest_of_held(&reading::held_by(me, board, context.now()));
    before.is_some_and(|before| before.covers(&board.mail, &holds()))
}

/// Reads the messages that may be unread for `me`, as the sessions of `board` have them.
pub fn since_caught_up(context: &Context, me: &Actor, board: &Board) -> Result<Look, Failure> {
    let holds = reading::held_by(me, board, context.now());
    let before = context.ledger.mail_seen(&me.id).read();
    if let Some(before) = before
        && let Some(look) = of_what_changed(context, (me, &holds), board, before)?
    {
        return Ok(look);
    }
    let mail = context.ledger.mail()?;
    Ok(Look::of(context, (me, &holds), mail, None))
}

/// Reads what changed since nothing was unread for `me`; `None` if that does not tell what is
/// unread.
fn of_what_changed(
    context: &Context,
    (me, holds): (&Actor, &[Resource]),
    board: &Board,
    before: CaughtUp,
) -> Result<Option<Look>, Failure> {
    let mut parts = before.to_read(&board.mail, &CaughtUp::digest_of_held(holds));
    let own = board.mail.part_of(&me.id, me.node);
    let own = own.filter(|own| !parts.contains(own));
    if before.heir_of == CaughtUp::digest_of_heir(&[]) && own.is_none_or(|own| before.has_seen(own))
    {
        let mail = context.ledger.mail_of(&parts, &board.sessions)?;
        let look = Look::of(context, (me, holds), mail, Some(before.clone()));
        // What is for none of its names need not be compared with what it has read.
        if own.is_none() || look.unread(me, context.now()).is_empty() {
            return Ok(look.tells_all(context, me).then_some(look));
        }
    }
    // What the session itself has read, and which sessions it replaced.
    parts.extend(own);
    let mail = context.ledger.mail_of(&parts, &board.sessions)?;
    let look = Look::of(context, (me, holds), mail, Some(before));
    Ok(look.tells_all(context, me).then_some(look))
}

/// Returns a digest of the sessions that `me` wrote down as those before it.
fn heir_of(me: &Actor, mail: &Mail) -> String {
    CaughtUp::digest_of_heir(mail.post.heir_of(&me.id, Some(me.node)))
}

impl Look {
    fn of(
        context: &Context,
        (me, holds): (&Actor, &[Resource]),
        mail: Mail,
        before: Option<CaughtUp>,
    ) -> Self {
        let heirs = reading::heirs(context, &mail.post, context.now());
        Self {
            reader: reading::reader_of(me, holds.to_vec(), (&mail.post, &heirs)),
            mail,
            before,
        }
    }

    /// Returns true if what changed tells what is unread for `me`: it goes on from no other session
    /// than before, and what is unread does not wait for the next holder of a resource. Whether
    /// another session has read that is known to that session.
    fn tells_all(&self, context: &Context, me: &Actor) -> bool {
        let before = self.before.as_ref();
        let unread = self.unread(me, context.now());
        let mut means = unread.iter().map(|letter| letter.means);
        before.is_some_and(|before| heir_of(me, &self.mail) == before.heir_of)
            && !means.any(|means| means == Means::AtResource)
    }

    /// Returns what is unread, the first one first.
    pub fn unread(&self, me: &Actor, now: Timestamp) -> Vec<Letter<'_>> {
        self.mail.post.unread(&self.reader, Some(me.node), now)
    }

    /// Returns true if there was no time to read all of it.
    pub fn is_partly_read(&self) -> bool {
        self.mail.unreadable.iter().any(Unreadable::is_left_out)
    }

    /// Returns how many more messages `me` can mark as read.
    pub fn spare_marks(&self, me: &Actor, now: Timestamp) -> usize {
        self.mail.post.spare_marks(&me.id, Some(me.node), now)
    }

    /// Notes that nothing is unread for `me`, as of `board`, but for what cannot be read: that is
    /// looked at again.
    pub fn note(&self, context: &Context, me: &Actor, board: &Board) {
        let state = (
            CaughtUp::digest_of_held(&self.reader.holds),
            heir_of(me, &self.mail),
        );
        let before = self.before.as_ref();
        let which = (&self.mail.to_holders, &self.mail.damaged);
        let seen = CaughtUp::after(before, &board.mail, state, which);
        context.ledger.mail_seen(&me.id).note(before, &seen);
    }
}
