//! Tools that an agent is about to use, and has used.
//!
//! Owns what is said before a command that changes what is not claimed, or claimed by others,
//! before an edit of a file that others claim, and the count of both. What cannot be judged goes
//! on.

use super::editing;
use crate::commands::guard;
use crate::commands::judging::{Mutation, mutations};
use crate::config::Enforce;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{Answer, Payload, What, instant, objection};
use crate::ledger::{Fate, Seen};
use crate::model::board::Holding;
use crate::model::time::Timestamp;

/// What a tool changes.
struct Found {
    what: What,
    now: Timestamp,
    all: Vec<Mutation>,
}

/// Before a tool runs.
pub fn before(context: &Context, payload: &Payload) -> Result<Answer, Failure> {
    let enforce = context.config.agents.enforce;
    if enforce == Enforce::Off {
        return Ok(Answer::Nothing);
    }
    let found = found(context, payload)?;
    let objections: Vec<&Mutation> = found
        .all
        .iter()
        .filter(|one| !one.covered || !one.others.is_empty())
        .collect();
    if objections.is_empty() {
        return Ok(Answer::Nothing);
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
    let text = objection(
        (found.what, &instant(found.now)),
        &others,
        &unclaimed,
        is_unnamed,
    );
    let (answer, fate) = match enforce {
        Enforce::Deny if is_serious => (Answer::Deny(text), Some(Fate::Denied)),
        Enforce::Ask if is_serious => (Answer::Ask(text), Some(Fate::Asked)),
        _ => (Answer::Context(text), None),
    };
    if let Some(fate) = fate {
        note(context, payload, &found, fate)?;
    }
    Ok(answer)
}

/// After a tool ran.
pub fn after(context: &Context, payload: &Payload) -> Result<(), Failure> {
    let found = found(context, payload)?;
    let fate = match found.what {
        What::Command => Fate::Ran,
        What::Edit => Fate::Edited,
    };
    note(context, payload, &found, fate)
}

fn found(context: &Context, payload: &Payload) -> Result<Found, Failure> {
    let found = |what, all| {
        let now = context.now();
        Ok(Found { what, now, all })
    };
    let nothing = || found(What::Command, Vec::new());
    let Some(tool) = &payload.tool else {
        return nothing();
    };
    if !tool.files.is_empty() {
        return found(What::Edit, editing::met(context, tool)?);
    }
    let Some(line) = tool.command.as_deref() else {
        return nothing();
    };
    if !guard::may_change(context, line) {
        return nothing();
    }
    let verdict = guard::judge(context, line)?;
    if mutations(&verdict, &[], &[]).is_empty() {
        return nothing();
    }
    let known = super::known(context)?;
    let others: Vec<Holding> = known.others.into_iter().map(|(held, _)| held).collect();
    let all = mutations(&verdict, &known.mine, &others);
    let (what, now) = (What::Command, known.now);
    Ok(Found { what, now, all })
}

fn note(context: &Context, payload: &Payload, found: &Found, fate: Fate) -> Result<(), Failure> {
    let one = |one: &Mutation| Seen {
        at: context.now(),
        session: context.me.id.clone(),
        agent: context.me.agent.clone().unwrap_or_default(),
        tool: one.tool.clone(),
        resources: one.resources.iter().map(|r| r.label().to_owned()).collect(),
        covered: one.covered,
        contested: !one.others.is_empty(),
        fate,
    };
    let seen: Vec<Seen> = found.all.iter().map(one).collect();
    let one_use = payload.tool.as_ref().and_then(|tool| tool.id.as_deref());
    Ok(context.ledger.note_seen(&seen, one_use)?)
}
