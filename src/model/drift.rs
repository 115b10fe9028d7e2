//! Drift: where the sessions that are recorded differ from what runs on this machine.
//!
//! Owns [`drifts`], the rule that names each difference and what is to be done about it, from
//! [`Facts`] that were read before. What is not known is no drift: a process that may not be seen
//! is not gone, and a transcript whose folder cannot be read is not lost. Never reads a process,
//! never changes a session.

mod facts;

use std::collections::BTreeSet;

use super::actor::Process;
use super::id::{HarnessId, SessionId};
use super::time::Timestamp;
pub use facts::{Alive, Facts, Kept, Known, Owner, Program, Transcript};

/// How long what another process did to a session is left alone, with few sessions and with many.
const SETTLES_SECS: u64 = 5;
const SETTLES_SECS_OF_MANY: u64 = 60;
/// From how many sessions on there are many.
const MANY: usize = 5;

/// The kinds of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A session is recorded as running, and its program has certainly ended.
    Gone,
    /// A harness runs here, and no session is recorded for it.
    Unknown,
    /// The transcript of a session appeared whose harness id was not recorded.
    Materialized,
    /// The harness id of a session is recorded, and its transcript is gone.
    Stale,
    /// A session works in another work tree or on another branch than recorded.
    Moved,
    /// Two sessions in one process, or one in two.
    Twin,
}

impl Class {
    /// Returns the word for it in JSON and in text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Unknown => "unknown",
            Self::Materialized => "materialized",
            Self::Stale => "stale",
            Self::Moved => "moved",
            Self::Twin => "twin",
        }
    }
}

/// What is to be done about a drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Mark the session ended, and release what it holds.
    End,
    /// Record a session for the program, by its place among the facts.
    Register(usize),
    /// Record the harness id.
    Know(HarnessId),
    /// Move what the session holds to this one, which goes on from it.
    GoOn(SessionId),
    /// Tell it, and nothing else.
    Tell,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Its kind.
    pub class: Class,
    /// The session.
    pub session: SessionId,
    /// What is recorded.
    pub was: String,
    /// What is seen.
    pub is: String,
    /// What is to be done.
    pub action: Action,
    /// Whether it was told before.
    pub is_told: bool,
}

impl Drift {
    /// Returns the text by which a drift is known to have been told.
    pub fn key(&self) -> String {
        let Self {
            class,
            session,
            was,
            is,
            ..
        } = self;
        format!("{} {}\n{was}\n{is}", class.as_str(), session.as_str())
    }
}

/// Returns the differences, those that were told before marked by `told`, the keys of those.
pub fn drifts(facts: &Facts, told: &dyn Fn(&str) -> bool, now: Timestamp) -> Vec<Drift> {
    let mut all = Vec::new();
    all.extend(facts.sessions.iter().filter_map(|one| facts.gone(one, now)));
    all.extend((0..facts.programs.len()).filter_map(|at| facts.unknown(at)));
    all.extend(facts.materialized(now));
    all.extend(facts.sessions.iter().filter_map(stale));
    all.extend(facts.sessions.iter().filter_map(|one| facts.moved(one)));
    all.extend(facts.twins(now));
    for drift in &mut all {
        drift.is_told = told(&drift.key());
    }
    all
}

fn drift(class: Class, session: &SessionId, was: String, is: String, action: Action) -> Drift {
    Drift {
        class,
        session: session.clone(),
        was,
        is,
        action,
        is_told: false,
    }
}

impl Known {
    /// Returns true if the session is recorded as running, and may be.
    fn may_run(&self) -> bool {
        !self.session.has_ended() && self.alive != Alive::Gone
    }

    fn id(&self) -> &SessionId {
        &self.session.who.id
    }

    fn runs_as(&self, process: &Process) -> bool {
        let its = self.session.who.process.as_ref();
        its.is_some_and(|its| its.is_same(process))
    }
}

fn place(folder: Option<&str>, branch: Option<&str>) -> String {
    let folder = folder.unwrap_or("no work tree");
    branch.map_or_else(
        || folder.to_owned(),
        |branch| format!("{folder} on {branch}"),
    )
}

