//! The use case of `hook pre-push`: whether a push changes what another session holds.
//!
//! Owns the order (sync with the remote that is pushed to, then judge), and that only a claim of
//! another session, or one that a setting requires and this session lacks, ever stops a push: what
//! cannot be read, reached or parsed is one warning.
//! Changes nothing but the board.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;

use crate::app::claims::bypass::{self, record};
use crate::app::claims::written::Written;
use crate::app::claims::{gone, refused};
use crate::app::hooks::board_refs::{self, Taken};
use crate::app::hooks::hooked::Hooked;
use crate::app::hooks::required::{self, Operation};
use crate::app::remote::refresh::{Refresh, refresh, short_deadline};
use crate::app::warnings::warnings;
use crate::clock::Clock as _;
use crate::config::PrePush;
use crate::context::{Code, Context};
use crate::failure::{Failure, Kind};
use crate::git::{Changed, Update};
use crate::host::Host;
use crate::integrations::git_hooks::BYPASS;
use crate::integrations::git_hooks::affected_claims::{
    AffectedClaim, affected, candidates, needs_files,
};
use crate::integrations::git_hooks::pushed::{self, Moved, PRE_COMMIT, Pushed};
use crate::ledger::layout;
use crate::model::holding::{Holding, split_by};
use crate::model::knowledge::Knowledge;
use crate::model::refusal::Refusal;
use crate::model::resource::{Resource, ResourceKind};
use crate::model::text::{list, name};
use crate::model::time::Timestamp;

const NAME: &str = "pre-push";
const PUSH: Operation = Operation {
    word: "push",
    line: "git push \u{2026}",
};

/// The largest input that is read; ten thousand refs take about two megabytes.
const INPUT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long Git may take to write it.
const INPUT_SECS_MAX: u64 = 5;
/// How long the commits of a push are examined.
const LOOK_SECS_MAX: u64 = 5;
/// Claims and files are compared so long.
const COMPARE_SECS_MAX: u64 = 2;

/// With this many branches, the whole board is read.
const ASKED_MAX: usize = 32;

/// What a push does, and to which remote.
pub struct Push {
    pushed: Pushed,
    remote: Option<String>,
    /// The URL, as Git passes it.
    url: Option<String>,
    is_whole: bool,
}

/// Returns true if a push moves only refs of this program, and takes none away.
pub fn is_ours(push: &Push) -> bool {
    let moved = &push.pushed.moved;
    let is_ours = |one: &Moved| one.name.starts_with(layout::ROOT) && board_refs::is_harmless(one);
    // What a mirror removes is not said: nothing said may be that.
    !moved.is_empty() && moved.iter().all(is_ours)
}

/// Lets a push go on without a look at the board.
pub fn pass(push: &Push, now: Timestamp) -> Hooked {
    Hooked {
        warnings: not_understood(push).into_iter().collect(),
        ..Hooked::quiet(NAME, now)
    }
}

/// Judges a push in the context that was opened. Nothing but a refusal stops it.
pub fn unless_it_fails(
    opened: Result<Context, Failure>,
    push: &Push,
    now: Timestamp,
) -> Result<Hooked, Failure> {
    match opened.and_then(|context| execute(&context, push)) {
        Err(failure) if failure.kind != Kind::Refused => Ok(Hooked {
            warnings: vec![format!("this push was not checked: {}", failure.error)],
            ..Hooked::quiet(NAME, now)
        }),
        judged => judged,
    }
}

