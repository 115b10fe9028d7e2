//! Reports for people.
//!
//! Owns the words and their order: what was done, who else is there, what to do next. Colour
//! marks, and never carries meaning alone.

use std::fmt::Write as _;

use super::style::{BAD, BOLD, DIM, GOOD, WARN, clean, join, plural};
use super::{agent_hooks, agents, claims, guard, hooks, remote, when};
use crate::app::Report;
use crate::app::board::log;
use crate::app::claims::{heartbeat, release};
use crate::app::remote::guarantee::Guarantee;
use crate::app::sessions::whoami;
use crate::app::setup::{doctor, init};
use crate::failure::Failure;
use crate::ledger::Entry;
use crate::ledger::finding::{Finding, Severity};
use crate::model::event::{Around, Event, EventKind};
use crate::model::id::SessionId;

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
        Report::Claimed(r) => claims::claimed(r),
        Report::Synced(r) => remote::synced(r),
        Report::Unwired(r) => remote::unwired(r),
        Report::Beat(r) => beat(r),
        Report::Released(r) => released(r),
        Report::Listing(r) => claims::listing(r, width),
        Report::Peeked(r) => claims::peeked(r),
        Report::Who(r) => who(r),
        Report::Log(r) => log(r),
        Report::Status(r) => claims::status(r),
        Report::Ran(_) | Report::Hooked(_) => String::new(),
        Report::Installed(r) => hooks::installed(r),
        Report::Uninstalled(r) => hooks::uninstalled(r),
        Report::Pushed(r) => claims::pushed(r),
        Report::Fenced(r) => claims::fenced(r),
        Report::Ready(r) => ready(r),
        Report::Diagnosis(r) => diagnosis(r),
        Report::Explained(r) => guard::text(&r.verdict),
        Report::Pages(r) => format!(
            "Installed {} pages in {}\nRead them: git presence --help, man git-presence-claim\n",
            r.count,
            r.dir.display()
        ),
        Report::Wired(r) => agent_hooks::wiring(r),
        Report::Audited(r) => agents::audit(r, width),
        Report::Prompt(r) => agents::prompt(r),
        Report::Kept(r) => agents::kept(r),
        Report::Told(r) => r.answer.clone(),
        Report::File(text) => text.clone(),
    };
    Rendered {
        answer,
        story: warnings(report) + &hooks::story(report) + &remote::as_of(report),
    }
}

/// Warnings go to stderr in every format.
pub fn warnings(report: &Report) -> String {
    let list: &[String] = match report {
        Report::Claimed(r) => &r.warnings,
        Report::Listing(r) => &r.warnings,
        Report::Released(r) => &r.warnings,
        Report::Ran(r) => &r.warnings,
        Report::Synced(r) => &r.warnings,
        Report::Hooked(r) => &r.warnings,
        _ => &[],
    };
    let line = |warning: &String| format!("{WARN}warning:{WARN:#} {}\n", clean(warning));
    list.iter().map(line).collect()
}

pub fn failure(failure: &Failure) -> String {
    let mut out = format!("{BAD}error:{BAD:#} {}\n", clean(&failure.error.to_string()));
    if let Some(refusal) = failure.refusal.as_deref() {
        use crate::model::refusal::Refusal::{Held, NotYours};
        if let Held { by } | NotYours { by, .. } = refusal {
            by.iter().for_each(|h| out.push_str(&claims::one_line(h)));
        }
    }
    for hint in &failure.hints {
        let _ = writeln!(out, "{DIM}hint:{DIM:#} {}", clean(hint));
    }
    out
}

/// What was asked for is done by then; only the answer got lost.
pub fn unanswered(error: &std::io::Error) -> String {
    format!(
        "{BAD}error:{BAD:#} the answer cannot be written: {error}\n\
         {DIM}hint:{DIM:#} what was asked for was done; see git presence status\n"
    )
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
        let known = r
            .guarantee
            .as_ref()
            .filter(|known| **known != Guarantee::Local);
        let guarantee = known.map(remote::guarantee);
        let _ = writeln!(
            out,
            "{GOOD}Released{GOOD:#} {}{}",
            join(&r.released),
            guarantee.unwrap_or_default()
        );
    }
    if !r.lapsed.is_empty() {
        let _ = writeln!(out, "Had lapsed already: {}", join(&r.lapsed));
    }
    if out.is_empty() {
        out.push_str("Nothing of yours to release.\n");
    }
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
    let _ = writeln!(out, "  ledger   {}", clean(&r.ledger));
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
        line.push_str(&whose(event));
        if let Some(purpose) = &event.purpose {
            let _ = write!(line, ": {}", purpose.as_str());
        }
        line + "\n"
    };
    r.entries.iter().map(line).collect()
}

/// Whose it was, or is: taken over, taken away or gone around.
fn whose(event: &Event) -> String {
    let ids: Vec<&str> = event.from.iter().map(SessionId::as_str).collect();
    let one = |one: &Around| format!("{} of {}", one.resource, one.session);
    let around: Vec<String> = event.around.iter().map(one).collect();
    match (around.is_empty(), ids.is_empty()) {
        (true, true) => String::new(),
        (true, false) if event.kind == EventKind::Bypass => format!(" around {}", ids.join(", ")),
        (true, false) => format!(" from {}", ids.join(", ")),
        (false, _) => format!(" around {}", around.join(", ")),
    }
}

fn ready(r: &init::Ready) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{GOOD}Ready.{GOOD:#} You are {BOLD}{}{BOLD:#}.", r.me);
    let _ = writeln!(
        out,
        "The board is kept in {} ({}).",
        clean(&r.ledger),
        r.refs
    );
    if let Some(remote) = &r.remote {
        let _ = writeln!(out, "It is shared through {}.", clean(remote));
    }
    if !r.added.is_empty() {
        out.push_str("Added to the configuration (git presence init --undo takes it back):\n");
        for line in &r.added {
            let _ = writeln!(out, "  {DIM}{}{DIM:#}", clean(line.trim()));
        }
    }
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
    out.push_str(&hooks::rows(&r.hooks));
    let open = r.open();
    let _ = match open {
        0 => writeln!(
            out,
            "{GOOD}In order:{GOOD:#} {} in {}",
            plural(r.sessions, "session"),
            clean(&r.ledger)
        ),
        _ => writeln!(
            out,
            "{} in {}",
            plural(open, "open problem"),
            clean(&r.ledger)
        ),
    };
    if !r.repair && r.findings.iter().any(|f| f.is_open() && f.repairable) {
        out.push_str("Mend: git presence doctor --repair\n");
    }
    out
}

fn found(finding: &Finding) -> String {
    let mut out = match finding.severity {
        Severity::Note => format!("{DIM}note:{DIM:#} {}\n", clean(&finding.what)),
        Severity::Problem => format!("{BAD}problem:{BAD:#} {}\n", clean(&finding.what)),
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
