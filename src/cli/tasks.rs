//! The verb `task`: lists of what is to be done.
//!
//! Owns its arguments ([`Verb`]), and how they become requests. Never decides what may be taken.

use super::Report;
use super::args::{parse_resource, parse_ttl};
use super::env::Env;
use super::globals::Globals;
use super::task_args::{
    AddArgs, BackArgs, BlockArgs, DoneArgs, DrainArgs, DropArgs, EditArgs, Ending, ListArgs,
    NextArgs, OneArgs, Place, StartArgs, UndrainArgs,
};
use crate::app::board::log::{self, Query};
use crate::app::tasks::look::{self, Which};
use crate::app::tasks::{change, take};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::lock_request::TaskStep;
use crate::model::message::Text;
use crate::model::resource::Resource;
use crate::model::task::{Key, NEEDS_MAX, NewTask, TASK, TaskId, place_of, resource_of};
use crate::model::text::{Purpose, name};
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
pub(crate) struct TaskArgs {
    #[command(subcommand)]
    which: Option<TaskVerb>,
    #[command(flatten)]
    show: ListArgs,
}

#[derive(clap::Subcommand, Debug)]
enum TaskVerb {
    Add(AddArgs),
    List(ListArgs),
    Show(OneArgs),
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
}

impl Place {
    /// Opens the repository, and returns the list.
    fn open(
        &self,
        globals: &Globals,
        env: &Env,
        writes: bool,
    ) -> Result<(Context, Resource), Failure> {
        let list = list_of(&self.list)?;
        let context = globals.context(env, self.act.session.as_deref(), writes)?;
        Ok((context, list))
    }
}

fn list_of(text: &str) -> Result<Resource, Failure> {
    let bad = || {
        Failure::usage(format!("{} is no name of a list", name(text)))
            .hint("write a short name without a slash, for example --list release")
    };
    let list = Resource::parse(&format!("{TASK}:{text}")).map_err(|_| bad())?;
    // Each of its tasks needs a label as well.
    let task = resource_of(&list, &TaskId::of_random(&[]));
    match (place_of(&list), place_of(&task)) {
        (Some((_, None)), Some((_, Some(_)))) => Ok(list),
        _ => Err(bad()),
    }
}

fn parse_id(text: &str) -> Result<TaskId, Failure> {
    TaskId::parse(text).ok_or_else(|| {
        Failure::usage(format!("{} is no id of a task", name(text)))
            .hint("see the ids, of 8 letters and digits: git presence task")
    })
}

fn words(text: &str) -> Result<Purpose, Failure> {
    Purpose::parse(text).map_err(|error| {
        Failure::usage(format!("the text is not accepted: {error}"))
            .hint("say it in one line of plain text")
    })
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
            end((&args.id, &args.place), TaskState::Done, said, globals, env)
        }
        TaskVerb::Back(args) => ending(&args.ending, TaskState::Open, globals, env),
        TaskVerb::Block(args) => ending(&args.ending, TaskState::Blocked, globals, env),
        TaskVerb::Drop(args) => ending(&args.ending, TaskState::Dropped, globals, env),
        TaskVerb::Edit(args) => {
            let step = TaskStep::Edit {
                id: parse_id(&args.id)?,
                title: args.title.as_deref().map(words).transpose()?,
                priority: args.priority,
                unblock: args.unblock,
            };
            change(&args.place, step, globals, env)
        }
        TaskVerb::Drain(args) => change(&args.place, TaskStep::Drain(true), globals, env),
        TaskVerb::Undrain(args) => change(&args.place, TaskStep::Drain(false), globals, env),
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
    let (context, list) = args.place.open(globals, env, false)?;
    Ok(Box::new(look::execute(&context, list, which)?))
}

fn add(args: &AddArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let title = words(&args.title)?;
    let text = match args.text.is_empty() {
        true => None,
        false => Some(
            Text::parse(&args.text.join("\n\n"))
                .map_err(|error| Failure::usage(format!("the text is not accepted: {error}")))?,
        ),
    };
    let key = args.key.as_deref().map(Key::parse).transpose();
    let key = key.map_err(|error| Failure::usage(format!("the key is not accepted: {error}")))?;
    let needs = args.needs.iter().map(|id| parse_id(id));
    let needs: Vec<TaskId> = needs.collect::<Result<_, Failure>>()?;
    if needs.len() > NEEDS_MAX || args.claims.len() > NEEDS_MAX {
        return Err(Failure::usage(format!(
            "a task has at most {NEEDS_MAX} needs and claims"
        )));
    }
    let (context, list) = args.place.open(globals, env, true)?;
    let mut claims: Vec<Resource> = Vec::new();
    for label in &args.claims {
        let claim = parse_resource(&context, env, label)?;
        if claim.kind().as_str() == TASK {
            return Err(
                Failure::usage("a task is not claimed together with another one")
                    .hint("let it wait for that one: --needs <id>"),
            );
        }
        if !claims.contains(&claim) {
            claims.push(claim);
        }
    }
    let new = NewTask {
        id: TaskId::of_random(context.host.random().as_bytes()),
        title,
        text,
        needs,
        priority: args.priority,
        claims,
        key,
    };
    let added = change::execute(&context, &list, TaskStep::Add(vec![new]))?;
    Ok(Box::new(added))
}

fn taken(
    args: &NextArgs,
    id: Option<&TaskId>,
    globals: &Globals,
    env: &Env,
) -> Result<Report, Failure> {
    let ttl = args.ttl.as_deref().map(parse_ttl).transpose()?;
    let (context, list) = args.place.open(globals, env, true)?;
    let ttl = ttl.unwrap_or(context.config.ttl);
    Ok(Box::new(take::execute(&context, &list, id, ttl)?))
}

fn ending(args: &Ending, to: TaskState, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let said = words(&args.words)?;
    end((&args.id, &args.place), to, Some(said), globals, env)
}

fn end(
    (id, place): (&str, &Place),
    to: TaskState,
    words: Option<Purpose>,
    globals: &Globals,
    env: &Env,
) -> Result<Report, Failure> {
    let id = parse_id(id)?;
    change(place, TaskStep::End { id, to, words }, globals, env)
}

fn change(place: &Place, step: TaskStep, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let (context, list) = place.open(globals, env, true)?;
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
