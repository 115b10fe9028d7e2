//! Reports for people.
//!
//! Owns the words and their order: what was done, who else is there, what to do next. Colour
//! marks, and never carries meaning alone.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{table, when};
use crate::commands::Report;
use crate::commands::{claim, doctor, heartbeat, init, list, log, peek, release, status, whoami};
use crate::failure::Failure;
use crate::ledger::Entry;
use crate::ledger::health::{Finding, Severity};
use crate::model::board::Holding;
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const WARN: Style = AnsiColor::Yellow.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// `status` is one glance.
const STATUS_MINE_MAX: usize = 5;
const STATUS_OTHERS_MAX: usize = 5;
const STATUS_PROBLEMS_MAX: usize = 2;
const SHORT_ID_DIGITS: usize = 10;

/// What goes to stdout and what to stderr.
#[derive(Default)]
pub struct Rendered {
    pub answer: String,
    pub story: String,
}

impl Rendered {
    pub fn answer(answer: String) -> Self {
        Self {
            answer,
            story: String::new(),
        }
    }
}

pub fn report(report: &Report, width: usize) -> Rendered {
    let answer = match report {
        Report::Claimed(r) => claimed(r),
        Report::Beat(r) => beat(r),
        Report::Released(r) => released(r),
        Report::Listing(r) => listing(r, width),
        Report::Peeked(r) => peeked(r),
        Report::Who(r) => who(r),
        Report::Log(r) => log(r),
        Report::Status(r) => status(r),
        Report::Ready(r) => ready(r),
        Report::Diagnosis(r) => diagnosis(r),
        Report::Pages(r) => format!(
            "Installed {} pages in {}\nRead them: git presence --help, man git-presence-claim\n",
            r.count,
            r.dir.display()
        ),
        Report::File(text) => text.clone(),
    };
    Rendered {
        answer,
        story: warnings(report),
    }
}

/// Warnings go to stderr in every format.
pub fn warnings(report: &Report) -> String {
    let list: &[String] = match report {
        Report::Claimed(r) => &r.warnings,
        Report::Listing(r) => &r.warnings,
        _ => &[],
    };
    let line = |warning: &String| format!("{WARN}warning:{WARN:#} {warning}\n");
    list.iter().map(line).collect()
}

pub fn failure(failure: &Failure) -> String {
    let mut out = format!("{BAD}error:{BAD:#} {:#}\n", failure.error);
    if let Some(refusal) = &failure.refusal {
        use crate::model::refusal::Refusal::{Held, NotYours};
        if let Held { by } | NotYours { by, .. } = refusal {
            by.iter().for_each(|h| out.push_str(&one_line(h)));
        }
    }
    for hint in &failure.hints {
        let _ = writeln!(out, "{DIM}hint:{DIM:#} {hint}");
    }
    out
}

