//! Tables, instants and text of others on the page.
//!
//! Owns how a table stays one where its rows are shown below each other on a narrow screen: by
//! roles, and by the heading that each cell repeats. Never knows what is in one.

use std::fmt::Display;

use maud::{Markup, html};

use crate::app::board::status::Status;
use crate::model::holding::Holding;
use crate::model::time::Timestamp;
use crate::output::When;

/// The most rows of a table: a page of thousands helps no reader.
pub(super) const ROWS_MAX: usize = 200;

/// Returns a part of the page, with a heading and how much of it there is.
pub(super) fn part(id: &str, heading: &str, count: Option<usize>, inner: &Markup) -> Markup {
    let heading_id = format!("{id}-heading");
    html! {
        section id=(id) aria-labelledby=(heading_id) {
            h2 id=(heading_id) {
                (heading)
                @if let Some(count) = count { " " span .count { "(" (count) ")" } }
            }
            (inner)
        }
    }
}

/// Returns a table with these headings. Each row has as many cells.
pub(super) fn table<const N: usize>(
    label: &str,
    headings: [&str; N],
    rows: &[[Markup; N]],
    more: &str,
) -> Markup {
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    html! {
        table role="table" aria-label=(label) {
            thead role="rowgroup" {
                tr role="row" {
                    @for heading in headings { th role="columnheader" scope="col" { (heading) } }
                }
            }
            tbody role="rowgroup" {
                @for row in rows.iter().take(ROWS_MAX) {
                    tr role="row" {
                        @for (cell, heading) in row.iter().zip(headings) {
                            td role="cell" data-label=(heading) { div { (cell) } }
                        }
                    }
                }
            }
        }
        @if left_out > 0 { p { "and " (left_out) " more: " code { (more) } } }
    }
}

/// Returns an instant, as people and as programs read it.
pub(super) fn instant(at: Timestamp, when: &When) -> Markup {
    html! { time datetime=(at.to_rfc3339()) { (maud::display(when.both(at))) } }
}

/// Returns text that another session may have written.
pub(super) fn said(text: impl Display) -> Markup {
    html! { bdi { (maud::display(text)) } }
}

/// Returns a word that matters, in a colour for it; the word has the meaning.
pub(super) fn badge(kind: &str, word: &str) -> Markup {
    html! { span .badge .(kind) { (word) } }
}

/// Returns the session of a claim.
pub(super) fn session(status: &Status, held: &Holding) -> Markup {
    html! {
        (said(&held.session))
        @if status.me.owns(held) { " " span .note { "(you)" } }
        @if let Some(agent) = &held.agent {
            " " span .note { (said(crate::model::text::name(agent))) }
        }
    }
}
