//! Claims for people: who holds what, since when, until when, and whether to defer.
//!
//! Owns the words of `claim`, `list`, `peek` and `status`. Never decides who is in the way.

use std::fmt::Write as _;

use super::style::{BOLD, DIM, GOOD, WARN, clean, join, plural};
use super::table::Table;
use super::{remote, when};
use crate::app::board::{list, peek, status};
use crate::app::claims::report::Claimed;
use crate::app::claims::{fence, push};
use crate::model::board::Holding;
use crate::model::claim::Mode;
use crate::model::id::SessionId;
use crate::model::time::Timestamp;

/// `status` is one glance.
const STATUS_MINE_MAX: usize = 5;
const STATUS_OTHERS_MAX: usize = 5;
const STATUS_PROBLEMS_MAX: usize = 2;

/// `  wizard@devvm@a1 (wizard@devvm): "upgrade"` without times; for failures.
pub fn one_line(h: &Holding) -> String {
    format!(
        "  {} by {} ({}@{}), until {}: {}\n",
        h.resource,
        h.session,
        h.user,
        h.host,
        h.expires_at.to_rfc3339(),
        h.purpose.as_str()
    )
}

/// What stands before the purpose of a claim that nobody else can have.
fn alone(h: &Holding) -> &'static str {
    match h.mode {
        Mode::Exclusive => "(exclusive) ",
        Mode::Shared | Mode::Waiting => "",
    }
}

pub fn pushed(r: &push::Pushed) -> String {
    let token = r.held.token.map(|token| token.to_string());
    format!(
        "{GOOD}Pushed{GOOD:#} {} to {}, fenced by {BOLD}{}{BOLD:#}, token {}\n",
        clean(&r.refs.join(", ")),
        clean(&r.remote),
        r.held.resource,
        token.unwrap_or_default()
    )
}

pub fn fenced(r: &fence::Fenced) -> String {
    let token = r.held.token.map(|token| token.to_string());
    format!(
        "{GOOD}Yours:{GOOD:#} {BOLD}{}{BOLD:#}, token {}, until {}\n",
        r.held.resource,
        token.unwrap_or_default(),
        when::both(r.held.expires_at, r.now)
    )
}

/// What stands before the purpose of a claim that nobody else can see yet.
fn unconfirmed(h: &Holding) -> &'static str {
    if h.confirmed { "" } else { "(not sent yet) " }
}

/// The two lines that tell everything about one claim.
pub fn details(out: &mut String, h: &Holding, now: Timestamp) {
    let agent = h.agent.as_deref().map(|agent| format!(", {agent}"));
    let _ = writeln!(
        out,
        "  {} ({}@{}{}): {}{}",
        h.session,
        h.user,
        h.host,
        agent.unwrap_or_default(),
        unconfirmed(h),
        h.purpose.as_str()
    );
    let ends = match h.is_live(now) {
        true => "until",
        false => "lapsed",
    };
    let _ = writeln!(
        out,
        "    {DIM}since {}; {ends} {}{DIM:#}",
        when::both(h.claimed_at, now),
        when::both(h.expires_at, now)
    );
}

fn token(h: &Holding) -> String {
    let token = |token| format!(" alone, token {token},");
    h.token.map(token).unwrap_or_default()
}

pub fn claimed(r: &Claimed) -> String {
    let mut out = String::new();
    for h in &r.mine {
        let verb = match (h.mode.holds(), r.renewed) {
            (false, _) => "Wished for",
            (true, true) => "Renewed",
            (true, false) => "Claimed",
        };
        let until = when::both(h.expires_at, r.now);
        let _ = writeln!(
            out,
            "{GOOD}{verb}{GOOD:#} {BOLD}{}{BOLD:#}{} until {until}{}",
            h.resource,
            token(h),
            remote::guarantee(&r.guarantee)
        );
    }
    if !r.lapsed.is_empty() {
        let _ = writeln!(out, "Yours had lapsed and are gone: {}", join(&r.lapsed));
    }
    for h in &r.others {
        let _ = writeln!(
            out,
            "{WARN}ALSO CLAIMED BY{WARN:#} {}: {BOLD}{}{BOLD:#} is already claimed",
            h.session, h.resource
        );
        details(&mut out, h, r.now);
    }
    for u in &r.hidden {
        let _ = writeln!(out, "{WARN}MAY BE CLAIMED{WARN:#} in {u}");
    }
    if !r.others.is_empty() {
        let mine: Vec<&str> = r.mine.iter().map(|h| h.resource.label()).collect();
        let _ = writeln!(
            out,
            "Defer: change nothing yet; wait for it, agree with its holder, or step back with\n  \
             git presence release {}",
            mine.join(" ")
        );
    }
    out
}

