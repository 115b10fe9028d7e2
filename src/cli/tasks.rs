//! The verb `task`: lists of what is to be done.
//!
//! Owns its arguments ([`Verb`]), and how they become requests. Never decides what may be taken.

use std::time::Duration;

use super::Report;
use super::args::{parse_span, parse_ttl};
use super::env::Env;
use super::globals::Globals;
use super::handoff::Words;
use super::task_add::add;
use super::task_args::{
    AddArgs, BackArgs, BlockArgs, DoneArgs, DrainArgs, DropArgs, EditArgs, Ending, ListArgs,
    NextArgs, OneArgs, Place, RunArgs, StartArgs, UndrainArgs,
};
use super::task_run;
use super::task_typed::{parse_id, recipient, short, words};
use crate::app::board::log::{self, Query};
use crate::app::tasks::look::{self, Which};
use crate::app::tasks::{change, mine, waits};
use crate::app::turns::pass::code_at;
use crate::failure::Failure;
use crate::model::handoff::Parting;
use crate::model::lock_request::TaskStep;
use crate::model::task::{TaskId, resource_of};
use crate::model::text::Purpose;
use crate::model::transition::TaskState;

/// The most events that are shown of one task.
const EVENTS_MAX: usize = 100;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    #[command(alias = "tasks")]
    Task(Box<TaskArgs>),
}

impl Verb {
    /// Returns true if a person may have to wait for the remote.
    pub(crate) fn talks_to_the_remote(&self) -> bool {
        let Self::Task(args) = self;
        args.which.is_some()
    }

    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        let Self::Task(args) = self;
        run(*args, globals, env)
    }
}

/// Show what is to be done and who does it; add, take and finish tasks
///
/// A list is decided like an exclusive claim: no two sessions take one task, and none is taken
/// before what it needs is done. A task that is taken is the exclusive claim `task:<list>/<id>`;
/// heartbeats renew it, and if it expires, the task is open again.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "\
EXAMPLES
  git presence task
  git presence task add \"rotate the keys\" --claims stack:infra/keys
  git presence task next
  git presence task done abcd2345 -m \"both zones\"")]
pub(crate) struct TaskArgs {
    #[command(subcommand)]
    which: Option<TaskVerb>,
    #[command(flatten)]
    show: ListArgs,
}

#[derive(clap::Subcommand, Debug)]
enum TaskVerb {
    Add(AddArgs),
    /// Show the tasks of a list, and who does what
    #[command(about = "Show the tasks of a list, and who does what")]
    List(ListArgs),
    /// Show everything of a task
    Show(OneArgs),
    /// Show what happened to a task, newest first
    #[command(about = "Show what happened to a task, newest first")]
    Log(OneArgs),
    Next(NextArgs),
    Start(StartArgs),
    Done(DoneArgs),
    Back(BackArgs),
    Block(BlockArgs),
    Drop(DropArgs),
    Edit(EditArgs),
    Drain(DrainArgs),
    Undrain(UndrainArgs),
    Run(RunArgs),
}

fn run(args: TaskArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let Some(verb) = args.which else {
        return list(&args.show, globals, env);
    };
    match verb {
        TaskVerb::Add(args) => add(&args, globals, env),
        TaskVerb::List(args) => list(&args, globals, env),
        TaskVerb::Show(args) => {
            let id = parse_id(&args.id)?;
            let (context, list) = args.place.open(globals, env, false)?;
            Ok(Box::new(look::one(&context, list, &id)?))
        }
        TaskVerb::Log(args) => history(&args, globals, env),
        TaskVerb::Next(args) => taken(&args, None, globals, env),
        TaskVerb::Start(args) => {
            let id = parse_id(&args.id)?;
            taken(&args.next, Some(&id), globals, env)
        }
        TaskVerb::Done(args) => {
            let said = args.words.as_deref().map(words).transpose()?;
            let left = (said, Some(args.left));
            end(
                (args.id.as_deref(), &args.place),
                TaskState::Done,
                left,
                globals,
                env,
            )
        }
        TaskVerb::Back(args) => {
            ending(&args.ending, TaskState::Open, Some(args.left), globals, env)
        }
        TaskVerb::Block(args) => ending(&args.ending, TaskState::Blocked, None, globals, env),
        TaskVerb::Drop(args) => ending(&args.ending, TaskState::Dropped, None, globals, env),
        TaskVerb::Edit(args) => edit(&args, globals, env),
        TaskVerb::Drain(args) => drain(&args.place, true, globals, env),
        TaskVerb::Undrain(args) => drain(&args.place, false, globals, env),
        TaskVerb::Run(args) => task_run::run(&args, globals, env),
    }
}

