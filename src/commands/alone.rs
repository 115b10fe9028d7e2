//! Exclusive claims, for the verbs that make, keep and end them.
//!
//! Owns who is asked to decide, how a holder is judged to be gone, what a session counts on
//! afterwards, and the words for a "no". Never decides who holds what.

use std::ffi::OsString;
use std::time::Duration;

use super::Guarantee;
use super::carry::BACKGROUND_SECS_MAX;
use super::sync::no_such_remote;
use crate::context::{Context, Upstream};
use crate::failure::{Failure, Kind};
use crate::ledger::{Belief, Machine as _, layout};
use crate::model::board::Holding;
use crate::model::event::{Event, EventKind};
use crate::model::exclusion::{Decided, Request};
use crate::model::lock::{Denied, Lock};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::session::Actor;
use crate::model::time::Timestamp;
use crate::sync::{self, Arbiter, Asked, Judge, Verdict};

/// A lease is renewed once a third of it is over.
pub const RENEWALS_A_TTL: u64 = 3;

/// Ask the arbiter, and put its answer in force.
pub fn ask(context: &Context, me: &Actor, request: &Request) -> Result<Decided, Failure> {
    ask_within(context, me, request, context.config.sync.deadline_secs)
}

fn ask_within(
    context: &Context,
    me: &Actor,
    request: &Request,
    deadline_secs: u64,
) -> Result<Decided, Failure> {
    let (boot_id, before_millis) = context.host.since_boot();
    let until = context.host.elapsed() + Duration::from_secs(deadline_secs);
    let left = || until.saturating_sub(context.host.elapsed());
    let remote = arbiter(context)?;
    let arbiter = match &remote {
        Some(remote) => Arbiter::There {
            remote,
            left: &left,
        },
        None => Arbiter::Here,
    };
    let gone = |lock: &Lock| is_gone(context, lock);
    let asked = Asked {
        who: me,
        request,
        judge: judge(context, &gone),
    };
    let verdict = sync::settle(&context.ledger, &arbiter, &context.host, &asked)?;
    let decided = match verdict {
        Verdict::Done(decided) => decided,
        Verdict::Denied(denied) => {
            let resources = request.resources();
            return Err(match resources.first() {
                Some(first) => denial(denied, first),
                None => Failure::usage("no resource is given"),
            });
        }
        Verdict::NoAnswer(failure) => return Err(no_answer(context, &failure.said)),
        Verdict::Forbidden(said) => return Err(no_answer(context, &said)),
        Verdict::Contended => {
            let error = anyhow::anyhow!("others were faster each time");
            return Err(Failure::new(Kind::Contended, error).hint("try again"));
        }
    };
    count_on(context, me, request, &decided, &boot_id, before_millis)?;
    Ok(decided)
}

/// The remote that decides; several URLs cannot decide one thing.
pub fn arbiter(context: &Context) -> Result<Option<sync::Remote>, Failure> {
    if let Upstream::Missing(name) = &context.upstream {
        return Err(no_such_remote(name));
    }
    if context.push_urls > 1 {
        let name = context.upstream.name().unwrap_or_default();
        let error = format!(
            "{name} has {} push URLs, and one has to decide",
            context.push_urls
        );
        return Err(Failure::usage(error)
            .hint("share the board through a remote with one URL: git config presence.remote"));
    }
    Ok(context.remote())
}

/// How others are judged here.
pub fn judge<'j>(context: &Context, is_gone: &'j dyn Fn(&Lock) -> bool) -> Judge<'j> {
    Judge {
        margin_secs: context.config.clock_skew_secs,
        is_gone,
    }
}

/// A process of this machine that is gone, and was silent for as long as it takes to show a sign
/// of life.
fn is_gone(context: &Context, lock: &Lock) -> bool {
    let silent_secs = context.now().secs_since(lock.renewed_at);
    let process = lock.holder.process.as_ref();
    silent_secs > context.config.heartbeat_secs
        && process.is_some_and(|process| context.host.is_gone(process))
}

/// What the session may count on from now on: less than was granted, from before it asked.
pub fn count_on(
    context: &Context,
    me: &Actor,
    request: &Request,
    decided: &Decided,
    boot_id: &str,
    before_millis: u64,
) -> Result<(), Failure> {
    // What could not be renewed stays, and is told as lost.
    let about: Vec<&Resource> = match request {
        Request::Renew(_) => decided.locks.iter().map(|lock| &lock.resource).collect(),
        _ => request.resources(),
    };
    let held = matches!(request, Request::Grant(_) | Request::Renew(_));
    let new = decided.locks.iter().filter(|_| held).map(|lock| Belief {
        resource: lock.resource.clone(),
        token: lock.token,
        boot_id: boot_id.to_owned(),
        until_millis: before_millis.saturating_add(lock.ttl.as_secs().saturating_mul(1000)),
    });
    let ledger = &context.ledger;
    Ok(ledger.change_beliefs(&context.host, &me.id, |beliefs| {
        beliefs.retain(|belief| !about.contains(&&belief.resource));
        beliefs.extend(new);
    })?)
}

