//! The use case of `state` without a word: what is true of which resource.
//!
//! Owns the filter, and the order: what is not as it should be comes first. Never writes.

use crate::app::remote::publish;
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::knowledge::Knowledge;
use crate::model::resource::{LabelGlob, Resource};
use crate::model::standing::{Standing, standings};
use crate::model::time::Timestamp;

/// A word that says which resources are listed.
#[derive(Debug)]
pub enum Selector {
    /// Those that overlap this one.
    Resource(Resource),
    /// Those whose labels match.
    Labels(LabelGlob),
}

/// Which states are listed.
#[derive(Debug, Default)]
pub struct Query {
    /// The resources; all of them if there is none.
    pub wanted: Vec<Selector>,
    /// Whether statements that do not count are shown, too.
    pub all: bool,
}

/// The states of resources.
#[derive(Debug)]
pub struct States {
    /// When the board was read.
    pub now: Timestamp,
    /// The statements that count, those that are not as they should be first.
    pub standings: Vec<Standing>,
    /// Whether those are shown that do not count.
    pub all: bool,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Whether nothing of another clone was ever seen.
    pub is_unseen: bool,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

impl Query {
    fn wants(&self, resource: &Resource) -> bool {
        let is_wanted = |wanted: &Selector| match wanted {
            Selector::Resource(one) => one.overlaps(resource),
            Selector::Labels(glob) => glob.matches(resource.label()),
        };
        self.wanted.is_empty() || self.wanted.iter().any(is_wanted)
    }
}

/// Lists the states.
pub fn execute(context: &Context, query: &Query) -> Result<States, Failure> {
    let known = publish::known_after_first_look(context);
    // Of the claims none is wanted.
    let read = context.ledger.holdings(&|_| false)?;
    let now = context.now();
    let mut standings = standings(read.said, now);
    standings.retain(|one| query.wants(&one.said.statement.saying.resource));
    standings.retain(|one| query.all || one.is_state());
    in_order(&mut standings);
    Ok(States {
        now,
        standings,
        all: query.all,
        is_unseen: publish::is_unseen(context, &known),
        known,
        warnings: warn_unreadable(&read.unreadable),
    })
}

/// Puts what is not as it should be first, and of that what is frozen.
pub fn in_order(standings: &mut [Standing]) {
    let place = |one: &Standing| {
        let word = &one.said.statement.saying.word;
        match (word.is_frozen(), word.is_fine() || word.is_cleared()) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        }
    };
    standings.sort_by_key(place);
}
