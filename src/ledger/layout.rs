//! Names of refs and of files below `<git>/presence/`.
//!
//! Owns [`ROOT`] and every other such name, and how a label becomes a key; the names of records in
//! a tree are in the table of `records`. Never reads or writes a ref or a file.

mod files;

use std::collections::HashSet;

pub use files::{
    CACHE_KEY, DECISION_LOCK, FLOORS_FILE, FOLDER, FORWARD_ONLY, KEPT, LISTS_CACHE, MAIL_FILE,
    NODE_FILE, PACKED_CACHE, RECONCILED_FILE, REPLACED, SEEN, SEEN_BEFORE, SESSIONS_CACHE,
    SSH_SOCKET, SWEEPS_FILE, SYNC_LOCK, TASKS_FILE, TASKS_LOCK, UNFINISHED_PREFIX, WRITERS_LOCK,
    bell_file, bytes_max, chosen_file, cursor_file, cursor_lock, handing_lock, held_file,
    is_cursor_file, is_held_file, is_locked, is_own_file, is_policy_file, is_started_file,
    keep_file, mail_seen_file, news_file, policy_file, remote_file, run_file, sent_file,
    started_file, told_file, wants_file,
};

use crate::model::id::{NodeId, RandomId, SessionId};
use crate::model::resource::{Resource, ResourceKind};
use crate::model::task;
use crate::model::unreadable::MayHold;

/// The prefix of all refs of the ledger.
pub const ROOT: &str = "refs/presence/";
/// The folder below `ROOT` with one ref per session and clone.
pub const SESSIONS_FOLDER: &str = "sessions";
/// The folder below `ROOT` with one ref per resource that is held exclusively, and one for all
/// paths.
pub const LOCKS_FOLDER: &str = "locks";
/// The prefix of all tracking refs, followed by the name of the remote. A fetch or an accepted
/// push writes them.
pub const TRACKING: &str = "refs/presence-remote/";
/// The prefix of all archives, outside [`ROOT`] so that no fetch of the board brings them. It is
/// followed by the first digits of the node id of the clone that writes them, and the month.
pub const ARCHIVE: &str = "refs/presence-archive/";
/// The folder in which Git keeps refs as tables, in the common git directory.
pub const REFTABLE: &str = "reftable";
const FLOOR_KEY: &str = "floor";
const RECORD_SUFFIX: &str = ".toml";

const SLUG_BYTES_MAX: usize = 40;
const HASH_HEX_DIGITS: usize = 16;
const ARCHIVE_HEX_DIGITS: usize = 8;

/// Returns a key that is readable in `git for-each-ref`, safe on case-insensitive file systems, and
/// one component deep.
fn key(label: &str, hashed: blake3::Hash) -> String {
    let mut key = slug(label);
    key.push('-');
    key.push_str(&hashed.to_hex().as_str()[..HASH_HEX_DIGITS]);
    key
}

/// Returns `a-z0-9` and single dashes, at most 40 characters, never empty.
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

/// Returns the common prefix of the names of the refs in a folder below `ROOT`.
pub fn namespace(folder: &str) -> String {
    format!("{ROOT}{folder}/")
}

/// Returns the folder below `ROOT` of a ref; `None` for a ref outside `ROOT`.
pub fn folder_of(name: &str) -> Option<&str> {
    name.strip_prefix(ROOT)?.split('/').next()
}

/// Returns the key of a session of one clone: the node id is hashed too, so each ref has one
/// writer.
pub fn owner_key(id: &SessionId, node: NodeId) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(id.as_str().as_bytes());
    hasher.update(b"\0");
    hasher.update(node.to_string().as_bytes());
    key(id.as_str(), hasher.finalize())
}

/// Returns the name of the ref of a session of one clone.
pub fn session_ref(id: &SessionId, node: NodeId) -> String {
    namespace(SESSIONS_FOLDER) + &owner_key(id, node)
}

/// Returns what the refs of the sessions of one id begin with, whatever their clones.
pub fn session_prefix(id: &SessionId) -> String {
    format!("{}{}-", namespace(SESSIONS_FOLDER), slug(id.as_str()))
}

