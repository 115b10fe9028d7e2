//! The front ends beside the command line: boards that stay open, and a server for agents.
//!
//! Owns how the reports of use cases are shown in a terminal (`board`), in a browser (`serve`) and
//! to a model (`mcp`); each is a feature of the build, and nothing of it runs at the start of
//! another verb. Never reaches ledger, sync or Git.

#[cfg(feature = "board")]
pub mod board;
#[cfg(feature = "mcp")]
pub mod mcp;
#[cfg(feature = "serve")]
pub mod serve;
#[cfg(feature = "mcp")]
mod signals;
