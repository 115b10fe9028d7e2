//! What a session says of resources, as a part of the session.
//!
//! Owns how a statement takes the place of an earlier one, and which are kept by a step. Which of
//! several sessions counts is in `standing`.

use super::super::event::EventKind;
use super::super::id::SessionId;
use super::super::refusal::Refusal;
use super::super::resource::Resource;
use super::super::state::{LIFTS_MAX, STATES_MAX, Saying, Statement};
use super::super::time::Timestamp;
use super::Session;

/// Returns the statements that have not ended, and those that lift what has not. None was made
/// later than `now`, but for a `frozen`: others that lift it name it by its time.
pub(super) fn kept(before: Option<&Session>, now: Timestamp) -> Vec<Statement> {
    let states = before.map_or(&[][..], |session| &session.states);
    let live = states.iter().filter(|said| is_of_use(said, now)).cloned();
    live.map(|said| match said.saying.word.is_frozen() {
        true => said,
        false => Statement {
            at: said.at.min(now),
            ..said
        },
    })
    .collect()
}

fn is_of_use(said: &Statement, now: Timestamp) -> bool {
    said.is_live(now) || said.lifts_anything(now)
}

impl Session {
    /// Returns true if a statement of the session has not ended, or lifts what has not. It may be
    /// needed then, whatever other sessions said of the same.
    pub fn says_anything(&self, now: Timestamp) -> bool {
        self.states.iter().any(|said| is_of_use(said, now))
    }

    /// Returns what the session has frozen until an instant that is over, and that instant.
    pub fn ended_freezes(&self, now: Timestamp) -> Vec<(Resource, Timestamp)> {
        let frozen = { self.states.iter() }.filter(|said| said.saying.word.is_frozen());
        let ended = frozen.filter(|said| !said.is_live(now));
        ended
            .map(|said| (said.saying.resource.clone(), said.expires_at()))
            .collect()
    }

    /// Says the same of several resources, all or none. Returns the event, and what it is about.
    pub(super) fn say_all(
        &mut self,
        sayings: &[Saying],
        over: &[SessionId],
    ) -> Result<Option<(EventKind, Vec<Resource>)>, Refusal> {
        for saying in sayings {
            self.say(saying)?;
        }
        let about = sayings.iter().map(|one| one.resource.clone()).collect();
        let event = |last: &Saying| EventKind::StateSaid {
            word: last.word.clone(),
            version: last.version.clone(),
            notes: last.notes.clone(),
            over: over.to_vec(),
        };
        Ok(sayings.last().map(|last| (event(last), about)))
    }

    /// Says something of a resource, in the place of what the session said of it before; what that
    /// lifted stays lifted. What is cleared makes room for what is not, unless it lifts something.
    fn say(&mut self, saying: &Saying) -> Result<(), Refusal> {
        let (id, now) = (&self.who.id, self.seen_at);
        let is_of_it = |said: &&Statement| said.saying.resource == saying.resource;
        let before = self.states.iter().find(is_of_it);
        let mut lifts = before.map_or_else(Vec::new, |said| said.left_lifted(id, now));
        lifts.retain(|lifted| !saying.lifts.contains(lifted));
        lifts.extend(saying.lifts.iter().cloned());
        lifts.drain(..lifts.len().saturating_sub(LIFTS_MAX));
        self.states.retain(|said| !is_of_it(&said));
        if self.states.len() >= STATES_MAX {
            let makes_room =
                |said: &Statement| said.saying.word.is_cleared() && !said.lifts_anything(now);
            let at = self.states.iter().position(makes_room);
            let at = at.ok_or(Refusal::TooManyStates {
                states_max: STATES_MAX,
            })?;
            self.states.remove(at);
        }
        self.states.push(Statement {
            saying: Saying {
                lifts,
                ..saying.clone()
            },
            at: now,
        });
        Ok(())
    }
}
