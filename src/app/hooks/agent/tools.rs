//! Tools that an agent is about to use, and has used.
//!
//! Owns the answer before a command that changes what is unclaimed or claimed by another session,
//! before an edit of a file that another session claims, and the count of both. Where it is not
//! certain what a tool changes, that is told, and a claim of the session lets it go on.

use std::time::Duration;

use crate::app::claims::wants;
use crate::app::hooks::agent::abroad::{self, changed_there, edited_elsewhere};
use crate::app::hooks::agent::compared::compared;
use crate::app::hooks::agent::edits;
use crate::app::hooks::agent::known::{known, news};
use crate::app::hooks::agent::shared_apply::warn;
use crate::app::hooks::agent::unseen;
use crate::app::hooks::agent::weigh::{Found, is_held_by_others, stopped_by, weigh};
use crate::app::hooks::coverage::{Mutation, coverage_of, unlooked, unseen as partly_seen};
use crate::app::hooks::elsewhere::{self, Judged};
use crate::app::remote::publish::known_or_fetching;
use crate::app::remote::refresh::{Refresh, Until, refresh};
use crate::config::Enforce;
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::Verdict;
use crate::integrations::harness::{
    CHARS_MAX, ChangeKind, Payload, Response, Tool, there, uses_a_shell, writes_files,
};
use crate::ledger::{AuditEntry, Disposition};
use crate::model::resource::Resource;

/// Why a tool is in doubt of which only the beginning was read.
const UNREAD: &str = "the input of the tool is longer than is read, and this is in the rest";

/// Returns the answer before a tool runs, and why it could not be recorded. `is_told` says that the
/// model is told something that does not stop the tool. A look at the remote ends at `looks_until`
/// on the clock of this process.
pub(crate) fn before(
    context: &Context,
    payload: &Payload,
    is_told: bool,
    looks_until: Duration,
) -> Result<(Response, Option<Failure>), Failure> {
    let enforce = context.config.agents.enforce;
    let mut found = found(context, payload)?;
    let may_stop = !matches!(enforce, Enforce::Off | Enforce::Warn);
    if may_stop && is_held_by_others(&found) && !context.is_visit() {
        // A tool is not stopped for what may have been released meanwhile.
        let _ = refresh(context, Refresh::IF_STALE, Until::at(looks_until));
        found = self::found(context, payload)?;
    }
    let Some((text, fate)) = weigh(&found, enforce, false) else {
        let tells = is_told && !context.is_visit() && enforce != Enforce::Off;
        let news = tells.then(|| news(context, &found.known, &found.unreadable, CHARS_MAX));
        let news = [news.flatten(), abroad::unknown(context, &found)];
        let warned = is_told.then(|| warn(context, &found.all)).flatten();
        let news: String = news.into_iter().chain([warned]).flatten().collect();
        let answer = match news.is_empty() {
            true => Response::Nothing,
            false => Response::Context(news),
        };
        return Ok((answer, None));
    };
    let text = match context.worktree().filter(|_| context.is_visit()) {
        Some(top) => there(&top.display().to_string(), &text),
        None => text,
    };
    let (answer, fate) = match fate {
        Enforce::Deny => (Response::Deny(text), Some(Disposition::Denied)),
        Enforce::Ask => (Response::Ask(text), Some(Disposition::Asked)),
        Enforce::Off | Enforce::Warn => (Response::Context(text), None),
    };
    let fate = fate.filter(|_| !context.is_visit());
    // Who is told to stop is told as well when it can go on, whether it was stopped or not.
    if !context.is_visit() {
        let held = found.all.iter().filter(|one| !one.first.is_empty());
        let held: Vec<Resource> = held.flat_map(stopped_by).collect();
        wants::note(context, &context.me.id, &held, None);
    }
    let noted = fate.and_then(|fate| note(context, payload, &found, fate).err());
    Ok((answer, noted))
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
    let noted = note(context, payload, &found, fate);
    let noted = noted.and_then(|()| unseen::note(context, &found.unseen, one_use(payload)));
    let noted = noted.err();
    let objection = weigh(&found, Enforce::Off, true);
    Ok((objection.map(|(text, _)| text), noted))
}

/// Returns what a tool changes of which not all was read.
fn unread(context: &Context, what: ChangeKind, tool: &str) -> Result<Found, Failure> {
    let known = known(context)?;
    Ok(Found {
        what,
        all: vec![partly_seen(tool, &known.mine, UNREAD)],
        known: known.known,
        unreadable: known.unreadable,
        ..Found::nothing(context.config.agents.enforce, known.now)
    })
}

