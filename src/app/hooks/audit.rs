//! The use case of `audit`: how often changed resources were claimed.
//!
//! Owns the count ([`Audit`]) of the commands that hooks saw, of those of which the rules cannot
//! tell what they change, of the edits of what another session claimed, and of the pushes and
//! applies that bypassed a hook: the measure for setting `presence.enforce`. Only this clone is
//! counted; bypasses are on the board. Never writes.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::{AuditEntry, Disposition};
use crate::model::event::Entry;
use crate::model::event::EventKind;
use crate::model::time::Timestamp;

/// The most bypasses that are listed.
const BYPASSES_MAX: usize = 100;

/// Commands that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many.
    pub commands: usize,
    /// Those whose session claimed what they changed.
    pub covered: usize,
    /// Those that changed what another session claimed.
    pub contested: usize,
}

/// Commands of which the rules cannot tell what they change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unseen {
    /// Those of which it is not certain whether they change anything.
    pub unknown: usize,
    /// Those that no rule knows.
    pub unmatched: usize,
}

/// What the hooks of this clone saw.
#[derive(Debug)]
pub struct Audit {
    /// When it was counted.
    pub now: Timestamp,
    /// The start of what is counted; `None` counts everything.
    pub since: Option<Timestamp>,
    /// All commands.
    pub all: Count,
    /// Edits of files that another session claimed.
    pub edits: usize,
    /// Commands and edits that were denied.
    pub denied: usize,
    /// Commands and edits that the user was asked about.
    pub asked: usize,
    /// The commands of each session.
    pub by_session: BTreeMap<String, Count>,
    /// The commands of each program.
    pub by_tool: BTreeMap<String, Count>,
    /// The commands of each program of which the rules cannot tell what they change; an empty name
    /// where that is not certain either.
    pub unseen: BTreeMap<String, Unseen>,
    /// The bypasses, newest first.
    pub bypasses: Vec<Entry>,
}

/// Counts what hooks saw since an instant.
pub fn execute(context: &Context, since: Option<Timestamp>) -> Result<Audit, Failure> {
    let seen = context.ledger.audit_log().since(since);
    let of = |fate: Disposition| seen.iter().filter(|one| one.fate == fate).count();
    let mut audit = Audit {
        now: context.now(),
        since,
        all: Count::default(),
        edits: seen
            .iter()
            .filter(|one| one.fate == Disposition::Edited && one.contested)
            .count(),
        denied: of(Disposition::Denied),
        asked: of(Disposition::Asked),
        by_session: BTreeMap::new(),
        by_tool: BTreeMap::new(),
        unseen: BTreeMap::new(),
        bypasses: context.ledger.events(BYPASSES_MAX, since, &|event| {
            matches!(event.kind, EventKind::Bypassed { .. })
        })?,
    };
    for one in seen.iter().filter(|one| one.fate == Disposition::Ran) {
        let session = one.session.as_str().to_owned();
        audit.all.add(one);
        audit.by_session.entry(session).or_default().add(one);
        audit.by_tool.entry(one.tool.clone()).or_default().add(one);
    }
    for one in &seen {
        let count = match one.fate {
            Disposition::Doubted => Unseen {
                unknown: 1,
                unmatched: 0,
            },
            Disposition::Unmatched => Unseen {
                unknown: 0,
                unmatched: 1,
            },
            _ => continue,
        };
        audit.unseen.entry(one.tool.clone()).or_default().add(count);
    }
    Ok(audit)
}

impl Unseen {
    /// Adds others.
    pub fn add(&mut self, more: Self) {
        self.unknown += more.unknown;
        self.unmatched += more.unmatched;
    }
}

impl Count {
    fn add(&mut self, one: &AuditEntry) {
        self.commands += 1;
        self.covered += usize::from(one.covered);
        self.contested += usize::from(one.contested);
    }

    /// Returns the covered share in whole percent; `None` if no command ran.
    pub fn covered_percent(self) -> Option<usize> {
        (self.covered * 100).checked_div(self.commands)
    }
}
