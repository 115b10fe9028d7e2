//! The remote, as verbs use it.
//!
//! Owns which verb waits for the remote and for how long. Never moves a ref: that is `sync`.

mod backoff;
pub mod confirmation;
pub mod endpoints;
pub mod knowledge;
pub mod publish;
pub mod refresh;
