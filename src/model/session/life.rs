//! The life of a session: when it began, whether it ended, and the id that its harness has for it.
//!
//! Owns [`Life`], and how a step changes them. Any write that counts as a heartbeat
//! undoes an end: what acts has not ended. Never finds out whether a process runs.

use super::super::event::{EventKind, LifeStep};
use super::super::id::HarnessId;
use super::super::resource::Resource;
use super::super::time::Timestamp;
use super::{Request, Session};

/// When a session began and ended, and what its harness calls it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// When it was recorded first; `None` if an older version did that.
    pub began_at: Option<Timestamp>,
    /// When it ended; nothing if it was heard of later than that.
    pub ended_at: Option<Timestamp>,
    /// The id that its harness has for it, once its transcript was seen.
    pub harness_id: Option<HarnessId>,
}

/// Returns the life of a session after `request`.
pub(super) fn after(before: Option<&Session>, request: &Request, now: Timestamp) -> Life {
    let mut life = match before {
        Some(session) => Life {
            began_at: session.life.began_at.map(|at| at.min(now)),
            ..session.life.clone()
        },
        None => Life {
            began_at: Some(now),
            ..Life::default()
        },
    };
    match request {
        Request::End { .. } => life.ended_at = Some(now),
        // What another session does says nothing of this one.
        Request::Clear { .. } => {}
        Request::Know(id) => life.harness_id = id.clone(),
        Request::Begin { harness_id, .. } => {
            life.ended_at = None;
            if harness_id.is_some() {
                life.harness_id = harness_id.clone();
            }
        }
        _ => life.ended_at = None,
    }
    life
}

/// Returns true if a request is no heartbeat of the session: another process did it.
pub(super) const fn is_no_heartbeat(request: &Request) -> bool {
    matches!(
        request,
        Request::Clear { .. } | Request::Know(_) | Request::End { is_seen: false, .. }
    )
}

impl Session {
    /// Returns true if the session said that it ended, or was found ended, and was not heard of
    /// since.
    pub fn has_ended(&self) -> bool {
        self.life.ended_at.is_some_and(|at| at >= self.seen_at)
    }

    /// Begins or ends the session, or notes what its harness calls it. Returns the event, and what
    /// was released; `None` if that was known, and for any other request.
    pub(super) fn live(
        &mut self,
        before: Option<&Self>,
        request: &Request,
    ) -> Option<(EventKind, Vec<Resource>)> {
        match (request, before) {
            (Request::Begin { how, .. }, _) => {
                let step = match before {
                    None => LifeStep::Start,
                    Some(_) => LifeStep::Resume,
                };
                let how = how.clone();
                Some((EventKind::Lived { step, how }, Vec::new()))
            }
            (Request::Know(id), Some(before)) if before.life.harness_id != *id => {
                Some((EventKind::Heartbeat, Vec::new()))
            }
            (Request::End { how, .. }, Some(before)) if !before.has_ended() => {
                let (step, how) = (LifeStep::End, how.clone());
                Some((EventKind::Lived { step, how }, self.release_all()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::step;
    use super::*;
    use crate::model::actor::Actor;
    use crate::model::text::Purpose;
    use crate::model::time::Ttl;

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
    }

    fn words(text: &str) -> Purpose {
        Purpose::parse(text).unwrap()
    }

    fn claim() -> Request {
        Request::Claim {
            wanted: vec![Resource::parse("node:a").unwrap()],
            purpose: words("p"),
            ttl: Ttl::DEFAULT,
        }
    }

    fn end(is_seen: bool) -> Request {
        Request::End {
            how: words("over"),
            is_seen,
        }
    }

    /// Plays requests, a second after each other; returns the session and the words of its events.
    fn play(script: &[Request]) -> (Session, Vec<String>) {
        let me = Actor::example("me", 1);
        let (mut session, mut events) = (None, Vec::new());
        for (secs, request) in (0..).zip(script) {
            let stepped = step(session.as_ref(), &me, request, at(secs), Ttl::DEFAULT).unwrap();
            if let Some(stepped) = stepped {
                events.push(stepped.event.kind.word().to_owned());
                session = Some(stepped.session);
            }
        }
        (session.unwrap(), events)
    }

    #[test]
    fn a_session_begins_with_its_first_record_and_ends_until_it_acts_again() {
        let (session, _) = play(&[claim(), Request::Heartbeat]);
        assert_eq!(session.life.began_at, Some(at(0)));
        assert!(!session.has_ended());
        let (ended, events) = play(&[claim(), end(true)]);
        assert_eq!(events, ["claim", "end"]);
        assert!(ended.has_ended() && ended.claims.is_empty() && !ended.is_live(at(1)));
        assert_eq!((ended.seen_at, ended.life.began_at), (at(1), Some(at(0))));
        let (again, events) = play(&[claim(), end(true), Request::Heartbeat]);
        assert!(!again.has_ended() && again.is_live(at(2)));
        assert_eq!(events, ["claim", "end", "heartbeat"]);
        // What ended does not end again.
        assert_eq!(play(&[claim(), end(true), end(false)]).1, ["claim", "end"]);
    }

    #[test]
    fn an_end_that_another_process_found_is_no_heartbeat() {
        let (ended, _) = play(&[claim(), end(false)]);
        assert_eq!(ended.seen_at, at(0));
        assert!(ended.has_ended() && !ended.is_live(at(1)));
        // An older version that wrote since carried the end over.
        let later = Session {
            seen_at: at(9),
            ..ended
        };
        assert!(!later.has_ended() && later.is_live(at(9)));
    }

    #[test]
    fn the_first_beginning_starts_and_the_next_resumes() {
        let begin = || Request::Begin {
            how: words("startup"),
            harness_id: HarnessId::parse("5f0c"),
        };
        let (session, events) = play(&[begin(), end(true), begin()]);
        assert_eq!(events, ["start", "end", "resume"]);
        assert_eq!(session.life.harness_id, HarnessId::parse("5f0c"));
        assert_eq!(session.life.began_at, Some(at(0)));
        let (known, events) = play(&[claim(), Request::Know(HarnessId::parse("77"))]);
        assert_eq!((known.seen_at, events.len()), (at(0), 2));
        assert_eq!(known.life.harness_id, HarnessId::parse("77"));
        let (_, events) = play(&[begin(), Request::Know(HarnessId::parse("5f0c"))]);
        assert_eq!(events, ["start"], "nothing new");
        assert_eq!(
            play(&[begin(), Request::Know(None)]).0.life.harness_id,
            None
        );
    }
}
