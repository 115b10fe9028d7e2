//! A command that changes what its session only shares.
//!
//! Owns when that is told: where the settings stop what is not claimed, once for each claim, and
//! never for files and branches, which several sessions change together. Never stops a tool.

use crate::app::hooks::coverage::Mutation;
use crate::config::Enforce;
use crate::context::Context;
use crate::integrations::harness;
use crate::ledger::Topic;
use crate::model::resource::Resource;

/// Returns the text about what a tool changes and its session only shares; `None` if it was told
/// before, or there is nothing.
pub(super) fn warn(context: &Context, all: &[Mutation]) -> Option<String> {
    let stops = matches!(context.config.agents.enforce, Enforce::Ask | Enforce::Deny);
    if !stops || context.is_visit() {
        return None;
    }
    let mut shared: Vec<&Resource> = all.iter().flat_map(|one| &one.shared).collect();
    shared.sort_by_key(|one| one.label());
    shared.dedup();
    if shared.is_empty() {
        return None;
    }
    let labels: Vec<&str> = shared.iter().map(|one| one.label()).collect();
    let notices = context.ledger.notices();
    let is_news = notices.is_news(&context.me.id, Topic::Shared, &labels.join("\n"));
    is_news
        .unwrap_or(true)
        .then(|| harness::shared_apply(context.now(), &shared))
}