/// Reads what Git passes to its hook, or pre-commit in its place.
pub fn heard(words: &[OsString], host: Host) -> Push {
    let input = host.read_stdin(INPUT_BYTES_MAX, Duration::from_secs(INPUT_SECS_MAX));
    let mut pushed = pushed::read(&input.bytes);
    // A remote without a name is passed as its URL, twice.
    let name = words.first().filter(|name| words.get(1) != Some(name));
    let mut remote = name.map(|name| name.to_string_lossy().into_owned());
    let url = words.get(1).map(|url| url.to_string_lossy().into_owned());
    if pushed == Pushed::default() && input.is_complete {
        let variables = host.env_of(&PRE_COMMIT);
        pushed = pushed::from_pre_commit(|name| variables.get(name).cloned());
        remote = remote.or_else(|| host.env("PRE_COMMIT_REMOTE_NAME"));
    }
    Push {
        pushed,
        remote,
        url,
        is_whole: input.is_complete,
    }
}

fn not_understood(push: &Push) -> Option<String> {
    match (push.is_whole, push.pushed.left_out) {
        (false, _) => Some("what Git said of this push was too much, or did not end".to_owned()),
        (true, 0) => None,
        (true, 1) => Some("one line of what Git said of this push was not understood".to_owned()),
        (true, n) => Some(format!(
            "{n} lines of what Git said of this push were not understood"
        )),
    }
}

fn execute(context: &Context, push: &Push) -> Result<Hooked, Failure> {
    let found = judge(context, push)?;
    match context.config.required.push {
        true => required::judge(context, found, PUSH, &unclaimed(context, push)?),
        false => Ok(found),
    }
}

/// Returns the branches that a push moves and this session does not claim; none if it claims all
/// files that the push changes, and the push deletes no branch.
fn unclaimed(context: &Context, push: &Push) -> Result<Vec<Resource>, Failure> {
    let moved = push.pushed.moved.iter();
    let deletes = moved.clone().any(|one| one.new.is_none());
    let labels = moved.filter_map(|one| Some(format!("branch:{}", one.branch()?)));
    let branches = labels.filter_map(|label| Resource::from_record(&label).ok());
    let mut open: Vec<Resource> = branches
        .flat_map(|branch| context.on_board(&branch))
        .collect();
    let board = context.ledger.board_about(&open)?;
    let (mine, _) = split_by(board.held(context.now()), &context.asker());
    open.retain(|branch| !mine.iter().any(|held| held.resource.overlaps(branch)));
    let is_by_files = !open.is_empty() && !deletes && claims_files(context, push)?;
    Ok(if is_by_files { Vec::new() } else { open })
}

/// Returns true if this session claims all files that a push changes, and it changes any.
fn claims_files(context: &Context, push: &Push) -> Result<bool, Failure> {
    let Some(code) = &context.code else {
        return Ok(false);
    };
    let Ok(changed) = changed(context, code, push) else {
        return Ok(false);
    };
    let files = changed.files.into_iter();
    let files: Vec<Written> = files.map(|name| Written::named(vec![name])).collect();
    let open = required::unclaimed(context, &files)?;
    Ok(changed.is_whole && !files.is_empty() && open.is_empty())
}

fn judge(context: &Context, push: &Push) -> Result<Hooked, Failure> {
    let mut warnings: Vec<String> = not_understood(push).into_iter().collect();
    // What a push takes from the board is known from what is there now.
    let first = match taken(context, push).is_nothing() {
        true => Refresh::IF_STALE,
        false => Refresh::BEFORE_CHECK,
    };
    let (mut known, is_fresh) = match fan_out(context, push) {
        Some(known) if known.problem().is_none() => (known, true),
        _ => (refresh(context, first, short_deadline(context)), false),
    };
    if context.config.pre_push == PrePush::Off {
        return Ok(Hooked {
            warnings,
            ..Hooked::quiet(NAME, context.now())
        });
    }
    let mut found = look(context, push)?;
    // A push is not stopped on stale data.
    if !is_fresh && found.others.iter().any(|touched| stops(context, touched)) {
        known = refresh(context, Refresh::BEFORE_CHECK, short_deadline(context));
        found = look(context, push)?;
    }
    warnings.append(&mut found.warnings);
    warnings.extend(known.clear().caveat());
    found.warnings = warnings;
    let stopped = found
        .others
        .iter()
        .filter(|touched| stops(context, touched));
    let stopped: Vec<AffectedClaim> = stopped.cloned().collect();
    if stopped.is_empty() {
        return Ok(found);
    }
    let Some(reason) = bypass::reason(context.host) else {
        let mut failure = refused(context, &stopped);
        failure.hints.extend(taken(context, push).warning());
        return Err(failure);
    };
    let by: Vec<Holding> = stopped.into_iter().map(|touched| touched.holding).collect();
    let mut about: Vec<Resource> = by.iter().map(|h| h.resource.clone()).collect();
    about.dedup();
    found.warnings.extend(record(context, &about, &by, &reason));
    found.bypassed = Some(reason);
    Ok(found)
}

