//! The verb `log`: the history of the board, and what happens from now on.
//!
//! Owns its arguments, and how those become a query or a request to follow ([`LogArgs`]). Never
//! changes a record.

use std::time::Duration;

use super::Report;
use super::args::{WAIT_DEFAULT, parse_resource, parse_span, parse_when};
use super::env::Env;
use super::globals::Globals;
use crate::app::board::follow::{self, Request, Sink, Start, Told, Until};
use crate::app::board::log::{self, Query};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::id::{CursorName, SessionId};
use crate::model::time::Timestamp;

const COUNT_DEFAULT: usize = 20;
/// A limit for what is asked for by time.
const COUNT_SINCE: usize = 1000;

/// Show what happened, newest first; or what happens, as it happens
///
/// With --follow, --wait, --after or --cursor, events come oldest first, a line each, and with
/// --json a JSON object a line. What only keeps a claim is no event there.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence log
  git presence log path:src -n 5
  git presence log --wait --for-me --cursor news")]
pub(crate) struct LogArgs {
    /// Show only events about this resource, or a path that overlaps it
    #[arg(value_name = "RESOURCE")]
    resource: Option<String>,
    /// Show only events of this session
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Show only events from then on: 7d, 24h, or an instant like 2026-11-21T10:00:00Z
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Show only events of this kind, such as claim, release or bypass; may be repeated
    #[arg(long = "event", value_name = "KIND", value_delimiter = ',')]
    kinds: Vec<String>,
    /// Show only what concerns you: taken from you, offered to you, in conflict, or free at last
    #[arg(long)]
    for_me: bool,
    /// Show each event as it happens, until interrupted
    #[arg(long, short = 'f', group = "going_on")]
    follow: bool,
    /// Wait for the next event, at most SPAN; exit 4 if there is none
    #[arg(
        long,
        value_name = "SPAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = WAIT_DEFAULT,
        group = "going_on"
    )]
    wait: Option<String>,
    /// Begin after the event with this id
    #[arg(long, value_name = "ID", group = "begins", conflicts_with = "since")]
    after: Option<String>,
    /// Begin where this cursor is, and move it: each event once, also after a restart
    #[arg(long, value_name = "NAME", group = "begins", conflicts_with = "since")]
    cursor: Option<String>,
    /// Show at most this many [default: 20, or 1000 with --since]
    #[arg(short = 'n', long = "max-count", value_name = "N")]
    count: Option<usize>,
}

/// Parses the word of a kind of event, or the word that people use for it.
fn parse_kind(text: &str) -> Result<String, Failure> {
    let word = text.trim().to_ascii_lowercase();
    let word = match word.as_str() {
        "expire" | "expired" | "lapsed" => "lapse",
        "claimed" | "grant" => "claim",
        "released" => "release",
        "queue" | "queued" => "wait",
        word => word,
    };
    if log::kinds().any(|kind| kind == word) {
        return Ok(word.to_owned());
    }
    let all: Vec<&str> = log::kinds().collect();
    let all = all.join(", ");
    Err(
        Failure::usage(format!("there is no kind of event {text:?}"))
            .hint(format!("use one of: {all}")),
    )
}

impl LogArgs {
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        let context = globals.context(env, None, false)?;
        let since = self.since.as_deref();
        let since = since.map(|text| parse_when(text, context.now()));
        let since = since.transpose()?;
        let query = self.query(&context, env, since)?;
        match self.request(query, since)? {
            Asked::History(query) => Ok(Box::new(log::execute(&context, &query)?)),
            Asked::Stream(request) => stream(&context, env, &request),
        }
    }

    fn is_stream(&self) -> bool {
        self.follow || self.wait.is_some() || self.after.is_some() || self.cursor.is_some()
    }

    fn query(
        &self,
        context: &Context,
        env: &Env,
        since: Option<Timestamp>,
    ) -> Result<Query, Failure> {
        let resource = self.resource.as_deref();
        let resource = resource.map(|text| parse_resource(context, env, text));
        let session = self.session.as_deref().map(SessionId::parse).transpose();
        let kinds = self.kinds.iter().map(|word| parse_kind(word));
        let kinds: Vec<String> = kinds.collect::<Result<_, _>>()?;
        if self.is_stream() && kinds.iter().any(|kind| kind == "heartbeat") {
            return Err(Failure::usage("heartbeats are no events of a stream")
                .hint("see those that are recorded: git presence log --event heartbeat"));
        }
        Ok(Query {
            resource: resource.transpose()?,
            session: session.map_err(|error| {
                Failure::usage(format!("the session id is not accepted: {error}"))
                    .hint("session ids stand in git presence list --json")
            })?,
            count: self.count.unwrap_or(match since {
                _ if self.is_stream() => usize::MAX,
                Some(_) => COUNT_SINCE,
                None => COUNT_DEFAULT,
            }),
            since,
            kinds,
            is_for_me: self.for_me,
        })
    }

    /// Returns what is asked for: the history, or what happens from some place on.
    fn request(self, query: Query, since: Option<Timestamp>) -> Result<Asked, Failure> {
        let until = match (self.follow, self.wait.as_deref()) {
            (true, _) => Until::Interrupted,
            (_, Some(text)) => Until::First(Duration::from_secs(parse_span("--wait", text)?)),
            (false, None) => Until::CaughtUp,
        };
        let start = match (self.cursor, self.after, since) {
            (Some(name), ..) => Start::Cursor(parse_cursor(&name)?),
            (None, Some(id), _) => Start::After(id),
            (None, None, _) if until == Until::CaughtUp => return Ok(Asked::History(query)),
            (None, None, Some(since)) => Start::Since(since),
            (None, None, None) => Start::Now,
        };
        Ok(Asked::Stream(Request {
            query,
            start,
            until,
        }))
    }
}

/// What a line asks for.
enum Asked {
    History(Query),
    Stream(Request),
}

fn parse_cursor(name: &str) -> Result<CursorName, Failure> {
    CursorName::parse(name).map_err(|error| {
        Failure::usage(format!("the name of the cursor is not accepted: {error}"))
            .hint("use a short word: --cursor news")
    })
}

fn stream(context: &Context, env: &Env, request: &Request) -> Result<Report, Failure> {
    let tell = |told: &Told| env.shown(told);
    let sink = Sink {
        tell: &tell,
        notify: env.notify,
    };
    Ok(Box::new(follow::execute(context, request, &sink)?))
}
