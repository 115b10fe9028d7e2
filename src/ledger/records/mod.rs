//! The records of the ledger, as they stand on disk.
//!
//! Owns the codecs, one file a kind. Never touches Git.

pub mod claim;
pub mod event;
pub mod lock;
pub mod session;
#[cfg(test)]
mod tests;
pub mod wire;
