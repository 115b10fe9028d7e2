//! The verb `task add`: one task from arguments, or all of a plan in a file.
//!
//! Owns how words become tasks, and the errors for what is not accepted. Never decides what a list
//! accepts.

use std::path::Path;
use std::time::Duration;

use super::Report;
use super::args::parse_resource;
use super::env::Env;
use super::globals::Globals;
use super::task_args::AddArgs;
use super::task_typed::{parse_id, recipient, short, words};
use crate::app::tasks::add::{self, Adding};
use crate::clock::Clock as _;
use crate::context::Context;
use crate::failure::Failure;
use crate::integrations::plan_file::{Plan, PlanTask};
use crate::model::message::Text;
use crate::model::resource::Resource;
use crate::model::task::{
    DESCRIPTION_BYTES_MAX, Key, NEEDS_MAX, Name, PRIORITY, TASK, TASKS_MAX, TaskId, TaskSpec,
    Workflow,
};
use crate::model::text::{Purpose, name};

/// The most bytes of a file with a plan.
const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How long what comes through a pipe may take.
const PIPE_WITHIN: Duration = Duration::from_secs(30);
const PRIORITY_MAX: u8 = 9;

pub(super) fn add(args: &AddArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let Some(title) = &args.title else {
        return planned(args, globals, env);
    };
    let title = words(title)?;
    let text = match (&args.file, args.text.is_empty()) {
        (Some(file), _) => Some(text(&read(env, file)?)?),
        (None, false) => Some(text(&args.text.join("\n\n"))?),
        (None, true) => None,
    };
    let key = args.key.as_deref().map(key).transpose()?;
    let needs = args.needs.iter().map(|id| parse_id(id));
    let needs: Vec<TaskId> = needs.collect::<Result<_, Failure>>()?;
    let checks = checks(&args.checks)?;
    let (context, list) = args.place.open(globals, env, true)?;
    let spec = TaskSpec {
        text,
        needs,
        priority: args.priority,
        claims: claims(&context, env, &args.claims)?,
        key,
        to: recipient(&context, env, args.to.as_deref())?,
        checks,
        ..TaskSpec::new(new_id(&context), title)
    };
    within_limits(&spec)?;
    let adding = Adding {
        tasks: vec![spec],
        workflow: None,
    };
    Ok(Box::new(add::execute(&context, &list, adding)?))
}

/// Adds the tasks of a plan.
fn planned(args: &AddArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let file = args.from.as_deref().unwrap_or("-");
    let plan = Plan::read(&read(env, file)?).map_err(|why| {
        not_accepted(&why).hint(
            "it has a name and, for each task, [[task]] with key and title, and may have needs, \
             text, priority, claims, checks and to",
        )
    })?;
    let is_id = |need: &str| TaskId::parse(need).is_some();
    plan.check(TASKS_MAX, &is_id)
        .map_err(|error| not_accepted(&error.to_string()))?;
    let workflow = Workflow {
        name: short(&plan.name, "the name of the plan")?,
        description: plan.description.as_deref().map(description).transpose()?,
    };
    let (context, list) = args.place.open(globals, env, true)?;
    let ids: Vec<TaskId> = plan.task.iter().map(|_| new_id(&context)).collect();
    let specs = plan.task.iter().zip(&ids).map(|(task, id)| {
        let here = Here {
            context: &context,
            env,
        };
        let spec = here.spec(&plan, task, (id, &ids), &workflow.name);
        spec.map_err(|failure| about(&task.key, failure))
    });
    let adding = Adding {
        tasks: specs.collect::<Result<_, Failure>>()?,
        workflow: Some(workflow),
    };
    Ok(Box::new(add::execute(&context, &list, adding)?))
}

/// Where a plan is read.
struct Here<'a> {
    context: &'a Context,
    env: &'a Env,
}

