//! The harness that acts, of all that are above.
//!
//! Owns how [`Facts::innermost_harness`] tells what a harness set itself from what it inherited
//! from another one, and which process is the harness. Never reads the world.

use super::harness::{HARNESSES, Harness, Value};
use super::{Ancestor, Facts, PART_BYTES_MAX, program, short_hash};
use crate::model::actor::ProcessRole;
use crate::model::text::harmless_name;

/// The harness that acts.
pub(super) struct Acting<'a> {
    /// The name of the agent.
    pub(super) agent: String,
    /// The harness's own session id, if its variable has it.
    pub(super) session: Option<&'a str>,
    /// The process of the harness, or the one that set its variable.
    pub(super) process: Option<&'a Ancestor>,
    /// Whether the process was found by its name.
    is_named: bool,
    /// The variable; `None` if only the program shows that it acts.
    variable: Option<&'static str>,
    /// How many processes are between.
    depth: usize,
}

impl Acting<'_> {
    /// Returns what the process says about the session.
    pub(super) fn role(&self) -> ProcessRole {
        match self.is_named {
            true => ProcessRole::Program,
            false => ProcessRole::Caller,
        }
    }

    /// Returns the last part of the session id.
    pub(super) fn short_hash(&self, facts: &Facts) -> String {
        let seed = match self.session {
            Some(session) => session.to_owned(),
            None => facts.process_seed(self.process),
        };
        short_hash(&format!("{}\0{seed}", self.agent))
    }

    /// Returns the sentence that explains the choice.
    pub(super) fn why(&self) -> String {
        let (agent, depth) = (&self.agent, self.depth);
        match self.variable {
            Some(variable) => format!("{variable} wins: {agent} set it {depth} process(es) above"),
            None => format!("{agent} runs {depth} process(es) above, inside any other agent"),
        }
    }
}

/// Returns the name of the agent that set a variable.
pub(super) fn agent_name(harness: &Harness, value: &str) -> String {
    match harness.value {
        // `AI_AGENT=name@version`
        Value::Name => harmless_name(value.split('@').next().unwrap_or(value), PART_BYTES_MAX),
        Value::Id | Value::Mark => harness.agent.to_owned(),
    }
}

impl Facts {
    /// Returns how many processes above inherited the value of a variable, and the process that
    /// set it: the nearest one that does not have it in its own environment.
    pub(super) fn setter_of(&self, variable: &str) -> Option<(usize, Option<&Ancestor>)> {
        let value = self.env.get(variable)?;
        let has = |process: &&Ancestor| process.has(variable, value);
        let depth = self.ancestors.iter().take_while(has).count();
        let setter = self.ancestors.get(depth).or(self.ancestors.last());
        Some((depth, setter))
    }

    /// Returns the harness that is nearest.
    pub(super) fn innermost_harness(&self, explanation: &mut Vec<String>) -> Option<Acting<'_>> {
        let mut best: Option<Acting<'_>> = None;
        for harness in &HARNESSES {
            let Some(found) = self.acting(harness, explanation) else {
                continue;
            };
            let is_nearer = |best: &Acting<'_>| found.depth < best.depth;
            if best.as_ref().is_none_or(is_nearer) {
                best = Some(found);
            }
        }
        // A harness that set nothing of its own.
        let named = self.ancestors.iter().enumerate();
        let nearest = named
            .filter_map(|(depth, process)| Some((depth, process, program::agent_of(process)?)))
            .next();
        let is_inside = |depth| {
            best.as_ref()
                .is_some_and(|best| depth < best.process_depth(&self.ancestors))
        };
        if let Some((depth, process, agent)) = nearest.filter(|(depth, ..)| is_inside(*depth)) {
            return Some(Acting {
                agent: agent.to_owned(),
                session: None,
                process: Some(process),
                is_named: true,
                variable: None,
                depth,
            });
        }
        best
    }

    /// Returns what is known of a harness by its variable; `None` if it is not set.
    fn acting(
        &self,
        harness: &'static Harness,
        explanation: &mut Vec<String>,
    ) -> Option<Acting<'_>> {
        let value = self.env.get(harness.variable)?;
        let (depth, setter) = self.setter_of(harness.variable)?;
        let agent = agent_name(harness, value);
        let by = setter.map_or_else(String::new, |setter| {
            let name = harmless_name(&setter.name, PART_BYTES_MAX);
            format!(", set by {name} (pid {})", setter.pid)
        });
        explanation.push(format!("{} is set{by}", harness.variable));
        // One program of a harness may start the next: both are the harness.
        let runs_here = |process: &&Ancestor| program::agent_of(process) == Some(&*agent);
        let above = self.ancestors.get(depth..).unwrap_or_default();
        let below = self.ancestors.get(..depth).unwrap_or_default();
        let started = below.iter().rev().take_while(runs_here).count();
        let is_harness = above.first().is_some_and(|setter| runs_here(&setter));
        let named = match (is_harness, started) {
            (true, 1..) => self.ancestors.get(depth - started),
            _ => above.iter().find(runs_here),
        };
        Some(Acting {
            session: matches!(harness.value, Value::Id).then_some(value.as_str()),
            process: named.or(setter),
            is_named: named.is_some(),
            variable: Some(harness.variable),
            agent,
            depth,
        })
    }
}

impl Acting<'_> {
    /// Returns the position of its process; the end if it is not known.
    fn process_depth(&self, above: &[Ancestor]) -> usize {
        let is_it = |other: &Ancestor| {
            let process = self.process;
            process.is_some_and(|process| process.pid == other.pid)
        };
        above.iter().position(is_it).unwrap_or(above.len())
    }
}
