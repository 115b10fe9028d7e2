//! The verbs about setting up: `init`, `install`, `uninstall`, `doctor`, `completions`, `man`.
//!
//! Owns their arguments ([`Verb`]). Never touches a file.

use std::path::PathBuf;

use super::env::Env;
use super::globals::Globals;
use super::{completions, man};
use crate::app::setup::agent_hooks::Place;
use crate::app::setup::git_hooks::{Installed, Uninstalled};
use crate::app::setup::{agent_hooks, doctor, git_hooks, init, man_pages};
use crate::app::{File, Report};
use crate::failure::Failure;
use crate::integrations::harness::Harness;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Verb {
    Init(InitArgs),
    Install(InstallArgs),
    Uninstall(UninstallArgs),
    Doctor(DoctorArgs),
    Completions(CompletionsArgs),
    Man(ManArgs),
}

impl Verb {
    /// Returns true if a person may have to wait for the remote.
    pub(crate) fn talks_to_the_remote(&self) -> bool {
        matches!(self, Self::Doctor(args) if args.remote)
    }

    /// Runs the verb; `command` is the whole command line, for the verbs that describe it.
    pub(crate) fn run(
        self,
        globals: &Globals,
        env: &Env,
        command: &dyn Fn() -> clap::Command,
    ) -> Result<Report, Failure> {
        match self {
            Self::Init(args) => init(args, globals, env),
            Self::Install(args) => install(&args, globals, env),
            Self::Uninstall(args) => uninstall(&args, globals, env),
            Self::Doctor(args) => doctor(&args, globals, env).map(Report::Diagnosis),
            Self::Completions(args) => Ok(Report::File(File(completions::script(
                args.shell,
                command(),
            )))),
            Self::Man(args) => man(args, command(), env),
        }
    }
}

/// Check that a board can be kept here, and let git fetch bring in what others do
///
/// Where there is a remote, two lines are added to the configuration of the repository, and shown:
/// which remote is meant, and what git fetch brings from it. Everything works without them too.
#[derive(clap::Args, Debug)]
pub(crate) struct InitArgs {
    /// Share the board through this remote [default: origin, or the only one]
    #[arg(long, value_name = "NAME", conflicts_with = "undo")]
    remote: Option<String>,
    /// Take back what init added to the configuration
    #[arg(long)]
    undo: bool,
}

fn init(args: InitArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let mut wanted = globals.wanted(None, true);
    wanted.remote = args.remote;
    let context = env.open(&wanted)?;
    if args.undo {
        init::undo(&context).map(Report::Unwired)
    } else {
        init::execute(&context).map(Report::Ready)
    }
}

/// Put hooks in place that call git presence
///
/// Git hooks: pre-push, which looks whether a push is in the way of others, and pre-apply, for
/// whoever applies something. Hooks that are there stay and are run as before. The hooks of an
/// agent's harness are added to its settings, and the change is shown.
#[derive(clap::Args, Debug)]
pub(crate) struct InstallArgs {
    #[arg(value_enum, value_name = "TARGET", default_value = "git", help = TARGET)]
    target: Target,
    #[command(flatten)]
    which: Whose,
    /// Of an agent: print the settings, and write nothing
    #[arg(long)]
    print: bool,
    /// Of an agent: also tell it what to do, in CLAUDE.md, GEMINI.md or AGENTS.md
    #[arg(long)]
    rules: bool,
}

/// Take away what install put in place
#[derive(clap::Args, Debug)]
pub(crate) struct UninstallArgs {
    #[arg(value_enum, value_name = "TARGET", default_value = "git", help = TARGET)]
    target: Target,
    #[command(flatten)]
    which: Whose,
}

const TARGET: &str = "Who is to call us";

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Target {
    /// Git, by its hooks
    Git,
    /// Claude Code
    Claude,
    /// Codex
    Codex,
    /// Gemini CLI
    Gemini,
    /// Cursor
    Cursor,
    /// GitHub Copilot CLI
    Copilot,
}

impl Target {
    const fn harness(self) -> Option<Harness> {
        match self {
            Self::Git => None,
            Self::Claude => Some(Harness::Claude),
            Self::Codex => Some(Harness::Codex),
            Self::Gemini => Some(Harness::Gemini),
            Self::Cursor => Some(Harness::Cursor),
            Self::Copilot => Some(Harness::Copilot),
        }
    }
}

