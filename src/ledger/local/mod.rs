//! What this clone keeps for itself, in `<git>/presence`.
//!
//! Owns its name, its file locks, who writes, who keeps a session alive, and the audit log. Never
//! pushed, never a ref.

pub mod audit_log;
pub mod file_locks;
pub mod folder;
pub mod keepalive;
pub mod node;
pub mod notices;
pub mod writers;
