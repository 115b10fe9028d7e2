//! The arguments of the verbs of `task`.
//!
//! Owns their names and their help. Never decides what they mean.

use super::args::{As, WAIT_DEFAULT};
use super::handoff::Words;
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
    /// Show only this workflow
    #[arg(long, value_name = "NAME")]
    pub(super) workflow: Option<String>,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Add a task, or all tasks of a plan
///
/// A plan is a workflow in TOML or JSON: a name, and for each task a key and a title; needs name
/// keys. All of it is added, or nothing, and again it adds nothing. Where the remote is away, the
/// tasks are kept here, and the next sync adds them.
#[derive(clap::Args, Debug)]
pub(super) struct AddArgs {
    #[arg(
        value_name = "TITLE",
        help = "What is to be done, in one line",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    pub(super) title: Option<String>,
    /// Say more about it; several are paragraphs
    #[arg(
        short = 'm',
        long = "message",
        value_name = "TEXT",
        conflicts_with = "from"
    )]
    pub(super) text: Vec<String>,
    /// Read what there is to say from a file; - is standard input
    #[arg(short = 'F', long = "file", value_name = "FILE", conflicts_with_all = ["text", "from"])]
    pub(super) file: Option<String>,
    /// Add the tasks of a plan in a file; - is standard input
    #[arg(
        long,
        value_name = "PLAN",
        conflicts_with_all = ["needs", "priority", "claims", "key", "to", "checks"]
    )]
    pub(super) from: Option<String>,
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
    /// Give it only to this session, this user@host, or a session at this resource: role:worker
    #[arg(long, value_name = "WHO")]
    pub(super) to: Option<String>,
    /// Let this check judge what came of it, by its name in the settings
    #[arg(long = "check", value_name = "NAME")]
    pub(super) checks: Vec<String>,
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
    /// If none can be taken, wait up to SPAN until one can
    #[arg(
        long,
        value_name = "SPAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = WAIT_DEFAULT
    )]
    pub(super) wait: Option<String>,
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
///
/// What you hand over is shown with every task that needed this one.
#[derive(clap::Args, Debug)]
pub(super) struct DoneArgs {
    #[arg(value_name = "ID", help = "The task [default: the one that you hold]")]
    pub(super) id: Option<String>,
    /// Say what came of it
    #[arg(short = 'm', long = "message", value_name = "TEXT")]
    pub(super) words: Option<String>,
    #[command(flatten)]
    pub(super) left: Words,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Give a task that you hold back, with what the next session should know
#[derive(clap::Args, Debug)]
pub(super) struct BackArgs {
    #[command(flatten)]
    pub(super) ending: Ending,
    #[command(flatten)]
    pub(super) left: Words,
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
    #[arg(value_name = "ID", help = "The task [default: the one that you hold]")]
    pub(super) id: Option<String>,
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
    /// Give it only to this session, user@host, or a session at this resource
    #[arg(long, value_name = "WHO", conflicts_with = "to_anyone")]
    pub(super) to: Option<String>,
    /// Give it to any session
    #[arg(long)]
    pub(super) to_anyone: bool,
    /// Let it be taken again
    #[arg(long)]
    pub(super) unblock: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Work a list off: start an agent for each task, and judge what comes of it
///
/// Each attempt is recorded before it begins, so that a supervisor that was killed is followed by
/// one that goes on. Checks and agents are commands of this clone, by name: presence.check.*,
/// presence.agent.*, or the tracked .presence/checks.toml. A list has one supervisor.
#[derive(clap::Args, Debug)]
pub(super) struct RunArgs {
    /// Start this agent: its name in the settings, or a command line
    #[arg(long, value_name = "COMMAND")]
    pub(super) agent: Option<String>,
    /// Run this many commands at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..65))]
    pub(super) jobs: u8,
    /// End when there is nothing left to do
    #[arg(long)]
    pub(super) once: bool,
    /// Only say what would be done now
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Write a line of JSON for each step
    #[arg(long)]
    pub(super) headless: bool,
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