impl Here<'_> {
    fn spec(
        &self,
        plan: &Plan,
        task: &PlanTask,
        (id, ids): (&TaskId, &[TaskId]),
        workflow: &Name,
    ) -> Result<TaskSpec, Failure> {
        let need = |need: &String| match plan.place(need) {
            Some(at) => Ok(ids[at].clone()),
            None => parse_id(need),
        };
        let needs = task.needs.iter().map(need);
        let priority = task.priority.unwrap_or(PRIORITY);
        if priority > PRIORITY_MAX {
            return Err(Failure::usage(format!("a priority is 0 to {PRIORITY_MAX}")));
        }
        let spec = TaskSpec {
            text: task.text.as_deref().map(text).transpose()?,
            needs: needs.collect::<Result<_, Failure>>()?,
            priority,
            claims: claims(self.context, self.env, &task.claims)?,
            key: Some(key(&format!("{workflow}/{}", task.key))?),
            to: recipient(self.context, self.env, task.to.as_deref())?,
            checks: checks(&task.checks)?,
            workflow: Some(workflow.clone()),
            ..TaskSpec::new(id.clone(), words(&task.title)?)
        };
        within_limits(&spec)?;
        Ok(spec)
    }
}

/// Says which task of a plan a failure is about.
fn about(key: &str, mut failure: Failure) -> Failure {
    failure.error = anyhow::anyhow!("in the task {}: {}", name(key), failure.error);
    failure
}

fn not_accepted(why: &str) -> Failure {
    Failure::usage(format!(
        "the plan is not accepted: {why}; nothing was added"
    ))
}

fn new_id(context: &Context) -> TaskId {
    TaskId::of_random(context.host.random().as_bytes())
}

fn within_limits(spec: &TaskSpec) -> Result<(), Failure> {
    let longest = spec
        .needs
        .len()
        .max(spec.claims.len())
        .max(spec.checks.len());
    match longest > NEEDS_MAX {
        true => Err(Failure::usage(format!(
            "a task has at most {NEEDS_MAX} needs, claims and checks"
        ))),
        false => Ok(()),
    }
}

fn text(text: &str) -> Result<Text, Failure> {
    Text::parse(text).map_err(|error| Failure::usage(format!("the text is not accepted: {error}")))
}

fn key(text: &str) -> Result<Key, Failure> {
    Key::parse(text).map_err(|error| Failure::usage(format!("the key is not accepted: {error}")))
}

fn description(text: &str) -> Result<Purpose, Failure> {
    let bad = |why: &dyn std::fmt::Display| {
        not_accepted(&format!("its description is not accepted: {why}"))
    };
    if text.len() > DESCRIPTION_BYTES_MAX {
        return Err(bad(&format!(
            "it has more than {DESCRIPTION_BYTES_MAX} bytes"
        )));
    }
    Purpose::parse(text).map_err(|error| bad(&error))
}

fn checks(names: &[String]) -> Result<Vec<Name>, Failure> {
    let mut checks: Vec<Name> = Vec::new();
    for text in names {
        let check = short(text, "the name of a check")?;
        if !checks.contains(&check) {
            checks.push(check);
        }
    }
    Ok(checks)
}

fn claims(context: &Context, env: &Env, labels: &[String]) -> Result<Vec<Resource>, Failure> {
    let mut claims: Vec<Resource> = Vec::new();
    for label in labels {
        let claim = parse_resource(context, env, label)?;
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
    Ok(claims)
}

fn read(env: &Env, file: &str) -> Result<String, Failure> {
    let unread = |why: &dyn std::fmt::Display| {
        Failure::usage(format!("{} cannot be read: {why}", name(file)))
            .hint("give a file that can be read, or - for standard input")
    };
    // One byte more tells that there is more.
    let bytes = match file {
        "-" => env.host.read_stdin(FILE_BYTES_MAX + 1, PIPE_WITHIN).bytes,
        path => {
            let start = env.host.read_start(Path::new(path), FILE_BYTES_MAX + 1);
            start.map_err(|error| unread(&error))?
        }
    };
    if bytes.len() > FILE_BYTES_MAX {
        return Err(unread(&format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| unread(&"it is not UTF-8"))
}
