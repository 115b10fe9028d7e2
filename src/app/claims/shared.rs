//! The use case of `claim`: announcing what a session is about to change.
//!
//! Owns the order in which two claims made at once see each other: write first, read after. Only if
//! a conflict must write nothing (`--refuse`) the board is read first, under a lock.

use crate::app::claims::conflicts::{self, held_by_others, hidden, judge, others, refuse};
use crate::app::claims::lease::{self, Lost};
use crate::app::claims::report::Claimed;
use crate::app::claims::request::{ClaimRequest, Kind};
use crate::app::claims::{
    akin, exclusive, gone, moved, offers, place, refused, untold, wait, wants,
};
use crate::app::gc;
use crate::app::remote::publish::{self, Publication};
use crate::app::remote::refresh::{Refresh, Until, deadline, refresh};
use crate::app::warnings::warnings;
use crate::config::OnConflict;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::{DecisionLock, LedgerError, Outcome};
use crate::model::actor::Actor;
use crate::model::event::EventKind;
use crate::model::knowledge::Clear;
use crate::model::news::News;
use crate::model::refusal::Refusal;
use crate::model::session::{Request, Step};
use crate::model::shared_id::SharedId;

/// Fails if a claim was taken over from the session that it was not told of.
fn refuse_what_was_taken(context: &Context, me: &Actor, lost: &[Lost]) -> Result<(), Failure> {
    let mut taken = untold::take_revoked(context, me, lost)?.into_iter();
    let Some(first) = taken.next() else {
        return Ok(());
    };
    let failure = Failure::refused(first).hint("stop what you do there; then claim again");
    let others: Vec<News> = taken.map(News::Lost).collect();
    Err(untold::told_beside(failure, &others))
}

/// Claims the resources of `wanted`, all or none, and returns which other sessions claim them, and
/// what the session was not told yet.
pub fn execute(
    context: &Context,
    wanted: &ClaimRequest,
    notify: fn(&str),
) -> Result<Claimed, Failure> {
    let claimed = for_a_command(context, wanted, notify)?;
    // A command that `run` runs under it releases it no more.
    let marks = context.ledger.run_marks(&context.me.id);
    wanted
        .resources
        .iter()
        .for_each(|resource| marks.disown(resource));
    Ok(claimed)
}

/// Claims for a command of this session, as [`execute`] does for the session itself.
pub fn for_a_command(
    context: &Context,
    wanted: &ClaimRequest,
    notify: fn(&str),
) -> Result<Claimed, Failure> {
    let me = context.actor()?;
    let lost = lease::lost(context, &me);
    refuse_what_was_taken(context, &me, &lost)?;
    // A new grant takes the place of an expired one.
    let replaced = untold::expired_leases(&lost);
    let claimed = claim(context, &me, wanted, notify);
    let mut claimed = claimed.inspect_err(|why| {
        if wanted.may_ask_again {
            wants::note_refused(context, &me.id, wanted, why);
        }
    })?;
    wants::note_shared(context, &me.id, wanted, &claimed.others);
    gone::mark(context, &mut claimed.others);
    let mut others = claimed.others.iter();
    claimed.past_gone = others.find_map(|held| refused::past_gone(context, held));
    if wanted.kind != Kind::Shared {
        untold::drop_expired(context, &me)?;
    }
    // While it waited, more may have been lost.
    let lost = match wanted.wait.is_zero() {
        true => lease::still_recorded(context, &me, lost),
        false => lease::lost(context, &me),
    };
    let mut news = untold::take_with(context, &me, lost)?;
    let is_wanted = |one: &News| one.resource().is_some_and(|r| wanted.resources.contains(r));
    let replaced = replaced.into_iter();
    let replaced: Vec<News> = replaced
        .filter(|one| is_wanted(one) && !news.contains(one))
        .collect();
    news.extend(replaced);
    claimed.news = news;
    if !claimed.renewed {
        let akin = akin::sentences(context, &wanted.resources);
        claimed.warnings.extend(akin);
    }
    if !claimed.renewed {
        let shared = context.shared_id.iter();
        claimed.warnings.extend(shared.map(SharedId::to_string));
    }
    if !claimed.renewed && claimed.others.is_empty() {
        claimed.moved = moved::since_last_holder(context, &me.id, &wanted.resources);
    }
    Ok(claimed)
}

fn claim(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    notify: fn(&str),
) -> Result<Claimed, Failure> {
    if let Kind::Exclusive(terms) = wanted.kind {
        return exclusive::execute(context, me, wanted, terms, notify);
    }
    // What works there holds it, and would not be told of what works here.
    place::refuse_what_is_elsewhere(context, me, &wanted.resources, &place::claim_line(wanted))?;
    if !wanted.wait.is_zero() {
        wait::wait_until_free(context, me, wanted, notify)?;
    }
    let until = deadline(context);
    refuse_what_is_held(context, me, wanted, until)?;
    let decision = match wanted.on_conflict {
        OnConflict::Warn => None,
        OnConflict::Refuse => Some(refuse_what_is_shared(context, wanted, until)?),
    };
    let request = Request::Claim {
        wanted: wanted.resources.clone(),
        purpose: wanted.purpose.clone(),
        ttl: wanted.ttl,
    };
    let ttl = context.config.ttl;
    let written = match context
        .ledger
        .sessions()
        .apply(&context.host, me, &request, ttl)?
    {
        Outcome::Written(written) => written,
        Outcome::Refused(refusal) => return Err(refuse(context, refusal, &wanted.resources)),
        Outcome::NothingToDo => {
            return Err(Failure::usage("nothing to claim"));
        }
    };
    // The lock ends only now: of two sessions that claim at once, the later read sees both.
    let clear = decision.map(|(lock, clear)| {
        drop(lock);
        clear
    });
    let publication = publish::publish(context, me, true, until);
    gc::start_if_due(context);
    let is_renewal = matches!(written.event.kind, EventKind::Renewed { .. });
    if !is_renewal && let Some(refusal) = reconsider(context, me, wanted, clear.as_ref())? {
        return withdraw(context, me, wanted, refusal);
    }
    claimed(context, wanted, *written, publication)
}

