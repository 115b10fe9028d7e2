//! What a tool changes in other repositories.
//!
//! Owns how their boards are read for a tool. Never opens one: that is `elsewhere` and `edits`.

use crate::app::hooks::agent::compared::compared;
use crate::app::hooks::agent::edits;
use crate::app::hooks::agent::weigh::Found;
use crate::app::hooks::coverage::{Mutation, unlooked};
use crate::app::hooks::elsewhere::There;
use crate::app::remote::knowledge as remote;
use crate::config::Enforce;
use crate::context::Context;
use crate::failure::Failure;
use crate::guard::Verdict;
use crate::integrations::harness::{self, ChangeKind, Tool};
use crate::ledger::Topic;
use crate::model::text::quote;

/// The most bytes of the name of a folder in a reason.
const DIR_BYTES_MAX: usize = 120;

/// What is told of a repository of another user.
const CLOSED: &str = "git presence: the repository belongs to another user and is not read, so what \
                      is changed there may be claimed. The user can allow it: git config --global \
                      --add safe.directory <folder>.\n";

/// Returns what a command changes in another repository, with its folder.
pub(super) fn changed_there(there: &There) -> Option<(String, Found)> {
    let dir = folder(&there.context)?;
    let enforce = there.context.config.agents.enforce;
    let nothing = Found::nothing(enforce, there.context.now());
    let Ok((known, all)) = compared(&there.context, &there.verdict) else {
        let program = there.verdict.parts.first().map(|part| part.program.clone());
        let all = vec![unlooked(&program.unwrap_or_default(), &unread(&dir))];
        return Some((dir, Found { all, ..nothing }));
    };
    let found = Found {
        all,
        known: known.known,
        unreadable: known.unreadable,
        ..nothing
    };
    Some((dir, found))
}

/// Returns what is written in other repositories by edits, and by a command, with the
/// folders of those. Adds to `all` what was not looked at.
pub(super) fn edited_elsewhere(
    context: &Context,
    tool: &Tool,
    verdict: &Verdict,
    all: &mut Vec<Mutation>,
) -> Vec<(String, Found)> {
    let edits::Elsewhere {
        visited,
        foreign,
        left_out,
    } = edits::elsewhere(context, tool, verdict);
    all.extend(left_out.map(|why| unlooked(&tool.name, &why)));
    let closed = foreign.iter().map(|top| {
        let nothing = Found::nothing(Enforce::Off, context.now());
        let is_closed = true;
        (
            top.display().to_string(),
            Found {
                is_closed,
                ..nothing
            },
        )
    });
    let mut found: Vec<(String, Found)> = closed.collect();
    for visit in visited {
        let there = match visit {
            Ok(there) => there,
            Err(top) => {
                let why = unread(&top.display().to_string());
                all.push(unlooked(&tool.name, &why));
                continue;
            }
        };
        if !there.has_board() {
            continue;
        }
        let Some(dir) = folder(&there) else { continue };
        let nothing = Found::nothing(there.config.agents.enforce, context.now());
        let edited = written_there(&there, tool, verdict).unwrap_or_else(|_| edits::Met {
            met: vec![unlooked(&tool.name, &unread(&dir))],
            unreadable: Vec::new(),
        });
        let edited = Found {
            what: ChangeKind::Edit,
            all: edited.met,
            known: remote::known(&there),
            unreadable: edited.unreadable,
            ..nothing
        };
        found.push((dir, edited));
    }
    found
}

/// Returns how what is written in another repository meets the claims there.
fn written_there(there: &Context, tool: &Tool, verdict: &Verdict) -> Result<edits::Met, Failure> {
    let mut met = edits::met(there, tool)?;
    met.add(edits::met_by_command(there, tool, verdict)?);
    Ok(met)
}

/// Returns the text about what is not known, or cannot be read, of other repositories. The same is
/// told once to a session.
pub(super) fn unknown(context: &Context, found: &Found) -> Option<String> {
    let mut text = String::new();
    for (dir, found) in &found.elsewhere {
        let unknown = harness::unknown_briefing(&found.known);
        let unreadable = harness::unreadable_briefing(&found.unreadable);
        let closed = found.is_closed.then(|| CLOSED.to_owned());
        for words in unknown.into_iter().chain(unreadable).chain(closed) {
            text.push_str(&harness::there(dir, &words));
        }
    }
    if text.is_empty() || context.is_visit() {
        return None;
    }
    let notices = context.ledger.notices();
    let is_news = notices.is_news(&context.me.id, Topic::Abroad, &text);
    is_news.unwrap_or(true).then_some(text)
}

fn unread(dir: &str) -> String {
    let dir = quote(dir, DIR_BYTES_MAX);
    format!(
        "another session may claim it on a board that cannot be read; `git presence doctor` in \
         {dir} says why"
    )
}

fn folder(context: &Context) -> Option<String> {
    let top = context.worktree()?;
    Some(top.display().to_string())
}
