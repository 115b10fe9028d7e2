//! Commands that an agent is about to run, and has run.
//!
//! Owns what is said before a command that changes what is not claimed, or claimed by others, and
//! the count of those that ran. A command that cannot be judged runs.

use crate::commands::guard;
use crate::commands::judging::{Mutation, mutations};
use crate::config::Enforce;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::harness::{Answer, Known, Payload, instant, objection};
use crate::ledger::{Fate, Seen};
use crate::model::board::Holding;

/// Before a tool runs.
pub fn before(context: &Context, payload: &Payload) -> Result<Answer, Failure> {
    let enforce = context.config.agents.enforce;
    if enforce == Enforce::Off {
        return Ok(Answer::Nothing);
    }
    let (known, found) = found(context, payload)?;
    let objections: Vec<&Mutation> = found
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
    let text = objection(&instant(known.now), &others, &unclaimed, is_unnamed);
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
    let (_, found) = found(context, payload)?;
    note(context, payload, &found, Fate::Ran)
}

fn found(context: &Context, payload: &Payload) -> Result<(Known, Vec<Mutation>), Failure> {
    let line = payload.tool.as_ref().and_then(|tool| tool.command.clone());
    let nothing = || Known {
        now: context.now(),
        me: context.me.id.clone(),
        view: None,
        mine: Vec::new(),
        others: Vec::new(),
    };
    let Some(line) = line else {
        return Ok((nothing(), Vec::new()));
    };
    if !guard::may_change(context, &line) {
        return Ok((nothing(), Vec::new()));
    }
    let verdict = guard::judge(context, &line)?;
    if mutations(&verdict, &[], &[]).is_empty() {
        return Ok((nothing(), Vec::new()));
    }
    let known = super::known(context)?;
    let others: Vec<Holding> = known.others.iter().map(|(held, _)| held.clone()).collect();
    let found = mutations(&verdict, &known.mine, &others);
    Ok((known, found))
}

fn note(
    context: &Context,
    payload: &Payload,
    found: &[Mutation],
    fate: Fate,
) -> Result<(), Failure> {
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
    let seen: Vec<Seen> = found.iter().map(one).collect();
    let one_use = payload.tool.as_ref().and_then(|tool| tool.id.as_deref());
    Ok(context.ledger.note_seen(&seen, one_use)?)
}
