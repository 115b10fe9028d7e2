//! Identity of a session.
//!
//! [`resolve`] owns the order of the rules (a flag, our own variable, the harness, the CI job, the
//! person), how an inherited variable is told from one's own, and the explanation of the choice. A
//! pure function over values that `host` read. Never reads the world.

mod acting;
mod found;
mod harness;
mod harness_session;
mod program;

use std::collections::BTreeMap;

pub use found::{harness_of, key_by_id, key_by_process};
use harness::{CIS, HARNESSES, PROGRAMS};
pub use harness_session::{HarnessSession, is_anchored, resolve_harness_session};
pub use program::is_runtime;

use crate::model::actor::{Process, ProcessRole};
use crate::model::id::SessionId;
use crate::model::shared_id::HarnessUse;
use crate::model::text::{TextError, harmless_name};
use crate::model::time::Timestamp;

/// Environment variable that names the session.
pub const SESSION_VAR: &str = "GIT_PRESENCE_SESSION";
/// Environment variable with the harness session for which one of our hooks exported
/// [`SESSION_VAR`]: `<agent>:<its session>`. An agent that inherits it from the shell of another
/// agent ignores it.
pub const SESSION_OF_VAR: &str = "GIT_PRESENCE_SESSION_OF";

/// Name of this program in the process table.
const OWN_NAME: &str = "git-presence";

const PART_BYTES_MAX: usize = 64;
const SUFFIX_HEX_DIGITS: usize = 8;

/// A process above this one.
#[derive(Clone, Debug)]
pub struct Ancestor {
    /// Process id.
    pub pid: u32,
    /// Name of the program, as the process table has it.
    pub name: String,
    /// The first arguments of a [runtime](is_runtime), with its own name; else none.
    pub args: Vec<String>,
    /// Start time, as precise as the kernel reports it.
    pub started_at: Timestamp,
    /// Start time since the machine was started: that of the wall clock moves when it is set.
    pub since_boot_millis: i64,
    /// The variables that matter here; `None` if they may not be read.
    pub env: Option<BTreeMap<String, String>>,
}

/// Everything that identity depends on.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The value of `--session`.
    pub flag: Option<String>,
    /// The variables in [`variables`] that are set.
    pub env: BTreeMap<String, String>,
    /// Login name.
    pub user: String,
    /// Host name.
    pub host: String,
    /// Id of the machine; empty if no rule needs it.
    pub host_id: String,
    /// Id of the time since the machine was started.
    pub boot_id: Option<String>,
    /// Processes above this one, nearest first.
    pub ancestors: Vec<Ancestor>,
    /// The process that leads the terminal of this one.
    pub terminal: Option<Process>,
}

/// Rule by which a session was identified, in the order in which rules are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `--session`.
    Flag,
    /// [`SESSION_VAR`].
    Variable,
    /// The session or process of an agent harness.
    Harness,
    /// The job of a CI system.
    Ci,
    /// The user on this host.
    Person,
}

impl Rule {
    /// Returns the word for this rule in JSON and in text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Variable => "variable",
            Self::Harness => "harness",
            Self::Ci => "ci",
            Self::Person => "person",
        }
    }
}

/// Identity of the acting session, and why it was chosen.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Id of the session.
    pub id: SessionId,
    /// The rule that decided.
    pub rule: Rule,
    /// Name of the agent or CI system, if one acts.
    pub agent: Option<String>,
    /// Login name, shortened.
    pub user: String,
    /// Host name, shortened.
    pub host: String,
    /// The process that the session is known by. Only a program that was found by its name ends
    /// the session: once it is dead, other sessions may take over its exclusive claims.
    pub process: Option<Process>,
    /// That the user chose the id ([`SESSION_VAR`]), perhaps for more than one session.
    pub chosen: Option<Chosen>,
    /// One sentence for each rule that was tried.
    pub explanation: Vec<String>,
}

/// An id that a user chose.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The id as the variable has it.
    pub id: SessionId,
    /// The session of a harness that acts under it; `None` for a caller outside of any.
    pub by: Option<HarnessUse>,
}

