//! The answer of `list`: what is claimed, a line each.
//!
//! Owns its words and its JSON. Never decides which claims conflict.

use std::fmt::Write as _;

use anstyle::Style;
use serde::Serialize;
use serde_json::Value;

use super::columns::{Columns, KEPT, place};
use crate::app::board::list::{Conflict, Listing};
use crate::model::holding::Holding;
use crate::model::{text::name, token::Token};
use crate::output::present::{Present, Terminal};
use crate::output::shapes::{self, At, Claim};
use crate::output::style::{BAD, BOLD, DIM, GOOD, WARN, plural};
use crate::output::table::Table;
use crate::output::{messages::unread, offers, remote, states};

/// The most states that are shown below the claims.
const STATES_MAX: usize = 5;

/// A claim in the JSON of `list`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct ListedClaim<'a> {
    #[serde(flatten)]
    claim: Claim<'a>,
    /// whether it is live; false only with `--expired`
    is_live: bool,
    /// `shared`, `exclusive`, `waiting`, `expired`, or for a freeze `frozen`; with a claim of
    /// another session that overlaps it, `conflict`
    state: &'static str,
    /// the live claims of other sessions that overlap it
    conflicts_with: Vec<ConflictingWith<'a>>,
    /// the time of the last fetch; null without a remote or before the first fetch
    as_of: Option<At>,
}

/// A claim that conflicts with a listed one.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::output) struct ConflictingWith<'a> {
    /// the label that it claims
    resource: &'a str,
    /// the other session
    session_id: &'a str,
}

/// A [`ListedClaim`] as it is spelled, in the order of its names: of thousands, each is written
/// without being taken apart first.
#[derive(Serialize)]
struct Spelled<'a> {
    agent: Option<&'a str>,
    as_of: Option<At>,
    branch: Option<&'a str>,
    claimed_at: At,
    confirmed: bool,
    conflicts_with: Vec<ConflictingWith<'a>>,
    expires_at: At,
    folder: Option<&'a str>,
    gone: bool,
    host: &'a str,
    is_live: bool,
    is_me: bool,
    mode: &'static str,
    purpose: &'a str,
    resource: &'a str,
    seen_at: At,
    session_id: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<u64>,
    user: &'a str,
}

impl<'a> Spelled<'a> {
    fn of(all: &Listing, (h, conflicts): (&'a Holding, &'a [Conflict]), as_of: Option<At>) -> Self {
        Self {
            agent: h.agent.as_deref(),
            as_of,
            branch: h.whereabouts.branch.as_deref(),
            claimed_at: At(h.claimed_at),
            confirmed: h.confirmed,
            conflicts_with: conflicts.iter().map(conflicting).collect(),
            expires_at: At(h.expires_at),
            folder: h.whereabouts.folder.as_deref(),
            gone: h.is_gone,
            host: &h.host,
            is_live: h.is_live(all.now),
            is_me: all.me.owns(h),
            mode: h.mode.as_str(),
            purpose: h.purpose.as_str(),
            resource: h.resource.label(),
            seen_at: At(h.seen_at),
            session_id: h.session.as_str(),
            state: all.state(h, conflicts),
            token: h.token.map(Token::number),
            user: &h.user,
        }
    }
}

impl<'a> ConflictingWith<'a> {
    /// Takes a claim.
    pub(super) fn of(held: &'a Holding) -> Self {
        Self {
            session_id: held.session.as_str(),
            resource: held.resource.label(),
        }
    }
}

impl Listing {
    fn rows(&self) -> impl Iterator<Item = (&Holding, &[Conflict])> {
        let conflicts = self.conflicts.iter().map(Vec::as_slice);
        self.holdings.iter().zip(conflicts)
    }

    /// Returns the claims, and behind them what is frozen; for programs.
    fn entries(&self) -> impl Iterator<Item = (&Holding, &[Conflict])> {
        self.rows().chain(self.frozen.iter().map(|h| (h, &[][..])))
    }

    /// Returns one claim for programs.
    pub(super) fn claim<'a>(
        &'a self,
        h: &'a Holding,
        conflicts: &'a [Conflict],
    ) -> ListedClaim<'a> {
        ListedClaim {
            claim: Claim::seen_by(&self.me, h),
            is_live: h.is_live(self.now),
            state: self.state(h, conflicts),
            conflicts_with: conflicts.iter().map(conflicting).collect(),
            as_of: remote::as_of_json(&self.known),
        }
    }

    fn state(&self, h: &Holding, conflicts: &[Conflict]) -> &'static str {
        match (h.is_live(self.now), conflicts.is_empty()) {
            (false, _) => "expired",
            (true, false) => "conflict",
            (true, true) => h.mode.as_str(),
        }
    }

    /// Returns the rows, those first that conflict.
    fn table(&self, terminal: &Terminal) -> String {
        let when = terminal.when(self.now);
        let columns = Columns::of(&self.holdings);
        let (header, middles, dropped) = columns.header();
        let below = columns.below();
        let mut table = Table::new(&header)
            .cutting_in_the_middle(&middles)
            .keeping(&KEPT)
            .giving_way(&dropped, &below)
            .with_styles(terminal.has_styles());
        let (troubled, rest): (Vec<_>, Vec<_>) = self
            .rows()
            .partition(|(_, conflicts)| !conflicts.is_empty());
        let has_styles = terminal.has_styles();
        for (h, conflicts) in troubled.into_iter().chain(rest) {
            let is_mine = self.me.owns(h);
            let mine = if is_mine { "*" } else { "" };
            let conflict = if conflicts.is_empty() { "" } else { "!" };
            let mark = format_args!("{mine}{conflict}");
            match has_styles {
                true => {
                    let style = style_of(h, h.is_live(self.now), !conflicts.is_empty());
                    table.styled(if conflicts.is_empty() { GOOD } else { WARN }, mark);
                    table.styled(style, &h.resource);
                }
                false => {
                    table.cell(mark);
                    table.cell(&h.resource);
                }
            }
            let gone = if h.is_gone { "gone, " } else { "" };
            let state = match h.is_live(self.now) {
                true => h.mode.as_str(),
                false => "expired",
            };
            let state = format_args!("{gone}{state}{}", unsent(h));
            match has_styles && h.is_gone {
                true => table.styled(BAD, state),
                false => table.cell(state),
            }
            table.cell(&h.session);
            if columns.agent {
                let agent = h.agent.as_deref();
                table.cell(agent.map_or_else(String::new, |agent| name(agent).to_string()));
            }
            if columns.folder {
                table.cell(place(h));
            }
            table.cell(&h.purpose);
            table.cell(when.seen(h.seen_at, h.runs && !h.is_gone));
            table.cell(when.left(h.expires_at));
        }
        table.render(terminal.width)
    }
}

