//! The session that a server beside an agent acts for.
//!
//! Owns the rule: a harness starts such a server once, and may begin another session in the same
//! process later (`/clear`, `/resume`); what its hooks said last counts. Never writes.

use crate::context::Context;
use crate::identity::Rule;
use crate::model::id::SessionId;
use crate::model::succession::Started;

/// Returns the session of the agent, if that is not the one that the environment of this process
/// names. The context must have been opened for a writer, which knows the process of the harness.
pub fn execute(context: &Context) -> Option<SessionId> {
    // A session that the user chose stays.
    let process = context
        .me
        .process
        .as_ref()
        .filter(|_| context.me.rule == Rule::Harness)?;
    let started = context.ledger.starts().of(process);
    followed(&started, &context.me.id).cloned()
}

/// Returns the one session that runs in the process, if `me` does not run there any more. Of
/// several it is not known which one asks.
fn followed<'s>(started: &'s Started, me: &SessionId) -> Option<&'s SessionId> {
    match started.sessions.as_slice() {
        [one] if one != me => Some(one),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: &str) -> SessionId {
        SessionId::parse(id).unwrap()
    }

    #[test]
    fn a_session_that_is_over_is_followed_by_the_one_that_runs() {
        let check = |sessions: &[&str], expected: Option<&str>| {
            let started = Started {
                sessions: sessions.iter().map(|one| id(one)).collect(),
                left: None,
            };
            let expected = expected.map(id);
            assert_eq!(followed(&started, &id("a")), expected.as_ref());
        };
        check(&[], None);
        check(&["a"], None);
        check(&["b"], Some("b"));
        check(&["a", "b"], None);
        check(&["b", "c"], None);
    }
}
