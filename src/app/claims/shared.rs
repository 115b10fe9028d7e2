//! `claim`: say what I am about to change, and learn who else is.
//!
//! Owns the order that makes two simultaneous claimers see each other: write first, look after.
//! Only where a conflict must write nothing (`--refuse`) is it looked first, under a lock.

use std::time::Duration;

use crate::app::claims::conflicts::{held_by_others, hidden, in_the_way, others, refuse};
use crate::app::claims::report::Claimed;
use crate::app::claims::request::{Kind, Terms, Wish};
use crate::app::claims::supersede::{Patience, supersede};
use crate::app::claims::{exclusive, lease};
use crate::app::remote::publish::{self, Carried};
use crate::app::warnings::warnings;
use crate::cli::args::{As, parse_resources, parse_span, parse_ttl};
use crate::cli::env::Env;
use crate::cli::globals::Globals;
use crate::config::OnConflict;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::{DecisionLock, Outcome};
use crate::model::board::Holding;
use crate::model::event::EventKind;
use crate::model::id::SessionId;
use crate::model::refusal::Refusal;
use crate::model::session::{Actor, Request, Session, Step, step};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// Claim resources, all or none, and see who else claims them
///
/// Claiming again what you hold renews it and updates the purpose. Others may claim the same
/// resource; each sees the others, and the later one is advised to defer.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(
        value_name = "RESOURCE",
        required = true,
        help = "What you are about to change: <type>:<name>"
    )]
    resources: Vec<String>,
    #[command(flatten)]
    why: Why,
    /// How long it lasts without a heartbeat: 900, 15m, 1h30m [config: presence.ttl]
    #[arg(long, value_name = "SPAN")]
    ttl: Option<String>,
    /// Write nothing and exit 3 when others hold it [config: presence.onConflict=refuse]
    #[arg(long)]
    refuse: bool,
    /// Hold it alone: nobody else can until you release it or it lapses
    #[arg(long, short = 'x')]
    exclusive: bool,
    /// Hold it alone although others share it
    #[arg(long, requires = "exclusive")]
    over_shared: bool,
    /// Where the remote cannot be asked, exit 0 all the same; it is a wish then, and held by nobody
    #[arg(long, requires = "exclusive")]
    allow_unconfirmed: bool,
    #[command(flatten)]
    turn: Turn,
    #[command(flatten)]
    who: As,
}

/// What others read of a claim. `run` asks for it, too.
#[derive(clap::Args, Debug)]
pub struct Why {
    /// Why, in one line of at most 1 KiB
    #[arg(long, short = 'p', value_name = "TEXT")]
    purpose: String,
}

/// How long to wait for one's turn. `run` asks for it, too, beside an `--exclusive` of its own.
#[derive(clap::Args, Debug)]
pub struct Turn {
    /// Where somebody holds it, wait for so long, first come first served
    #[arg(
        long,
        value_name = "SPAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "110s",
        requires = "exclusive"
    )]
    wait: Option<String>,
}

impl Why {
    pub fn parse(&self) -> Result<Purpose, Failure> {
        Purpose::parse(&self.purpose).map_err(|error| {
            Failure::usage(format!("the purpose is not accepted: {error}"))
                .hint("give --purpose one line that tells others what you are doing")
        })
    }
}

impl Turn {
    pub fn parse(&self) -> Result<Duration, Failure> {
        let wait = self.wait.as_deref();
        let secs = wait.map(|text| parse_span("--wait", text)).transpose()?;
        Ok(Duration::from_secs(secs.unwrap_or_default()))
    }
}

pub fn run(args: Args, globals: &Globals, env: &Env) -> Result<Claimed, Failure> {
    let resources = parse_resources(&args.resources)?;
    let purpose = args.why.parse()?;
    let ttl = args.ttl.as_deref().map(parse_ttl).transpose()?;
    let wait = args.turn.parse()?;
    let context = globals.context(env, args.who.session.as_deref(), true)?;
    let wish = Wish {
        resources,
        purpose,
        ttl: ttl.unwrap_or(context.config.ttl),
        on_conflict: match args.refuse {
            true => OnConflict::Refuse,
            false => context.config.on_conflict,
        },
        kind: match args.exclusive {
            true => Kind::Exclusive(Terms {
                over_shared: args.over_shared,
                allow_unconfirmed: args.allow_unconfirmed,
                wait,
            }),
            false => Kind::Shared,
        },
    };
    execute(&context, &wish, env.notify)
}

/// Me, unless something was taken from me that I do not know of yet.
fn unless_taken(context: &Context) -> Result<Actor, Failure> {
    let me = context.actor()?;
    match lease::taken(context, &me)? {
        Some(taken) => {
            Err(Failure::refused(taken).hint("stop what you do there; then claim again"))
        }
        None => Ok(me),
    }
}

