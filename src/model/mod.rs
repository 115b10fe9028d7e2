//! The rules of presence, as values and pure functions.
//!
//! Owns what a resource, a session, a claim and a board are, when a claim is live, who is in
//! whose way, and what a request does to a session. Never touches the world: no I/O, no clock
//! (`now` is an argument), no serialization, no Git.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]

pub mod actor;
pub mod board;
pub mod claim;
pub mod event;
pub mod finding;
pub mod holding;
pub mod id;
pub mod lease;
pub mod lock;
pub mod lock_request;
pub mod path;
pub mod refusal;
pub mod resource;
pub mod session;
pub mod text;
pub mod time;
pub mod token;
pub mod unreadable;