fn pid(process: &Process) -> String {
    format!("pid {}", process.pid)
}

fn stale(one: &Known) -> Option<Drift> {
    let id = one.session.life.harness_id.as_ref()?;
    let is_lost = one.kept == Kept::Lost && !one.session.has_ended();
    is_lost.then(|| {
        let was = format!("transcript {}", id.as_str());
        drift(
            Class::Stale,
            one.id(),
            was,
            "no transcript".to_owned(),
            Action::Tell,
        )
    })
}

impl Facts {
    /// Returns true if another process did something to the session a moment ago: that counts.
    fn is_settling(&self, one: &Known, now: Timestamp) -> bool {
        let secs = match self.sessions.len() {
            ..MANY => SETTLES_SECS,
            _ => SETTLES_SECS_OF_MANY,
        };
        now < one.session.seen_at.plus_secs(secs)
    }

    fn gone(&self, one: &Known, now: Timestamp) -> Option<Drift> {
        let process = one.session.who.process.as_ref()?;
        let is_gone = one.alive == Alive::Gone && !one.session.has_ended();
        // What expired and holds nothing is silent, and no news.
        let matters = one.holds || one.session.is_live(now);
        (is_gone && matters && !self.is_settling(one, now)).then(|| {
            let was = format!("runs as {}", pid(process));
            let is = "the process has ended".to_owned();
            drift(Class::Gone, one.id(), was, is, Action::End)
        })
    }

    /// Returns the program that started another one of the same harness: both are one.
    fn launcher(&self, program: &Program) -> Option<&Program> {
        let mut all = self.programs.iter();
        all.find(|other| other.process.pid == program.parent && other.agent == program.agent)
    }

    fn has_session(&self, program: &Program) -> bool {
        let is_its = |one: &Known| {
            let is_named = program.listed.is_some() && *one.id() == program.id;
            one.runs_as(&program.process) || is_named
        };
        self.sessions.iter().any(is_its)
    }

    fn unknown(&self, at: usize) -> Option<Drift> {
        let program = self.programs.get(at)?;
        if program.owner != Owner::Ours || program.folder.is_none() || self.has_session(program) {
            return None;
        }
        let starts =
            |other: &&Program| other.parent == program.process.pid && other.agent == program.agent;
        let mut started = self.programs.iter().filter(starts);
        let is_part_of_another =
            self.launcher(program).is_some() || started.any(|other| self.has_session(other));
        (!is_part_of_another).then(|| {
            let at_pane = program.pane.as_ref().map(|pane| format!(" in pane {pane}"));
            let is = format!(
                "{} as {}{}",
                program.command,
                pid(&program.process),
                at_pane.unwrap_or_default()
            );
            let was = "no session".to_owned();
            drift(Class::Unknown, &program.id, was, is, Action::Register(at))
        })
    }

    fn materialized(&self, now: Timestamp) -> Vec<Drift> {
        let waits = |one: &&Known| one.may_run() && one.session.life.harness_id.is_none();
        let recorded = self.sessions.iter();
        let mut taken: BTreeSet<&HarnessId> = recorded
            .filter_map(|one| one.session.life.harness_id.as_ref())
            .collect();
        let waiting: Vec<&Known> = self.sessions.iter().filter(waits).collect();
        let mut all = Vec::new();
        let mut note = |one: &Known, found: &Transcript| {
            if !self.is_settling(one, now) {
                let id = found.id.clone();
                let is = format!("transcript {}", id.as_str());
                let was = "no transcript".to_owned();
                let action = Action::Know(id);
                all.push(drift(Class::Materialized, one.id(), was, is, action));
            }
        };
        let mut left = Vec::new();
        for one in waiting {
            match self.named_transcript(one) {
                Some(found) if taken.insert(&found.id) => note(one, found),
                Some(_) => {}
                None => left.push(one),
            }
        }
        // A transcript without any other session that it may be of.
        for one in &left {
            let fits = |found: &&Transcript| may_be_of(found, one) && !taken.contains(&found.id);
            let mut found = self.transcripts.iter().filter(fits);
            let (Some(only), None) = (found.next(), found.next()) else {
                continue;
            };
            if left.iter().filter(|other| may_be_of(only, other)).count() == 1 {
                note(one, only);
            }
        }
        all
    }

