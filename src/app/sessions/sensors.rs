//! What the registry of sessions looks at: processes, panes, transcripts.
//!
//! Owns the port [`Sensors`] and what answers it on this machine ([`OnHost`]). Reads names, times
//! and the small files that a harness has about its processes; never a transcript, never what a
//! pane shows. Never changes anything.

use std::path::{Path, PathBuf};

use crate::app::claims::gone;
use crate::context::Context;
use crate::context::trees::Whose;
use crate::host::{Pane, Processes};
use crate::identity::{Ancestor, harness_of};
use crate::integrations::harness::transcripts as names;
use crate::model::actor::Process;
use crate::model::drift::Alive;
use crate::model::id::HarnessId;
use crate::model::time::Timestamp;

/// The most names that are read of one folder of a harness.
const NAMES_MAX: usize = 4096;
/// The most days of Codex that are looked at, the newest ones.
const DAYS_MAX: usize = 31;
/// The most bytes of what a harness says about a process.
const FILE_BYTES_MAX: usize = 64 * 1024;
/// The agents whose transcripts are looked for.
pub const CLAUDE: &str = "claude-code";
/// The other one.
pub const CODEX: &str = "codex";

/// A transcript that was found: its session, where that works if it is known, and when it was
/// written to last.
#[derive(Clone, Debug)]
pub struct Written {
    /// The harness.
    pub agent: &'static str,
    /// The session of the harness.
    pub id: HarnessId,
    /// The folder that the session works in.
    pub folder: Option<String>,
    /// When it was written to last.
    pub at: Timestamp,
}

/// What can be seen of this machine.
pub trait Sensors {
    /// Returns the harnesses that run, and those of `pids`.
    fn processes(&self, pids: &[u32]) -> Processes;
    /// Returns the panes of tmux.
    fn panes(&self) -> Vec<Pane>;
    /// Returns the transcripts of what works in `folders`, and those that are not sorted by that.
    fn transcripts(&self, folders: &[String]) -> Vec<Written>;
    /// Returns true if the transcript of a session is there, wherever that works; `None` if that
    /// cannot be known.
    fn has_transcript(&self, agent: &str, id: &HarnessId) -> Option<bool>;
    /// Returns the session that a harness lists for a process that was started then.
    fn listed(&self, agent: &str, pid: u32, started_at: Timestamp) -> Option<HarnessId>;
    /// Returns the work tree of this clone that a folder is in, and its branch.
    fn tree(&self, folder: &Path) -> Option<(String, Option<String>)>;
    /// Returns what is known of the process of a session that was last heard of then.
    fn alive(&self, process: &Process, seen_at: Timestamp) -> Alive;
}

/// The sensors of this machine.
pub struct OnHost<'c>(pub &'c Context);

impl OnHost<'_> {
    /// Returns a folder of a harness: the one that the variable names, or the one in the home.
    fn home_of(&self, variable: &str, name: &str) -> Option<PathBuf> {
        let host = self.0.host;
        let named = host.env(variable).map(PathBuf::from);
        named.or_else(|| Some(host.home()?.join(name)))
    }

    fn claude(&self) -> Option<PathBuf> {
        self.home_of(names::CLAUDE_HOME_VAR, names::CLAUDE_HOME)
    }

    fn codex_days(&self) -> Option<Vec<PathBuf>> {
        let home = self.home_of(names::CODEX_HOME_VAR, names::CODEX_HOME)?;
        let below = |folder: &Path| -> Option<Vec<PathBuf>> {
            let mut all = self.0.host.listed(folder, NAMES_MAX)?;
            all.sort();
            let newest = all.into_iter().rev();
            Some(newest.map(|(name, _)| folder.join(name)).collect())
        };
        let mut days = Vec::new();
        for year in below(&home.join(names::CODEX_SESSIONS))? {
            for month in below(&year).unwrap_or_default() {
                days.extend(below(&month).unwrap_or_default());
                if days.len() >= DAYS_MAX {
                    days.truncate(DAYS_MAX);
                    return Some(days);
                }
            }
        }
        Some(days)
    }

    fn codex(&self) -> impl Iterator<Item = Written> {
        let days = self.codex_days().unwrap_or_default().into_iter();
        let host = self.0.host;
        let files = days.flat_map(move |day| host.listed(&day, NAMES_MAX).unwrap_or_default());
        files.filter_map(|(name, at)| {
            Some(Written {
                agent: CODEX,
                id: names::codex_transcript(&name)?,
                folder: None,
                at,
            })
        })
    }
}

impl Sensors for OnHost<'_> {
    fn processes(&self, pids: &[u32]) -> Processes {
        let is_wanted =
            |process: &Ancestor| harness_of(process).is_some() || pids.contains(&process.pid);
        self.0.host.processes(&is_wanted)
    }

    fn panes(&self) -> Vec<Pane> {
        self.0.host.panes()
    }

    fn transcripts(&self, folders: &[String]) -> Vec<Written> {
        let projects = self.claude().map(|home| home.join(names::CLAUDE_PROJECTS));
        let mut all: Vec<Written> = self.codex().collect();
        for (projects, folder) in projects
            .iter()
            .flat_map(|at| folders.iter().map(move |f| (at, f)))
        {
            let project = projects.join(names::claude_project(folder));
            let files = self.0.host.listed(&project, NAMES_MAX).unwrap_or_default();
            all.extend(files.into_iter().filter_map(|(name, at)| {
                Some(Written {
                    agent: CLAUDE,
                    id: names::claude_transcript(&name)?,
                    folder: Some(folder.clone()),
                    at,
                })
            }));
        }
        all
    }

    fn has_transcript(&self, agent: &str, id: &HarnessId) -> Option<bool> {
        match agent {
            CLAUDE => {
                let projects = self.claude()?.join(names::CLAUDE_PROJECTS);
                let name = names::claude_transcript_of(id);
                let folders = self.0.host.listed(&projects, NAMES_MAX)?;
                let has = |folder: &str| projects.join(folder).join(&name).exists();
                let is_there = folders.iter().any(|(folder, _)| has(folder));
                // Of more folders than are looked at, one may have it.
                (is_there || folders.len() < NAMES_MAX).then_some(is_there)
            }
            // One that is older than the days that are looked at is not lost.
            _ => None,
        }
    }

    fn listed(&self, agent: &str, pid: u32, started_at: Timestamp) -> Option<HarnessId> {
        if agent != CLAUDE {
            return None;
        }
        let file = self.claude()?.join(names::CLAUDE_SESSIONS);
        let file = file.join(format!("{pid}.json"));
        // What is older than the process is of another one that had its number.
        let written_at = self.0.host.written_at(&file)?;
        if written_at < started_at {
            return None;
        }
        let said = self.0.host.read_bounded(&file, FILE_BYTES_MAX).ok()?;
        (said.len() <= FILE_BYTES_MAX).then(|| names::claude_session(&said, pid))?
    }

    fn tree(&self, folder: &Path) -> Option<(String, Option<String>)> {
        let tree = self.0.tree_of(folder.to_str()?)?;
        let is_ours = matches!(tree.whose, Whose::Here | Whose::Sibling);
        is_ours.then(|| (tree.top.display().to_string(), tree.branch))
    }

    fn alive(&self, process: &Process, seen_at: Timestamp) -> Alive {
        if !process.ends_its_session() {
            return Alive::Unknown;
        }
        let host = self.0.host;
        match gone::has_ended(self.0, process, seen_at) || host.is_dead(process, seen_at) {
            true => Alive::Gone,
            false if host.is_running(process, seen_at) => Alive::Runs,
            false => Alive::Unknown,
        }
    }
}
