//! Acquiring resources exclusively: `claim --exclusive`.
//!
//! Owns the order in which a shared and an exclusive claim made at once see each other, and what
//! happens if the arbiter does not answer. Never decides who holds what.

use std::time::Duration;

use crate::app::claims::arbiter::{self, ArbiterError};
use crate::app::claims::bypass;
use crate::app::claims::conflicts::{hidden, judge, of_others, others, refuse};
use crate::app::claims::report::Claimed;
use crate::app::claims::request::{ClaimRequest, Heeds, Kind as Claiming, Terms};
use crate::app::claims::{obstacle, place, wait, waiters, waitlist};
use crate::app::remote::confirmation::Confirmation;
use crate::app::remote::knowledge::{is_recent, known};
use crate::app::remote::refresh::{Refresh, Until, deadline, refresh, short_deadline};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell::quote;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::claim::Mode;
use crate::model::event::EventKind;
use crate::model::holding::Holding;
use crate::model::knowledge::{Clear, Knowledge};
use crate::model::lock::{FormerHolder, Lock};
use crate::model::lock_request::{Decision, Request};
use crate::model::refusal::Refusal;
use crate::model::resource::Resource;
use crate::model::text::name;
use crate::model::time::Timestamp;
use crate::model::unreadable::Unreadable;

/// Acquires the resources of `wanted` exclusively, all or none.
///
/// The order is the safety argument. A session that claims shared writes its record, then reads the
/// lock. A session that claims exclusively writes the lock, then reads the records: of two at once,
/// at least one sees the other and rolls back. Where a remote decides, the records that are read
/// are as fresh as the view (`presence.staleAfter`), since another round to the remote would take
/// as long as the grant; if no such view can be had, nothing is granted. One deadline covers all
/// that the remote is asked; only what was granted and must not stand is released beyond it.
///
/// What another session has frozen is refused in the same way; with a reason in the environment it
/// is passed over, on record.
pub fn execute(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    terms: Terms,
    notify: fn(&str),
) -> Result<Claimed, Failure> {
    let Some(reason) = bypass::reason(context.host) else {
        return claim(context, me, wanted, terms, notify);
    };
    let terms = Terms {
        over_frozen: true,
        ..terms
    };
    let wanted = ClaimRequest {
        resources: wanted.resources.clone(),
        purpose: wanted.purpose.clone(),
        kind: Claiming::Exclusive(terms),
        ..*wanted
    };
    let mut claimed = claim(context, me, &wanted, terms, notify)?;
    let board = context.ledger.board_about(&wanted.resources)?;
    let mut frozen = of_others(&board, &wanted.resources, me, context.now());
    frozen.retain(|held| held.mode == Mode::Frozen);
    if !frozen.is_empty() {
        let said = bypass::record(context, &wanted.resources, &frozen, &reason);
        claimed.warnings.extend(said);
    }
    Ok(claimed)
}

fn claim(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    terms: Terms,
    notify: fn(&str),
) -> Result<Claimed, Failure> {
    if !terms.moves_here {
        let way = place::claim_line(wanted);
        place::refuse_what_is_elsewhere(context, me, &wanted.resources, &way)?;
    }
    // A look that gets no answer leaves time for the grant, and so does a long first one.
    let half = Duration::from_secs(context.config.sync.deadline_secs) / 2;
    let (began, began_at) = (context.host.elapsed(), context.now());
    let looks_until = Until {
        answer: began + half,
        ..deadline(context)
    };
    let known = refresh(context, Refresh::IF_STALE, looks_until);
    let until = Until::at((began + half * 2).max(context.host.elapsed() + half));
    let before = own_locks(context, me, wanted)?;
    let mut seen = check_shared_conflicts(context, me, wanted, terms, (known, until))?;
    let is_shared = seen.verdict.is_err();
    if let (true, Err(refusal)) = (is_shared && !may_wait(wanted, &seen), &seen.verdict) {
        return Err(refuse(context, refusal.clone(), &wanted.resources));
    }
    let ahead = ahead(context, me, wanted, (&before, &mut seen))?;
    let stands_behind = is_shared || !ahead.is_empty();
    if !ahead.is_empty() && wanted.wait.is_zero() {
        let refusal = Refusal::Held { by: ahead };
        return Err(refuse(context, refusal, &wanted.resources));
    }
    let decided =
        match wait::wait_for_grant(context, me, wanted, stands_behind, until.answer, notify) {
            Err(ArbiterError::Unavailable(failure)) => {
                return enqueue(context, me, wanted, terms, failure);
            }
            decided => decided?,
        };
    let seen = recheck(context, me, wanted, terms, (seen, until))?;
    let new = acquired(&decided, &before);
    // What was held before cannot have been claimed shared since.
    let conflicts = !new.is_empty();
    match &seen.verdict {
        Err(refusal) if conflicts => {
            let refused = refuse(context, refusal.clone(), &wanted.resources);
            Err(roll_back(context, me, new, refused))
        }
        _ if conflicts && !terms.over_shared && is_too_old(context, &seen.known, began_at) => {
            Err(roll_back(context, me, new, unknown(&seen.known)))
        }
        _ => Ok(granted(context, &decided, seen)),
    }
}

