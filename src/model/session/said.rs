//! What a session says of resources, as a part of the session.
//!
//! Owns how a statement takes the place of an earlier one, and which are kept by a step. Which of
//! several sessions counts is in `standing`.

use super::super::event::EventKind;
use super::super::id::SessionId;
use super::super::refusal::Refusal;
use super::super::resource::Resource;
use super::super::state::{STATES_MAX, Saying, Statement};
use super::super::time::Timestamp;
use super::Session;

/// Returns the statements that have not ended. None was made later than `now`.
pub(super) fn kept(before: Option<&Session>, now: Timestamp) -> Vec<Statement> {
    let states = before.map_or(&[][..], |session| &session.states);
    let live = states.iter().filter(|said| said.is_live(now)).cloned();
    live.map(|said| Statement {
        at: said.at.min(now),
        ..said
    })
    .collect()
}

impl Session {
    /// Returns true if a statement of the session has not ended. It may be needed then, whatever
    /// other sessions said of the same.
    pub fn says_anything(&self, now: Timestamp) -> bool {
        self.states.iter().any(|said| said.is_live(now))
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

    /// Says something of a resource, in the place of what the session said of it before. What is
    /// cleared makes room for what is not.
    fn say(&mut self, saying: &Saying) -> Result<(), Refusal> {
        let is_other = |said: &Statement| said.saying.resource != saying.resource;
        self.states.retain(is_other);
        if self.states.len() >= STATES_MAX {
            let cleared = |said: &Statement| said.saying.word.is_cleared();
            let at = self.states.iter().position(cleared);
            let at = at.ok_or(Refusal::TooManyStates {
                states_max: STATES_MAX,
            })?;
            self.states.remove(at);
        }
        self.states.push(Statement {
            saying: saying.clone(),
            at: self.seen_at,
        });
        Ok(())
    }
}
