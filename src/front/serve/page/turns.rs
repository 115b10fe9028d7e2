//! Turns: who has each, who is next, what was passed.
//!
//! Owns their words on the page. Never decides who gets a turn.

use maud::{Markup, html};

use super::table::{badge, instant, part as section, said, table};
use crate::app::board::status::Status;
use crate::app::board::turns::Turn;
use crate::app::turns::look::Standing;
use crate::model::claim::Mode;
use crate::model::text::list;
use crate::output::When;

/// Returns the part of the page; nothing if no turn was taken or passed.
pub(super) fn part(status: &Status, when: &When) -> Markup {
    let rows = status.turns.iter().map(|turn| row(turn, when));
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return html! {};
    }
    let headings = [
        "State",
        "Turn",
        "Session",
        "Until",
        "In line",
        "Passed on with",
    ];
    let inner = table("Turns", headings, &rows, "git presence turn");
    section("turns", "Turns", Some(rows.len()), &inner)
}

fn row(turn: &Turn, when: &When) -> [Markup; 6] {
    let (state, session, until) = match &turn.standing {
        Standing::Free => (badge("good", "free"), html! {}, html! {}),
        Standing::Held(held) => {
            let word = if held.mode == Mode::Frozen {
                "frozen"
            } else {
                "held"
            };
            let gone = html! { @if held.is_gone { " " (badge("warn", "gone")) } };
            (
                html! { (badge("warn", word)) (gone) },
                html! { (said(&held.session)) (you(turn.is_mine)) },
                instant(held.expires_at, when),
            )
        }
        Standing::Offered(offered) => (
            badge("good", "offered"),
            html! { (said(&offered.to)) (you(turn.is_offered_to_me)) },
            instant(offered.until, when),
        ),
    };
    let queue: Vec<_> = turn.queue.iter().map(|one| &one.session).collect();
    [
        state,
        html! { strong { (said(&turn.resource)) } },
        session,
        until,
        html! { @if !queue.is_empty() { (said(list(queue.into_iter()))) } },
        html! {
            @if let Some(left) = &turn.left {
                (said(left.handoff.said.next.as_str()))
                " " span .note { "by " (said(&left.handoff.from)) }
            }
        },
    ]
}

fn you(is_me: bool) -> Markup {
    html! { @if is_me { " " span .note { "(you)" } } }
}
