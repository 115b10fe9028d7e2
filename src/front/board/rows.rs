//! The report of `status` as rows of the board: [`screen`].
//!
//! Owns the words of each row, its details, and what can be done from it. Never decides what
//! conflicts, and never reads.

use super::sections::{Addressee, Mark, Row, Screen, Section};
use super::{sessions, tasks};
use crate::app::board::list::Conflict;
use crate::app::board::status::Status;
use crate::app::board::turns::Turn;
use crate::app::messages::inbox::Row as Letter;
use crate::app::turns::look::Standing as TurnStanding;
use crate::model::claim::Mode;
use crate::model::handoff::Handoff;
use crate::model::holding::Holding;
use crate::model::standing::Standing;
use crate::model::task::place_of;
use crate::model::text::name;
use crate::model::turn::is_turn;
use crate::output::When;

/// The most rows of a section.
const ROWS_MAX: usize = 500;

/// Returns what is shown of a report.
pub(super) fn screen(status: &Status, when: &When) -> Screen {
    let others = match status.other_sessions {
        1 => "1 other session".to_owned(),
        count => format!("{count} other sessions"),
    };
    let mut screen = Screen {
        head: format!("{}  {others}  {}", status.me.id, when.clock(status.now)),
        remote: remote(status, when),
        sections: vec![
            notes(status, when),
            in_flight(status, when),
            turns(status, when),
            tasks::section(status, when),
            messages(status, when),
            states(status, when),
            sessions::section(status, when),
        ],
    };
    // What is always there is an answer, too: nothing is claimed.
    let is_shown = |one: &Section| !one.rows.is_empty() || one.title == IN_FLIGHT;
    screen.sections.retain(is_shown);
    for section in &mut screen.sections {
        section.rows.truncate(ROWS_MAX);
        let rows = std::mem::take(&mut section.rows);
        section.rows = rows.into_iter().map(Row::safe).collect();
    }
    screen
}

const IN_FLIGHT: &str = "In flight";

/// Returns what is known of other clones, shortly.
fn remote(status: &Status, when: &When) -> String {
    let Some(remote) = &status.remote else {
        return String::new();
    };
    let seen = match (remote.known.as_of(), remote.known.problem()) {
        (Some(at), None) => format!("seen {}", when.relative(at)),
        (Some(at), Some(_)) => format!("not known since {}", when.relative(at)),
        (None, _) => "not known".to_owned(),
    };
    let unsent = match remote.unsent {
        0 => String::new(),
        count => format!(", {count} not sent"),
    };
    format!("{}: {seen}{unsent}", name(&remote.name))
}

/// Returns what is wrong, and what the session was not told yet.
fn notes(status: &Status, when: &When) -> Section {
    let news = status.news.iter().map(|one| when.spelled(&one.to_string()));
    let problems = status.problems.iter().map(ToString::to_string);
    let remote = status.remote.iter().flat_map(|remote| {
        let error = remote.error.iter().chain(&remote.refused);
        error.map(|error| format!("the remote: {error}"))
    });
    let row = |text: String| Row {
        key: format!("note {text}"),
        mark: Mark::Trouble,
        details: vec![text.clone()],
        what: text,
        ..Row::default()
    };
    Section {
        title: "Notes",
        rows: news.chain(problems).chain(remote).map(row).collect(),
        ..Section::default()
    }
}

/// Returns the claims, those in conflict first, beside what they conflict with.
fn in_flight(status: &Status, when: &When) -> Section {
    let mine = status.mine.iter().zip(&status.mine_conflicts);
    let others = status.others.iter().zip(&status.other_conflicts);
    let mut all: Vec<_> = mine.chain(others).collect();
    // Turns and tasks have sections of their own.
    all.retain(|(held, _)| !is_turn(&held.resource) && place_of(&held.resource).is_none());
    all.sort_by_key(|(held, conflicts)| match conflicts.is_empty() {
        false => (0, held.resource.label()),
        true => (1, ""),
    });
    let held = all.iter().filter(|(held, _)| held.mode.holds()).count();
    let contested = all.iter().filter(|(_, with)| !with.is_empty()).count();
    let summary = match (held, contested) {
        (0, _) => "nothing is claimed".to_owned(),
        (held, 0) => format!("{held} claimed"),
        (held, contested) => format!("{held} claimed, {contested} in conflict"),
    };
    Section {
        title: IN_FLIGHT,
        summary,
        rows: all
            .iter()
            .map(|one| claim(status, one.0, one.1, when))
            .collect(),
    }
}

