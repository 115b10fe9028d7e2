//! The use case of `task next` and `task start`: taking a task, with all that is claimed with it.
//!
//! Owns the bounded loop for a task that is taken together with claims, which are known only once
//! the task is chosen. Never decides who gets it.

use std::collections::HashSet;

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::bypass;
use crate::app::claims::conflicts::{of_others, refuse};
use crate::app::claims::handoffs::left_at;
use crate::app::claims::refused::list_option;
use crate::app::claims::request::Heeds;
use crate::app::messages::reading::held_by;
use crate::app::remote::refresh::{Refresh, deadline, refresh};
use crate::app::tasks::change::shown;
use crate::app::tasks::ending::grants;
use crate::app::tasks::heeded::{after_the_grant, before_the_grant};
use crate::app::tasks::look::{Did, Tasks, handed_over, set_back};
use crate::app::tasks::{places, unsent};
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::claim::Mode;
use crate::model::heirs::Heirs;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::lock::{GrantRequest, Lock};
use crate::model::lock_request::{Decision, Request, TaskRequest, TaskStep};
use crate::model::message::address::{Address, Reader};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::task::{Recipient, TaskDenied, TaskId, place_of, resource_of};
use crate::model::text::Purpose;
use crate::model::time::{Timestamp, Ttl};

/// How often another task is chosen after one that was taken meanwhile, or is passed over.
const ROUNDS_MAX: u32 = 48;
/// The most sessions for which tasks are and of which the successors are looked for.
const HEIRS_MAX: usize = 32;

/// What a round asks for, and what the next one does.
struct Round {
    which: Option<TaskId>,
    claims: Vec<GrantRequest>,
    asks: Recipient,
    /// Why tasks were passed over, and the first of the refusals.
    passed: Vec<String>,
    refused: Option<Failure>,
    /// Why what others have frozen does not count, if the user says so.
    bypass: Option<Purpose>,
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

/// Takes a task for a supervisor, also one that it told another session to take.
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
    let own = own_task(context, list, named)?;
    let named = own.as_ref().or(named);
    let here = places::here(context, &me, list, named)?;
    let mut round = Round {
        which: here,
        claims: Vec::new(),
        asks: Recipient {
            supervises,
            ..Recipient::by_name(&me)
        },
        passed: Vec::new(),
        refused: None,
        bypass: bypass::reason(context.host),
    };
    if round.which.is_none() {
        round.pass_over_what_others_have(context, &me, list)?;
    }
    for _ in 0..ROUNDS_MAX {
        match round.ask(context, (&me, list), ttl) {
            Ok(decided) => {
                let mut tasks = shown(context, list, &decided, Did::Take)?;
                if let Some(row) = tasks.rows.first() {
                    let places = handed_over(list, &row.task.spec.id, Some(&row.task));
                    tasks.left = left_at(context, &places);
                }
                tasks.warnings.extend(set_back(context, list));
                tasks
                    .warnings
                    .extend(round.record_bypass(context, (&me, list), &decided)?);
                tasks.warnings.extend(before.told);
                tasks.warnings.extend(round.passed);
                return Ok(tasks);
            }
            Err(unavailable @ ArbiterError::Unavailable(_)) => return Err(unavailable),
            Err(ArbiterError::Failed(failure)) => {
                round.after(context, (&me, list, named), ttl, failure)?;
            }
        }
    }
    if let Some(refused) = round.refused {
        return Err(refused.into());
    }
    let error = anyhow::anyhow!("other sessions were faster each time");
    let contended = Failure::new(Kind::Contended, error);
    let again = format!("try again: git presence task next{}", list_option(list));
    Err(contended.hint(again).into())
}

/// Returns the task of the attempt that this is a command of; that is the one to work on.
fn own_task(
    context: &Context,
    list: &Resource,
    named: Option<&TaskId>,
) -> Result<Option<TaskId>, Failure> {
    let Some(task) = context.attempt() else {
        return Ok(None);
    };
    let own = place_of(&task).and_then(|(_, id)| id);
    let is_own = own.as_ref().is_some_and(|id| resource_of(list, id) == task);
    match is_own && named.is_none_or(|named| Some(named) == own.as_ref()) {
        true => Ok(own),
        false => Err(Failure::new(
            Kind::Refused,
            anyhow::anyhow!("this is a command of an attempt at {task}, and takes no other task"),
        )),
    }
}

impl Round {
    /// Asks for the task, once it is known that its claims are free.
    fn ask(
        &mut self,
        context: &Context,
        (me, list): (&Actor, &Resource),
        ttl: Ttl,
    ) -> Result<Decision, ArbiterError> {
        let claims = self.claims.iter().map(|claim| claim.resource.clone());
        let claims: Vec<Resource> = claims.collect();
        places::refuse_claims(context, me, &claims)?;
        before_the_grant(context, (me, list), claims, self.heeds())?;
        let step = TaskStep::Take {
            which: self.which.clone(),
            ttl,
            asks: Box::new(self.asks.clone()),
        };
        let request = TaskRequest::new(list.clone(), step, self.claims.clone());
        let decided = arbiter::submit(context, me, &Request::Tasks(Box::new(request)))?;
        after_the_grant(context, (me, list), &decided, self.heeds())?;
        Ok(decided)
    }

    /// Returns which claims of others are heeded besides locks.
    const fn heeds(&self) -> Heeds {
        Heeds {
            frozen: self.bypass.is_none(),
            ..Heeds::ALL
        }
    }

