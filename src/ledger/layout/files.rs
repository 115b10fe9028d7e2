//! The names of this clone's own files, in `<git>/presence`.
//!
//! Owns each name, the most bytes that a file of it has, and which names are ours. Never opens one.

use super::key_of;
use crate::model::actor::Process;
use crate::model::id::{CursorName, SessionId};
use crate::model::resource::Resource;

/// The folder of this clone's own files, in the common git directory. Never pushed.
pub const FOLDER: &str = "presence";
/// The file in `FOLDER` with the node id of this clone.
pub const NODE_FILE: &str = "node";
/// The file in `FOLDER` that is locked while an exclusive claim is decided and written.
pub const DECISION_LOCK: &str = "decision.lock";
/// The file in `FOLDER` on which every process that writes a ref holds a shared lock.
pub const WRITERS_LOCK: &str = "writers.lock";
/// The file in `FOLDER` that is locked while this clone talks to a remote.
pub const SYNC_LOCK: &str = "sync.lock";
/// The file in `FOLDER` that exists once a remote refused to move a ref other than forward.
pub const FORWARD_ONLY: &str = "forward-only";
/// The file in `FOLDER` with high-water marks of tokens that a remote no longer has.
pub const FLOORS_FILE: &str = "floors.toml";
/// The file in `FOLDER` that caches sessions that were read before.
pub const SESSIONS_CACHE: &str = "sessions.cache";
/// The file in `FOLDER` with the records of the list of tasks that was read last.
pub const LISTS_CACHE: &str = "lists.cache";
/// The file in `FOLDER` with copies of objects that were read from packs.
pub const PACKED_CACHE: &str = "packed.cache";
/// The file in `FOLDER` with the key under which the lines of [`SESSIONS_CACHE`] count.
pub const CACHE_KEY: &str = "cache.key";
/// The file in `FOLDER` with when this clone last folded what is over.
pub const SWEEPS_FILE: &str = "gc.toml";
/// The file in `FOLDER` with the digest of all messages when this clone last rang.
pub const MAIL_FILE: &str = "mail.toml";
/// The file in `FOLDER` with what `sessions reconcile` told last.
pub const RECONCILED_FILE: &str = "reconciled.toml";
/// The tasks that were added while the arbiter was away.
pub const TASKS_FILE: &str = "tasks.jsonl";
/// Locked by the process that changes that file.
pub const TASKS_LOCK: &str = "tasks.lock";
/// The prefix of files in `FOLDER` that a process is still writing.
pub const UNFINISHED_PREFIX: &str = ".tmp";
/// The file in `FOLDER` with the commands and edits that hooks saw.
pub const SEEN: &str = "seen.jsonl";
/// The file in `FOLDER` to which a full [`SEEN`] is renamed.
pub const SEEN_BEFORE: &str = "seen.1.jsonl";
/// The socket in `FOLDER` of the ssh connection that several calls share; ssh fills in `%C`.
pub const SSH_SOCKET: &str = "ssh-%C";
/// The folder in `FOLDER` with second names of young objects.
pub const KEPT: &str = "kept";
/// The folder in `FOLDER` in which `doctor --repair` keeps what it replaced.
pub const REPLACED: &str = "replaced";

const HELD_PREFIX: &str = "held-";
const HELD_SUFFIX: &str = ".toml";
const TOLD_PREFIX: &str = "told-";
const STARTED_PREFIX: &str = "started-";
const REMOTE_PREFIX: &str = "remote-";
const SENT_PREFIX: &str = "sent-";
const KEEP_PREFIX: &str = "keep-";
const KEEP_SUFFIX: &str = ".lock";
const NEWS_PREFIX: &str = "news-";
const NEWS_SUFFIX: &str = ".jsonl";
const WANTS_PREFIX: &str = "wants-";
const RUN_PREFIX: &str = "run-";
const CHOSEN_PREFIX: &str = "chosen-";
const CURSOR_PREFIX: &str = "cursor-";
const BELL_PREFIX: &str = "bell-";
const MAIL_PREFIX: &str = "mail-";
const HANDING_PREFIX: &str = "handing-";
const POLICY_PREFIX: &str = "policy-";
const POLICY_SUFFIX: &str = ".json";
const RECORD_SUFFIX: &str = ".toml";

