//! Commands of which the rules cannot tell what they change.
//!
//! Owns which of them are noted for `audit` and `guard learn`: the names of their programs with the
//! first verb, and nothing else of a line. Never judges one.

use crate::app::hooks::elsewhere::Judged;
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::Class;
use crate::ledger::{AuditEntry, Disposition};

/// At most this many programs of one line are noted.
const PROGRAMS_MAX: usize = 8;

/// A program of a line with its verb, and why it is noted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unseen {
    program: String,
    verb: String,
    fate: Disposition,
}

/// Returns the programs of a line of which it is not certain what they change, and those that no
/// rule knows, each verb once.
pub(super) fn unseen(judged: &Judged) -> Vec<Unseen> {
    let mut found: Vec<Unseen> = Vec::new();
    for part in &judged.here.parts {
        let fate = match part.class {
            Class::Unknown(_) => Disposition::Doubted,
            // A rule knows what is to be ignored.
            Class::Unmatched if part.rule.is_some() => continue,
            Class::Unmatched => Disposition::Unmatched,
            Class::Reading | Class::DryRun | Class::Mutating => continue,
        };
        let one = Unseen {
            program: part.program.clone(),
            verb: part.verb.clone(),
            fate,
        };
        if !found.contains(&one) && found.len() < PROGRAMS_MAX {
            found.push(one);
        }
    }
    found
}

/// Notes them. Each fate of one use of a tool is noted once.
pub(super) fn note(
    context: &Context,
    unseen: &[Unseen],
    one_use: Option<&str>,
) -> Result<(), Failure> {
    for fate in [Disposition::Doubted, Disposition::Unmatched] {
        let its = unseen.iter().filter(|one| one.fate == fate);
        let entries = its.map(|one| AuditEntry {
            at: context.now(),
            session: context.me.id.clone(),
            agent: context.me.agent.clone().unwrap_or_default(),
            tool: one.program.clone(),
            verb: one.verb.clone(),
            resources: Vec::new(),
            covered: false,
            contested: false,
            fate: one.fate,
        });
        let entries: Vec<AuditEntry> = entries.collect();
        context.ledger.audit_log().append(&entries, one_use)?;
    }
    Ok(())
}
