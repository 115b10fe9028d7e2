//! The use case of `doctor`: whether the ledger is in order.
//!
//! Owns the checks that need settings; the ledger has those of records. Without `--repair` it never
//! writes.

use std::time::Duration;

use crate::app::claims::arbiter;
use crate::app::hooks::guard;
use crate::app::remote::confirmation::NONE_CHOSEN;
use crate::app::remote::endpoints;
use crate::app::remote::refresh::short_deadline;
use crate::app::setup::hook_state::{self, Row, State};
use crate::app::setup::origin::{self, Program};
use crate::clock::Clock as _;
use crate::config::{Enforce, own_keys, unknown_keys};
use crate::context::{Context, Upstream};
use crate::failure::Failure;
use crate::ledger::{Policy, PreparedWrite, Snapshot};
use crate::model::finding::{Finding, repairable};
use crate::model::text::{WORDS_BYTES_MAX, name, quote};
use crate::model::time::Timestamp;
use crate::sync;

const PROGRAM: &str = "git-presence";
/// How long a remote is examined.
const PROBE_SECS_MAX: u64 = 60;
/// The largest difference of clocks that is not reported.
const SKEW_SECS_MAX: u64 = 30;

/// What the examination found.
#[derive(Debug)]
pub struct Diagnosis {
    /// The program that runs.
    pub program: Program,
    /// The directory of the repository that keeps the board.
    pub ledger: String,
    /// How many sessions could be read.
    pub sessions: usize,
    /// The findings.
    pub findings: Vec<Finding>,
    /// What was examined and has no open problem.
    pub passed: Vec<&'static str>,
    /// The hooks that are installed, and those that could be.
    pub hooks: Vec<Row>,
    /// Whether repairs were made.
    pub repair: bool,
}

impl Diagnosis {
    /// Returns how many problems are left.
    pub fn open(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.is_open())
            .count()
    }
}

/// Examines ledger, settings and hooks; with `repair`, repairs what can be repaired; with `remote`,
/// probes the remote too.
pub fn execute(context: &Context, repair: bool, remote: bool) -> Result<Diagnosis, Failure> {
    let mut all = Examined::default();
    all.add("settings", settings(context));
    all.add("rules of the guard", unreadable_rules(context));
    let hooks = hook_state::examine(context).unwrap_or_else(|failure| {
        let what = format!(
            "cannot determine which hooks are installed: {}",
            failure.error
        );
        all.findings.push(Finding::note(what));
        Vec::new()
    });
    let of_hooks: Vec<Finding> = hooks.iter().filter_map(Row::finding).collect();
    all.add("hooks", of_hooks);
    let records = context.ledger.health().examine(&context.host, repair);
    all.add("records of sessions", records);
    let me = context.known_actor();
    let put = |next: &PreparedWrite| put(context, next);
    let health = context.ledger.health();
    let registers = health.examine_locks(&context.host, repair, me.as_ref(), &put);
    all.add("exclusive claims and lists of tasks", registers);
    all.add("the choice of the remote", chosen_remote(context));
    all.findings.extend(last_sync(context));
    all.findings.extend(open_to_pushes(context, &hooks));
    all.add(
        "lines of an earlier version",
        refspecs(context, repair).into_iter().collect(),
    );
    all.add("times", clocks(context));
    all.findings.extend(over(context));
    all.add("policies of attempts", policies(context));
    match context.remote().filter(|_| remote) {
        Some(remote) => all.add("what the remote allows", examine_remote(context, &remote)?),
        None if remote => {
            let none = Finding::note("there is no remote to examine");
            all.findings.push(none);
        }
        None => {}
    }
    let sessions = context
        .ledger
        .board()
        .map_or(0, |board| board.sessions.len());
    let program = origin::program(context.host);
    all.findings.extend(shadowed(context, &program));
    Ok(Diagnosis {
        program,
        ledger: context.ledger_dir.display().to_string(),
        sessions,
        findings: all.findings,
        passed: all.passed,
        hooks,
        repair,
    })
}

/// Returns that hooks and Git find another program of this name first.
fn shadowed(context: &Context, program: &Program) -> Option<Finding> {
    let dirs = context.host.search_path();
    let first = dirs.iter().find(|dir| {
        context
            .host
            .has_program(PROGRAM, std::slice::from_ref(*dir))
    })?;
    let first = first.join(PROGRAM);
    let found = first.canonicalize().unwrap_or_else(|_| first.clone());
    let found = found.display().to_string();
    // The launcher of npm starts the program of a package beside it.
    let is_same = program.path.as_ref() == Some(&found) || found.ends_with(".js");
    (!is_same).then(|| Finding {
        advice: Some("remove one of the two, or change the order in PATH".to_owned()),
        ..Finding::note(format!(
            "hooks run another program, the first in PATH: {found}"
        ))
    })
}

/// What was examined so far.
#[derive(Default)]
struct Examined {
    findings: Vec<Finding>,
    passed: Vec<&'static str>,
}

