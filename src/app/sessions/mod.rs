//! Sessions: who is here, who acts, how long one is kept alive, and what of it is true.
//!
//! Owns `sessions`, `sessions reconcile`, `whoami` and the process that renews a session's claims.
//! Never claims.

pub mod facts;
pub mod followed;
pub mod keepalive;
pub mod list;
pub mod reconcile;
pub mod sensors;
pub mod whoami;
