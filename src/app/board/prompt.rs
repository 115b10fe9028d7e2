//! `prompt`: two numbers for a shell prompt or a status line.
//!
//! Owns what is counted. Reads this clone only, and never fails: a prompt is drawn all the time,
//! and outside repositories too.

use std::time::Duration;

use crate::context::{Context, OpenOptions};
use crate::failure::Failure;
use crate::host::Host;
use crate::integrations::harness::{self, Harness};
use crate::model::holding::{Holding, split_by};

const INPUT_BYTES_MAX: usize = 1024 * 1024;
const INPUT_WAIT: Duration = Duration::from_millis(500);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Terminal,
    Tmux,
}

#[derive(Debug)]
pub struct Prompt {
    pub place: Place,
    pub mine: usize,
    pub others: usize,
    /// How many of mine somebody else claims too.
    pub contested: usize,
}

impl Prompt {
    /// Returns the prompt where nothing is claimed, or nothing can be known.
    pub fn empty(place: Place) -> Self {
        Self {
            place,
            mine: 0,
            others: 0,
            contested: 0,
        }
    }
}

pub fn said_by_claude(host: Host, options: &mut OpenOptions) {
    let input = host.read_stdin(INPUT_BYTES_MAX, INPUT_WAIT);
    let payload = harness::read(&input.bytes).unwrap_or_default();
    options.harness_session = Harness::Claude.session(&payload);
    if let Some(dir) = payload.cwd.as_deref().map(std::path::Path::new) {
        // Where it cannot be entered, the answer is about here.
        let _ = host.change_dir(dir);
    }
}

pub fn execute(context: &Context, place: Place) -> Result<Prompt, Failure> {
    let held = context.ledger.board()?.held(context.now());
    let (mine, others) = split_by(held, &context.me.id);
    let is_contested = |own: &&Holding| {
        let mut others = others.iter();
        others.any(|other| other.resource.overlaps(&own.resource))
    };
    Ok(Prompt {
        place,
        contested: mine.iter().filter(is_contested).count(),
        mine: mine.len(),
        others: others.len(),
    })
}
