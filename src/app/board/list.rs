//! `list`: what is claimed right now, and by whom.
//!
//! Owns the filters. Changes nothing.

use crate::app::remote::confirmation::Freshness;
use crate::app::remote::publish;
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::resource::LabelGlob;
use crate::model::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Mine,
    Others,
    All,
}

pub struct Filter {
    pub whose: Whose,
    pub resource: Option<LabelGlob>,
    pub kind: Option<String>,
    pub expired: bool,
}

#[derive(Debug)]
pub struct Listing {
    pub now: Timestamp,
    pub me: SessionId,
    pub holdings: Vec<Holding>,
    /// `None` where there is no remote.
    pub view: Option<Freshness>,
    pub warnings: Vec<String>,
}

pub fn execute(context: &Context, filter: &Filter) -> Result<Listing, Failure> {
    let me = context.me.id.clone();
    let start = context.now();
    let mut held = context.ledger.holdings(&|holding| {
        let is_me = holding.session == me;
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
    Ok(Listing {
        now,
        me,
        holdings: held.holdings,
        view: publish::freshness(context),
        warnings: warn_unreadable(&held.unreadable),
    })
}
