//! What happened last.
//!
//! Owns how an event is told in a row. Never decides which events are shown.

use maud::{Markup, html};

use super::table::{instant, part as section, said, table};
use crate::app::board::log::Log;
use crate::model::event::Entry;
use crate::model::text::{list, name};
use crate::output::When;

/// Returns the part of the page.
pub(super) fn part(log: &Log, when: &When) -> Markup {
    let rows: Vec<_> = log.entries.iter().map(|entry| row(entry, when)).collect();
    let headings = ["When", "What", "Resources", "Session", "Purpose"];
    let inner = match rows.is_empty() {
        true => html! { p { "Nothing yet." } },
        false => table("Events", headings, &rows, "git presence log"),
    };
    section("happened", "Happened last", None, &inner)
}

fn row(entry: &Entry, when: &When) -> [Markup; 5] {
    let (event, details) = (&entry.event, entry.event.kind.details());
    let resources: Vec<_> = event.resources.iter().chain(&event.expired).collect();
    [
        instant(entry.at, when),
        html! { (said(name(event.kind.word()))) },
        html! { strong { (said(list(resources.into_iter()))) } },
        html! {
            (said(&event.session))
            @if let Some(by) = details.by { " by " (said(by)) }
        },
        match details.purpose {
            Some(purpose) => said(purpose.as_str()),
            None => html! {},
        },
    ]
}
