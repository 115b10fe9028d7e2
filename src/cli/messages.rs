//! The verbs about messages: `tell`, `inbox`.
//!
//! Owns their arguments, and how those become requests ([`Verb`]). Never decides whom a message
//! reaches.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Report;
use super::args::{As, EVENT_ID_CHARS, id_meant, parse_resource, parse_span};
use super::env::Env;
use super::globals::Globals;
use crate::app::messages::inbox::{self, Inbox, Query};
use crate::app::messages::tell::{self, Telling, Told};
use crate::context::Context;
use crate::failure::Failure;
use crate::model::message::{LASTS_SECS, MessageId, TEXT_BYTES_MAX, Text};
use crate::model::text::name;

/// How long standard input may take.
const INPUT_WAIT: Duration = Duration::from_secs(30);
/// How long `--wait` waits without a value: a little less than harnesses let a command run.
const WAIT_DEFAULT: &str = "110";

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    #[command(aliases = ["send", "msg", "message"])]
    Tell(TellArgs),
    #[command(aliases = ["mail", "messages"])]
    Inbox(InboxArgs),
}

impl Verb {
    /// Returns true if a person may have to wait for the remote.
    pub(crate) fn talks_to_the_remote(&self) -> bool {
        matches!(self, Self::Tell(_))
    }

    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        Ok(match self {
            Self::Tell(args) => Box::new(tell(&args, globals, env)?),
            Self::Inbox(args) => Box::new(inbox(args, globals, env)?),
        })
    }
}

/// Send a message to other sessions
///
/// To a session (its id), to a user and the agents that run under that name (user@host), to those
/// who are at a resource or hold it next (type:name), or to all. Agents get it in their next turn.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence tell stack:infra/dns --ask -m \"done in ten minutes?\"
  git presence tell all -m \"the staging cluster is down\" -m \"back at noon\"
  git presence tell --reply 0123456789ab -m \"yes\"")]
pub(crate) struct TellArgs {
    #[arg(
        value_name = "WHO",
        required_unless_present = "reply",
        help = "A session id, user@host, a resource, or all"
    )]
    who: Vec<String>,
    /// Say this; the first line is the subject, further -m are paragraphs
    #[arg(
        short = 'm',
        long = "message",
        value_name = "TEXT",
        required_unless_present = "file"
    )]
    message: Vec<String>,
    /// Take the text from this file; - is standard input
    #[arg(
        short = 'F',
        long = "file",
        value_name = "FILE",
        conflicts_with = "message"
    )]
    file: Option<PathBuf>,
    /// Say which resource it is about
    #[arg(long, value_name = "RESOURCE")]
    about: Option<String>,
    /// Ask for an answer
    #[arg(long)]
    ask: bool,
    /// Answer this message; without WHO, to its sender
    #[arg(long, value_name = "ID")]
    reply: Option<String>,
    /// Hand it over after the next tool, not with the next prompt
    #[arg(long)]
    urgent: bool,
    /// Let it last this long; 7d at most, and the default [all: 24h, urgent: 1h]
    #[arg(long, value_name = "SPAN")]
    until: Option<String>,
    #[command(flatten)]
    act: As,
}

fn tell(args: &TellArgs, globals: &Globals, env: &Env) -> Result<Told, Failure> {
    let text = text(args, env)?;
    let lasts_secs = args
        .until
        .as_deref()
        .map(|span| parse_span("--until", span));
    let lasts_secs = lasts_secs.transpose()?;
    if lasts_secs.is_some_and(|secs| !(1..=LASTS_SECS).contains(&secs)) {
        return Err(Failure::usage("a message lasts from 1 second to 7 days")
            .hint("for example --until 2h"));
    }
    let reply_to = args.reply.as_deref().map(parse_id).transpose()?;
    let context = globals.context(env, args.act.session.as_deref(), true)?;
    let about = args.about.as_deref();
    let about = about.map(|about| parse_resource(&context, env, about));
    let to = args.who.iter().map(|who| typed(&context, env, who));
    tell::execute(
        &context,
        &Telling {
            to: to.collect(),
            text,
            about: about.transpose()?,
            asks: args.ask,
            urgent: args.urgent,
            reply_to,
            lasts_secs,
        },
    )
}

