//! Git objects of the ledger: blobs, trees and commits.
//!
//! Owns how objects are read ([`read::Objects`]) and written ([`write::Batch`]). Never moves a ref.

mod loose;
pub mod read;
pub mod write;
