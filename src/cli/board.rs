//! The verbs that read the board: `list`, `peek`, `status`, `log`, `prompt`,
//! `metrics`.
//!
//! Owns their arguments, and how those become queries ([`Verb`]). Never changes a record.

use std::path::PathBuf;
use std::time::Duration;

use super::Report;
use super::args::{As, parse_resources};
use super::env::Env;
use super::globals::Globals;
use super::log::LogArgs;
use crate::app::board::list::{Filter, Whose};
use crate::app::board::prompt::Place;
use crate::app::board::{candidates, list, metrics, peek, prompt, status, watch};
use crate::clock::Clock as _;
use crate::context::OpenOptions;
use crate::failure::Failure;
use crate::model::resource::LabelGlob;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    #[command(alias = "ls")]
    List(ListArgs),
    #[command(aliases = ["show", "check"])]
    Peek(PeekArgs),
    #[command(alias = "st")]
    Status(StatusArgs),
    #[command(alias = "history")]
    Log(LogArgs),
    Prompt(PromptArgs),
    Metrics(MetricsArgs),
    #[command(hide = true)]
    Complete(CompleteArgs),
}

impl Verb {
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        Ok(match self {
            Self::List(args) => list(args, globals, env)?,
            Self::Peek(args) => Box::new(peek(args, globals, env)?),
            Self::Status(args) => Box::new(status(args, globals, env)?),
            Self::Log(args) => args.run(globals, env)?,
            Self::Complete(args) => Box::new(complete(&args, globals, env)),
            Self::Prompt(args) => Box::new(prompt(&args, globals, env)),
            Self::Metrics(args) => Box::new(metrics(&args, globals, env)?),
        })
    }
}

/// List the current claims
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence list
  git presence list --others --type path")]
pub(crate) struct ListArgs {
    /// Show only your own claims
    #[arg(long, group = "whose")]
    mine: bool,
    /// Show only the claims of other sessions
    #[arg(long, group = "whose")]
    others: bool,
    /// Show your claims and those of other sessions (the default)
    #[arg(long, group = "whose")]
    all: bool,
    /// Show only resources that match; * is any run of characters, ? is one
    #[arg(long, value_name = "GLOB")]
    resource: Option<String>,
    /// Show only resources of this type
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Also show expired claims that are still recorded
    #[arg(long)]
    expired: bool,
    /// Show them again whenever that changes, until interrupted; in a pipe, a line for each change
    #[arg(long, short = 'w')]
    watch: bool,
    #[command(flatten)]
    who: As,
}

fn list(args: ListArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let filter = Filter {
        whose: match (args.mine, args.others) {
            (true, _) => Whose::Mine,
            (_, true) => Whose::Others,
            _ => Whose::All,
        },
        resource: args.resource.as_deref().map(LabelGlob::new),
        kind: args.kind.map(|kind| kind.trim_end_matches(':').to_owned()),
        expired: args.expired,
    };
    let context = globals.context(env, args.who.session.as_deref(), false)?;
    if !args.watch {
        return Ok(Box::new(list::execute(&context, &filter)?));
    }
    let show = |seen: &watch::Seen| env.shown(seen);
    let is_screen = env.host.stdout_is_terminal() && !globals.json;
    let watched = watch::execute(&context, &filter, is_screen, &show)?;
    Ok(Box::new(watched))
}

/// Show who holds a resource, what overlaps it, and what expired within the last hour
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence peek path:src/net/dns.rs")]
pub(crate) struct PeekArgs {
    #[arg(
        value_name = "RESOURCE",
        required = true,
        help = "The resource: <type>:<name>"
    )]
    resources: Vec<String>,
    /// Ask the remote first; exit 5 if it does not answer
    #[arg(long)]
    fresh: bool,
    /// Exit 0 if all are free, 3 if another session holds one, 5 if that is not known
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    who: As,
}

fn peek(args: PeekArgs, globals: &Globals, env: &Env) -> Result<peek::Peeks, Failure> {
    let context = globals.context(env, args.who.session.as_deref(), false)?;
    let resources = parse_resources(&context, env, &args.resources)?;
    let terms = peek::Terms {
        is_fresh: args.fresh,
        has_exit_code: args.exit_code,
    };
    peek::execute(&context, resources, terms)
}

/// Show a summary: you, your claims, other claims, problems, and the next command
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence status")]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    who: As,
}

fn status(args: StatusArgs, globals: &Globals, env: &Env) -> Result<status::Status, Failure> {
    let context = globals.context(env, args.who.session.as_deref(), false)?;
    status::execute(&context)
}

/// Print the board in numbers, in the text format of Prometheus
///
/// No session, resource or purpose is named. The counters are counted from the history in this
/// clone, so a restart loses none; archives go after 13 months, which looks like a restart.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence metrics
  git presence metrics --textfile /var/lib/prometheus/node-exporter/git-presence.prom")]
pub(crate) struct MetricsArgs {
    /// Write them to this file, as a whole, for the textfile collector of the node exporter
    #[arg(long, value_name = "PATH")]
    textfile: Option<PathBuf>,
}

fn metrics(args: &MetricsArgs, globals: &Globals, env: &Env) -> Result<metrics::Metrics, Failure> {
    let context = globals.context(env, None, false)?;
    let mut metrics = metrics::execute(&context)?;
    if let Some(path) = &args.textfile {
        let text = metrics.prometheus();
        metrics.file(env.host, path, &text)?;
    }
    Ok(metrics)
}

/// Print the number of claims, for a shell prompt or a status line
///
/// Prints `2 mine, 3 others`, with a `!` if another session claims what you claim, and nothing
/// without claims. Reads this clone only.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence prompt")]
pub(crate) struct PromptArgs {
    /// Use the colours of tmux
    #[arg(long, group = "where")]
    tmux: bool,
    /// Print plain text, for a custom module of starship
    #[arg(long, group = "where")]
    starship: bool,
    /// Read the session from standard input, for the status line of Claude Code
    #[arg(long, group = "where")]
    claude: bool,
    #[command(flatten)]
    who: As,
}

fn prompt(args: &PromptArgs, globals: &Globals, env: &Env) -> prompt::Prompt {
    let mut options = globals.options(args.who.session.as_deref(), false);
    if args.claude {
        prompt::said_by_claude(env.host, &mut options);
    }
    let place = if args.tmux {
        Place::Tmux
    } else {
        Place::Terminal
    };
    let counted = env.open(&options).and_then(|c| prompt::execute(&c, place));
    counted.unwrap_or_else(|_| prompt::Prompt::empty(place))
}

/// Print the words that a shell offers
#[derive(clap::Args, Debug)]
pub(crate) struct CompleteArgs {
    #[arg(value_enum)]
    what: Words,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Words {
    Resources,
    Mine,
    Sessions,
    Types,
}

/// How long a shell waits at most for the claims of a board: what was read by then is offered.
const COMPLETION_WAIT: Duration = Duration::from_secs(1);

fn complete(args: &CompleteArgs, globals: &Globals, env: &Env) -> candidates::Candidates {
    let what = match args.what {
        Words::Resources => candidates::What::Resources,
        Words::Mine => candidates::What::Mine,
        Words::Sessions => candidates::What::Sessions,
        Words::Types => candidates::What::Types,
    };
    let host = env.host;
    let options = OpenOptions {
        reads_until: Some(host.elapsed() + host.reading_time(COMPLETION_WAIT)),
        ..globals.options(None, false)
    };
    let context = env.open(&options);
    let found = context.and_then(|context| candidates::execute(&context, what));
    found.unwrap_or_default()
}
