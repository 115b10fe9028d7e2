//! The board at a remote.
//!
//! Owns what `sync` reports, and that it works over every way to reach a server.

/// `sync`, and what other verbs report about the remote.
mod sync;
/// Sync over a path, `git daemon`, ssh and http.
mod transports;
/// Settings that lead to no remote.
mod unchosen;
/// Clones that never looked, or long ago.
mod unseen;