pub fn denial(denied: Denied, resource: &Resource) -> Failure {
    match denied {
        Denied::Held(lock) => Failure::refused(Refusal::Held {
            by: vec![Holding::of_lock(&lock)],
        })
        .hint("wait until it is released or has lapsed, or ask its holder"),
        Denied::OtherToken { asked, current } => {
            Failure::refused(Refusal::OtherToken { asked, current })
                .hint("see who holds it, and under which token: git presence list --json")
        }
        Denied::Free => Failure::refused(Refusal::NotYours {
            resource: resource.clone(),
            by: Vec::new(),
        })
        .hint("see what is yours: git presence list --mine"),
        Denied::Lapsed(lock) => Failure::refused(Refusal::Lapsed {
            resource: lock.resource.clone(),
            at: lock.lapses_at(),
        })
        .hint("claim it again: it gets a new token"),
        Denied::NoTokenLeft => Failure::new(
            Kind::Broken,
            anyhow::anyhow!("no token is left for {resource}: the last one is the greatest"),
        )
        .hint(format!(
            "a clock was far ahead, or somebody wrote it by hand; whoever remembers tokens has to \
             forget them before the cell is removed where it is decided: {}",
            layout::cell_ref(resource)
        )),
    }
}

fn no_answer(context: &Context, said: &str) -> Failure {
    let name = context.upstream.name().unwrap_or_default();
    let said = said.trim_end_matches('.');
    Failure::new(
        Kind::Remote,
        anyhow::anyhow!("{name} did not decide: {said}"),
    )
    .hint("nothing is held; try again when it can be reached")
    .hint("see what it would have to allow: git presence doctor --remote")
}

/// Who stands behind a decision.
pub fn guarantee(context: &Context) -> Guarantee {
    match context.upstream.name() {
        Some(remote) => Guarantee::Confirmed {
            remote: remote.to_owned(),
        },
        None => Guarantee::Local,
    }
}

/// My locks, as the board has them.
pub fn mine(context: &Context, me: &Actor) -> Result<Vec<Lock>, Failure> {
    let mut mine = Vec::new();
    for read in context.ledger.cells()?.into_iter().flatten() {
        mine.extend(read.cell.locks.into_iter().filter(|lock| lock.is_of(me)));
    }
    Ok(mine)
}

/// Whether somebody else may be granted what this one holds.
pub fn is_over(context: &Context, lock: &Lock) -> bool {
    takeover_from(context, lock) < context.now() || is_gone(context, lock)
}

/// From when on, while its holder is there.
pub fn takeover_from(context: &Context, lock: &Lock) -> Timestamp {
    lock.lapses_at().plus_secs(context.config.clock_skew_secs)
}

/// A lock that would keep me from being granted these.
pub fn in_the_way(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
) -> Result<Option<Holding>, Failure> {
    for resource in resources {
        let read = context.ledger.cell_of(resource)?;
        let blocks = |lock: &&Lock| {
            !lock.is_of(me) && lock.resource.overlaps(resource) && !is_over(context, lock)
        };
        if let Some(lock) = read.cell.locks.iter().find(blocks) {
            return Ok(Some(Holding::of_lock(lock)));
        }
    }
    Ok(None)
}

/// Live locks of others on what overlaps these.
pub fn held_by_others(
    context: &Context,
    me: &Actor,
    resources: &[Resource],
) -> Result<Vec<Holding>, Failure> {
    let now = context.now();
    let mut held = Vec::new();
    for resource in resources {
        let read = context.ledger.cell_of(resource)?;
        let locks = read.cell.locks.iter();
        let in_the_way = locks.filter(|lock| {
            !lock.is_of(me) && lock.is_live(now) && lock.resource.overlaps(resource)
        });
        for holding in in_the_way.map(Holding::of_lock) {
            if !held.contains(&holding) {
                held.push(holding);
            }
        }
    }
    Ok(held)
}

/// The first thing that I counted on and do not hold any more. It is told once; the next one is
/// told by the next command.
pub fn lost(context: &Context, me: &Actor) -> Result<Option<Refusal>, Failure> {
    lost_of(context, me, &|_| true)
}

