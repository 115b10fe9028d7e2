//! Where things stand.
//!
//! The only file that spells ref names, tree entry names and the files below `<git>/presence/`.
//! Owns how a label becomes a key. Never reads or writes any of them.

use crate::model::id::{NodeId, RandomId, SessionId};
use crate::model::resource::{Resource, ResourceKind};
use crate::model::unreadable::MayHold;

/// Everything of ours that Git sees.
pub const ROOT: &str = "refs/presence/";
/// One ref per session and clone.
pub const SESSIONS: &str = "refs/presence/sessions/";
/// One ref per resource that is held alone, and one for all paths.
pub const LOCKS: &str = "refs/presence/locks/";
/// Copies of the refs of remotes, one folder a remote. Written by a fetch or an accepted push.
pub const TRACKING: &str = "refs/presence-remote/";
/// Where Git keeps refs as tables, in the common git directory.
pub const REFTABLE: &str = "reftable";
/// The folder of this clone's own files, in the common git directory. Never pushed.
pub const FOLDER: &str = "presence";
/// The random name of this clone, in `FOLDER`.
pub const NODE_FILE: &str = "node";
/// Held while a claim that must not be shared is decided and written, in `FOLDER`.
pub const DECISION_LOCK: &str = "decision.lock";
/// Held, shared, by every process that is writing a ref, in `FOLDER`.
pub const WRITERS_LOCK: &str = "writers.lock";
/// Held while this clone talks to a remote, in `FOLDER`.
pub const SYNC_LOCK: &str = "sync.lock";
/// There once a remote refused to move a ref but forward, in `FOLDER`.
pub const FORWARD_ONLY: &str = "forward-only";
/// The tokens that a remote has forgotten, in `FOLDER`.
pub const FLOORS_FILE: &str = "floors.toml";
/// Sessions that were read before, in `FOLDER`.
pub const SESSIONS_CACHE: &str = "sessions.cache";
/// How the name of a file begins that is being written, in `FOLDER`.
pub const UNFINISHED_PREFIX: &str = ".tmp";
/// The commands that hooks saw, in `FOLDER`, and the ones before those.
pub const SEEN: &str = "seen.jsonl";
pub const SEEN_BEFORE: &str = "seen.1.jsonl";
/// Where ssh keeps the connection that several calls share, in `FOLDER`; ssh fills in `%C`.
pub const SSH_SOCKET: &str = "ssh-%C";
/// Where `doctor --repair` keeps what it replaced, in `FOLDER`.
pub const REPLACED: &str = "replaced";

/// The tree entry of the session itself.
pub const SESSION_ENTRY: &str = "session.toml";
/// The tree entry of a cell itself.
pub const CELL_ENTRY: &str = "cell.toml";
const HELD_PREFIX: &str = "held-";
const HELD_SUFFIX: &str = ".toml";
const TOLD_PREFIX: &str = "told-";
const KEEP_PREFIX: &str = "keep-";
const KEEP_SUFFIX: &str = ".lock";
const LOCK_PREFIX: &str = "lock-";
const CLAIM_PREFIX: &str = "claim-";
const CLAIM_SUFFIX: &str = ".toml";

const SLUG_BYTES_MAX: usize = 40;
const HASH_HEX_DIGITS: usize = 16;

/// Readable in `git for-each-ref`, safe on case-insensitive file systems, fixed depth.
fn key(label: &str, hashed: blake3::Hash) -> String {
    let mut key = slug(label);
    key.push('-');
    key.push_str(&hashed.to_hex().as_str()[..HASH_HEX_DIGITS]);
    key
}

/// `a-z0-9` and single dashes, at most 40 characters, never empty.
fn slug(label: &str) -> String {
    let mut slug = String::new();
    for c in label.chars().map(|c| c.to_ascii_lowercase()) {
        if slug.len() == SLUG_BYTES_MAX {
            break;
        }
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    if slug.is_empty() {
        slug.push('x');
    }
    slug
}

/// The ref of a session of one clone: the node id is hashed too, so each ref has one writer.
pub fn session_ref(id: &SessionId, node: NodeId) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(id.as_str().as_bytes());
    hasher.update(b"\0");
    hasher.update(node.to_string().as_bytes());
    format!("{SESSIONS}{}", key(id.as_str(), hasher.finalize()))
}

/// Where the copy of a remote's `name` (`refs/presence/…`) stands.
pub fn tracking_ref(remote: &str, name: &str) -> String {
    let below = name.strip_prefix(ROOT).unwrap_or(name);
    format!("{TRACKING}{remote}/{below}")
}

/// The ref of the remote whose copy stands at `tracking`.
pub fn tracked_ref(remote: &str, tracking: &str) -> Option<String> {
    let below = tracking.strip_prefix(TRACKING)?.strip_prefix(remote)?;
    Some(format!("{ROOT}{}", below.strip_prefix('/')?))
}

/// The name under which a session is checked, wherever it stands. A session is two components
/// deep, and the name of a remote may be any number.
pub fn session_name(at: &str) -> String {
    let mut ends = at.rsplitn(3, '/');
    match (ends.next(), ends.next(), at.starts_with(TRACKING)) {
        (Some(key), Some(kind), true) => format!("{ROOT}{kind}/{key}"),
        _ => at.to_owned(),
    }
}

