//! The arguments of the verbs of `task`.
//!
//! Owns their names and their help. Never decides what they mean.

use super::args::As;
use crate::model::task::PRIORITY;

/// The list, and the session that acts.
#[derive(clap::Args, Debug)]
pub(super) struct Place {
    /// Use this list
    #[arg(long, value_name = "LIST", default_value = "main")]
    pub(super) list: String,
    #[command(flatten)]
    pub(super) act: As,
}

/// Which tasks are shown.
#[derive(clap::Args, Debug)]
pub(super) struct ListArgs {
    /// Show only what can be taken now
    #[arg(long, group = "which")]
    pub(super) ready: bool,
    /// Show only what you hold
    #[arg(long, group = "which")]
    pub(super) mine: bool,
    /// Show only what waits for a person
    #[arg(long, group = "which")]
    pub(super) blocked: bool,
    /// Show only what is open or held for more than 7 days
    #[arg(long, group = "which")]
    pub(super) stale: bool,
    /// Show what is over, as far as the list remembers it
    #[arg(long, group = "which")]
    pub(super) done: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Add a task
#[derive(clap::Args, Debug)]
pub(super) struct AddArgs {
    #[arg(value_name = "TITLE", help = "What is to be done, in one line")]
    pub(super) title: String,
    /// Say more about it; several are paragraphs
    #[arg(short = 'm', long = "message", value_name = "TEXT")]
    pub(super) text: Vec<String>,
    /// Give it out only when this task is done
    #[arg(long, value_name = "ID")]
    pub(super) needs: Vec<String>,
    /// Give out what has a lower number first, 0 to 9
    #[arg(long, value_name = "N", default_value_t = PRIORITY, value_parser = clap::value_parser!(u8).range(0..10))]
    pub(super) priority: u8,
    /// Claim this exclusively together with it
    #[arg(long, value_name = "RESOURCE")]
    pub(super) claims: Vec<String>,
    /// Add it only if no task of this list ever had this key
    #[arg(long, value_name = "TEXT")]
    pub(super) key: Option<String>,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Show everything of a task
#[derive(clap::Args, Debug)]
pub(super) struct OneArgs {
    #[arg(value_name = "ID", help = "The task")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Take the next task that is ready
#[derive(clap::Args, Debug)]
pub(super) struct NextArgs {
    /// Let the hold last this long without a heartbeat [config: presence.ttl]
    #[arg(long, value_name = "SPAN")]
    pub(super) ttl: Option<String>,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Take this task
#[derive(clap::Args, Debug)]
pub(super) struct StartArgs {
    #[arg(value_name = "ID", help = "The task")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) next: NextArgs,
}

/// Finish a task that you hold
#[derive(clap::Args, Debug)]
pub(super) struct DoneArgs {
    #[arg(value_name = "ID", help = "The task")]
    pub(super) id: String,
    /// Say what came of it
    #[arg(short = 'm', long = "message", value_name = "TEXT")]
    pub(super) words: Option<String>,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Give a task that you hold back, with what the next session should know
#[derive(clap::Args, Debug)]
pub(super) struct BackArgs {
    #[command(flatten)]
    pub(super) ending: Ending,
}

/// Let a task wait for a person
#[derive(clap::Args, Debug)]
pub(super) struct BlockArgs {
    #[command(flatten)]
    pub(super) ending: Ending,
}

/// Drop a task that is not to be done
#[derive(clap::Args, Debug)]
pub(super) struct DropArgs {
    #[command(flatten)]
    pub(super) ending: Ending,
}

#[derive(clap::Args, Debug)]
pub(super) struct Ending {
    #[arg(value_name = "ID", help = "The task")]
    pub(super) id: String,
    /// Say why
    #[arg(short = 'm', long = "message", value_name = "TEXT", required = true)]
    pub(super) words: String,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Change a task, or let it go on after a person looked at it
#[derive(clap::Args, Debug)]
pub(super) struct EditArgs {
    #[arg(value_name = "ID", help = "The task")]
    pub(super) id: String,
    /// Give it another title
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// Give it another priority, 0 to 9
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..10))]
    pub(super) priority: Option<u8>,
    /// Let it be taken again
    #[arg(long)]
    pub(super) unblock: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Give nothing new out; what is held goes on
#[derive(clap::Args, Debug)]
pub(super) struct DrainArgs {
    #[command(flatten)]
    pub(super) place: Place,
}

/// Give tasks out again
#[derive(clap::Args, Debug)]
pub(super) struct UndrainArgs {
    #[command(flatten)]
    pub(super) place: Place,
}
