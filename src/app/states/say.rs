//! The use case of `state <resource> <word>` and `state <resource> --clear`.
//!
//! Owns the order: what others have frozen is looked at, then the statement is written and
//! published. Never decides which statement counts.

use crate::app::claims::refused;
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::app::setup::hook_state::{self, State};
use crate::app::warnings::warn_unreadable;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Outcome;
use crate::model::actor::Actor;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::standing::Standing;
use crate::model::state::{LASTS_SECS_MAX, Lifted, Saying, Version, Word};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

/// The hook of Git that stops a push.
const PUSH_HOOK: &str = "pre-push";

/// What a user says of resources.
#[derive(Clone, Debug)]
pub struct Said {
    /// What it is about; the same is said of each.
    pub resources: Vec<Resource>,
    /// What is true of them.
    pub word: Word,
    /// The version that is meant.
    pub version: Option<Version>,
    /// Why, or what else there is to say.
    pub notes: Option<Purpose>,
    /// How long it lasts, in seconds.
    pub lasts_secs: u64,
}

/// What a user ends.
#[derive(Clone, Debug)]
pub struct Clearing {
    /// The resource of which nothing is said any more.
    pub resource: Resource,
    /// Why, if it also lifts what another session has frozen.
    pub by_force: Option<Purpose>,
}

