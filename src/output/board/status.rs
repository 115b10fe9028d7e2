//! The answer of `status`: this session, its claims and those of others at one glance.
//!
//! Owns its words and its JSON, and how much of a long list is shown. Never decides which claims
//! conflict.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use crate::app::board::status::Status;
use crate::model::claim::Mode;
use crate::model::holding::Holding;
use crate::model::text::name;
use crate::output::glance::{self, GlanceShape};
use crate::output::messages::unread;
use crate::output::news::{Untold, untold};
use crate::output::offers::{self, OfferOf};
use crate::output::present::{Present, Terminal};
use crate::output::remote::{self, RemoteState};
use crate::output::shapes::{self, At, Claim, Record};
use crate::output::states::{self, StateShape};
use crate::output::style::{BOLD, DIM, WARN, clean, more_in, plural};
use crate::output::table::Table;
use crate::output::when::When;

const MINE_MAX: usize = 5;
const OTHERS_MAX: usize = 5;
const PROBLEMS_MAX: usize = 2;
const STATES_MAX: usize = 5;
/// Below this many columns, an end is told by how far away it is.
const NARROW: usize = 110;
/// How wide a label and a session are at least, unless they are shorter.
const RESOURCE_MIN: usize = 28;
const SESSION_MIN: usize = 16;

/// What `status` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct StatusAnswer<'a> {
    /// the session of the caller
    session_id: &'a str,
    /// how that was found out: `flag`, `variable`, `harness`, `ci` or `person`
    rule: &'static str,
    /// the harness or CI system, if known
    agent: Option<&'a str>,
    /// the repository that keeps the board
    ledger: &'a str,
    /// the last heartbeat of this session; null for a session that never wrote
    seen_at: Option<At>,
    /// claims of this session, and what it waits for, which it does not hold
    mine: Vec<Claim<'a>>,
    /// claims of other sessions; those that conflict with `mine` come first
    others: Vec<Claim<'a>>,
    /// what no session holds and only one may have for a while
    offers: Vec<OfferOf<'a>>,
    /// how many live sessions there are besides this one, with or without claims
    other_sessions: usize,
    /// what happened to claims and requests of this session that it was not told yet; `status`
    /// shows it until another verb or a hook told it
    news: Vec<Untold<'a>>,
    /// how many messages of other sessions are unread
    unread: usize,
    /// what is true of resources, as sessions say it; what is not as it should be comes first
    states: Vec<StateShape<'a>>,
    /// the lists of tasks: `main`, and those of which the session has a task, if anything is to be
    /// done there
    tasks: Vec<GlanceShape<'a>>,
    /// records that cannot be read
    problems: Vec<Record<'a>>,
    /// the remote, or null without one
    remote: Option<RemoteState<'a>>,
    /// a command to go on with, for a person; null if none is more likely than others
    next: Option<&'a str>,
}

impl Present for Status {
    fn text(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        // A person finds the parts by the lines between them; a program needs none.
        let gap = if terminal.is_watched { "\n" } else { "" };
        let mut out = self.asker(&when);
        out.push_str(gap);
        let _ = writeln!(out, "{BOLD}Yours:{BOLD:#} {}", counted(&self.mine));
        let mine = self.mine.iter().map(|claim| (claim, false));
        out.push_str(&glance(mine.take(MINE_MAX), self, terminal));
        more_in(
            &mut out,
            self.mine.len(),
            MINE_MAX,
            "git presence list --mine",
        );
        out.push_str(&untold(&self.news, &when));
        out.push_str(&unread(self.unread));
        let _ = writeln!(
            out,
            "{gap}{BOLD}Others:{BOLD:#} {}, {}",
            counted(&self.others),
            plural(self.other_sessions, "session")
        );
        if let Some(remote) = &self.remote {
            out.push_str(&remote::not_known_yet(&remote.known));
        }
        let others = self.others.iter().zip(self.contested.iter().copied());
        out.push_str(&glance(others.take(OTHERS_MAX), self, terminal));
        more_in(&mut out, self.others.len(), OTHERS_MAX, "git presence list");
        out.push_str(&offers::lines(&self.offers, &when));
        out.push_str(&states::glance(&self.states, STATES_MAX));
        out.push_str(&glance::lines(&self.tasks));
        out.push_str(gap);
        for problem in self.problems.iter().take(PROBLEMS_MAX) {
            let _ = writeln!(out, "{WARN}Problem:{WARN:#} {problem}");
        }
        more_in(
            &mut out,
            self.problems.len(),
            PROBLEMS_MAX,
            "git presence doctor",
        );
        if let Some(remote) = &self.remote {
            out.push_str(&remote::state(remote, &when));
        }
        if let Some(next) = &self.next {
            let _ = writeln!(out, "{BOLD}Next:{BOLD:#} {next}");
        }
        out
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        let claim = |h| Claim::seen_by(&self.me, h);
        shapes::value(&StatusAnswer {
            session_id: self.me.id.as_str(),
            rule: self.rule.as_str(),
            agent: self.agent.as_deref(),
            ledger: &self.ledger,
            seen_at: self.seen_at.map(At),
            mine: self.mine.iter().map(claim).collect(),
            others: self.others.iter().map(claim).collect(),
            offers: self.offers.iter().map(OfferOf::of).collect(),
            other_sessions: self.other_sessions,
            news: Untold::all(&self.news),
            unread: self.unread,
            states: self.states.iter().map(StateShape::of).collect(),
            tasks: self.tasks.iter().map(GlanceShape::of).collect(),
            problems: Record::all(&self.problems),
            remote: self.remote.as_ref().map(RemoteState::of),
            next: self.next.as_deref(),
        })
    }
}

