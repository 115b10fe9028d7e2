//! Sessions of harnesses that act under one id that a user chose.
//!
//! Owns [`Members`]: which of them has the id as it is, and which are told apart by a suffix, and
//! the words for that ([`SharedId`]). Never knows where it is kept.

use std::fmt;

use super::actor::Process;
use super::id::{LABEL_BYTES_MAX, SessionId};
use super::text::name;
use super::time::Timestamp;

/// The most sessions under one id that are known; of those apart, the oldest go.
const MEMBERS_MAX: usize = 32;
/// How many digits a suffix has.
const SUFFIX_HEX_DIGITS: usize = 8;
/// What stands in the id of a session that `run` made.
const RUN_MARK: &str = "+run-";

/// A session of a harness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HarnessUse {
    /// The first digits of the hash of the harness and its session.
    pub key: String,
    /// The name of the agent.
    pub agent: String,
    /// The process of the harness, if it is known.
    pub process: Option<Process>,
    /// Whether its hooks and its commands may be known by different keys, so that only the process
    /// tells that they are one session.
    pub is_known_by_process: bool,
}

/// A session of a harness that acts under a chosen id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The session.
    pub who: HarnessUse,
    /// What its id ends with; `None` if it has the id as it is.
    pub suffix: Option<String>,
    /// When it came.
    pub at: Timestamp,
}

/// The sessions of harnesses that act under one chosen id, in one clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// All of them, oldest first.
    pub all: Vec<Member>,
}

impl Members {
    /// Returns the member that a session is.
    pub fn of(&self, who: &HarnessUse) -> Option<&Member> {
        let found = self.all.iter().find(|member| member.who.key == who.key);
        found.or_else(|| self.only_one_of(who).filter(|_| who.is_known_by_process))
    }

    /// Returns the only member of the same harness and process.
    fn only_one_of(&self, who: &HarnessUse) -> Option<&Member> {
        let process = who.process.as_ref()?;
        let runs_there = |its: &Process| its.is_same(process);
        let is_its = |its: &HarnessUse| {
            its.agent == who.agent && its.process.as_ref().is_some_and(runs_there)
        };
        let mut its = self.all.iter().filter(|member| is_its(&member.who));
        its.next().filter(|_| its.next().is_none())
    }

    /// Returns the one that has the id as it is.
    pub fn first(&self) -> Option<&Member> {
        self.all.iter().find(|member| member.suffix.is_none())
    }

    /// Adds a session that came at `at`. It has the id as it is if that `is_free`. With `goes_on`,
    /// its harness said that it goes on from another one: from the only one of its process, whose
    /// place it takes.
    pub fn join(&mut self, who: HarnessUse, at: Timestamp, goes_on: bool, is_free: bool) {
        let before = self.only_one_of(&who).filter(|_| goes_on);
        let before = before.map(|before| before.who.key.clone());
        let mut all = self.all.iter_mut();
        if let Some(member) = all.find(|member| Some(&member.who.key) == before.as_ref()) {
            member.who = who;
            member.at = at;
            return;
        }
        let suffix = (!is_free).then(|| who.key.clone());
        self.all.push(Member { who, suffix, at });
        while self.all.len() > MEMBERS_MAX {
            let oldest = self.all.iter().position(|member| member.suffix.is_some());
            self.all.remove(oldest.unwrap_or_default());
        }
    }

    /// Removes a session that has ended. Returns true if it was one of them.
    pub fn leave(&mut self, key: &str) -> bool {
        let before = self.all.len();
        self.all.retain(|member| member.who.key != key);
        self.all.len() < before
    }
}

/// Returns true if a user may have chosen an id for more than one session: those that end with the
/// digits of one session, or that `run` made, are of one.
pub fn may_be_shared(id: &SessionId) -> bool {
    let is_hex = |text: &str| {
        let is_digit = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
        text.len() == SUFFIX_HEX_DIGITS && text.bytes().all(is_digit)
    };
    let ends = |mark| {
        id.as_str()
            .rsplit_once(mark)
            .is_some_and(|(_, end)| is_hex(end))
    };
    !ends("@") && !ends(RUN_MARK)
}

/// Returns the id of a session that is told apart from others under `chosen`.
pub fn told_apart(chosen: &SessionId, suffix: &str) -> SessionId {
    let room = LABEL_BYTES_MAX.saturating_sub(suffix.len() + 1);
    let mut text = chosen.as_str();
    while text.len() > room {
        let last = text.char_indices().next_back();
        text = text.get(..last.map_or(0, |(at, _)| at)).unwrap_or_default();
    }
    let text = format!("{}@{suffix}", text.trim_end());
    SessionId::parse(&text).unwrap_or_else(|_| chosen.clone())
}

/// What the user of a chosen id has to know: another one uses it, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedId {
    /// This session of a harness is told apart from those that came before.
    Apart {
        /// The id that the variable has.
        chosen: SessionId,
        /// The id of this session.
        id: SessionId,
        /// The agent that has the id; `None` for a caller outside of any.
        first: Option<String>,
    },
    /// This caller is in no harness, and a harness has the id.
    Beside {
        /// The id that the variable has.
        chosen: SessionId,
        /// The agent that has it.
        first: String,
    },
}

