//! The verbs for hooks: `hook`, `ingest`, `audit`, `guard`.
//!
//! Owns their arguments ([`Verb`]), and the words by which harnesses are called. Never decides what
//! a hook looks at.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::Report;
use super::args::{As, parse_resources, parse_when};
use super::env::Env;
use super::globals::Globals;
use crate::app::claims::bypass;
use crate::app::hooks::hooked::Hooked;
use crate::app::hooks::{
    agent, audit, explain, learn, measure, pre_apply, pre_commit, pre_push, rules_in_use,
};
use crate::clock::Clock as _;
use crate::failure::Failure;
use crate::integrations::harness::Harness;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    Hook(HookArgs),
    Ingest(IngestArgs),
    Audit(AuditArgs),
    Guard(GuardArgs),
}

impl Verb {
    pub(crate) fn run(self, globals: &Globals, env: &Env) -> Result<Report, Failure> {
        Ok(match self {
            Self::Hook(args) => return hook(args, globals, env),
            Self::Ingest(args) => {
                agent::ingest(env.host, &args.hook, &globals.options(None, false))?;
                Box::new(agent::Told::default())
            }
            Self::Audit(args) => Box::new(audit(&args, globals, env)?),
            Self::Guard(args) => return guard(args, globals, env),
        })
    }
}

/// Run as a hook: exit 3 if the operation conflicts with another session's claim
///
/// The hooks of `git presence install` call this; a job, a wrapper or another hook manager can do
/// so too. Exit 0: go on; 3: another session holds it.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence hook pre-apply stack:infra/dns")]
pub(crate) struct HookArgs {
    #[command(subcommand)]
    which: Which,
}

#[derive(clap::Subcommand, Debug)]
enum Which {
    PrePush(PrePushArgs),
    PreCommit(PreCommitArgs),
    PreApply(PreApplyArgs),
    /// Run a hook of Claude Code; reads the payload from standard input
    Claude(AgentArgs),
    /// Run a hook of Codex
    Codex(AgentArgs),
    /// Run a hook of Gemini CLI
    Gemini(AgentArgs),
    /// Run a hook of Cursor
    Cursor(AgentArgs),
    /// Run a hook of GitHub Copilot CLI
    Copilot(AgentArgs),
}

/// Check whether a push moves a branch, or changes files, that another session holds
///
/// Takes the arguments and the input of Git's hook of this name. An error here never stops a push.
#[derive(clap::Args, Debug)]
struct PrePushArgs {
    #[arg(
        value_name = "REMOTE",
        help = "The remote, then its URL, as Git passes them to its hook",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    words: Vec<OsString>,
}

/// Check whether you claim the files of a commit, if presence.requireClaimFor has commit
///
/// For Git's hook of this name. An error here never stops a commit.
#[derive(clap::Args, Debug)]
struct PreCommitArgs {
    /// Ignored, for what a hook manager may add
    #[arg(
        value_name = "MORE",
        hide = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    more: Vec<OsString>,
}

/// Check, before you apply a change, whether another session holds the resource
///
/// With presence.requireClaimFor=pipeline, also check that you hold it. Fetches from the remote
/// first, within presence.syncDeadline.
#[derive(clap::Args, Debug)]
struct PreApplyArgs {
    #[arg(
        value_name = "RESOURCE",
        required = true,
        help = "What you are about to change: <type>:<name>"
    )]
    resources: Vec<String>,
    #[command(flatten)]
    who: As,
}

impl HookArgs {
    /// The hook of a harness, as harnesses call it.
    pub(crate) fn of_harness(word: &OsStr, event: &OsStr, tasks: bool) -> Option<Self> {
        let harness = Harness::ALL.into_iter().find(|one| word == one.word())?;
        let event = event.to_str().filter(|event| !event.starts_with('-'))?;
        let args = AgentArgs {
            event: Some(event.to_owned()),
            tasks,
            more: Vec::new(),
        };
        Some(Self {
            which: match harness {
                Harness::Claude => Which::Claude(args),
                Harness::Codex => Which::Codex(args),
                Harness::Gemini => Which::Gemini(args),
                Harness::Cursor => Which::Cursor(args),
                Harness::Copilot => Which::Copilot(args),
            },
        })
    }
}

