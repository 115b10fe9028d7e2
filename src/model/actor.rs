//! The actor of a request: a session, its clone, and its process.
//!
//! Owns [`Actor`], [`Process`], what a process says about its session ([`ProcessRole`]), and the
//! places of a person ([`Elsewhere`]). Never finds out who the caller is; `identity` does.

use super::id::{NodeId, SessionId};
use super::time::Timestamp;

/// Two start times closer than this belong to the same process. They are counted back from the wall
/// clock, so they differ when that is set; a process id is reused only later.
pub const SAME_START_MILLIS: u64 = 60_000;

/// What a process says about the session that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessRole {
    /// It is the program of the session: a harness that was found by its name, or a command under
    /// `run`. The session ends with it.
    Program,
    /// It started the commands of the session or its hooks, and may be a wrapper of the harness.
    /// Its end says nothing.
    Caller,
    /// It leads the terminal in which a person works. The person goes on in another one.
    Terminal,
}

/// A process of one machine, and of one boot of it: a pid alone is reused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The number that the system gave it.
    pub pid: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// The id of the machine.
    pub host_id: String,
    /// The id of the boot of the machine.
    pub boot_id: String,
    /// What it says about the session.
    pub role: ProcessRole,
}

impl Process {
    /// Returns true if both are one process, whatever each says about its session.
    pub fn is_same(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.started_at.as_millis(), other.started_at.as_millis());
        self.has_number_of(other) && mine.abs_diff(theirs) < SAME_START_MILLIS
    }

    /// Returns true if both have one number in one boot of one machine: at one time, that is one
    /// process.
    fn has_number_of(&self, other: &Self) -> bool {
        self.pid == other.pid && self.host_id == other.host_id && self.boot_id == other.boot_id
    }

    /// Returns true if the session ends with the process.
    pub fn ends_its_session(&self) -> bool {
        self.role == ProcessRole::Program
    }
}

/// A session that acts, and where it acts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The session id.
    pub id: SessionId,
    /// The clone from which it acts.
    pub node: NodeId,
    /// The agent harness, or the CI system; `None` for a person.
    pub agent: Option<String>,
    /// The name of the user.
    pub user: String,
    /// The name of the machine, for people.
    pub host: String,
    /// The process that the session is known by; `None` if there is none.
    pub process: Option<Process>,
    /// The path of the work tree; `None` in a bare repository.
    pub worktree: Option<String>,
    /// The branch that is checked out, without `refs/heads/`.
    pub branch: Option<String>,
}

impl Actor {
    /// Returns the actor of a new record of the session that was recorded as `before`. A writer
    /// that does not know agent or process (`--session`, a keeper) erases neither.
    #[must_use]
    pub fn keeping(&self, before: &Self) -> Self {
        Self {
            agent: self.agent.clone().or_else(|| before.agent.clone()),
            process: self.process.clone().or_else(|| before.process.clone()),
            ..self.clone()
        }
    }
}

/// Where a person works besides here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// In another terminal that is open, in this work tree or, if it is known, in another folder.
    Terminal(Option<String>),
    /// In another work tree of the same clone.
    WorkTree(String),
}

impl Actor {
    /// Returns true for a person in a terminal: only people have places.
    pub fn is_in_a_terminal(&self) -> bool {
        let process = self.process.as_ref();
        process.is_some_and(|process| process.role == ProcessRole::Terminal)
    }

    /// Returns the place of what a person recorded as `other`, if it is not the one of `self`. Only
    /// people in terminals have places; one that is closed is none. `is_dead` says of a process
    /// that it has ended.
    pub fn elsewhere(&self, other: &Self, is_dead: impl Fn(&Process) -> bool) -> Option<Elsewhere> {
        let terminal = |actor: &Self| {
            let process = actor.process.clone();
            process.filter(|process| process.role == ProcessRole::Terminal)
        };
        let (mine, its) = (terminal(self)?, terminal(other)?);
        let folder = other.worktree.clone();
        let folder = folder.filter(|folder| Some(folder) != self.worktree.as_ref());
        let is_dead = is_dead(&its);
        // Of two that live, one number is one process, also if a step of the clock moved its start.
        let is_same = mine.is_same(&its) || mine.has_number_of(&its) && !is_dead;
        match (is_same, is_dead, folder) {
            (false, true, _) => None,
            (false, false, folder) => Some(Elsewhere::Terminal(folder)),
            (true, _, folder) => folder.map(Elsewhere::WorkTree),
        }
    }
}

