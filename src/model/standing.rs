//! Which of several statements about a resource counts.
//!
//! Owns [`Said`], [`Standing`] and the rule: the newest statement that has not ended counts, by its
//! time and then by its session, so that every clone that has the same records gives the same
//! answer. A `frozen` is ended by the session that said it, or by a statement that is forced; what
//! others say meanwhile does not hide it. Never reads a ref or a clock.

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

    /// Returns true if it ends what `frozen` said.
    fn lifts(&self, frozen: &Self) -> bool {
        let is_of_it = self.by.id == frozen.by.id && self.by.node == frozen.by.node;
        self.order() > frozen.order() && (is_of_it || self.statement.saying.is_forced)
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
            is_gone: false,
        }
    }
}

/// Returns the statements that count at `now`, one for each resource, ordered by its label. A
/// resource that is cleared has one as well: it hides what came before it.
pub fn standings(all: impl IntoIterator<Item = Said>, now: Timestamp) -> Vec<Standing> {
    let live = all.into_iter().filter(|said| said.statement.is_live(now));
    let mut live: Vec<Said> = live.collect();
    let label = |said: &Said| said.statement.saying.resource.label().to_owned();
    live.sort_by(|a, b| {
        let by_label = label(a).cmp(&label(b));
        by_label.then_with(|| b.order().cmp(&a.order()))
    });
    let of_one = live.chunk_by(|a, b| a.statement.saying.resource == b.statement.saying.resource);
    of_one.filter_map(standing).collect()
}

/// Returns which of the statements about one resource counts; they are ordered, the newest first.
fn standing(all: &[Said]) -> Option<Standing> {
    let is_in_force = |frozen: &&Said| {
        let is_frozen = frozen.statement.saying.word.is_frozen();
        is_frozen && !all.iter().any(|later| later.lifts(frozen))
    };
    let counts = all.iter().find(is_in_force).or(all.first())?;
    let superseded = all.iter().filter(|said| !std::ptr::eq(*said, counts));
    Some(Standing {
        said: counts.clone(),
        superseded: superseded.cloned().collect(),
    })
}

impl Standing {
    /// Returns true if the resource is in a state; false if that was cleared.
    pub fn is_state(&self) -> bool {
        !self.said.statement.saying.word.is_cleared()
    }

    /// Returns the claim that the statement is to other sessions, if it is a `frozen`.
    pub fn frozen(&self) -> Option<Holding> {
        let is_frozen = self.said.statement.saying.word.is_frozen();
        is_frozen.then(|| self.said.as_holding())
    }