pub fn execute(context: &Context, wish: &Wish, tell: fn(&str)) -> Result<Claimed, Failure> {
    let me = unless_taken(context)?;
    // What the one before me in this process held is not in my way.
    let patience = match wish.kind {
        Kind::Shared => Patience::Leaves,
        Kind::Exclusive(_) => Patience::Waits,
    };
    supersede(context, &me, patience)?;
    if let Kind::Exclusive(terms) = wish.kind {
        return exclusive::execute(context, &me, wish, terms, tell);
    }
    let until = publish::deadline(context);
    refuse_what_is_held(context, &me, wish, until)?;
    let alone = match wish.on_conflict {
        OnConflict::Warn => None,
        OnConflict::Refuse => Some(refuse_what_is_shared(context, &me, wish, until)?),
    };
    let request = Request::Claim {
        wanted: wish.resources.clone(),
        purpose: wish.purpose.clone(),
        ttl: wish.ttl,
    };
    let ttl = context.config.ttl;
    let mut decide =
        |before: Option<&Session>, now: Timestamp| step(before, &me, &request, now, ttl);
    let written = match context
        .ledger
        .sessions()
        .update(&context.host, &me, &mut decide)?
    {
        Outcome::Written(written) => written,
        Outcome::Refused(refusal) => return Err(refuse(refusal)),
        Outcome::NothingToDo => {
            return Err(Failure::usage("nothing to claim"));
        }
    };
    // Only now: of two that claim at once, the later look sees both.
    drop(alone);
    let carried = publish::after_write(context, &me, true, until);
    let held = held_by_others(context, &me, &wish.resources)?;
    if !held.is_empty() && written.event.kind != EventKind::Renew {
        return withdraw(context, &me, wish, held);
    }
    claimed(context, me.id, wish, *written, carried)
}

/// Who else claims it, as of now.
fn claimed(
    context: &Context,
    me: SessionId,
    wish: &Wish,
    written: Step,
    carried: Carried,
) -> Result<Claimed, Failure> {
    let board = context.ledger.board_about(&wish.resources)?;
    let now = written.session.seen_at;
    // A sync may have found that this clone is a copy: then the claim moved to its new name.
    let node = context.ledger.node();
    let mut mine = board.live(now);
    mine.retain(|h| {
        h.session == me && Some(h.node) == node && wish.resources.contains(&h.resource)
    });
    Ok(Claimed {
        now,
        renewed: written.event.kind == EventKind::Renew,
        mine,
        others: others(&board, &wish.resources, &me, now),
        lapsed: written.event.lapsed,
        hidden: hidden(&board, &wish.resources),
        guarantee: carried.guarantee,
        warnings: [carried.warnings, warnings(&board)].concat(),
        me,
    })
}

/// What somebody else holds alone cannot be shared. Nobody is refused on hearsay.
fn refuse_what_is_held(
    context: &Context,
    me: &Actor,
    wish: &Wish,
    until: Duration,
) -> Result<(), Failure> {
    let held = || held_by_others(context, me, &wish.resources);
    if held()?.is_empty() {
        return Ok(());
    }
    publish::before_decision(context, until);
    let by = held()?;
    match by.is_empty() {
        true => Ok(()),
        false => Err(refuse(Refusal::Held { by })),
    }
}

/// Nothing is written where others are in the way. Of two that refuse, one decides at a time: until
/// what is answered here goes out of scope.
fn refuse_what_is_shared(
    context: &Context,
    me: &Actor,
    wish: &Wish,
    until: Duration,
) -> Result<DecisionLock, Failure> {
    publish::before_decision(context, until);
    let lock = context.ledger.lock_decision(&context.host)?;
    let board = context.ledger.board_about(&wish.resources)?;
    match in_the_way(&board, wish, &me.id, context.now()) {
        Some(refusal) => Err(refuse(refusal)),
        None => Ok(lock),
    }
}

/// Somebody was granted it alone while we claimed: he has it.
fn withdraw(
    context: &Context,
    me: &Actor,
    wish: &Wish,
    held: Vec<Holding>,
) -> Result<Claimed, Failure> {
    let request = Request::Release(wish.resources.clone());
    let ttl = context.config.ttl;
    let mut decide =
        |before: Option<&Session>, now: Timestamp| step(before, me, &request, now, ttl);
    context
        .ledger
        .sessions()
        .update(&context.host, me, &mut decide)?;
    publish::after_write(context, me, false, publish::deadline(context));
    Err(refuse(Refusal::Held { by: held }))
}
