//! What is offered, what is to be done, and what is true of resources.
//!
//! Owns their words on the page. Never decides which list or which statement counts.

use maud::{Markup, html};

use super::table::{badge, instant, part as section, said, table};
use crate::app::board::status::Status;
use crate::app::tasks::glance::Glance;
use crate::app::tasks::look::Row;
use crate::model::standing::Standing;
use crate::output::When;

/// Returns what no session holds and is offered to one; nothing if nothing is.
pub(super) fn offers(status: &Status, when: &When) -> Markup {
    let rows = status.offers.iter().map(|open| {
        let offered = &open.offered;
        [
            html! { strong { (said(&offered.resource)) } },
            html! {
                (said(&offered.to))
                @if open.is_mine { " " span .note { "(you)" } }
            },
            instant(offered.until, when),
            said(&offered.by.id),
        ]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return html! {};
    }
    let headings = ["Resource", "To", "Until", "By"];
    let inner = table("Offers", headings, &rows, "git presence list");
    section("offers", "Offered", Some(rows.len()), &inner)
}

/// Returns the lists of tasks; nothing if no task is to be done.
pub(super) fn tasks(status: &Status) -> Markup {
    if status.tasks.is_empty() {
        return html! {};
    }
    let inner = html! { @for glance in &status.tasks { (list(glance)) } };
    section("tasks", "Tasks", None, &inner)
}

fn list(glance: &Glance) -> Markup {
    let name = glance.list.to_string();
    let row = |row: &Row, state: Markup, on: Markup| {
        let spec = &row.task.spec;
        [
            state,
            html! { strong { (said(&spec.id)) } },
            html! { (said(&spec.title)) (on) },
        ]
    };
    let mine = glance.mine.iter();
    let mine = mine.map(|one| row(one, badge("warn", "yours"), html! {}));
    let ready = glance.ready.iter();
    let ready = ready.map(|one| row(one, badge("good", "ready"), html! {}));
    let waiting = glance.waiting.iter().map(|one| {
        let on = html! {
            " " span .note {
                "(after "
                @for (at, (id, holder)) in one.on.iter().enumerate() {
                    @if at > 0 { ", " }
                    (said(id))
                    @if let Some(holder) = holder { ", which " (said(holder)) " has" }
                }
                ")"
            }
        };
        row(&one.row, badge("dim", "waits"), on)
    });
    let rows: Vec<_> = mine.chain(ready).chain(waiting).collect();
    let label = format!("Tasks of {name}");
    html! {
        h3 { (said(&name)) }
        p {
            (glance.ready.len()) " ready, " (glance.held.len()) " held by others, "
            (glance.waiting.len()) " waiting, " (glance.blocked.len()) " blocked"
        }
        @if !rows.is_empty() {
            (table(&label, ["State", "Task", "Title"], &rows, "git presence task"))
        }
    }
}

/// Returns what is true of resources, what is not as it should be first; nothing if nothing is.
pub(super) fn states(status: &Status, when: &When) -> Markup {
    let rows = status.states.iter().map(|one| state(one, when));
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return html! {};
    }
    let headings = ["State", "Resource", "Said by", "Until", "Notes"];
    let inner = table("States", headings, &rows, "git presence state");
    section("states", "States", Some(rows.len()), &inner)
}

fn state(one: &Standing, when: &When) -> [Markup; 5] {
    let (statement, by) = (&one.said.statement, &one.said.by);
    let saying = &statement.saying;
    let colour = if saying.word.is_fine() {
        "good"
    } else {
        "warn"
    };
    [
        html! {
            (badge(colour, saying.word.as_str()))
            @if let Some(version) = &saying.version { " " (said(version)) }
        },
        html! { strong { (said(&saying.resource)) } },
        said(&by.id),
        instant(statement.expires_at(), when),
        match &saying.notes {
            Some(notes) => said(notes.as_str()),
            None => html! {},
        },
    ]
}
