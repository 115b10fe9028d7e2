//! The verbs `turn` and `instructions`: taking turns in a room, and the rules of a team.
//!
//! Owns its arguments ([`Verb`]), and how they become requests. Never decides who is next.

use super::Report;
use super::args::{As, Turn as Wait, parse_resource};
use super::env::Env;
use super::globals::Globals;
use super::handoff::{Offering, Words};
use super::release::reason;
use super::{called, slips};
use crate::app::claims::place::Scope;
use crate::app::turns::instructions;
use crate::app::turns::look::{self, TurnReport};
use crate::app::turns::pass::{self, Pass};
use crate::app::turns::take::{self, Take};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::resource::Resource;
use crate::model::text::Purpose;
use crate::model::time::parse_span_secs;
use crate::model::turn::MAIN;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    Turn(Box<TurnArgs>),
    Instructions(InstructionsArgs),
}

impl Verb {
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        Ok(match self {
            Self::Turn(args) => Box::new(turn(*args, globals, env)?),
            Self::Instructions(_) => {
                let context = globals.context(env, None, false)?;
                Box::new(instructions::execute(&context)?)
            }
        })
    }

    /// Returns true if a person may have to wait for the remote.
    pub(crate) fn talks_to_the_remote(&self) -> bool {
        matches!(self, Self::Turn(args) if args.which.is_some())
    }
}

/// Show who has the turn, who is next, and what was left; take it, or pass it on
///
/// A turn is the exclusive claim of its room, turn:main unless it is named. Without a verb nothing
/// is changed.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
EXAMPLES
  git presence turn
  git presence turn take --wait
  git presence turn take --force --reason \"its machine is gone\"
  git presence turn pass --status \"the zone is half there\" --next \"apply the rest\"")]
pub(crate) struct TurnArgs {
    #[command(subcommand)]
    which: Option<TurnVerb>,
    #[command(flatten)]
    room: Room,
}

#[derive(clap::Subcommand, Debug)]
enum TurnVerb {
    Take(TakeArgs),
    Pass(PassArgs),
}

/// Show the team's own rules, from .presence/instructions.md, or the shipped ones
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence instructions")]
pub(crate) struct InstructionsArgs {}

/// The room, and who asks.
#[derive(clap::Args, Debug)]
struct Room {
    #[arg(
        value_name = "ROOM",
        help = "The room, as in turn:<room> [default: main]"
    )]
    room: Option<String>,
    #[command(flatten)]
    who: As,
}

/// Take the turn, and read what the last holder left
///
/// Exit 0: it is yours; 3: another session has it or is offered it; 4: the time to wait is over,
/// and your place in line is kept for a while: run it again.
#[derive(clap::Args, Debug)]
struct TakeArgs {
    #[command(flatten)]
    room: Room,
    #[command(flatten)]
    wait: Wait,
    /// Take only a turn that is offered to you, never one that is merely free
    #[arg(long)]
    offered_only: bool,
    /// State the purpose, for others to read
    #[arg(long, short = 'p', short_alias = 'm', value_name = "TEXT")]
    purpose: Option<String>,
    /// Take it from the session that has it, as the board shows it, and on record
    #[arg(long, requires = "reason", conflicts_with_all = ["wait", "offered_only"])]
    force: bool,
    /// With --force: give a reason, for that session and the history
    #[arg(long, value_name = "TEXT", requires = "force")]
    reason: Option<String>,
}

/// Give the turn away, with what the next holder has to know
#[derive(clap::Args, Debug)]
struct PassArgs {
    #[command(flatten)]
    room: Room,
    #[command(flatten)]
    to: Offering,
    #[command(flatten)]
    words: Words,
}

impl Room {
    fn open(&self, globals: &Globals, env: &Env, writes: bool) -> Result<Context, Failure> {
        globals.context(env, self.who.session.as_deref(), writes)
    }

    fn resource(&self, context: &Context, env: &Env) -> Result<Resource, Failure> {
        match self.room.as_deref() {
            // A value that stands behind an option that takes it after a `=`.
            Some(room) if parse_span_secs(room).is_ok() => Err(Failure::usage(format!(
                "{room} reads as a span, and not as a room"
            ))
            .hint(format!(
                "write a span behind a =: git presence turn take --wait={room}"
            ))
            .hint(format!(
                "name the room with its type: git presence turn turn:{room}"
            ))),
            None => Resource::parse(MAIN).map_err(Failure::usage),
            Some(room) if room.starts_with("turn:") => parse_resource(context, env, room),
            Some(room) => parse_resource(context, env, &format!("turn:{room}")),
        }
    }
}

fn turn(args: TurnArgs, globals: &Globals, env: &Env) -> Result<TurnReport, Failure> {
    match args.which {
        None => {
            if let Some(room) = args.room.room.as_deref() {
                refuse_a_slip(room)?;
            }
            let context = args.room.open(globals, env, false)?;
            look::execute(&context, args.room.resource(&context, env)?)
        }
        Some(TurnVerb::Take(args)) => taken(args, globals, env),
        Some(TurnVerb::Pass(args)) => passed(args, globals, env),
    }
}

/// Fails for a room that is nearly a verb, or means one: `turn:` before it says that it is a room.
fn refuse_a_slip(room: &str) -> Result<(), Failure> {
    let command = super::command();
    let turn = command.find_subcommand("turn");
    let meant = turn.and_then(|turn| slips::subverb_meant(turn, room));
    match meant {
        Some(meant) => Err(
            called::no_such_subverb("turn", (room, &meant), &[], 0).hint(format!(
                "name the room with its type: git presence turn turn:{room}"
            )),
        ),
        None => Ok(()),
    }
}

fn taken(args: TakeArgs, globals: &Globals, env: &Env) -> Result<TurnReport, Failure> {
    let wait = args.wait.parse()?;
    let purpose = args.purpose.as_deref().map(Purpose::parse).transpose();
    let purpose =
        purpose.map_err(|error| Failure::usage(format!("the purpose is not accepted: {error}")))?;
    let by_force = reason(args.reason.as_deref())?;
    let context = args.room.open(globals, env, true)?;
    let resource = args.room.resource(&context, env)?;
    let take = Take {
        purpose,
        wait,
        only_offered: args.offered_only,
        by_force,
    };
    take::execute(&context, resource, take, env.notify)
}

fn passed(args: PassArgs, globals: &Globals, env: &Env) -> Result<TurnReport, Failure> {
    let to = args.to.parse()?;
    let context = args.room.open(globals, env, true)?;
    let resource = args.room.resource(&context, env)?;
    let resources = vec![resource.clone()];
    // One that has no turn is not asked for words first.
    pass::may_pass(&context, &resources, Scope::ThisPlace)?;
    let Some(said) = args.words.parse(&context, env)? else {
        return Err(Failure::usage("the next holder is told nothing").hint(
            "say how things stand, and what comes next: git presence turn pass --status \"<text>\" \
             --next \"<text>\"",
        ));
    };
    let pass = Pass {
        resources,
        to,
        said: Some(said),
        scope: Scope::ThisPlace,
    };
    pass::turn(&context, resource, pass)
}
