//! The session that something is offered to.
//!
//! Owns which session a word means, and the refusal to offer to one without a recent heartbeat.
//! Never offers anything.

use crate::app::claims::offers::{has_ended, last_of};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::id::SessionId;
use crate::model::text::{is_word, name};

/// The most sessions that are named as those who are here.
const NAMED_MAX: usize = 8;

/// Returns the session that `who` means: one by its id, or the one that goes on from it, or the
/// only live one of a `user@host`. With `anyway`, one without a recent heartbeat, too.
pub(super) fn recipient(
    context: &Context,
    me: &Actor,
    who: &str,
    anyway: bool,
) -> Result<SessionId, Failure> {
    let id = SessionId::parse(who).map_err(|error| {
        Failure::usage(format!("the session {:?} is not accepted: {error}", who))
    })?;
    let board = context.ledger.board()?;
    let live = live(context, &board);
    let (heir, _) = last_of(context, &id);
    let is_live = |id: &SessionId| live.iter().any(|one| one.id == *id);
    if heir == me.id {
        return Err(Failure::usage("you cannot offer it to yourself")
            .hint("release it, and the first in line is next"));
    }
    if is_live(&heir) {
        return Ok(heir);
    }
    let is_at = |one: &&&Actor| format!("{}@{}", one.user, one.host) == who && one.id != me.id;
    let there: Vec<&&Actor> = live.iter().filter(is_at).collect();
    match there.as_slice() {
        [one] => return Ok(one.id.clone()),
        [_, _, ..] => {
            let names = words(there.iter().map(|one| &one.id));
            let error = anyhow::anyhow!("{} is {} sessions", name(who), there.len());
            return Err(Failure::new(Kind::Refused, error).hint(format!("name one: {names}")));
        }
        [] => {}
    }
    if anyway {
        return Ok(heir);
    }
    let others = live.iter().map(|one| &one.id).filter(|id| **id != me.id);
    let here = words(others);
    let error = anyhow::anyhow!("{heir} has sent no heartbeat for a while");
    let failure = Failure::new(Kind::Refused, error);
    let failure = match here.is_empty() {
        true => failure.hint("no other session is here: release it without --to"),
        false => failure.hint(format!("offer it to one that is here: {here}")),
    };
    Err(failure.hint("or offer it in spite of that: --anyway"))
}

/// Returns the sessions that are here: each with a recent heartbeat, or a lease.
fn live<'b>(context: &Context, board: &'b Board) -> Vec<&'b Actor> {
    let now = context.now();
    let sessions = board.sessions.iter();
    let sessions = sessions.filter(|one| one.is_live(now) && !has_ended(context, one));
    let locks = board.locks.iter().filter(|lock| lock.is_live(now));
    let mut live: Vec<&Actor> = sessions.map(|one| &one.who).collect();
    live.extend(locks.map(|lock| &lock.holder));
    live.retain(|one| last_of(context, &one.id).0 == one.id);
    live.sort_by(|a, b| a.id.cmp(&b.id));
    live.dedup_by(|a, b| a.id == b.id && a.node == b.node);
    live
}

/// Returns ids as words of a command line; what is no word is left out.
fn words<'i>(ids: impl Iterator<Item = &'i SessionId>) -> String {
    let mut words: Vec<String> = ids
        .map(SessionId::as_str)
        .filter(|id| is_word(id))
        .map(shell::quote)
        .collect();
    words.dedup();
    words.truncate(NAMED_MAX);
    words.join(", ")
}