    /// Records that what others have frozen was passed over, if anything was.
    fn record_bypass(
        &self,
        context: &Context,
        (me, list): (&Actor, &Resource),
        decided: &Decision,
    ) -> Result<Option<String>, Failure> {
        let Some(reason) = &self.bypass else {
            return Ok(None);
        };
        let taken = decided.locks.iter().map(|lock| lock.resource.clone());
        let about: Vec<Resource> = taken.chain([list.clone()]).collect();
        let board = context.ledger.board_about(&about)?;
        let mut frozen = of_others(&board, &about, me, context.now());
        frozen.retain(|held| held.mode == Mode::Frozen);
        match frozen.is_empty() {
            true => Ok(None),
            false => Ok(bypass::record(context, &about, &frozen, reason)),
        }
    }

    /// Passes over the tasks that other sessions share or have frozen: to take one would be to take
    /// it and to release it again, each time.
    fn pass_over_what_others_have(
        &mut self,
        context: &Context,
        me: &Actor,
        list: &Resource,
    ) -> Result<(), Failure> {
        let _ = refresh(context, Refresh::IF_STALE, deadline(context));
        let register = context.ledger.locks().get(list)?.cell;
        let ready = register.tasks.in_order().into_iter();
        let mut ready: Vec<(TaskId, Resource)> = ready
            .map(|task| (task.spec.id.clone(), resource_of(list, &task.spec.id)))
            .collect();
        // What a session has is not chosen, or is its own.
        let (now, locks) = (context.now(), context.ledger.locks());
        let is_had = |lock: &&Lock| lock.is_live(now) || locks.is_mine(me, lock);
        let had = register.locks.iter().filter(is_had);
        let had: HashSet<&str> = had.map(|lock| lock.resource.label()).collect();
        ready.retain(|(_, resource)| !had.contains(resource.label()));
        let about: Vec<Resource> = ready.iter().map(|(_, resource)| resource.clone()).collect();
        let board = context.ledger.board_about(&about)?;
        let mut by = of_others(&board, &about, me, context.now());
        by.retain(|held| self.heeds().is_one(held));
        for (id, resource) in ready {
            let by = by.iter().filter(|held| held.resource == resource);
            let by: Vec<Holding> = by.cloned().collect();
            if !by.is_empty() {
                let about = std::slice::from_ref(&resource);
                let refused = refuse(context, Refusal::Held { by }, about);
                self.pass_over(list, id, refused)?;
            }
        }
        Ok(())
    }

    /// Passes over a task: the next one may be possible, and one that is stuck must not keep the
    /// whole list from being worked off. Fails with the first refusal if it is the same task again:
    /// the one that the session has comes first each time.
    fn pass_over(&mut self, list: &Resource, id: TaskId, failure: Failure) -> Result<(), Failure> {
        let label = resource_of(list, &id);
        let is_again = self.asks.passes.contains(&id);
        self.passed
            .push(format!("passed over {label}: {}", failure.error));
        self.asks.passes.push(id);
        self.claims.clear();
        let first = self.refused.take().unwrap_or(failure);
        if is_again {
            return Err(first);
        }
        self.refused = Some(first);
        Ok(())
    }

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
                    let before = std::mem::replace(&mut self.asks, whole(context, me, list)?);
                    self.asks.passes = before.passes;
                    self.asks.supervises = before.supervises;
                    self.which = named.cloned();
                }
                // Another session was faster with the one that was chosen here.
                TaskDenied::Over { .. } | TaskDenied::Unknown(_) if named.is_none() => {
                    self.which = None;
                    self.claims.clear();
                }
                TaskDenied::NoneReady { .. } | TaskDenied::NoTasks => {
                    return Err(self.refused.take().unwrap_or(failure));
                }
                _ => return Err(failure),
            },
            Some(Refusal::Held { by })
                if named.is_none() && self.which.is_some() && is_the_task(list, by) =>
            {
                self.which = None;
                self.claims.clear();
            }
            Some(
                Refusal::Held { .. }
                | Refusal::MayBeHeld { .. }
                | Refusal::Offered { .. }
                | Refusal::Queued { .. },
            ) if named.is_none() => match self.which.take() {
                Some(id) => self.pass_over(list, id, failure)?,
                None => return Err(failure),
            },
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
    let mut asks = Recipient::by_name(me);
    asks.reader = reader(me, &heirs, &context.ledger.board()?, context.now());
    asks.is_whole = true;
    Ok(asks)
}

/// Returns a session as one that tasks are for: what is for the session that runs it is for it,
/// too.
pub(super) fn reader(me: &Actor, heirs: &Heirs, board: &Board, now: Timestamp) -> Reader {
    let mut reader = Recipient::by_name(me).reader;
    reader.heir_of = heirs.before(&me.id).cloned().collect();
    reader.holds = held_by(me, board, now);
    let above = me.id.runs_for().and_then(|id| SessionId::parse(id).ok());
    if let Some(id) = above {
        reader.heir_of.extend(heirs.before(&id).cloned());
        let above = Actor { id, ..me.clone() };
        reader.holds.extend(held_by(&above, board, now));
        reader.heir_of.push(above.id);
    }
    reader
}

/// Returns true if it is the task that another session took, and not what is claimed with it.
fn is_the_task(list: &Resource, by: &[Holding]) -> bool {
    let prefix = format!("{}/", list.label());
    let is_it = |held: &Holding| held.resource.label().starts_with(&prefix);
    by.iter()
        .any(|held| held.mode == Mode::Exclusive && is_it(held))
}