/// Returns the name of the file in `FOLDER` with where a reader of the history is.
pub fn cursor_file(name: &CursorName) -> String {
    format!("{CURSOR_PREFIX}{}{RECORD_SUFFIX}", key_of(name.as_str()))
}

/// Whether a file in `FOLDER` has where a reader of the history is.
pub fn is_cursor_file(name: &str) -> bool {
    name.starts_with(CURSOR_PREFIX) && name.ends_with(RECORD_SUFFIX)
}

/// Returns the name of the file in `FOLDER` that the one process that follows a cursor has locked.
pub fn cursor_lock(name: &CursorName) -> String {
    format!("{CURSOR_PREFIX}{}{KEEP_SUFFIX}", key_of(name.as_str()))
}

/// Returns the name of the file in `FOLDER` with the leases of a session.
pub fn held_file(id: &SessionId) -> String {
    format!("{HELD_PREFIX}{}{HELD_SUFFIX}", session_key(id))
}

/// Returns the name of the file in `FOLDER` with a hash of the last notice to a session.
pub fn told_file(id: &SessionId) -> String {
    format!("{TOLD_PREFIX}{}{HELD_SUFFIX}", session_key(id))
}

/// Returns the name of the file in `FOLDER` with the sessions that a harness started in a process.
pub fn started_file(process: &Process) -> String {
    let Process {
        pid,
        host_id,
        boot_id,
        ..
    } = process;
    let key = key_of(&format!("{host_id} {boot_id} {pid}"));
    format!("{STARTED_PREFIX}{key}{RECORD_SUFFIX}")
}

/// Whether a file in `FOLDER` has sessions that a harness started.
pub fn is_started_file(name: &str) -> bool {
    name.starts_with(STARTED_PREFIX) && name.ends_with(RECORD_SUFFIX)
}

/// Returns the name of the file in `FOLDER` that the process that renews the claims of a session
/// has locked.
pub fn keep_file(id: &SessionId) -> String {
    format!("{KEEP_PREFIX}{}{KEEP_SUFFIX}", session_key(id))
}

/// Returns the name of the file in `FOLDER` on which the commands lock that run under one claim of
/// a session.
pub fn run_file(id: &SessionId, resource: &Resource) -> String {
    let label = format!("{}\n{}", id.as_str(), resource.label());
    format!("{RUN_PREFIX}{}{KEEP_SUFFIX}", key_of(&label))
}

/// Returns the name of the file in `FOLDER` with what a session was not told yet.
pub fn news_file(id: &SessionId) -> String {
    format!("{NEWS_PREFIX}{}{NEWS_SUFFIX}", session_key(id))
}

/// Returns the name of the file in `FOLDER` with what a session did not get.
pub fn wants_file(id: &SessionId) -> String {
    format!("{WANTS_PREFIX}{}{RECORD_SUFFIX}", session_key(id))
}

/// Returns the name of the file in `FOLDER` with the policy of an attempt, by what marks it.
pub fn policy_file(attempt: &str) -> String {
    format!("{POLICY_PREFIX}{}{POLICY_SUFFIX}", key_of(attempt))
}

/// Whether a file in `FOLDER` has the policy of an attempt.
pub fn is_policy_file(name: &str) -> bool {
    name.starts_with(POLICY_PREFIX) && name.ends_with(POLICY_SUFFIX)
}

/// Returns the name of the file in `FOLDER` with the harness sessions that use a chosen id.
pub fn chosen_file(id: &SessionId) -> String {
    format!("{CHOSEN_PREFIX}{}{RECORD_SUFFIX}", session_key(id))
}