impl Examined {
    /// Adds what was found of one thing, which passes if none of it is an open problem.
    fn add(&mut self, what: &'static str, found: Vec<Finding>) {
        if !found.iter().any(Finding::is_open) {
            self.passed.push(what);
        }
        self.findings.extend(found);
    }
}

/// Examines the settings of this program.
fn settings(context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(error) = &context.config_error {
        let advice = format!("git config {} <value>", error.key);
        findings.push(Finding::problem(error.to_string(), advice));
    }
    for setting in unknown_keys(&context.settings) {
        let known: Vec<&str> = own_keys().collect();
        let what = format!("{} (in {}) means nothing here", setting.key, setting.origin);
        findings.push(Finding {
            advice: Some(format!("known keys: {}", known.join(", "))),
            ..Finding::note(what)
        });
    }
    if !context.config.fsync {
        let what = "presence.fsync is off: a claim may be lost in a power cut";
        findings.push(Finding::note(what));
    }
    findings
}

/// Examines which remote is chosen, and whether its endpoints are one.
fn chosen_remote(context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Upstream::Missing(name) = &context.upstream {
        let what = format!("there is no remote {name:?}, which presence.remote names");
        findings.push(Finding::problem(what, "git config presence.remote <name>"));
    }
    if let Upstream::Several(_) = &context.upstream {
        let what = format!("{NONE_CHOSEN}: exclusive claims are refused");
        findings.push(Finding::problem(what, "git config presence.remote <name>"));
    }
    if let (Some(endpoints), Some(name)) = (&context.endpoints, context.upstream.name()) {
        let divided = endpoints.divided();
        findings.extend(divided.map(|divided| endpoints::finding(name, &divided)));
    }
    findings
}

/// Returns that the last sync failed, and why.
fn last_sync(context: &Context) -> Option<Finding> {
    let remote = context.upstream.name()?;
    let said = context.ledger.remote(remote).state().error?;
    let what = format!(
        "the last sync with {} failed: {}",
        name(remote),
        quote(&said, WORDS_BYTES_MAX)
    );
    Some(Finding {
        advice: Some("try again: git presence sync".to_owned()),
        ..Finding::note(what)
    })
}

/// Returns that something is frozen, and no hook of Git here stops a push of it.
fn open_to_pushes(context: &Context, hooks: &[Row]) -> Option<Finding> {
    let frozen = context.ledger.board().ok()?.frozen(context.now());
    let first = frozen.first()?;
    let stops = |row: &Row| row.hook == Some("pre-push") && row.state == State::Installed;
    let what = format!(
        "{} is frozen, and no hook of Git stops a push of this clone",
        first.resource
    );
    (!hooks.iter().any(stops)).then(|| Finding {
        advice: Some("git presence install".to_owned()),
        ..Finding::note(what)
    })
}

/// Returns the refspecs that `init` of an earlier version added. With one, the user's own
/// `git fetch` writes tracking refs, and merges nothing when a sync moves one of them meanwhile.
fn refspecs(context: &Context, repair: bool) -> Option<Finding> {
    let lines = context.ledger.config_lines();
    let left = lines.refspecs();
    let config = context.ledger_dir.join("config");
    let what = format!(
        "{} has a refspec of an earlier git presence init: git fetch fails beside a sync",
        config.display()
    );
    let fix = || match lines.remove_refspecs() {
        Ok(removed) => Ok(format!("{} lines removed", removed.len())),
        Err(error) => Err(error.to_string()),
    };
    let advice = "--repair removes it; git presence init does so, too";
    (!left.is_empty()).then(|| repairable(what, advice, repair, fix))
}

/// Returns how many sessions could leave the board.
fn over(context: &Context) -> Option<Finding> {
    let endings = context.ledger.endings(context.now(), true).ok()?;
    let (over, all) = (endings.ended.len(), endings.sessions);
    let what = format!("{over} of {all} sessions on the board are over");
    (over > 0).then(|| Finding {
        advice: Some("a sync folds them once a day; now: git presence gc".to_owned()),
        ..Finding::note(what)
    })
}

/// Returns which policies of attempts are in force, and which are ignored.
fn policies(context: &Context) -> Vec<Finding> {
    let now = context.now();
    let finding = |(name, read): (String, Result<Policy, String>)| match read {
        Ok(policy) if policy.until <= now => Finding {
            advice: Some("the next git presence task run removes it".to_owned()),
            ..Finding::note(format!("{name} is the policy of an attempt, and over"))
        },
        Ok(policy) if Enforce::parse(&policy.enforce).is_none() => Finding::note(format!(
            "{name} is ignored: presence.enforce has no such value"
        )),
        Ok(policy) => Finding::note(format!(
            "an agent of a supervisor works under presence.enforce={} until {}",
            policy.enforce,
            policy.until.to_rfc3339()
        )),
        Err(why) => Finding {
            advice: Some("remove it: hooks go by presence.enforce".to_owned()),
            ..Finding::note(format!("{name} is ignored: {why}"))
        },
    };
    let all = context.ledger.policies().list();
    all.into_iter().map(finding).collect()
}

