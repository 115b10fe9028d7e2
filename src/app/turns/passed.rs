//! What this session passed on, so that it hears what becomes of it.
//!
//! Owns what is kept of it in this clone, until the session has it again. Never decides what is
//! told.

use crate::context::Context;
use crate::ledger::Topic;
use crate::model::resource::Resource;

/// The most resources that are kept, the newest ones.
const KEPT_MAX: usize = 8;

/// Returns what the session passed on and did not get again.
pub fn list(context: &Context) -> Vec<Resource> {
    let kept = context.ledger.notices().kept(&context.me.id, Topic::Passed);
    let labels = kept.lines();
    labels
        .filter_map(|label| Resource::from_record(label).ok())
        .collect()
}

/// Notes that the session passed `resources` on. What cannot be noted is not heard of.
pub(super) fn note(context: &Context, resources: &[Resource]) {
    let mut all = without(context, resources);
    all.extend(resources.iter().cloned());
    keep(context, &all[all.len().saturating_sub(KEPT_MAX)..]);
}

/// Notes that the session has `resources` again.
pub(super) fn forget(context: &Context, resources: &[Resource]) {
    let before = list(context);
    let rest = without(context, resources);
    if rest.len() < before.len() {
        keep(context, &rest);
    }
}

fn without(context: &Context, resources: &[Resource]) -> Vec<Resource> {
    let mut all = list(context);
    all.retain(|one| !resources.contains(one));
    all
}

fn keep(context: &Context, all: &[Resource]) {
    let labels: Vec<&str> = all.iter().map(Resource::label).collect();
    let notices = context.ledger.notices();
    let _ = notices.keep(&context.me.id, Topic::Passed, &labels.join("\n"));
}
