//! The use case of `release`: ending claims.
//!
//! Owns the refusal to release what another session holds. Never ends part of what was named.

use crate::app::claims::place::{self, Scope, refuse_what_is_elsewhere};
use crate::app::claims::{arbiter, gone, lease, refused, unpushed, untold, waiters};
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::publish;
use crate::app::remote::refresh::{Until, short_deadline};
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::shell;
use crate::ledger::{LocalLease, Outcome};
use crate::model::actor::Actor;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::id::SessionId;
use crate::model::lock::Lock;
use crate::model::lock_request;
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Request;
use crate::model::time::Timestamp;

/// What was released.
#[derive(Debug)]
pub struct Released {
    /// The session.
    pub me: SessionId,
    /// The resources.
    pub released: Vec<Resource>,
    /// Those of them that the session only waited for.
    pub withdrawn: Vec<Resource>,
    /// Claims of the session that had expired already.
    pub expired: Vec<Resource>,
    /// The places of other sessions in the queue for that, the next one first.
    pub waiting: Vec<Holding>,
    /// Who knows of the release; `None` if there was nothing to release.
    pub confirmation: Option<Confirmation>,
    /// One sentence for each problem.
    pub warnings: Vec<String>,
}

/// Releases claims of this session, all or none of those requested.
/// What the same person holds exclusively in another place counts by `scope`.
pub fn execute(context: &Context, request: &Request, scope: Scope) -> Result<Released, Failure> {
    let mut released = release(context, request, scope)?;
    let all = &released.released;
    released.withdrawn.retain(|waited| all.contains(waited));
    if !released.released.is_empty() {
        let board = context.ledger.board_about(&released.released)?;
        let (me, now) = (&released.me, context.now());
        released.waiting = waiters::waiters(&board, me, &released.released, now);
        let mut of_code: Vec<&Resource> = released.released.iter().collect();
        of_code.retain(|resource| unpushed::is_of_code(resource));
        if !of_code.is_empty() {
            let push = unpushed::once(context, &of_code);
            released.warnings.extend(push);
        }
    }
    Ok(released)
}

fn release(context: &Context, request: &Request, scope: Scope) -> Result<Released, Failure> {
    let me = context.actor()?;
    if let (Request::Release(which), Scope::ThisPlace) = (request, scope) {
        refuse_what_is_elsewhere(context, &me, which, &line(which))?;
    }
    let ttl = context.config.ttl;
    let until = short_deadline(context);
    let (locks, request) = release_locks(context, &me, request, (scope, until))?;
    let Some(request) = &request else {
        return Ok(locks);
    };
    match context
        .ledger
        .sessions()
        .apply(&context.host, &me, request, ttl)?
    {
        Outcome::Written(step) => {
            let publication = publish::publish(context, &me, false, until);
            let mut released = locks.released;
            let shared = step.event.resources.into_iter();
            let also = shared.filter(|resource| !released.contains(resource));
            let also: Vec<Resource> = also.collect();
            released.extend(also);
            let news = untold::take(context, &me)?;
            let news = news.into_iter().filter(|news| !news.is_expiry());
            let news = news.map(|news| news.to_string());
            Ok(Released {
                me: me.id,
                released,
                withdrawn: locks.withdrawn,
                waiting: Vec::new(),
                expired: step.event.expired,
                confirmation: Some(publication.confirmation),
                warnings: [locks.warnings, publication.warnings, news.collect()].concat(),
            })
        }
        Outcome::NothingToDo => Ok(locks),
        Outcome::Refused(Refusal::NotYours { resource, .. }) => {
            let board = context.ledger.board()?;
            let mut by = board.live(context.now());
            by.retain(|holding| holding.resource == resource);
            gone::mark(context, &mut by);
            let hints = refused::hints(context, &by, std::slice::from_ref(&resource));
            let is_free = by.is_empty();
            let refused = Failure::refused(Refusal::NotYours { resource, by });
            let refused = refused.hint("see what is yours: git presence list --mine");
            // What no session holds is not waited for.
            let hints = hints.into_iter().filter(|_| !is_free);
            Err(hints.fold(refused, Failure::hint))
        }
        Outcome::Refused(refusal) => Err(Failure::refused(refusal)),
    }
}

