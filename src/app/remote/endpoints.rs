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
    let pushed = half(true, false)?;
    Ok(joined(pushed, half(false, true)?))
}

/// Returns one report of both halves.
fn joined(mut pushed: Report, fetched: Report) -> Report {
    pushed.busy |= fetched.busy;
    let (done, seen) = (&mut pushed.synced, fetched.synced);
    done.received = seen.received;
    done.fetched = seen.fetched;
    done.unfetched = seen.unfetched;
    done.reidentified |= seen.reidentified;
    done.anomalies.extend(seen.anomalies);
    done.gave_up |= seen.gave_up;
    done.elsewhere = done.elsewhere.take().or(seen.elsewhere);
    done.failure = done.failure.take().or(seen.failure);
    pushed
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Tip, Tips, Unfetched};
    use crate::sync::Synced;

    #[test]
    fn what_the_fetch_found_is_in_the_report_of_both_halves() {
        let there = Tips::from([("refs/x/a".to_owned(), Tip::from_bytes_or_panic(&[1; 20]))]);
        let unfetched = Unfetched::of(&there, &Tips::new(), "it is locked");
        let pushed = Report {
            synced: Synced {
                sent: ["refs/x/b".to_owned()].into(),
                ..Synced::default()
            },
            ..Report::default()
        };
        let fetched = Report {
            synced: Synced {
                received: 2,
                fetched: true,
                unfetched: unfetched.clone(),
                ..Synced::default()
            },
            busy: true,
            ..Report::default()
        };
        let both = joined(pushed, fetched);
        assert_eq!(both.synced.unfetched, unfetched);
        assert!(both.synced.fetched && both.busy);
        assert_eq!((both.synced.received, both.synced.sent.len()), (2, 1));
    }
}