fn list(args: &ListArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let which = match (args.ready, args.mine, args.blocked, args.stale, args.done) {
        (true, ..) => Which::Ready,
        (_, true, ..) => Which::Mine,
        (_, _, true, ..) => Which::Blocked,
        (_, _, _, true, _) => Which::Stale,
        (.., true) => Which::Done,
        _ => Which::All,
    };
    let workflow = args.workflow.as_deref();
    let workflow = workflow.map(|name| short(name, "the name of a workflow"));
    let query = look::Query {
        which,
        workflow: workflow.transpose()?,
    };
    let (context, list) = args.place.open(globals, env, false)?;
    Ok(Box::new(look::execute(&context, list, &query)?))
}

fn taken(
    args: &NextArgs,
    id: Option<&TaskId>,
    globals: &Globals,
    env: &Env,
) -> Result<Report, Failure> {
    let ttl = args.ttl.as_deref().map(parse_ttl).transpose()?;
    let wait = args.wait.as_deref().map(|text| parse_span("--wait", text));
    let wait = Duration::from_secs(wait.transpose()?.unwrap_or_default());
    let (context, list) = args.place.open(globals, env, true)?;
    let ttl = ttl.unwrap_or(context.config.ttl);
    let taken = waits::execute(&context, &list, (id, ttl), wait, env.notify)?;
    Ok(Box::new(taken))
}

fn ending(
    args: &Ending,
    to: TaskState,
    left: Option<Words>,
    globals: &Globals,
    env: &Env,
) -> Result<Report, Failure> {
    let said = words(&args.words)?;
    end(
        (args.id.as_deref(), &args.place),
        to,
        (Some(said), left),
        globals,
        env,
    )
}

fn end(
    (id, place): (Option<&str>, &Place),
    to: TaskState,
    (words, left): (Option<Purpose>, Option<Words>),
    globals: &Globals,
    env: &Env,
) -> Result<Report, Failure> {
    let id = id.map(parse_id).transpose()?;
    let (context, list) = place.open(globals, env, true)?;
    let id = match (id, to) {
        (Some(id), _) => id,
        // What is dropped need not be held.
        (None, TaskState::Dropped) => {
            return Err(Failure::usage("the task that is dropped is not named")
                .hint("see the tasks: git presence task; then: git presence task drop <task> -m \"<why>\""));
        }
        (None, _) => mine::held(&context, &list)?,
    };
    let left = left.map(|left| left.parse(&context, env)).transpose()?;
    let parting = left.flatten().map(|said| {
        let code = code_at(&context);
        Box::new(Parting { said, code })
    });
    let step = TaskStep::End {
        id,
        to,
        words,
        parting,
    };
    Ok(Box::new(change::execute(&context, &list, step)?))
}

fn edit(args: &EditArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let id = parse_id(&args.id)?;
    let title = args.title.as_deref().map(words).transpose()?;
    let (context, list) = args.place.open(globals, env, true)?;
    let to = recipient(&context, env, args.to.as_deref())?;
    let step = TaskStep::Edit {
        id,
        title,
        priority: args.priority,
        to: (to.is_some() || args.to_anyone).then_some(to),
        unblock: args.unblock,
    };
    Ok(Box::new(change::execute(&context, &list, step)?))
}

fn drain(place: &Place, is_drained: bool, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let (context, list) = place.open(globals, env, true)?;
    let step = TaskStep::Drain(is_drained);
    Ok(Box::new(change::execute(&context, &list, step)?))
}

fn history(args: &OneArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let id = parse_id(&args.id)?;
    let (context, list) = args.place.open(globals, env, false)?;
    let query = Query {
        resource: Some(resource_of(&list, &id)),
        session: None,
        since: None,
        kinds: Vec::new(),
        is_for_me: false,
        count: EVENTS_MAX,
    };
    Ok(Box::new(log::execute(&context, &query)?))
}
