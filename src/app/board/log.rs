//! `log`: what happened, newest first.
//!
//! Owns which events are worth showing. Changes nothing.

use crate::app::remote::guarantee::View;
use crate::app::remote::publish;
use crate::cli::args::parse_resources;
use crate::cli::env::Env;
use crate::cli::globals::Globals;
use crate::context::Context;
use crate::failure::Failure;
use crate::ledger::Entry;
use crate::model::event::{Event, EventKind};
use crate::model::id::SessionId;
use crate::model::resource::Resource;
use crate::model::time::Timestamp;

const COUNT_DEFAULT: usize = 20;

/// Show what happened, newest first
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only events about this resource, or a path that overlaps it
    #[arg(value_name = "RESOURCE")]
    resource: Option<String>,
    /// Only events of this session
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// At most this many
    #[arg(short = 'n', long = "max-count", value_name = "N", default_value_t = COUNT_DEFAULT)]
    count: usize,
}

pub struct Query {
    pub resource: Option<Resource>,
    pub session: Option<SessionId>,
    pub count: usize,
}

#[derive(Debug)]
pub struct Log {
    pub now: Timestamp,
    pub entries: Vec<Entry>,
    /// `None` where there is no remote.
    pub view: Option<View>,
}

pub fn run(args: Args, globals: &Globals, env: &Env) -> Result<Log, Failure> {
    let session = args.session.as_deref().map(SessionId::parse).transpose();
    let query = Query {
        resource: parse_resources(args.resource.as_slice())?.pop(),
        session: session.map_err(|error| {
            Failure::usage(format!("the session id is not accepted: {error}"))
                .hint("session ids stand in git presence list --json")
        })?,
        count: args.count,
    };
    let context = globals.context(env, None, false)?;
    execute(&context, &query)
}

pub fn execute(context: &Context, query: &Query) -> Result<Log, Failure> {
    let about = |event: &Event| match &query.resource {
        // Signs of life are noise, except where one asks for a session.
        None => event.kind != EventKind::Heartbeat || query.session.is_some(),
        Some(resource) => {
            let mut all = event.resources.iter().chain(&event.lapsed);
            all.any(|other| other.overlaps(resource))
        }
    };
    let wanted = |event: &Event| {
        let session = query.session.as_ref();
        session.is_none_or(|id| event.session == *id) && about(event)
    };
    let entries = context.ledger.events(query.count, None, &wanted)?;
    if let (Some(id), true) = (&query.session, entries.is_empty())
        && context.ledger.board()?.session(id).is_none()
    {
        return Err(
            Failure::usage(format!("there is no session {id:?}", id = id.as_str()))
                .hint("see which there are: git presence status, git presence list --expired"),
        );
    }
    Ok(Log {
        now: context.now(),
        view: publish::view(context),
        entries,
    })
}
