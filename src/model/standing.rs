//! Which of several statements about a resource counts.
//!
//! Owns [`Said`], [`Standing`] and the rule: the newest statement that has not ended counts, by its
//! time and then by its session, so that every clone that has the same records gives the same
//! answer. A `frozen` is ended by the session that said it, or by a statement that names it; what
//! others say meanwhile does not hide it, and each is ended by itself. Owns as well which
//! statements are needed ([`needed`]). Never reads a ref or a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::actor::Actor;
use super::claim::Mode;
use super::holding::{Holding, Whereabouts};
use super::id::{NodeId, SessionId};
use super::session::Session;
use super::state::Statement;
use super::text::Purpose;
use super::time::Timestamp;

/// A statement with the session that made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// The session.
    pub by: Actor,
    /// What it said.
    pub statement: Statement,
}

/// The statement about a resource that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// It.
    pub said: Said,
    /// What other sessions have frozen as well, the newest first.
    pub also_frozen: Vec<Said>,
    /// The others that have not ended, the newest first.
    pub superseded: Vec<Said>,
}

impl Said {
    /// Returns all that a session has said.
    pub fn all_of(session: &Session) -> impl Iterator<Item = Self> {
        let said = |statement: &Statement| Self {
            by: session.who.clone(),
            statement: statement.clone(),
        };
        session.states.iter().map(said)
    }

    /// Returns what the statement is ordered by.
    fn order(&self) -> (Timestamp, &SessionId, NodeId) {
        (self.statement.at, &self.by.id, self.by.node)
    }

    fn is_frozen(&self) -> bool {
        self.statement.saying.word.is_frozen()
    }

    /// Returns true if it ends what `frozen` said.
    fn lifts(&self, frozen: &Self) -> bool {
        let mut lifts = self.statement.saying.lifts.iter();
        lifts.any(|one| one.by == frozen.by.id && one.at == frozen.statement.at)
    }

    /// Returns what the other sessions meet, as a claim that is for one session alone.
    fn as_holding(&self) -> Holding {
        let (by, saying) = (&self.by, &self.statement.saying);
        let purpose = saying.notes.clone();
        Holding {
            resource: saying.resource.clone(),
            session: by.id.clone(),
            node: by.node,
            user: by.user.clone(),
            host: by.host.clone(),
            agent: by.agent.clone(),
            purpose: purpose.unwrap_or_else(|| Purpose::from_record(saying.word.as_str())),
            mode: Mode::Frozen,
            claimed_at: self.statement.at,
            seen_at: self.statement.at,
            expires_at: self.statement.expires_at(),
            token: None,
            confirmed: true,
            // It outlives the process of its session.
            whereabouts: Arc::new(Whereabouts {
                folder: by.worktree.clone(),
                branch: by.branch.clone(),
                process: None,
            }),
            with: None,
            is_gone: false,
            runs: false,
        }
    }
}

/// Returns the statements that count at `now`, one for each resource, ordered by its label. A
/// resource that is cleared has one as well: it hides what came before it.
pub fn standings(all: impl IntoIterator<Item = Said>, now: Timestamp) -> Vec<Standing> {
    let about = by_resource(all);
    let standings = about
        .into_values()
        .filter_map(|all| Standing::of(&all, now));
    standings.collect()
}

/// Returns the sessions of which a statement is needed at `now`. These are, of each resource: all
/// that is frozen; all that lifts a `frozen` that would be in force without it; and of the others
/// the newest, which counts when nothing is frozen any more: if it says a state, or hides one.
pub fn needed(
    all: impl IntoIterator<Item = Said>,
    now: Timestamp,
) -> BTreeSet<(SessionId, NodeId)> {
    let mut needed = BTreeSet::new();
    let mut need = |said: &Said| needed.insert((said.by.id.clone(), said.by.node));
    for all in by_resource(all).into_values() {
        let freezes = |said: &&Said| said.is_frozen() && said.statement.is_live(now);
        let freezes: Vec<&Said> = all.iter().filter(freezes).collect();
        for said in &all {
            if freezes.iter().any(|frozen| said.lifts(frozen)) {
                need(said);
            }
        }
        if let Some(standing) = Standing::of(&all, now) {
            standing.needed().for_each(|said| {
                need(said);
            });
        }
    }
    needed
}

/// Returns the statements about each resource, by its label.
fn by_resource(all: impl IntoIterator<Item = Said>) -> BTreeMap<String, Vec<Said>> {
    let mut about: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    for said in all {
        let label = said.statement.saying.resource.label().to_owned();
        about.entry(label).or_default().push(said);
    }
    about
}

impl Standing {
    /// Returns which of the statements about one resource counts, if any has not ended.
    fn of(all: &[Said], now: Timestamp) -> Option<Self> {
        let live = all.iter().filter(|said| said.statement.is_live(now));
        let mut live: Vec<Said> = live.cloned().collect();
        live.sort_by(|a, b| b.order().cmp(&a.order()));
        // What has ended counts for nothing, but what it lifts stays lifted.
        let is_lifted = |one: &Said| all.iter().any(|said| said.lifts(one));
        let (freezes, others): (Vec<Said>, Vec<Said>) = live.into_iter().partition(Said::is_frozen);
        let (lifted, freezes): (Vec<Said>, Vec<Said>) = freezes.into_iter().partition(is_lifted);
        let (mut freezes, mut others) = (freezes.into_iter(), others.into_iter());
        let said = freezes.next().or_else(|| others.next())?;
        let mut superseded: Vec<Said> = others.chain(lifted).collect();
        superseded.sort_by(|a, b| b.order().cmp(&a.order()));
        Some(Self {
            said,
            also_frozen: freezes.collect(),
            superseded,
        })
    }

    /// Returns true if the resource is in a state; false if that was cleared.
    pub fn is_state(&self) -> bool {
        !self.said.statement.saying.word.is_cleared()
    }

    /// Returns all that is frozen, the newest first.
    fn freezes(&self) -> impl Iterator<Item = &Said> {
        let all = std::iter::once(&self.said).chain(&self.also_frozen);
        all.filter(|said| said.is_frozen())
    }

    /// Returns what is needed of it; see [`needed`].
    fn needed(&self) -> impl Iterator<Item = &Said> {
        let all = std::iter::once(&self.said).chain(&self.superseded);
        let mut others = all.filter(|said| !said.is_frozen());
        let (newest, next) = (others.next(), others.next());
        let says = |one: &&Said| next.is_some() || !one.statement.saying.word.is_cleared();
        self.freezes().chain(newest.filter(says))
    }

    /// Returns the claims that the statements are to other sessions, of those that are `frozen`.
    pub fn frozen(&self) -> impl Iterator<Item = Holding> {
        self.freezes().map(Said::as_holding)
    }
}

#[cfg(test)]
mod tests;
