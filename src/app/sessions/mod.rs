//! Sessions: who acts, and how long one is kept alive.
//!
//! Owns `whoami` and the process that renews a session's claims. Never claims.

pub mod keepalive;
pub mod whoami;
