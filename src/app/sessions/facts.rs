//! The facts of drift, from what the sensors saw.
//!
//! Owns how processes, panes and transcripts are joined with the sessions that are recorded:
//! [`gather`]. Never judges them: `model::drift` does.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::app::sessions::sensors::{Sensors, Written};
use crate::host::{Pane, Processes, Running};
use crate::identity::{harness_of, key_by_id, key_by_process};
use crate::model::actor::{Process, ProcessRole};
use crate::model::drift::{Facts, Kept, Known, Owner, Program, Transcript};
use crate::model::id::SessionId;
use crate::model::resource::LabelGlob;
use crate::model::session::Session;
use crate::model::text::harmless_name;

/// How much of a command is shown.
const COMMAND_BYTES_MAX: usize = 64;
/// What runs in a pane that is named by the settings, and is no harness.
const PANE_AGENT: &str = "tmux";

/// The user and the machine that sessions are named after.
pub struct Here<'h> {
    /// The user.
    pub user: &'h str,
    /// The machine.
    pub host: &'h str,
    /// The id of the machine.
    pub host_id: String,
    /// The id of its boot.
    pub boot_id: String,
    /// The names of sessions of tmux whose panes are sessions.
    pub pattern: Option<LabelGlob>,
}

impl Here<'_> {
    fn session(&self, key: &str) -> Option<SessionId> {
        SessionId::parse(&format!("{}@{}@{key}", self.user, self.host)).ok()
    }
}

/// A session that is recorded, and whether it holds anything.
pub struct Recorded {
    /// The session, or what a lock says of it.
    pub session: Session,
    /// Whether it holds anything.
    pub holds: bool,
}

/// Joins what the sensors see with what is recorded.
pub fn gather(sensors: &dyn Sensors, here: &Here<'_>, recorded: Vec<Recorded>) -> Facts {
    let panes = sensors.panes();
    let is_named = |pane: &&Pane| {
        let pattern = here.pattern.as_ref();
        pattern.is_some_and(|pattern| pattern.matches(&pane.session))
    };
    let named: Vec<u32> = panes.iter().filter(is_named).map(|pane| pane.pid).collect();
    let processes = sensors.processes(&named);
    let mut trees: BTreeMap<PathBuf, Option<(String, Option<String>)>> = BTreeMap::new();
    let mut programs = Vec::new();
    for running in &processes.found {
        let tree = running.folder.as_ref().filter(|_| running.is_ours);
        let tree = tree.and_then(|folder| {
            let known = trees.entry(folder.clone());
            known.or_insert_with(|| sensors.tree(folder)).clone()
        });
        programs.extend(program(
            sensors,
            here,
            (running, tree),
            (&processes, &panes),
        ));
    }
    drop_shells_of_harnesses(&mut programs, &processes);
    let tops = recorded
        .iter()
        .filter_map(|one| one.session.who.worktree.clone());
    let mut folders: Vec<String> = tops
        .chain(programs.iter().filter_map(|program| program.folder.clone()))
        .chain(trees.keys().map(|folder| folder.display().to_string()))
        .collect();
    folders.sort();
    folders.dedup();
    let transcripts = sensors.transcripts(&folders).into_iter();
    let transcripts: Vec<Transcript> = transcripts
        .filter_map(|found| transcript(here, &trees, found))
        .collect();
    let known = |one: Recorded| {
        let who = &one.session.who;
        let process = who.process.as_ref();
        Known {
            alive: process.map_or(crate::model::drift::Alive::Unknown, |process| {
                sensors.alive(process, one.session.seen_at)
            }),
            kept: kept(sensors, &one.session, &transcripts),
            holds: one.holds,
            session: one.session,
        }
    };
    Facts {
        sessions: recorded.into_iter().map(known).collect(),
        programs,
        transcripts,
    }
}

fn program(
    sensors: &dyn Sensors,
    here: &Here<'_>,
    (running, tree): (&Running, Option<(String, Option<String>)>),
    (processes, panes): (&Processes, &[Pane]),
) -> Option<Program> {
    let process = &running.process;
    let agent = harness_of(process).unwrap_or(PANE_AGENT);
    let line = processes.line_of(process.pid);
    let pane = line
        .iter()
        .find_map(|pid| panes.iter().find(|pane| pane.pid == *pid));
    let by_process = here.session(&key_by_process(agent, &here.boot_id, process))?;
    let listed = match running.is_ours {
        true => sensors.listed(agent, process.pid, process.started_at),
        false => None,
    };
    let by_id = listed.as_ref().map(|id| key_by_id(agent, id.as_str()));
    let (folder, branch) = tree.unzip();
    Some(Program {
        process: Process {
            pid: process.pid,
            started_at: process.started_at,
            host_id: here.host_id.clone(),
            boot_id: here.boot_id.clone(),
            role: ProcessRole::Program,
        },
        parent: running.parent,
        agent: agent.to_owned(),
        command: harmless_name(&process.name, COMMAND_BYTES_MAX),
        owner: match running.is_ours {
            true => Owner::Ours,
            false => Owner::Foreign,
        },
        folder,
        branch: branch.flatten(),
        pane: pane.map(|pane| pane.id.clone()),
        id: by_id
            .and_then(|key| here.session(&key))
            .unwrap_or_else(|| by_process.clone()),
        listed,
        id_by_process: by_process,
    })
}

/// A pane in which a harness runs is that harness, and not the shell that started it.
fn drop_shells_of_harnesses(programs: &mut Vec<Program>, processes: &Processes) {
    let harnesses: Vec<Vec<u32>> = programs
        .iter()
        .filter(|program| program.agent != PANE_AGENT)
        .map(|program| processes.line_of(program.process.pid))
        .collect();
    programs.retain(|program| {
        let pid = program.process.pid;
        program.agent != PANE_AGENT || !harnesses.iter().any(|line| line.contains(&pid))
    });
}

fn transcript(
    here: &Here<'_>,
    trees: &BTreeMap<PathBuf, Option<(String, Option<String>)>>,
    found: Written,
) -> Option<Transcript> {
    // What was begun in a folder of a work tree belongs to the tree.
    let top = |folder: String| match trees.get(&PathBuf::from(&folder)) {
        Some(Some((top, _))) => top.clone(),
        _ => folder,
    };
    Some(Transcript {
        session: here.session(&key_by_id(found.agent, found.id.as_str()))?,
        agent: found.agent.to_owned(),
        id: found.id,
        folder: found.folder.map(top),
        written_at: found.at,
    })
}

fn kept(sensors: &dyn Sensors, session: &Session, transcripts: &[Transcript]) -> Kept {
    let (Some(id), Some(agent)) = (&session.life.harness_id, &session.who.agent) else {
        return Kept::Unknown;
    };
    if session.has_ended() {
        return Kept::Unknown;
    }
    if transcripts
        .iter()
        .any(|found| found.id == *id && found.agent == *agent)
    {
        return Kept::There;
    }
    match sensors.has_transcript(agent, id) {
        Some(true) => Kept::There,
        Some(false) => Kept::Lost,
        None => Kept::Unknown,
    }
}

#[cfg(test)]
mod tests;
