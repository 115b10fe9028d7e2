//! Sessions.
//!
//! Owns how a process learns which session it belongs to, and which claims are its own.

/// Sessions of one id in two clones.
mod namesakes;
/// `whoami`, and every source of an identity.
mod whoami;
