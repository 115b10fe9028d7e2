//! Tasks: what is to be done, in which order, in one list.
//!
//! Owns [`Task`], its [`TaskId`] and its resource, [`TaskList`] with the rules of a list (needs,
//! order, keys, limits), and why something is not possible ([`TaskDenied`]). Which session holds a
//! task is a lock in the register of the list: the steps are in `lock::tasks`. Never reads a clock.

mod attempt;
mod attempt_mark;
mod denied;
mod derived;
mod list;
mod name;
mod workflow;

use std::fmt;

use super::actor::Actor;
use super::id::{NodeId, SessionId};
use super::message::Text;
use super::message::address::{Address, Reader};
use super::resource::{Resource, ResourceKind};
use super::text::Purpose;
use super::time::Timestamp;
use super::transition::TaskState;

pub use attempt::{Attempt, AttemptState};
pub use attempt_mark::{ATTEMPT, AttemptMark};
pub use denied::TaskDenied;
pub use derived::workflows_of;
pub use list::{Addition, Finished, TaskList};
pub use name::Name;
pub use workflow::{DESCRIPTION_BYTES_MAX, Workflow, WorkflowStatus, WorkflowView};

/// The most tasks of a list that are not done.
pub const TASKS_MAX: usize = 256;
/// The most needs, and the most claims, of a task.
pub const NEEDS_MAX: usize = 32;
/// How many tasks that are over a list remembers.
pub const FINISHED_MAX: usize = 512;
/// The type of the resources that are tasks and lists.
pub const TASK: &str = "task";
/// The type of the claim by which a list has one supervisor.
pub const SUPERVISOR: &str = "supervisor";
/// The list that is meant if none is named.
pub const MAIN_LIST: &str = "main";
/// The priority of a task that names none; lower ones come first.
pub const PRIORITY: u8 = 5;

const ID_CHARS: usize = 8;
const KEY_BYTES_MAX: usize = 128;

/// The id of a task: 8 of `a-z` and `0-9`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(String);

impl TaskId {
    /// Parses an id; `None` for anything else, a part of an id included.
    pub fn parse(text: &str) -> Option<Self> {
        let is_part = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9');
        let is_id = text.len() == ID_CHARS && text.bytes().all(is_part);
        is_id.then(|| Self(text.to_owned()))
    }

    /// Returns the id of random bytes.
    pub fn of_random(bytes: &[u8]) -> Self {
        const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let signs = bytes.iter().chain(std::iter::repeat(&0)).take(ID_CHARS);
        let sign = |byte: &u8| char::from(SIGNS[usize::from(*byte) % SIGNS.len()]);
        Self(signs.map(sign).collect())
    }

    /// Returns the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns the list that a resource names, and the task if it names one: `task:main`,
/// `task:main/abcd2345`. `None` for any other resource.
pub fn place_of(resource: &Resource) -> Option<(&str, Option<TaskId>)> {
    if resource.kind() != ResourceKind::Named(TASK) {
        return None;
    }
    let name = resource.name();
    match name.split_once('/') {
        None => Some((name, None)),
        Some((list, id)) => Some((list, Some(TaskId::parse(id)?))),
    }
}

/// Returns the resource of a task of `list`, which is a resource of that type. Fails for a list
/// whose name is too long.
pub fn resource_of(list: &Resource, id: &TaskId) -> Resource {
    let label = format!("{}/{id}", list.label());
    // A list is accepted only if its tasks have labels.
    Resource::from_record(&label).unwrap_or_else(|_| list.clone())
}

/// What a user names a task by, so that it is not added twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Parses a key of 1 to 128 bytes in which nothing is invisible.
    ///
    /// # Errors
    ///
    /// The first reason for which it is not accepted.
    pub fn parse(text: &str) -> Result<Self, super::text::TextError> {
        super::text::check(text, KEY_BYTES_MAX, super::text::TextKind::Name)?;
        Ok(Self(text.to_owned()))
    }

    /// Takes what a record holds; `None` for what is no key.
    pub fn from_record(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    /// Returns the key as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A session that asks for a task, as far as it matters for whom a task is.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// The session.
    pub reader: Reader,
    /// Whether its predecessors and what it holds are known; otherwise those are empty.
    pub is_whole: bool,
    /// Whether it takes what is for others, to see after it.
    pub supervises: bool,
    /// The tasks that it cannot take now, since others have what is claimed with them.
    pub passes: Vec<TaskId>,
}

impl Recipient {
    /// Makes a session of which only its names are known.
    pub fn by_name(who: &Actor) -> Self {
        Self {
            reader: Reader {
                id: who.id.clone(),
                user: who.user.clone(),
                host: who.host.clone(),
                heir_of: Vec::new(),
                holds: Vec::new(),
            },
            is_whole: false,
            supervises: false,
            passes: Vec::new(),
        }
    }
}

/// What a session said of a task when it gave it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastWords {
    /// The session.
    pub by: SessionId,
    /// When.
    pub at: Timestamp,
    /// What it said.
    pub words: Purpose,
}

