//! Sessions.
//!
//! Owns how a process learns which session it belongs to, and which claims are its own.

/// A line for each session that is here.
mod list;
/// Sessions of one id in two clones.
mod namesakes;
/// A person's terminals and work trees.
mod places;
/// Sessions against processes, panes and transcripts.
mod reconcile;
/// `whoami`, and every source of an identity.
mod whoami;
