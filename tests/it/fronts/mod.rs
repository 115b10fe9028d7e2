//! The front ends beside the command line, each as its user meets it.
//!
//! Owns what they show and refuse. A front end that was not built in says so; its other tests are
//! not there then.

/// The server for agents.
#[cfg(feature = "mcp")]
mod mcp;
/// A verb that was not built in.
mod not_built;
