//! The files of this clone in `<git>/presence`.
//!
//! Owns the [`Folder`](folder::Folder), the node id, the file locks, the lock of writers, the lock
//! of keepers, cursors, the marks of commands, the users of chosen ids, news, wants, bells,
//! notices, drifts that were told, tasks that wait for the arbiter, policies of attempts, the audit
//! log, and the examination of all of them. Never pushes a file, never touches a ref.

pub(crate) mod audit_log;
pub(crate) mod bell;
pub(crate) mod chosen;
pub(crate) mod cursors;
pub(crate) mod examine;
pub(crate) mod file_locks;
pub(crate) mod folder;
pub(crate) mod keepalive;
pub(crate) mod mail_seen;
pub(crate) mod news;
pub(crate) mod node;
pub(crate) mod notices;
pub(crate) mod policies;
pub(crate) mod reconciled;
pub(crate) mod run_mark;
pub(crate) mod starts;
pub(crate) mod task_outbox;
pub(crate) mod wants;
pub(crate) mod writers;
