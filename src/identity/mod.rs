//! Who am I.
//!
//! Owns the order of the rules (a flag, our own variable, the harness, the CI job, the person),
//! how an inherited variable is told from one's own, and the explanation of the choice. A pure
//! function over values that `host` read. Never reads the world.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]

mod harness;
mod harness_session;

use std::collections::BTreeMap;

pub use harness::ONE_SESSION_A_PROCESS;
use harness::{CIS, HARNESSES, Harness, Value};
pub use harness_session::{HarnessSession, is_anchored, resolve_harness_session};

use crate::model::actor::Process;
use crate::model::id::SessionId;
use crate::model::text::{TextError, harmless};
use crate::model::time::Timestamp;

/// Our own variable.
pub const SESSION_VAR: &str = "GIT_PRESENCE_SESSION";
/// For which session of a harness one of our hooks exported it: `<agent>:<its session>`. What an
/// agent inherits from another one's shell is not its own.
pub const SESSION_OF_VAR: &str = "GIT_PRESENCE_SESSION_OF";

/// What this program is called in a list of processes.
const OWN_NAME: &str = "git-presence";

const PART_BYTES_MAX: usize = 64;
const SUFFIX_HEX_DIGITS: usize = 8;

/// A process above this one.
#[derive(Clone, Debug)]
pub struct Ancestor {
    pub pid: u32,
    pub name: String,
    pub started_at: Timestamp,
    /// The variables that matter here; `None` where it may not be read.
    pub env: Option<BTreeMap<String, String>>,
}

/// Everything that identity is decided on.
#[derive(Clone, Debug)]
pub struct Facts {
    pub flag: Option<String>,
    pub env: BTreeMap<String, String>,
    pub user: String,
    pub host: String,
    pub host_id: String,
    pub boot_id: Option<String>,
    pub ancestors: Vec<Ancestor>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Flag,
    Variable,
    Harness,
    Ci,
    Person,
}

impl Rule {
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

/// Who acts, by which rule, and why.
#[derive(Clone, Debug)]
pub struct Identity {
    pub id: SessionId,
    pub rule: Rule,
    pub agent: Option<String>,
    pub user: String,
    pub host: String,
    /// The process that the session ends with, where there is one: others may take over what it
    /// holds alone once that is gone. A person, and an id that somebody chose, have none.
    pub process: Option<Process>,
    /// One sentence a rule: what was looked at, and which one won.
    pub explanation: Vec<String>,
}

/// All variables that identity looks at.
pub fn variables() -> Vec<&'static str> {
    let harness = HARNESSES.iter().map(|h| h.variable);
    let ci = CIS
        .iter()
        .flat_map(|ci| ci.parts.iter().copied().chain([ci.mark]));
    let ours = [SESSION_VAR, SESSION_OF_VAR].into_iter();
    ours.chain(harness).chain(ci).collect()
}

/// Whether the processes above are known as far as any rule looks: up to the one that set each of
/// `variables`.
pub fn is_enough(above: &[Ancestor], variables: &[&str]) -> bool {
    let lacks = |ancestor: &Ancestor, variable: &str| {
        let env = ancestor.env.as_ref();
        env.is_none_or(|env| !env.contains_key(variable))
    };
    let is_settled = |variable: &&str| above.iter().any(|ancestor| lacks(ancestor, variable));
    variables.iter().all(is_settled)
}

/// Whether the id itself depends on the processes above: several harnesses may be inherited, and
/// a mark stands for its process.
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
    explanation.push(match facts.env.contains_key(SESSION_VAR) {
        true => format!("{SESSION_VAR} was exported for another agent's session"),
        false => format!("{SESSION_VAR} is not set"),
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

fn agent_name(harness: &Harness, value: &str) -> String {
    match harness.value {
        // `AI_AGENT=name@version`
        Value::Name => harmless(value.split('@').next().unwrap_or(value), PART_BYTES_MAX),
        Value::Id | Value::Mark => harness.agent.to_owned(),
    }
}

fn short_hash(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..SUFFIX_HEX_DIGITS].to_owned()
}

impl Facts {
    /// `user@host`, or `user@host@suffix`.
    fn label(&self, suffix: Option<&str>) -> Result<SessionId, TextError> {
        let part = |text: &str| harmless(text, PART_BYTES_MAX);
        let mut label = format!("{}@{}", part(&self.user), part(&self.host));
        if let Some(suffix) = suffix {
            label.push('@');
            label.push_str(&part(suffix));
        }
        SessionId::parse(&label)
    }

    /// How many processes above inherited the variable, and the one that set it: the nearest
    /// that does not have it itself.
    fn setter_of(&self, variable: &str) -> (usize, Option<&Ancestor>) {
        let has = |ancestor: &&Ancestor| {
            let env = ancestor.env.as_ref();
            env.is_some_and(|env| env.contains_key(variable))
        };
        let depth = self.ancestors.iter().take_while(has).count();
        let setter = self.ancestors.get(depth).or(self.ancestors.last());
        (depth, setter)
    }

    /// Of all harnesses whose variables were inherited, the one that set its variable last.
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
                    harmless(&a.name, PART_BYTES_MAX),
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

    fn agent(&self) -> Option<String> {
        let (harness, ..) = self.innermost_harness(&mut Vec::new())?;
        Some(agent_name(harness, &self.env[harness.variable]))
    }

    /// Whoever chooses an id can choose it again, in another process: it ends with none, unless
    /// `run` chose it, or with the harness that it is used in.
    fn process_of_a_chosen_session(&self) -> Option<&Ancestor> {
        let setter = self.setter_of(SESSION_VAR).1;
        let harness = self.innermost_harness(&mut Vec::new());
        setter
            .filter(|setter| setter.name == OWN_NAME)
            .or(harness.and_then(|(_, _, setter)| setter))
    }

    fn process_seed(&self, setter: Option<&Ancestor>) -> String {
        let boot = self.boot_id.as_deref().unwrap_or_default();
        match setter {
            Some(a) => format!("{boot} {} {}", a.pid, a.started_at.as_millis() / 1000),
            None => boot.to_owned(),
        }
    }

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
            user: harmless(&self.user, PART_BYTES_MAX),
            host: harmless(&self.host, PART_BYTES_MAX),
            process,
            explanation,
        })
    }
}

#[cfg(test)]
mod tests;
