//! What a session was told of the claims of others, and what changed since.
//!
//! Owns which claims are told again: those that are new, that changed, or that outlived the end
//! that was told. What is kept is a line for each, in the notices of the session. Never words the
//! text: that is `integrations`.

use crate::context::Context;
use crate::integrations::harness::Briefing;
use crate::ledger::{Notices, Topic};
use crate::model::holding::Holding;
use crate::model::time::Timestamp;

/// With more claims than this, all of them are told again when one changes.
const CLAIMS_MAX: usize = 64;
/// What stands for more claims than are kept.
const MANY: &str = "many";

/// One claim that was told: what identifies it, when it was said to end, and its label.
struct Heard<'t> {
    hash: &'t str,
    until: i64,
    label: &'t str,
}

impl<'t> Heard<'t> {
    fn read(line: &'t str) -> Option<Self> {
        let (hash, rest) = line.split_once(' ')?;
        let (until, label) = rest.split_once(' ')?;
        let until = until.parse().ok()?;
        Some(Self { hash, until, label })
    }
}

/// Leaves out of `known` the claims of other sessions that the session was told of, and adds those
/// that have ended since. Notes what it is told now.
pub(super) fn leave_out_what_was_heard(context: &Context, known: &mut Briefing) {
    let notices = context.ledger.notices();
    let before = notices.kept(&context.me.id, Topic::Claims);
    let heard: Vec<Heard<'_>> = before.lines().filter_map(Heard::read).collect();
    let is_known = known.known.problem().is_none() && known.unreadable.is_empty();
    let has = |label: &str| {
        known
            .others
            .iter()
            .any(|(h, _)| h.resource.label() == label)
    };
    let mut ended: Vec<String> = heard
        .iter()
        .filter(|one| is_known && one.label != MANY && !has(one.label))
        .map(|one| one.label.to_owned())
        .collect();
    ended.dedup();
    let still: Vec<&str> = heard
        .iter()
        .filter(|one| !is_known && one.label != MANY && !has(one.label))
        .filter_map(|one| before.lines().find(|line| line.starts_with(one.hash)))
        .collect();
    let mut lines = lines(known);
    lines.extend(still.into_iter().map(str::to_owned));
    let now = known.now;
    let is_heard = |held: &Holding, of_all: Option<&str>| {
        let hash = hash(held);
        let hash = of_all.unwrap_or(&hash);
        let mut heard = heard.iter();
        heard.any(|one| one.hash == hash && Timestamp::from_millis(one.until) > now)
    };
    let many = (known.others.len() > CLAIMS_MAX).then(|| hash_of_all(&known.others));
    let all = known.others.len();
    known
        .others
        .retain(|(held, _)| !is_heard(held, many.as_deref()));
    known.heard = all - known.others.len();
    known.ended = ended;
    if known.others.is_empty() && known.ended.is_empty() {
        return;
    }
    // What cannot be noted is told again.
    let _ = notices.keep(&context.me.id, Topic::Claims, &lines.join("\n"));
}

/// Notes that the session is told of all claims of others.
pub(super) fn hears_all(context: &Context, known: &Briefing) {
    let lines = lines(known).join("\n");
    let notices = context.ledger.notices();
    if notices.kept(&context.me.id, Topic::Claims) != lines {
        let _ = notices.keep(&context.me.id, Topic::Claims, &lines);
    }
}

fn lines(known: &Briefing) -> Vec<String> {
    if known.others.len() > CLAIMS_MAX {
        let ends = known.others.iter().map(|(held, _)| held.expires_at);
        let until = ends.min().map_or(0, Timestamp::as_millis);
        return vec![format!("{} {until} {MANY}", hash_of_all(&known.others))];
    }
    let line = |(held, _): &(Holding, bool)| {
        let until = held.expires_at.as_millis();
        format!("{} {until} {}", hash(held), held.resource.label())
    };
    known.others.iter().map(line).collect()
}

/// Returns what tells a claim from what it was before, but for its end: that moves with each
/// heartbeat.
fn hash(held: &Holding) -> String {
    let all = format!(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}",
        held.session,
        held.node,
        held.resource.label(),
        held.mode.as_str(),
        held.claimed_at.as_millis(),
        held.purpose.as_str(),
        held.is_gone
    );
    Notices::mark(&all)
}

fn hash_of_all(others: &[(Holding, bool)]) -> String {
    let all: Vec<String> = others.iter().map(|(held, _)| hash(held)).collect();
    Notices::mark(&all.join(" "))
}
