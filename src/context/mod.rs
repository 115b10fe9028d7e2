//! The context of a verb: ledger, settings and identity.
//!
//! [`Context`] owns the one construction of all three in a process, and the errors on the way
//! there. Never decides what a verb does.

mod acting;
mod chosen;
mod files;
pub mod links;
mod opening;
mod parameters;
mod project;
mod pushed_to;
pub mod trees;
pub mod typed;
mod typed_branch;
mod typed_project;
mod upstream;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{Config, ConfigError, boolean};
use crate::failure::Failure;
use crate::git::Git;
use crate::git::remote::{Remote, RemoteOptions, Ssh};
use crate::host::{Host, git_at_work};
use crate::identity::{HarnessSession, Identity, Rule};
use crate::ledger::raw_settings::{RawSetting, settings_outside};
use crate::ledger::repository::Repository;
use crate::ledger::urls::Place;
use crate::ledger::{Durability, Head, Ledger, Topic, layout};
use crate::model::actor::{Actor, Process};
use crate::model::endpoint::Endpoints;
use crate::model::holding::Asker;
use crate::model::resource::Resource;
use crate::model::shared_id::SharedId;
use crate::model::task::{ATTEMPT, AttemptMark};
use crate::model::time::Timestamp;
use acting::identify;
pub use chosen::TakesPart;
use chosen::settle;
use opening::{Opener, Start, expand};
use project::projects;
pub use upstream::Upstream;
use upstream::upstream;

/// Options for opening the context, from flags that several verbs share.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    /// The repository of the ledger, if it is not the configured one.
    pub ledger: Option<PathBuf>,
    /// The value of `--session`.
    pub session: Option<String>,
    /// Whether the verb writes a session, whose process must then be known.
    pub writes: bool,
    /// Whether an invalid setting is reported instead of fatal (`doctor`).
    pub tolerates_config: bool,
    /// The remote to use, if it is not the configured one.
    pub remote: Option<String>,
    /// Whether to act as a new session below the one that the environment names, whose claims end
    /// with this process.
    pub has_own_session: bool,
    /// How a session of a harness takes part in an id that the user chose.
    pub takes_part: TakesPart,
    /// The session that a harness names.
    pub harness_session: Option<HarnessSession>,
    /// Whether a payload named the working directory, and not the user.
    pub follows_payload: bool,
    /// A folder in a repository that is only looked at: a command is about it, and the user did not
    /// choose it.
    pub visits: Option<PathBuf>,
    /// When a reader of the board stops, on the clock of this process; `None`: at its end.
    pub reads_until: Option<Duration>,
}

/// The repository of the working directory: the one with the code.
pub struct Code {
    /// Git in that repository.
    pub git: Git,
    /// The Git folder that its work trees share: settings, objects, hooks.
    pub common_dir: PathBuf,
    /// The folder in which its hooks run.
    pub top: PathBuf,
}

/// Everything that a verb works with.
pub struct Context {
    /// The host.
    pub host: Host,
    /// The ledger that stores the board.
    pub ledger: Ledger,
    /// Settings; the defaults if `config_error` is set.
    pub config: Config,
    /// The first invalid setting, if the caller tolerates one.
    pub config_error: Option<ConfigError>,
    /// All settings as Git has them, each with its origin.
    pub settings: Vec<RawSetting>,
    /// The acting session.
    pub me: Identity,
    /// That another one uses the id that the user chose for this session.
    pub shared_id: Option<SharedId>,
    /// The Git folder of the ledger's repository.
    pub ledger_dir: PathBuf,
    /// The folder from which Git resolves the relative path of a remote of the ledger.
    remotes_from: PathBuf,
    /// The remote of the ledger.
    pub upstream: Upstream,
    /// Whether the repository of the working directory is the ledger's.
    pub keeps_its_own_board: bool,
    /// The repository of the working directory, if there is one.
    pub code: Option<Code>,
    /// The names that the repository of the working directory may have on the board of another one.
    projects: Vec<String>,
    /// Where the search for the repository began, if that is not the working directory.
    pub searched_from: Option<PathBuf>,
    /// Where the remote is fetched from and pushed to, if there is one.
    pub endpoints: Option<Endpoints>,
    /// How it was opened.
    options: OpenOptions,
    /// Whether ssh is used and the user does not say how.
    calls_ssh: bool,
    worktree: Option<PathBuf>,
    branch: Option<String>,
}

