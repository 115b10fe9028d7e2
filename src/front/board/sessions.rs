//! Sessions as rows of the board: [`section`].
//!
//! Owns the words of each and its details. Never finds out whether a session is here.

use super::sections::{Addressee, Mark, Row, Section};
use crate::app::board::status::Status as Report;
use crate::app::sessions::list::Present;
use crate::model::session::Status;
use crate::model::text::{list, name};
use crate::output::When;

/// Returns the sessions that are here.
pub(super) fn section(report: &Report, when: &When) -> Section {
    let count = |status| {
        report
            .sessions
            .iter()
            .filter(|one| one.status == status)
            .count()
    };
    let parts = [
        (count(Status::Working), "working"),
        (count(Status::Waiting), "waiting"),
        (count(Status::Idle), "idle"),
        (count(Status::Gone), "gone"),
    ];
    Section {
        title: "Sessions",
        summary: counts(&parts),
        rows: report
            .sessions
            .iter()
            .map(|one| row(report, one, when))
            .collect(),
    }
}

/// Returns the counts that are not 0.
pub(super) fn counts(parts: &[(usize, &str)]) -> String {
    let shown = parts.iter().filter(|(count, _)| *count > 0);
    let shown: Vec<String> = shown
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    shown.join(", ")
}

fn row(report: &Report, one: &Present, when: &When) -> Row {
    let is_me = one.session == report.me.id && Some(one.node) == report.me.node;
    let mark = match (one.conflicts, one.status, is_me) {
        (1.., ..) | (_, Status::Gone, _) => Mark::Trouble,
        (_, _, true) => Mark::Mine,
        (_, Status::Working | Status::Waiting, _) => Mark::Plain,
        _ => Mark::Quiet,
    };
    Row {
        key: format!("session {} {}", one.session, one.node),
        mark,
        name: one.session.to_string(),
        who: one.status.as_str().to_owned(),
        what: what(one),
        when: when.since(one.seen_at),
        details: details(one, when),
        to: (!is_me).then(|| Addressee {
            session: one.session.as_str().to_owned(),
            reply_to: None,
        }),
        release: None,
    }
}

/// Returns its task or how much it holds, its agent and its branch.
fn what(one: &Present) -> String {
    let title = |task: &crate::app::sessions::list::TaskOf| match &task.title {
        Some(title) => title.to_string(),
        None => format!("task {}", task.id),
    };
    let work = one
        .task
        .as_ref()
        .map(title)
        .or_else(|| match one.claims.len() {
            0 => None,
            1 => Some("1 claim".to_owned()),
            count => Some(format!("{count} claims")),
        });
    let agent = one.agent.as_deref().map(|agent| name(agent).to_string());
    let branch = one
        .branch
        .as_deref()
        .map(|branch| format!("on {}", name(branch)));
    let parts: Vec<String> = work.into_iter().chain(agent).chain(branch).collect();
    parts.join(", ")
}

fn details(one: &Present, when: &When) -> Vec<String> {
    let who = format!("{} ({}@{})", one.session, name(&one.user), name(&one.host));
    let mut details = vec![who, one.status.as_str().to_owned()];
    details.extend(
        one.agent
            .as_deref()
            .map(|agent| format!("agent {}", name(agent))),
    );
    details.extend(
        one.since
            .map(|since| format!("here since {}", when.both(since))),
    );
    details.push(format!("seen {}", when.both(one.seen_at)));
    let folder = one.folder.as_deref();
    details.extend(folder.map(|folder| format!("folder {}", name(folder))));
    details.extend(
        one.branch
            .as_deref()
            .map(|branch| format!("branch {}", name(branch))),
    );
    details.extend(
        one.pane
            .as_deref()
            .map(|pane| format!("pane {}", name(pane))),
    );
    let claims = one.claims.iter();
    details.extend(claims.map(|held| {
        let until = when.both(held.expires_at);
        format!(
            "{} {} until {until}: {}",
            held.mode.as_str(),
            held.resource,
            held.purpose
        )
    }));
    if !one.frozen.is_empty() {
        let frozen = list(one.frozen.iter().map(|held| held.resource.to_string()));
        details.push(format!("has frozen {frozen}"));
    }
    details
}
