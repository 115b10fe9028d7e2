//! The answers of `task` as programs see them.
//!
//! Owns their shapes, and the words for derived states. Never decides what may be taken.

use serde::Serialize;
use serde_json::Value;

use super::handoff::Handoff;
use super::remote::Backing;
use super::shapes::{self, At};
use crate::app::tasks::look::{Row, Tasks};
use crate::model::id::SessionId;
use crate::model::message::Text;
use crate::model::message::address::Address;
use crate::model::task::{Attempt, Finished, Key, Name, Task, TaskId, WorkflowView, place_of};
use crate::model::text::Purpose;
use crate::model::token::Token;
use crate::model::transition::TaskState;

/// What the last session that gave a task up said of it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LastShape<'a> {
    /// the session
    session_id: &'a str,
    /// when
    at: At,
    /// what it said
    words: &'a str,
}

/// What a supervisor does about a task.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AttemptShape<'a> {
    /// `assigned` (a session was told to take it), `running`, `checking`, `retrying` or
    /// `needs_person`
    state: &'static str,
    /// which attempt it is
    number: u32,
    /// the supervisor
    supervisor: &'a str,
    /// the session that was told to take it; null if a command runs
    session_id: Option<&'a str>,
    /// the check that runs; null if none does
    check: Option<&'a str>,
    /// since when it is in this state
    since: At,
    /// how many attempts failed
    failed: u32,
    /// how often a check did not judge, in a row
    unjudged: u32,
    /// how often an attempt was interrupted
    interrupted: u32,
    /// the end of what the last attempt, or its check, said; null if nothing was said
    said: Option<&'a str>,
}

impl<'a> AttemptShape<'a> {
    fn of(attempt: &'a Attempt) -> Self {
        Self {
            state: attempt.state.as_str(),
            number: attempt.number,
            supervisor: attempt.by.as_str(),
            session_id: attempt.session.as_ref().map(SessionId::as_str),
            check: attempt.check.as_ref().map(Name::as_str),
            since: At(attempt.since),
            failed: attempt.failed,
            unjudged: attempt.unjudged,
            interrupted: attempt.interrupted,
            said: attempt.said.as_ref().map(Text::as_str),
        }
    }
}

/// A task.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TaskShape<'a> {
    /// its id, 8 letters and digits
    id: &'a str,
    /// the label of its exclusive claim, for `fence` and `push --fence`
    resource: &'a str,
    /// what is to be done
    title: &'a str,
    /// what else there is to say; null if there is nothing
    text: Option<&'a str>,
    /// `open`, `held` or `blocked`
    state: &'static str,
    /// the same as `pending`, `in_progress` or `blocked`
    status: &'static str,
    /// whether it can be taken now
    ready: bool,
    /// why no session is granted it now although it is ready, with `--ready`; null if that is not
    /// known, or was not asked for
    stuck: Option<&'a str>,
    /// whether other tasks have to be done before; `needs` has which
    waiting: bool,
    /// whether it is kept in this clone, and on no list yet
    unsent: bool,
    /// whether it is open or held for more than 7 days
    stale: bool,
    /// the tasks that have to be done before, as far as they are not done
    needs: Vec<&'a str>,
    /// what comes first: a lower number, then the older task
    priority: u8,
    /// what is claimed exclusively together with it
    claims: Vec<&'a str>,
    /// the key under which it is not added twice; null if it has none
    key: Option<&'a str>,
    /// for whom alone it is: a session, `user@host`, or a resource; null if it is for any session
    to: Option<String>,
    /// the checks that judge what came of it, by their names
    checks: Vec<&'a str>,
    /// the workflow that it is a part of; null if it is of none
    workflow: Option<&'a str>,
    /// the tasks that it needed and that are done
    after: Vec<&'a str>,
    /// the session that added it
    added_by: &'a str,
    /// when it was added
    added_at: At,
    /// why it waits for a person; null unless it is blocked
    blocked_because: Option<&'a str>,
    /// how often it was taken
    attempts: u32,
    /// the session that holds it; null if none does
    holder: Option<&'a str>,
    /// the fencing token of the hold; null if none holds it
    token: Option<u64>,
    /// when the hold expires unless it is renewed; null if none holds it
    expires_at: Option<At>,
    /// what the last session that gave it up said; null if none did
    last: Option<LastShape<'a>>,
    /// what a supervisor does about it; null if none does
    attempt: Option<AttemptShape<'a>>,
}

/// A task that is over.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OverShape<'a> {
    /// its id
    id: &'a str,
    /// its title, with `--done` as far as the history here has it; else null
    title: Option<&'a str>,
    /// its key; null if it has none
    key: Option<&'a str>,
    /// the workflow that it was a part of; null if it was of none
    workflow: Option<&'a str>,
    /// `done` or `dropped`
    state: &'static str,
    /// the same as `completed` or `cancelled`
    status: &'static str,
}

/// A workflow of a list.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WorkflowShape<'a> {
    /// its name
    name: &'a str,
    /// what it is for; null if that was not said
    description: Option<&'a str>,
    /// `planning` (no task was taken yet), `active`, `blocked` (none is held, and none can be
    /// taken), `completed` or `cancelled` (all were dropped)
    status: &'static str,
    /// how many of its tasks are not over
    left: usize,
    /// how many were done, as far as the list remembers
    done: usize,
    /// how many were dropped, as far as the list remembers
    dropped: usize,
}