/// Puts a register in force where it is decided.
fn put(context: &Context, next: &PreparedWrite) -> Result<(), String> {
    let arbiter = arbiter::arbiter(context).map_err(|failure| failure.error.to_string())?;
    let until = short_deadline(context).answer;
    let left = || until.saturating_sub(context.host.elapsed());
    match arbiter {
        Some(remote) => sync::put(&context.ledger, &remote, next, &left),
        None => {
            let swapped = context.ledger.locks().swap(&context.host, next);
            swapped.map_err(|error| error.to_string())
        }
    }
}

/// Returns the invalid rules of the user: with one of them, no command line is judged.
fn unreadable_rules(context: &Context) -> Vec<Finding> {
    let problem = |(origin, error): (String, _)| {
        let what = format!("presence.guard, in {origin}: {error}");
        Finding::problem(
            what,
            "correct or remove it: git config --edit; docs/guard.md has the language",
        )
    };
    guard::unreadable(context)
        .into_iter()
        .map(problem)
        .collect()
}

/// Probes the remote. A remote that passes is no longer taken for a refusing one.
pub(super) fn examine_remote(
    context: &Context,
    remote: &sync::Remote,
) -> Result<Vec<Finding>, Failure> {
    let until = context.host.elapsed() + Duration::from_secs(PROBE_SECS_MAX);
    let left = || until.saturating_sub(context.host.elapsed());
    let findings = sync::probe(&context.ledger, remote, &context.host, &left)?;
    let before = context.ledger.remote(remote.name()).state();
    let mut known = before.clone();
    known.accepts();
    if known != before && !findings.iter().any(Finding::is_open) {
        context.ledger.remote(remote.name()).save(&known)?;
    }
    Ok(findings)
}

/// Compares the clock here with the times that were noted: by sessions and holders of other clones,
/// and by this clone when it last fetched. A remote has no clock to read.
fn clocks(context: &Context) -> Vec<Finding> {
    let now = context.now();
    // A board that cannot be listed is a finding of its own.
    let board = context.ledger.board().unwrap_or_default();
    let node = context.ledger.node();
    let sessions = board.sessions.iter();
    let sessions = sessions.map(|session| (&session.who, session.seen_at));
    let locks = board.locks.iter();
    let locks = locks.map(|lock| (&lock.holder, lock.renewed_at));
    let mut hosts: Vec<(&str, u64)> = Vec::new();
    for (who, at) in sessions.chain(locks) {
        let ahead_secs = at.secs_since(now);
        if Some(who.node) == node || ahead_secs <= SKEW_SECS_MAX {
            continue;
        }
        match hosts.iter_mut().find(|(known, _)| *known == who.host) {
            Some((_, most_secs)) => *most_secs = ahead_secs.max(*most_secs),
            None => hosts.push((&who.host, ahead_secs)),
        }
    }
    let finding = |(host, secs): (&str, u64)| {
        Finding::problem(
            format!("the clock of {host} is {secs} s ahead of the one here"),
            "set the clocks: claims would seem to last longer or shorter than they do",
        )
    };
    let mut findings: Vec<Finding> = hosts.into_iter().map(finding).collect();
    findings.extend(grants_to_come(context, now));
    let name = context.upstream.name();
    let fetched_at = name.and_then(|name| context.ledger.remote(name).state().fetched_at());
    let ahead_secs = fetched_at.map_or(0, |at| at.secs_since(now));
    if ahead_secs > SKEW_SECS_MAX {
        findings.push(Finding::problem(
            format!(
                "the clock here was {ahead_secs} s ahead at the last fetch, or is behind by that now"
            ),
            "set the clock, then: git presence sync",
        ));
    }
    findings
}

/// Returns the finding about the register whose last grant is furthest ahead of the clock here, so
/// that it grants nothing here.
fn grants_to_come(context: &Context, now: Timestamp) -> Option<Finding> {
    // A register that cannot be read is a finding of its own.
    let registers = context.ledger.locks().list().unwrap_or_default();
    let ahead_secs = |read: &Snapshot| read.cell.high_water.ahead_secs_of(now);
    let furthest = registers.into_iter().flatten().max_by_key(ahead_secs)?;
    let secs = ahead_secs(&furthest);
    if secs <= context.config.clock_skew_secs {
        return None;
    }
    let event = furthest.last_event();
    let resource = event.and_then(|(event, _)| event.resources.first().cloned());
    let what = resource.map_or(furthest.name, |resource| resource.to_string());
    Some(Finding::problem(
        format!("the clock here is {secs} s behind one that granted {what} before"),
        "set the clock if this one is wrong; if the other one was ahead, wait",
    ))
}
