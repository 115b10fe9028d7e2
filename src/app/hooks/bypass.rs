//! Bypasses: going on although another session holds something.
//!
//! Owns the report of the Git hooks ([`Hooked`]) and the record of a bypass. Never decides what a
//! hook checks.

use crate::app::remote::publish;
use crate::app::remote::refresh::short_deadline;
use crate::context::Context;
use crate::host::Host;
use crate::integrations::git_hooks::BYPASS;
use crate::integrations::git_hooks::affected_claims::AffectedClaim;
use crate::model::event::Around;
use crate::model::holding::Holding;
use crate::model::resource::Resource;
use crate::model::session::{Bypass, Request};
use crate::model::text::{Purpose, is_unsafe};
use crate::model::time::Timestamp;

/// At most this many bypassed claims are recorded one by one: a message has a limit.
const AROUND_MAX: usize = 64;

/// What a hook found when it lets the operation go on.
#[derive(Debug)]
pub struct Hooked {
    /// The name of the hook.
    pub hook: &'static str,
    /// When it ran.
    pub now: Timestamp,
    /// What other sessions hold of it.
    pub others: Vec<AffectedClaim>,
    /// The reason for a bypass, if there was one.
    pub bypassed: Option<Purpose>,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

impl Hooked {
    /// Returns the report of a hook that found nothing.
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

/// Returns the reason of a bypass that the user set in the environment.
pub fn reason(host: Host) -> Option<Purpose> {
    let given = host.env(BYPASS)?;
    let is_said = given.contains(|c: char| !c.is_whitespace() && !is_unsafe(c));
    is_said.then(|| Purpose::from_record(&given))
}

/// Returns a bypassed claim, as it is recorded.
fn around(held: &Holding) -> Around {
    Around {
        session: held.session.clone(),
        resource: held.resource.clone(),
    }
}

/// Records a bypass, and returns a warning if that failed. The operation goes on all the same:
/// other ways to bypass a hook are not recorded at all.
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
        Ok(publish::publish(
            context,
            &me,
            false,
            short_deadline(context),
        ))
    });
    match written {
        Ok(publication) => publication.warnings.into_iter().next(),
        Err(failure) => Some(format!("it could not be recorded: {}", failure.error)),
    }
}