/// What `task` and its verbs answer to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct TasksAnswer<'a> {
    /// the name of the list
    list: &'a str,
    /// whether nothing new is given out
    drained: bool,
    /// the tasks that were asked for, added, taken or changed
    tasks: Vec<TaskShape<'a>>,
    /// those of them that are over, and with `--done` all that the list remembers
    over: Vec<OverShape<'a>>,
    /// the ids of those that are new, after tasks were added
    added: Vec<&'a str>,
    /// the workflows of the list, if it was asked for
    workflows: Vec<WorkflowShape<'a>>,
    /// what was left for those who take the task, by its last holder and those of the tasks that it
    /// needed, as in `claim`; only of one task, and of one that was taken
    handoffs: Vec<Handoff<'a>>,
    /// `local`, `confirmed` or `unconfirmed`, as in `claim`; null if nothing was changed
    guarantee: Option<&'static str>,
    /// the name of the remote; null with `local`, and if nothing was changed
    remote: Option<&'a str>,
}

impl<'a> TaskShape<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        let task: &Task = &row.task;
        let lock = row.lock.as_ref();
        Self {
            id: task.spec.id.as_str(),
            resource: row.resource.label(),
            title: task.spec.title.as_str(),
            text: task.spec.text.as_ref().map(Text::as_str),
            state: row.state.as_str(),
            status: row.state.status(),
            ready: row.is_ready,
            stuck: row.stuck.as_deref(),
            waiting: row.state == TaskState::Open && !task.spec.needs.is_empty(),
            unsent: row.is_unsent,
            stale: row.is_stale,
            needs: task.spec.needs.iter().map(TaskId::as_str).collect(),
            priority: task.spec.priority,
            claims: shapes::labels(&task.spec.claims),
            key: task.spec.key.as_ref().map(Key::as_str),
            to: task.spec.to.as_ref().map(Address::typed),
            checks: task.spec.checks.iter().map(Name::as_str).collect(),
            workflow: task.spec.workflow.as_ref().map(Name::as_str),
            after: task.after.iter().map(TaskId::as_str).collect(),
            added_by: task.by.as_str(),
            added_at: At(task.added_at),
            blocked_because: task.blocked.as_ref().map(Purpose::as_str),
            attempts: task.attempts,
            holder: lock.map(|lock| lock.holder.id.as_str()),
            token: lock.map(|lock| lock.token).map(Token::number),
            expires_at: lock.map(|lock| At(lock.expires_at())),
            attempt: task.attempt.as_ref().map(AttemptShape::of),
            last: task.last.as_ref().map(|last| LastShape {
                session_id: last.by.as_str(),
                at: At(last.at),
                words: last.words.as_str(),
            }),
        }
    }
}

impl<'a> OverShape<'a> {
    fn of(over: &'a Finished, tasks: &'a Tasks) -> Self {
        let title = tasks.titles.get(&over.id);
        let state = match over.is_done {
            true => TaskState::Done,
            false => TaskState::Dropped,
        };
        Self {
            id: over.id.as_str(),
            title: title.map(Purpose::as_str),
            key: over.key.as_ref().map(Key::as_str),
            workflow: over.workflow.as_ref().map(Name::as_str),
            state: state.as_str(),
            status: state.status(),
        }
    }
}

impl<'a> WorkflowShape<'a> {
    fn of(view: &'a WorkflowView) -> Self {
        let description = view.workflow.description.as_ref();
        Self {
            name: view.workflow.name.as_str(),
            description: description.map(Purpose::as_str),
            status: view.status.as_str(),
            left: view.left,
            done: view.done,
            dropped: view.dropped,
        }
    }
}

/// Returns the answer for programs.
pub(super) fn json(tasks: &Tasks) -> Value {
    let backing = tasks.confirmation.as_ref().map(Backing::of);
    let list = place_of(&tasks.list).map(|(list, _)| list);
    shapes::value(&TasksAnswer {
        list: list.unwrap_or_default(),
        drained: tasks.is_drained,
        tasks: tasks.rows.iter().map(TaskShape::of).collect(),
        added: tasks.added.iter().map(TaskId::as_str).collect(),
        over: { tasks.over.iter() }
            .map(|over| OverShape::of(over, tasks))
            .collect(),
        workflows: tasks.workflows.iter().map(WorkflowShape::of).collect(),
        handoffs: tasks.left.iter().map(Handoff::of).collect(),
        guarantee: backing.as_ref().map(|backing| backing.guarantee),
        remote: backing.and_then(|backing| backing.remote),
    })
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::whole;
    vec![
        whole::<TasksAnswer<'_>>("task"),
        whole::<TaskShape<'_>>("task tasks"),
        whole::<AttemptShape<'_>>("task attempt"),
        whole::<WorkflowShape<'_>>("task workflows"),
        whole::<OverShape<'_>>("task over"),
        whole::<LastShape<'_>>("task last"),
    ]
}