    /// Returns the transcript that is certainly of a session: its id names it, or the harness
    /// lists it for the process.
    fn named_transcript(&self, one: &Known) -> Option<&Transcript> {
        let listed = self.programs.iter().find_map(|program| {
            let id = program.listed.as_ref()?;
            one.runs_as(&program.process).then_some(id)
        });
        let mut all = self.transcripts.iter();
        all.find(|found| found.session == *one.id() || Some(&found.id) == listed)
    }

    fn moved(&self, one: &Known) -> Option<Drift> {
        let who = &one.session.who;
        let mut programs = self.programs.iter().filter(|it| it.owner == Owner::Ours);
        let program = programs.find(|program| one.runs_as(&program.process))?;
        let is_there = program.folder == who.worktree && program.branch == who.branch;
        if is_there || program.folder.is_none() || !one.may_run() {
            return None;
        }
        let was = place(who.worktree.as_deref(), who.branch.as_deref());
        let is = place(program.folder.as_deref(), program.branch.as_deref());
        Some(drift(Class::Moved, one.id(), was, is, Action::Tell))
    }

    fn twins(&self, now: Timestamp) -> Vec<Drift> {
        let mut all = Vec::new();
        for program in self.programs.iter().filter(|it| it.owner == Owner::Ours) {
            let is_its = |one: &&Known| {
                let process = one.session.who.process.as_ref();
                let ends = process.is_some_and(Process::ends_its_session);
                ends && one.may_run() && one.runs_as(&program.process)
            };
            let its: Vec<&Known> = self.sessions.iter().filter(is_its).collect();
            let Some(newest) = its.iter().max_by_key(|one| one.session.seen_at) else {
                continue;
            };
            let older = its
                .iter()
                .filter(|one| one.id() != newest.id() && one.holds);
            for old in older.filter(|old| !self.is_settling(old, now)) {
                // Only the harness says which of two it runs; or the old one was known by the
                // process alone, before the harness said anything.
                let is_said = program.listed.is_some()
                    && *newest.id() == program.id
                    && *old.id() != program.id;
                let action = match is_said || *old.id() == program.id_by_process {
                    true => Action::GoOn(newest.id().clone()),
                    false => Action::Tell,
                };
                let is = format!("{} is {} as well", pid(&program.process), newest.id());
                let was = format!("runs as {}", pid(&program.process));
                all.push(drift(Class::Twin, old.id(), was, is, action));
            }
        }
        all.extend(self.doubles());
        all
    }

    /// Returns the sessions that the harness lists for two processes.
    fn doubles(&self) -> Vec<Drift> {
        let ours = self.programs.iter().filter(|it| it.owner == Owner::Ours);
        let ours: Vec<&Program> = ours.filter(|it| it.folder.is_some()).collect();
        let mut all = Vec::new();
        for (at, one) in ours.iter().enumerate() {
            let is_same = |other: &&&Program| {
                other.listed.is_some()
                    && other.id == one.id
                    && other.parent != one.process.pid
                    && one.parent != other.process.pid
            };
            if let Some(other) = ours.iter().skip(at + 1).find(is_same) {
                let (was, is) = (pid(&one.process), pid(&other.process));
                let is = format!("{is} runs it as well");
                all.push(drift(Class::Twin, &one.id, was, is, Action::Tell));
            }
        }
        all
    }
}

/// Returns true if a transcript may be of a session: of its harness and folder, and not older than
/// its process.
fn may_be_of(found: &Transcript, one: &Known) -> bool {
    let who = &one.session.who;
    let is_there = found.folder.is_some() && found.folder == who.worktree;
    let began = who.process.as_ref().map(|process| process.started_at);
    let is_new = began.is_some_and(|began| found.written_at >= began);
    who.agent.as_deref() == Some(found.agent.as_str()) && is_there && is_new
}

#[cfg(test)]
mod tests;