/// Returns what a tool changes by the command line that it runs, or by its name; `None` for a tool
/// that only edits files, or is none of ours.
fn judged(context: &Context, tool: &Tool) -> Result<Option<Judged>, Failure> {
    match tool.command.as_deref() {
        Some(line) => elsewhere::judge(context, line).map(Some),
        None if tool.call.is_empty() => Ok(None),
        None => elsewhere::judge_call(context, &tool.call).map(Some),
    }
}

fn found(context: &Context, payload: &Payload) -> Result<Found, Failure> {
    let nothing = Found::nothing(context.config.agents.enforce, context.now());
    let Some(tool) = &payload.tool else {
        return match payload.breaks_off {
            true => unread(context, ChangeKind::Command, ""),
            false => Ok(nothing),
        };
    };
    let mut edited = edits::met(context, tool)?;
    let Some(judged) = judged(context, tool)? else {
        let is_cut = tool.is_cut || payload.breaks_off && tool.files.is_empty();
        return match tool.files.is_empty() {
            _ if is_cut && uses_a_shell(&tool.name) => {
                unread(context, ChangeKind::Command, &tool.name)
            }
            _ if is_cut && writes_files(&tool.name) => {
                let mut rest = unread(context, ChangeKind::Edit, &tool.name)?;
                rest.all.splice(..0, edited.met);
                Ok(rest)
            }
            true => Ok(nothing),
            false => {
                let elsewhere =
                    edited_elsewhere(context, tool, &Verdict::default(), &mut edited.met);
                Ok(edit(context, edited, elsewhere))
            }
        };
    };
    // A line that applies a patch may do more than that.
    edited.add(edits::met_by_command(context, tool, &judged.here)?);
    let mut elsewhere = edited_elsewhere(context, tool, &judged.here, &mut edited.met);
    let unseen_here = unseen::unseen(&judged);
    let is_judged = judged.there.is_empty() && judged.left_out.is_none();
    let is_idle = is_judged && coverage_of(&judged.here, &[], &[], &|| false).is_empty();
    if !tool.is_cut && tool.doubt.is_none() && is_idle {
        let meets = !edited.is_nothing() || !elsewhere.is_empty();
        let found = match tool.files.is_empty() && !meets {
            true => nothing,
            false => edit(context, edited, elsewhere),
        };
        return Ok(Found {
            unseen: unseen_here,
            ..found
        });
    }
    let (known, mut all) = compared(context, &judged.here)?;
    all.extend(edited.met);
    let doubts = tool.is_cut.then_some(UNREAD).into_iter().chain(tool.doubt);
    all.extend(doubts.map(|why| partly_seen(&tool.name, &known.mine, why)));
    all.extend(judged.left_out.map(|why| unlooked(&tool.name, &why)));
    elsewhere.extend(judged.there.iter().filter_map(changed_there));
    let mut unreadable = known.unreadable;
    edited.unreadable.retain(|one| !unreadable.contains(one));
    unreadable.extend(edited.unreadable);
    Ok(Found {
        all,
        known: known.known,
        unreadable,
        elsewhere,
        unseen: unseen_here,
        ..Found::nothing(context.config.agents.enforce, known.now)
    })
}

/// Returns what a tool writes that changes nothing else.
fn edit(context: &Context, edited: edits::Met, elsewhere: Vec<(String, Found)>) -> Found {
    Found {
        what: ChangeKind::Edit,
        elsewhere,
        all: edited.met,
        known: known_or_fetching(context),
        unreadable: edited.unreadable,
        ..Found::nothing(context.config.agents.enforce, context.now())
    }
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
        verb: String::new(),
        resources: one.resources.iter().map(|r| r.label().to_owned()).collect(),
        covered: one.covered,
        contested: !one.others.is_empty(),
        fate,
    };
    let certain = found.all.iter().filter(|one| one.doubt.is_none());
    let seen: Vec<AuditEntry> = certain.map(one).collect();
    Ok(context.ledger.audit_log().append(&seen, one_use(payload))?)
}

/// Returns the id of the use of a tool.
fn one_use(payload: &Payload) -> Option<&str> {
    payload.tool.as_ref()?.id.as_deref()
}
