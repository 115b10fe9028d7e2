//! Tasks that are ready by their list, and that no session is granted now.
//!
//! Owns what is said of them by `task --ready`: what is claimed with them is held, shared or frozen
//! by another session, or they are offered to one. Never decides what is granted.

use crate::app::claims::conflicts::of_others;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::lock::LockRegister;
use crate::model::resource::Resource;

/// Returns what keeps each of these tasks, which are ready by their list, with what is claimed with
/// it; `None` if nothing is known to.
pub(super) fn reasons(
    context: &Context,
    tasks: &[(Resource, Vec<Resource>)],
    register: &LockRegister,
) -> Result<Vec<Option<String>>, Failure> {
    let Some(me) = context.known_actor().filter(|_| !tasks.is_empty()) else {
        return Ok(vec![None; tasks.len()]);
    };
    let all = tasks.iter();
    let about = all.flat_map(|(task, claims)| std::iter::once(task).chain(claims));
    let about: Vec<Resource> = about.cloned().collect();
    let board = context.ledger.board_about(&about)?;
    let mut by = of_others(&board, &about, &me, context.now());
    by.retain(|held| held.mode.holds());
    let reason = |(task, claims): &(Resource, Vec<Resource>)| {
        let is_part = |held: &&Holding| {
            let mut parts = std::iter::once(task).chain(claims);
            parts.any(|part| part.overlaps(&held.resource))
        };
        let offered = register.offers.iter();
        let mut offered = offered.filter(|one| one.is_open(context.now()) && one.to != me.id);
        let offered = offered.find(|one| one.resource == *task);
        let offered = offered.map(|one| format!("it is offered to {}", one.to));
        by.iter().find(is_part).map(words).or(offered)
    };
    Ok(tasks.iter().map(reason).collect())
}

fn words(held: &Holding) -> String {
    let how = match held.mode {
        Mode::Frozen => "frozen",
        Mode::Exclusive => "held exclusively",
        Mode::Shared | Mode::Waiting => "claimed",
    };
    format!("{} is {how} by {}", held.resource, held.holder())
}