/// Returns false for the ref of a session that is certainly not the one of this id: each clone has
/// one, and their names differ in the hash at the end.
pub fn may_be_written_by(name: &str, id: &SessionId) -> bool {
    let is_hash = |rest: &str| rest.len() == HASH_HEX_DIGITS && !rest.contains('-');
    folder_of(name) != Some(SESSIONS_FOLDER)
        || name.strip_prefix(&session_prefix(id)).is_some_and(is_hash)
}

/// Returns the name of the tracking ref for the ref `name` (`refs/presence/…`) of a remote.
pub fn tracking_ref(remote: &str, name: &str) -> String {
    let below = name.strip_prefix(ROOT).unwrap_or(name);
    format!("{TRACKING}{remote}/{below}")
}

/// Returns the name of the ref of the remote that `tracking` is a copy of; `None` if it is not a
/// tracking ref of that remote.
pub fn tracked_ref(remote: &str, tracking: &str) -> Option<String> {
    let below = tracking.strip_prefix(TRACKING)?.strip_prefix(remote)?;
    Some(format!("{ROOT}{}", below.strip_prefix('/')?))
}

/// Returns the name below `ROOT` of a ref or of a tracking ref. Refs of the ledger are two
/// components deep; the name of a remote may have any number of components.
pub fn own_name(at: &str) -> String {
    let mut ends = at.rsplitn(3, '/');
    match (ends.next(), ends.next(), at.starts_with(TRACKING)) {
        (Some(key), Some(kind), true) => format!("{ROOT}{kind}/{key}"),
        _ => at.to_owned(),
    }
}

/// Returns the prefix of the archives that a clone writes.
pub fn archive_folder(node: NodeId) -> String {
    let node = node.to_string();
    format!("{ARCHIVE}{}/", &node[..ARCHIVE_HEX_DIGITS])
}

/// Returns the name of the archive of a clone and a month.
pub fn archive_ref(node: NodeId, month: &str) -> String {
    archive_folder(node) + month
}

/// Returns the month in the name of an archive; `None` for another ref.
pub fn archive_month(name: &str) -> Option<&str> {
    let (node, month) = name.strip_prefix(ARCHIVE)?.split_once('/')?;
    let is_hex = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    (node.len() == ARCHIVE_HEX_DIGITS && node.bytes().all(is_hex)).then_some(month)
}

/// Returns the name of a file of an archive: that of a day, or of a later `attempt` at the day.
pub fn archive_file(day: u32, attempt: u32) -> String {
    match attempt {
        0 => format!("{day:02}{RECORD_SUFFIX}"),
        attempt => format!("{day:02}-{attempt}{RECORD_SUFFIX}"),
    }
}

/// Returns the refspec that fetches the board of a remote.
pub fn fetch_refspec(remote: &str) -> String {
    format!("+{ROOT}*:{TRACKING}{remote}/*")
}

/// Returns the refspec that fetches one ref of a remote.
pub fn fetch_one(remote: &str, name: &str) -> String {
    format!("+{name}:{}", tracking_ref(remote, name))
}

/// Returns the refspec that fetches one ref of a remote if it is there. A fetch of a ref that is
/// not there fails, and that of a pattern does not: so its last sign is left open. Names on this
/// board end with the digits of a hash, but for that of the floor.
pub fn fetch_if_there(remote: &str, name: &str) -> String {
    let stem = &name[..name.len() - name.chars().next_back().map_or(0, char::len_utf8)];
    format!("+{stem}*:{}*", tracking_ref(remote, stem))
}

/// Returns the refspec that fetches the commit `tip` of the ref `name` of a remote.
pub fn fetch_tip(remote: &str, name: &str, tip: &str) -> String {
    format!("+{tip}:{}", tracking_ref(remote, name))
}

/// Returns the name of a ref that `doctor --remote` makes and removes.
pub fn probe_ref(id: RandomId) -> String {
    format!("{ROOT}probe/{id}")
}

/// Returns the key of a label: a readable slug and a hash.
pub fn key_of(label: &str) -> String {
    key(label, blake3::hash(label.as_bytes()))
}

/// Returns the key of the cell in which a resource is decided. Paths overlap, so one cell decides
/// all of them; and one cell decides all tasks of a list.
pub fn cell_key(resource: &Resource) -> String {
    match resource.kind() {
        ResourceKind::Path => key_of("path"),
        ResourceKind::Branch | ResourceKind::Named(_) => match task::place_of(resource) {
            Some((list, Some(_))) => key_of(&format!("{}:{list}", task::TASK)),
            _ => key_of(resource.label()),
        },
    }
}

