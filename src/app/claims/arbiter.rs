//! The arbiter as verbs use it: the repository that decides who holds a resource exclusively.
//!
//! Owns which repository decides, when a holder counts as dead, which leases follow from an answer,
//! and the words for a refusal. Never decides who holds what.

use std::time::Duration;

use crate::app::claims::granted::record_lease;
use crate::app::claims::{attempts, offers, refused};
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::confirmation::{no_such_remote, none_chosen, refuses};
use crate::app::remote::endpoints;
use crate::app::remote::refresh::short_deadline;
use crate::clock::Clock as _;
use crate::context::{Context, Upstream};
use crate::failure::{Failure, Kind};
use crate::ledger::{LedgerError, LocalLease, Snapshot, layout};
use crate::model::actor::Actor;
use crate::model::endpoint::Divided;
use crate::model::forbidden::Forbidden;
use crate::model::holding::Holding;
use crate::model::lock::{Denied, Lock};
use crate::model::lock_request::{Decision, Request, TaskStep};
use crate::model::offer::{OfferPolicy, Offered};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::text::{WORDS_BYTES_MAX, quote};
use crate::model::time::Timestamp;
use crate::sync::{self, Arbiter, LivenessPolicy, Proposal, Verdict};

/// Why a request was not granted.
pub enum ArbiterError {
    /// The arbiter did not answer, or its answer was lost; the request can be submitted again.
    Unavailable(Failure),
    /// The request is refused, or cannot be submitted.
    Failed(Failure),
}

impl From<ArbiterError> for Failure {
    fn from(error: ArbiterError) -> Self {
        match error {
            ArbiterError::Unavailable(failure) | ArbiterError::Failed(failure) => failure,
        }
    }
}

impl From<Failure> for ArbiterError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<LedgerError> for ArbiterError {
    fn from(error: LedgerError) -> Self {
        Self::Failed(error.into())
    }
}

/// Submits a request within `presence.syncDeadline`, and records the leases that follow.
pub fn submit(context: &Context, me: &Actor, request: &Request) -> Result<Decision, ArbiterError> {
    submit_until(context, me, request, short_deadline(context).answer)
}

/// Submits a request that is answered at `until` on the clock of this process at the latest, and
/// records the leases that follow.
pub fn submit_until(
    context: &Context,
    me: &Actor,
    request: &Request,
    until: Duration,
) -> Result<Decision, ArbiterError> {
    attempts::refuse_what_others_have(context, me, request)?;
    let (boot_id, before_millis) = context.host.since_boot();
    let left = || until.saturating_sub(context.host.elapsed());
    let remote = arbiter(context)?;
    let arbiter = match &remote {
        Some(remote) => Arbiter::Remote {
            remote,
            left: &left,
        },
        None => Arbiter::Local,
    };
    let dead = |lock: &Lock| holder_is_dead(context, lock);
    let gone = |lock: &Lock| program_is_gone(context, lock);
    let for_me = |offered: &Offered| offers::is_for(context, me, offered);
    let void = |offered: &Offered| offers::is_void(context, offered);
    let offers = OfferPolicy {
        is_for_me: &for_me,
        is_void: &void,
    };
    let proposal = Proposal {
        who: me,
        request,
        liveness: liveness_policy(context, (&dead, &gone), offers),
        beside: None,
    };
    let (former, dropped) = match (request, &remote) {
        (Request::Inherit { from, .. }, _) => (&**from, drop_leases(context, from, request)?),
        (request, Some(_)) if request.ends() => (me, drop_leases(context, me, request)?),
        _ => (me, Vec::new()),
    };
    let verdict = sync::settle(&context.ledger, &arbiter, &context.host, &proposal)?;
    put_back(context, former, (request, &verdict), dropped)?;
    match verdict {
        Verdict::Done(decided, states) => {
            let since = (&*boot_id, before_millis);
            record_lease(context, me, request, (&decided, &states), since)?;
            Ok(decided)
        }
        undecided => Err(not_granted(context, request, undecided)),
    }
}

/// Returns the error for a verdict that puts nothing in force.
fn not_granted(context: &Context, request: &Request, verdict: Verdict) -> ArbiterError {
    match verdict {
        Verdict::Denied(denied) => {
            let asked: Vec<Resource> = request.resources().into_iter().cloned().collect();
            ArbiterError::Failed(refusal_for(context, denied, &asked))
        }
        Verdict::Unavailable(failure) => {
            let told = unavailable(context, &failure.message);
            match failure.kind.is_transient() {
                true => ArbiterError::Unavailable(told),
                false => ArbiterError::Failed(told),
            }
        }
        Verdict::OutcomeUnknown(failure) => {
            let told = outcome_unknown(context, request, &failure.message);
            ArbiterError::Unavailable(told)
        }
        Verdict::Forbidden(forbidden) => ArbiterError::Failed(not_allowed(context, &forbidden)),
        Verdict::Elsewhere(to) => ArbiterError::Failed(pushed_elsewhere(context, &to)),
        Verdict::Done(..) | Verdict::Contended => ArbiterError::Failed(contended()),
    }
}