fn claim(status: &Status, held: &Holding, conflicts: &[Conflict], when: &When) -> Row {
    let is_mine = status.me.owns(held);
    let mark = match (conflicts.is_empty(), held.mode, is_mine) {
        (false, ..) => Mark::Trouble,
        (true, Mode::Waiting, _) => Mark::Quiet,
        (true, _, true) => Mark::Mine,
        (true, _, false) => Mark::Plain,
    };
    let gone = if held.is_gone { "gone, " } else { "" };
    let how = match held.mode {
        Mode::Shared => "",
        Mode::Exclusive => "exclusive ",
        Mode::Waiting => "waits ",
        Mode::Frozen => "frozen ",
    };
    let mut details = vec![
        format!("{} {}", held.resource, held.mode.as_str()),
        format!("by {}{}", held.holder(), if is_mine { ", you" } else { "" }),
        format!("for {}", held.purpose),
        format!("since {}", when.both(held.claimed_at)),
        format!("until {}, unless renewed", when.both(held.expires_at)),
    ];
    details.extend(life(held, when));
    let conflicts = conflicts.iter();
    details.extend(conflicts.map(|one| {
        format!(
            "conflicts with {}, claimed by {}",
            one.resource, one.session
        )
    }));
    if !held.confirmed {
        details.push("the remote does not have it yet".to_owned());
    }
    Row {
        key: format!(
            "claim {} {} {}",
            held.resource.label(),
            held.session,
            held.node
        ),
        mark,
        name: held.resource.to_string(),
        who: session(status, held),
        what: format!("{gone}{how}{}", held.purpose),
        when: when.left(held.expires_at),
        details,
        to: addressee(status, held),
        release: is_mine.then(|| held.resource.clone()),
    }
}

/// Returns when and where a session was heard of last.
fn life(held: &Holding, when: &When) -> Vec<String> {
    let gone = match held.is_gone {
        true => Some("its process is gone".to_owned()),
        false => None,
    };
    let seen = format!("seen {}{}", when.both(held.seen_at), held.whence());
    std::iter::once(seen).chain(gone).collect()
}

fn session(status: &Status, held: &Holding) -> String {
    match status.me.owns(held) {
        true => "you".to_owned(),
        false => held.session.to_string(),
    }
}

fn addressee(status: &Status, held: &Holding) -> Option<Addressee> {
    let is_mine = status.me.owns(held);
    (!is_mine).then(|| Addressee {
        session: held.session.as_str().to_owned(),
        reply_to: None,
    })
}

fn turns(status: &Status, when: &When) -> Section {
    let rows = status.turns.iter().map(|turn| turn_row(status, turn, when));
    Section {
        title: "Turns",
        rows: rows.collect(),
        ..Section::default()
    }
}

fn turn_row(status: &Status, turn: &Turn, when: &When) -> Row {
    let (who, end, until, holder) = match &turn.standing {
        TurnStanding::Held(held) => {
            let who = session(status, held);
            let until = format!("{who} until {}", when.both(held.expires_at));
            (who, when.left(held.expires_at), until, Some(held.as_ref()))
        }
        TurnStanding::Offered(offered) => {
            let to = match turn.is_offered_to_me {
                true => "offered to you".to_owned(),
                false => format!("offered to {}", offered.to),
            };
            let until = format!(
                "{to} until {}, by {}",
                when.both(offered.until),
                offered.by.id
            );
            (to, when.left(offered.until), until, None)
        }
        TurnStanding::Free => ("free".to_owned(), String::new(), "free".to_owned(), None),
    };
    let next = turn.queue.first().map(|first| {
        let more = match turn.queue.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        format!("next: {}{more}", session(status, first))
    });
    let left = turn.left.as_ref().map(|left| &left.handoff);
    let passed = left.map(|left| format!("{} passed it: {}", left.from, left.said.next));
    let mut details = vec![format!("{}: {until}", turn.resource)];
    details.extend(holder.into_iter().flat_map(|held| life(held, when)));
    let queue = turn.queue.iter().enumerate();
    details.extend(queue.map(|(at, one)| {
        let since = when.relative(one.claimed_at);
        format!(
            "{}. in line: {}, since {since}",
            at + 1,
            session(status, one)
        )
    }));
    details.extend(left.into_iter().flat_map(|left| handoff(left, when)));
    Row {
        key: format!("turn {}", turn.resource.label()),
        mark: match (turn.is_mine, turn.is_offered_to_me) {
            (true, _) => Mark::Mine,
            (false, true) => Mark::ForMe,
            (false, false) => Mark::Plain,
        },
        name: turn.resource.to_string(),
        who,
        what: next.or(passed).unwrap_or_default(),
        when: end,
        details,
        to: holder.and_then(|held| addressee(status, held)),
        release: turn.is_mine.then(|| turn.resource.clone()),
    }
}

