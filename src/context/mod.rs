//! What a verb works with.
//!
//! Owns the one construction of ledger, settings and identity in a process, and the words for
//! what goes wrong on the way there. Never decides what a verb does.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]

mod files;
mod opening;
mod parameters;

use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::config::{Config, ConfigError, boolean};
use crate::failure::Failure;
use crate::git::Git;
use crate::git::remote::{Remote, RemoteOptions, Ssh};
use crate::host::Host;
use crate::identity::{self, Facts, HarnessSession, Identity};
use crate::ledger::repository::{RawSetting, Repository, settings_outside};
use crate::ledger::{Durability, Ledger, layout};
use crate::model::actor::Actor;
use crate::model::id::SessionId;
use crate::model::time::Timestamp;
use opening::{Opener, expand};

/// What Git itself calls the remote that a clone came from.
const ORIGIN: &str = "origin";

/// Enough to tell the commands of one session apart.
const OWN_SESSION_DIGITS: usize = 8;

/// What is asked of the context, by flags that several verbs share.
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    pub ledger: Option<PathBuf>,
    pub session: Option<String>,
    /// Whether a session will be written: its process has to be known then.
    pub writes: bool,
    /// Whether a setting that cannot be used is reported instead of fatal (`doctor`).
    pub tolerates_config: bool,
    /// The remote to talk to, where it is not the configured one.
    pub remote: Option<String>,
    /// Whether what is claimed ends with this process.
    pub binds_to_this_process: bool,
    /// Whether to act as a session of its own, and not as the one that the environment names.
    pub has_own_session: bool,
    /// The session that a harness names.
    pub harness_session: Option<HarnessSession>,
}

/// The remote that the board is shared through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    None,
    Named(String),
    /// It is asked for, and there is no such remote.
    Missing(String),
}

/// The repository in which we stand: the one of the code.
pub struct Code {
    pub git: Git,
    /// What its work trees have in common: settings, objects, hooks.
    pub common_dir: PathBuf,
    /// Where its hooks are run.
    pub top: PathBuf,
}

pub struct Context {
    pub host: Host,
    pub ledger: Ledger,
    pub config: Config,
    pub config_error: Option<ConfigError>,
    pub settings: Vec<RawSetting>,
    pub me: Identity,
    /// Where the board is kept.
    pub ledger_dir: PathBuf,
    pub upstream: Upstream,
    /// Whether the board is kept where we stand.
    pub keeps_its_own_board: bool,
    /// The repository in which we stand, if we stand in one.
    pub code: Option<Code>,
    /// How many URLs a push to it goes to.
    pub push_urls: usize,
    /// How it was opened.
    options: OpenOptions,
    /// Whether ssh is called, and the user does not say how.
    calls_ssh: bool,
    worktree: Option<PathBuf>,
    branch: Option<String>,
}

