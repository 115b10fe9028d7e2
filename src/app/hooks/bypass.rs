//! `hook`: what Git, whoever applies something, and an agent's harness ask before they go on.
//!
//! Owns the list of hooks and what they have in common: the report, and going on although others
//! hold something, which is recorded. Never decides what a hook looks at.

use crate::app::remote::publish;
use crate::app::remote::refresh::deadline;
use crate::context::Context;
use crate::host::Host;
use crate::integrations::git_hooks::BYPASS;
use crate::integrations::git_hooks::affected_claims::AffectedClaim;
use crate::model::event::Around;
use crate::model::holding::Holding;
use crate::model::resource::Resource;
use crate::model::session::{Bypass, Request};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// More claims that were gone around are not recorded one by one: a message has a limit.
const AROUND_MAX: usize = 64;

/// What a hook found, where it lets things go on.
#[derive(Debug)]
pub struct Hooked {
    pub hook: &'static str,
    pub now: Timestamp,
    /// What others hold of it.
    pub others: Vec<AffectedClaim>,
    /// Why it goes on although it would have been stopped.
    pub bypassed: Option<Purpose>,
    pub warnings: Vec<String>,
}

impl Hooked {
    pub fn quiet(hook: &'static str, now: Timestamp) -> Self {
        Self {
            hook,
            now,
            others: Vec::new(),
            bypassed: None,
            warnings: Vec::new(),
        }
    }
}

/// The reason for which the user goes on whatever others hold.
pub fn reason(host: Host) -> Option<Purpose> {
    let reason = Purpose::from_record(&host.env(BYPASS)?);
    (!reason.as_str().is_empty()).then_some(reason)
}

/// What is claimed, and by whom.
fn around(held: &Holding) -> Around {
    Around {
        session: held.session.clone(),
        resource: held.resource.clone(),
    }
}

/// Record that this goes on although others hold it. Where that cannot be recorded, it goes on all
/// the same, and says so: there are other ways round, and none of them says anything.
pub fn record(
    context: &Context,
    about: &[Resource],
    by: &[Holding],
    reason: &Purpose,
) -> Option<String> {
    let mut bypass = Bypass {
        about: about.to_vec(),
        holders: Vec::new(),
        around: by.iter().take(AROUND_MAX).map(around).collect(),
        reason: reason.clone(),
    };
    for holding in by {
        if !bypass.holders.contains(&holding.session) {
            bypass.holders.push(holding.session.clone());
        }
    }
    let written = context.actor().and_then(|me| {
        let request = Request::Bypass(bypass);
        let ttl = context.config.ttl;
        context
            .ledger
            .sessions()
            .apply(&context.host, &me, &request, ttl)?;
        Ok(publish::publish(context, &me, false, deadline(context)))
    });
    match written {
        Ok(publication) => publication.warnings.into_iter().next(),
        Err(failure) => Some(format!("it could not be recorded: {}", failure.error)),
    }
}
