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
    /// Returns the word for it in the files of a clone.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::Continued => "continued",
        }
    }

    /// Returns the ending with this word.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Cleared, Self::Continued];
        all.into_iter().find(|ending| ending.as_str() == word)
    }

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

/// A session that a process left, as its harness said at the end of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The session.
    pub session: SessionId,
    /// What became of it.
    pub ending: Ending,
    /// Its shared claims and queued requests that were released.
    pub shared: Vec<Resource>,
    /// Its exclusive claims that were released, each with its token.
    pub exclusive: Vec<(Resource, Token)>,
}

/// The sessions of which a harness said that they run in one process.
#[derive(Clone, Debug, Default)]
pub struct Started {
    /// Those that started and did not end.
    pub sessions: Vec<SessionId>,
    /// The one that ended last, until a session that goes on from it starts.
    pub left: Option<Left>,
}

impl Started {
    /// Returns the session that was left with this ending, if `me` can be the one that goes on from
    /// it: it is the same, or starts for the first time.
    pub fn left_for(&self, me: &SessionId, ending: Ending) -> Option<&Left> {
        let left = self.left.as_ref().filter(|left| left.ending == ending)?;
        (left.session == *me || !self.sessions.contains(me)).then_some(left)
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

/// Returns the session that `me`, which starts for the first time, goes on from.
///
/// `started` are the sessions of which the harness said that they run in the process of `me`, and
/// `holding` those that hold something. If the harness said which session it left, it is that one.
/// Else there has to be exactly one in that process, of the same harness and clone: of two, either
/// may be the one that goes on. A session that ran here before goes on from itself: a compaction
/// and a return to it keep its id.
pub fn predecessor<'a>(
    me: &Actor,
    ending: Ending,
    started: &Started,
    holding: impl Iterator<Item = &'a Actor>,
) -> Option<&'a Actor> {
    let process = me.process.as_ref()?;
    let left = started.left_for(&me.id, ending);
    let started = &started.sessions;
    if started.contains(&me.id) {
        return None;
    }
    let is_before_me = |who: &&Actor| {
        let runs_here = who.process.as_ref().is_some_and(|its| its.is_same(process));
        let is_kin = who.agent == me.agent && me.agent.is_some();
        // What was recorded with `--session` alone has neither agent nor process.
        let is_it = started.contains(&who.id) || runs_here && is_kin;
        is_it && who.node == me.node && who.id != me.id
    };
    if let Some(left) = left {
        let mut holding = holding.filter(is_before_me);
        return holding.find(|who| who.id == left.session);
    }
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
        found_after(me, started, None, holding)
    }

    fn found_after<'a>(
        me: &Actor,
        started: &[&str],
        left: Option<(&str, Ending)>,
        holding: &'a [Actor],
    ) -> Option<&'a str> {
        let id = |id: &str| SessionId::parse(id).unwrap();
        let started = Started {
            sessions: started.iter().map(|known| id(known)).collect(),
            left: left.map(|(session, ending)| Left {
                session: id(session),
                ending,
                shared: Vec::new(),
                exclusive: Vec::new(),
            }),
        };
        predecessor(me, Ending::Continued, &started, holding.iter()).map(|who| who.id.as_str())
    }

    #[test]
    fn a_session_that_ran_here_before_goes_on_from_itself() {
        let me = actor("new", 7);
        let other = [actor("other", 7)];
        assert_eq!(found(&me, &["other", "new"], &other), None);
        assert_eq!(found(&me, &["new"], &other), None);
    }

    #[test]
    fn the_session_that_the_harness_left_is_the_one_before() {
        let me = actor("new", 7);
        let both = [actor("beside", 7), actor("old", 7)];
        let started = ["beside", "old"];
        let left = |id, ending| found_after(&me, &started, Some((id, ending)), &both);
        assert_eq!(left("old", Ending::Continued), Some("old"));
        assert_eq!(left("beside", Ending::Continued), Some("beside"));
        // What it left holds nothing, and the others live.
        assert_eq!(left("gone", Ending::Continued), None);
        assert_eq!(left("old", Ending::Cleared), None);
        let one = [actor("beside", 7)];
        let after = found_after(&me, &["beside"], Some(("old", Ending::Continued)), &one);
        assert_eq!(after, None);
        let elsewhere = [actor("old", 8)];
        let after = found_after(&me, &[], Some(("old", Ending::Continued)), &elsewhere);
        assert_eq!(after, None);
    }

    #[test]
    fn the_only_other_session_of_the_process_is_the_one_before() {
        let me = actor("new", 7);
        let old = [actor("old", 7)];
        assert_eq!(found(&me, &["old"], &old), Some("old"));
        assert_eq!(found(&me, &[], &old), Some("old"));
        // What it claimed by its id alone.
        let bare = [Actor::example("old", 1)];
        assert_eq!(found(&me, &["old"], &bare), Some("old"));
        assert_eq!(found(&me, &[], &bare), None);
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
