//! How strict the hooks of an agent are that a supervisor started.
//!
//! Owns that such an agent is denied what a person would be asked about, and for how long. Never
//! reads a policy: the hooks do.

use crate::config::Enforce;
use crate::context::Context;
use crate::ledger::Policy;
use crate::model::task::TaskId;

/// The attempts whose agents have a policy, by what marks them.
#[derive(Default)]
pub(super) struct Policies(Vec<(TaskId, String)>);

impl Policies {
    /// Makes the hooks of an agent deny what they would ask or warn about: it has no person that
    /// could answer. What cannot be written leaves them as they are set, and so does `off`.
    pub(super) fn write(&mut self, context: &Context, id: &TaskId, (attempt, secs): (String, u64)) {
        if context.config.agents.enforce == Enforce::Off {
            return;
        }
        let policy = Policy {
            enforce: Enforce::Deny.as_str().to_owned(),
            tools: Vec::new(),
            until: context.now().plus_secs(secs),
        };
        if context.ledger.policies().write(&attempt, &policy).is_ok() {
            self.0.push((id.clone(), attempt));
        }
    }

    /// Removes those of the attempts at a task; `None`: all.
    pub(super) fn clear(&mut self, context: &Context, id: Option<&TaskId>) {
        let is_over = |one: &TaskId| id.is_none_or(|id| id == one);
        let policies = context.ledger.policies();
        let over = self.0.iter().filter(|(one, _)| is_over(one));
        over.for_each(|(_, attempt)| policies.clear(attempt));
        self.0.retain(|(one, _)| !is_over(one));
    }
}