/// What a user says of a task when it is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSpec {
    /// Its id, unique in its list, drawn by chance.
    pub id: TaskId,
    /// What is to be done, in one line.
    pub title: Purpose,
    /// What else there is to say.
    pub text: Option<Text>,
    /// The tasks of its list that have to be done before, as far as they are not done.
    pub needs: Vec<TaskId>,
    /// What comes first: a lower number, then the older task.
    pub priority: u8,
    /// What is claimed exclusively together with it.
    pub claims: Vec<Resource>,
    /// The name under which it is not added twice.
    pub key: Option<Key>,
    /// To whom alone it is given; `None`: to any session.
    pub to: Option<Address>,
    /// The checks that judge what came of it, by their names.
    pub checks: Vec<Name>,
    /// The workflow that it is a part of.
    pub workflow: Option<Name>,
}

impl TaskSpec {
    /// Makes a task that says nothing but its title.
    pub const fn new(id: TaskId, title: Purpose) -> Self {
        Self {
            id,
            title,
            text: None,
            needs: Vec::new(),
            priority: PRIORITY,
            claims: Vec::new(),
            key: None,
            to: None,
            checks: Vec::new(),
            workflow: None,
        }
    }

    /// Returns true if this is what was asked for under the same key before. Needs are left out:
    /// those that are done are dropped.
    fn says_the_same(&self, other: &Self) -> bool {
        let words = |one: &Self| (one.title.clone(), one.text.clone(), one.workflow.clone());
        let rest = |one: &Self| (one.claims.clone(), one.checks.clone(), one.to.clone());
        words(self) == words(other) && rest(self) == rest(other)
    }
}

/// A task that is not over. Whether a session holds it is said by the lock on its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What is to be done.
    pub spec: TaskSpec,
    /// The session that added it.
    pub by: SessionId,
    /// The clone in which its words were written: of the session that added it, or changed its
    /// title.
    pub node: NodeId,
    /// When it was added.
    pub added_at: Timestamp,
    /// The tasks that it needed and that are done, the last one last.
    pub after: Vec<TaskId>,
    /// Why it waits for a person, if it does.
    pub blocked: Option<Purpose>,
    /// How often it was taken.
    pub attempts: u32,
    /// What was said by the last session that gave it up.
    pub last: Option<LastWords>,
    /// What a supervisor does about it, if one does.
    pub attempt: Option<Attempt>,
}

impl Task {
    /// Makes a task as it is when it is added.
    pub fn new(spec: TaskSpec, by: &SessionId, node: NodeId, added_at: Timestamp) -> Self {
        Self {
            spec,
            by: by.clone(),
            node,
            added_at,
            after: Vec::new(),
            blocked: None,
            attempts: 0,
            last: None,
            attempt: None,
        }
    }

    /// Returns its stored state; that a session holds it is not stored here.
    pub fn state(&self) -> TaskState {
        match self.blocked {
            Some(_) => TaskState::Blocked,
            None => TaskState::Open,
        }
    }

    /// Returns true if nothing but a hold keeps it from being taken.
    pub fn is_ready(&self) -> bool {
        self.blocked.is_none() && self.spec.needs.is_empty()
    }

    /// Returns whether it may be given to this session: it is given to any, or to this one. `None`
    /// if that depends on what is not known of the session.
    pub fn is_for(&self, who: &Recipient) -> Option<bool> {
        if let Some((attempt, session)) = self.given() {
            // What a session was told to do is seen after by the supervisor that told it.
            if who.supervises {
                return Some(true);
            }
            let has_it = who.reader.is(session) || who.reader.replaced(session);
            return Some(attempt.state == AttemptState::Assigned && has_it);
        }
        self.is_addressed_to(who)
    }

    /// Returns the same by its address alone.
    pub fn is_addressed_to(&self, who: &Recipient) -> Option<bool> {
        let Some(to) = &self.spec.to else {
            return Some(true);
        };
        let is_meant = who.reader.is_meant(to, &[], true).is_some();
        let may_be = !who.is_whole && !matches!(to, Address::Person { .. });
        (is_meant || !may_be).then_some(is_meant)
    }

    /// Returns the attempt that a live session was told to make, until it is judged.
    fn given(&self) -> Option<(&Attempt, &SessionId)> {
        let attempt = self.attempt.as_ref()?;
        let states = [AttemptState::Assigned, AttemptState::Checking];
        let session = attempt.session.as_ref()?;
        states
            .contains(&attempt.state)
            .then_some((attempt, session))
    }

    /// Returns true if `who` was told to do it, and checks judge what came of it.
    pub fn is_handed_in_by(&self, who: &Actor) -> bool {
        let given = self.given().map(|(_, session)| session);
        given == Some(&who.id) && !self.spec.checks.is_empty()
    }

    /// Returns true if it is an attempt of the supervisor `who`, which its checks judge.
    pub fn is_judged_by_checks(&self, who: &Actor) -> bool {
        let attempt = self.attempt.as_ref();
        let runs = attempt.is_some_and(|one| one.session.is_none() && one.by == who.id);
        runs && !self.spec.checks.is_empty()
    }

    /// Returns true if a live session was told to do it, and it is not judged yet.
    pub fn is_given(&self) -> bool {
        self.given().is_some()
    }

    /// Returns for whom alone it is, in words: those of its address, or of an attempt.
    pub fn recipient(&self) -> Option<Address> {
        let given = self.given();
        let given = given.map(|(_, session)| Address::Session(session.clone()));
        given.or_else(|| self.spec.to.clone())
    }

    /// Returns what a list is ordered by.
    fn order(&self) -> (u8, Timestamp, &TaskId) {
        (self.spec.priority, self.added_at, &self.spec.id)
    }
}

#[cfg(test)]
mod tests;
