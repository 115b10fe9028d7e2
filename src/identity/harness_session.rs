//! Sessions that a harness names in the payload of a hook.
//!
//! [`HarnessSession`] owns which session and which process that is, so that a hook and a command of
//! the same agent act as one session; and when `GIT_PRESENCE_SESSION` was meant for another agent.
//! Never reads the world.

use super::acting::Acting;
use super::harness::HARNESSES;
use super::{
    Ancestor, Chosen, Facts, Identity, Rule, SESSION_OF_VAR, SESSION_VAR, program, short_hash,
};
use crate::model::actor::{Process, ProcessRole};
use crate::model::id::SessionId;
use crate::model::shared_id::{HarnessUse, may_be_shared};
use crate::model::text::TextError;

/// Programs between a harness and a hook, which end together with the hook.
const BETWEEN: [&str; 12] = [
    "sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "busybox", "env", "timeout", "git", "sudo",
];

/// What a harness says about its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HarnessSession {
    /// Name of the agent.
    pub agent: &'static str,
    /// The harness's id of the session. `None` if its commands are not told that id; the process of
    /// the harness then stands for the session.
    pub session: Option<String>,
}

/// Returns true if the process of the harness is among `above`.
pub fn is_anchored(above: &[Ancestor]) -> bool {
    above.iter().any(outlives_a_hook)
}

/// Returns true if a process goes on after the hook.
fn outlives_a_hook(ancestor: &Ancestor) -> bool {
    !BETWEEN.contains(&ancestor.name.as_str())
}

/// Identifies a session that a harness names. Fails if the id that a variable gives is not valid.
pub fn resolve_harness_session(
    facts: &Facts,
    named: &HarnessSession,
) -> Result<Identity, TextError> {
    let agent = Some(named.agent.to_owned());
    let (process, role) = facts.process_of(named.agent);
    let own = facts.env.get(SESSION_VAR);
    let seed = match &named.session {
        Some(session) => session.clone(),
        None => facts.process_seed(process),
    };
    let key = short_hash(&format!("{}\0{seed}", named.agent));
    if let Some(value) = own.filter(|_| !facts.env.contains_key(SESSION_OF_VAR)) {
        let explanation = vec![format!("{SESSION_VAR} is set: it is the session")];
        let id = SessionId::parse(value)?;
        let its = facts.process(process, role);
        let is_known_by_process = named.session.is_none() || is_known_twice(named.agent);
        let chosen = facts.chosen(&id, || {
            Some(HarnessUse {
                key,
                agent: named.agent.to_owned(),
                process: its,
                is_known_by_process,
            })
        });
        // It goes on when the harness ends.
        let process = facts.process(process, ProcessRole::Caller);
        let me = facts.identity(id, Rule::Variable, agent, process, explanation)?;
        return Ok(Identity { chosen, ..me });
    }
    let id = facts.label(Some(&key))?;
    let explanation = vec![format!("{} says which session it is", named.agent)];
    let process = facts.process(process, role);
    facts.identity(id, Rule::Harness, agent, process, explanation)
}

impl Facts {
    /// Returns the process of a harness that called a hook: by its name, or else the one that set
    /// its variable, or else the nearest one that outlives the hook.
    fn process_of(&self, agent: &str) -> (Option<&Ancestor>, ProcessRole) {
        if let Some(position) = program::position_of(&self.ancestors, agent) {
            return (self.ancestors.get(position), ProcessRole::Program);
        }
        let mut own = HARNESSES.iter().filter(|h| h.agent == agent);
        let setter = own.find_map(|harness| self.setter_of(harness.variable)?.1);
        let nearest = || self.ancestors.iter().find(|above| outlives_a_hook(above));
        (setter.or_else(nearest), ProcessRole::Caller)
    }

    /// Returns the session that the environment names, and the process that stands for it. A value
    /// that a hook exported counts only for the agent for which it was exported, not for an agent
    /// that this one started.
    pub(super) fn named(&self) -> Option<(&String, Option<Process>)> {
        let value = self.env.get(SESSION_VAR)?;
        let Some(of) = self.env.get(SESSION_OF_VAR) else {
            return Some((value, self.process_of_a_chosen_session()));
        };
        let acting = self.innermost_harness(&mut Vec::new())?;
        let is_its = match acting.session {
            Some(session) => *of == format!("{}:{session}", acting.agent),
            None => of.split(':').next() == Some(&acting.agent) && !self.is_inherited(&acting),
        };
        is_its.then(|| (value, self.process(acting.process, acting.role())))
    }

