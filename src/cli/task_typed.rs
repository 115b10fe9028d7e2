//! What a user types about tasks: lists, ids, names, for whom a task is.
//!
//! Owns the parsing of each, with the errors for what is not accepted. Never decides what a list
//! accepts.

use super::args::parse_resource;
use super::env::Env;
use super::globals::Globals;
use super::task_args::Place;
use crate::app::messages::addresses;
use crate::app::remote::refresh::short_deadline;
use crate::context::Context;
use crate::failure::Failure;
use crate::model::message::address::{ALL, Address};
use crate::model::resource::Resource;
use crate::model::task::{Name, TASK, TaskId, place_of, resource_of};
use crate::model::text::{Purpose, name};

impl Place {
    /// Opens the repository, and returns the list.
    pub(super) fn open(
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

pub(super) fn list_of(text: &str) -> Result<Resource, Failure> {
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

pub(super) fn parse_id(text: &str) -> Result<TaskId, Failure> {
    TaskId::parse(text).ok_or_else(|| {
        Failure::usage(format!("{} is no id of a task", name(text)))
            .hint("see the ids, of 8 letters and digits: git presence task")
    })
}

pub(super) fn words(text: &str) -> Result<Purpose, Failure> {
    Purpose::parse(text).map_err(|error| {
        Failure::usage(format!("the text is not accepted: {error}"))
            .hint("say it in one line of plain text")
    })
}

/// Reads for whom a task is. A session or a person has to be known; a resource may be one that a
/// session takes later.
pub(super) fn recipient(
    context: &Context,
    env: &Env,
    text: Option<&str>,
) -> Result<Option<Address>, Failure> {
    let Some(text) = text else {
        return Ok(None);
    };
    if text == ALL {
        return Err(Failure::usage("a task is given to any session by itself")
            .hint("leave --to out, or undo it: git presence task edit <id> --to-anyone"));
    }
    if text.contains(':') {
        return Ok(Some(Address::Resource(parse_resource(context, env, text)?)));
    }
    let typed = [(text.to_owned(), None)];
    let found = addresses::read(context, &typed, short_deadline(context))?;
    Ok(found.into_iter().next())
}

/// Parses the name of a check, a workflow or an agent.
pub(super) fn short(text: &str, what: &str) -> Result<Name, Failure> {
    Name::parse(text).ok_or_else(|| {
        Failure::usage(format!("{} is not accepted as {what}", name(text)))
            .hint("write 1 to 32 of a-z, 0-9 and -, for example unit-tests")
    })
}
