//! Identity of a session.
//!
//! [`resolve`] owns the order of the rules (a flag, our own variable, the harness, the CI job, the
//! person), how an inherited variable is told from one's own, and the explanation of the choice. A
//! pure function over values that `host` read. Never reads the world.

mod harness;
mod harness_session;

use std::collections::BTreeMap;

pub use harness::ONE_SESSION_A_PROCESS;
use harness::{CIS, HARNESSES, Harness, Value};
pub use harness_session::{HarnessSession, is_anchored, resolve_harness_session};

use crate::model::actor::Process;
use crate::model::id::SessionId;
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
    /// Start time, as precise as the kernel reports it.
    pub started_at: Timestamp,
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
    /// The process that the session ends with. Once it is dead, other sessions may take over its
    /// exclusive claims. A person has none, and neither has a session whose id the user chose.
    pub process: Option<Process>,
    /// One sentence for each rule that was tried.
    pub explanation: Vec<String>,
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

/// Returns true if the processes above are known as far as any rule needs: up to the one that set
/// each of `variables`.
pub fn is_enough(above: &[Ancestor], variables: &[&str]) -> bool {
    let lacks = |ancestor: &Ancestor, variable: &str| {
        let env = ancestor.env.as_ref();
        env.is_none_or(|env| !env.contains_key(variable))
    };
    let is_settled = |variable: &&str| above.iter().any(|ancestor| lacks(ancestor, variable));
    variables.iter().all(is_settled)
}

/// Returns true if the id depends on the processes above: several harnesses may be inherited, and a
/// mark stands for its process.
pub fn needs_ancestors(flag: Option<&str>, env: &BTreeMap<String, String>) -> bool {
    let is_exported = env.contains_key(SESSION_OF_VAR);
    if flag.is_some() || env.contains_key(SESSION_VAR) && !is_exported {
        return false;
    }
    let mut set = HARNESSES.iter().filter(|h| env.contains_key(h.variable));
    match (set.next(), set.next()) {
        (None, _) => false,
        (Some(only), None) => !matches!(only.value, Value::Id),
        _ => true,
    }
}

/// Identifies the session. Fails if the id that a flag or a variable gives is not valid.
pub fn resolve(facts: &Facts) -> Result<Identity, TextError> {
    let mut explanation = Vec::new();
    if let Some(flag) = &facts.flag {
        explanation.push("--session is given: it is the session".to_owned());
        return facts.identity(SessionId::parse(flag)?, Rule::Flag, None, None, explanation);
    }
    explanation.push("--session is not given".to_owned());
    if let Some((value, process)) = facts.named() {
        explanation.push(format!("{SESSION_VAR} is set: it is the session"));
        let id = SessionId::parse(value)?;
        return facts.identity(id, Rule::Variable, facts.agent(), process, explanation);
    }
    explanation.push(if facts.env.contains_key(SESSION_VAR) {
        format!("{SESSION_VAR} was exported for another agent's session")
    } else {
        format!("{SESSION_VAR} is not set")
    });
    if let Some((harness, depth, setter)) = facts.innermost_harness(&mut explanation) {
        let value = &facts.env[harness.variable];
        let agent = agent_name(harness, value);
        explanation.push(format!(
            "{} wins: {agent} set it {depth} process(es) above",
            harness.variable
        ));
        let seed = match harness.value {
            Value::Id => value.clone(),
            Value::Mark | Value::Name => facts.process_seed(setter),
        };
        let id = facts.label(Some(&short_hash(&format!("{agent}\0{seed}"))))?;
        return facts.identity(id, Rule::Harness, Some(agent), setter, explanation);
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
        let id = facts.label(Some(&format!("{}-{}", ci.agent, parts.join("-"))))?;
        let setter = facts.setter_of(ci.mark).1;
        return facts.identity(id, Rule::Ci, Some(ci.agent.to_owned()), setter, explanation);
    }
    explanation.push("no CI job is in the environment: the person is the session".to_owned());
    facts.identity(facts.label(None)?, Rule::Person, None, None, explanation)
}