impl Context {
    /// Opens repository, settings and identity. Fails if there is no repository, or a setting or
    /// the session id is not valid.
    pub fn open(host: Host, options: &OpenOptions) -> Result<Self, Failure> {
        let mut me = identify(host, options, false)?;
        let open = Opener::of(host, options)?;
        let start = open.start(options);
        let searched_from = start.as_ref().ok().and_then(Start::elsewhere);
        let here = start.and_then(|start| open.discover(start.dir));
        let settings = match (&here, &options.ledger) {
            (Ok(here), _) => here.settings(),
            (Err(_), Some(ledger)) => open.exactly(ledger)?.settings(),
            (Err(_), None) => settings_outside(&open.surroundings.overrides),
        };
        let read = |settings: &[RawSetting]| match Config::from_settings(settings) {
            Err(error) if !options.tolerates_config => Err(config_failure(&error)),
            read => Ok(read),
        };
        let (mut config, mut config_error) = or_default(read(&settings)?);
        let here_dir = here.as_ref().ok().map(Repository::git_dir);
        let worktree = here.as_ref().ok().and_then(Repository::worktree);
        let branch = here.as_ref().ok().and_then(Repository::branch);
        let code = here.as_ref().ok().map(code);
        let is_elsewhere = options.ledger.is_some() || config.ledger.is_some();
        let shared = here.as_ref().ok().filter(|_| is_elsewhere);
        let projects = projects(&config, shared, &open.surroundings);
        let configured = config
            .ledger
            .as_deref()
            .map(|path| expand(host, path, worktree.clone().or_else(|| here_dir.clone())));
        let named = options.ledger.clone().or(configured);
        let repository = named.map_or(here, |path| open.exactly(&path))?;
        if is_elsewhere {
            match read(&repository.settings())? {
                Ok(of_ledger) => config.sync = of_ledger.sync,
                Err(error) => config_error = Some(error),
            }
        }
        let asked = options.remote.as_deref().or(config.sync.remote.as_deref());
        config.sync.auto &= options.visits.is_none();
        let upstream = upstream(asked, &repository.remote_names());
        let endpoints = upstream.name();
        let endpoints = endpoints.map(|name| repository.endpoints(name, &open.surroundings));
        let keeps_its_own_board = here_dir == Some(repository.git_dir());
        let remotes_from = repository.remotes_from();
        let ledger = ledger(host, &repository, &config, options.reads_until)
            .following(upstream.name())
            .at_place(place(endpoints.as_ref(), &remotes_from))
            .copying(&repository)
            .working_at(head(&repository, here_dir.as_deref(), options));
        let shared_id = settled(host, options, (&config, &ledger), &mut me)?;
        Ok(Self {
            host,
            ledger,
            config,
            config_error,
            settings,
            me,
            shared_id,
            ledger_dir: repository.git_dir(),
            remotes_from,
            calls_ssh: calls_ssh(&repository, &upstream),
            code,
            projects,
            keeps_its_own_board,
            endpoints,
            upstream,
            searched_from,
            options: options.clone(),
            worktree,
            branch,
        })
    }

    /// Makes a context that was opened for reading fit for writing: finds the process that the
    /// session is bound to, which a reader need not know. The repository is not opened again.
    pub fn prepare_to_write(&mut self) -> Result<(), Failure> {
        if !self.options.writes {
            self.options.writes = true;
            self.me = identify(self.host, &self.options, false)?;
            let known = (&self.config, &self.ledger);
            self.shared_id = settled(self.host, &self.options, known, &mut self.me)?;
        }
        Ok(())
    }

    /// Returns the top of the work tree of the working directory.
    pub fn worktree(&self) -> Option<&Path> {
        self.worktree.as_deref()
    }

    /// Returns the branch that is checked out there, without `refs/heads/`.
    pub fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// Returns the time on the wall clock.
    pub fn now(&self) -> Timestamp {
        self.host.now()
    }

    /// Returns the remote, ready for use.
    pub fn remote(&self) -> Option<Remote> {
        let name = self.upstream.name()?;
        let options = RemoteOptions {
            ssh: self.ssh(),
            fsync: self.config.fsync,
            tracking: layout::fetch_refspec(name),
            board: [layout::ROOT, layout::TRACKING],
        };
        let git = Git::at(&self.ledger_dir).running_in(&self.remotes_from);
        Some(Remote::new(git, name, options))
    }

    /// Returns how ssh is called.
    fn ssh(&self) -> Ssh {
        let says = |name| self.host.env(name).is_some();
        if !self.calls_ssh || says("GIT_SSH_COMMAND") || says("GIT_SSH") {
            return Ssh::AsConfigured;
        }
        let wanted = self.config.sync.ssh_multiplex && !self.host.ssh_config_multiplexes();
        let shared = || self.ledger.ssh_socket_in(&self.host.private_dir()?);
        let socket = self.ledger.ssh_socket().or_else(shared).filter(|_| wanted);
        Ssh::Batch { socket }
    }

    /// Returns the work tree as session records name it.
    pub fn worktree_name(&self) -> Option<String> {
        let path = self.worktree.as_ref()?;
        Some(path.display().to_string())
    }

    /// Returns the acting session as a writer. Creates the node id if this clone has none.
    pub fn actor(&self) -> Result<Actor, Failure> {
        let node = self.ledger.ensure_node(&self.host)?;
        Ok(self.actor_at(node))
    }

