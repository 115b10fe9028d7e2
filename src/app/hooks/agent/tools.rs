//! Tools that an agent is about to use, and has used.
//!
//! Owns the answer before a command that changes what is unclaimed or claimed by another session,
//! before an edit of a file that another session claims, and the count of both. Where it is not
//! certain what a tool changes, that is told, and a claim of the session lets it go on.

use std::time::Duration;

use crate::app::hooks::agent::edits;
use crate::app::hooks::coverage::{Mutation, coverage_of, unseen};
use crate::app::hooks::guard;
use crate::app::remote::publish::known_or_fetching;
use crate::app::remote::refresh::{Refresh, Until, refresh};
use crate::clock::Clock as _;
use crate::config::Enforce;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{
    ChangeKind, Payload, Response, Subject, doubt, objection, uses_a_shell, writes_files,
};
use crate::ledger::{AuditEntry, Disposition};
use crate::model::holding::Holding;
use crate::model::knowledge::Knowledge;
use crate::model::time::Timestamp;

/// Why a tool is in doubt of which only the beginning was read.
const UNREAD: &str = "the payload of the hook is longer than is read, and this is in the rest";
/// How long a tool that would be stopped waits for a fresh look at the remote.
const LOOK_MAX: Duration = Duration::from_secs(2);

/// What a tool changes.
struct Found {
    what: ChangeKind,
    now: Timestamp,
    all: Vec<Mutation>,
    /// What is known of other clones; asked only for what changes something.
    known: Knowledge,
}

/// Returns the answer before a tool runs, and why it could not be recorded.
pub(crate) fn before(
    context: &Context,
    payload: &Payload,
) -> Result<(Response, Option<Failure>), Failure> {
    let nothing = (Response::Nothing, None);
    let enforce = context.config.agents.enforce;
    if enforce == Enforce::Off {
        return Ok(nothing);
    }
    let mut found = found(context, payload)?;
    if enforce != Enforce::Warn && is_held_by_others(&found) {
        // A tool is not stopped for what may have been released meanwhile.
        let until = Until::at(context.host.elapsed() + LOOK_MAX);
        let _ = refresh(context, Refresh::IF_STALE, until);
        found = self::found(context, payload)?;
    }
    let Some((text, is_serious)) = weigh(&found, enforce, false) else {
        let unknown = super::news_of_unknown(context, &found.known);
        return Ok((unknown.map_or(Response::Nothing, Response::Context), None));
    };
    let (answer, fate) = match enforce {
        Enforce::Deny if is_serious => (Response::Deny(text), Some(Disposition::Denied)),
        Enforce::Ask if is_serious => (Response::Ask(text), Some(Disposition::Asked)),
        _ => (Response::Context(text), None),
    };
    let noted = fate.and_then(|fate| note(context, payload, &found, fate).err());
    Ok((answer, noted))
}

/// Returns true if a claim of another session stops the tool.
fn is_held_by_others(found: &Found) -> bool {
    found.all.iter().any(|one| !one.first.is_empty())
}

/// Returns the objection to a tool, and whether the tool is stopped if the settings say so.
fn weigh(found: &Found, enforce: Enforce, is_over: bool) -> Option<(String, bool)> {
    let about = Subject {
        what: found.what,
        now: found.now,
        is_over,
    };
    let (doubted, known): (Vec<&Mutation>, Vec<&Mutation>) =
        found.all.iter().partition(|one| one.doubt.is_some());
    let (mut text, mut is_serious) = against(about, &known).unwrap_or_default();
    // With claims, a warning that names nothing would only be noise.
    let is_quiet = |one: &&Mutation| one.covered && enforce == Enforce::Warn;
    let doubted = doubted.into_iter().filter(|one| !is_quiet(one));
    let doubted: Vec<&Mutation> = doubted.collect();
    if !doubted.is_empty() {
        let reasons = doubted.iter().filter_map(|one| one.doubt.as_deref());
        let may_go_on = doubted.iter().all(|one| one.covered);
        text.push_str(&doubt(about, &reasons.collect::<Vec<_>>(), may_go_on));
        is_serious |= !may_go_on;
    }
    (!text.is_empty()).then_some((text, is_serious))
}

