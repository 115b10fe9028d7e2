//! The newest messages that the session has not read.
//!
//! Owns their words on the page: the first line of each. The page marks none as read. Never shows
//! more than `status` does.

use maud::{Markup, html};

use super::table::{badge, instant, part as section, said, table};
use crate::app::board::status::Status;
use crate::app::messages::inbox::Row;
use crate::model::text::harmless;
use crate::output::When;

/// The most bytes that are shown of a message.
const SUBJECT_BYTES_MAX: usize = 120;

/// Returns the part of the page; nothing if all was read.
pub(super) fn part(status: &Status, when: &When) -> Markup {
    let rows = status.messages.iter().map(|one| row(one, when));
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return html! {};
    }
    let headings = ["Sent", "From", "About", "Message", "Id"];
    let inner = table("Unread messages", headings, &rows, "git presence inbox");
    section("messages", "Unread messages", Some(status.unread), &inner)
}

fn row(one: &Row, when: &When) -> [Markup; 5] {
    let (message, draft) = (&one.sent.message, &one.sent.message.draft);
    [
        instant(message.sent_at, when),
        said(&one.sent.by.id),
        html! { @if let Some(about) = &draft.about { strong { (said(about)) } } },
        html! {
            @if draft.urgent { (badge("bad", "urgent")) " " }
            @if draft.asks { (badge("warn", "asks")) " " }
            (said(harmless(draft.text.subject(), SUBJECT_BYTES_MAX)))
        },
        html! { code { (message.id().to_string()) } },
    ]
}
