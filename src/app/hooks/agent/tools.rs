//! Tools that an agent is about to use, and has used.
//!
//! Owns the answer before a command that changes what is unclaimed or claimed by another session,
//! before an edit of a file that another session claims, and the count of both. A command that
//! cannot be judged goes on.

use crate::app::hooks::agent::edits;
use crate::app::hooks::coverage::{Mutation, coverage_of};
use crate::app::hooks::guard;
use crate::config::Enforce;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{ChangeKind, Payload, Response, Subject, objection};
use crate::ledger::{AuditEntry, Disposition};
use crate::model::holding::Holding;
use crate::model::time::Timestamp;

/// What a tool changes.
struct Found {
    what: ChangeKind,
    now: Timestamp,
    all: Vec<Mutation>,
}

/// Returns the answer before a tool runs.
pub(crate) fn before(context: &Context, payload: &Payload) -> Result<Response, Failure> {
    let enforce = context.config.agents.enforce;
    if enforce == Enforce::Off {
        return Ok(Response::Nothing);
    }
    let found = found(context, payload)?;
    let Some((text, is_serious)) = weigh(&found, false) else {
        return Ok(Response::Nothing);
    };
    let (answer, fate) = match enforce {
        Enforce::Deny if is_serious => (Response::Deny(text), Some(Disposition::Denied)),
        Enforce::Ask if is_serious => (Response::Ask(text), Some(Disposition::Asked)),
        _ => (Response::Context(text), None),
    };
    if let Some(fate) = fate {
        note(context, payload, &found, fate)?;
    }
    Ok(answer)
}

/// Returns the objection to a tool, and whether the tool is stopped if the settings say so.
fn weigh(found: &Found, is_over: bool) -> Option<(String, bool)> {
    let objections = found.all.iter();
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
    let about = Subject {
        what: found.what,
        now: found.now,
        is_over,
    };
    Some((
        objection(about, &others, &unclaimed, is_unnamed),
        is_serious,
    ))
}

/// Records that a tool ran, and returns the objection that there would have been before it. A
/// command that failed may have changed something first; an edit did not.
pub(crate) fn after(
    context: &Context,
    payload: &Payload,
    failed: bool,
) -> Result<Option<String>, Failure> {
    let found = found(context, payload)?;
    if failed && found.what == ChangeKind::Edit {
        return Ok(None);
    }
    let fate = match found.what {
        ChangeKind::Command => Disposition::Ran,
        ChangeKind::Edit => Disposition::Edited,
    };
    note(context, payload, &found, fate)?;
    let is_off = context.config.agents.enforce == Enforce::Off;
    let objection = weigh(&found, true).filter(|_| !is_off);
    Ok(objection.map(|(text, _)| text))
}

fn found(context: &Context, payload: &Payload) -> Result<Found, Failure> {
    let found = |what, all| {
        let now = context.now();
        Ok(Found { what, now, all })
    };
    let nothing = || found(ChangeKind::Command, Vec::new());
    let Some(tool) = &payload.tool else {
        return nothing();
    };
    let edits = edits::met(context, tool)?;
    if !edits.is_empty() {
        return found(ChangeKind::Edit, edits);
    }
    let Some(line) = tool.command.as_deref() else {
        return nothing();
    };
    if !guard::may_change(context, line) {
        return nothing();
    }
    let verdict = guard::judge(context, line)?;
    if coverage_of(&verdict, &[], &[]).is_empty() {
        return nothing();
    }
    let known = super::known(context)?;
    let others: Vec<Holding> = known.others.into_iter().map(|(held, _)| held).collect();
    let all = coverage_of(&verdict, &known.mine, &others);
    let (what, now) = (ChangeKind::Command, known.now);
    Ok(Found { what, now, all })
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
    let seen: Vec<AuditEntry> = found.all.iter().map(one).collect();
    let one_use = payload.tool.as_ref().and_then(|tool| tool.id.as_deref());
    Ok(context.ledger.audit_log().append(&seen, one_use)?)
}