/// What became of a statement.
#[derive(Debug)]
pub struct SayReport {
    /// When.
    pub now: Timestamp,
    /// Who said it.
    pub by: Actor,
    /// What counts now of each resource, if anything is said of it.
    pub standings: Vec<Standing>,
    /// The resources that it was about.
    pub resources: Vec<Resource>,
    /// The sessions whose `frozen` was lifted by force.
    pub over: Vec<SessionId>,
    /// Whether nothing was said that could be cleared, so that nothing was written.
    pub is_nothing: bool,
    /// If something is frozen now: whether the hook of Git that stops a push is installed here.
    pub stops_pushes: Option<bool>,
    /// Who has it.
    pub confirmation: Confirmation,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Records a statement.
///
/// # Errors
///
/// A refusal if another session has frozen a resource, or if the session has too many statements.
pub fn execute(context: &Context, said: &Said) -> Result<SayReport, Failure> {
    let me = acting(context)?;
    let sayings = said.resources.iter().map(|resource| Saying {
        resource: resource.clone(),
        word: said.word.clone(),
        version: said.version.clone(),
        notes: said.notes.clone(),
        lasts_secs: said.lasts_secs,
        lifts: Vec::new(),
    });
    let others = frozen(context, &me, &said.resources)?.others;
    if !others.is_empty() {
        return Err(refused::held(context, others, &said.resources));
    }
    write(context, &me, (sayings.collect(), Vec::new()))
}

/// Records that nothing is said of a resource any more.
///
/// # Errors
///
/// A refusal if another session has frozen it and no force is used.
pub fn clear(context: &Context, clearing: &Clearing) -> Result<SayReport, Failure> {
    let me = acting(context)?;
    let about = std::slice::from_ref(&clearing.resource);
    let Frozen { mut others, mine } = frozen(context, &me, about)?;
    // To clear one resource lifts nothing that only overlaps it.
    others.retain(|held| held.resource == clearing.resource);
    let is_mine = mine.iter().any(|held| held.resource == clearing.resource);
    // What is its own it lifts in any case; what others have frozen as well is in force then.
    match (&clearing.by_force, is_mine) {
        (None, true) => others.clear(),
        (None, false) if !others.is_empty() => return Err(refused::held(context, others, about)),
        (None | Some(_), _) => {}
    }
    let board = context.ledger.board_about(about)?;
    let mut standings = board.standings(context.now());
    standings.retain(|one| one.said.statement.saying.resource == clearing.resource);
    if standings.iter().all(|one| !one.is_state()) {
        return Ok(nothing(context, &me, &clearing.resource));
    }
    let saying = Saying {
        resource: clearing.resource.clone(),
        word: Word::cleared(),
        version: None,
        notes: clearing.by_force.clone(),
        lasts_secs: LASTS_SECS_MAX,
        lifts: others.iter().map(lifted).collect(),
    };
    let over = others.into_iter().map(|held| held.session);
    write(context, &me, (vec![saying], over.collect()))
}

/// Returns that there was nothing to clear.
fn nothing(context: &Context, me: &Actor, resource: &Resource) -> SayReport {
    SayReport {
        now: context.now(),
        by: me.clone(),
        standings: Vec::new(),
        resources: vec![resource.clone()],
        over: Vec::new(),
        is_nothing: true,
        stops_pushes: None,
        confirmation: Confirmation::Local,
        warnings: Vec::new(),
    }
}

fn lifted(frozen: &Holding) -> Lifted {
    Lifted {
        by: frozen.session.clone(),
        at: frozen.claimed_at,
        until: frozen.expires_at,
    }
}

/// Returns the acting session, which need not have a record yet.
fn acting(context: &Context) -> Result<Actor, Failure> {
    match context.known_actor() {
        Some(me) => Ok(me),
        None => context.actor(),
    }
}

/// What is frozen, as claims.
struct Frozen {
    others: Vec<Holding>,
    mine: Vec<Holding>,
}

/// Returns what is frozen of `resources`, as far as is known within a short time.
fn frozen(context: &Context, me: &Actor, resources: &[Resource]) -> Result<Frozen, Failure> {
    // What cannot be known now is judged by every reader.
    let _ = refresh(context, Refresh::IF_STALE, short_deadline(context));
    let board = context.ledger.board_about(resources)?;
    let mut frozen = board.frozen(context.now());
    frozen.retain(|held| resources.iter().any(|one| one.overlaps(&held.resource)));
    let is_mine = |held: &Holding| held.session == me.id && held.node == me.node;
    let (mine, mut others): (Vec<Holding>, Vec<Holding>) = frozen.into_iter().partition(is_mine);
    // A copy of this clone has the same statement; to replace this one lifts that as well.
    let same = |held: &Holding| (held.session.clone(), held.resource.clone(), held.claimed_at);
    others.retain(|held| !mine.iter().any(|one| same(one) == same(held)));
    Ok(Frozen { others, mine })
}

fn write(
    context: &Context,
    me: &Actor,
    (sayings, over): (Vec<Saying>, Vec<SessionId>),
) -> Result<SayReport, Failure> {
    let resources: Vec<Resource> = sayings.iter().map(|one| one.resource.clone()).collect();
    let request = Request::Say {
        sayings,
        over: over.clone(),
    };
    let (host, ttl) = (&context.host, context.config.ttl);
    let sessions = context.ledger.sessions();
    if let Outcome::Refused(refusal) = sessions.apply(host, me, &request, ttl)? {
        return Err(too_many(refusal));
    }
    let published = publish::publish(context, me, false, short_deadline(context));
    let board = context.ledger.board_about(&resources)?;
    let now = context.now();
    let mut standings = board.standings(now);
    standings.retain(|one| resources.contains(&one.said.statement.saying.resource));
    let frozen: Vec<Holding> = standings.iter().flat_map(Standing::frozen).collect();
    standings.retain(Standing::is_state);
    let is_lifted = |one: &SessionId| !frozen.iter().any(|held| held.session == *one);
    Ok(SayReport {
        now,
        by: me.clone(),
        standings,
        resources,
        over: over.into_iter().filter(is_lifted).collect(),
        is_nothing: false,
        stops_pushes: (!frozen.is_empty()).then(|| stops_pushes(context)),
        confirmation: published.confirmation,
        warnings: [published.warnings, warn_unreadable(&board.unreadable)].concat(),
    })
}

/// Returns whether the hook of Git that stops a push is installed here, as far as can be told.
fn stops_pushes(context: &Context) -> bool {
    let hooks = hook_state::examine(context).unwrap_or_default();
    let mut hooks = hooks.iter();
    hooks.any(|row| row.hook == Some(PUSH_HOOK) && row.state == State::Installed)
}

fn too_many(refusal: Refusal) -> Failure {
    Failure::refused(refusal)
        .hint("clear what is said no more: git presence state <resource> --clear")
}