/// Returns the name of the file in `FOLDER` that exists while a message waits for a session.
pub fn bell_file(id: &SessionId) -> String {
    format!("{BELL_PREFIX}{}", session_key(id))
}

/// Returns the name of the file in `FOLDER` with the messages that a session had seen when none was
/// unread for it.
pub fn mail_seen_file(id: &SessionId) -> String {
    format!("{MAIL_PREFIX}{}", session_key(id))
}

/// Returns the name of the file in `FOLDER` that is locked while a hook hands messages over to a
/// session.
pub fn handing_lock(id: &SessionId) -> String {
    format!("{HANDING_PREFIX}{}{KEEP_SUFFIX}", session_key(id))
}

fn session_key(id: &SessionId) -> String {
    key_of(id.as_str())
}

/// Returns the most bytes that a file in `FOLDER` has; a larger one is not ours.
pub fn bytes_max(name: &str) -> u64 {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    match name {
        NODE_FILE | CACHE_KEY => 4 * KIB,
        SESSIONS_CACHE => 64 * MIB,
        SEEN | SEEN_BEFORE | LISTS_CACHE | PACKED_CACHE => 4 * MIB,
        TASKS_FILE => 16 * MIB,
        told if told.starts_with(TOLD_PREFIX) => 64 * KIB,
        policy if policy.starts_with(POLICY_PREFIX) => 64 * KIB,
        chosen if chosen.starts_with(CHOSEN_PREFIX) => 64 * KIB,
        cursor if cursor.starts_with(CURSOR_PREFIX) => 16 * MIB,
        _ => MIB,
    }
}

/// Whether a file in `FOLDER` with this name is made by this program and stays.
pub fn is_own_file(name: &str) -> bool {
    const PREFIXES: [&str; 8] = [
        CHOSEN_PREFIX,
        CURSOR_PREFIX,
        WANTS_PREFIX,
        HELD_PREFIX,
        TOLD_PREFIX,
        STARTED_PREFIX,
        REMOTE_PREFIX,
        SENT_PREFIX,
    ];
    let has_records = name.ends_with(RECORD_SUFFIX);
    let is_news = name.starts_with(NEWS_PREFIX) && name.ends_with(NEWS_SUFFIX);
    is_locked(name)
        || is_news
        || is_policy_file(name)
        || name.starts_with(BELL_PREFIX)
        || name.starts_with(MAIL_PREFIX)
        || matches!(
            name,
            NODE_FILE | RECONCILED_FILE | FORWARD_ONLY | FLOORS_FILE | SESSIONS_CACHE | LISTS_CACHE
        )
        || matches!(
            name,
            CACHE_KEY | PACKED_CACHE | SEEN | SEEN_BEFORE | SWEEPS_FILE | MAIL_FILE | TASKS_FILE
        )
        || has_records && PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Whether a file in `FOLDER` with this name is locked by processes of this program.
pub fn is_locked(name: &str) -> bool {
    const PREFIXES: [&str; 4] = [KEEP_PREFIX, RUN_PREFIX, CURSOR_PREFIX, HANDING_PREFIX];
    let is_one_of_many = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    is_one_of_many && name.ends_with(KEEP_SUFFIX)
        || matches!(name, DECISION_LOCK | WRITERS_LOCK | SYNC_LOCK | TASKS_LOCK)
}

/// Whether a file in `FOLDER` has the leases of a session.
pub fn is_held_file(name: &str) -> bool {
    name.starts_with(HELD_PREFIX) && name.ends_with(HELD_SUFFIX)
}

/// Returns the name of the file in `FOLDER` that records how a remote answered.
pub fn remote_file(remote: &str) -> String {
    format!("{REMOTE_PREFIX}{}{RECORD_SUFFIX}", key_of(remote))
}

/// Returns the name of the file in `FOLDER` with what was pushed to a remote last.
pub fn sent_file(remote: &str) -> String {
    format!("{SENT_PREFIX}{}{RECORD_SUFFIX}", key_of(remote))
}
