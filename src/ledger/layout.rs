//! Where things stand.
//!
//! The only file that spells ref names and the files below `<git>/presence/`; the names of records
//! in a tree are in the table of `records`. Owns how a label becomes a key. Never reads or writes
//! any of them.

use crate::model::id::{NodeId, RandomId, SessionId};
use crate::model::resource::{Resource, ResourceKind};
use crate::model::unreadable::MayHold;

/// Everything of ours that Git sees.
pub const ROOT: &str = "refs/presence/";
/// One ref per session and clone, below `ROOT`.
pub const SESSIONS_FOLDER: &str = "sessions";
/// One ref per resource that is held alone, and one for all paths, below `ROOT`.
pub const LOCKS_FOLDER: &str = "locks";
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

const HELD_PREFIX: &str = "held-";
const HELD_SUFFIX: &str = ".toml";
const TOLD_PREFIX: &str = "told-";
const KEEP_PREFIX: &str = "keep-";
const KEEP_SUFFIX: &str = ".lock";
const RECORD_SUFFIX: &str = ".toml";

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

/// How the names of the refs in a folder below `ROOT` begin.
pub fn namespace(folder: &str) -> String {
    format!("{ROOT}{folder}/")
}

/// The folder below `ROOT` in which a ref stands.
pub fn folder_of(name: &str) -> Option<&str> {
    name.strip_prefix(ROOT)?.split('/').next()
}

/// The key of a session of one clone: the node id is hashed too, so each ref has one writer.
pub fn owner_key(id: &SessionId, node: NodeId) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(id.as_str().as_bytes());
    hasher.update(b"\0");
    hasher.update(node.to_string().as_bytes());
    key(id.as_str(), hasher.finalize())
}

/// The ref of a session of one clone.
pub fn session_ref(id: &SessionId, node: NodeId) -> String {
    namespace(SESSIONS_FOLDER) + &owner_key(id, node)
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

/// The name that a ref has where it belongs, wherever a copy of it stands. Our refs are two
/// components deep, and the name of a remote may be any number.
pub fn own_name(at: &str) -> String {
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
    key_of(id.as_str())
}

/// Whether a file in `FOLDER` is such a one.
pub fn is_held_file(name: &str) -> bool {
    name.starts_with(HELD_PREFIX) && name.ends_with(HELD_SUFFIX)
}

/// Where it is remembered how a remote answered, in `FOLDER`.
pub fn remote_file(remote: &str) -> String {
    format!("remote-{}.toml", key_of(remote))
}

/// The key of whatever goes by this label.
pub fn key_of(label: &str) -> String {
    key(label, blake3::hash(label.as_bytes()))
}

/// The key of the cell in which a resource is decided. Paths overlap, so they are decided together.
pub fn cell_key(resource: &Resource) -> String {
    match resource.kind() {
        ResourceKind::Path => key_of("path"),
        ResourceKind::Branch | ResourceKind::Named(_) => key_of(resource.label()),
    }
}

/// The cell in which a resource is decided.
pub fn cell_ref(resource: &Resource) -> String {
    namespace(LOCKS_FOLDER) + &cell_key(resource)
}

/// The file of a record in its tree.
pub fn record_file(prefix: &str, key: &str) -> String {
    format!("{prefix}{key}{RECORD_SUFFIX}")
}

/// The key in the name of a record's file.
pub fn record_key<'n>(prefix: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(prefix)?.strip_suffix(RECORD_SUFFIX)
}

/// Whether a record that cannot be read may stand for `resource`. Where it may, it is not free.
pub fn may_hold(what: &MayHold, resource: &Resource) -> bool {
    match what {
        MayHold::Anything => true,
        // A path may overlap any other, and only the record would tell.
        MayHold::Key(key) if resource.kind() == ResourceKind::Path => key.starts_with("path-"),
        MayHold::Key(key) => *key == key_of(resource.label()),
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
        let [a, b] = [a, b].map(|resource| key_of(resource.label()));
        assert_eq!(a.len(), b.len());
        assert_ne!(a, b);
        assert_eq!(
            record_key("claim-", &record_file("claim-", &a)),
            Some(a.as_str())
        );
        assert_eq!(record_key("claim-", "session.toml"), None);
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
