//! The use case of `prompt`: two numbers for a shell prompt or a status line.
//!
//! Owns what is counted ([`Prompt`]). Reads this clone only and never fails: a prompt is drawn all
//! the time, outside repositories too.

use std::time::Duration;

use crate::context::{Context, OpenOptions};
use crate::failure::Failure;
use crate::host::Host;
use crate::integrations::harness::{self, Harness};
use crate::model::holding::{Holding, split_by};

const INPUT_BYTES_MAX: usize = 1024 * 1024;
const INPUT_WAIT: Duration = Duration::from_millis(500);

/// Where the prompt is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A terminal, with its own colours.
    Terminal,
    /// A status line of tmux, with markup of tmux.
    Tmux,
}

/// How much is claimed.
#[derive(Debug)]
pub struct Prompt {
    /// Where it is shown.
    pub place: Place,
    /// Claims of this session.
    pub mine: usize,
    /// Claims of other sessions.
    pub others: usize,
    /// What other sessions have frozen.
    pub frozen: usize,
    /// How many claims of this session another one has claimed or frozen, too.
    pub contested: usize,
}

impl Prompt {
    /// Returns the prompt for a place where nothing is claimed, or nothing can be read.
    pub fn empty(place: Place) -> Self {
        Self {
            place,
            mine: 0,
            others: 0,
            frozen: 0,
            contested: 0,
        }
    }
}

/// Reads from standard input which session Claude Code draws its status line for, and changes to
/// its directory.
pub fn said_by_claude(host: Host, options: &mut OpenOptions) {
    let input = host.read_stdin(INPUT_BYTES_MAX, INPUT_WAIT);
    let payload = harness::read(&input.bytes).unwrap_or_default();
    options.harness_session = Harness::Claude.session(&payload);
    options.follows_payload = true;
    if let Some(dir) = payload.cwd.as_deref().map(std::path::Path::new) {
        // If the directory cannot be entered, the answer is about the current one.
        let _ = host.change_dir(dir);
    }
}

/// Counts the live claims.
pub fn execute(context: &Context, place: Place) -> Result<Prompt, Failure> {
    let (board, now) = (context.ledger.board()?, context.now());
    let me = context.asker();
    let (mine, others) = split_by(board.held(now), &me);
    let (_, frozen) = split_by(board.frozen(now), &me);
    let is_contested = |own: &&Holding| {
        let mut others = others.iter().chain(&frozen);
        others.any(|other| other.resource.overlaps(&own.resource))
    };
    Ok(Prompt {
        place,
        contested: mine.iter().filter(is_contested).count(),
        mine: mine.len(),
        others: others.len(),
        frozen: frozen.len(),
    })
}