/// Returns the names of all variables that identity depends on.
pub fn variables() -> Vec<&'static str> {
    let harness = HARNESSES.iter().map(|h| h.variable);
    let ci = CIS
        .iter()
        .flat_map(|ci| ci.parts.iter().copied().chain([ci.mark]));
    let ours = [SESSION_VAR, SESSION_OF_VAR].into_iter();
    ours.chain(harness).chain(ci).collect()
}

/// Returns true if the processes above are known as far as any rule needs: up to a harness and to
/// the one that set each variable of `env`.
pub fn is_enough(above: &[Ancestor], env: &BTreeMap<String, String>) -> bool {
    let has_harness = above
        .last()
        .is_some_and(|last| program::agent_of(last).is_none())
        && above
            .iter()
            .any(|process| program::agent_of(process).is_some());
    has_harness && is_settled(above, env)
}

/// Returns true if it is known which process set each variable of `env` that a rule asks about:
/// the nearest one that does not have it.
fn is_settled(above: &[Ancestor], env: &BTreeMap<String, String>) -> bool {
    let decides = |name: &str| {
        let is_ours = [SESSION_VAR, SESSION_OF_VAR].contains(&name);
        is_ours || HARNESSES.iter().any(|harness| harness.variable == name)
    };
    env.iter().all(|(name, value)| {
        !decides(name) || above.iter().any(|process| !process.has(name, value))
    })
}

/// Returns true if a rule asks which variables a process has that is above those in `below`.
pub fn needs_variables(
    below: &[Ancestor],
    process: &Ancestor,
    env: &BTreeMap<String, String>,
) -> bool {
    !is_settled(below, env) || program::agent_of(process).is_some()
}

/// Returns true if the id depends on the processes above: what a harness set is inherited by all
/// that it starts.
pub fn needs_ancestors(flag: Option<&str>, env: &BTreeMap<String, String>) -> bool {
    let is_exported = env.contains_key(SESSION_OF_VAR);
    let is_chosen = flag.is_some() || env.contains_key(SESSION_VAR) && !is_exported;
    !is_chosen && HARNESSES.iter().any(|h| env.contains_key(h.variable))
}

/// Identifies the session. Fails if the id that a flag or a variable gives is not valid.
pub fn resolve(facts: &Facts) -> Result<Identity, TextError> {
    let mut explanation = Vec::new();
    if let Some(flag) = &facts.flag {
        explanation.push("--session is given: it is the session".to_owned());
        let id = SessionId::parse(flag)?;
        // Which session is said; who says it acts all the same.
        return facts.identity(id, Rule::Flag, facts.agent(), None, explanation);
    }
    explanation.push("--session is not given".to_owned());
    if let Some((value, process)) = facts.named() {
        explanation.push(format!("{SESSION_VAR} is set: it is the session"));
        let id = SessionId::parse(value)?;
        let chosen = facts.chosen(&id, || facts.acting_use());
        let agent = facts.agent();
        let me = facts.identity(id, Rule::Variable, agent, process, explanation)?;
        return Ok(Identity { chosen, ..me });
    }
    explanation.push(if facts.env.contains_key(SESSION_VAR) {
        format!("{SESSION_VAR} was exported for another agent's session")
    } else {
        format!("{SESSION_VAR} is not set")
    });
    if let Some(acting) = facts.innermost_harness(&mut explanation) {
        explanation.push(acting.why());
        let id = facts.label(Some(&acting.short_hash(facts)))?;
        let process = facts.process(acting.process, acting.role());
        let agent = Some(acting.agent);
        return facts.identity(id, Rule::Harness, agent, process, explanation);
    }
    explanation.push("no agent harness is in the environment".to_owned());
    for ci in CIS.iter().filter(|ci| facts.env.contains_key(ci.mark)) {
        let parts: Vec<&str> = ci
            .parts
            .iter()
            .filter_map(|part| facts.env.get(*part).map(String::as_str))
            .collect();
        if parts.len() != ci.parts.len() {
            explanation.push(format!("{} is set, but not what names its job", ci.mark));
            continue;
        }
        explanation.push(format!(
            "{} is set: the {} job is the session",
            ci.mark, ci.agent
        ));
        // Steps run in containers with other users and hosts, and each in a shell of its own.
        let id = SessionId::parse(&harmless_name(
            &format!("{}-{}", ci.agent, parts.join("-")),
            PART_BYTES_MAX,
        ))?;
        return facts.identity(id, Rule::Ci, Some(ci.agent.to_owned()), None, explanation);
    }
    explanation.push("no CI job is in the environment: the person is the session".to_owned());
    let terminal = facts.terminal.clone();
    facts.identity(
        facts.label(None)?,
        Rule::Person,
        None,
        terminal,
        explanation,
    )
}

