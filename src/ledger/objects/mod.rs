//! Git objects of the ledger: blobs, trees and commits.
//!
//! Owns how objects are read ([`read::Objects`]) and written ([`write::Batch`]). Never moves a ref.

mod loose;
mod packed;
pub(super) mod read;
pub(super) mod write;