/// Returns true if what is known is too old for a grant. What this claim has fetched itself never
/// is, however long the remote took and however short `presence.staleAfter` is.
fn is_too_old(context: &Context, known: &Knowledge, began_at: Timestamp) -> bool {
    let is_of_this_claim = known.problem().is_none() && known.as_of() >= Some(began_at);
    !is_of_this_claim && !is_recent(context, known)
}

/// Returns the locks that the session holds already. A lock that cannot be read fails here: nothing
/// could be granted over it.
fn own_locks(context: &Context, me: &Actor, wanted: &ClaimRequest) -> Result<Vec<Lock>, Failure> {
    let mut own: Vec<Lock> = Vec::new();
    for resource in &wanted.resources {
        let locks = context.ledger.locks().get(resource)?.cell.locks;
        let mine = |lock: &Lock| context.ledger.locks().is_mine(me, lock);
        own.extend(locks.into_iter().filter(mine));
    }
    Ok(own)
}

/// Returns the sessions whose turn it is before that of `me`. A session that has it stands behind
/// none: the others wait for it.
fn ahead(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    (before, seen): (&[Lock], &mut SharedClaims),
) -> Result<Vec<Holding>, Failure> {
    let mut ahead = std::mem::take(&mut seen.ahead);
    let locks = before.iter().map(|lock| &lock.resource);
    let mine: Vec<&Resource> = locks.chain(&seen.mine).collect();
    let is_mine = |one: &Holding| mine.iter().any(|own| own.overlaps(&one.resource));
    ahead.retain(|one| one.session != me.id && !is_mine(one));
    ahead.retain(|one| wanted.resources.iter().any(|r| r.overlaps(&one.resource)));
    if !ahead.is_empty() && obstacle::goes_first(context, me, &wanted.resources)? {
        ahead.clear();
    }
    Ok(ahead)
}

/// Returns true if waiting may help against what other sessions claim shared.
fn may_wait(wanted: &ClaimRequest, seen: &SharedClaims) -> bool {
    let is_held = matches!(seen.verdict, Err(Refusal::Held { .. }));
    is_held && !wanted.wait.is_zero()
}

/// Returns what other sessions claim shared, on data as fresh as can be had if there is anything.
fn check_shared_conflicts(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    terms: Terms,
    (known, until): (Knowledge, Until),
) -> Result<SharedClaims, Failure> {
    let mut seen = shared_conflicts(context, me, wanted, terms, known)?;
    if seen.verdict.is_ok() {
        return Ok(seen);
    }
    let known = refresh(context, Refresh::BEFORE_DECISION, until);
    seen = shared_conflicts(context, me, wanted, terms, known)?;
    Ok(seen)
}

/// Reads the shared claims again after the grant. At a remote the view is what it was, unless there
/// was time for another fetch. A view that was not known is worth nothing now that the remote
/// answers: it is fetched.
fn recheck(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    terms: Terms,
    (seen, until): (SharedClaims, Until),
) -> Result<SharedClaims, Failure> {
    let is_known = seen.known.problem().is_none();
    if context.ledger.has_remote_arbiter() && wanted.wait.is_zero() && is_known {
        return Ok(seen);
    }
    // The deadline was for the first answer, and may be over for one that was waited for.
    let until = match wanted.wait.is_zero() {
        true => until,
        false => short_deadline(context),
    };
    let known = match is_known {
        true => refresh(context, Refresh::IF_STALE, until),
        false => refresh(context, Refresh::NOW, until),
    };
    shared_conflicts(context, me, wanted, terms, known)
}

/// Returns what was granted and not held before.
fn acquired(decided: &Decision, before: &[Lock]) -> Vec<Resource> {
    let is_new = |lock: &&Lock| before.iter().all(|mine| mine.token != lock.token);
    let new = decided.locks.iter().filter(is_new);
    new.map(|lock| lock.resource.clone()).collect()
}

fn granted(context: &Context, decided: &Decision, seen: SharedClaims) -> Claimed {
    let renewed = decided
        .changed
        .iter()
        .all(|(_, _, event)| matches!(event.kind, EventKind::Renewed { .. }));
    let taken = |former: &FormerHolder| match former.had_expired {
        true => format!("taken over from {}, whose claim had expired", former.holder),
        false => format!("taken over from {}, whose process is gone", former.holder),
    };
    let now = context.now();
    let warnings = decided.taken_from.iter().map(taken);
    let unknown = seen.known.clone().clear().caveat();
    let mine: Vec<Holding> = decided.locks.iter().map(Holding::of_lock).collect();
    waiters::note_told(context, &mine, &seen.waiting);
    let waits = |one: &Holding| {
        format!(
            "{} waits for {}: release it as soon as you are done",
            one.holder(),
            one.resource
        )
    };
    let waiting = seen.waiting.iter().map(waits);
    let floor = context.ledger.locks().unreadable_floor();
    let floor = floor.map(|what| {
        format!("{what}; tokens begin above what is known here: git presence doctor --repair")
    });
    Claimed {
        now,
        renewed,
        mine,
        others: seen.sharing,
        past_gone: None,
        moved: None,
        left: Vec::new(),
        news: Vec::new(),
        hidden: seen.hidden,
        confirmation: arbiter::confirmation(context),
        warnings: warnings
            .chain(floor)
            .chain(waiting)
            .chain(unknown)
            .collect(),
        known: seen.known,
        me: context.asker(),
    }
}

