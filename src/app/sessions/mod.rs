//! Sessions: who is here, who acts, and how long one is kept alive.
//!
//! Owns `sessions`, `whoami` and the process that renews a session's claims. Never claims.

pub mod followed;
pub mod keepalive;
pub mod list;
pub mod whoami;
