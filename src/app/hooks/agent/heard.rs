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

/// What the session will have been told once an answer is written.
pub(super) struct Hearing {
    lines: Vec<String>,
}

impl Hearing {
    /// Notes it, but for the claims in these places of `known`, for which other parts of the answer
    /// left no room.
    pub(super) fn note(mut self, context: &Context, known: &Briefing, left_out: &[usize]) {
        let left_out = left_out.iter().filter_map(|at| known.others.get(*at));
        let left_out: Vec<String> = left_out.map(|(held, _)| mark_of(held)).collect();
        let is_one_for_all = self.lines.iter().any(|line| line.ends_with(MANY));
        if is_one_for_all && !left_out.is_empty() {
            return;
        }
        let is_left_out = |line: &String| left_out.iter().any(|mark| line.starts_with(&**mark));
        self.lines.retain(|line| !is_left_out(line));
        let lines = self.lines.join("\n");
        let notices = context.ledger.notices();
        if notices.kept(&context.me.id, Topic::Claims) != lines {
            // What cannot be noted is told again.
            let _ = notices.keep(&context.me.id, Topic::Claims, &lines);
        }
    }

    /// Returns that the session is told of all claims of others.
    pub(super) fn of_all(known: &Briefing) -> Self {
        let lines = lines(known, &marks(&known.others));
        Self { lines }
    }
}

/// Leaves out of `known` the claims of other sessions that the session was told of, and adds those
/// that have ended since. Returns what it is told now; `None` if that is nothing.
pub(super) fn leave_out_what_was_heard(context: &Context, known: &mut Briefing) -> Option<Hearing> {
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
    let marks = marks(&known.others);
    let mut lines = lines(known, &marks);
    lines.extend(still.into_iter().map(str::to_owned));
    let now = known.now;
    let is_heard = |mark: &str| {
        let mut heard = heard.iter();
        heard.any(|one| one.hash == mark && Timestamp::from_millis(one.until) > now)
    };
    let all = known.others.len();
    // One mark stands for each of many.
    let mut each = marks.iter().cycle();
    let is_new = |_: &(Holding, bool)| each.next().is_none_or(|mark| !is_heard(mark));
    known.others.retain(is_new);
    known.heard = all - known.others.len();
    known.ended = ended;
    let is_told = !known.others.is_empty() || !known.ended.is_empty();
    is_told.then_some(Hearing { lines })
}

fn lines(known: &Briefing, marks: &[String]) -> Vec<String> {
    if known.others.len() > CLAIMS_MAX {
        let ends = known.others.iter().map(|(held, _)| held.expires_at);
        let until = ends.min().map_or(0, Timestamp::as_millis);
        let marks = marks.iter();
        return marks.map(|mark| format!("{mark} {until} {MANY}")).collect();
    }
    let line = |((held, _), mark): (&(Holding, bool), &String)| {
        let until = held.expires_at.as_millis();
        format!("{mark} {until} {}", held.resource.label())
    };
    known.others.iter().zip(marks).map(line).collect()
}

/// Returns what tells each claim from what it was before, but for its end: that moves with each
/// heartbeat. Of many claims, one mark stands for all.
fn marks(others: &[(Holding, bool)]) -> Vec<String> {
    if others.len() <= CLAIMS_MAX {
        return others.iter().map(|(held, _)| mark_of(held)).collect();
    }
    let mut text = String::new();
    others
        .iter()
        .for_each(|(held, _)| describe(&mut text, held));
    vec![Notices::mark(&text)]
}

fn mark_of(held: &Holding) -> String {
    let mut text = String::new();
    describe(&mut text, held);
    Notices::mark(&text)
}

fn describe(text: &mut String, held: &Holding) {
    for part in [
        held.session.as_str(),
        held.resource.label(),
        held.mode.as_str(),
        held.purpose.as_str(),
        if held.is_gone { "gone" } else { "" },
    ] {
        text.push_str(part);
        text.push('\n');
    }
    text.push_str(&held.claimed_at.as_millis().to_string());
    text.push('\n');
}
