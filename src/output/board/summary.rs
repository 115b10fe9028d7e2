//! The words of `status`: this session, its claims and those of others at one glance.
//!
//! Owns the order of its groups, and the line about each thing. Never decides which claims
//! conflict.

use super::claims;
use super::groups::{Group, fitted};
use super::turns;
use crate::app::board::status::Status;
use crate::app::claims::offers::Open;
use crate::app::messages::inbox::Row;
use crate::model::holding::Holding;
use crate::model::text::{name, quote};
use crate::model::turn::is_turn;
use crate::output::cut::cut_lines;
use crate::output::messages::unread;
use crate::output::news::untold;
use crate::output::present::Terminal;
use crate::output::style::{BOLD, WARN, clean, plural};
use crate::output::when::When;
use crate::output::{glance, offers, remote, states};

/// The most lines of the answer, so that it is seen at once.
const LINES_MAX: usize = 25;
/// The most claims of a group that are looked at for its rows.
const CLAIMS_MAX: usize = 5;
const PROBLEMS_MAX: usize = 2;
/// The most bytes of a first line.
const SUBJECT_BYTES_MAX: usize = 120;

/// Returns a group of these rows.
fn of_rows(rows: Vec<String>) -> Group {
    Group {
        all: rows.len(),
        rows,
        ..Group::default()
    }
}

impl Status {
    /// Returns the answer for people.
    pub(super) fn summary(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        // A person finds the parts by the lines between them; a program needs none.
        let is_apart = terminal.is_watched;
        let mut groups = vec![
            Group::of_lines(self.asker(&when)),
            self.claims(true, terminal).apart(is_apart),
            self.notes(&when),
            self.messages_group(&when),
            self.claims(false, terminal).apart(is_apart),
            self.turns_group(&when),
            self.offers_group(&when),
            self.states_group(),
        ];
        groups.extend(self.tasks.iter().map(|one| Group {
            head: glance::head(one),
            command: "git presence task",
            ..of_rows(glance::rows(one))
        }));
        groups.push(self.problems_group().apart(is_apart));
        let remote = self
            .remote
            .as_ref()
            .map(|remote| remote::state(remote, &when));
        groups.push(Group::of_lines(remote.unwrap_or_default()));
        let next = self.next.as_ref();
        let next = next.map(|next| format!("{BOLD}Next:{BOLD:#} {next}\n"));
        groups.push(Group::of_lines(next.unwrap_or_default()));
        cut_lines(&fitted(groups, LINES_MAX), terminal.width)
    }

    /// Returns the lines about the session that asks, and the board.
    fn asker(&self, when: &When) -> String {
        let agent = self.agent.as_deref().map(|agent| name(agent).to_string());
        let seen = self.seen_at;
        let seen = seen.map(|at| format!("seen {}", when.relative(at)));
        let known: Vec<String> = agent.into_iter().chain(seen).collect();
        let known = match known.is_empty() {
            true => String::new(),
            false => format!(" ({})", known.join(", ")),
        };
        let board = match self.is_kept_elsewhere {
            true => format!("The board is kept in {}\n", clean(&self.ledger)),
            false => String::new(),
        };
        format!("You are {BOLD}{}{BOLD:#}{known}\n{board}", self.me.id)
    }

    /// Returns the claims of the session, or of the others; turns have lines of their own.
    fn claims(&self, is_mine: bool, terminal: &Terminal) -> Group {
        let (all, conflicts) = match is_mine {
            true => (&self.mine, &self.mine_conflicts),
            false => (&self.others, &self.other_conflicts),
        };
        let rows = all.iter().zip(conflicts);
        let rows = rows.filter(|(held, _)| !is_turn(&held.resource));
        let rows: Vec<(&Holding, bool)> = rows
            .map(|(held, conflicts)| (held, !conflicts.is_empty()))
            .collect();
        let count = counted(rows.iter().map(|(held, _)| *held));
        let (head, command) = match is_mine {
            true => (
                format!("{BOLD}Yours:{BOLD:#} {count}\n"),
                "git presence list --mine",
            ),
            false => {
                let sessions = plural(self.other_sessions, "session");
                let known = self.remote.as_ref().map(|remote| &remote.known);
                let known = known.map(remote::not_known_yet).unwrap_or_default();
                let head = format!("{BOLD}Others:{BOLD:#} {count}, {sessions}\n{known}");
                (head, "git presence list")
            }
        };
        Group {
            head,
            all: rows.len(),
            rows: claims::rows(&rows[..rows.len().min(CLAIMS_MAX)], self, terminal),
            command,
            ..Group::default()
        }
    }

    fn notes(&self, when: &When) -> Group {
        let notes = self.news.iter();
        Group {
            command: "git presence heartbeat",
            ..of_rows(
                notes
                    .map(|one| untold(std::slice::from_ref(one), when))
                    .collect(),
            )
        }
    }

    fn messages_group(&self, when: &When) -> Group {
        let row = |row: &Row| message_line(row, when);
        Group {
            head: unread(self.unread),
            ..of_rows(self.messages.iter().map(row).collect())
        }
    }

    fn turns_group(&self, when: &When) -> Group {
        let line = |turn| turns::line(&self.me, turn, when);
        Group {
            command: "git presence list --type turn",
            ..of_rows(self.turns.iter().map(line).collect())
        }
    }

    fn offers_group(&self, when: &When) -> Group {
        let mut offers: Vec<&Open> = self.offers.iter().collect();
        offers.retain(|one| !is_turn(&one.offered.resource));
        offers.sort_by_key(|one| !one.is_mine);
        Group {
            command: "git presence list",
            ..of_rows(
                offers
                    .into_iter()
                    .map(|one| offers::line(one, when))
                    .collect(),
            )
        }
    }

    fn states_group(&self) -> Group {
        Group {
            command: "git presence state",
            ..of_rows(states::odd(&self.states).map(states::glance_line).collect())
        }
    }

    fn problems_group(&self) -> Group {
        let line = |problem| format!("{WARN}Problem:{WARN:#} {problem}\n");
        let rows = self.problems.iter().take(PROBLEMS_MAX).map(line);
        Group {
            all: self.problems.len(),
            command: "git presence doctor",
            ..of_rows(rows.collect())
        }
    }
}

/// Returns the line about an unread message.
fn message_line(row: &Row, when: &When) -> String {
    let message = &row.sent.message;
    let asks = match (message.draft.asks, message.draft.urgent) {
        (true, _) => "asks ",
        (false, true) => "urgent ",
        (false, false) => "",
    };
    format!(
        "  {WARN}{asks}{WARN:#}{BOLD}{}{BOLD:#}, {}: {}\n",
        row.sent.by.id,
        when.relative(message.sent_at),
        quote(message.draft.text.subject(), SUBJECT_BYTES_MAX)
    )
}

/// Returns how many claims there are, and how many places in a queue, which hold nothing.
fn counted<'h>(claims: impl Iterator<Item = &'h Holding>) -> String {
    let (held, waiting): (Vec<_>, Vec<_>) = claims.partition(|h| h.mode.holds());
    let held = held.len();
    match waiting.len() {
        0 => plural(held, "claim"),
        waiting => format!("{}, {waiting} waiting", plural(held, "claim")),
    }
}