fn hook(args: HookArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let (args, harness) = match args.which {
        Which::PrePush(args) => return Ok(Box::new(pre_push(&args, globals, env)?)),
        Which::PreCommit(_) => return Ok(Box::new(pre_commit(globals, env)?)),
        Which::PreApply(args) => return Ok(Box::new(pre_apply(&args, globals, env)?)),
        Which::Claude(args) => (args, Harness::Claude),
        Which::Codex(args) => (args, Harness::Codex),
        Which::Gemini(args) => (args, Harness::Gemini),
        Which::Cursor(args) => (args, Harness::Cursor),
        Which::Copilot(args) => (args, Harness::Copilot),
    };
    let event = args.event.as_deref().unwrap_or_default();
    let options = globals.options(None, false);
    let told = agent::run(env.host, harness, event, args.tasks, &options);
    Ok(Box::new(told))
}

#[derive(clap::Args, Debug)]
struct AgentArgs {
    /// The harness's event name [default: the one in the payload]
    #[arg(value_name = "EVENT")]
    event: Option<String>,
    /// Also tell which tasks are ready, and which wait for whom
    #[arg(long)]
    tasks: bool,
    /// Ignored, for what a newer harness may add
    #[arg(
        value_name = "MORE",
        hide = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    more: Vec<OsString>,
}

fn pre_push(args: &PrePushArgs, globals: &Globals, env: &Env) -> Result<Hooked, Failure> {
    let host = env.host;
    let push = pre_push::heard(&args.words, host);
    if pre_push::is_ours(&push) {
        return Ok(pre_push::pass(&push, host.now()));
    }
    let opened = globals.context(env, None, bypass::reason(host).is_some());
    pre_push::unless_it_fails(opened, &push, host.now())
}

fn pre_commit(globals: &Globals, env: &Env) -> Result<Hooked, Failure> {
    let opened = globals.context(env, None, bypass::reason(env.host).is_some());
    pre_commit::unless_it_fails(opened, env.host.now())
}

fn pre_apply(args: &PreApplyArgs, globals: &Globals, env: &Env) -> Result<Hooked, Failure> {
    let reason = bypass::reason(env.host);
    let context = globals.context(env, args.who.session.as_deref(), reason.is_some())?;
    let resources = parse_resources(&context, env, &args.resources)?;
    pre_apply::execute(&context, &resources, reason)
}

/// Note what a harness reports that has no hook of ours
///
/// Reads JSON from standard input into the audit log of this clone. It renews no claim, and answers
/// nothing; a supervisor looks at once. What cannot be read or noted never stops the harness.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence ingest --hook post-tool-use")]
pub(crate) struct IngestArgs {
    /// What happened, as a harness names its hook: session-start, post-tool-use, stop
    #[arg(long, value_name = "NAME")]
    hook: String,
}

/// Count the agents' commands that changed something, and how many were claimed
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence audit")]
pub(crate) struct AuditArgs {
    /// Count only from then on: 7d, 24h, or an instant like 2026-11-21T10:00:00Z
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
}

fn audit(args: &AuditArgs, globals: &Globals, env: &Env) -> Result<audit::Audit, Failure> {
    let context = globals.context(env, None, false)?;
    let since = args
        .since
        .as_deref()
        .map(|text| parse_when(text, context.now()));
    audit::execute(&context, since.transpose()?)
}

/// Judge command lines without running them
///
/// `git presence guard '<line>'` is `git presence guard explain -- '<line>'`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence guard explain -- terraform apply")]
pub(crate) struct GuardArgs {
    #[command(subcommand)]
    which: GuardVerb,
}

#[derive(clap::Subcommand, Debug)]
enum GuardVerb {
    Explain(ExplainArgs),
    Test(TestArgs),
    /// List the families of rules that apply, and the rules of your own
    List,
    /// Show the commands that the rules should know, with a rule for each
    ///
    /// Hooks of agents count, in this clone, the programs of which the rules cannot tell what they
    /// change, with the first verb and no arguments. Nothing is added: accept a rule, or change its
    /// class first.
    Learn,
}

/// Show what a command line would change, and by which rule
#[derive(clap::Args, Debug)]
struct ExplainArgs {
    /// One word, parsed like a shell line; or a program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Judge the lines of a table, and count how many are judged as it expects
///
/// A row has five columns between tabs: an id, a family, the line, whether it changes something
/// (yes, no, unclear), and the resources that it changes. Nothing is run, and no file that a line
/// names is read.
#[derive(clap::Args, Debug)]
struct TestArgs {
    /// The table
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

fn guard(args: GuardArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let context = globals.context(env, None, false)?;
    Ok(match args.which {
        GuardVerb::Explain(args) => Box::new(explain::execute(&context, &args.command)?),
        GuardVerb::Learn => Box::new(learn::execute(&context)?),
        GuardVerb::List => Box::new(rules_in_use::execute(&context)?),
        GuardVerb::Test(args) => Box::new(measure::execute(&context, &args.file)?),
    })
}
