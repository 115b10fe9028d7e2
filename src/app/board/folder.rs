//! Claims of stacks and of the files in their folders.
//!
//! Owns which claims of the one are about the other, as the hooks of agents judge it. Never decides
//! who may go on.

use crate::app::claims::written::Written;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::holding::Holding;
use crate::model::path::literal;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::stack;

/// The name of the stack in the top folder, which has what is directly in it.
const TOP: &str = ".";
const STACK: ResourceKind<'static> = ResourceKind::Named("stack");

/// Returns the live claims of other sessions on the stacks that have a path, or on the paths in the
/// folder of a stack; none for what is neither.
pub(super) fn claims_in_it(
    context: &Context,
    resource: &Resource,
) -> Result<Vec<Holding>, Failure> {
    let is_stack = resource.kind() == STACK;
    let about = match resource.kind() {
        ResourceKind::Path => stack::about(file_of(resource))
            .into_iter()
            .map(|stack| stack.resource)
            .collect(),
        kind if kind == STACK => vec![Resource::every_path()],
        _ => return Ok(Vec::new()),
    };
    let board = context.ledger.board_about(&about)?;
    let asker = context.asker();
    let mut live = board.live(context.now());
    live.retain(|held| {
        let is_one = match held.resource.kind() {
            ResourceKind::Path => is_stack && has(context, resource, &held.resource),
            kind => !is_stack && kind == STACK && has(context, &held.resource, resource),
        };
        is_one && held.mode.holds() && !asker.owns(held)
    });
    Ok(live)
}

/// Checks whether the folder of a stack has files of a path.
fn has(context: &Context, stack: &Resource, path: &Resource) -> bool {
    let folder = match stack.name() {
        TOP => "path:*".to_owned(),
        folder => format!("path:{}/**", literal(folder)),
    };
    let all = Resource::from_record(&folder);
    let all = all.map(|all| context.on_board(&all)).unwrap_or_default();
    if all.iter().any(|all| all.overlaps(path)) {
        return true;
    }
    // A stack that is named by the last part of its folder.
    Written::named(vec![file_of(path).to_owned()]).is_about(context, stack)
}

/// Returns a path by which it is told in which folders it is; of a pattern the part without one.
fn file_of(path: &Resource) -> &str {
    let name = path.name();
    let plain = name.find(['*', '?', '[', '{', '\\']);
    match plain.and_then(|at| name[..at].rfind('/')) {
        Some(slash) => &name[..=slash],
        None => name,
    }
}