/// Returns what was left for the next holder.
fn handoff(left: &Handoff, when: &When) -> Vec<String> {
    let said = &left.said;
    vec![
        format!("left by {} {}", left.from, when.both(left.at)),
        format!("status {}", said.status),
        format!("next {}", said.next),
    ]
}

fn messages(status: &Status, when: &When) -> Section {
    let summary = match status.messages.len() == status.unread {
        true => format!("{} unread", status.unread),
        false => format!("{} unread, the newest", status.unread),
    };
    Section {
        title: "Messages",
        summary,
        rows: status
            .messages
            .iter()
            .map(|one| message(one, when))
            .collect(),
    }
}

fn message(row: &Letter, when: &When) -> Row {
    let (message, by) = (&row.sent.message, &row.sent.by);
    let draft = &message.draft;
    let about = draft.about.as_ref().map(|about| format!("about {about}"));
    let from = format!("from {} ({}@{})", by.id, name(&by.user), name(&by.host));
    let sent = format!("{}, id {}", when.both(message.sent_at), message.id());
    let mut details = vec![from, sent];
    details.extend(about);
    details.push(String::new());
    details.push(draft.text.as_str().to_owned());
    Row {
        key: format!("message {}", message.id()),
        mark: Mark::ForMe,
        name: by.id.to_string(),
        who: match (draft.asks, draft.urgent) {
            (true, _) => "asks".to_owned(),
            (false, true) => "urgent".to_owned(),
            (false, false) => String::new(),
        },
        what: draft.text.subject().to_owned(),
        when: when.since(message.sent_at),
        details,
        to: Some(Addressee {
            session: by.id.as_str().to_owned(),
            reply_to: Some(message.id()),
        }),
        release: None,
    }
}

fn states(status: &Status, when: &When) -> Section {
    let is_odd = |one: &&Standing| !one.said.statement.saying.word.is_fine();
    let rows = status.states.iter().filter(is_odd);
    Section {
        title: "States",
        rows: rows.map(|one| state(one, when)).collect(),
        ..Section::default()
    }
}

fn state(standing: &Standing, when: &When) -> Row {
    let said = &standing.said;
    let saying = &said.statement.saying;
    let version = saying.version.as_ref();
    let version = version.map(|version| format!("version {version}"));
    let notes = saying.notes.as_ref().map(ToString::to_string);
    let mut details = vec![
        format!("{} is {}", saying.resource, saying.word),
        format!(
            "says {} ({}@{})",
            said.by.id,
            name(&said.by.user),
            name(&said.by.host)
        ),
        format!("{}", when.both(said.statement.at)),
        format!("until {}", when.both(said.statement.expires_at())),
    ];
    details.extend(version.clone());
    details.extend(notes.clone());
    Row {
        key: format!("state {}", saying.resource.label()),
        mark: Mark::Trouble,
        name: saying.resource.to_string(),
        who: saying.word.to_string(),
        what: notes
            .or(version)
            .unwrap_or_else(|| format!("says {}", said.by.id)),
        when: when.since(said.statement.at),
        details,
        to: Some(Addressee {
            session: said.by.id.as_str().to_owned(),
            reply_to: None,
        }),
        release: None,
    }
}
