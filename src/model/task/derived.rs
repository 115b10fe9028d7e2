//! What follows from the tasks of a list when it is read: [`workflows_of`].
//!
//! Owns the status of a workflow. Never stores one.

use std::sync::Arc;

use super::workflow::{Workflow, WorkflowStatus, WorkflowView};
use super::{Name, Task, TaskList};

/// Returns the workflows of a list in the order of their names. `is_held` says whether a session
/// has a task.
pub fn workflows_of(list: &TaskList, is_held: &dyn Fn(&Task) -> bool) -> Vec<WorkflowView> {
    let of_tasks = list
        .tasks
        .iter()
        .filter_map(|task| task.spec.workflow.as_ref());
    let of_over = list
        .finished
        .iter()
        .filter_map(|over| over.workflow.as_ref());
    let mut names: Vec<&Name> = of_tasks.chain(of_over).collect();
    names.sort();
    names.dedup();
    names
        .into_iter()
        .map(|name| view(list, name, is_held))
        .collect()
}

fn view(list: &TaskList, name: &Name, is_held: &dyn Fn(&Task) -> bool) -> WorkflowView {
    let is_its = |task: &&Arc<Task>| task.spec.workflow.as_ref() == Some(name);
    let left: Vec<&Arc<Task>> = list.tasks.iter().filter(is_its).collect();
    let over = list
        .finished
        .iter()
        .filter(|over| over.workflow.as_ref() == Some(name));
    let (done, dropped): (Vec<_>, Vec<_>) = over.partition(|over| over.is_done);
    let was_begun = !done.is_empty() || left.iter().any(|task| task.attempts > 0);
    let goes_on = left.iter().any(|task| task.is_ready() || is_held(task));
    let status = match (left.is_empty(), done.is_empty()) {
        (true, true) => WorkflowStatus::Cancelled,
        (true, false) => WorkflowStatus::Completed,
        _ if !goes_on => WorkflowStatus::Blocked,
        _ if was_begun => WorkflowStatus::Active,
        _ => WorkflowStatus::Planning,
    };
    let said = list.workflows.iter().find(|one| one.name == *name);
    WorkflowView {
        workflow: said.cloned().unwrap_or(Workflow {
            name: name.clone(),
            description: None,
        }),
        status,
        left: left.len(),
        done: done.len(),
        dropped: dropped.len(),
    }
}
