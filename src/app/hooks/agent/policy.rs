//! The policy of an attempt that a supervisor started: it makes a hook stricter.
//!
//! Owns how it is found, by the variable that marks the attempt, and that it never loosens what
//! the settings ask for. An agent that no supervisor started pays nothing.

use crate::config::Enforce;
use crate::context::Context;
use crate::ledger::Policy;
use crate::model::task::ATTEMPT;

/// Returns what a hook does before a tool: what the settings ask for, or what the policy of the
/// attempt does, if that is stricter.
pub(super) fn enforce(context: &Context, tool: Option<&str>) -> Enforce {
    let set = context.config.agents.enforce;
    let attempt = context.host.env(ATTEMPT);
    let policy = attempt.and_then(|attempt| context.ledger.policies().of(&attempt, context.now()));
    policy.map_or(set, |policy| tightened(set, &policy, tool))
}

/// Returns the stricter of what is set and what a policy asks for. What it asks in words that are
/// not known, or of another tool, counts for nothing.
fn tightened(set: Enforce, policy: &Policy, tool: Option<&str>) -> Enforce {
    let is_about = match tool {
        Some(tool) => policy.tools.is_empty() || policy.tools.iter().any(|one| one == tool),
        None => policy.tools.is_empty(),
    };
    let asked = Enforce::parse(&policy.enforce).filter(|_| is_about);
    asked.map_or(set, |asked| asked.max(set))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Timestamp;

    #[test]
    fn a_policy_only_tightens() {
        use Enforce::{Ask, Deny, Off, Warn};
        for (set, asked, tools, tool, then) in [
            (Warn, "deny", &[][..], Some("Bash"), Deny),
            (Warn, "deny", &[], None, Deny),
            (Off, "warn", &[], Some("Bash"), Warn),
            (Deny, "off", &[], Some("Bash"), Deny),
            (Ask, "warn", &[], Some("Bash"), Ask),
            (Warn, "deny", &["Edit"], Some("Bash"), Warn),
            (Warn, "deny", &["Edit", "Bash"], Some("Bash"), Deny),
            (Warn, "deny", &["Edit"], None, Warn),
            (Warn, "DENY", &[], Some("Bash"), Warn),
            (Ask, "", &[], Some("Bash"), Ask),
        ] {
            let policy = Policy {
                enforce: asked.to_owned(),
                tools: tools.iter().map(|tool| (*tool).to_owned()).collect(),
                until: Timestamp::from_millis(0),
            };
            assert_eq!(
                tightened(set, &policy, tool),
                then,
                "{set:?} {policy:?} {tool:?}"
            );
        }
    }
}