fn contended() -> Failure {
    let error = anyhow::anyhow!("other sessions were faster each time");
    Failure::new(Kind::Contended, error).hint("try again")
}

/// Drops the leases that end with a request before the arbiter is asked, and returns them. The
/// answer may be lost, and then the locks may be gone.
fn drop_leases(
    context: &Context,
    me: &Actor,
    request: &Request,
) -> Result<Vec<LocalLease>, Failure> {
    let which = request.resources();
    let mut held = context.ledger.leases(&me.id).list();
    held.retain(|lease| which.contains(&&lease.resource));
    for lease in &held {
        context
            .ledger
            .leases(&me.id)
            .relinquish(&context.host, lease)?;
    }
    Ok(held)
}

/// Records the leases again of what a verdict did not end.
fn put_back(
    context: &Context,
    former: &Actor,
    (request, verdict): (&Request, &Verdict),
    mut dropped: Vec<LocalLease>,
) -> Result<(), Failure> {
    let about: Vec<&Resource> = match verdict {
        Verdict::Done(decided, _) => decided.kept.iter().collect(),
        Verdict::OutcomeUnknown(_) => Vec::new(),
        _ => request.resources(),
    };
    dropped.retain(|lease| about.contains(&&lease.resource));
    if !dropped.is_empty() {
        let leases = context.ledger.leases(&former.id);
        leases.record(&context.host, &about, dropped.into_iter())?;
    }
    Ok(())
}

/// Returns the remote that decides; `None` if this repository does. Several places cannot decide
/// one thing.
pub fn arbiter(context: &Context) -> Result<Option<sync::Remote>, Failure> {
    match &context.upstream {
        Upstream::Missing(name) => return Err(no_such_remote(name)),
        Upstream::Several(_) => return Err(none_chosen()),
        Upstream::None | Upstream::Named(_) => {}
    }
    match divided(context) {
        Some(failure) => Err(failure),
        None => Ok(context.remote()),
    }
}

/// Returns the failure for a remote that is not one place, so that it cannot decide.
pub fn divided(context: &Context) -> Option<Failure> {
    let divided = context.endpoints.as_ref()?.divided()?;
    Some(not_one_place(context, &divided))
}

/// Returns the failure for a push of which Git says that it went to another place.
fn pushed_elsewhere(context: &Context, to: &str) -> Failure {
    let endpoints = context.endpoints.clone().unwrap_or_default();
    not_one_place(context, &endpoints.divided_by(to))
}

fn not_one_place(context: &Context, divided: &Divided) -> Failure {
    let name = context.upstream.name().unwrap_or_default();
    let failure = Failure::usage(endpoints::what(name, divided));
    failure.hint(endpoints::cure(name, divided))
}

/// A question about the holder of a lock.
type AboutHolder<'j> = &'j dyn Fn(&Lock) -> bool;

/// Returns when another holder counts as gone.
pub fn liveness_policy<'j>(
    context: &Context,
    (holder_is_dead, program_is_gone): (AboutHolder<'j>, AboutHolder<'j>),
    offers: OfferPolicy<'j>,
) -> LivenessPolicy<'j> {
    LivenessPolicy {
        margin_secs: context.config.clock_skew_secs,
        holder_is_dead,
        program_is_gone,
        offers,
    }
}

/// Returns true if the holder ends with a process of this machine, which is dead, and has missed a
/// full heartbeat interval.
pub fn holder_is_dead(context: &Context, lock: &Lock) -> bool {
    let silent_secs = context.now().secs_since(lock.renewed_at);
    silent_secs > context.config.heartbeat_secs && program_is_gone(context, lock)
}

/// Returns true if the holder ends with a process of this machine, which is dead.
pub fn program_is_gone(context: &Context, lock: &Lock) -> bool {
    let process = lock.holder.process.as_ref();
    let program = process.filter(|process| process.ends_its_session());
    let is_of_this_clone = context.ledger.node().as_ref() == Some(&lock.holder.node);
    program.is_some_and(|program| match is_of_this_clone {
        true => context.host.is_dead(program, lock.renewed_at),
        false => context.host.has_ended(program, lock.renewed_at),
    })
}

/// Returns the failure that reports a denied request.
pub fn refusal_for(context: &Context, denied: Denied, asked: &[Resource]) -> Failure {
    let Some(resource) = asked.first() else {
        return Failure::usage("no resource is given");
    };
    match denied {
        Denied::Held(lock) => refused::held(context, vec![Holding::of_lock(&lock)], asked),
        Denied::Offered(offered) => offers::refused(context, offered),
        Denied::OtherToken { asked, current } => {
            Failure::refused(Refusal::OtherToken { asked, current })
                .hint("see who holds it, and under which token: git presence list --json")
        }
        Denied::Free => refused::not_held(context, resource),
        Denied::Expired(lock) => Failure::refused(Refusal::Expired {
            resource: lock.resource.clone(),
            at: lock.expires_at(),
        })
        .hint("claim it again: it gets a new token"),
        Denied::ClockBehind { secs } => clock_behind(context, resource, secs),
        Denied::Task(why) => refused::task(why, resource),
        Denied::NoTokenLeft => Failure::new(
            Kind::Broken,
            anyhow::anyhow!("fencing tokens for {resource} are exhausted"),
        )
        .hint(format!(
            "a clock was far ahead or the record was edited by hand; reset every consumer of \
             tokens, then delete this ref on the repository that decides: {}",
            layout::cell_ref(resource)
        )),
    }
}

