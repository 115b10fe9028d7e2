//! Which session goes on from which.
//!
//! Owns [`Heirs`]: the links from a session to the one that replaced it, and the chains of them.
//! Never decides which session replaced another one.

use std::collections::{BTreeMap, BTreeSet};

use super::id::SessionId;

/// Sessions of one clone that were replaced, each with the one that replaced it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heirs(BTreeMap<SessionId, SessionId>);

impl Heirs {
    /// Returns the chains that begin at `ids`, of at most `links_max` links. `next` says which
    /// session replaced one.
    pub fn from(
        ids: impl IntoIterator<Item = SessionId>,
        links_max: usize,
        next: &dyn Fn(&SessionId) -> Option<SessionId>,
    ) -> Self {
        let mut links = BTreeMap::new();
        let mut asked = BTreeSet::new();
        let mut open: Vec<SessionId> = ids.into_iter().collect();
        while let Some(id) = open.pop().filter(|_| links.len() < links_max) {
            if !asked.insert(id.clone()) {
                continue;
            }
            if let Some(heir) = next(&id).filter(|heir| *heir != id) {
                open.push(heir.clone());
                links.insert(id, heir);
            }
        }
        Self(links)
    }

    /// Returns the session that goes on from `id` in the end; `id` itself where the links go in a
    /// circle.
    pub fn last<'s>(&'s self, id: &'s SessionId) -> &'s SessionId {
        let mut last = id;
        for _ in 0..=self.0.len() {
            match self.0.get(last) {
                Some(heir) => last = heir,
                None => return last,
            }
        }
        id
    }

    /// Returns the sessions from which `id` goes on in the end.
    pub fn before(&self, id: &SessionId) -> impl Iterator<Item = &SessionId> {
        self.0
            .keys()
            .filter(move |one| *one != id && self.last(one) == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> SessionId {
        SessionId::parse(name).unwrap()
    }

    fn heirs(links: &[(&str, &str)], from: &[&str], max: usize) -> Heirs {
        let next = |asked: &SessionId| {
            let mut links = links.iter();
            let link = links.find(|(old, _)| *old == asked.as_str());
            link.map(|(_, new)| id(new))
        };
        Heirs::from(from.iter().map(|name| id(name)), max, &next)
    }

    #[test]
    fn chains_are_followed_to_their_end() {
        let all = heirs(
            &[("a", "b"), ("b", "c"), ("x", "c"), ("y", "z")],
            &["a", "x", "q"],
            9,
        );
        let before = |name: &str| -> Vec<String> {
            let name = id(name);
            all.before(&name).map(ToString::to_string).collect()
        };
        assert_eq!(before("c"), ["a", "b", "x"]);
        assert_eq!(before("b"), [""; 0], "it was replaced, too");
        assert_eq!(before("z"), [""; 0], "not asked about");
        assert_eq!(
            (all.last(&id("a")), all.last(&id("q"))),
            (&id("c"), &id("q"))
        );
    }

    #[test]
    fn a_circle_and_an_endless_chain_end() {
        let circle = heirs(&[("a", "b"), ("b", "a"), ("c", "c")], &["a", "c"], 9);
        assert_eq!(circle.last(&id("a")), &id("a"));
        assert_eq!(circle.before(&id("a")).count(), 0);
        assert_eq!(circle.last(&id("c")), &id("c"));
        let endless = |asked: &SessionId| Some(id(&format!("{asked}x")));
        assert_eq!(
            Heirs::from([id("a")], 3, &endless).last(&id("a")),
            &id("axxx")
        );
    }
}
