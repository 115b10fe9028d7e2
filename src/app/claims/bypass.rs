//! Bypasses: going on although another session holds something.
//!
//! Owns the reason that a user gives in the environment, and the record of a bypass. Never decides
//! what is checked.

use crate::app::remote::publish;
use crate::app::remote::refresh::short_deadline;
use crate::context::Context;
use crate::host::Host;
use crate::integrations::git_hooks::BYPASS;
use crate::model::event::Around;
use crate::model::holding::Holding;
use crate::model::resource::Resource;
use crate::model::session::{Bypass, Request};
use crate::model::text::{Purpose, is_unsafe};

/// At most this many bypassed claims are recorded one by one: a message has a limit.
const AROUND_MAX: usize = 64;

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
