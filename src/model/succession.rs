//! Succession: which session a new one of the same harness goes on from.
//!
//! Owns [`predecessor`], the rule that two living sessions are never taken for one, what a harness
//! has to say for it ([`Ending`]), and what became of the claims ([`Succession`]). A command is
//! never evidence. Never changes a session.

use super::actor::Actor;
use super::id::SessionId;
use super::resource::Resource;
use super::token::Token;

/// What a harness said became of the session before a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was thrown away, with what it was doing.
    Cleared,
    /// It goes on under a new id, with what it was doing.
    Continued,
}

impl Ending {
    /// Returns the ending that a harness names as the source of a start, or as the reason of an
    /// end; `None` for any other word.
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "clear" => Some(Self::Cleared),
            "compact" | "resume" | "fork" => Some(Self::Continued),
            _ => None,
        }
    }
}

/// What the session before held, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// What the harness said became of it.
    pub ending: Ending,
    /// Its shared claims and queued requests.
    pub shared: Vec<Resource>,
    /// Its exclusive claims, each with its token.
    pub exclusive: Vec<(Resource, Token)>,
    /// Whether the remote is still asked for the exclusive claims.
    pub is_under_way: bool,
}

/// Returns the session that `me` goes on from.
///
/// `started` are the sessions of which the harness said that they run in the process of `me`, and
/// `holding` those that hold something. There has to be exactly one in that process, of the same
/// harness and clone: of two, either may be the one that goes on.
pub fn predecessor<'a>(
    me: &Actor,
    started: &[SessionId],
    holding: impl Iterator<Item = &'a Actor>,
) -> Option<&'a Actor> {
    let process = me.process.as_ref()?;
    let is_before_me = |who: &&Actor| {
        let runs_here = who.process.as_ref().is_some_and(|its| its.is_same(process));
        let is_kin = who.agent == me.agent && me.agent.is_some();
        // What was recorded with `--session` alone has neither agent nor process.
        let is_it = started.contains(&who.id) || runs_here && is_kin;
        is_it && who.node == me.node && who.id != me.id
    };
    let mut holding = holding.filter(is_before_me);
    let found = holding.next()?;
    let is_other = |id: &SessionId| *id != me.id && *id != found.id;
    let is_alone = holding.all(|who| who.id == found.id) && !started.iter().any(is_other);
    is_alone.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::actor::{Process, ProcessRole};
    use crate::model::time::Timestamp;

    fn actor(id: &str, pid: u32) -> Actor {
        let mut actor = Actor::example(id, 1);
        actor.agent = Some("claude-code".to_owned());
        actor.process = Some(Process {
            pid,
            started_at: Timestamp::from_millis(0),
            host_id: "h".to_owned(),
            boot_id: "b".to_owned(),
            role: ProcessRole::Caller,
        });
        actor
    }

    fn found<'a>(me: &Actor, started: &[&str], holding: &'a [Actor]) -> Option<&'a str> {
        let started: Vec<_> = started
            .iter()
            .map(|id| SessionId::parse(id).unwrap())
            .collect();
        predecessor(me, &started, holding.iter()).map(|who| who.id.as_str())
    }

    #[test]
    fn the_only_other_session_of_the_process_is_the_one_before() {
        let me = actor("new", 7);
        let old = [actor("old", 7)];
        assert_eq!(found(&me, &["old", "new"], &old), Some("old"));
        assert_eq!(found(&me, &[], &old), Some("old"));
        // What it claimed by its id alone.
        let bare = [Actor::example("old", 1)];
        assert_eq!(found(&me, &["old", "new"], &bare), Some("old"));
        assert_eq!(found(&me, &["new"], &bare), None);
        assert_eq!(found(&me, &["old"], &[Actor::example("old", 2)]), None);
        // A shared and an exclusive claim of one session.
        let twice = [actor("old", 7), actor("old", 7), me.clone()];
        assert_eq!(found(&me, &["old"], &twice), Some("old"));
        assert_eq!(found(&me, &["old"], &[]), None);
    }

    #[test]
    fn of_two_sessions_in_one_process_neither_is_known_to_be_it() {
        let me = actor("new", 7);
        let old = [actor("old", 7)];
        assert_eq!(found(&me, &["old", "beside"], &old), None);
        assert_eq!(found(&me, &["beside"], &old), None);
        let both = [actor("old", 7), actor("beside", 7)];
        assert_eq!(found(&me, &[], &both), None);
    }

    #[test]
    fn other_processes_clones_and_agents_are_not_it() {
        let me = actor("new", 7);
        let mut elsewhere = actor("old", 7);
        elsewhere.node = Actor::example("x", 2).node;
        let mut other = actor("old", 7);
        other.agent = Some("codex".to_owned());
        let mut unknown = actor("old", 7);
        unknown.process = None;
        for old in [actor("old", 8), elsewhere, other, unknown] {
            assert_eq!(found(&me, &[], std::slice::from_ref(&old)), None, "{old:?}");
        }
        let mut nowhere = me;
        nowhere.process = None;
        assert_eq!(found(&nowhere, &[], &[actor("old", 7)]), None);
        // People share a terminal.
        let mut person = actor("old", 7);
        person.agent = None;
        let mut another = actor("new", 7);
        another.agent = None;
        assert_eq!(found(&another, &[], &[person]), None);
    }

    #[test]
    fn only_the_harness_says_how_a_session_ended() {
        assert_eq!(Ending::read("clear"), Some(Ending::Cleared));
        for word in ["compact", "resume", "fork"] {
            assert_eq!(Ending::read(word), Some(Ending::Continued));
        }
        for word in ["startup", "", "Clear", "logout", "new"] {
            assert_eq!(Ending::read(word), None, "{word}");
        }
    }
}
