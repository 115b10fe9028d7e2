//! `list`: what is claimed right now, and by whom.
//!
//! Owns the filters. Changes nothing.

use crate::app::remote::guarantee::View;
use crate::app::remote::publish;
use crate::app::warnings::warnings;
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
    pub view: Option<View>,
    pub warnings: Vec<String>,
}

pub fn execute(context: &Context, filter: &Filter) -> Result<Listing, Failure> {
    let board = context.ledger.board()?;
    let now = context.now();
    let me = context.me.id.clone();
    let mut holdings = board.holdings();
    holdings.retain(|holding| {
        let is_me = holding.session == me;
        (filter.expired || holding.is_live(now))
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
                .is_none_or(|kind| holding.resource.kind() == kind)
    });
    Ok(Listing {
        now,
        me,
        holdings,
        view: publish::view(context),
        warnings: warnings(&board),
    })
}
