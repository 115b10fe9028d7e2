//! `audit`: how often what was changed was claimed.
//!
//! Owns the count of the commands that hooks saw, of the edits of what somebody else claimed, and
//! of the pushes and applies that went past them: the measure by which one decides on
//! `presence.enforce`. Only what happened in this clone is counted; bypasses are on the board.
//! Changes nothing.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::{Entry, Fate, Seen};
use crate::model::event::EventKind;
use crate::model::time::Timestamp;

/// The most bypasses that are listed.
const BYPASSES_MAX: usize = 100;

/// Commands that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub commands: usize,
    /// Those whose session claimed what they changed.
    pub covered: usize,
    /// Those that changed what somebody else claimed.
    pub contested: usize,
}

#[derive(Debug)]
pub struct Audit {
    pub now: Timestamp,
    pub since: Option<Timestamp>,
    pub all: Count,
    /// Edits of files that somebody else claimed.
    pub edits: usize,
    /// Commands and edits that did not go on.
    pub denied: usize,
    pub asked: usize,
    pub by_session: BTreeMap<String, Count>,
    pub by_tool: BTreeMap<String, Count>,
    /// Newest first.
    pub bypasses: Vec<Entry>,
}

pub fn execute(context: &Context, since: Option<Timestamp>) -> Result<Audit, Failure> {
    let seen = context.ledger.audit_log().since(since);
    let of = |fate: Fate| seen.iter().filter(|one| one.fate == fate).count();
    let mut audit = Audit {
        now: context.now(),
        since,
        all: Count::default(),
        edits: of(Fate::Edited),
        denied: of(Fate::Denied),
        asked: of(Fate::Asked),
        by_session: BTreeMap::new(),
        by_tool: BTreeMap::new(),
        bypasses: context.ledger.events(BYPASSES_MAX, since, &|event| {
            matches!(event.kind, EventKind::Bypassed { .. })
        })?,
    };
    for one in seen.iter().filter(|one| one.fate == Fate::Ran) {
        let session = one.session.as_str().to_owned();
        audit.all.add(one);
        audit.by_session.entry(session).or_default().add(one);
        audit.by_tool.entry(one.tool.clone()).or_default().add(one);
    }
    Ok(audit)
}

impl Count {
    fn add(&mut self, one: &Seen) {
        self.commands += 1;
        self.covered += usize::from(one.covered);
        self.contested += usize::from(one.contested);
    }

    /// In whole percent; nothing of nothing is no share.
    pub fn covered_percent(self) -> Option<usize> {
        (self.covered * 100).checked_div(self.commands)
    }
}