/// What brings the board of a remote in, also as a line of the user's configuration.
pub fn fetch_refspec(remote: &str) -> String {
    format!("+{ROOT}*:{TRACKING}{remote}/*")
}

/// What brings one ref of a remote in.
pub fn fetch_one(remote: &str, name: &str) -> String {
    format!("+{name}:{}", tracking_ref(remote, name))
}

/// A ref that `doctor --remote` makes and removes.
pub fn probe_ref(id: RandomId) -> String {
    format!("{ROOT}probe/{id}")
}

/// Where a session keeps what it counts on holding alone, in `FOLDER`.
pub fn held_file(id: &SessionId) -> String {
    format!("{HELD_PREFIX}{}{HELD_SUFFIX}", session_key(id))
}

/// What a session was told last by a hook, in `FOLDER`.
pub fn told_file(id: &SessionId) -> String {
    format!("{TOLD_PREFIX}{}{HELD_SUFFIX}", session_key(id))
}

/// Held by the process that keeps the claims of a session alive, in `FOLDER`.
pub fn keep_file(id: &SessionId) -> String {
    format!("{KEEP_PREFIX}{}{KEEP_SUFFIX}", session_key(id))
}

fn session_key(id: &SessionId) -> String {
    key(id.as_str(), blake3::hash(id.as_str().as_bytes()))
}

/// Whether a file in `FOLDER` is such a one.
pub fn is_held_file(name: &str) -> bool {
    name.starts_with(HELD_PREFIX) && name.ends_with(HELD_SUFFIX)
}

/// Where it is remembered how a remote answered, in `FOLDER`.
pub fn remote_file(remote: &str) -> String {
    format!(
        "remote-{}.toml",
        key(remote, blake3::hash(remote.as_bytes()))
    )
}

fn resource_key(resource: &Resource) -> String {
    key(resource.label(), blake3::hash(resource.label().as_bytes()))
}

/// The cell in which a resource is decided. Paths overlap, so they are decided together.
pub fn cell_ref(resource: &Resource) -> String {
    match resource.kind() {
        ResourceKind::Path => format!("{LOCKS}{}", key("path", blake3::hash(b"path"))),
        ResourceKind::Branch | ResourceKind::Named(_) => {
            format!("{LOCKS}{}", resource_key(resource))
        }
    }
}

/// The tree entry of a lock in its cell.
pub fn lock_entry(resource: &Resource) -> String {
    format!("{LOCK_PREFIX}{}{CLAIM_SUFFIX}", resource_key(resource))
}

/// The key in the name of a lock's tree entry.
pub fn lock_key(entry: &str) -> Option<&str> {
    entry.strip_prefix(LOCK_PREFIX)?.strip_suffix(CLAIM_SUFFIX)
}

/// The tree entry of a claim.
pub fn claim_entry(resource: &Resource) -> String {
    format!("{CLAIM_PREFIX}{}{CLAIM_SUFFIX}", resource_key(resource))
}

/// The key in the name of a claim's tree entry.
pub fn claim_key(entry: &str) -> Option<&str> {
    entry.strip_prefix(CLAIM_PREFIX)?.strip_suffix(CLAIM_SUFFIX)
}

/// Whether a record that cannot be read may stand for `resource`. Where it may, it is not free.
pub fn may_hold(what: &MayHold, resource: &Resource) -> bool {
    match what {
        MayHold::Anything => true,
        // A path may overlap any other, and only the record would tell.
        MayHold::Key(key) if resource.kind() == ResourceKind::Path => key.starts_with("path-"),
        MayHold::Key(key) => *key == resource_key(resource),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_readable_and_exact() {
        assert_eq!(slug("wizard@devvm@smokeA"), "wizard-devvm-smokea");
        assert_eq!(slug("Ünï"), "n");
        assert_eq!(slug("ÄÖ"), "x");
        assert_eq!(slug("--a--"), "a");
        assert_eq!(slug(&"ab".repeat(40)).len(), 40);
        let a = Resource::parse("node:A").unwrap();
        let b = Resource::parse("node:a").unwrap();
        assert_eq!(claim_entry(&a).len(), claim_entry(&b).len());
        assert_ne!(claim_entry(&a), claim_entry(&b));
        assert_eq!(claim_key(&claim_entry(&a)), Some(resource_key(&a).as_str()));
        assert_eq!(claim_key("session.toml"), None);
    }

    #[test]
    fn one_session_id_has_a_ref_per_clone() {
        let id = SessionId::parse("wizard@devvm").unwrap();
        let here = session_ref(&id, NodeId::from_bytes([1; 16]));
        let there = session_ref(&id, NodeId::from_bytes([2; 16]));
        assert_ne!(here, there);
        assert!(here.starts_with("refs/presence/sessions/wizard-devvm-"));
    }

    proptest! {
        #[test]
        fn every_key_is_one_safe_ref_component(label in any::<String>()) {
            let key = key(&label, blake3::hash(label.as_bytes()));
            prop_assert!(key.len() <= SLUG_BYTES_MAX + 1 + HASH_HEX_DIGITS);
            prop_assert!(key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert!(!key.starts_with('-'));
        }
    }
}