/// Reads the board after the write, and returns the report.
fn claimed(
    context: &Context,
    wanted: &ClaimRequest,
    written: Step,
    publication: Publication,
) -> Result<Claimed, Failure> {
    let board = context.ledger.board_about(&wanted.resources)?;
    let now = written.session.seen_at;
    let clear = publication.known.clone().clear();
    let unknown: Vec<String> = clear.caveat().into_iter().collect();
    // A sync may have found that this clone is a copy: then the claim moved to its new name.
    let me = context.asker();
    let mut mine = board.live(now);
    mine.retain(|h| me.owns(h) && wanted.resources.contains(&h.resource));
    Ok(Claimed {
        now,
        renewed: matches!(written.event.kind, EventKind::Renewed { .. }),
        mine,
        others: others(&board, &wanted.resources, &me, now),
        past_gone: None,
        moved: None,
        left: Vec::new(),
        news: Vec::new(),
        hidden: hidden(&board, &wanted.resources),
        confirmation: publication.confirmation,
        warnings: [publication.warnings, unknown, warnings(&board)].concat(),
        known: publication.known,
        me,
    })
}

/// Refuses what another session holds exclusively, or is offered, on data as fresh as can be had.
fn refuse_what_is_held(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    until: Until,
) -> Result<(), Failure> {
    // A register that could not be read or fetched may be better after another look.
    if matches!(kept_from(context, me, wanted), Ok(None)) {
        return Ok(());
    }
    let _ = refresh(context, Refresh::BEFORE_DECISION, until);
    kept_from(context, me, wanted)?.map_or(Ok(()), Err)
}

/// Returns the refusal of what another session holds exclusively, or is offered.
fn kept_from(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
) -> Result<Option<Failure>, Failure> {
    for resource in &wanted.resources {
        // What the remote has of it and this clone has not may be a claim, as for any other gate.
        if let Err(LedgerError::Unreadable(missing)) = context.ledger.locks().get_known(resource)
            && missing.is_elsewhere()
        {
            let (resource, by) = (resource.clone(), vec![missing]);
            let refusal = Refusal::MayBeHeld { resource, by };
            return Ok(Some(refuse(context, refusal, &wanted.resources)));
        }
    }
    let by = held_by_others(context, me, &wanted.resources)?;
    if !by.is_empty() {
        let refusal = Refusal::Held { by };
        return Ok(Some(refuse(context, refusal, &wanted.resources)));
    }
    for resource in &wanted.resources {
        let offers = context.ledger.locks().get_known(resource)?.cell.offers;
        let wanted = std::slice::from_ref(resource);
        if let Some(offered) = offers::to_another(context, &offers, wanted) {
            return Ok(Some(offers::refused(context, offered)));
        }
    }
    Ok(None)
}

/// Refuses what other sessions claim, before anything is written. Of two sessions that refuse, one
/// decides at a time, until the lock that is returned is dropped. The yes rests on what is known.
fn refuse_what_is_shared(
    context: &Context,
    wanted: &ClaimRequest,
    until: Until,
) -> Result<(DecisionLock, Clear), Failure> {
    let known = refresh(context, Refresh::BEFORE_DECISION, until);
    // Nothing of another clone was ever seen: there is nothing to decide from, as for pre-apply.
    if publish::is_unseen(context, &known) {
        return Err(conflicts::unseen(&known, &wanted.resources));
    }
    let lock = context.ledger.lock_decision(&context.host)?;
    let board = context.ledger.board_about(&wanted.resources)?;
    let by = others(&board, &wanted.resources, &context.asker(), context.now());
    match judge(by, &board, &wanted.resources, known) {
        Err(refusal) => Err(refuse(context, refusal, &wanted.resources)),
        Ok(clear) => Ok((lock, clear)),
    }
}

/// Returns why a new claim must not stand, now that the remote was asked again: another session
/// holds it exclusively, or `clear` was given on what was not known and is not so.
fn reconsider(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    clear: Option<&Clear>,
) -> Result<Option<Refusal>, Failure> {
    let by = held_by_others(context, me, &wanted.resources)?;
    if !by.is_empty() {
        return Ok(Some(Refusal::Held { by }));
    }
    let Some(clear) = clear.filter(|clear| clear.caveat().is_some()) else {
        return Ok(None);
    };
    let board = context.ledger.board_about(&wanted.resources)?;
    let by = others(&board, &wanted.resources, &context.asker(), context.now());
    let known = clear.rests_on().clone();
    Ok(judge(by, &board, &wanted.resources, known).err())
}

/// Withdraws the claim for the reason of `refusal`.
fn withdraw(
    context: &Context,
    me: &Actor,
    wanted: &ClaimRequest,
    refusal: Refusal,
) -> Result<Claimed, Failure> {
    let request = Request::Release(wanted.resources.clone());
    let ttl = context.config.ttl;
    context
        .ledger
        .sessions()
        .apply(&context.host, me, &request, ttl)?;
    publish::publish(context, me, false, deadline(context));
    Err(refuse(context, refusal, &wanted.resources))
}
