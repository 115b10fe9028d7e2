//! Refs of a remote that keep out refs of the board.
//!
//! Owns which names those are: Git has no ref below another one, so `refs/presence` keeps out the
//! whole board. What it keeps out is not known, and not free. Never contacts a remote.

use crate::ledger::layout;
use crate::ledger::remote::tracking::Tracking;
use crate::ledger::store::Ledger;
use crate::model::text;
use crate::model::unreadable::MayHold;

/// Returns true if one of two refs of these names keeps out the other.
pub fn clash(one: &str, other: &str) -> bool {
    let is_below = |name: &str, above: &str| {
        let below = name.strip_prefix(above);
        below.is_some_and(|below| below.starts_with('/'))
    };
    is_below(one, other) || is_below(other, one)
}

/// Returns how to remove such a ref: the command, if no shell reads anything into the name.
pub fn removal(remote: &str, name: &str) -> String {
    match (text::as_argument(remote), text::as_argument(name)) {
        (Some(remote), Some(name)) => format!("git push {remote} --delete {name}"),
        _ => format!(
            "delete it at {}, by a command of your own: a shell could run a part of its name",
            text::name(remote)
        ),
    }
}

/// Returns how to remove a ref here.
pub fn removal_here(name: &str) -> String {
    match text::as_argument(name) {
        Some(name) => format!("git update-ref -d {name}"),
        None => {
            "delete it by a command of your own: a shell could run a part of its name".to_owned()
        }
    }
}

impl Tracking<'_> {
    /// Returns true if a ref of the remote keeps out refs of the board.
    pub fn is_blocker(&self, name: &str) -> bool {
        self.ledger.kept_out_by(name).is_some()
    }
}

impl Ledger {
    /// Returns what may be held by the refs that a ref of the remote keeps out; `None` if it keeps
    /// out none.
    pub(in crate::ledger) fn kept_out_by(&self, name: &str) -> Option<MayHold> {
        if clash(name, layout::ROOT) && !name.starts_with(layout::ROOT) {
            return Some(MayHold::Anything);
        }
        self.table.all().find_map(|namespace| {
            let prefix = namespace.prefix();
            if prefix.strip_suffix('/') == Some(name) {
                return Some(MayHold::Anything);
            }
            let (key, _) = name.strip_prefix(&prefix)?.split_once('/')?;
            // The clone of a session says that its session is not there.
            (!namespace.is_owned()).then(|| MayHold::Key(key.to_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ref_above_or_below_another_keeps_it_out() {
        for (one, other, does) in [
            ("refs/presence", "refs/presence/locks/x", true),
            ("refs/presence/locks/x/y", "refs/presence/locks/x", true),
            ("refs/presence/locks/x", "refs/presence/locks/x", false),
            ("refs/presence/locks/xy", "refs/presence/locks/x", false),
            ("refs/presence-archive", "refs/presence/locks/x", false),
        ] {
            assert_eq!(clash(one, other), does, "{one} {other}");
        }
    }
}