#[cfg(test)]
impl Actor {
    /// Returns the session `id` of a person in the clone `node`.
    pub(crate) fn example(id: &str, node: u8) -> Self {
        Self {
            id: SessionId::parse(id).unwrap(),
            node: NodeId::from_bytes([node; 16]),
            agent: None,
            user: "wizard".to_owned(),
            host: "devvm".to_owned(),
            process: None,
            worktree: None,
            branch: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: u32, at_millis: i64, role: ProcessRole) -> Process {
        Process {
            pid,
            started_at: Timestamp::from_millis(at_millis),
            host_id: "h".to_owned(),
            boot_id: "b".to_owned(),
            role,
        }
    }

    #[test]
    fn a_process_is_told_by_number_machine_boot_and_start() {
        let one = process(7, 1_000_000, ProcessRole::Program);
        assert!(one.is_same(&process(7, 1_059_999, ProcessRole::Caller)));
        assert!(!one.is_same(&process(7, 1_060_000, ProcessRole::Program)));
        assert!(!one.is_same(&process(8, 1_000_000, ProcessRole::Program)));
        let elsewhere = Process {
            host_id: "other".to_owned(),
            ..one.clone()
        };
        let later = Process {
            boot_id: "other".to_owned(),
            ..one.clone()
        };
        assert!(!one.is_same(&elsewhere) && !one.is_same(&later));
        assert!(one.ends_its_session());
        assert!(!process(7, 0, ProcessRole::Caller).ends_its_session());
        assert!(!process(7, 0, ProcessRole::Terminal).ends_its_session());
    }

    #[test]
    fn a_person_has_a_place_in_each_terminal_and_work_tree() {
        let at = |pid, folder: Option<&str>, role| {
            let mut actor = Actor::example("a", 1);
            actor.process = Some(process(pid, 0, role));
            actor.worktree = folder.map(str::to_owned);
            actor
        };
        let terminal = |pid, folder| at(pid, Some(folder), ProcessRole::Terminal);
        let me = terminal(7, "/s");
        let from = |other: &Actor| me.elsewhere(other, |process| process.pid == 9);
        let there = || Some("/t".to_owned());
        assert_eq!(from(&me), None);
        assert!(me.is_in_a_terminal() && !Actor::example("a", 1).is_in_a_terminal());
        assert!(!at(7, None, ProcessRole::Caller).is_in_a_terminal());
        assert_eq!(from(&terminal(8, "/s")), Some(Elsewhere::Terminal(None)));
        assert_eq!(from(&terminal(8, "/t")), Some(Elsewhere::Terminal(there())));
        assert_eq!(from(&terminal(7, "/t")), there().map(Elsewhere::WorkTree));
        // A step of the clock moved the start that the system tells; or the number went on.
        let mut stepped = me.clone();
        stepped.process = Some(process(7, 600_000, ProcessRole::Terminal));
        assert_eq!(from(&stepped), None);
        let is_gone = |_: &Process| true;
        assert_eq!(me.elsewhere(&stepped, is_gone), None);
        stepped.worktree = Some("/t".to_owned());
        assert_eq!(from(&stepped), there().map(Elsewhere::WorkTree));
        assert_eq!(me.elsewhere(&stepped, is_gone), None);
        // A terminal that is closed, and what is no person in one.
        assert_eq!(from(&terminal(9, "/t")), None);
        assert_eq!(from(&at(7, None, ProcessRole::Terminal)), None);
        assert_eq!(from(&at(8, Some("/t"), ProcessRole::Program)), None);
        assert_eq!(from(&Actor::example("a", 1)), None);
        let agent = at(8, Some("/t"), ProcessRole::Caller);
        assert_eq!(agent.elsewhere(&terminal(7, "/s"), |_| false), None);
    }

    #[test]
    fn a_writer_that_knows_less_erases_nothing() {
        let mut before = Actor::example("a", 1);
        before.agent = Some("codex".to_owned());
        before.process = Some(process(7, 0, ProcessRole::Program));
        before.branch = Some("old".to_owned());
        let mut now = Actor::example("a", 1);
        now.branch = Some("new".to_owned());
        let kept = now.keeping(&before);
        assert_eq!(
            (&kept.agent, &kept.process),
            (&before.agent, &before.process)
        );
        assert_eq!(kept.branch.as_deref(), Some("new"));
        now.agent = Some("claude-code".to_owned());
        now.process = Some(process(8, 0, ProcessRole::Caller));
        assert_eq!(now.keeping(&before), now);
    }
}