fn plural(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

fn join(resources: &[Resource]) -> String {
    let labels: Vec<&str> = resources.iter().map(Resource::label).collect();
    labels.join(", ")
}

/// `  wizard@devvm@a1 (wizard@devvm): "upgrade"` without times; for failures.
fn one_line(h: &Holding) -> String {
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

/// The two lines that tell everything about one claim.
fn details(out: &mut String, h: &Holding, now: Timestamp) {
    let agent = h.agent.as_deref().map(|agent| format!(", {agent}"));
    let _ = writeln!(
        out,
        "  {} ({}@{}{}): {}",
        h.session,
        h.user,
        h.host,
        agent.unwrap_or_default(),
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

fn claimed(r: &claim::Claimed) -> String {
    let mut out = String::new();
    let verb = if r.renewed { "Renewed" } else { "Claimed" };
    for h in &r.mine {
        let until = when::both(h.expires_at, r.now);
        let _ = writeln!(
            out,
            "{GOOD}{verb}{GOOD:#} {BOLD}{}{BOLD:#} until {until} (local)",
            h.resource
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

fn beat(r: &heartbeat::Beat) -> String {
    // Hooks call this all day: nothing to say is nothing printed.
    if r.lapsed.is_empty() {
        return String::new();
    }
    format!("Yours had lapsed and are gone: {}\n", join(&r.lapsed))
}

fn released(r: &release::Released) -> String {
    let mut out = String::new();
    if !r.released.is_empty() {
        let _ = writeln!(out, "{GOOD}Released{GOOD:#} {}", join(&r.released));
    }
    if !r.lapsed.is_empty() {
        let _ = writeln!(out, "Had lapsed already: {}", join(&r.lapsed));
    }
    if out.is_empty() {
        out.push_str("Nothing of yours to release.\n");
    }
    out
}

fn listing(r: &list::Listing, width: usize) -> String {
    if r.holdings.is_empty() {
        return "Nothing is claimed.\n".to_owned();
    }
    let row = |h: &Holding| {
        let mine = h.session == r.me;
        vec![
            format!("{} {}", if mine { "*" } else { " " }, h.resource),
            h.session.to_string(),
            match h.mode.holds() {
                true => h.purpose.as_str().to_owned(),
                false => format!("(waiting) {}", h.purpose.as_str()),
            },
            when::both(h.claimed_at, r.now),
            match h.is_live(r.now) {
                true => when::relative(h.expires_at, r.now),
                false => format!("lapsed {}", when::relative(h.expires_at, r.now)),
            },
        ]
    };
    let rows = r.holdings.iter().map(row).collect();
    let header = ["  RESOURCE", "SESSION", "PURPOSE", "SINCE", "EXPIRES"];
    table::render(&header, rows, width)
}

fn peeked(r: &peek::Peeked) -> String {
    let mut out = String::new();
    let is_mine = |h: &Holding| h.session == r.me;
    for h in &r.exact {
        let who = if is_mine(h) {
            "you"
        } else {
            h.session.as_str()
        };
        let verb = if h.mode.holds() {
            "claimed by"
        } else {
            "waited for by"
        };
        let _ = writeln!(out, "{BOLD}{}{BOLD:#} is {verb} {who}", h.resource);
        details(&mut out, h, r.now);
    }
    for h in &r.overlapping {
        let _ = writeln!(out, "{BOLD}{}{BOLD:#} overlaps {}", r.resource, h.resource);
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
    let next = match others || !r.hidden.is_empty() {
        true => "Defer: wait for it, or agree with its holder.".to_owned(),
        false => return out,
    };
    let _ = writeln!(out, "{next}");
    out
}

fn who(r: &whoami::Who) -> String {
    if !r.explain {
        return format!("{}\n", r.me.id);
    }
    let me = &r.me;
    let mut out = String::new();
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}", me.id);
    let _ = writeln!(out, "  rule     {}", me.rule.as_str());
    let _ = writeln!(out, "  agent    {}", me.agent.as_deref().unwrap_or("none"));
    let _ = writeln!(out, "  user     {}@{}", me.user, me.host);
    let process = me
        .process
        .as_ref()
        .map(|p| format!("{}, started {}", p.pid, when::both(p.started_at, r.now)));
    let process = process.unwrap_or_else(|| "not known on this system".to_owned());
    let _ = writeln!(out, "  process  {process}");
    let _ = writeln!(out, "  ledger   {}", r.ledger);
    for (n, reason) in me.explanation.iter().enumerate() {
        let _ = writeln!(out, "  {DIM}{}.{DIM:#} {reason}", n + 1);
    }
    out
}

fn log(r: &log::Log) -> String {
    if r.entries.is_empty() {
        return "Nothing happened yet.\n".to_owned();
    }
    let line = |entry: &Entry| {
        let event = &entry.event;
        let id = entry.commit.get(..SHORT_ID_DIGITS).unwrap_or(&entry.commit);
        let mut line = format!(
            "{DIM}{id}{DIM:#} {}  {BOLD}{}{BOLD:#}",
            when::both(entry.at, r.now),
            event.kind.as_str()
        );
        if !event.resources.is_empty() {
            let _ = write!(line, " {}", join(&event.resources));
        }
        if !event.lapsed.is_empty() {
            let _ = write!(line, " (lapsed: {})", join(&event.lapsed));
        }
        let _ = write!(line, "  {}", event.session);
        if let Some(by) = &event.by {
            let _ = write!(line, " by {by}");
        }
        if let Some(purpose) = &event.purpose {
            let _ = write!(line, ": {}", purpose.as_str());
        }
        line + "\n"
    };
    r.entries.iter().map(line).collect()
}

/// A claim in one line; for `status`.
fn glance(h: &Holding, now: Timestamp, with: Option<&SessionId>) -> String {
    let by = with.map(|id| format!("  {id}")).unwrap_or_default();
    let until = when::both(h.expires_at, now);
    format!(
        "  {BOLD}{}{BOLD:#}{by}  until {until}: {}\n",
        h.resource,
        h.purpose.as_str()
    )
}

fn more(out: &mut String, all: usize, shown: usize) {
    if all > shown {
        let _ = writeln!(out, "  and {} more", all - shown);
    }
}

fn status(r: &status::Status) -> String {
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
    let _ = writeln!(out, "ledger {}", r.ledger);
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
    let _ = writeln!(out, "Next: {}", r.next);
    out
}

fn ready(r: &init::Ready) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{GOOD}Ready.{GOOD:#} You are {BOLD}{}{BOLD:#}.", r.me);
    let _ = writeln!(out, "The board is kept in {} (refs/presence/).", r.ledger);
    out.push_str(
        "  git presence claim infra:example --purpose \"trying it\"\n  \
         git presence list\n  git presence release --all-mine\n",
    );
    out
}

fn diagnosis(r: &doctor::Diagnosis) -> String {
    let mut out = String::new();
    for finding in &r.findings {
        out.push_str(&found(finding));
    }
    let open = r.open();
    let _ = match open {
        0 => writeln!(
            out,
            "{GOOD}In order:{GOOD:#} {} in {}",
            plural(r.sessions, "session"),
            r.ledger
        ),
        _ => writeln!(out, "{} in {}", plural(open, "open problem"), r.ledger),
    };
    if !r.repair && r.findings.iter().any(|f| f.is_open() && f.repairable) {
        out.push_str("Mend: git presence doctor --repair\n");
    }
    out
}

fn found(finding: &Finding) -> String {
    let mut out = match finding.severity {
        Severity::Note => format!("{DIM}note:{DIM:#} {}\n", finding.what),
        Severity::Problem => format!("{BAD}problem:{BAD:#} {}\n", finding.what),
    };
    match (&finding.repaired, &finding.advice) {
        (Some(Ok(done)), _) => {
            let _ = writeln!(out, "  {GOOD}mended:{GOOD:#} {done}");
        }
        (Some(Err(error)), _) => {
            let _ = writeln!(out, "  {BAD}not mended:{BAD:#} {error}");
        }
        (None, Some(advice)) => {
            let _ = writeln!(out, "  {advice}");
        }
        (None, None) => {}
    }
    out
}