/// The first thing that somebody took from me. What merely lapsed can be claimed again.
pub fn taken(context: &Context, me: &Actor) -> Result<Option<Refusal>, Failure> {
    for belief in context.ledger.beliefs(&me.id) {
        if let Some(Refusal::TakenOver { .. }) = loss(context, me, &belief)? {
            return lost_one(context, me, &belief.resource);
        }
    }
    Ok(None)
}

/// The same, of one resource.
pub fn lost_one(
    context: &Context,
    me: &Actor,
    resource: &Resource,
) -> Result<Option<Refusal>, Failure> {
    lost_of(context, me, &|other| other == resource)
}

fn lost_of(
    context: &Context,
    me: &Actor,
    wanted: &dyn Fn(&Resource) -> bool,
) -> Result<Option<Refusal>, Failure> {
    let beliefs = context.ledger.beliefs(&me.id).into_iter();
    for lost in beliefs.filter(|belief| wanted(&belief.resource)) {
        if let Some(refusal) = loss(context, me, &lost)? {
            let ledger = &context.ledger;
            ledger.change_beliefs(&context.host, &me.id, |beliefs| {
                beliefs.retain(|belief| *belief != lost);
            })?;
            return Ok(Some(refusal));
        }
    }
    Ok(None)
}

fn loss(context: &Context, me: &Actor, belief: &Belief) -> Result<Option<Refusal>, Failure> {
    let read = context.ledger.cell_of(&belief.resource)?;
    let lock = read.cell.lock_on(&belief.resource);
    let mine = lock.filter(|lock| lock.is_of(me) && lock.token == belief.token);
    Ok(match mine {
        Some(lock) if lock.is_live(context.now()) => None,
        Some(lock) => Some(Refusal::Lapsed {
            resource: lock.resource.clone(),
            at: lock.lapses_at(),
        }),
        None => {
            let about = |(event, _): &(Event, Timestamp)| {
                event.resources.iter().any(|r| r.overlaps(&belief.resource))
            };
            let last = read.last_event().filter(about);
            let by = last
                .as_ref()
                .map(|(event, at)| (event.session.clone(), *at));
            let mut locks = read.cell.locks.iter();
            let by_now = locks
                .find(|lock| !lock.is_of(me) && lock.resource.overlaps(&belief.resource))
                .map(|lock| (lock.holder.id.clone(), lock.granted_at));
            Some(Refusal::TakenOver {
                resource: belief.resource.clone(),
                by: by_now.or(by),
                reason: last
                    .filter(|(event, _)| event.kind == EventKind::Override)
                    .and_then(|(event, _)| event.purpose),
            })
        }
    })
}

/// Renew what this session holds, as far as a third of the lease is over. Where a remote decides,
/// nobody waits for it here.
pub fn keep(context: &Context, me: &Actor) -> Result<(), Failure> {
    let now = context.now();
    let mut due = Vec::new();
    for belief in context.ledger.beliefs(&me.id) {
        // One that cannot be read is told by whoever asks about it.
        let Ok(read) = context.ledger.cell_of(&belief.resource) else {
            continue;
        };
        let lock = read.cell.lock_on(&belief.resource);
        let is_due = lock.is_some_and(|lock| {
            let third = lock.ttl.as_secs() / RENEWALS_A_TTL;
            lock.is_of(me) && lock.renewed_at.plus_secs(third) <= now
        });
        if is_due {
            due.push((belief.resource, belief.token));
        }
    }
    if due.is_empty() {
        return Ok(());
    }
    if context.upstream.name().is_some() {
        renew_behind(context, me);
        return Ok(());
    }
    ask(context, me, &Request::Renew(due)).map(drop)
}

/// Renew all that this session holds, while nobody waits.
pub fn renew(context: &Context, me: &Actor) -> Result<(), Failure> {
    let held = context.ledger.beliefs(&me.id).into_iter();
    let held: Vec<_> = held.map(|belief| (belief.resource, belief.token)).collect();
    if held.is_empty() {
        return Ok(());
    }
    let request = Request::Renew(held);
    ask_within(context, me, &request, BACKGROUND_SECS_MAX).map(drop)
}

fn renew_behind(context: &Context, me: &Actor) {
    let mut arguments: Vec<OsString> = vec!["--ledger".into(), context.ledger_dir.clone().into()];
    arguments.extend(["heartbeat", "--renew", "--session"].map(OsString::from));
    arguments.push(me.id.as_str().into());
    context.host.run_behind(&arguments);
}