/// Syncs with the remote that is pushed to, if the board is shared through it, and returns what is
/// known then. A push with a fence is one of this program, and publishes by itself.
fn fan_out(context: &Context, push: &Push) -> Option<Knowledge> {
    let is_ours = |moved: &Moved| moved.name.starts_with(layout::ROOT);
    let same = push.remote.as_deref() == context.upstream.name();
    if !same || !context.keeps_its_own_board || push.pushed.moved.iter().any(is_ours) {
        return None;
    }
    Some(refresh(context, Refresh::ALONG, short_deadline(context)))
}

/// Returns the refs of the board that a push takes away.
fn taken<'p>(context: &Context, push: &'p Push) -> Taken<'p> {
    let to = (push.remote.as_deref(), push.url.as_deref());
    Taken::of(context, &push.pushed.moved, to)
}

/// Returns true if the settings let this claim stop a push.
fn stops(context: &Context, touched: &AffectedClaim) -> bool {
    match context.config.pre_push {
        PrePush::Off | PrePush::Warn => false,
        PrePush::Exclusive => touched.holding.mode.is_for_one(),
        PrePush::Block => true,
    }
}

/// Returns the claims of other sessions that a push touches, as far as is known here.
fn look(context: &Context, push: &Push) -> Result<Hooked, Failure> {
    let taken = taken(context, push);
    let moved: Vec<Moved> = push
        .pushed
        .moved
        .iter()
        .flat_map(|one| on_board(context, one))
        .collect();
    let about = about(&moved).filter(|_| taken.is_nothing());
    let board = match about {
        Some(resources) => context.ledger.board_about(&resources)?,
        None => context.ledger.board()?,
    };
    let now = context.now();
    let me = context.asker();
    let candidates = candidates(board.held_by_others(now, |held| me.owns(held)));
    let ended = taken.ended(context, &board);
    let mut warnings = warnings(&board);
    warnings.extend(taken.warning());
    let files = match &context.code {
        Some(code) if needs_files(&candidates) => match changed(context, code, push) {
            Ok(changed) => {
                let cut = "not every commit of this push was checked";
                warnings.extend((!changed.is_whole).then(|| cut.to_owned()));
                let files = changed.files.iter();
                files
                    .flat_map(|file| context.names_on_board(file))
                    .collect()
            }
            Err(why) => {
                warnings.push(format!("the files of this push were not checked: {why}"));
                BTreeSet::new()
            }
        },
        _ => BTreeSet::new(),
    };
    let until = context.host.elapsed() + Duration::from_secs(COMPARE_SECS_MAX);
    let is_up = || context.host.elapsed() > until;
    let affected = affected(candidates, &moved, &files, &is_up);
    warnings.extend(not_compared(affected.not_compared));
    let mut others = affected.claims;
    for ends in ended {
        if !others.iter().any(|one| one.holding == ends.holding) {
            others.push(ends);
        }
    }
    Ok(Hooked {
        others,
        warnings,
        ..Hooked::quiet(NAME, now)
    })
}

