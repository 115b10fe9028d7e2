//! The use case of `task next` and `task start`: taking a task, with all that is claimed with it.
//!
//! Owns the bounded loop for a task that is taken together with claims, which are known only once
//! the task is chosen. Never decides who gets it.

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::conflicts::{judge, of_others, refuse};
use crate::app::claims::handoffs::left_at;
use crate::app::claims::refused::list_option;
use crate::app::claims::request::Heeds;
use crate::app::messages::reading::held_by;
use crate::app::remote::knowledge::known;
use crate::app::remote::refresh::{Refresh, deadline, refresh};
use crate::app::tasks::change::{grants, shown};
use crate::app::tasks::look::{Did, Tasks, handed_over};
use crate::app::tasks::unsent;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::actor::Actor;
use crate::model::heirs::Heirs;
use crate::model::knowledge::{Clear, Knowledge};
use crate::model::lock::GrantRequest;
use crate::model::lock_request::{Decision, Request, TaskRequest, TaskStep};
use crate::model::message::address::Address;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::task::{Recipient, TaskDenied, TaskId};
use crate::model::time::Ttl;

/// How often another task is chosen after one that was taken meanwhile.
const ROUNDS_MAX: u32 = 16;
/// The most sessions for which tasks are and of which the successors are looked for.
const HEIRS_MAX: usize = 32;

/// What a round asks for, and what the next one does.
struct Round {
    which: Option<TaskId>,
    claims: Vec<GrantRequest>,
    asks: Recipient,
}

/// Takes a task: this one, or the first that is ready.
///
/// # Errors
///
/// A refusal, if it cannot be taken, or none can; [`Kind::Contended`] if other sessions were faster
/// each time.
pub fn execute(
    context: &Context,
    list: &Resource,
    named: Option<&TaskId>,
    ttl: Ttl,
) -> Result<Tasks, Failure> {
    Ok(attempt(context, list, named, ttl)?)
}

/// Takes a task for a supervisor, also one that is given to another session.
pub(super) fn for_a_supervisor(
    context: &Context,
    list: &Resource,
    id: &TaskId,
    ttl: Ttl,
) -> Result<Tasks, Failure> {
    Ok(submit(context, list, (Some(id), true), ttl)?)
}

/// Takes a task as [`execute`] does, and says whether the arbiter answered.
pub(super) fn attempt(
    context: &Context,
    list: &Resource,
    named: Option<&TaskId>,
    ttl: Ttl,
) -> Result<Tasks, ArbiterError> {
    submit(context, list, (named, false), ttl)
}

fn submit(
    context: &Context,
    list: &Resource,
    (named, supervises): (Option<&TaskId>, bool),
    ttl: Ttl,
) -> Result<Tasks, ArbiterError> {
    let me = context.actor()?;
    let before = unsent::send(context, list);
    let mut round = Round {
        which: named.cloned(),
        claims: Vec::new(),
        asks: Recipient {
            supervises,
            ..Recipient::by_name(&me)
        },
    };
    for _ in 0..ROUNDS_MAX {
        before_the_grant(context, &me, list, &round.claims)?;
        let step = TaskStep::Take {
            which: round.which.clone(),
            ttl,
            asks: Box::new(round.asks.clone()),
        };
        let request = TaskRequest::new(list.clone(), step, round.claims.clone());
        let request = Request::Tasks(Box::new(request));
        match arbiter::submit(context, &me, &request) {
            Ok(decided) => {
                after_the_grant(context, &me, list, &decided)?;
                let mut tasks = shown(context, list, &decided, Did::Take)?;
                if let Some(row) = tasks.rows.first() {
                    let places = handed_over(list, &row.task.spec.id, Some(&row.task));
                    tasks.left = left_at(context, &places);
                }
                tasks.warnings.extend(before.told);
                return Ok(tasks);
            }
            Err(unavailable @ ArbiterError::Unavailable(_)) => return Err(unavailable),
            Err(ArbiterError::Failed(failure)) => {
                round.after(context, (&me, list, named), ttl, failure)?;
            }
        }
    }
    let error = anyhow::anyhow!("other sessions were faster each time");
    let contended = Failure::new(Kind::Contended, error);
    let again = format!("try again: git presence task next{}", list_option(list));
    Err(contended.hint(again).into())
}

