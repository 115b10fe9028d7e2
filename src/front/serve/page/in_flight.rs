//! What is in flight: claims and queued requests, those in conflict first.
//!
//! Owns their order and their words on the page. Never decides which claims conflict by another
//! rule than `status`.

use maud::{Markup, html};

use super::table::{badge, instant, part as section, said, session, table};
use crate::app::board::list::Conflict;
use crate::app::board::status::Status;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::output::When;

/// A claim, and the claims of other sessions that conflict with it.
type Flown<'s> = (&'s Holding, &'s [Conflict]);

/// Returns how many claims conflict.
pub(super) fn conflicts(status: &Status) -> usize {
    let all = status.mine_conflicts.iter().chain(&status.other_conflicts);
    all.filter(|conflicts| !conflicts.is_empty()).count()
}

fn all(status: &Status) -> Vec<Flown<'_>> {
    let mine = status.mine.iter().zip(&status.mine_conflicts);
    let others = status.others.iter().zip(&status.other_conflicts);
    let all = mine.chain(others);
    let mut all: Vec<Flown<'_>> = all.map(|(held, with)| (held, with.as_slice())).collect();
    all.sort_by_key(|(held, with)| (with.is_empty(), !held.mode.holds()));
    all
}

/// Returns the part of the page.
pub(super) fn part(status: &Status, when: &When) -> Markup {
    let all = all(status);
    let rows = all.iter().map(|(held, with)| {
        [
            html! {
                @if let Some(first) = with.first() {
                    (badge("bad", "conflict")) " " span .note { "with " (said(&first.session)) } " "
                }
                @if held.is_gone { (badge("warn", "gone")) " " }
                (badge(colour(held.mode), held.mode.as_str()))
            },
            html! { strong { (said(&held.resource)) } },
            session(status, held),
            html! {
                (instant(held.expires_at, when))
                @if !held.confirmed { " " span .note { "(not sent yet)" } }
            },
            said(held.purpose.as_str()),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let headings = ["State", "Resource", "Session", "Until", "Purpose"];
    let inner = match rows.is_empty() {
        true => html! { p { "Nothing is claimed." } },
        false => table("Claims", headings, &rows, "git presence list"),
    };
    let inner = html! { (inner) (next(status)) };
    section("in-flight", "In flight", Some(all.len()), &inner)
}

/// Returns the command that most likely comes next for the session that serves the page.
fn next(status: &Status) -> Markup {
    let Some(next) = &status.next else {
        return html! {};
    };
    let (command, when) = next.split_once("  ").unwrap_or((next, ""));
    html! { p .next { "Next for " (said(&status.me.id)) ": " code { (command) } " " (when) } }
}

const fn colour(mode: Mode) -> &'static str {
    match mode {
        Mode::Exclusive | Mode::Frozen => "warn",
        Mode::Shared => "good",
        Mode::Waiting => "dim",
    }
}