/// Returns the name of the cell in which a resource is decided.
pub fn cell_ref(resource: &Resource) -> String {
    namespace(LOCKS_FOLDER) + &cell_key(resource)
}

/// Whether the register of this name may be one of a list of tasks.
pub fn may_be_list(name: &str) -> bool {
    let key = name.strip_prefix(&namespace(LOCKS_FOLDER));
    let rest = key.and_then(|key| key.strip_prefix(task::TASK));
    rest.is_some_and(|rest| rest.starts_with('-'))
}

/// Returns the name of the register whose high-water mark is above the tokens of all registers that
/// were removed. No key of a resource is without a hash, so it decides none.
pub fn floor_ref() -> String {
    namespace(LOCKS_FOLDER) + FLOOR_KEY
}

/// Returns the name of the file of a record in its tree.
pub fn record_file(prefix: &str, key: &str) -> String {
    format!("{prefix}{key}{RECORD_SUFFIX}")
}

/// Returns the key in the name of a record's file; `None` for a file without this prefix.
pub fn record_key<'n>(prefix: &str, name: &'n str) -> Option<&'n str> {
    name.strip_prefix(prefix)?.strip_suffix(RECORD_SUFFIX)
}

/// Whether a record that cannot be read may hold `resource`. If it may, the resource is not free.
pub fn may_hold(what: &MayHold, resource: &Resource) -> bool {
    match what {
        MayHold::Anything => true,
        // A path may overlap any other, and only the record would tell.
        MayHold::Key(key) if resource.kind() == ResourceKind::Path => key.starts_with("path-"),
        MayHold::Key(key) => *key == key_of(resource.label()) || *key == cell_key(resource),
    }
}

/// The keys of records that may hold one of many resources, asked for as [`may_hold`] is.
pub struct KeysOf {
    keys: HashSet<String>,
    has_path: bool,
}

impl KeysOf {
    /// Returns those of `resources`.
    pub fn new(resources: &[Resource]) -> Self {
        let is_path = |resource: &&Resource| resource.kind() == ResourceKind::Path;
        let (paths, others): (Vec<_>, Vec<_>) = resources.iter().partition(is_path);
        let keys = |resource: &Resource| [key_of(resource.label()), cell_key(resource)];
        Self {
            keys: others.into_iter().flat_map(keys).collect(),
            has_path: !paths.is_empty(),
        }
    }

    /// Whether a record with this key may hold one of them.
    pub fn have(&self, key: &str) -> bool {
        self.keys.contains(key) || self.has_path && key.starts_with("path-")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn many_resources_are_asked_for_as_each_is() {
        let labels = [
            "node:a",
            "path:src/**",
            "task:main/abcd2345",
            "task:main",
            "branch:x",
        ];
        let all = labels.map(|label| Resource::parse(label).unwrap());
        let keys = { all.iter() }.flat_map(|one| [key_of(one.label()), cell_key(one)]);
        let keys: Vec<String> = keys
            .chain(["path-x".to_owned(), "other".to_owned()])
            .collect();
        for n in 0..1 << all.len() {
            let some = { all.iter().enumerate() }.filter(|(at, _)| n & (1 << at) != 0);
            let some: Vec<Resource> = some.map(|(_, one)| one.clone()).collect();
            for key in &keys {
                let what = MayHold::Key(key.clone());
                let may = some.iter().any(|one| may_hold(&what, one));
                assert_eq!(KeysOf::new(&some).have(key), may, "{some:?} {key}");
            }
        }
    }

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
    fn an_archive_is_known_by_its_name() {
        let name = archive_ref(NodeId::from_bytes([0xab; 16]), "2026-11");
        assert_eq!(name, "refs/presence-archive/abababab/2026-11");
        assert_eq!(archive_month(&name), Some("2026-11"));
        assert!(!name.starts_with(ROOT));
        for other in [
            "refs/presence-archive/2026-11",
            "refs/presence-archive/ABABABAB/x",
        ] {
            assert_eq!(archive_month(other), None);
        }
        assert_eq!(archive_file(7, 0), "07.toml");
        assert_eq!(archive_file(27, 2), "27-2.toml");
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
