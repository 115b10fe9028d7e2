//! The use case of `state <resource> <word>` and `state <resource> --clear`.
//!
//! Owns the order: what others have frozen is looked at, then the statement is written and
//! published. Never decides which statement counts.

use crate::app::claims::refused;
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::publish;
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
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
use crate::model::state::{LASTS_SECS_MAX, Saying, Version, Word};
use crate::model::text::Purpose;
use crate::model::time::Timestamp;

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
    /// What counts now of each resource, if anything is said of it.
    pub standings: Vec<Standing>,
    /// The resources that it was about.
    pub resources: Vec<Resource>,
    /// The sessions whose `frozen` was lifted by force.
    pub over: Vec<SessionId>,
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
        is_forced: false,
    });
    let frozen = frozen_by_others(context, &me, &said.resources)?;
    if !frozen.is_empty() {
        return Err(refused::held(context, frozen, &said.resources));
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
    let mut frozen = frozen_by_others(context, &me, about)?;
    // To clear one resource lifts nothing that only overlaps it.
    frozen.retain(|held| held.resource == clearing.resource);
    if !frozen.is_empty() && clearing.by_force.is_none() {
        return Err(refused::held(context, frozen, about));
    }
    let saying = Saying {
        resource: clearing.resource.clone(),
        word: Word::cleared(),
        version: None,
        notes: clearing.by_force.clone(),
        lasts_secs: LASTS_SECS_MAX,
        is_forced: clearing.by_force.is_some(),
    };
    let over = frozen.into_iter().map(|held| held.session);
    write(context, &me, (vec![saying], over.collect()))
}

/// Returns the acting session, which need not have a record yet.
fn acting(context: &Context) -> Result<Actor, Failure> {
    match context.known_actor() {
        Some(me) => Ok(me),
        None => context.actor(),
    }
}

/// Returns what other sessions have frozen of `resources`, as far as is known within a short time.
fn frozen_by_others(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
) -> Result<Vec<Holding>, Failure> {
    // What cannot be known now is judged by every reader.
    let _ = refresh(context, Refresh::IF_STALE, short_deadline(context));
    let board = context.ledger.board_about(resources)?;
    let mut frozen = board.frozen(context.now());
    frozen.retain(|held| {
        let is_mine = held.session == me.id && held.node == me.node;
        !is_mine && resources.iter().any(|one| one.overlaps(&held.resource))
    });
    Ok(frozen)
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
    standings.retain(Standing::is_state);
    Ok(SayReport {
        now,
        standings,
        resources,
        over,
        confirmation: published.confirmation,
        warnings: [published.warnings, warn_unreadable(&board.unreadable)].concat(),
    })
}

fn too_many(refusal: Refusal) -> Failure {
    Failure::refused(refusal)
        .hint("clear what is said no more: git presence state <resource> --clear")
}