    /// Returns the acting session as a reader; `None` if this clone never wrote anything.
    pub fn known_actor(&self) -> Option<Actor> {
        self.ledger.node().map(|node| self.actor_at(node))
    }

    /// Returns true if the session of `me`, in this clone, had a program, last heard of at
    /// `seen_at`, that has ended, and is in another process now. A reader does not know its
    /// process.
    pub fn replaces(&self, me: &Actor, recorded: &Process, seen_at: Timestamp) -> bool {
        let is_another = |mine: &Process| !mine.is_same(recorded);
        me.process.as_ref().is_some_and(is_another)
            && recorded.ends_its_session()
            && self.host.is_dead(recorded, seen_at)
    }

    /// Returns the acting session as one that asks about claims.
    pub fn asker(&self) -> Asker {
        Asker {
            id: self.me.id.clone(),
            node: self.ledger.node(),
            attempt: self.attempt(),
        }
    }

    /// Returns the task of the attempt that a supervisor of this clone started this command for, in
    /// the session of that supervisor.
    pub fn attempt(&self) -> Option<Resource> {
        self.me.id.runs_for()?;
        let mark = AttemptMark::parse(&self.host.env(ATTEMPT)?)?;
        mark.task_here(&self.ledger.node()?)
    }

    fn actor_at(&self, node: crate::model::id::NodeId) -> Actor {
        let me = &self.me;
        Actor {
            id: me.id.clone(),
            node,
            agent: me.agent.clone(),
            user: me.user.clone(),
            host: me.host.clone(),
            process: me.process.clone(),
            worktree: self.worktree_name(),
            branch: self.branch.clone(),
        }
    }
}

/// Settles the id of the session, and names the agent of one that a caller named without it, if
/// hooks of its harness were called for it: what acts as the session of an agent is an agent.
fn settled(
    host: Host,
    options: &OpenOptions,
    (config, ledger): (&Config, &Ledger),
    me: &mut Identity,
) -> Result<Option<SharedId>, Failure> {
    let shared_id = settle(host, options, (config, ledger), me)?;
    let is_named = matches!(me.rule, Rule::Flag | Rule::Variable);
    if is_named && me.agent.is_none() {
        let agent = ledger.notices().kept(&me.id, Topic::Agent);
        me.agent = (!agent.is_empty()).then_some(agent);
    }
    Ok(shared_id)
}

/// Whether Git calls ssh for the remote, and the user does not say how.
fn calls_ssh(repository: &Repository, upstream: &Upstream) -> bool {
    let name = upstream.name();
    name.is_some_and(|name| repository.talks_ssh(name)) && !repository.says_how_to_ssh()
}

/// Returns the repository of the working directory.
fn code(here: &Repository) -> Code {
    Code {
        git: Git::at(&here.own_git_dir()),
        common_dir: here.git_dir(),
        top: here.worktree().unwrap_or_else(|| here.git_dir()),
    }
}

/// Returns where the remote is.
fn place(endpoints: Option<&Endpoints>, remotes_from: &Path) -> Option<Place> {
    endpoints.map(|ends| Place::of(ends, remotes_from))
}

/// Returns what reads the commit that is checked out, if the board is kept where the code is.
fn head(repository: &Repository, here: Option<&Path>, options: &OpenOptions) -> Option<Head> {
    // Named by its folder, it is not the work tree that the caller stands in.
    let is_own = here == Some(&repository.git_dir()) && options.ledger.is_none();
    is_own.then(|| repository.head())
}

/// Opens the ledger in a repository.
fn ledger(
    host: Host,
    repository: &Repository,
    config: &Config,
    reads_until: Option<Duration>,
) -> Ledger {
    let durability = Durability {
        fsync: config.fsync,
        quarantined: host.env("GIT_QUARANTINE_PATH").is_some(),
    };
    // Git's own switch for locks that only speed things up.
    let optional = host.env("GIT_OPTIONAL_LOCKS");
    let caches = optional.and_then(|value| boolean(&value)) != Some(false);
    Ledger::new(repository, durability)
        .caching(caches.then(|| Box::new(host) as Box<dyn Clock>))
        .watching_git(git_at_work)
        .judging_times_by(|| Host.now())
        .retaining(config.sync.retention)
        .tolerating(config.clock_skew_secs)
        .reading_until(
            reads_until
                .map(|until| Box::new(move || host.elapsed() >= until) as Box<dyn Fn() -> bool>),
        )
}

/// Returns the settings, or the defaults and the error.
fn or_default(read: Result<Config, ConfigError>) -> (Config, Option<ConfigError>) {
    match read {
        Ok(config) => (config, None),
        Err(error) => (Config::default(), Some(error)),
    }
}

/// Returns the failure for an invalid setting.
fn config_failure(error: &ConfigError) -> Failure {
    Failure::usage(error).hint(format!(
        "change it: git config --edit, or git config {} <value>",
        error.key
    ))
}