    /// Returns true if its record is needed: it says a state, or hides one.
    pub fn is_needed(&self) -> bool {
        self.is_state() || !self.superseded.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::resource::Resource;
    use crate::model::state::{LASTS_SECS, Saying, Word};
    use proptest::prelude::*;

    fn at(secs: u64) -> Timestamp {
        Timestamp::from_millis(1_763_719_200_000).plus_secs(secs)
    }

    /// Returns a statement from `<session> <word> <secs>`, with `!` at its end if it is forced.
    fn said(text: &str) -> Said {
        let mut words = text.split_whitespace();
        let mut next = || words.next().unwrap();
        let (session, word) = (next(), next());
        let secs = next();
        Said {
            by: Actor::example(session, 1),
            statement: Statement {
                saying: Saying {
                    resource: Resource::parse("service:web").unwrap(),
                    word: Word::parse(word).unwrap(),
                    version: None,
                    notes: None,
                    lasts_secs: LASTS_SECS,
                    is_forced: secs.ends_with('!'),
                },
                at: at(secs.trim_end_matches('!').parse().unwrap()),
            },
        }
    }

    fn counts(all: &[&str]) -> Option<String> {
        let standings = standings(all.iter().map(|one| said(one)), at(1000));
        assert!(standings.len() <= 1);
        let standing = standings.first()?;
        assert_eq!(standing.superseded.len() + 1, all.len());
        let said = &standing.said;
        let word = &said.statement.saying.word;
        Some(format!("{} {word}", said.by.id))
    }

    #[test]
    fn the_newest_statement_counts_and_a_freeze_until_it_is_lifted() {
        for (all, expected) in [
            (&["a built 1"][..], "a built"),
            (&["a built 1", "b deployed 2"], "b deployed"),
            (&["b deployed 2", "a built 3"], "a built"),
            // At one instant, the session decides.
            (&["b deployed 1", "a built 1"], "b deployed"),
            // What others say does not lift a freeze; what its session says does.
            (&["a frozen 1", "b deployed 2"], "a frozen"),
            (&["a frozen 1", "b cleared 2"], "a frozen"),
            (&["a frozen 1", "b cleared 2!"], "b cleared"),
            (&["a frozen 1", "b cleared 2!", "c built 3"], "c built"),
            (&["b cleared 2!", "a frozen 3"], "a frozen"),
            // Two freezes: each is lifted by itself.
            (&["a frozen 1", "b frozen 2"], "b frozen"),
            (&["a frozen 1", "b cleared 2"], "a frozen"),
            (&["a frozen 1", "b frozen 2", "c cleared 3!"], "c cleared"),
            (&["a frozen 3", "b frozen 2", "c cleared 2!"], "a frozen"),
            (&["a built 1", "b cleared 2"], "b cleared"),
        ] {
            assert_eq!(counts(all).as_deref(), Some(expected), "{all:?}");
        }
    }

    #[test]
    fn what_has_ended_counts_for_nothing() {
        let old = |text: &str| {
            let mut old = said(text);
            old.statement.saying.lasts_secs = 10;
            old
        };
        let newest_ended = [said("a built 1"), old("b degraded 2")];
        let standing = standings(newest_ended, at(100));
        assert_eq!(standing[0].said.by.id.as_str(), "a");
        assert!(standing[0].superseded.is_empty());
        assert!(standings([old("a frozen 1")], at(100)).is_empty());
    }

    #[test]
    fn a_freeze_is_a_claim_of_its_session_and_a_clear_is_kept_while_it_hides_something() {
        let one = |all: &[&str]| {
            let standings = standings(all.iter().map(|one| said(one)), at(1000));
            standings.into_iter().next().unwrap()
        };
        let frozen = one(&["a frozen 1"]).frozen().unwrap();
        assert_eq!(frozen.mode, Mode::Frozen);
        assert_eq!(frozen.session.as_str(), "a");
        assert_eq!(frozen.expires_at, at(1).plus_secs(LASTS_SECS));
        assert_eq!(frozen.purpose.as_str(), "frozen");
        assert!(one(&["a built 1"]).frozen().is_none());
        let alone = one(&["a cleared 1"]);
        assert!(!alone.is_state() && !alone.is_needed());
        let hides = one(&["a cleared 2", "b built 1"]);
        assert!(!hides.is_state() && hides.is_needed());
    }

    proptest! {
        /// Clones list the records in different orders and give one answer.
        #[test]
        fn the_order_of_the_records_does_not_matter(
            all in proptest::collection::vec((0u8..4, 0usize..4, 0u64..4, any::<bool>()), 1..6),
            turn in 0usize..6,
        ) {
            let words = ["built", "frozen", "cleared", "degraded"];
            let mut all: Vec<Said> = all
                .into_iter()
                .map(|(by, word, secs, is_forced)| {
                    let force = if is_forced { "!" } else { "" };
                    said(&format!("s{by} {} {secs}{force}", words[word]))
                })
                .collect();
            // A session has one statement about a resource.
            all.sort_by(|a, b| a.by.id.cmp(&b.by.id));
            all.dedup_by(|a, b| a.by.id == b.by.id);
            let first = standings(all.clone(), at(1000));
            let turn = turn % all.len();
            all.rotate_left(turn);
            prop_assert_eq!(standings(all, at(1000)), first);
        }
    }
}
