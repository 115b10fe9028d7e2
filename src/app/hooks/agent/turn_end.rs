//! The end of a turn of an agent: what is still to be said before it.
//!
//! Owns what follows on the end of a turn, and when it is not to end yet: another session waits for
//! what this one holds, it holds the turn of a room, it did not push what it claims or pushed what
//! it still claims, it owes an answer, or a message waits. Each is said once, and never while a
//! harness goes on because of a hook. Never releases anything.

use super::answer::Answer;
use super::known::untold;
use super::pushed::{left_to_ask, left_to_push};
use super::{Call, Done};
use crate::app::messages::handover::Moment;
use crate::app::messages::owed;
use crate::app::sessions::keepalive;
use crate::config::Enforce;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{self, Response};
use crate::ledger::Topic;
use crate::model::news::News;
use crate::model::turn::is_turn;

/// The room of the messages that are handed over then.
const OWED_CHARS: usize = 1000;
/// The room of what a session holds still after a push.
const PUSHED_CHARS: usize = 700;

impl Call<'_> {
    /// Ends a turn, or goes on with it once. Nothing is released: the next turn may be about the
    /// same resources.
    pub(super) fn stop(&self, context: &mut Context) -> Result<Done, Failure> {
        self.beat(context);
        let session = context.known_actor();
        let session = session
            .map(|me| context.ledger.sessions().get(&me))
            .transpose()?;
        let claims = session.flatten().is_some_and(|s| !s.claims.is_empty());
        let leases = context.ledger.leases(&context.me.id).list();
        let holds = claims || !leases.is_empty();
        let has_turn = leases.iter().any(|lease| is_turn(&lease.resource));
        match self.payload.pending {
            Some(1..) if holds => keepalive::begin(context),
            Some(0) if !context.config.agents.keeper && !has_turn => {
                context.ledger.keepalive(&context.me.id).end();
            }
            _ => {}
        }
        let goes_on = matches!(self.payload.pending, Some(1..));
        let is_off = context.config.agents.enforce == Enforce::Off;
        if self.payload.was_held || !self.harness.can_go_on(self.name) {
            return Ok(Done::default());
        }
        let mut text = Answer::begin(match holds && !goes_on && !is_off {
            true => self.unless_it_fails(left_to_say(context)),
            false => None,
        });
        text.add(self.unless_it_fails(owed::at_the_end(context, text.room(OWED_CHARS))));
        let handed = self.letters(context, Moment::Stop, None, text.room(0));
        text.add(handed.as_ref().map(|handover| handover.text.clone()));
        Ok(Done {
            answer: text.whole().map_or(Response::Nothing, Response::GoOn),
            session: None,
            handed,
        })
    }
}

/// Returns what the model is told before the turn of a session ends that holds something; `None` if
/// the turn can end.
fn left_to_say(context: &Context) -> Result<Option<String>, Failure> {
    let Some(me) = context.known_actor() else {
        return Ok(None);
    };
    let news = context.ledger.news(&me.id).list();
    let is_waited_for = news.iter().any(|one| matches!(one, News::WaitedFor { .. }));
    let mut text = Answer::default();
    let is_about_a_turn = |one: &News| match one {
        News::WaitedFor { resource, .. } => is_turn(resource),
        _ => false,
    };
    // That another session waits for it says how it is passed on, too.
    let held = held_turn(context);
    text.add(held.filter(|_| !news.iter().any(is_about_a_turn)));
    if is_waited_for {
        text.add(untold(context, None, text.room(PUSHED_CHARS))?);
    }
    text.add(left_to_push(context)?);
    text.add(left_to_ask(context, &me, text.room(0))?);
    Ok(text.whole())
}

/// Returns what a session is told that holds the turn of a room; once for each grant.
fn held_turn(context: &Context) -> Option<String> {
    let me = &context.me.id;
    let leases = context.ledger.leases(me).list();
    let mut mine = leases.iter().filter(|lease| is_turn(&lease.resource));
    let lease = mine.find(|lease| lease.is_in_force(&context.host))?;
    let grant = format!("{} {}", lease.resource, lease.token);
    let is_news = context.ledger.notices().is_news(me, Topic::Turn, &grant);
    // What cannot be noted would be said again and again.
    is_news
        .unwrap_or(false)
        .then(|| harness::held_turn_briefing(&lease.resource, context.now()))
}

/// Checks whether a command line pushes with Git.
pub(super) fn is_push(line: &str) -> bool {
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        let is_git = word == "git" || word.ends_with("/git");
        if !is_git {
            continue;
        }
        // Options before the verb; two of them take a word.
        let mut rest = words.clone();
        while let Some(word) = rest.next() {
            match word {
                "-C" | "-c" => _ = rest.next(),
                "push" => return true,
                option if option.starts_with('-') => {}
                _ => break,
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_push;

    #[test]
    fn a_push_is_known_by_its_verb() {
        for line in [
            "git push",
            "cd x && git push -u origin main",
            "git -C ../x -c a.b=c --no-pager push",
            "git status; /usr/bin/git push",
        ] {
            assert!(is_push(line), "{line}");
        }
        for line in [
            "git stash push",
            "docker push x",
            "git log push",
            "git",
            "echo",
        ] {
            assert!(!is_push(line), "{line}");
        }
    }
}
