//! Answers that a session owes.
//!
//! Owns that the end of a turn asks for each once, after its question was handed over. All messages
//! are read only then. Never answers.

use super::reading;
use crate::config::InboxAt;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::owed_briefing;
use crate::ledger::{Mail, Topic};
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::message::MessageId;
use crate::model::message::post::Sent;

/// The most questions that are kept; the oldest go, and are not asked about.
const KEPT_MAX: usize = 16;

/// Notes that the session was handed these questions.
pub fn note(context: &Context, me: &Actor, asked: &[MessageId]) {
    if asked.is_empty() {
        return;
    }
    let notices = context.ledger.notices();
    let before = notices.kept(&me.id, Topic::Owed);
    let mut all: Vec<String> = before.split_whitespace().map(str::to_owned).collect();
    all.extend(asked.iter().map(ToString::to_string));
    let from = all.len().saturating_sub(KEPT_MAX);
    // What cannot be noted is not asked about.
    let _ = notices.keep(&me.id, Topic::Owed, &all[from..].join(" "));
}

/// Returns the questions that the session was handed and that have no answer yet, the first one
/// first.
pub fn owed(context: &Context, me: &Actor, mail: &Mail, board: &Board) -> Vec<Sent> {
    let now = context.now();
    let heirs = reading::heirs(context, &mail.post, now);
    let reader = reading::reader(me, board, (&mail.post, &heirs), now);
    let letters = mail.post.owed(&reader, Some(me.node), now).into_iter();
    letters.map(|letter| letter.sent.clone()).collect()
}

/// Returns what the model is told before its turn ends: what it was asked and did not answer; once
/// for each question, in at most `room` characters.
pub fn at_the_end(context: &Context, room: usize) -> Result<Option<String>, Failure> {
    let Some(me) = context.known_actor() else {
        return Ok(None);
    };
    let notices = context.ledger.notices();
    let noted = notices.kept(&me.id, Topic::Owed);
    let is_wanted = context.config.agents.inbox == InboxAt::Stop;
    if noted.is_empty() || !is_wanted || !notices.take(&me.id, Topic::Owed) {
        return Ok(None);
    }
    let (board, mail) = (context.ledger.board()?, context.ledger.mail()?);
    let mut owed = owed(context, &me, &mail, &board);
    owed.retain(|one| {
        let id = one.message.id().to_string();
        noted.split(' ').any(|noted| noted == id)
    });
    Ok(owed_briefing(&owed, room))
}
