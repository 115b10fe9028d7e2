//! What a session pushed, and still claims.
//!
//! Owns which claims a push ends, as far as it can tell: of paths with a file of the push, and of
//! a branch that was pushed; and that the end of a turn asks about each claim once. What was
//! claimed for later is not asked about. Never releases anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::app::claims::unpushed;
use crate::app::claims::written::Written;
use crate::clock::Clock as _;
use crate::context::{Code, Context};
use crate::failure::Failure;
use crate::git::{GitError, Push};
use crate::integrations::harness;
use crate::ledger::{Notices, Topic};
use crate::model::actor::Actor;
use crate::model::claim::Mode;
use crate::model::holding::{Holding, split_by};
use crate::model::resource::{Resource, ResourceKind};
use crate::model::task::place_of;
use crate::model::text::quote_name;

/// How long the pushes of a command are looked at.
const LOOK_MAX: Duration = Duration::from_secs(1);
/// The most files of pushes whose claims are looked for.
const FILES_MAX: usize = 512;
/// The most bytes of a file or a branch that is named: others may have named it.
const NAME_BYTES_MAX: usize = 120;
/// The most claims that are kept as asked about; the oldest go, and would be asked about again.
const ASKED_MAX: usize = 64;

/// Notes which claims of the session a push may have ended, each with a file of it or a branch.
pub(super) fn note(context: &Context) -> Result<(), Failure> {
    let (Some(me), Some(code)) = (context.known_actor(), &context.code) else {
        return Ok(());
    };
    let mine = claims(context)?;
    let Some(since) = mine.iter().map(|held| held.claimed_at).min() else {
        return Ok(());
    };
    let Ok(pushed) = pushed(context, code, since.as_millis() / 1000) else {
        // Without logs, what was pushed is not known, and nothing is asked.
        return Ok(());
    };
    let notices = context.ledger.notices();
    let mut noted = read(&notices.kept(&me.id, Topic::Pushed));
    for held in &mine {
        let mut what = pushed.iter().filter_map(|(push, files)| {
            let is_later = push.at_secs >= held.claimed_at.as_millis() / 1000;
            is_later.then(|| what_of(context, held, push, files))?
        });
        if let Some(what) = what.next() {
            noted.insert(mark(held), what);
        }
    }
    if !noted.is_empty() {
        let _ = notices.keep(&me.id, Topic::Pushed, &spell(&noted));
    }
    Ok(())
}

/// Returns what the model is told before its turn ends: which claims the pushes of the turn may
/// have ended, at most `room` characters, each once. `None` if there is none.
pub(super) fn left_to_ask(
    context: &Context,
    me: &Actor,
    room: usize,
) -> Result<Option<String>, Failure> {
    let notices = context.ledger.notices();
    let noted = read(&notices.kept(&me.id, Topic::Pushed));
    if noted.is_empty() || !notices.take(&me.id, Topic::Pushed) {
        return Ok(None);
    }
    let before = notices.kept(&me.id, Topic::PushAsked);
    let mut asked: Vec<&str> = before.split_whitespace().collect();
    let mine = claims(context)?;
    let open = mine.iter().map(|held| (held, mark(held)));
    let open: Vec<(&Holding, String)> = open
        .filter(|(_, mark)| noted.contains_key(mark) && !asked.contains(&mark.as_str()))
        .collect();
    if open.is_empty() {
        return Ok(None);
    }
    asked.extend(open.iter().map(|(_, mark)| mark.as_str()));
    let kept = asked[asked.len().saturating_sub(ASKED_MAX)..].join(" ");
    if notices.keep(&me.id, Topic::PushAsked, &kept).is_err() {
        // What cannot be noted would be asked again and again.
        return Ok(None);
    }
    let what: BTreeSet<&str> = open.iter().map(|(_, mark)| noted[mark].as_str()).collect();
    let what: Vec<&str> = what.into_iter().collect();
    let held: Vec<&Holding> = open.iter().map(|(held, _)| *held).collect();
    Ok(Some(harness::pushed_briefing(
        context.now(),
        &what,
        &held,
        room,
    )))
}

