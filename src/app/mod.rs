//! The use cases: what each verb does, by area.
//!
//! Owns the order of their steps: a request comes in, a typed report goes out that any front end
//! can show. Never knows clap or a terminal, never prints.

pub mod background;
pub mod board;
pub mod claims;
mod company;
pub mod gc;
pub mod hooks;
pub mod messages;
pub mod remote;
pub mod sessions;
pub mod setup;
pub mod states;
pub mod sync;
pub mod tasks;
pub mod turns;
mod warnings;

/// A file for another program, printed as it is: a completion script, a manual page, settings.
#[derive(Debug)]
pub struct File(pub String);
