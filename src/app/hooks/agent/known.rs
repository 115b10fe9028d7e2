//! What a hook knows, and what of it is news to the session.
//!
//! Owns which claims, problems and losses a text is about, and that each problem is told once.
//! Never words the text: that is `integrations`.

use std::cell::Cell;
use std::time::Duration;

use crate::app::claims::handoffs::left_at;
use crate::app::claims::{gone, offers, untold};
use crate::app::hooks::agent::heard::{Hearing, leave_out_what_was_heard};
use crate::app::remote::publish;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{self, Briefing, ToldClaims};
use crate::ledger::{Notices, Topic};
use crate::model::actor::Actor;
use crate::model::board::Board;
use crate::model::holding::{Holding, split_by};
use crate::model::knowledge::Knowledge;
use crate::model::news::News;
use crate::model::offer::Offered;
use crate::model::resource::Resource;
use crate::model::shared_id::SharedId;
use crate::model::task::SUPERVISOR;
use crate::model::unreadable::Unreadable;

/// How long a hook compares what a tool changes with the claims of others.
const COMPARE_WAIT: Duration = Duration::from_secs(1);

/// The most offers that are told, and kept as told; further ones are told when those are over.
const OFFERS_MAX: usize = 256;

/// Returns the text about what the session was not told yet: claims that it lost, and requests
/// that were granted; at most `room` characters. Each is told once. Of a session `at_rest`, it is
/// known that nothing was noted, and that it has nothing to lose.
pub(super) fn untold(
    context: &Context,
    at_rest: Option<&Actor>,
    room: usize,
) -> Result<Option<String>, Failure> {
    let text = Cell::new(None);
    let tells = |news: &[News]| {
        let said = harness::untold_briefing(context.now(), news, room);
        let (said, told) = said.unzip();
        let told = told.unwrap_or(0);
        let granted = granted_line(context, news.get(..told).unwrap_or_default());
        let chars = |text: &Option<String>| text.as_deref().map_or(0, |text| text.chars().count());
        let granted = granted.filter(|line| chars(&said) + line.chars().count() <= room);
        text.set(said.map(|said| said + granted.as_deref().unwrap_or_default()));
        told
    };
    match at_rest {
        Some(me) => untold::take_freed(context, me, &tells)?,
        None => match context.known_actor() {
            Some(me) => untold::take_first(context, &me, &tells)?,
            // A clone in which nothing was claimed has no actors, and may have news.
            None => untold::take_noted(context, &context.me.id, &tells),
        },
    }
    Ok(text.take())
}

/// Leaves out what has ended and the session is told to be free: it wanted it.
pub(super) fn leave_out_what_is_free(context: &Context, known: &mut Briefing) {
    if known.ended.is_empty() {
        return;
    }
    let wanted = context.ledger.wants(&context.me.id).list(context.now());
    known.ended.retain(|label| {
        let ended = Resource::from_record(label);
        !ended.is_ok_and(|ended| wanted.iter().any(|one| one.overlaps(&ended)))
    });
}

/// Returns what was left for the session at what was granted to it.
fn granted_line(context: &Context, news: &[News]) -> Option<String> {
    let granted = news.iter().filter_map(|one| match one {
        News::Granted { resource, .. } => Some(resource.clone()),
        _ => None,
    });
    let left = left_at(context, &granted.collect::<Vec<_>>());
    let first = left.first()?;
    Some(format!("Read this first: {}\n", first.in_a_line()))
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
/// read, at most `room` characters: each once for each reason.
pub(super) fn news(
    context: &Context,
    known: &Knowledge,
    unreadable: &[Unreadable],
    room: usize,
) -> Option<String> {
    let notices = context.ledger.notices();
    let texts = [
        (Topic::Unknown, harness::unknown_briefing(known)),
        (Topic::Unreadable, harness::unreadable_briefing(unreadable)),
    ];
    let mut news = String::new();
    for (topic, text) in texts {
        let Some(text) = text else { continue };
        if news.chars().count() + text.chars().count() > room {
            continue;
        }
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

/// Returns the text about what is offered to the session, at most `room` characters: each offer
/// once, and what there is no room for later.
pub(super) fn offered(context: &Context, known: &Briefing, room: usize) -> Option<String> {
    if known.offered.is_empty() {
        return None;
    }
    let notices = context.ledger.notices();
    let before = notices.kept(&context.me.id, Topic::Offer);
    let told: Vec<&str> = before.split_whitespace().collect();
    let mark = |one: &Offered| {
        let until = one.until.to_rfc3339();
        Notices::mark(&format!("{} {until}", one.resource))
    };
    let open = known.offered.iter().take(OFFERS_MAX);
    let open: Vec<(String, &Offered)> = open.map(|one| (mark(one), one)).collect();
    let (old, new): (Vec<_>, Vec<_>) = open
        .into_iter()
        .partition(|(mark, _)| told.contains(&&**mark));
    let offers: Vec<&Offered> = new.iter().map(|(_, one)| *one).collect();
    let (text, count) = harness::offers_briefing(&offers, known.now, room)?;
    let now_told = old.iter().chain(new.iter().take(count));
    let now_told: Vec<&str> = now_told.map(|(mark, _)| &**mark).collect();
    // What cannot be noted is told again.
    let _ = notices.keep(&context.me.id, Topic::Offer, &now_told.join(" "));
    Some(text)
}

/// The text about the claims of other sessions that the session was not told yet.
pub(super) struct Changes {
    hearing: Option<Hearing>,
    /// How many characters all of it takes, or as many of it as an answer has.
    pub(super) needs: usize,
}

impl Changes {
    /// Returns what is new. Leaves the rest out of `known`.
    pub(super) fn of(context: &Context, known: &mut Briefing) -> Self {
        let hearing = leave_out_what_was_heard(context, known);
        let text = Self::text(known, harness::CHARS_MAX);
        let needs = text.map_or(0, |told| told.text.chars().count());
        Self { hearing, needs }
    }

    /// Returns the text, of at most `room` characters, and notes what it tells as told.
    pub(super) fn tell(self, context: &Context, known: &Briefing, room: usize) -> Option<String> {
        let Some(told) = Self::text(known, room) else {
            // What has ended and was left out is not told later, either.
            let is_left_out = known.others.is_empty() && known.ended.is_empty();
            if let Some(hearing) = self.hearing.filter(|_| is_left_out) {
                hearing.note(context, known, &[]);
            }
            return None;
        };
        if let (Some(hearing), Some(alone)) = (self.hearing, Self::text(known, harness::CHARS_MAX))
        {
            hearing.note(context, known, &told.pushed_out(&alone));
        }
        Some(told.text)
    }

    /// Returns the text about claims, or that no other session claims anything any more.
    fn text(known: &Briefing, room: usize) -> Option<ToldClaims> {
        if known.others.is_empty() && known.heard == 0 && !known.ended.is_empty() {
            let text = harness::gone_briefing(known.now, &known.ended);
            return Some(ToldClaims {
                text,
                told: Vec::new(),
            });
        }
        harness::claims_briefing(known, room)
    }
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
    // An attempt has no use for what keeps other supervisors away.
    others
        .retain(|held| held.resource.kind().as_str() != SUPERVISOR || !me.is_of_its_session(held));
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