    /// Returns the id as one that the user chose; `None` if it is of one session anyway. `by` says
    /// which session of a harness acts.
    pub(super) fn chosen(
        &self,
        id: &SessionId,
        by: impl FnOnce() -> Option<HarnessUse>,
    ) -> Option<Chosen> {
        let is_exported = self.env.contains_key(SESSION_OF_VAR);
        (!is_exported && may_be_shared(id)).then(|| Chosen {
            id: id.clone(),
            by: by(),
        })
    }

    /// Returns the session of a harness that acts, by what the environment has of it. A harness
    /// that set nothing may be around a person's terminal.
    pub(super) fn acting_use(&self) -> Option<HarnessUse> {
        let mut variables = HARNESSES.iter().map(|harness| harness.variable);
        if !variables.any(|variable| self.env.contains_key(variable)) {
            return None;
        }
        let acting = self.innermost_harness(&mut Vec::new())?;
        Some(HarnessUse {
            key: acting.short_hash(self),
            is_known_by_process: acting.session.is_none() || is_known_twice(&acting.agent),
            process: self.process(acting.process, acting.role()),
            agent: acting.agent,
        })
    }

    /// Returns true if the process of the harness itself has what a hook exported: another one
    /// started it.
    fn is_inherited(&self, acting: &Acting<'_>) -> bool {
        let of = self.env.get(SESSION_OF_VAR);
        let both = acting.process.zip(of);
        both.is_some_and(|(process, of)| process.has(SESSION_OF_VAR, of))
    }
}

/// Returns true if the id that a harness names to its hooks is not the one that its commands have.
fn is_known_twice(agent: &str) -> bool {
    agent == "cursor"
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ancestor, facts};
    use super::*;

    fn stated(agent: &'static str, session: Option<&str>) -> HarnessSession {
        HarnessSession {
            agent,
            session: session.map(str::to_owned),
        }
    }

    fn pid(me: &Identity) -> Option<u32> {
        me.process.as_ref().map(|process| process.pid)
    }

    #[test]
    fn a_hook_and_a_command_of_one_agent_are_one_session() {
        let id = ("CLAUDE_CODE_SESSION_ID", "5f0c");
        let hook = facts(
            &[id],
            vec![ancestor(9, "sh", &[id]), ancestor(8, "claude", &[])],
        );
        let hook = resolve_harness_session(&hook, &stated("claude-code", Some("5f0c"))).unwrap();
        let exported = [
            id,
            (SESSION_VAR, hook.id.as_str()),
            (SESSION_OF_VAR, "claude-code:5f0c"),
        ];
        let shell = vec![ancestor(7, "bash", &[id]), ancestor(8, "claude", &[])];
        for env in [&exported[..1], &exported] {
            let command = super::super::resolve(&facts(env, shell.clone())).unwrap();
            assert_eq!(command.id, hook.id);
            assert_eq!(command.agent, hook.agent);
            assert_eq!((pid(&command), pid(&hook)), (Some(8), Some(8)));
        }
    }

    #[test]
    fn what_another_agent_exported_is_not_mine() {
        let outer = [
            ("CLAUDE_CODE_SESSION_ID", "5f0c"),
            (SESSION_VAR, "outer"),
            (SESSION_OF_VAR, "claude-code:5f0c"),
        ];
        let inner = [&outer[..], &[("CODEX_THREAD_ID", "0199")]].concat();
        let ancestors = vec![ancestor(9, "codex", &outer), ancestor(8, "claude", &[])];
        let me = super::super::resolve(&facts(&inner, ancestors)).unwrap();
        assert_eq!(
            (me.rule, me.agent.as_deref()),
            (Rule::Harness, Some("codex"))
        );
        let again = facts(&outer, vec![ancestor(9, "claude", &outer)]);
        let me = resolve_harness_session(&again, &stated("claude-code", Some("new"))).unwrap();
        assert_ne!(me.id.as_str(), "outer");
        // An id that the user chose counts for every process below.
        let chosen = facts(&[(SESSION_VAR, "mine")], Vec::new());
        let me = resolve_harness_session(&chosen, &stated("codex", Some("0199"))).unwrap();
        assert_eq!((me.id.as_str(), me.rule), ("mine", Rule::Variable));
    }

    #[test]
    fn where_commands_are_not_told_the_process_stands_for_the_session() {
        let mark = ("GEMINI_CLI", "1");
        let command = facts(
            &[mark],
            vec![ancestor(9, "bash", &[mark]), ancestor(8, "node", &[])],
        );
        let command = super::super::resolve(&command).unwrap();
        let hook = facts(&[], vec![ancestor(7, "sh", &[]), ancestor(8, "node", &[])]);
        let hook = resolve_harness_session(&hook, &stated("gemini-cli", None)).unwrap();
        assert_eq!((&command.id, pid(&command)), (&hook.id, pid(&hook)));
    }
}
