//! The use case of `list`: what is claimed now, and by which session.
//!
//! Owns the filters ([`Filter`]). Never writes.

use crate::app::claims::untold;
use crate::app::remote::publish;
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::holding::{Asker, Holding};
use crate::model::knowledge::Knowledge;
use crate::model::news::News;
use crate::model::resource::LabelGlob;
use crate::model::time::Timestamp;

/// Whose claims are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The claims of the session that asks.
    Mine,
    /// The claims of other sessions.
    Others,
    /// All of them.
    All,
}

/// Which claims are listed; `None` filters nothing.
pub struct Filter {
    /// Whose claims.
    pub whose: Whose,
    /// A pattern over the whole label of a resource.
    pub resource: Option<LabelGlob>,
    /// The type of the resource, without the colon.
    pub kind: Option<String>,
    /// Whether expired claims are listed that still stand in their session.
    pub expired: bool,
}

/// The claims that pass the filter.
#[derive(Debug)]
pub struct Listing {
    /// When the board was read.
    pub now: Timestamp,
    /// The session that asks.
    pub me: Asker,
    /// The claims, in the order of the board.
    pub holdings: Vec<Holding>,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Whether the claims of other sessions are asked for.
    pub asks_others: bool,
    /// Whether they are, and none of another clone was ever seen.
    pub is_unseen: bool,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Lists the claims that pass the filter.
pub fn execute(context: &Context, filter: &Filter) -> Result<Listing, Failure> {
    // What is one's own is known without a remote.
    let asks_others = filter.whose != Whose::Mine;
    let known = match asks_others {
        true => publish::known_after_first_look(context),
        false => publish::known_or_fetching(context),
    };
    let me = context.asker();
    let start = context.now();
    let mut held = context.ledger.holdings(&|holding| {
        let is_me = me.owns(holding);
        (filter.expired || holding.is_live(start))
            && match filter.whose {
                Whose::Mine => is_me,
                Whose::Others => !is_me,
                Whose::All => true,
            }
            && filter
                .resource
                .as_ref()
                .is_none_or(|glob| glob.matches(holding.resource.label()))
            && filter
                .kind
                .as_deref()
                .is_none_or(|kind| holding.resource.kind().as_str() == kind)
    })?;
    // Claims may have been made, and may have expired, while the board was read.
    let now = context.now();
    held.holdings
        .retain(|holding| filter.expired || holding.is_live(now));
    let mut warnings = warn_unreadable(&held.unreadable);
    if filter.whose == Whose::Mine {
        let news = untold::list(context)?;
        // What is free now is no claim of this session.
        let lost = news.iter().filter(|one| !matches!(one, News::Freed { .. }));
        warnings.extend(lost.map(ToString::to_string));
    }
    Ok(Listing {
        now,
        me,
        holdings: held.holdings,
        is_unseen: asks_others && publish::is_unseen(context, &known),
        known,
        asks_others,
        warnings,
    })
}