impl fmt::Display for SharedId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apart { chosen, id, first } => {
                let first = match first {
                    Some(agent) => format!("another agent ({})", name(agent)),
                    None => "another caller".to_owned(),
                };
                write!(
                    f,
                    "GIT_PRESENCE_SESSION={chosen} is used by {first} here: this session is {id} \
                     instead. Unset the variable before you start an agent; or, if both are to be \
                     one session: git config presence.sharedSession true"
                )
            }
            Self::Beside { chosen, first } => write!(
                f,
                "GIT_PRESENCE_SESSION={chosen} is used by an agent here, too ({}): its claims and \
                 yours are those of one session. To tell them apart: unset GIT_PRESENCE_SESSION",
                name(first)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::actor::ProcessRole;

    fn session(key: &str, pid: Option<u32>) -> HarnessUse {
        HarnessUse {
            key: key.to_owned(),
            agent: "claude-code".to_owned(),
            process: pid.map(|pid| Process {
                pid,
                started_at: Timestamp::from_millis(0),
                host_id: "h".to_owned(),
                boot_id: "b".to_owned(),
                role: ProcessRole::Program,
            }),
            is_known_by_process: false,
        }
    }

    fn member<'m>(members: &'m Members, key: &str) -> Option<&'m Member> {
        members.of(&session(key, None))
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    fn suffixes(members: &Members) -> Vec<Option<&str>> {
        let all = members.all.iter();
        all.map(|member| member.suffix.as_deref()).collect()
    }

    #[test]
    fn the_first_one_has_the_id_and_later_ones_have_suffixes() {
        let mut members = Members::default();
        members.join(session("aa", Some(1)), at(1), false, true);
        members.join(session("bb", Some(2)), at(2), false, false);
        assert_eq!(suffixes(&members), [None, Some("bb")]);
        assert_eq!(members.first().unwrap().who.key, "aa");
        assert!(member(&members, "cc").is_none());
        assert!(members.leave("aa"));
        assert!(!members.leave("aa"));
        assert_eq!(members.first(), None);
    }

    #[test]
    fn what_goes_on_in_one_process_keeps_its_place() {
        let mut members = Members::default();
        members.join(session("aa", Some(1)), at(1), false, true);
        members.join(session("bb", Some(2)), at(2), false, false);
        members.join(session("cc", Some(2)), at(3), true, false);
        assert_eq!(suffixes(&members), [None, Some("bb")]);
        assert_eq!(
            member(&members, "cc").unwrap().suffix.as_deref(),
            Some("bb")
        );
        // Of two in one process, either may be the one that goes on.
        members.join(session("dd", Some(2)), at(4), false, false);
        members.join(session("ee", Some(2)), at(5), true, false);
        assert_eq!(
            member(&members, "ee").unwrap().suffix.as_deref(),
            Some("ee")
        );
        // A command that has no id of its own is the only session of its process.
        let mut command = session("xx", Some(1));
        assert_eq!(members.of(&command), None);
        command.is_known_by_process = true;
        assert_eq!(members.of(&command).unwrap().who.key, "aa");
        command.process = session("xx", Some(2)).process;
        assert_eq!(members.of(&command), None);
        // Without a process nothing is known to go on.
        members.join(session("ff", None), at(6), true, false);
        assert_eq!(
            member(&members, "ff").unwrap().suffix.as_deref(),
            Some("ff")
        );
    }

    #[test]
    fn the_oldest_of_too_many_goes_and_never_the_first() {
        let mut members = Members::default();
        members.join(session("first", None), at(0), false, true);
        for n in 0..40 {
            members.join(session(&format!("{n}"), None), at(n), false, false);
        }
        assert_eq!(members.all.len(), MEMBERS_MAX);
        assert_eq!(members.first().unwrap().who.key, "first");
        assert!(member(&members, "0").is_none() && member(&members, "39").is_some());
    }

    #[test]
    fn ids_of_one_session_are_not_shared() {
        for (id, is) in [
            ("mine", true),
            ("wizard@devvm", true),
            ("wizard@devvm@alice", true),
            ("wizard@devvm@0123abcd", false),
            ("mine@0123abcd", false),
            ("mine@0123ABCD", true),
            ("mine+run-0123abcd", false),
            ("mine+run-soon", true),
        ] {
            assert_eq!(may_be_shared(&SessionId::parse(id).unwrap()), is, "{id}");
        }
    }

    #[test]
    fn an_id_that_is_told_apart_is_an_id() {
        let long = "é".repeat(127);
        for id in ["mine", long.as_str(), &"x".repeat(255)] {
            let chosen = SessionId::parse(id).unwrap();
            let apart = told_apart(&chosen, "0123abcd");
            assert!(apart.as_str().ends_with("@0123abcd"), "{apart}");
            assert!(!may_be_shared(&apart));
        }
    }
}
