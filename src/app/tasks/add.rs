//! The use case of `task add`: one task, or all of a plan.
//!
//! Owns what happens where the arbiter is away: what the list as it is known here accepts is kept,
//! and added by the next sync. Never decides what a list accepts.

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::refused;
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::knowledge::known;
use crate::app::tasks::change::shown;
use crate::app::tasks::look::{self, Did, Tasks};
use crate::app::tasks::unsent;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::LedgerError;
use crate::model::lock_request::{Request, TaskRequest, TaskStep};
use crate::model::resource::Resource;
use crate::model::task::{Addition, TaskId, TaskSpec, Workflow};

/// What is added.
pub struct Adding {
    /// The tasks.
    pub tasks: Vec<TaskSpec>,
    /// The workflow that they are a part of.
    pub workflow: Option<Workflow>,
}

/// Adds tasks, all or none. Where the arbiter cannot be reached they are kept here, and a warning
/// says so.
///
/// # Errors
///
/// A refusal, if the rules of the list do not allow it, also as far as it is known here.
pub fn execute(context: &Context, list: &Resource, adding: Adding) -> Result<Tasks, Failure> {
    let me = context.actor()?;
    let new = Addition {
        tasks: adding.tasks,
        workflow: adding.workflow,
        by: me.id.clone(),
        node: me.node,
        at: context.now(),
    };
    // What was added before may be needed by this.
    let before = unsent::send(context, list);
    let step = TaskStep::Add(Box::new(new.clone()));
    let request = TaskRequest::new(list.clone(), step, Vec::new());
    let request = Request::Tasks(Box::new(request));
    let decided = match before.away {
        Some(away) => Err(ArbiterError::Unavailable(away)),
        None => arbiter::submit(context, &me, &request),
    };
    let mut tasks = match decided {
        Ok(decided) => shown(context, list, &decided, Did::Add)?,
        Err(ArbiterError::Unavailable(away)) => keep(context, list, &new, &away)?,
        Err(ArbiterError::Failed(failure)) => return Err(failure),
    };
    tasks.warnings.extend(before.told);
    Ok(tasks)
}

/// Keeps what the arbiter did not answer about. If its answer was lost, the tasks may be there
/// already: then they are not added again, as they have their ids.
fn keep(
    context: &Context,
    list: &Resource,
    new: &Addition,
    away: &Failure,
) -> Result<Tasks, Failure> {
    let mut register = context.ledger.locks().get(list)?.cell;
    let now = context.now();
    unsent::laid_over(context, list, &mut register.tasks, now);
    let added = register.tasks.add(new, now);
    let (ids, added): (Vec<TaskId>, Vec<TaskId>) =
        added.map_err(|why| refused::task(Box::new(why), list))?;
    let outbox = context.ledger.task_outbox();
    let kept = outbox.append(&context.host, list, new);
    kept.map_err(LedgerError::from)?;
    let mut tasks = look::of(context, list.clone(), &register, known(context));
    tasks.rows.retain(|row| ids.contains(&row.task.spec.id));
    for row in &mut tasks.rows {
        row.is_unsent = true;
        row.is_ready = false;
    }
    tasks.workflows.clear();
    tasks.confirmation = Some(Confirmation::Unconfirmed {
        remote: context.upstream.name().unwrap_or_default().to_owned(),
        why: "it did not decide".to_owned(),
    });
    tasks.did = Did::Add;
    tasks.added = added;
    tasks.warnings.push(format!(
        "kept here, and on no list yet: {}; the next sync adds it: git presence sync",
        away.error
    ));
    Ok(tasks)
}