impl Status {
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
}

/// Returns how many claims there are, and how many places in a queue, which hold nothing.
fn counted(claims: &[Holding]) -> String {
    let held = claims.iter().filter(|h| h.mode.holds()).count();
    match claims.len() - held {
        0 => plural(held, "claim"),
        waiting => format!("{}, {waiting} waiting", plural(held, "claim")),
    }
}

/// Returns a line for each claim, below each other: what, how, who, until when and why.
fn glance<'h>(
    claims: impl Iterator<Item = (&'h Holding, bool)>,
    status: &Status,
    terminal: &Terminal,
) -> String {
    let when = terminal.when(status.now);
    let mut mine = Table::new(&["", "", "", "", ""])
        .cutting_in_the_middle(&[(1, RESOURCE_MIN)])
        .keeping(&[1, 3, 2])
        .giving_way(&[], &[4, 2]);
    let mut theirs = Table::new(&["", "", "", "", "", ""])
        .cutting_in_the_middle(&[(1, RESOURCE_MIN), (3, SESSION_MIN)])
        .keeping(&[1, 3, 4, 2])
        .giving_way(&[], &[5, 2, 3]);
    for (h, is_contested) in claims {
        let is_mine = status.me.owns(h);
        let table = if is_mine { &mut mine } else { &mut theirs };
        let conflicts = match is_mine {
            true => status.others.iter().any(|other| meets(h, other)),
            false => is_contested || status.mine.iter().any(|mine| meets(mine, h)),
        };
        let style = match (conflicts, h.mode) {
            (true, _) => WARN,
            (false, Mode::Waiting) => DIM,
            (false, _) => BOLD,
        };
        let cell = |table: &mut Table<'_>, style, text: &dyn std::fmt::Display| match terminal
            .has_styles()
        {
            true => table.styled(style, text),
            false => table.cell(text),
        };
        cell(table, WARN, &if conflicts { "!" } else { "" });
        cell(table, style, &h.resource);
        let gone = if h.is_gone { "gone, " } else { "" };
        let unsent = if h.confirmed { "" } else { " (not sent yet)" };
        table.cell(format_args!("{gone}{}{unsent}", h.mode.as_str()));
        if !is_mine {
            table.cell(&h.session);
        }
        match terminal.width < NARROW {
            true => table.cell(format_args!("{} left", when.left(h.expires_at))),
            false => table.cell(format_args!("until {}", when.both(h.expires_at))),
        }
        table.cell(&h.purpose);
    }
    let (mine, theirs) = (mine.rows(terminal.width), theirs.rows(terminal.width));
    mine + &theirs
}

/// Checks whether a claim of another session conflicts with one's own. Who waits is in line, and in
/// no conflict.
fn meets(mine: &Holding, other: &Holding) -> bool {
    mine.mode.holds() && other.mode.holds() && mine.resource.overlaps(&other.resource)
}
