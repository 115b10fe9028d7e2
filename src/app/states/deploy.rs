//! The use case of `run --state`: what a command does is said while it does it.
//!
//! Owns the words before and after. Never runs the command by itself.

use crate::app::claims::run::{self, Around, Job, Ran};
use crate::app::states::say::{self, Said};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::state::{LASTS_SECS, Version, Word};

/// Runs the command; its resources are said to be deploying, and then deployed, or degraded.
pub fn execute(
    context: &Context,
    job: &Job,
    version: Option<&Version>,
    notify: fn(&str),
) -> Result<Ran, Failure> {
    let say = |word: Word| {
        let said = Said {
            resources: job.wanted.resources.clone(),
            word,
            version: version.cloned(),
            notes: Some(job.wanted.purpose.clone()),
            lasts_secs: LASTS_SECS,
        };
        let stated = say::execute(context, &said)?;
        stated.warnings.iter().for_each(|warning| notify(warning));
        Ok(())
    };
    let around = Around {
        before: &|| say(Word::deploying()),
        after: &|code| match code {
            0 => say(Word::deployed()),
            _ => say(Word::degraded()),
        },
    };
    run::execute(context, job, Some(&around), notify)
}
