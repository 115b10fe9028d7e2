//! The use cases.
//!
//! Owns the order of what each verb does: a request comes in, a typed report goes out that any
//! front end can show. Never prints, never touches Git itself.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]
#![expect(
    unreachable_pub,
    reason = "wider than it reaches; goes when `pub` here means public"
)]

pub mod background;
pub mod board;
pub mod claims;
pub mod hooks;
pub mod remote;
pub mod sessions;
pub mod setup;
pub mod sync;
mod warnings;

/// A file for another program, printed as it is: a completion script, a manual page, settings.
#[derive(Debug)]
pub struct File(pub String);
