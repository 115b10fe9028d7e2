//! Sessions.
//!
//! Owns how a process learns which session it belongs to.

/// `whoami`, and every source of an identity.
mod whoami;
