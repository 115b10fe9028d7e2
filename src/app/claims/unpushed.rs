//! Commits that are about claims and that no remote has yet.
//!
//! Owns which of them a session is told of when it releases, hands in or ends a turn, and that it
//! is told once. Never pushes, and looks at local refs only, where the branch has an upstream.

use std::time::Duration;

use crate::app::claims::written::Written;
use crate::clock::Clock as _;
use crate::context::Context;
use crate::ledger::{Notices, Topic};
use crate::model::resource::{Resource, ResourceKind};
use crate::model::text::{as_argument, name};
use crate::model::unpushed::Unpushed;

/// How long the commits are looked at.
const LOOK_MAX: Duration = Duration::from_millis(500);
/// The most of their files that are compared with claims.
const FILES_MAX: usize = 512;
/// How many marks of what was told are kept; the oldest go, and would be told again.
const TOLD_MAX: usize = 64;

/// Looks for commits that no branch of the upstream's remote has and that are about one of
/// `resources`; without any that is about files or a branch, all count. `since_secs` leaves older
/// ones out. `None` without one, without an upstream, or if that cannot be told at once.
fn look(context: &Context, resources: &[&Resource], since_secs: Option<i64>) -> Option<Unpushed> {
    let code = context.code.as_ref()?;
    let (branch, remote) = (context.branch()?, context.upstream_remote()?);
    let host = context.host;
    let until = host.elapsed() + LOOK_MAX;
    let left = move || until.saturating_sub(host.elapsed());
    let unpushed = code.git.unpushed(&remote, since_secs, &left).ok()?;
    let head = unpushed.commits.first()?.clone();
    let is_about_files = resources.iter().any(|resource| is_of_code(resource))
        && !{ resources.iter() }.any(|one| is_branch(context, one, branch));
    let mut files = unpushed.files.into_iter().take(FILES_MAX);
    let file = match is_about_files {
        true => Some(files.find(|file| is_about(context, resources, file))?),
        false => None,
    };
    Some(Unpushed {
        head,
        count: unpushed.commits.len(),
        branch: branch.to_owned(),
        remote,
        file,
    })
}

/// Returns what a session is told that released `resources` or handed in the task that came with
/// them; once for each commit.
pub(crate) fn once(context: &Context, resources: &[&Resource]) -> Option<String> {
    let unpushed = look(context, resources, None)?;
    // What cannot be noted is said again.
    is_news(context, &[Notices::mark(&unpushed.head)])
        .unwrap_or(true)
        .then(|| unpushed.sentence(|text| name(text).to_string(), as_word))
}

/// Returns the same for the end of a turn: once for each of `claims`, which stand behind their
/// marks. Commits that are older than `since_secs` do not count.
pub(crate) fn once_a_claim(
    context: &Context,
    mut claims: Vec<(String, &Resource)>,
    since_secs: i64,
) -> Option<Unpushed> {
    let told = kept(context);
    claims.retain(|(mark, _)| !told.split(' ').any(|one| one == mark));
    if claims.is_empty() {
        return None;
    }
    let resources: Vec<&Resource> = claims.iter().map(|(_, resource)| *resource).collect();
    let unpushed = look(context, &resources, Some(since_secs))?;
    let mut marks: Vec<String> = claims.into_iter().map(|(mark, _)| mark).collect();
    marks.push(Notices::mark(&unpushed.head));
    // What cannot be noted would hold each turn.
    is_news(context, &marks)
        .unwrap_or(false)
        .then_some(unpushed)
}

/// Checks whether a claim is about files or a branch.
pub(crate) fn is_of_code(resource: &Resource) -> bool {
    matches!(
        resource.kind(),
        ResourceKind::Path | ResourceKind::Branch | ResourceKind::Named("stack")
    )
}

fn as_word(name: &str) -> Option<String> {
    as_argument(name).map(str::to_owned)
}

fn is_about(context: &Context, resources: &[&Resource], file: &str) -> bool {
    let file = Written::named(vec![file.to_owned()]);
    { resources.iter() }.any(|resource| file.is_about(context, resource))
}

fn is_branch(context: &Context, resource: &Resource, branch: &str) -> bool {
    let label = Resource::from_record(&format!("branch:{branch}"));
    label.is_ok_and(|label| context.on_board(&label).contains(resource))
}

fn kept(context: &Context) -> String {
    let notices = context.ledger.notices();
    notices.kept(&context.me.id, Topic::Unpushed)
}

/// Checks whether any of `marks` was not told yet, and notes them; `None` if that fails.
fn is_news(context: &Context, marks: &[String]) -> Option<bool> {
    let before = kept(context);
    let mut told: Vec<&str> = before.split_whitespace().collect();
    let new = { marks.iter() }.filter(|mark| !told.contains(&mark.as_str()));
    let new: Vec<&str> = new.map(String::as_str).collect();
    if new.is_empty() {
        return Some(false);
    }
    told.extend(new);
    let from = told.len().saturating_sub(TOLD_MAX);
    let notices = context.ledger.notices();
    let noted = notices.keep(&context.me.id, Topic::Unpushed, &told[from..].join(" "));
    noted.is_ok().then_some(true)
}