/// Returns the name of the agent that set a variable.
fn agent_name(harness: &Harness, value: &str) -> String {
    match harness.value {
        // `AI_AGENT=name@version`
        Value::Name => harmless_name(value.split('@').next().unwrap_or(value), PART_BYTES_MAX),
        Value::Id | Value::Mark => harness.agent.to_owned(),
    }
}

/// Returns the first digits of the hash of a text.
fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..SUFFIX_HEX_DIGITS].to_owned()
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

    /// Returns how many processes above inherited a variable, and the process that set it: the
    /// nearest one that does not have it in its own environment.
    fn setter_of(&self, variable: &str) -> (usize, Option<&Ancestor>) {
        let has = |ancestor: &&Ancestor| {
            let env = ancestor.env.as_ref();
            env.is_some_and(|env| env.contains_key(variable))
        };
        let depth = self.ancestors.iter().take_while(has).count();
        let setter = self.ancestors.get(depth).or(self.ancestors.last());
        (depth, setter)
    }

    /// Returns the harness that set its variable last.
    fn innermost_harness(
        &self,
        explanation: &mut Vec<String>,
    ) -> Option<(&'static Harness, usize, Option<&Ancestor>)> {
        let mut best: Option<(&Harness, usize, Option<&Ancestor>)> = None;
        for harness in &HARNESSES {
            if !self.env.contains_key(harness.variable) {
                continue;
            }
            let (depth, setter) = self.setter_of(harness.variable);
            let by = setter.map_or_else(String::new, |a| {
                format!(
                    ", set by {} (pid {})",
                    harmless_name(&a.name, PART_BYTES_MAX),
                    a.pid
                )
            });
            explanation.push(format!("{} is set{by}", harness.variable));
            if best.is_none_or(|(_, nearest, _)| depth < nearest) {
                best = Some((harness, depth, setter));
            }
        }
        best
    }

    /// Returns the name of the innermost agent.
    fn agent(&self) -> Option<String> {
        let (harness, ..) = self.innermost_harness(&mut Vec::new())?;
        Some(agent_name(harness, &self.env[harness.variable]))
    }

    /// Returns the process that a session with a chosen id ends with: `run`, if that chose the id,
    /// or the harness that uses it. The user can choose the same id again in another process, so
    /// others have none.
    fn process_of_a_chosen_session(&self) -> Option<&Ancestor> {
        let setter = self.setter_of(SESSION_VAR).1;
        let harness = self.innermost_harness(&mut Vec::new());
        setter
            .filter(|setter| setter.name == OWN_NAME)
            .or(harness.and_then(|(_, _, setter)| setter))
    }

    /// Returns a text that identifies a process until the next start of the machine.
    fn process_seed(&self, setter: Option<&Ancestor>) -> String {
        let boot = self.boot_id.as_deref().unwrap_or_default();
        match setter {
            Some(a) => format!("{boot} {} {}", a.pid, a.started_at.as_millis() / 1000),
            None => boot.to_owned(),
        }
    }

    /// Builds the identity.
    fn identity(
        &self,
        id: SessionId,
        rule: Rule,
        agent: Option<String>,
        process: Option<&Ancestor>,
        explanation: Vec<String>,
    ) -> Result<Identity, TextError> {
        let process = match (process, &self.boot_id) {
            (Some(process), Some(boot_id)) => Some(Process {
                pid: process.pid,
                started_at: process.started_at,
                host_id: self.host_id.clone(),
                boot_id: boot_id.clone(),
            }),
            _ => None,
        };
        Ok(Identity {
            id,
            rule,
            agent,
            user: harmless_name(&self.user, PART_BYTES_MAX),
            host: harmless_name(&self.host, PART_BYTES_MAX),
            process,
            explanation,
        })
    }
}

#[cfg(test)]
mod tests;