/// The shared claims of other sessions on the requested resources, and what they have frozen.
struct SharedClaims {
    sharing: Vec<Holding>,
    hidden: Vec<Unreadable>,
    verdict: Result<Clear, Refusal>,
    /// What it rests on.
    known: Knowledge,
    /// What the session shares itself.
    mine: Vec<Resource>,
    /// The sessions whose turn it is first.
    ahead: Vec<Holding>,
    /// All that wait for it.
    waiting: Vec<Holding>,
}

fn shared_conflicts(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    terms: Terms,
    known: Knowledge,
) -> Result<SharedClaims, Failure> {
    let board = context.ledger.board_about(&wanted.resources)?;
    let mut sharing = of_others(&board, &wanted.resources, me, context.now());
    sharing.retain(|holding| Heeds::ALL.is_one(holding));
    let heeds = terms.heeds();
    let heeded = sharing.iter().filter(|held| heeds.is_one(held));
    let by: Vec<Holding> = heeded.cloned().collect();
    Ok(SharedClaims {
        verdict: match by.is_empty() && terms.over_shared {
            true => Ok(known.clone().clear()),
            false => judge(by, &board, &wanted.resources, known.clone()),
        },
        sharing,
        hidden: hidden(&board, &wanted.resources),
        known,
        mine: shared_by(&board, me, context.now()),
        ahead: waitlist::ahead(context, &board, me, &wanted.resources),
        waiting: waiters::waiters(&board, &me.id, &wanted.resources, context.now()),
    })
}

/// Returns what `me` shares.
fn shared_by(board: &Board, me: &Actor, now: Timestamp) -> Vec<Resource> {
    let live = board.live(now).into_iter();
    let is_mine =
        |one: &Holding| one.mode == Mode::Shared && one.session == me.id && one.node == me.node;
    let mine = live.filter(is_mine);
    mine.map(|one| one.resource).collect()
}

/// Returns the failure for a grant while it is not known which sessions share the resource.
fn unknown(known: &Knowledge) -> Failure {
    let remote = name(known.remote().unwrap_or_default());
    let why = known.problem().unwrap_or("it was fetched too long ago");
    let error = anyhow::anyhow!("who shares it at {remote} is not known: {why}");
    Failure::new(Kind::Remote, error)
        .hint("nothing is held; fetch what other sessions claim: git presence sync")
}

/// Releases what was just granted, because another session claimed it shared meanwhile, or may
/// have done so.
fn roll_back(context: &Context, me: &Actor, new: Vec<Resource>, refused: Failure) -> Failure {
    match arbiter::submit(context, me, &Request::Release(new)).map_err(Failure::from) {
        Ok(_) => refused,
        Err(failure) => refused.hint(format!(
            "it was granted and could not be released ({}): git presence release",
            failure.error
        )),
    }
}

/// Queues the request where the arbiter does not answer, if the caller asked for that: a later sync
/// decides it. A session that holds all of it queues nothing.
fn enqueue(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    terms: Terms,
    failure: Failure,
) -> Result<Claimed, Failure> {
    let now = context.now();
    let held = arbiter::locks_on(context, me, &wanted.resources)?;
    let is_held = |wanted: &Resource| {
        let mut mine = held.iter().filter(|lock| lock.is_live(now));
        mine.any(|lock| lock.resource == *wanted)
    };
    let asked = terms.allow_unconfirmed || !wanted.wait.is_zero();
    if wanted.resources.iter().all(is_held) || !asked || !wanted.may_ask_again {
        return Err(failure);
    }
    waitlist::enqueue(context, me, wanted, None)?;
    if !terms.allow_unconfirmed {
        let labels = wanted.resources.iter().map(|one| quote(one.label()));
        let labels: Vec<String> = labels.collect();
        let failure = failure.without_hints();
        return Err(failure
            .hint("do not start yet: the request is queued, and a later sync decides it")
            .hint("see whether it was granted: git presence sync && git presence status")
            .hint(format!(
                "cancel the request: git presence release {}",
                labels.join(" ")
            )));
    }
    let board = context.ledger.board_about(&wanted.resources)?;
    Ok(Claimed {
        now,
        renewed: false,
        mine: waitlist::queued_by(&board, me, &wanted.resources, now),
        others: others(&board, &wanted.resources, &context.asker(), now),
        past_gone: None,
        moved: None,
        left: Vec::new(),
        news: Vec::new(),
        hidden: hidden(&board, &wanted.resources),
        confirmation: Confirmation::Unconfirmed {
            remote: context.upstream.name().unwrap_or_default().to_owned(),
            why: failure.error.to_string(),
        },
        warnings: vec![failure.error.to_string()],
        known: known(context).but_unknown(failure.error.to_string()),
        me: context.asker(),
    })
}