/// Releases what the session held when it ended, at `ended_at`. If it goes on under the same id,
/// what it claimed or renewed since then stays.
pub fn as_it_ended(context: &Context, ended_at: Timestamp) -> Result<Released, Failure> {
    let me = context.actor()?;
    let until = short_deadline(context);
    let locks = arbiter::locks_of(context, &me)?.into_iter();
    let old = locks.filter(|lock| lock.renewed_at <= ended_at);
    let resources: Vec<Resource> = old.map(|lock| lock.resource).collect();
    let mut report = Released {
        me: me.id.clone(),
        released: Vec::new(),
        withdrawn: Vec::new(),
        waiting: Vec::new(),
        expired: Vec::new(),
        confirmation: None,
        warnings: Vec::new(),
    };
    if !resources.is_empty() {
        let request = lock_request::Request::ReleaseEnded {
            resources,
            ended_at,
        };
        let decided = arbiter::submit_until(context, &me, &request, until.answer)?;
        report.released = decided
            .locks
            .into_iter()
            .map(|lock| lock.resource)
            .collect();
        report.confirmation = Some(arbiter::confirmation(context));
    }
    let session = context.ledger.sessions().get(&me)?;
    if session.is_none_or(|session| session.seen_at > ended_at) {
        return Ok(report);
    }
    let (sessions, ttl) = (context.ledger.sessions(), context.config.ttl);
    let outcome = sessions.apply(&context.host, &me, &Request::ReleaseAll, ttl)?;
    if let Outcome::Written(step) = outcome {
        let publication = publish::publish(context, &me, false, until);
        report.released.extend(step.event.resources);
        report.confirmation = Some(publication.confirmation);
    }
    Ok(report)
}

/// Returns the locks of `me` that `request` is about and that were granted in this place, and a
/// sentence for each of the others.
fn locks_here(
    context: &Context,
    me: &Actor,
    request: &Request,
    scope: Scope,
) -> Result<(Vec<Lock>, Vec<String>), Failure> {
    let (mut here, mut stay) = (Vec::new(), Vec::new());
    let held = match request {
        Request::Release(which) => arbiter::locks_on(context, me, which)?,
        _ => arbiter::locks_of(context, me)?,
    };
    for lock in held {
        let place = place::elsewhere(context, me, &lock);
        match place.filter(|_| scope == Scope::ThisPlace) {
            None => here.push(lock),
            Some(place) => stay.push(format!(
                "{} is not released: {}; release it there, or with --here",
                lock.resource,
                place::words(&place)
            )),
        }
    }
    Ok((here, stay))
}

/// Returns the command line that releases `which`.
fn line(which: &[Resource]) -> String {
    let labels = which.iter().map(|resource| shell::quote(resource.label()));
    let labels: Vec<String> = labels.collect();
    format!("git presence release {}", labels.join(" "))
}

/// Releases the exclusive claims among those requested, and returns what is left to release in the
/// session.
fn release_locks(
    context: &Context,
    me: &Actor,
    request: &Request,
    (scope, until): (Scope, Until),
) -> Result<(Released, Option<Request>), Failure> {
    let leases = context.ledger.leases(&me.id).list();
    let about = |lease: &&LocalLease| match request {
        Request::Release(which) => which.contains(&lease.resource),
        _ => true,
    };
    let about = leases.iter().filter(about).map(|lease| &lease.resource);
    lease::fetch_missing(context, me, &about.collect::<Vec<_>>())?;
    let (held, stay) = locks_here(context, me, request, scope)?;
    let released: Vec<Resource> = held.into_iter().map(|lock| lock.resource).collect();
    let session = context.ledger.sessions().get(me)?;
    let claims = session.map(|session| session.claims).unwrap_or_default();
    let waits = claims.iter().filter(|claim| claim.mode == Mode::Waiting);
    let waited: Vec<Resource> = waits.map(|claim| claim.resource.clone()).collect();
    let is_mine = |resource: &Resource| claims.iter().any(|c| c.resource == *resource);
    let rest = match request {
        Request::Release(which) => {
            // The session may hold a resource shared and exclusively.
            let is_left = |resource: &&Resource| is_mine(resource) || !released.contains(resource);
            let rest: Vec<Resource> = which.iter().filter(is_left).cloned().collect();
            (!rest.is_empty()).then_some(Request::Release(rest))
        }
        other => Some(other.clone()),
    };
    // All or none: a resource of another session is refused before anything is released.
    if let Some(Request::Release(which)) = &rest
        && let Some(other) = which.iter().find(|resource| !is_mine(resource))
    {
        // If the lock cannot be read, it may be of this session.
        context.ledger.locks().get(other)?;
        let nothing = Released {
            me: me.id.clone(),
            released: Vec::new(),
            withdrawn: waited,
            waiting: Vec::new(),
            expired: Vec::new(),
            confirmation: None,
            warnings: Vec::new(),
        };
        return Ok((nothing, rest));
    }
    if !released.is_empty() {
        let ends = lock_request::Request::Release(released.clone());
        arbiter::submit_until(context, me, &ends, until.answer)?;
    }
    // A lock that cannot be read may be of this session.
    let hidden = match request {
        Request::ReleaseAll => context.ledger.locks().list()?,
        _ => Vec::new(),
    };
    let hidden = hidden.into_iter().filter_map(Result::err);
    let report = Released {
        me: me.id.clone(),
        confirmation: (!released.is_empty()).then(|| arbiter::confirmation(context)),
        released,
        withdrawn: waited,
        waiting: Vec::new(),
        expired: Vec::new(),
        warnings: hidden
            .map(|unreadable| format!("not released, if you hold it: {unreadable}"))
            .chain(stay)
            .collect(),
    };
    Ok((report, rest))
}