/// Returns a word with the resource that it names, if it can name one.
fn typed(
    context: &Context,
    env: &Env,
    who: &str,
) -> (String, Option<crate::model::resource::Resource>) {
    let resource = match who.contains(':') {
        true => parse_resource(context, env, who).ok(),
        false => None,
    };
    (who.to_owned(), resource)
}

/// Returns what is said. A text that is too long is refused, and read no further.
fn text(args: &TellArgs, env: &Env) -> Result<Text, Failure> {
    let typed = match &args.file {
        None => args.message.join("\n\n"),
        Some(file) => read(file, env)?,
    };
    Text::parse(&typed).map_err(|error| {
        let failure = Failure::usage(format!("the text is not accepted: {error}"));
        match typed.len() > TEXT_BYTES_MAX {
            true => failure.hint("put what is long into a file of the repository, and name that"),
            false => failure.hint("say it in plain text: git presence tell <who> -m \"<text>\""),
        }
    })
}

fn read(file: &Path, env: &Env) -> Result<String, Failure> {
    let unread = |error: &dyn std::fmt::Display| {
        Failure::usage(format!(
            "cannot read the text from {}: {error}",
            file.display()
        ))
        .hint("give a file that can be read, or - for standard input")
    };
    // One byte more tells that there is more.
    let bytes_max = TEXT_BYTES_MAX + 1;
    let bytes = match file == Path::new("-") {
        true => env.host.read_stdin(bytes_max, INPUT_WAIT).bytes,
        false => {
            let start = env.host.read_start(file, bytes_max);
            start.map_err(|error| unread(&error))?
        }
    };
    String::from_utf8(bytes).map_err(|_| unread(&"it is not UTF-8"))
}

fn parse_id(text: &str) -> Result<MessageId, Failure> {
    MessageId::parse(text).ok_or_else(|| {
        let failure = Failure::usage(format!("{} is no id of a message", name(text)));
        let failure = match id_meant(text) {
            Some(_) if text.len() >= EVENT_ID_CHARS => failure.hint(
                "it looks like the id of an event; its message has another one in git presence log",
            ),
            _ => failure,
        };
        failure.hint("see the ids, of 12 hex digits: git presence inbox --all")
    })
}

/// Show the messages to this session; reading changes nothing
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence inbox
  git presence inbox --sent
  git presence inbox --wait")]
pub(crate) struct InboxArgs {
    #[arg(
        value_name = "ID",
        help = "Show only these messages, also if they were read"
    )]
    ids: Vec<String>,
    /// Mark what is unread as read, without showing it again
    #[arg(long)]
    ack: bool,
    /// Also show what was read
    #[arg(long)]
    all: bool,
    /// Show only messages of this session, or of this user@host
    #[arg(long, value_name = "WHO")]
    from: Option<String>,
    /// Show the messages that this session sent, and who got them
    #[arg(long, conflicts_with_all = ["ack", "from", "wait"])]
    sent: bool,
    /// Wait up to SPAN until there is one
    #[arg(
        long,
        value_name = "SPAN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = WAIT_DEFAULT
    )]
    wait: Option<String>,
    #[command(flatten)]
    who: As,
}

fn inbox(args: InboxArgs, globals: &Globals, env: &Env) -> Result<Inbox, Failure> {
    let ids: Result<Vec<MessageId>, Failure> = args.ids.iter().map(|id| parse_id(id)).collect();
    let wait = args.wait.as_deref().map(|span| parse_span("--wait", span));
    let query = Query {
        ids: ids?,
        marks: args.ack,
        all: args.all,
        from: args.from,
        sent: args.sent,
        wait: wait.transpose()?.map(Duration::from_secs),
    };
    let context = globals.context(env, args.who.session.as_deref(), args.ack)?;
    inbox::execute(&context, &query)
}