/// Returns what is said of claims that were not compared with all files.
fn not_compared(count: usize) -> Option<String> {
    let claims = match count {
        0 => return None,
        1 => "one claim was".to_owned(),
        many => format!("{many} claims were"),
    };
    Some(format!(
        "{claims} not compared with all files of this push in {COMPARE_SECS_MAX} s, and may be \
         about them; push fewer commits at once"
    ))
}

/// Returns a ref by each name that it may have on the board, if it is a branch.
fn on_board(context: &Context, moved: &Moved) -> Vec<Moved> {
    let label = moved.branch().map(|branch| format!("branch:{branch}"));
    let resource = label.and_then(|label| Resource::from_record(&label).ok());
    let Some(branch) = resource else {
        return vec![moved.clone()];
    };
    let named = context.on_board(&branch).into_iter();
    let named = named.map(|branch| Moved {
        name: format!("refs/heads/{}", branch.name()),
        ..moved.clone()
    });
    named.collect()
}

/// Returns the resources that claims can be about, if they are few: then the rest of the board is
/// not read.
fn about(moved: &[Moved]) -> Option<Vec<Resource>> {
    let branches = moved.iter().filter_map(Moved::branch);
    let labels = branches.map(|name| format!("branch:{name}"));
    let labels: Vec<String> = labels.collect();
    // A name that is not a resource cannot be claimed.
    let named = labels
        .iter()
        .filter_map(|label| Resource::from_record(label).ok());
    (labels.len() < ASKED_MAX).then(|| named.chain([Resource::every_path()]).collect())
}

fn changed(context: &Context, code: &Code, push: &Push) -> Result<Changed, String> {
    let until = context.host.elapsed() + Duration::from_secs(LOOK_SECS_MAX);
    let left = || until.saturating_sub(context.host.elapsed());
    let mut updates = Vec::new();
    for moved in &push.pushed.moved {
        let Some(new) = &moved.new else { continue };
        // Only pre-commit passes names instead of ids.
        updates.push(Update {
            old: moved.old.clone().filter(|old| pushed::is_object(old)),
            new: if pushed::is_object(new) {
                new.clone()
            } else {
                code.git.resolve(new, &left).map_err(|e| e.to_string())?
            },
        });
    }
    // Without any remote, commits that one has are not new.
    let remote = context.remote_of_push(push.remote.as_deref(), push.url.as_deref());
    let changed = code.git.changed(&updates, remote.as_deref(), &left);
    changed.map_err(|error| error.to_string())
}

fn refused(context: &Context, stopped: &[AffectedClaim]) -> Failure {
    let mut by: Vec<Holding> = stopped.iter().map(|t| t.holding.clone()).collect();
    gone::mark(context, &mut by);
    let mut held: Vec<Resource> = Vec::new();
    for one in &by {
        if !held.contains(&one.resource) {
            held.push(one.resource.clone());
        }
    }
    let hints = refused::hints(context, &by, &held);
    let mut failure = Failure::refused(Refusal::Held { by });
    failure.error = anyhow::anyhow!("this push was stopped: {}", failure.error);
    for touched in stopped.iter().filter(|touched| !touched.files.is_empty()) {
        failure = failure.hint(format!(
            "{} covers {}{}",
            touched.holding.resource,
            list(touched.files.iter().map(|file| name(file))),
            match touched.more {
                0 => String::new(),
                more => format!(" and {more} more"),
            }
        ));
    }
    let is_open = |touched: &&AffectedClaim| {
        touched.files.is_empty() && touched.holding.resource.kind() == ResourceKind::Path
    };
    for touched in stopped.iter().filter(is_open).take(1) {
        failure = failure.hint(format!(
            "{} was not compared with all files of this push in time, and may be about them; push \
             fewer commits at once",
            touched.holding.resource
        ));
    }
    hints.into_iter().fold(failure, Failure::hint).hint(format!(
        "to push anyway, and record it: {BYPASS}=\"<reason>\" git push …; git \
             push --no-verify passes over every hook, and is not recorded"
    ))
}