pub fn listing(r: &list::Listing, width: usize) -> String {
    if r.holdings.is_empty() {
        return "Nothing is claimed.\n".to_owned();
    }
    let mut table = Table::new(&["  RESOURCE", "SESSION", "PURPOSE", "SINCE", "EXPIRES"]);
    for h in &r.holdings {
        let mark = if h.session == r.me { "*" } else { " " };
        table.cell(format_args!("{mark} {}", h.resource));
        table.cell(&h.session);
        let purpose = h.purpose.as_str();
        if h.mode.holds() {
            table.cell(format_args!("{}{}{purpose}", alone(h), unconfirmed(h)));
        } else {
            table.cell(format_args!("(waiting) {purpose}"));
        }
        table.cell(when::both(h.claimed_at, r.now));
        let expires = when::relative(h.expires_at, r.now);
        if h.is_live(r.now) {
            table.cell(expires);
        } else {
            table.cell(format_args!("lapsed {expires}"));
        }
    }
    table.render(width)
}

pub fn peeked(r: &peek::Peeked) -> String {
    let mut out = String::new();
    let is_mine = |h: &Holding| h.session == r.me;
    for h in &r.exact {
        let who = if is_mine(h) {
            "you"
        } else {
            h.session.as_str()
        };
        let verb = match h.mode {
            Mode::Shared => "claimed by",
            Mode::Exclusive => "held alone by",
            Mode::Waiting => "waited for by",
        };
        let _ = writeln!(out, "{BOLD}{}{BOLD:#} is {verb} {who}", h.resource);
        details(&mut out, h, r.now);
    }
    for h in &r.overlapping {
        let _ = writeln!(out, "{BOLD}{}{BOLD:#} overlaps {}", r.resource, h.resource);
        details(&mut out, h, r.now);
    }
    for (h, from) in &r.lapsing {
        let _ = writeln!(
            out,
            "{BOLD}{}{BOLD:#} lapsed, and nobody else can have it before {}",
            h.resource,
            when::both(*from, r.now)
        );
        details(&mut out, h, r.now);
    }
    for u in &r.hidden {
        let _ = writeln!(out, "{WARN}{} may be claimed{WARN:#} in {u}", r.resource);
    }
    if out.is_empty() {
        let _ = writeln!(out, "{GOOD}{} is free{GOOD:#}", r.resource);
    }
    for h in &r.expired {
        let _ = writeln!(out, "Lapsed within the last hour: {}", h.resource);
        details(&mut out, h, r.now);
    }
    for entry in &r.dropped {
        let _ = writeln!(
            out,
            "Lapsed within the last hour: {} of {}, dropped {}",
            join(&entry.event.lapsed),
            entry.event.session,
            when::both(entry.at, r.now)
        );
    }
    let others = r.exact.iter().chain(&r.overlapping).any(|h| !is_mine(h));
    let next = match others || !r.lapsing.is_empty() || !r.hidden.is_empty() {
        true => "Defer: wait for it, or agree with its holder.".to_owned(),
        false => return out,
    };
    let _ = writeln!(out, "{next}");
    out
}

/// A claim in one line; for `status`.
fn glance(h: &Holding, now: Timestamp, with: Option<&SessionId>) -> String {
    let by = with.map(|id| format!("  {id}")).unwrap_or_default();
    let until = when::both(h.expires_at, now);
    format!(
        "  {BOLD}{}{BOLD:#}{by}  until {until}: {}{}{}\n",
        h.resource,
        alone(h),
        unconfirmed(h),
        h.purpose.as_str()
    )
}

fn more(out: &mut String, all: usize, shown: usize) {
    if all > shown {
        let _ = writeln!(out, "  and {} more", all - shown);
    }
}

pub fn status(r: &status::Status) -> String {
    let mut out = String::new();
    let agent = r.agent.as_deref().map(|agent| format!(", {agent}"));
    let seen = r
        .seen_at
        .map(|at| format!(", seen {}", when::relative(at, r.now)));
    let _ = writeln!(
        out,
        "{BOLD}{}{BOLD:#} ({}{}{})",
        r.me,
        r.rule.as_str(),
        agent.unwrap_or_default(),
        seen.unwrap_or_default()
    );
    let _ = writeln!(out, "ledger {}", clean(&r.ledger));
    let _ = writeln!(out, "Yours: {}", plural(r.mine.len(), "claim"));
    for h in r.mine.iter().take(STATUS_MINE_MAX) {
        out.push_str(&glance(h, r.now, None));
    }
    more(&mut out, r.mine.len(), STATUS_MINE_MAX);
    let _ = writeln!(
        out,
        "Others: {}, {}",
        plural(r.others.len(), "claim"),
        plural(r.other_sessions, "session")
    );
    for h in r.others.iter().take(STATUS_OTHERS_MAX) {
        out.push_str(&glance(h, r.now, Some(&h.session)));
    }
    more(&mut out, r.others.len(), STATUS_OTHERS_MAX);
    for problem in r.problems.iter().take(STATUS_PROBLEMS_MAX) {
        let _ = writeln!(out, "{WARN}Problem:{WARN:#} {problem}");
    }
    more(&mut out, r.problems.len(), STATUS_PROBLEMS_MAX);
    if let Some(remote) = &r.remote {
        out.push_str(&remote::remote(remote, r.now));
    }
    let _ = writeln!(out, "Next: {}", r.next);
    out
}
