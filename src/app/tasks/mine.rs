//! The one task that a session holds: what a verb is about that names none.
//!
//! Owns which one that is ([`held`]). Never guesses where there are several.

use crate::app::claims::refused::list_option;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::resource::Resource;
use crate::model::task::{TaskId, place_of};

/// The most tasks that are named.
const NAMED_MAX: usize = 5;

/// Returns the task of `list` that this session holds.
///
/// # Errors
///
/// A refusal if it holds none there; a misuse if it holds several.
pub fn held(context: &Context, list: &Resource) -> Result<TaskId, Failure> {
    let me = context.asker();
    let mut all = context.ledger.board()?.held(context.now());
    all.retain(|held| me.owns(held) && held.token.is_some());
    let place = |held: &Resource| {
        let (list, id) = place_of(held)?;
        Some((list.to_owned(), id?))
    };
    let of_list = place_of(list).map(|(list, _)| list.to_owned());
    let all: Vec<(Resource, String, TaskId)> = { all.into_iter() }
        .filter_map(|held| {
            let (list, id) = place(&held.resource)?;
            Some((held.resource, list, id))
        })
        .collect();
    let here = all
        .iter()
        .filter(|(_, list, _)| Some(list) == of_list.as_ref());
    let here: Vec<&TaskId> = here.map(|(.., id)| id).collect();
    match (here.as_slice(), all.as_slice()) {
        ([one], _) => Ok((*one).clone()),
        ([], [(task, _, id), ..]) => Err(none(list).hint(format!(
            "name the one that you hold in another list: {id}{}",
            list_option(task)
        ))),
        ([], []) => Err(none(list).hint(format!(
            "take one first: git presence task next{}",
            list_option(list)
        ))),
        (several, _) => {
            let ids = several.iter().take(NAMED_MAX).map(ToString::to_string);
            let ids = ids.collect::<Vec<_>>().join(", ");
            Err(Failure::usage("you hold several tasks, and none is named")
                .hint(format!("name one of them: {ids}")))
        }
    }
}

fn none(list: &Resource) -> Failure {
    let error = anyhow::anyhow!("you hold no task of {list}");
    Failure::new(Kind::Refused, error)
}
