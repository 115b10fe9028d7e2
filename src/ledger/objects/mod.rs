//! Git objects of the ledger: blobs, trees and commits.
//!
//! Owns how objects are read ([`read::Objects`]) and written ([`write::Batch`]). Never moves a ref.

mod kept;
mod loose;
mod packed;
mod put_back;
pub(super) mod read;
mod recent;
pub(super) mod sync;
pub(super) mod write;
