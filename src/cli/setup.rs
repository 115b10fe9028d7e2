//! The verbs about setting up: `init`, `install`, `uninstall`, `doctor`, `completions`, `man`.
//!
//! Owns their arguments ([`Verb`]). Never touches a file.

use std::path::PathBuf;

use super::Report;
use super::env::Env;
use super::globals::Globals;
use super::{completions, man};
use crate::app::File;
use crate::app::setup::agent_hooks::Place;
use crate::app::setup::git_hooks::{Installed, Uninstalled};
use crate::app::setup::{agent_hooks, doctor, git_hooks, init, leave, man_pages};
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
        match self {
            Self::Doctor(args) => args.remote,
            Self::Init(args) => args.ci,
            Self::Uninstall(args) => args.remote,
            _ => false,
        }
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
            Self::Uninstall(args) if args.everything => leave(&args, globals, env, command),
            Self::Uninstall(args) => uninstall(&args, globals, env),
            Self::Doctor(args) => Ok(Box::new(doctor(&args, globals, env)?)),
            Self::Completions(args) => {
                Ok(Box::new(File(completions::script(args.shell, command()))))
            }
            Self::Man(args) => man(args, command(), env),
        }
    }
}

/// Check that this repository can hold a board, and keep the choice of the remote
///
/// If there is a remote, adds a line to the configuration of the repository that says which one is
/// used, and shows it. Everything works without it too: verbs and syncs fetch the board by
/// themselves.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence init")]
pub(crate) struct InitArgs {
    /// Share the board through this remote [default: origin, or the only one]
    #[arg(long, value_name = "NAME", conflicts_with = "undo")]
    remote: Option<String>,
    /// Also try at the remote what a job of a CI system needs: to create, move and remove refs
    #[arg(long, conflicts_with = "undo")]
    ci: bool,
    /// Remove what init added to the configuration
    #[arg(long)]
    undo: bool,
}

fn init(args: InitArgs, globals: &Globals, env: &Env) -> Result<Report, Failure> {
    let mut options = globals.options(None, true);
    options.remote = args.remote;
    let context = env.open(&options)?;
    if args.undo {
        return Ok(Box::new(init::undo(&context)?));
    }
    Ok(Box::new(match args.ci {
        true => init::execute_in_ci(&context)?,
        false => init::execute(&context)?,
    }))
}

/// Install hooks that call git presence
///
/// Git hooks: pre-push, which checks a push for conflicts with other sessions, and pre-apply, for
/// tools that apply a change. Existing hooks stay and run as before. The hooks of an agent are
/// added to the settings of its harness, and the change is shown.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence install
  git presence install claude --rules")]
pub(crate) struct InstallArgs {
    #[arg(value_enum, value_name = "TARGET", default_value = "git", help = TARGET)]
    target: Target,
    #[command(flatten)]
    which: Whose,
    /// Agents only: print the settings, and write nothing
    #[arg(long)]
    print: bool,
    /// Agents only: also add usage rules to CLAUDE.md, GEMINI.md or AGENTS.md
    #[arg(long)]
    rules: bool,
    /// Claude Code only: its hooks also tell which tasks are ready, and which wait for whom
    #[arg(long)]
    tasks: bool,
}

/// Remove what install added
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence uninstall claude
  git presence uninstall --everything")]
pub(crate) struct UninstallArgs {
    /// Remove all of git presence here and in your home: hooks, refs, files, but not the program
    #[arg(long, conflicts_with_all = ["target", "whose"])]
    everything: bool,
    /// With --everything: also remove the board at the remote, for all clones
    #[arg(long, requires = "everything")]
    remote: bool,
    #[arg(value_enum, value_name = "TARGET", default_value = "git", help = TARGET)]
    target: Target,
    #[command(flatten)]
    which: Whose,
}

const TARGET: &str = "What to integrate with";

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Target {
    /// Git hooks
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
        if args.tasks && harness != Harness::Claude {
            return Err(Failure::usage("--tasks is about Claude Code")
                .hint("its hooks: git presence install claude --tasks"));
        }
        if args.print {
            return Ok(Box::new(File(agent_hooks::shown(harness, args.tasks))));
        }
        let wiring = agent_hooks::install(
            env.host,
            harness,
            &which.place(harness, globals, env)?,
            agent_hooks::Extras {
                rules: args.rules,
                tasks: args.tasks,
            },
        )?;
        return Ok(Box::new(wiring));
    }
    not_for_git(args.print || args.rules || args.tasks || which.user || which.project)?;
    let context = globals.context(env, None, false)?;
    let placed = git_hooks::install(&context)?;
    Ok(Box::new(Installed { placed }))
}

