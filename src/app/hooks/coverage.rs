//! What a command line would change, here and now.
//!
//! Owns how the verdict on it meets the claims on the board. Never decides what is done about it.

use crate::guard::{Class, Part, Verdict};
use crate::model::holding::Holding;
use crate::model::resource::Resource;

/// A command that changes something, and who claims that.
#[derive(Debug)]
pub struct Mutation {
    /// The program: `kubectl`.
    pub tool: String,
    pub resources: Vec<Resource>,
    /// Resources that this session does not claim; empty where it is not known what is changed.
    pub unclaimed: Vec<Resource>,
    /// Whether this session claims all of it.
    pub covered: bool,
    /// Claims of others on it.
    pub others: Vec<Holding>,
    /// Those of them that came before mine, or that hold it alone.
    pub first: Vec<Holding>,
}

/// The commands of a line that change something, with who claims it.
pub fn coverage_of(verdict: &Verdict, mine: &[Holding], others: &[Holding]) -> Vec<Mutation> {
    let mutating = |part: &&Part| part.class == Class::Mutating;
    let parts = verdict.parts.iter().filter(mutating);
    parts.map(|part| mutation(part, mine, others)).collect()
}

fn mutation(part: &Part, mine: &[Holding], others: &[Holding]) -> Mutation {
    let own = |resource: &Resource| mine.iter().find(|own| own.resource.overlaps(resource));
    let is_mine = |resource: &Resource| own(resource).is_some();
    // Who claims what encloses it, claims it.
    let encloses = part.covered || part.within.iter().any(is_mine);
    let unclaimed = part.resources.iter().filter(|r| !encloses && !is_mine(r));
    let unclaimed: Vec<Resource> = unclaimed.cloned().collect();
    let touched = || part.resources.iter().chain(&part.within);
    let mut all: Vec<Holding> = Vec::new();
    let mut first: Vec<Holding> = Vec::new();
    for other in others {
        let Some(at) = touched().find(|resource| other.resource.overlaps(resource)) else {
            continue;
        };
        let order = |held: &Holding| (held.claimed_at, held.session.clone());
        let came_later = own(at).is_some_and(|own| order(own) < order(other));
        if other.token.is_some() || !came_later {
            first.push(other.clone());
        }
        all.push(other.clone());
    }
    let is_named = !part.resources.is_empty();
    let covered = match is_named {
        true => unclaimed.is_empty(),
        false => encloses || !mine.is_empty(),
    };
    Mutation {
        tool: part.program.clone(),
        resources: part.resources.clone(),
        unclaimed,
        covered,
        others: all,
        first,
    }
}
