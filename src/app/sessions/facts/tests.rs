//! What the sensors saw, joined; the sensors are made up.

use std::path::Path;

use super::*;
use crate::identity::Ancestor;
use crate::model::actor::Actor;
use crate::model::drift::{Alive, drifts};
use crate::model::id::HarnessId;
use crate::model::session::Life;
use crate::model::time::{Timestamp, Ttl};

/// What is seen: processes as `(pid, parent, name, folder, whether ours)`.
#[derive(Default)]
struct Fake {
    runs: Vec<(u32, u32, &'static str, &'static str, bool)>,
    panes: Vec<(u32, &'static str, &'static str)>,
    transcripts: Vec<(&'static str, &'static str)>,
    listed: Vec<(u32, &'static str)>,
    /// Whether the folder of transcripts can be read.
    is_readable: bool,
}

fn ancestor(pid: u32, name: &str) -> Ancestor {
    Ancestor {
        pid,
        name: name.to_owned(),
        args: Vec::new(),
        started_at: Timestamp::from_millis(1000),
        since_boot_millis: i64::from(pid),
        env: None,
    }
}

impl Sensors for Fake {
    fn processes(&self, pids: &[u32]) -> Processes {
        let mut all = Processes::default();
        for (pid, parent, name, folder, is_ours) in &self.runs {
            all.parents.insert(*pid, *parent);
            let process = ancestor(*pid, name);
            if harness_of(&process).is_some() || pids.contains(pid) {
                all.found.push(Running {
                    process,
                    parent: *parent,
                    is_ours: *is_ours,
                    folder: Some(PathBuf::from(folder)),
                });
            }
        }
        all
    }

    fn panes(&self) -> Vec<Pane> {
        let pane = |(pid, id, session): &(u32, &str, &str)| Pane {
            pid: *pid,
            id: (*id).to_owned(),
            session: (*session).to_owned(),
        };
        self.panes.iter().map(pane).collect()
    }

    fn transcripts(&self, folders: &[String]) -> Vec<Written> {
        let all = self.transcripts.iter();
        let there = all.filter(|(folder, _)| folders.iter().any(|one| one == folder));
        there
            .map(|(folder, id)| Written {
                agent: "claude-code",
                id: HarnessId::parse(id).unwrap(),
                folder: Some((*folder).to_owned()),
                at: Timestamp::from_millis(2000),
            })
            .collect()
    }

    fn has_transcript(&self, _: &str, _: &HarnessId) -> Option<bool> {
        self.is_readable.then_some(false)
    }

    fn listed(&self, _: &str, pid: u32, _: Timestamp) -> Option<HarnessId> {
        let found = self.listed.iter().find(|(its, _)| *its == pid)?;
        HarnessId::parse(found.1)
    }

    fn tree(&self, folder: &Path) -> Option<(String, Option<String>)> {
        let is_ours = folder.starts_with("/w");
        is_ours.then(|| ("/w".to_owned(), Some("main".to_owned())))
    }

    fn alive(&self, process: &Process, _: Timestamp) -> Alive {
        match self.runs.iter().any(|(pid, ..)| *pid == process.pid) {
            true => Alive::Runs,
            false => Alive::Gone,
        }
    }
}

fn here(pattern: Option<&str>) -> Here<'static> {
    Here {
        user: "wizard",
        host: "devvm",
        host_id: "h".to_owned(),
        boot_id: "b".to_owned(),
        pattern: pattern.map(LabelGlob::new),
    }
}

fn recorded(pid: u32, harness_id: Option<&str>) -> Recorded {
    let mut who = Actor::example("a", 1);
    who.agent = Some("claude-code".to_owned());
    who.worktree = Some("/w".to_owned());
    who.branch = Some("main".to_owned());
    who.process = Some(Process {
        pid,
        started_at: Timestamp::from_millis(1000),
        host_id: "h".to_owned(),
        boot_id: "b".to_owned(),
        role: ProcessRole::Program,
    });
    Recorded {
        holds: true,
        session: Session {
            who,
            seen_at: Timestamp::from_millis(1000),
            ttl: Ttl::DEFAULT,
            claims: Vec::new(),
            states: Vec::new(),
            life: Life {
                harness_id: harness_id.and_then(HarnessId::parse),
                ..Life::default()
            },
        },
    }
}

/// The drifts as `class: is`.
fn seen(fake: &Fake, pattern: Option<&str>, recorded: Vec<Recorded>) -> Vec<String> {
    let facts = gather(fake, &here(pattern), recorded);
    let now = Timestamp::from_millis(1000).plus_secs(600);
    let all = drifts(&facts, &|_| false, now).into_iter();
    all.map(|drift| format!("{}: {}", drift.class.as_str(), drift.is))
        .collect()
}

#[test]
fn a_harness_in_a_pane_is_found_in_its_work_tree_alone() {
    let fake = Fake {
        runs: vec![
            (10, 1, "bash", "/w", true),
            (11, 10, "claude", "/w/src", true),
            (12, 1, "claude", "/elsewhere", true),
            (13, 1, "claude", "/w", false),
        ],
        panes: vec![(10, "%3", "agents")],
        ..Fake::default()
    };
    let wanted = ["unknown: claude as pid 11 in pane %3"];
    assert_eq!(seen(&fake, None, Vec::new()), wanted);
    // The shell of a harness is no session of its own, whatever its pane is called.
    assert_eq!(seen(&fake, Some("agents"), Vec::new()), wanted);
    assert_eq!(seen(&fake, None, vec![recorded(11, None)]), [""; 0]);
    let facts = gather(&fake, &here(None), Vec::new());
    assert_eq!(facts.programs[0].id, facts.programs[0].id_by_process);
}

#[test]
fn a_pane_that_the_settings_name_is_a_session() {
    let fake = Fake {
        runs: vec![(10, 1, "my-agent", "/w", true), (20, 1, "vim", "/w", true)],
        panes: vec![(10, "%3", "agents-1"), (20, "%4", "notes")],
        ..Fake::default()
    };
    assert_eq!(seen(&fake, None, Vec::new()), [""; 0]);
    let wanted = ["unknown: my-agent as pid 10 in pane %3"];
    assert_eq!(seen(&fake, Some("agents-*"), Vec::new()), wanted);
}

#[test]
fn without_tmux_and_processes_nothing_is_known_and_nothing_gone() {
    let fake = Fake::default();
    let mut one = recorded(11, None);
    one.session.who.process = None;
    assert_eq!(seen(&fake, Some("*"), vec![one]), [""; 0]);
}

#[test]
fn transcripts_come_and_go() {
    let mut fake = Fake {
        runs: vec![(11, 1, "claude", "/w/src", true)],
        transcripts: vec![("/w/src", "t")],
        ..Fake::default()
    };
    let one = |id| vec![recorded(11, id)];
    assert_eq!(seen(&fake, None, one(None)), ["materialized: transcript t"]);
    assert_eq!(seen(&fake, None, one(Some("t"))), [""; 0]);
    // Its folder cannot be read.
    assert_eq!(seen(&fake, None, one(Some("u"))), [""; 0]);
    fake.is_readable = true;
    assert_eq!(seen(&fake, None, one(Some("u"))), ["stale: no transcript"]);
    fake.transcripts.push(("/w", "v"));
    assert_eq!(seen(&fake, None, one(None)), [""; 0]);
    fake.listed.push((11, "v"));
    assert_eq!(seen(&fake, None, one(None)), ["materialized: transcript v"]);
}