pub(super) fn uninstall(
    args: &UninstallArgs,
    globals: &Globals,
    env: &Env,
) -> Result<Report, Failure> {
    if let Some(harness) = args.target.harness() {
        let wiring =
            agent_hooks::uninstall(env.host, harness, &args.which.place(harness, globals, env)?)?;
        return Ok(Box::new(wiring));
    }
    not_for_git(args.which.user || args.which.project)?;
    let context = globals.context(env, None, false)?;
    let placed = git_hooks::uninstall(&context)?;
    Ok(Box::new(Uninstalled { placed }))
}

fn leave(
    args: &UninstallArgs,
    globals: &Globals,
    env: &Env,
    command: &dyn Fn() -> clap::Command,
) -> Result<Report, Failure> {
    let context = globals.context(env, None, false)?;
    let pages = man::pages(command());
    let departed = leave::execute(&context, args.remote, &pages, env.notify)?;
    Ok(Box::new(departed))
}

/// Hooks of Git are those of one repository.
fn not_for_git(is_given: bool) -> Result<(), Failure> {
    if !is_given {
        return Ok(());
    }
    Err(
        Failure::usage("--user, --project, --print, --rules and --tasks are about agents")
            .hint("name one: git presence install claude"),
    )
}

/// Which files.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
struct Whose {
    /// Agents only: in the settings of the user, for all repositories (the default)
    #[arg(long, group = "whose")]
    user: bool,
    /// Agents only: in the settings of this repository, for everyone who works with it
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

/// Check the ledger, the settings and the hooks; with --repair, repair what can be repaired
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence doctor
  git presence doctor --remote")]
pub(crate) struct DoctorArgs {
    /// Repair broken refs, drop damaged records, remove stale locks
    #[arg(long)]
    repair: bool,
    /// Also test what the remote allows, on refs that are deleted again
    #[arg(long)]
    remote: bool,
}

fn doctor(args: &DoctorArgs, globals: &Globals, env: &Env) -> Result<doctor::Diagnosis, Failure> {
    let mut options = globals.options(None, false);
    options.tolerates_config = true;
    let context = env.open(&options)?;
    doctor::execute(&context, args.repair, args.remote)
}

/// Print a completion script for a shell
#[derive(clap::Args, Debug)]
#[command(after_help = format!(
    "{}\n\n\
EXAMPLES
  git presence completions bash",
    completions::INSTALL
))]
pub(crate) struct CompletionsArgs {
    #[arg(value_enum)]
    shell: completions::Shell,
}

/// Print a manual page, or install or remove them all
#[derive(clap::Args, Debug)]
#[command(after_help = "\
EXAMPLES
  git presence man --install")]
pub(crate) struct ManArgs {
    /// Print the page of this verb [default: the page of git-presence]
    #[arg(value_name = "VERB", conflicts_with = "pages")]
    verb: Option<String>,
    /// Install all pages, so that `git presence --help` and `man git-presence-claim` show them
    #[arg(long, group = "pages")]
    install: bool,
    /// Remove what --install wrote
    #[arg(long, group = "pages")]
    uninstall: bool,
    /// With --install or --uninstall: use this folder [default: ~/.local/share/man/man1]
    #[arg(long, value_name = "DIR", requires = "pages")]
    dir: Option<PathBuf>,
}

fn man(args: ManArgs, command: clap::Command, env: &Env) -> Result<Report, Failure> {
    let pages = man::pages(command);
    if args.install {
        let installed = man_pages::install(env.host, args.dir, &pages)?;
        return Ok(Box::new(installed));
    }
    if args.uninstall {
        let removed = man_pages::uninstall(env.host, args.dir, &pages)?;
        return Ok(Box::new(removed));
    }
    let wanted = man::file_name(args.verb.as_deref());
    let page = pages.into_iter().find(|(name, _)| *name == wanted);
    match page {
        Some((_, text)) => Ok(Box::new(File(text))),
        None => Err(Failure::usage(format!("there is no page {wanted}"))
            .hint("see the verbs: git presence -h")),
    }
}
