//! What needs a reader first: conflicts, what a session was not told, unread messages, problems.
//!
//! Owns which of these are named, and the command for each. Never lists claims.

use maud::{Markup, html};

use super::table::part as section;
use crate::app::board::status::Status;
use crate::output::When;

/// Returns the part of the page; nothing if all is well.
pub(super) fn part(status: &Status, conflicts: usize, when: &When) -> Markup {
    let mut lines: Vec<Markup> = Vec::new();
    if conflicts > 0 {
        let what = if conflicts == 1 {
            "claim conflicts"
        } else {
            "claims conflict"
        };
        lines.push(html! { (conflicts) " " (what) " with another: see below" });
    }
    for news in &status.news {
        lines.push(html! { (when.spelled(&news.to_string())) });
    }
    if status.unread > 0 {
        let what = if status.unread == 1 {
            "message is"
        } else {
            "messages are"
        };
        lines.push(html! {
            (status.unread) " " (what) " unread: " code { "git presence inbox" }
        });
    }
    for problem in &status.problems {
        lines.push(html! { (problem.to_string()) ": " code { "git presence doctor" } });
    }
    if lines.is_empty() {
        return html! {};
    }
    let inner = html! { ul { @for line in &lines { li { (line) } } } };
    section("attention", "To attend to", None, &inner)
}
