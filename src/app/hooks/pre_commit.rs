//! The use case of `hook pre-commit`: whether this session claims the files of a commit.
//!
//! Owns the check that `presence.requireClaimFor=commit` asks for. Claims of other sessions are not
//! looked at: a commit stays in this clone, and a push is checked. Nothing but a missing claim
//! stops a commit: what cannot be read is one warning.

use std::time::Duration;

use crate::app::claims::written::Written;
use crate::app::hooks::hooked::Hooked;
use crate::app::hooks::required::{self, Operation};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::{Failure, Kind};
use crate::model::time::Timestamp;

const NAME: &str = "pre-commit";
const COMMIT: Operation = Operation {
    word: "commit",
    line: "git commit \u{2026}",
};
/// The variable in which Git names the index of the commit to its hook.
const INDEX_VAR: &str = "GIT_INDEX_FILE";
/// How long Git may take to list the files.
const LOOK_SECS_MAX: u64 = 5;

/// Judges a commit in the context that was opened. Nothing but a refusal stops it.
pub fn unless_it_fails(
    opened: Result<Context, Failure>,
    now: Timestamp,
) -> Result<Hooked, Failure> {
    match opened.and_then(|context| execute(&context)) {
        Err(failure) if failure.kind != Kind::Refused => Ok(Hooked {
            warnings: vec![format!("this commit was not checked: {}", failure.error)],
            ..Hooked::quiet(NAME, now)
        }),
        judged => judged,
    }
}

fn execute(context: &Context) -> Result<Hooked, Failure> {
    let quiet = Hooked::quiet(NAME, context.now());
    let Some(code) = context
        .code
        .as_ref()
        .filter(|_| context.config.required.commit)
    else {
        return Ok(quiet);
    };
    let until = context.host.elapsed() + Duration::from_secs(LOOK_SECS_MAX);
    let left = || until.saturating_sub(context.host.elapsed());
    let index = context.host.env(INDEX_VAR);
    let staged = code.git.staged(index.as_deref(), &left);
    let staged = staged.map_err(|error| Failure::new(Kind::Broken, error))?;
    let files = staged.into_iter().map(|name| Written::named(vec![name]));
    let files: Vec<Written> = files.collect();
    let open = required::unclaimed(context, &files)?;
    required::judge(context, quiet, COMMIT, &open)
}
