//! What this clone knows of the remote: the one place that makes a [`Knowledge`].
//!
//! Owns what a fetch really brought: a fetch that failed, was not made or lies in the future leaves
//! the state of the remote unknown. Refs that a fetch could not bring are on the board as
//! unreadable records. Never talks to a remote.

use super::backoff::{is_outdated, is_stale};
use super::endpoints;
use crate::context::{Context, Upstream};
use crate::ledger::RemoteState;
use crate::model::knowledge::Knowledge;
use crate::model::text::{WORDS_BYTES_MAX, quote};

/// Returns what is known without asking the remote.
pub fn known(context: &Context) -> Knowledge {
    match context.upstream.name() {
        None => without_remote(context),
        Some(remote) => known_of(context, remote, &context.ledger.remote(remote).state()),
    }
}

/// Returns true if what is known was fetched at most `presence.staleAfter` ago, or is all there is.
pub fn is_recent(context: &Context, known: &Knowledge) -> bool {
    *known == Knowledge::Whole || !is_stale(context, known.as_of())
}

/// Returns what is known where no remote is used. Only without any remote that is all there is:
/// what other clones share through one that was not found or chosen is not seen.
pub(super) fn without_remote(context: &Context) -> Knowledge {
    let unknown = |remote: String, why: &str| Knowledge::Unknown {
        remote,
        as_of: None,
        why: why.to_owned(),
    };
    match &context.upstream {
        Upstream::Missing(name) => unknown(
            name.clone(),
            "there is no remote of that name here (see git remote, git config presence.remote)",
        ),
        Upstream::Several(names) => unknown(
            names.join(", "),
            "none of these remotes is chosen (set git config presence.remote)",
        ),
        Upstream::None | Upstream::Named(_) => Knowledge::Whole,
    }
}

/// Returns what is known by the state of a remote. What other clones push to another place than it
/// is fetched from is not known. An error counts once the view is stale: before,
/// nothing had to be fetched.
pub(super) fn known_of(context: &Context, remote: &str, state: &RemoteState) -> Knowledge {
    let unknown = |why: String| Knowledge::Unknown {
        remote: remote.to_owned(),
        as_of: state.fetched_at(),
        why,
    };
    if endpoints::is_blind(context) {
        return unknown("it is pushed to another place than it is fetched from".to_owned());
    }
    if let Some(seen) = state.unfetched.underway() {
        let and_then = state
            .error
            .as_ref()
            .map(|error| format!(", then {}", said(error)));
        return unknown(partly(seen, &and_then.unwrap_or_default()));
    }
    match (state.fetched_at(), &state.error) {
        (None, _) if state.was_emptied() => {
            unknown("what was fetched of it was removed here".to_owned())
        }
        (None, None) => unknown("it was never fetched".to_owned()),
        (None, Some(error)) => unknown(format!("it was never fetched: {}", said(error))),
        (Some(at), _) if at > context.now() => {
            unknown("it was fetched when the clock here was ahead".to_owned())
        }
        (Some(at), Some(error)) if is_stale(context, Some(at)) => {
            unknown(format!("the last fetch failed: {}", said(error)))
        }
        (Some(at), _) if is_outdated(context, at) => {
            unknown("it was fetched too long ago".to_owned())
        }
        (Some(as_of), _) => Knowledge::Known {
            remote: remote.to_owned(),
            as_of,
        },
    }
}

/// Returns what is said of a look that was cut off. `and_then` is what happened after it.
pub fn partly((seen, of): (usize, usize), and_then: &str) -> String {
    format!(
        "only {seen} of its {of} refs were seen so far{and_then}; git presence sync brings the rest"
    )
}

/// Quotes what the remote or Git said.
fn said(error: &str) -> String {
    quote(error, WORDS_BYTES_MAX).to_string()
}
