//! Git objects of the ledger: blobs, trees and commits.
//!
//! Owns how objects are read ([`read::Objects`]) and written ([`write::Batch`]). Never moves a ref.

pub(super) mod copies;
mod kept;
mod loose;
mod packed;
mod put_back;
pub(super) mod read;
mod recent;
pub(super) mod sync;
mod unpacked;
pub(super) mod write;
