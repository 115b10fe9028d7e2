//! The use case of `list`: what is claimed now, and by which session.
//!
//! Owns the filters ([`Filter`]). Never writes.

use crate::app::claims::offers::{self, Open};
use crate::app::claims::{gone, untold};
use crate::app::messages::inbox;
use crate::app::remote::publish;
use crate::app::states::list::in_order;
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::conflicts::conflicts;
use crate::model::holding::{Asker, Holding};
use crate::model::id::SessionId;
use crate::model::knowledge::Knowledge;
use crate::model::news::News;
use crate::model::resource::{LabelGlob, Resource};
use crate::model::standing::{Standing, standings};
use crate::model::time::Timestamp;

/// Whose claims are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// The claims of the session that asks.
    Mine,
    /// The claims of other sessions.
    Others,
    /// All of them.
    #[default]
    All,
}

/// Which claims are listed; `None` filters nothing.
#[derive(Default)]
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

/// A claim of another session that conflicts with a listed one.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The other session.
    pub session: SessionId,
    /// What it claims.
    pub resource: Resource,
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
    /// For each of them the claims of other sessions that conflict with it, listed or not.
    pub conflicts: Vec<Vec<Conflict>>,
    /// What is frozen and passes the filter, as other sessions meet it; no claims.
    pub frozen: Vec<Holding>,
    /// How many claims the filter hides.
    pub hidden: usize,
    /// What is known of other clones.
    pub known: Knowledge,
    /// Whether the claims of other sessions are asked for, or one's own may be missing, too.
    pub asks_others: bool,
    /// Whether they are, and none of another clone was ever seen.
    pub is_unseen: bool,
    /// What no session holds and is offered to one, as far as the filter passes it.
    pub offers: Vec<Open>,
    /// How many messages the session has not read.
    pub unread: usize,
    /// The states of the resources that pass the filter, those that are not as they should be
    /// first; none where only claims of one session are asked for.
    pub states: Vec<Standing>,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

impl Filter {
    fn passes(&self, holding: &Holding, me: &Asker) -> bool {
        let is_me = me.owns(holding);
        let is_whose = match self.whose {
            Whose::Mine => is_me,
            Whose::Others => !is_me,
            Whose::All => true,
        };
        is_whose && self.is_about(&holding.resource)
    }

    fn passes_offer(&self, offer: &Open) -> bool {
        let is_whose = match self.whose {
            Whose::Mine => offer.is_mine,
            Whose::Others => !offer.is_mine,
            Whose::All => true,
        };
        is_whose && self.is_about(&offer.offered.resource)
    }

    fn is_about(&self, resource: &Resource) -> bool {
        let (glob, kind) = (self.resource.as_ref(), self.kind.as_deref());
        glob.is_none_or(|glob| glob.matches(resource.label()))
            && kind.is_none_or(|kind| resource.kind().as_str() == kind)
    }

    /// Returns the states of the resources that pass.
    fn states(&self, mut states: Vec<Standing>) -> Vec<Standing> {
        if self.whose != Whose::All {
            return Vec::new();
        }
        states.retain(|one| one.is_state() && self.is_about(&one.said.statement.saying.resource));
        in_order(&mut states);
        states
    }
}

/// Returns for each claim those of other sessions that conflict with it.
pub(super) fn conflicts_of(holdings: &[Holding], now: Timestamp) -> Vec<Vec<Conflict>> {
    let of = |other: &usize| Conflict {
        session: holdings[*other].session.clone(),
        resource: holdings[*other].resource.clone(),
    };
    let all = conflicts(holdings, now).into_iter();
    all.map(|others| others.iter().map(of).collect()).collect()
}

/// Lists the claims that pass the filter.
pub fn execute(context: &Context, filter: &Filter) -> Result<Listing, Failure> {
    let asks_others = filter.whose != Whose::Mine;
    let known = match asks_others {
        true => publish::known_after_first_look(context),
        false => publish::known_of_own(context),
    };
    let asks_others = asks_others || publish::is_emptied(context);
    let me = context.asker();
    let start = context.now();
    let mut held = context
        .ledger
        .holdings(&|holding| filter.expired || holding.is_live(start))?;
    // Claims may have been made, and may have expired, while the board was read.
    let now = context.now();
    held.holdings
        .retain(|holding| filter.expired || holding.is_live(now));
    Holding::drop_doubles(&mut held.holdings, now);
    let all = held.holdings.len();
    let mut holdings = held.holdings;
    let mut conflicts = conflicts_of(&holdings, now);
    // In place: of ten thousand, a second list would cost megabytes.
    let passes = holdings.iter().map(|holding| filter.passes(holding, &me));
    let passes: Vec<bool> = passes.collect();
    let mut of_holding = passes.iter();
    holdings.retain(|_| of_holding.next().is_some_and(|passes| *passes));
    let mut of_conflicts = passes.iter();
    conflicts.retain(|_| of_conflicts.next().is_some_and(|passes| *passes));
    gone::mark(context, &mut holdings);
    let mut warnings = warn_unreadable(&held.unreadable);
    if filter.whose == Whose::Mine {
        let news = untold::list(context)?;
        // What is free now is no claim of this session.
        let lost = news.iter().filter(|one| !matches!(one, News::Freed { .. }));
        warnings.extend(lost.map(ToString::to_string));
    }
    let mut offers = offers::open(context, held.offers);
    offers.retain(|offer| filter.passes_offer(offer));
    let states = standings(held.said, now);
    let frozen = states.iter().flat_map(Standing::frozen);
    let frozen = frozen.filter(|one| filter.passes(one, &me)).collect();
    Ok(Listing {
        offers,
        unread: inbox::unread(context, &held.mail)?,
        frozen,
        states: filter.states(states),
        now,
        me,
        hidden: all - holdings.len(),
        holdings,
        conflicts,
        is_unseen: asks_others && publish::is_unseen(context, &known),
        known,
        asks_others,
        warnings,
    })
}
