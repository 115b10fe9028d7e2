//! What tells which messages and marks changed, and what a session has seen of them.
//!
//! Owns [`MailDigest`], and [`CaughtUp`]: after a look that left nothing unread, only the messages
//! of sessions that changed since can be unread. Never reads a record.

use std::collections::{BTreeMap, BTreeSet};

use super::super::id::{NodeId, SessionId};
use super::super::resource::Resource;

/// The digests of the messages and marks of all sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailDigest {
    all: u64,
    of: Vec<Part>,
}

/// The digest of the messages and marks of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name of its ref.
    pub name: String,
    /// The session.
    pub id: SessionId,
    /// The clone that it is of.
    pub node: NodeId,
    own: u64,
}

impl MailDigest {
    /// Adds the digest of a session with the ref `name`; 0 if it has neither messages nor marks.
    pub fn add(&mut self, name: &str, (id, node): (&SessionId, NodeId), digest: u64) {
        if digest != 0 {
            self.all ^= digest;
            self.of.push(Part {
                name: name.to_owned(),
                id: id.clone(),
                node,
                own: digest,
            });
        }
    }

    /// Returns the part of the session `id` of the clone `node`.
    pub fn part_of(&self, id: &SessionId, node: NodeId) -> Option<&Part> {
        let mut of = self.of.iter();
        of.find(|part| part.node == node && part.id == *id)
    }

    /// Returns true if there are no messages and no marks.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Returns a digest of all of it; it differs whenever anything changed.
    pub fn all(&self) -> u64 {
        self.all
    }
}

/// What a session had seen when nothing was unread for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// What it held, as [`CaughtUp::digest_of`] tells it.
    pub holds: String,
    /// The sessions that it had replaced, in the same way.
    pub heir_of: String,
    /// The digest of each session, and whether it had a message that waits for the next holder of
    /// a resource.
    pub sessions: BTreeMap<u64, bool>,
}

impl CaughtUp {
    /// Returns what a session has seen that read all messages of `digest` or, of `before`, what is
    /// to be read. `to_holders` are the refs with messages to a resource, of those that were read;
    /// `damaged` are the refs of which not all could be read, so they do not count as seen.
    pub fn after(
        before: Option<&Self>,
        digest: &MailDigest,
        (holds, heir_of): (String, String),
        (to_holders, damaged): (&BTreeSet<String>, &BTreeSet<String>),
    ) -> Self {
        let was_to_holders = |own: &u64| {
            before.is_some_and(|before| before.sessions.get(own).copied().unwrap_or_default())
        };
        let of = digest.of.iter();
        let sessions = of.filter(|part| !damaged.contains(&part.name)).map(|part| {
            let is_to_holders = to_holders.contains(&part.name) || was_to_holders(&part.own);
            (part.own, is_to_holders)
        });
        Self {
            holds,
            heir_of,
            sessions: sessions.collect(),
        }
    }

    /// Returns the sessions that may have an unread message for this one, which now holds `holds`.
    pub fn to_read<'d>(&self, digest: &'d MailDigest, holds: &str) -> Vec<&'d Part> {
        let holds_the_same = self.holds == holds;
        let has_changed = |own: &u64| match self.sessions.get(own) {
            None => true,
            Some(is_to_holders) => *is_to_holders && !holds_the_same,
        };
        let of = digest.of.iter();
        of.filter(|part| has_changed(&part.own)).collect()
    }

    /// Returns true if nothing of `digest` can be unread for this one, which now holds `holds`.
    pub fn covers(&self, digest: &MailDigest, holds: &str) -> bool {
        self.to_read(digest, holds).is_empty()
    }

    /// Returns true if this one had seen `part`.
    pub fn has_seen(&self, part: &Part) -> bool {
        self.sessions.contains_key(&part.own)
    }

    /// Returns a digest of names, in whatever order.
    pub fn digest_of<'n>(names: impl Iterator<Item = &'n str>) -> String {
        let mut names: Vec<&str> = names.collect();
        names.sort_unstable();
        names.dedup();
        let mut hash = blake3::Hasher::new();
        for name in names {
            hash.update(&(name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
        }
        hash.finalize().to_hex()[..16].to_owned()
    }

    /// Returns the digest of what a session holds.
    pub fn digest_of_held(holds: &[Resource]) -> String {
        Self::digest_of(holds.iter().map(Resource::label))
    }

    /// Returns the digest of the sessions that a session replaced.
    pub fn digest_of_heir(heir_of: &[SessionId]) -> String {
        Self::digest_of(heir_of.iter().map(SessionId::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(of: &[(&str, u64)]) -> MailDigest {
        let mut digest = MailDigest::default();
        for (name, own) in of {
            let id = SessionId::parse(name).unwrap();
            digest.add(name, (&id, NodeId::from_bytes([1; 16])), *own);
        }
        digest
    }

    #[test]
    fn what_changed_is_read_and_nothing_else() {
        let holds = |names: &[&str]| CaughtUp::digest_of(names.iter().copied());
        let first = digest(&[("a", 1), ("b", 2), ("c", 3), ("none", 0)]);
        let to_holders = BTreeSet::from(["b".to_owned()]);
        let state = (holds(&["x", "y"]), holds(&[]));
        let none = BTreeSet::new();
        let damaged = BTreeSet::from(["a".to_owned()]);
        let seen = CaughtUp::after(None, &first, state.clone(), (&to_holders, &damaged));
        assert_eq!(
            seen.sessions.len(),
            2,
            "what could not be read was not seen"
        );
        assert!(!seen.covers(&first, &state.0));
        let seen = CaughtUp::after(None, &first, state.clone(), (&to_holders, &none));
        assert_eq!(seen.sessions.len(), 3);
        assert!(seen.covers(&first, &state.0) && !seen.covers(&first, &holds(&[])));
        let to_read = |now: &MailDigest, held: &[&str]| -> Vec<String> {
            let names = seen.to_read(now, &holds(held));
            names.into_iter().map(|part| part.name.clone()).collect()
        };
        assert_eq!(to_read(&first, &["y", "x"]), [""; 0]);
        assert_eq!(
            to_read(&first, &["x"]),
            ["b"],
            "it may hold what b is about"
        );
        let next = digest(&[("a", 4), ("b", 2), ("new", 5)]);
        assert_eq!(to_read(&next, &["x", "y"]), ["a", "new"]);
        assert_eq!(to_read(&next, &[]), ["a", "b", "new"]);
        let seen = CaughtUp::after(Some(&seen), &next, state, (&none, &none));
        let after: Vec<(u64, bool)> = seen.sessions.into_iter().collect();
        assert_eq!(after, [(2, true), (4, false), (5, false)]);
    }

    #[test]
    fn a_digest_of_all_differs_with_each() {
        let one = digest(&[("a", 1), ("b", 2)]);
        assert_eq!(one.all(), digest(&[("b", 2), ("a", 1)]).all());
        assert_ne!(one.all(), digest(&[("a", 1)]).all());
        assert!(digest(&[("a", 0)]).is_empty() && !one.is_empty());
    }
}
