//! Claims of one's own that a setting requires before a commit or a push
//! (`presence.requireClaimFor`).
//!
//! Owns the answer of a hook of Git where such a claim is missing. Never decides what an operation
//! changes.

use crate::app::claims::bypass::{self, record};
use crate::app::claims::written::{Written, board_about};
use crate::app::hooks::hooked::Hooked;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::guard::shell::quote;
use crate::integrations::git_hooks::BYPASS;
use crate::model::holding::split_by;
use crate::model::resource::Resource;
use crate::model::text::list;

/// At most this many resources are named; of the others there is the number.
const NAMED_MAX: usize = 8;

/// An operation that a hook of Git may stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// Its name, which is also the word of the setting.
    pub(crate) word: &'static str,
    /// The command line that repeats it.
    pub(crate) line: &'static str,
}

/// Returns the answer of a hook that found nothing else, where this session does not claim `open`.
/// With a reason in the environment the operation goes on, on record.
pub(crate) fn judge(
    context: &Context,
    mut found: Hooked,
    operation: Operation,
    open: &[Resource],
) -> Result<Hooked, Failure> {
    if open.is_empty() || found.bypassed.is_some() {
        return Ok(found);
    }
    let Some(reason) = bypass::reason(context.host) else {
        return Err(refused(operation, open));
    };
    found.warnings.extend(record(context, open, &[], &reason));
    found.bypassed = Some(reason);
    Ok(found)
}

fn refused(Operation { word, line }: Operation, open: &[Resource]) -> Failure {
    let named = open.iter().take(NAMED_MAX);
    let names = list(named.clone());
    let more = match open.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let are = if open.len() == 1 { "is" } else { "are" };
    let error = anyhow::anyhow!(
        "this {word} was stopped: {names}{more} {are} not claimed by you, and \
         presence.requireClaimFor has {word}"
    );
    let words = named.map(|resource| quote(resource.label()));
    let words = words.collect::<Vec<_>>().join(" ");
    Failure::new(Kind::Refused, error)
        .hint(format!(
            "claim it first: git presence claim {words} --purpose \"<why>\""
        ))
        .hint(format!(
            "to go on anyway, and record it: {BYPASS}=\"<reason>\" {line}"
        ))
}

/// Returns the files that no claim of this session is about.
pub(crate) fn unclaimed(context: &Context, files: &[Written]) -> Result<Vec<Resource>, Failure> {
    let (board, _) = board_about(context, files)?;
    let (mine, _) = split_by(board.held(context.now()), &context.asker());
    let is_open = |file: &&Written| file.claims_in(context, &mine).is_empty();
    let open = files.iter().filter(is_open);
    Ok(open.filter_map(|file| file.resource(context)).collect())
}
