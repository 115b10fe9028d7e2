//! What is stored in the repository.
//!
//! Owns what survives damage, kills, races and newer formats.

/// Broken refs, and names that block others.
mod broken_refs;
/// A frozen ledger of each format, read and continued.
mod compat;
/// Killed at each system call.
pub mod crash;
/// What is on disk before what.
mod durability;
/// Many processes at once.
mod races;
/// Damaged, misplaced and newer records.
mod records;
/// The refs, index and files of the user stay the same bytes.
mod untouched;