impl Round {
    /// Becomes the round that follows a refusal, or fails with it.
    fn after(
        &mut self,
        context: &Context,
        (me, list, named): (&Actor, &Resource, Option<&TaskId>),
        ttl: Ttl,
        failure: Failure,
    ) -> Result<(), Failure> {
        match failure.refusal.as_deref() {
            Some(Refusal::Task { why }) => match &**why {
                TaskDenied::Claims { id, .. } => {
                    let read = context.ledger.locks().get(list)?;
                    let task = read.cell.tasks.find(id).ok();
                    self.claims = task.map(|task| grants(task, ttl)).unwrap_or_default();
                    self.which = Some(id.clone());
                }
                TaskDenied::ForOther { .. } if !self.asks.is_whole => {
                    self.asks = whole(context, me, list)?;
                    self.which = named.cloned();
                }
                // Another session was faster with the one that was chosen here.
                TaskDenied::Over { .. } | TaskDenied::Unknown(_) if named.is_none() => {
                    self.which = None;
                    self.claims.clear();
                }
                _ => return Err(failure),
            },
            Some(Refusal::Held { by })
                if named.is_none() && self.which.is_some() && is_the_task(list, by) =>
            {
                self.which = None;
                self.claims.clear();
            }
            _ => return Err(failure),
        }
        Ok(())
    }
}

/// Returns this session with what it holds, and which sessions it replaced, as far as tasks of the
/// list are for them.
fn whole(context: &Context, me: &Actor, list: &Resource) -> Result<Recipient, Failure> {
    let read = context.ledger.locks().get(list)?;
    let tasks = read.cell.tasks.tasks.iter();
    let named = tasks.filter_map(|task| match &task.spec.to {
        Some(Address::Session(id)) => Some(id.clone()),
        _ => None,
    });
    let heirs = Heirs::from(named, HEIRS_MAX, &|id| {
        context.ledger.superseded_by(id, me.node)
    });
    let board = context.ledger.board()?;
    let mut asks = Recipient::by_name(me);
    asks.reader.heir_of = heirs.before(&me.id).cloned().collect();
    asks.reader.holds = held_by(me, &board, context.now());
    asks.is_whole = true;
    Ok(asks)
}

/// Returns true if it is the task that is held, and not what is claimed with it.
fn is_the_task(list: &Resource, by: &[crate::model::holding::Holding]) -> bool {
    let prefix = format!("{}/", list.label());
    by.iter()
        .any(|held| held.resource.label().starts_with(&prefix))
}

/// Fails if another session has frozen the list, or shares or has frozen what is claimed with the
/// task, or may do so. A no on an old view is looked up again first.
fn before_the_grant(
    context: &Context,
    me: &Actor,
    list: &Resource,
    claims: &[GrantRequest],
) -> Result<(), Failure> {
    let claims = claims.iter().map(|claim| claim.resource.clone());
    let wanted: Vec<Resource> = claims.collect();
    let known = refresh(context, Refresh::IF_STALE, deadline(context));
    if judged(context, me, list, &wanted, known)?.is_ok() {
        return Ok(());
    }
    let known = refresh(context, Refresh::BEFORE_DECISION, deadline(context));
    let refused = judged(context, me, list, &wanted, known)?.err();
    refused.map_or(Ok(()), |why| Err(refuse(context, why, &wanted)))
}

/// Looks again once the locks are in force: of a session that shares something and one that takes
/// it exclusively, at least one sees the other. Releases what must not stand.
fn after_the_grant(
    context: &Context,
    me: &Actor,
    list: &Resource,
    decided: &Decision,
) -> Result<(), Failure> {
    let new = decided.locks.iter();
    let new = new.filter(|lock| lock.granted_at == lock.renewed_at);
    let new: Vec<Resource> = new.map(|lock| lock.resource.clone()).collect();
    if new.is_empty() {
        return Ok(());
    }
    let Err(why) = judged(context, me, list, &new, known(context))? else {
        return Ok(());
    };
    let refused = refuse(context, why, &new);
    arbiter::submit(context, me, &Request::Release(new)).map_err(Failure::from)?;
    // To wait for it would be to take it and to release it all the time.
    Err(Failure::new(Kind::Refused, refused.error).hint("it is released; take another one"))
}

/// Judges what other sessions share or have frozen, as for every exclusive claim. A list that
/// cannot be read fails by itself.
fn judged(
    context: &Context,
    me: &Actor,
    list: &Resource,
    wanted: &[Resource],
    known: Knowledge,
) -> Result<Result<Clear, Refusal>, Failure> {
    let about = [wanted, std::slice::from_ref(list)].concat();
    let board = context.ledger.board_about(&about)?;
    let mut by = of_others(&board, &about, me, context.now());
    by.retain(|held| Heeds::ALL.is_one(held));
    Ok(judge(by, &board, wanted, known))
}