/// Returns the failure for a grant that a clock forbids.
fn clock_behind(context: &Context, resource: &Resource, secs: u64) -> Failure {
    let failure = Failure::new(
        Kind::Contended,
        anyhow::anyhow!("the clock here is {secs} s behind one that granted {resource} before"),
    );
    failure
        .retry_after(secs)
        .hint("set the clock if this one is wrong: other sessions would see the claim expire early")
        .hint(format!(
            "wait {secs} s if the other one was ahead, or let them differ for once: \
             git -c presence.clockSkew={}s presence claim --exclusive {resource} --purpose <text>",
            secs.saturating_add(context.config.clock_skew_secs)
        ))
}

fn unavailable(context: &Context, said: &str) -> Failure {
    let name = context.upstream.name().unwrap_or_default();
    let said = quote(said.trim_end_matches('.'), WORDS_BYTES_MAX);
    Failure::new(
        Kind::Remote,
        anyhow::anyhow!("{name} did not decide: {said}"),
    )
    .hint("nothing changed; try again once the remote is reachable")
    .hint("see what it would have to allow: git presence doctor --remote")
}

/// Returns the failure for a request that a rule of the remote forbids.
fn not_allowed(context: &Context, forbidden: &Forbidden) -> Failure {
    let name = context.upstream.name().unwrap_or_default();
    let said = refuses(name, forbidden);
    Failure::new(
        Kind::Remote,
        anyhow::anyhow!("{name} did not decide: {said}"),
    )
    .hint("nothing changed; the remote has to allow it first")
    .hint("see what it would have to allow: git presence doctor --remote")
}

/// Returns the failure for a request whose answer was lost.
fn outcome_unknown(context: &Context, request: &Request, said: &str) -> Failure {
    let name = context.upstream.name().unwrap_or_default();
    let said = quote(said.trim_end_matches('.'), WORDS_BYTES_MAX);
    let error = anyhow::anyhow!("{name} was asked, and no answer was heard: {said}");
    let next = match request.is_repeatable() {
        true => "run the same command again once the remote is reachable: what happened already \
                 does not happen twice"
            .to_owned(),
        false => format!(
            "see once the remote is reachable whether it happened, before you repeat it: {}",
            look(request)
        ),
    };
    Failure::new(Kind::Remote, error)
        .hint(format!("do not rely on it: the outcome is unknown; {next}"))
}

/// Returns the command that shows whether a request happened.
fn look(request: &Request) -> String {
    let about: Vec<Resource> = request.resources().into_iter().cloned().collect();
    match request {
        Request::Tasks(tasks) => {
            let at = refused::list_option(&tasks.list);
            match &tasks.step {
                TaskStep::End { id, .. } => format!("git presence task log {id}{at}"),
                _ => format!("git presence task{at}"),
            }
        }
        _ => format!("git presence peek --fresh {}", refused::labels(&about)),
    }
}

/// Returns who knows of a decision of the arbiter.
pub fn confirmation(context: &Context) -> Confirmation {
    match context.upstream.name() {
        Some(remote) => Confirmation::Confirmed {
            remote: remote.to_owned(),
        },
        None => Confirmation::Local,
    }
}

/// Returns the locks of `me` on the board. A lock under the same names that this clone neither
/// requested nor was granted belongs to a copy of it. In an attempt, those of it alone.
pub fn locks_of(context: &Context, me: &Actor) -> Result<Vec<Lock>, Failure> {
    let registers = context.ledger.locks().list_held()?.into_iter().flatten();
    Ok(mine_in(context, me, registers))
}

/// Returns the locks of `me` on `resources`, and reads no other register.
pub fn locks_on(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
) -> Result<Vec<Lock>, Failure> {
    let registers = context.ledger.locks().about(resources)?;
    let mut mine = mine_in(context, me, registers.into_iter().flatten());
    mine.retain(|lock| resources.contains(&lock.resource));
    Ok(mine)
}

fn mine_in(context: &Context, me: &Actor, registers: impl Iterator<Item = Snapshot>) -> Vec<Lock> {
    let locks = registers.flat_map(|read| read.cell.locks);
    locks
        .filter(|lock| context.ledger.locks().is_mine(me, lock))
        .filter(|lock| !attempts::is_of_another(context, lock))
        .collect()
}

/// Returns true if another session may be granted what this lock holds.
pub fn can_be_taken_over(context: &Context, lock: &Lock) -> bool {
    takeover_from(context, lock) < context.now() || holder_is_dead(context, lock)
}

/// Returns the instant from which the lock can be taken over while its holder lives.
pub fn takeover_from(context: &Context, lock: &Lock) -> Timestamp {
    lock.expires_at().plus_secs(context.config.clock_skew_secs)
}
