//! A remote that is not one place.
//!
//! Owns what is said of one that is pushed elsewhere than it is fetched, the cure, and how it is
//! synced: in halves. Never decides whether it is one place: that is `model::endpoint`.

use crate::context::Context;
use crate::ledger::LedgerError;
use crate::model::endpoint::Divided;
use crate::model::finding::Finding;
use crate::sync::{self, Remote, Report, Request, Scope};

/// Syncs with the remote. Of one that does not show what is pushed to it, the halves are done one
/// after the other: otherwise the fetch would find that the push is missing, again and again.
pub(crate) fn sync(
    context: &Context,
    remote: &Remote,
    request: &Request,
) -> Result<Report, LedgerError> {
    let half = |push: bool, fetch: bool| {
        let scope = Scope {
            push,
            fetch,
            ..request.scope.clone()
        };
        let request = Request {
            scope,
            ..request.clone()
        };
        sync::sync(&context.ledger, remote, &context.host, &request)
    };
    let Scope { push, fetch, .. } = request.scope;
    if !(push && fetch && is_blind(context)) {
        return half(push, fetch);
    }
    let mut report = half(true, false)?;
    let seen = half(false, true)?;
    report.busy |= seen.busy;
    let (done, seen) = (&mut report.synced, seen.synced);
    done.received = seen.received;
    done.fetched = seen.fetched;
    done.anomalies.extend(seen.anomalies);
    done.gave_up |= seen.gave_up;
    done.failure = done.failure.take().or(seen.failure);
    Ok(report)
}

/// Returns true if the remote does not show what is pushed to it.
pub(crate) fn is_blind(context: &Context) -> bool {
    let endpoints = context.endpoints.as_ref();
    endpoints.is_some_and(|endpoints| !endpoints.shows_what_is_pushed())
}

/// Returns why the remote cannot decide.
pub fn what(name: &str, divided: &Divided) -> String {
    match divided {
        Divided::NoUrl => format!("{name} has no URL in the settings, and one has to decide"),
        Divided::Several { push_urls } => {
            format!("{name} has {push_urls} push URLs, and one has to decide")
        }
        Divided::Elsewhere { fetch, push } => format!(
            "{name} is fetched from {fetch} and pushed to {push}, and one place has to decide"
        ),
    }
}

/// Returns what the user can do.
pub fn cure(name: &str, divided: &Divided) -> String {
    match divided {
        Divided::NoUrl => format!("set one: git remote set-url {name} <url>"),
        Divided::Several { .. } => {
            "share the board through a remote with one URL: git config presence.remote".to_owned()
        }
        Divided::Elsewhere { .. } => format!(
            "fetch and push at one place (git remote get-url --push {name}: see remote.*.pushurl and \
             url.*.pushInsteadOf), or share the board through a remote with one URL: git remote add \
             board <url>, git config presence.remote board"
        ),
    }
}

/// Returns the finding of `doctor`.
pub fn finding(name: &str, divided: &Divided) -> Finding {
    let what = what(name, divided);
    Finding::problem(
        format!("{what}: exclusive claims are refused"),
        cure(name, divided),
    )
}