/// Returns the objection to what is certainly changed.
fn against(about: Subject, known: &[&Mutation]) -> Option<(String, bool)> {
    let objections = known.iter().copied();
    let objections: Vec<&Mutation> = objections
        .filter(|one| !one.covered || !one.others.is_empty())
        .collect();
    if objections.is_empty() {
        return None;
    }
    let is_serious = objections
        .iter()
        .any(|one| !one.covered || !one.first.is_empty());
    let mut others: Vec<&Holding> = Vec::new();
    for held in objections.iter().flat_map(|one| &one.others) {
        if !others.contains(&held) {
            others.push(held);
        }
    }
    let mut unclaimed: Vec<&str> = Vec::new();
    for resource in objections.iter().flat_map(|one| &one.unclaimed) {
        if !unclaimed.contains(&resource.label()) {
            unclaimed.push(resource.label());
        }
    }
    let is_unnamed = objections
        .iter()
        .any(|one| !one.covered && one.unclaimed.is_empty());
    Some((
        objection(about, &others, &unclaimed, is_unnamed),
        is_serious,
    ))
}

/// Records that a tool ran, and returns the objection that there would have been before it, and why
/// that could not be recorded. A command that failed may have changed something first; an edit did
/// not.
pub(crate) fn after(
    context: &Context,
    payload: &Payload,
    failed: bool,
) -> Result<(Option<String>, Option<Failure>), Failure> {
    let found = found(context, payload)?;
    if failed && found.what == ChangeKind::Edit {
        return Ok((None, None));
    }
    let fate = match found.what {
        ChangeKind::Command => Disposition::Ran,
        ChangeKind::Edit => Disposition::Edited,
    };
    let noted = note(context, payload, &found, fate).err();
    let enforce = context.config.agents.enforce;
    let objection = weigh(&found, enforce, true).filter(|_| enforce != Enforce::Off);
    Ok((objection.map(|(text, _)| text), noted))
}

fn found(context: &Context, payload: &Payload) -> Result<Found, Failure> {
    let found = |what, all, known| {
        let now = context.now();
        Ok(Found {
            what,
            now,
            all,
            known,
        })
    };
    let unread = |what, tool: &str| {
        let known = super::known(context)?;
        let all = vec![unseen(tool, &known.mine, UNREAD)];
        found(what, all, known.known)
    };
    let nothing = || found(ChangeKind::Command, Vec::new(), Knowledge::Whole);
    let Some(tool) = &payload.tool else {
        return match payload.breaks_off {
            true => unread(ChangeKind::Command, ""),
            false => nothing(),
        };
    };
    if !tool.files.is_empty() {
        let known = known_or_fetching(context);
        return found(ChangeKind::Edit, edits::met(context, tool)?, known);
    }
    let Some(line) = tool.command.as_deref() else {
        return match tool.is_cut || payload.breaks_off && tool.files.is_empty() {
            true if uses_a_shell(&tool.name) => unread(ChangeKind::Command, &tool.name),
            true if writes_files(&tool.name) => unread(ChangeKind::Edit, &tool.name),
            _ => nothing(),
        };
    };
    let verdict = guard::judge(context, line)?;
    if !tool.is_cut && coverage_of(&verdict, &[], &[]).is_empty() {
        return nothing();
    }
    let known = super::known(context)?;
    let others: Vec<Holding> = known.others.into_iter().map(|(held, _)| held).collect();
    let mut all = coverage_of(&verdict, &known.mine, &others);
    if tool.is_cut {
        all.push(unseen(&tool.name, &known.mine, UNREAD));
    }
    Ok(Found {
        what: ChangeKind::Command,
        now: known.now,
        all,
        known: known.known,
    })
}

fn note(
    context: &Context,
    payload: &Payload,
    found: &Found,
    fate: Disposition,
) -> Result<(), Failure> {
    let one = |one: &Mutation| AuditEntry {
        at: context.now(),
        session: context.me.id.clone(),
        agent: context.me.agent.clone().unwrap_or_default(),
        tool: one.tool.clone(),
        resources: one.resources.iter().map(|r| r.label().to_owned()).collect(),
        covered: one.covered,
        contested: !one.others.is_empty(),
        fate,
    };
    let certain = found.all.iter().filter(|one| one.doubt.is_none());
    let seen: Vec<AuditEntry> = certain.map(one).collect();
    let one_use = payload.tool.as_ref().and_then(|tool| tool.id.as_deref());
    Ok(context.ledger.audit_log().append(&seen, one_use)?)
}