/// Returns how a row stands out: in conflict, held, or no more than waiting or expired.
fn style_of(h: &Holding, is_live: bool, conflicts: bool) -> Style {
    match (conflicts, is_live && h.mode.holds()) {
        (true, _) => WARN,
        (false, true) => BOLD,
        (false, false) => DIM,
    }
}

pub(super) fn conflicting(one: &Conflict) -> ConflictingWith<'_> {
    ConflictingWith {
        session_id: one.session.as_str(),
        resource: one.resource.label(),
    }
}

fn unsent(h: &Holding) -> &'static str {
    if h.confirmed { "" } else { " (not sent yet)" }
}

/// What the marks before a row mean, for a person.
const LEGEND: &str = "* yours   ! another session claims it, too";

impl Present for Listing {
    fn text(&self, terminal: &Terminal) -> String {
        let not_known = match self.asks_others {
            true => remote::not_known_yet(&self.known),
            false => String::new(),
        };
        let offered = offers::lines(&self.offers, &terminal.when(self.now));
        if self.holdings.is_empty() {
            let nothing = match (self.hidden, not_known.is_empty()) {
                (0, true) => "Nothing is claimed.\n".to_owned(),
                (0, false) => "Nothing that is claimed is known.\n".to_owned(),
                (hidden, _) => format!(
                    "{}; {} not shown: git presence list\n",
                    match self.asks_others {
                        true => "No claim matches",
                        false => "You claim nothing",
                    },
                    plural(hidden, "claim")
                ),
            };
            return nothing + &offered + &not_known + &states::glance(&self.states, STATES_MAX);
        }
        let mut out = self.table(terminal);
        if terminal.is_watched {
            let _ = writeln!(out, "{DIM}{LEGEND}{DIM:#}");
        }
        out + &offered + &not_known + &states::glance(&self.states, STATES_MAX)
    }

    fn exit_code(&self) -> u8 {
        remote::exit_code(self.is_unseen)
    }

    fn json(&self) -> Value {
        let claims = self
            .entries()
            .map(|(h, conflicts)| self.claim(h, conflicts));
        shapes::value(&claims.collect::<Vec<_>>())
    }

    fn line(&self) -> String {
        let as_of = remote::as_of_json(&self.known);
        let row = |(h, conflicts)| Spelled::of(self, (h, conflicts), as_of);
        shapes::line_of_list(self.entries().map(row))
    }

    fn notices(&self, terminal: &Terminal) -> String {
        remote::as_of(&self.known, &terminal.when(self.now)) + &unread(self.unread)
    }

    fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::claim::Mode;
    use crate::model::holding::{Asker, Whereabouts};
    use crate::model::id::{NodeId, SessionId};
    use crate::model::knowledge::Knowledge;
    use crate::model::resource::Resource;
    use crate::model::text::Purpose;
    use crate::model::time::Timestamp;

    /// What is spelled is what the page about JSON shows, byte by byte.
    #[test]
    fn a_listed_claim_is_spelled_as_its_shape_is() {
        let held = |token| Holding {
            resource: Resource::parse("stack:dns").unwrap(),
            session: SessionId::parse("bob").unwrap(),
            node: NodeId::from_bytes([7; 16]),
            user: "u\u{202e}".to_owned(),
            host: "h".to_owned(),
            agent: Some("claude".to_owned()),
            purpose: Purpose::parse("say \"hi\" \u{e9}").unwrap(),
            mode: if token { Mode::Exclusive } else { Mode::Shared },
            claimed_at: Timestamp::from_millis(1),
            seen_at: Timestamp::from_millis(2),
            expires_at: Timestamp::from_millis(3_000),
            token: token.then(|| Token::new(9)),
            confirmed: true,
            whereabouts: Arc::new(Whereabouts::default()),
            with: None,
            is_gone: false,
            runs: false,
        };
        let conflict = Conflict {
            session: SessionId::parse("ann").unwrap(),
            resource: Resource::parse("stack:dns").unwrap(),
        };
        let listing = Listing {
            now: Timestamp::from_millis(10),
            me: Asker {
                id: SessionId::parse("me").unwrap(),
                node: None,
                attempt: None,
            },
            holdings: vec![held(true), held(false)],
            frozen: Vec::new(),
            conflicts: vec![vec![conflict], Vec::new()],
            hidden: 0,
            known: Knowledge::Whole,
            asks_others: true,
            is_unseen: false,
            offers: Vec::new(),
            unread: 0,
            states: Vec::new(),
            warnings: Vec::new(),
        };
        let line = Present::line(&listing);
        assert_eq!(line, shapes::line(&Present::json(&listing)));
        assert!(line.contains("\\u202e"), "{line}");
    }
}
