//! `list`: what is claimed right now, and by whom.
//!
//! Owns the filters. Changes nothing.

use crate::app::remote::guarantee::View;
use crate::app::remote::publish;
use crate::app::warnings::warnings;
use crate::cli::args::As;
use crate::cli::env::Env;
use crate::cli::globals::Globals;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::board::Holding;
use crate::model::id::SessionId;
use crate::model::resource::LabelGlob;
use crate::model::time::Timestamp;

/// List what is claimed right now
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only your own claims
    #[arg(long, group = "whose")]
    mine: bool,
    /// Only the claims of others
    #[arg(long, group = "whose")]
    others: bool,
    /// Yours and those of others (the default)
    #[arg(long, group = "whose")]
    all: bool,
    /// Only resources that match; * is any run of characters, ? is one
    #[arg(long, value_name = "GLOB")]
    resource: Option<String>,
    /// Only resources of this type
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Also claims that have lapsed and were not yet dropped
    #[arg(long)]
    expired: bool,
    #[command(flatten)]
    who: As,
}

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

pub fn run(args: Args, globals: &Globals, env: &Env) -> Result<Listing, Failure> {
    let filter = Filter {
        whose: match (args.mine, args.others) {
            (true, _) => Whose::Mine,
            (_, true) => Whose::Others,
            _ => Whose::All,
        },
        resource: args.resource.as_deref().map(LabelGlob::new),
        kind: args.kind.map(|kind| kind.trim_end_matches(':').to_owned()),
        expired: args.expired,
    };
    let context = globals.context(env, args.who.session.as_deref(), false)?;
    execute(&context, &filter)
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