fn install(args: &InstallArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let which = args.which;
    if let Some(harness) = args.target.harness() {
        if args.print {
            return Ok(Report::File(File(agent_hooks::shown(harness))));
        }
        let wiring = agent_hooks::install(
            env.host,
            harness,
            &which.place(harness, globals, env)?,
            args.rules,
        )?;
        return Ok(Report::Wired(wiring));
    }
    not_for_git(args.print || args.rules || which.user || which.project)?;
    let context = globals.context(env, None, false)?;
    let placed = git_hooks::install(&context)?;
    Ok(Report::Installed(Installed { placed }))
}

pub(super) fn uninstall(
    args: &UninstallArgs,
    globals: &Globals,
    env: &Env,
) -> Result<Report, Failure> {
    if let Some(harness) = args.target.harness() {
        let wiring =
            agent_hooks::uninstall(env.host, harness, &args.which.place(harness, globals, env)?)?;
        return Ok(Report::Wired(wiring));
    }
    not_for_git(args.which.user || args.which.project)?;
    let context = globals.context(env, None, false)?;
    let placed = git_hooks::uninstall(&context)?;
    Ok(Report::Uninstalled(Uninstalled { placed }))
}

/// Hooks of Git are those of one repository.
fn not_for_git(is_given: bool) -> Result<(), Failure> {
    if !is_given {
        return Ok(());
    }
    Err(
        Failure::usage("--user, --project, --print and --rules are about agents")
            .hint("name one: git presence install claude"),
    )
}

/// Which files.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
struct Whose {
    /// Of an agent: in the settings of the user, for all repositories (the default)
    #[arg(long, group = "whose")]
    user: bool,
    /// Of an agent: in the settings of this repository, for all who work with it
    #[arg(long, group = "whose")]
    project: bool,
}

impl Whose {
    fn place(self, harness: Harness, globals: &Globals, env: &Env) -> Result<Place, Failure> {
        if self.project {
            Place::of_project_at(harness, &globals.context(env, None, false)?)
        } else {
            Place::of_user_at(harness, env.host)
        }
    }
}

/// Examine the ledger and the settings; with --repair, mend what can be mended
#[derive(clap::Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Mend broken refs, drop damaged records, remove stale locks
    #[arg(long)]
    repair: bool,
    /// Also try out what the remote allows, on refs that are removed again
    #[arg(long)]
    remote: bool,
}

fn doctor(args: &DoctorArgs, globals: &Globals, env: &Env) -> Result<doctor::Diagnosis, Failure> {
    let mut wanted = globals.wanted(None, false);
    wanted.tolerates_config = true;
    let context = env.open(&wanted)?;
    doctor::execute(&context, args.repair, args.remote)
}

/// Print a completion script for a shell
#[derive(clap::Args, Debug)]
#[command(after_help = completions::INSTALL)]
pub(crate) struct CompletionsArgs {
    #[arg(value_enum)]
    shell: completions::Shell,
}

/// Print a manual page, or install them all
#[derive(clap::Args, Debug)]
pub(crate) struct ManArgs {
    /// The verb whose page is printed; without it, the page of git-presence
    #[arg(value_name = "VERB", conflicts_with = "install")]
    verb: Option<String>,
    /// Install all pages, so that `git presence --help` and `man git-presence-claim` show them
    #[arg(long)]
    install: bool,
    /// The folder for --install [default: ~/.local/share/man/man1]
    #[arg(long, value_name = "DIR", requires = "install")]
    dir: Option<PathBuf>,
}

fn man(args: ManArgs, command: clap::Command, env: &Env) -> Result<Report, Failure> {
    let pages = man::pages(command);
    if args.install {
        return man_pages::install(env.host, args.dir, &pages).map(Report::Pages);
    }
    let wanted = man::file_name(args.verb.as_deref());
    let page = pages.into_iter().find(|(name, _)| *name == wanted);
    match page {
        Some((_, text)) => Ok(Report::File(File(text))),
        None => Err(Failure::usage(format!("there is no page {wanted}"))
            .hint("see the verbs: git presence -h")),
    }
}
