//! The command line.
//!
//! Owns the shape of the command line (verbs by area, global flags, help: [`Cli`]) and the way from
//! typed words to a use case. Never does a verb's work, never touches the ledger, sync or Git.

#[cfg(feature = "mcp")]
mod agents;
mod args;
mod board;
mod called;
mod claims;
mod completions;
pub(crate) mod env;
mod examples;
mod fronts;
mod globals;
mod guessed;
mod handoff;
mod hooks;
mod log;
mod man;
mod messages;
mod misuse;
mod release;
mod remote;
mod run;
mod sessions;
mod setup;
mod slips;
mod states;
mod task_add;
mod task_args;
mod task_run;
mod task_typed;
mod tasks;
#[cfg(test)]
mod tests;
mod turns;

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::failure::Failure;
use crate::integrations::harness;
use crate::output::Present;
use env::Env;
use globals::Globals;

pub use guessed::understood;
pub use misuse::failure as misuse;

/// What a verb answers, to be printed.
pub(crate) type Report = Box<dyn Present>;

/// See who is changing what right now; claim it, defer, or take turns
#[derive(Parser, Debug)]
#[command(
    name = "git-presence",
    bin_name = "git presence",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    #[command(flatten)]
    Claims(claims::Verb),
    #[command(flatten)]
    Turns(turns::Verb),
    #[command(flatten)]
    Messages(messages::Verb),
    #[command(flatten)]
    States(states::Verb),
    #[command(flatten)]
    Tasks(tasks::Verb),
    #[command(flatten)]
    Board(board::Verb),
    #[command(flatten)]
    Fronts(fronts::Verb),
    #[command(flatten)]
    Sessions(sessions::Verb),
    #[command(flatten)]
    Remote(remote::Verb),
    #[command(flatten)]
    Hooks(hooks::Verb),
    #[command(flatten)]
    Setup(setup::Verb),
}

/// Returns the areas of the command line, in the order of the help: a heading, and a command whose
/// subcommands are the verbs of the area.
pub fn areas() -> [(&'static str, clap::Command); 11] {
    fn verbs<T: Subcommand>() -> clap::Command {
        T::augment_subcommands(clap::Command::new("git presence"))
    }
    [
        ("Claims", verbs::<claims::Verb>()),
        ("Turns", verbs::<turns::Verb>()),
        ("Messages", verbs::<messages::Verb>()),
        ("States", verbs::<states::Verb>()),
        ("Tasks", verbs::<tasks::Verb>()),
        ("Board", verbs::<board::Verb>()),
        ("Front ends", verbs::<fronts::Verb>()),
        ("Sessions", verbs::<sessions::Verb>()),
        ("Remote", verbs::<remote::Verb>()),
        ("Hooks", verbs::<hooks::Verb>()),
        ("Setup", verbs::<setup::Verb>()),
    ]
}

/// Returns the whole command line, with examples, for help, manual pages and the reference.
pub fn command() -> clap::Command {
    examples::added_to(Cli::command(), &areas())
}

/// The command line with the verbs of one area alone.
#[derive(Parser)]
struct OfArea<V: Subcommand> {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    verb: V,
}

impl<V: Subcommand> OfArea<V> {
    /// Reads a line that begins with a verb of this area, if nothing is wrong with it.
    fn read(arguments: &[OsString], into: fn(V) -> Verb) -> Option<Cli> {
        let verb = arguments.get(1)?.to_str()?;
        if !V::has_subcommand(verb) {
            return None;
        }
        let Self { globals, verb } = Self::try_parse_from(arguments).ok()?;
        let verb = into(verb);
        Some(Cli { globals, verb })
    }
}

impl Cli {
    /// Reads a command line.
    pub(crate) fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let plain = Self::plain(arguments).or_else(|| Self::of_one_area(arguments));
        plain.map_or_else(|| Self::try_parse_from(arguments), Ok)
    }

    /// What is asked most and needs no other area: to set up all verbs takes a tenth of a claim.
    /// `None` for every other line, and for one with a mistake: help and tips know all verbs.
    fn of_one_area(arguments: &[OsString]) -> Option<Self> {
        OfArea::read(arguments, Verb::Claims)
            .or_else(|| OfArea::read(arguments, Verb::Board))
            .or_else(|| OfArea::read(arguments, Verb::Messages))
            .or_else(|| OfArea::read(arguments, Verb::Tasks))
    }

    /// What harnesses ask all the time, without options: to read that as any other line would cost
    /// as much as the answer.
    fn plain(arguments: &[OsString]) -> Option<Self> {
        let verb = match arguments {
            [_, verb] if verb == "heartbeat" => {
                Verb::Claims(claims::Verb::Heartbeat(claims::HeartbeatArgs::default()))
            }
            [_, verb, word, event] if verb == "hook" => Verb::Hooks(hooks::Verb::Hook(
                hooks::HookArgs::of_harness(word, event, false)?,
            )),
            [_, verb, word, event, last] if verb == "hook" && last == harness::TELLS_TASKS => {
                Verb::Hooks(hooks::Verb::Hook(hooks::HookArgs::of_harness(
                    word, event, true,
                )?))
            }
            _ => return None,
        };
        Some(Self {
            globals: Globals::default(),
            verb,
        })
    }
}

impl Verb {
    /// Returns true if a person may have to wait for the remote.
    pub(crate) fn talks_to_the_remote(&self) -> bool {
        match self {
            Self::Claims(verb) => verb.talks_to_the_remote(),
            Self::Turns(verb) => verb.talks_to_the_remote(),
            Self::Setup(verb) => verb.talks_to_the_remote(),
            Self::Messages(verb) => verb.talks_to_the_remote(),
            Self::States(verb) => verb.talks_to_the_remote(),
            Self::Tasks(verb) => verb.talks_to_the_remote(),
            Self::Remote(_) => true,
            Self::Board(_) | Self::Fronts(_) | Self::Sessions(_) | Self::Hooks(_) => false,
        }
    }

    /// Runs the verb and returns its report.
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        globals.enter(env.host)?;
        match self {
            Self::Claims(verb) => verb.run(globals, env),
            Self::Turns(verb) => verb.run(globals, env),
            Self::Messages(verb) => verb.run(globals, env),
            Self::States(verb) => verb.run(globals, env),
            Self::Tasks(verb) => verb.run(globals, env),
            Self::Board(verb) => verb.run(globals, env),
            Self::Fronts(verb) => verb.run(globals, env),
            Self::Sessions(verb) => verb.run(globals, env),
            Self::Remote(verb) => verb.run(globals, env),
            Self::Hooks(verb) => verb.run(globals, env),
            Self::Setup(verb) => verb.run(globals, env, &command),
        }
    }
}