/// Returns the name of a harness or CI system that this program knows.
pub fn known_agent(name: &str) -> Option<&'static str> {
    let harnesses = HARNESSES.iter().map(|known| known.agent);
    let all = harnesses
        .chain(PROGRAMS.iter().map(|known| known.agent))
        .chain(CIS.iter().map(|known| known.agent));
    all.into_iter().find(|known| *known == name)
}

/// Returns what lets a job of this CI system push: a phrase that follows "it needs".
pub fn right_of(ci: &str) -> Option<&'static str> {
    let found = CIS.iter().find(|known| known.agent == ci)?;
    Some(found.right)
}

/// Returns the first digits of the hash of a text.
fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..SUFFIX_HEX_DIGITS].to_owned()
}

impl Ancestor {
    /// Returns true if the process has this variable with this value.
    fn has(&self, variable: &str, value: &str) -> bool {
        let set = self.env.as_ref().and_then(|env| env.get(variable));
        set.is_some_and(|set| set == value)
    }
}

impl Facts {
    /// Returns `user@host`, or `user@host@suffix`.
    fn label(&self, suffix: Option<&str>) -> Result<SessionId, TextError> {
        let part = |text: &str| harmless_name(text, PART_BYTES_MAX);
        let mut label = format!("{}@{}", part(&self.user), part(&self.host));
        if let Some(suffix) = suffix {
            label.push('@');
            label.push_str(&part(suffix));
        }
        SessionId::parse(&label)
    }

    /// Returns the name of the innermost agent.
    fn agent(&self) -> Option<String> {
        Some(self.innermost_harness(&mut Vec::new())?.agent)
    }

    /// Returns the process of a session whose id the user chose: `run`, if that chose the id. The
    /// session goes on when a harness that uses it ends.
    fn process_of_a_chosen_session(&self) -> Option<Process> {
        let (_, setter) = self.setter_of(SESSION_VAR)?;
        if setter?.name == OWN_NAME {
            return self.process(setter, ProcessRole::Program);
        }
        let harness = self.innermost_harness(&mut Vec::new())?;
        self.process(harness.process, ProcessRole::Caller)
    }

    /// Returns a text that identifies a process until the next start of the machine.
    fn process_seed(&self, setter: Option<&Ancestor>) -> String {
        let boot = self.boot_id.as_deref().unwrap_or_default();
        match setter {
            Some(a) => format!("{boot} {} {}", a.pid, a.since_boot_millis),
            None => boot.to_owned(),
        }
    }

    /// Returns a process above as the one that a session is known by.
    fn process(&self, process: Option<&Ancestor>, role: ProcessRole) -> Option<Process> {
        let process = process?;
        Some(Process {
            pid: process.pid,
            started_at: process.started_at,
            host_id: self.host_id.clone(),
            boot_id: self.boot_id.clone()?,
            role,
        })
    }

    /// Builds the identity.
    fn identity(
        &self,
        id: SessionId,
        rule: Rule,
        agent: Option<String>,
        process: Option<Process>,
        explanation: Vec<String>,
    ) -> Result<Identity, TextError> {
        Ok(Identity {
            id,
            rule,
            agent,
            user: harmless_name(&self.user, PART_BYTES_MAX),
            host: harmless_name(&self.host, PART_BYTES_MAX),
            process,
            chosen: None,
            explanation,
        })
    }
}

#[cfg(test)]
mod tests;
