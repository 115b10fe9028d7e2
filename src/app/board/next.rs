//! The command that most likely comes next for a session, as `status` names it.
//!
//! Owns which command follows from what a session has, waits for and may have. A label that could
//! be more than one word is never repeated in a command. Never reads a ref.

use crate::app::tasks::glance::Glance;
use crate::guard::shell::quote;
use crate::model::holding::Holding;
use crate::model::news::News;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::task::{MAIN_LIST, place_of};
use crate::model::text::is_word;
use crate::model::turn::{self, is_turn};

/// The most claims that the next command names.
const NAMED_MAX: usize = 3;

/// Returns the command that most likely comes next, by what the session has and waits for.
pub(super) fn next_command(mine: &[Holding], others: &[Holding]) -> Option<String> {
    let (held, waited): (Vec<&Holding>, Vec<&Holding>) =
        mine.iter().partition(|claim| claim.mode.holds());
    let meets = |claim: &Holding, mode_holds: bool| {
        let mut others = others.iter();
        others.any(|h| h.mode.holds() == mode_holds && h.resource.overlaps(&claim.resource))
    };
    let (kept, shared) = (
        held.iter().find(|claim| meets(claim, false)),
        held.iter().find(|claim| meets(claim, true)),
    );
    if let Some(claim) = kept {
        return Some(format!(
            "{}  (when you are done: another session waits for it)",
            finish(&[claim])
        ));
    }
    if let Some(claim) = shared {
        return Some(about("peek", &claim.resource, "list --others"));
    }
    match (held.as_slice(), waited.first()) {
        ([_, ..], _) => Some(format!("{}  (when you are done)", finish(&held))),
        ([], Some(waited)) if meets(waited, true) && is_turn(&waited.resource) => {
            Some(take(&waited.resource, "--wait"))
        }
        ([], Some(waited)) if meets(waited, true) => {
            Some(about("wait", &waited.resource, "list --others"))
        }
        ([], Some(waited)) => Some(claim(&waited.resource)),
        ([], None) => None,
    }
}

/// Returns the command that ends the claims of the session: of a task, that it is done.
fn finish(held: &[&Holding]) -> String {
    let task = held.iter().find_map(|claim| place_of(&claim.resource));
    if let Some((list, Some(id))) = task
        && is_word(list)
    {
        return format!("git presence task done {id} --list {}", quote(list));
    }
    let words = held.iter().map(|claim| claim.resource.label());
    let words: Vec<&str> = words.filter(|label| is_word(label)).collect();
    match words.len() == held.len() && held.len() <= NAMED_MAX {
        true => {
            let words = held
                .iter()
                .map(|claim| (&claim.resource, quote(claim.resource.label())));
            turn::release_line(words)
        }
        false => "git presence release --all-mine".to_owned(),
    }
}

/// Returns the command that claims what the session wanted, and what is free now.
pub(super) fn now_free(news: &[News]) -> Option<String> {
    let free = news.iter().find_map(|one| match one {
        News::Freed { resource, .. } => Some(resource),
        _ => None,
    })?;
    Some(match free.kind() {
        ResourceKind::Path => {
            let claim = about("claim", free, "claim <type>:<name>");
            format!("{claim} --purpose <text>")
        }
        _ => claim(free),
    })
}

/// Returns the command that takes a turn.
fn take(resource: &Resource, option: &str) -> String {
    match is_word(resource.label()) {
        true => turn::take(resource, &quote(resource.label()), option),
        false => turn::take(resource, "<room>", option),
    }
}

/// Returns the command that claims a resource exclusively.
pub(super) fn claim(resource: &Resource) -> String {
    if is_turn(resource) {
        return take(resource, "");
    }
    let claim = about("claim --exclusive", resource, "claim <type>:<name>");
    format!("{claim} --purpose <text>")
}

/// Returns a command about a resource. A label that could be more than one word is not repeated in
/// a command: it is the `other` one then.
fn about(verb: &str, resource: &Resource, other: &str) -> String {
    match is_word(resource.label()) {
        true => format!("git presence {verb} {}", quote(resource.label())),
        false => format!("git presence {other}"),
    }
}

/// Returns the command that takes a task, if one is ready in the list that is meant without a name,
/// and the session has none.
pub(super) fn ready_task(lists: &[Glance]) -> Option<String> {
    let has_one = lists.iter().any(|list| !list.mine.is_empty());
    let main = lists.iter().find(|list| is_main(&list.list))?;
    let is_ready = !has_one && !main.ready.is_empty();
    is_ready.then(|| "git presence task next".to_owned())
}

fn is_main(list: &Resource) -> bool {
    place_of(list).is_some_and(|(name, _)| name == MAIN_LIST)
}
