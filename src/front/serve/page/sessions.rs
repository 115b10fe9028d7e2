//! The sessions that are here.
//!
//! Owns their words on the page. Never decides who is here.

use maud::{Markup, html};

use super::table::{badge, instant, part as section, said, table};
use crate::app::sessions::list::{Everyone, Present};
use crate::model::session::Status;
use crate::model::text::name;
use crate::output::When;

/// Returns the part of the page; nothing if no session is here.
pub(super) fn part(everyone: &Everyone, when: &When) -> Markup {
    let rows = everyone.sessions.iter().map(|one| row(everyone, one, when));
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return html! {};
    }
    let headings = [
        "Status", "Session", "Agent", "Where", "Seen", "Claims", "Task",
    ];
    let inner = table("Sessions", headings, &rows, "git presence sessions");
    section("sessions", "Sessions", Some(rows.len()), &inner)
}

fn row(everyone: &Everyone, one: &Present, when: &When) -> [Markup; 7] {
    let is_me = one.session == everyone.me.id && Some(one.node) == everyone.me.node;
    let held = one.claims.iter().filter(|claim| claim.mode.holds()).count();
    let waits = one.claims.len() - held;
    [
        badge(colour(one.status), one.status.as_str()),
        html! {
            strong { (said(&one.session)) }
            @if is_me { " " span .note { "(you)" } }
        },
        html! { @if let Some(agent) = &one.agent { (said(name(agent))) } },
        html! {
            (said(name(&one.user))) "@" (said(name(&one.host)))
            @if let Some(folder) = &one.folder { " " span .note { (said(name(folder))) } }
            @if let Some(branch) = &one.branch { " on " (said(name(branch))) }
            @if let Some(pane) = &one.pane { " in tmux " (said(name(pane))) }
        },
        instant(one.seen_at, when),
        html! {
            (held) " held"
            @if waits > 0 { ", " (waits) " waiting" }
            @if one.conflicts > 0 { " " (badge("bad", "conflict")) }
        },
        html! {
            @if let Some(task) = &one.task {
                (said(&task.id))
                @if let Some(title) = &task.title { " " (said(title.as_str())) }
            }
        },
    ]
}

const fn colour(status: Status) -> &'static str {
    match status {
        Status::Working | Status::Idle => "good",
        Status::Waiting | Status::Gone => "warn",
        Status::Silent | Status::Ended => "dim",
    }
}