impl Context {
    pub fn open(host: Host, options: &OpenOptions) -> Result<Self, Failure> {
        let me = identify(host, options)?;
        let open = Opener::new(host);
        let here = open.discover();
        let settings = match (&here, &options.ledger) {
            (Ok(here), _) => here.settings(),
            (Err(_), Some(ledger)) => open.exactly(ledger)?.settings(),
            (Err(_), None) => settings_outside(&open.surroundings.overrides),
        };
        let read = |settings: &[RawSetting]| match Config::from_settings(settings) {
            Err(error) if !options.tolerates_config => Err(config_failure(&error)),
            read => Ok(read),
        };
        let (mut config, mut config_error) = match read(&settings)? {
            Ok(config) => (config, None),
            Err(error) => (Config::default(), Some(error)),
        };
        let here_dir = here.as_ref().ok().map(Repository::git_dir);
        let worktree = here.as_ref().ok().and_then(Repository::worktree);
        let branch = here.as_ref().ok().and_then(Repository::branch);
        let code = here.as_ref().ok().map(code);
        let configured = config.ledger.as_deref().map(|path| {
            let base = worktree.clone().or_else(|| here_dir.clone());
            expand(host, path, base)
        });
        let repository = match options.ledger.clone().or(configured) {
            Some(path) => open.exactly(&path)?,
            None => here?,
        };
        if config.ledger.is_some() || options.ledger.is_some() {
            match read(&repository.settings())? {
                Ok(of_ledger) => config.sync = of_ledger.sync,
                Err(error) => config_error = Some(error),
            }
        }
        let asked = options.remote.as_deref().or(config.sync.remote.as_deref());
        let upstream = upstream(asked, &repository.remote_names());
        Ok(Self {
            host,
            ledger: ledger(host, &repository, &config).following(upstream.name()),
            config,
            config_error,
            settings,
            me,
            ledger_dir: repository.git_dir(),
            calls_ssh: upstream
                .name()
                .is_some_and(|name| repository.talks_ssh(name))
                && !repository.says_how_to_ssh(),
            code,
            keeps_its_own_board: here_dir == Some(repository.git_dir()),
            push_urls: upstream.name().map_or(0, |name| repository.push_urls(name)),
            upstream,
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
            self.me = identify(self.host, &self.options)?;
        }
        Ok(())
    }

    /// The top of the work tree that we stand in.
    pub fn worktree(&self) -> Option<&Path> {
        self.worktree.as_deref()
    }

    /// What is checked out there.
    pub fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    pub fn now(&self) -> Timestamp {
        self.host.now()
    }

    /// The remote, ready to be talked to.
    pub fn remote(&self) -> Option<Remote> {
        let name = self.upstream.name()?;
        let options = RemoteOptions {
            ssh: self.ssh(),
            fsync: self.config.fsync,
            tracking: layout::fetch_refspec(name),
        };
        Some(Remote::new(Git::at(&self.ledger_dir), name, options))
    }

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

    /// The work tree at hand, as it is written down with a session.
    pub fn worktree_name(&self) -> Option<String> {
        let path = self.worktree.as_ref()?;
        Some(path.display().to_string())
    }

    /// Me, as a writer; makes the node id if need be.
    pub fn actor(&self) -> Result<Actor, Failure> {
        let node = self.ledger.ensure_node(&self.host)?;
        Ok(self.actor_at(node))
    }

    /// Me, as a reader; `None` where nothing was ever written from this clone.
    pub fn known_actor(&self) -> Option<Actor> {
        self.ledger.node().map(|node| self.actor_at(node))
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

impl Upstream {
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::None | Self::Missing(_) => None,
        }
    }
}

fn code(here: &Repository) -> Code {
    Code {
        git: Git::at(&here.own_git_dir()),
        common_dir: here.git_dir(),
        top: here.worktree().unwrap_or_else(|| here.git_dir()),
    }
}

fn ledger(host: Host, repository: &Repository, config: &Config) -> Ledger {
    let durability = Durability {
        fsync: config.fsync,
        quarantined: host.env("GIT_QUARANTINE_PATH").is_some(),
    };
    // As for `git status`.
    let optional = host.env("GIT_OPTIONAL_LOCKS");
    let caches = optional.and_then(|value| boolean(&value)) != Some(false);
    Ledger::new(repository, durability).caching(caches)
}

/// The remote that is asked for; else `origin`, else the only one.
fn upstream(asked: Option<&str>, names: &[String]) -> Upstream {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    match (asked, names) {
        (Some(asked), _) if has(asked) => Upstream::Named(asked.to_owned()),
        (Some(asked), _) => Upstream::Missing(asked.to_owned()),
        (None, _) if has(ORIGIN) => Upstream::Named(ORIGIN.to_owned()),
        (None, [only]) => Upstream::Named(only.clone()),
        (None, _) => Upstream::None,
    }
}

fn identify(host: Host, options: &OpenOptions) -> Result<Identity, Failure> {
    let names = identity::variables();
    let env = host.env_of(&names);
    let by_process = match &options.harness_session {
        Some(stated) => stated.session.is_none(),
        None => identity::needs_ancestors(options.session.as_deref(), &env),
    };
    let may_have_a_process =
        options.harness_session.is_some() || (options.session.is_none() && !env.is_empty());
    let walk = may_have_a_process && (options.writes || by_process);
    let set: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| env.contains_key(*name))
        .collect();
    let ancestors = match walk {
        true => host.ancestors(&set, |above| {
            let anchored = options.harness_session.is_none() || identity::is_anchored(above);
            anchored && identity::is_enough(above, &set)
        }),
        false => Vec::new(),
    };
    let facts = Facts {
        flag: options.session.clone(),
        env,
        user: host.user(),
        host: host.hostname(),
        host_id: if walk { host.host_id() } else { String::new() },
        boot_id: if walk { host.boot_id() } else { None },
        ancestors,
    };
    let me = match &options.harness_session {
        Some(stated) => identity::resolve_harness_session(&facts, stated),
        None => identity::resolve(&facts),
    };
    let mut me = me.map_err(|error| {
        Failure::usage(format!("the session id is not accepted: {error}"))
            .hint("give --session or GIT_PRESENCE_SESSION one line of at most 255 bytes")
    })?;
    if options.binds_to_this_process {
        me.process = host.own_process();
    }
    if options.has_own_session {
        me.id = own_session(&me.id, &host.random().to_string())?;
    }
    Ok(me)
}

/// A session below another one, under a name that nobody else has.
fn own_session(above: &SessionId, random: &str) -> Result<SessionId, Failure> {
    let short = random.get(..OWN_SESSION_DIGITS).unwrap_or(random);
    SessionId::parse(&format!("{above}+run-{short}")).map_err(|error| {
        Failure::usage(format!("the session id is not accepted: {error}")).hint("give --session")
    })
}

fn config_failure(error: &ConfigError) -> Failure {
    Failure::usage(error).hint(format!(
        "change it: git config --edit, or git config {} <value>",
        error.key
    ))
}