/// Returns what the model is told before its turn ends: what it committed of what it claims and did
/// not push; once for each claim.
pub(super) fn left_to_push(context: &Context) -> Result<Option<String>, Failure> {
    let mine = claims(context)?;
    let Some(since) = mine.iter().map(|held| held.claimed_at.as_millis()).min() else {
        return Ok(None);
    };
    let marked = mine.iter().map(|held| (mark(held), &held.resource));
    let unpushed = unpushed::once_a_claim(context, marked.collect(), since / 1000);
    Ok(unpushed.as_ref().map(harness::unpushed_briefing))
}

/// Returns the claims of the session that a push may end.
fn claims(context: &Context) -> Result<Vec<Holding>, Failure> {
    let board = context.ledger.board()?;
    let (mut mine, _) = split_by(board.held(context.now()), &context.asker());
    // What it holds with a task ends with the task.
    let is_at_task = mine.iter().any(|held| place_of(&held.resource).is_some());
    mine.retain(|held| {
        let kind = held.resource.kind();
        held.mode.holds()
            && matches!(kind, ResourceKind::Path | ResourceKind::Branch)
            && !(is_at_task && held.mode == Mode::Exclusive)
    });
    Ok(mine)
}

/// Returns the pushes since an instant of what is checked out here, each with its files.
fn pushed(
    context: &Context,
    code: &Code,
    since_secs: i64,
) -> Result<Vec<(Push, Vec<String>)>, GitError> {
    let host = context.host;
    let until = host.elapsed() + LOOK_MAX;
    let left = move || until.saturating_sub(host.elapsed());
    let mut pushes = code.git.pushes_since(since_secs, &left)?;
    // Another work tree of the repository pushes other things.
    pushes.retain(|push| code.git.descends_from(&push.new).unwrap_or(false));
    let with_files = |push: Push| {
        let files = code.git.files_of(&push, &left)?;
        Ok((push, files.into_iter().take(FILES_MAX).collect()))
    };
    pushes.into_iter().map(with_files).collect()
}

/// Returns what of a push a claim is about: a file, or the branch; `None` if nothing.
fn what_of(context: &Context, held: &Holding, push: &Push, files: &[String]) -> Option<String> {
    let is_about = |file: &&String| {
        let written = Written::named(vec![(*file).clone()]);
        let claim = std::slice::from_ref(held);
        !written.claims_in(context, claim).is_empty()
    };
    match held.resource.kind() {
        ResourceKind::Path => files
            .iter()
            .find(is_about)
            .map(|file| quote_name(file, NAME_BYTES_MAX).to_string()),
        ResourceKind::Branch => {
            let branch = push.branch()?;
            let label = Resource::from_record(&format!("branch:{branch}")).ok()?;
            let names = context.on_board(&label);
            names
                .contains(&held.resource)
                .then(|| format!("branch {}", quote_name(branch, NAME_BYTES_MAX)))
        }
        ResourceKind::Named(_) => None,
    }
}

/// Returns what tells one claim from the next of the same resource.
fn mark(held: &Holding) -> String {
    let at = held.claimed_at.as_millis();
    Notices::mark(&format!("{} {at}", held.resource))
}

/// Reads what was noted: a line for each claim, its mark and what was pushed of it.
fn read(noted: &str) -> BTreeMap<String, String> {
    let lines = noted.lines().filter_map(|line| line.split_once(' '));
    lines
        .map(|(mark, what)| (mark.to_owned(), what.to_owned()))
        .collect()
}

fn spell(noted: &BTreeMap<String, String>) -> String {
    let lines = noted.iter().map(|(mark, what)| format!("{mark} {what}\n"));
    lines.collect()
}
