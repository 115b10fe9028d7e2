//! What a hook knows, and what of it is news to the session.
//!
//! Owns which claims, problems and losses a text is about, and that each problem is told once.
//! Never words the text: that is `integrations`.

use std::time::Duration;

use crate::app::claims::handoffs::left_at;
use crate::app::claims::{gone, offers, untold};
use crate::app::hooks::agent::heard::leave_out_what_was_heard;
use crate::app::remote::publish;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{self, Briefing};
use crate::ledger::Topic;
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::holding::{Holding, split_by};
use crate::model::knowledge::Knowledge;
use crate::model::news::News;
use crate::model::offer::Offered;
use crate::model::shared_id::SharedId;
use crate::model::unreadable::Unreadable;

/// How long a hook compares what a tool changes with the claims of others.
const COMPARE_WAIT: Duration = Duration::from_secs(1);

/// Returns the text about what the session was not told yet: claims that it lost, and requests
/// that were granted. Each is told once. Of a session `at_rest`, it is known that nothing was
/// noted, and that it has nothing to lose.
pub(super) fn untold(
    context: &Context,
    at_rest: Option<&Actor>,
) -> Result<Option<String>, Failure> {
    let news = match at_rest {
        Some(me) => untold::take_freed(context, me)?,
        None => match context.known_actor() {
            Some(me) => untold::take(context, &me)?,
            // A clone in which nothing was claimed has no actors, and may have news.
            None => untold::take_noted(context, &context.me.id),
        },
    };
    let granted = news.iter().filter_map(|one| match one {
        News::Granted { resource, .. } => Some(resource.clone()),
        _ => None,
    });
    let left = left_at(context, &granted.collect::<Vec<_>>());
    let text = harness::untold_briefing(context.now(), &news);
    Ok(text.map(|text| {
        let lines = left
            .iter()
            .take(1)
            .map(|left| format!("Read this first: {}\n", left.in_a_line()));
        text + &lines.collect::<String>()
    }))
}

/// Tells the agent that has an id which a user chose, once, that this one was started with it, too.
pub(super) fn tell_the_first(context: &Context) {
    let Some(SharedId::Apart { chosen, id, first }) = &context.shared_id else {
        return;
    };
    let is_new = || context.ledger.notices().is_new_waiter(chosen, id, "id");
    if first.is_some() && is_new().unwrap_or(false) {
        let (by, at) = (id.clone(), context.now());
        let _ = context
            .ledger
            .news(chosen)
            .append(&[News::IdShared { by, at }]);
    }
}

/// Returns the texts about what is not known of other clones, and about records that cannot be
/// read: each once for each reason.
pub(super) fn news(
    context: &Context,
    known: &Knowledge,
    unreadable: &[Unreadable],
) -> Option<String> {
    let notices = context.ledger.notices();
    let texts = [
        (Topic::Unknown, harness::unknown_briefing(known)),
        (Topic::Unreadable, harness::unreadable_briefing(unreadable)),
    ];
    let mut news = String::new();
    for (topic, text) in texts {
        let Some(text) = text else { continue };
        // What cannot be noted is told again.
        if notices
            .is_news(&context.me.id, topic, &text)
            .unwrap_or(true)
        {
            news.push_str(&text);
        }
    }
    (!news.is_empty()).then_some(news)
}

/// Returns the texts about what is offered to the session, each offer once.
pub(super) fn offered(context: &Context, known: &Briefing) -> Option<String> {
    let notices = context.ledger.notices();
    let mut texts = String::new();
    for one in &known.offered {
        let offer = format!("{} {}", one.resource, one.until.to_rfc3339());
        let is_news = notices.is_news(&context.me.id, Topic::Offer, &offer);
        // What cannot be noted is told again.
        if is_news.unwrap_or(true) {
            texts.push_str(&harness::offered_briefing(one, known.now));
        }
    }
    (!texts.is_empty()).then_some(texts)
}

/// Returns the text about the claims of other sessions that the session was not told yet, or that
/// no other session claims anything any more, once.
pub(super) fn changes(context: &Context, known: &mut Briefing, room: usize) -> Option<String> {
    leave_out_what_was_heard(context, known);
    if known.others.is_empty() && known.heard == 0 && !known.ended.is_empty() {
        return Some(harness::gone_briefing(known.now));
    }
    harness::claims_briefing(known, room)
}

/// Returns what is known now, and starts a fetch in the background if that is stale.
pub(super) fn known(context: &Context) -> Result<Briefing, Failure> {
    Ok(known_of(context, &context.ledger.board()?))
}

/// Returns what a board says now, as [`known`] does.
pub(super) fn known_of(context: &Context, board: &Board) -> Briefing {
    let now = context.now();
    let here = context.worktree_name();
    let is_here = |held: &Holding| {
        let session = board.session(&held.session);
        let there = session.and_then(|session| session.who.worktree.as_deref());
        context.keeps_its_own_board || here.is_some() && there == here.as_deref()
    };
    let me = context.asker();
    let (mine, _) = split_by(board.held(now), &me);
    let mut others = board.held_by_others(now, |held| me.owns(held));
    gone::mark(context, &mut others);
    let others = others.into_iter().map(|held| {
        let is_here = is_here(&held);
        (held, is_here)
    });
    let actor = context.known_actor();
    let is_mine = |one: &&Offered| {
        let mut me = actor.iter();
        one.is_open(now)
            && (one.to == context.me.id || me.any(|me| offers::is_for(context, me, one)))
    };
    Briefing {
        offered: board.offers.iter().filter(is_mine).cloned().collect(),
        now,
        me: context.me.id.clone(),
        known: publish::known_or_fetching(context),
        unreadable: board.unreadable.clone(),
        mine,
        others: others.collect(),
        heard: 0,
        ended: Vec::new(),
    }
}

/// Returns what tells when a comparison with the claims of others has taken too long for a hook.
pub(super) fn time_to_compare(context: &Context) -> impl Fn() -> bool {
    let host = context.host;
    let until = host.elapsed() + COMPARE_WAIT;
    move || host.elapsed() > until
}
