//! The integration tests: the built program, real repositories, one process a command.
//!
//! Owns the list of areas; a new test file is one line in the `mod.rs` of its area. House rules:
//! docs/testing.md.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed test panics"
)]
#![expect(
    unreachable_pub,
    reason = "`pub` is what the other files of this program may use"
)]

// What the others stand on.

/// A board that a team has used for months; the benchmarks use it, too.
#[expect(dead_code, reason = "the benchmarks use more of it")]
#[path = "../../benches/measure/aged.rs"]
mod aged;
/// Records as another version, or an attacker, would write them.
mod forge;
/// The answer of a process, and the words for what it should be.
mod said;
/// Git servers on loopback, each a process that ends with its test.
mod servers;
/// The bytes of a folder, before and after.
mod snapshot;
/// The system calls of a process.
mod strace;
/// A hermetic world: repositories, sessions, a logical clock.
mod world;

// A folder an area, a file a verb or a topic.

/// What an attacker may try by text, environment, files, clocks and folders.
mod attacks;
/// Verbs that read the board, and how they print.
mod board;
/// Shared claims, a file per verb.
mod claims;
/// Documents that are held against the program.
mod documents;
/// Exclusive claims: one holder, here and at a remote, whatever fails.
mod exclusive;
/// Front ends beside the command line.
mod fronts;
/// Hooks of agents and of Git, and the guard.
mod hooks;
/// What is stored: formats, damage, kills, races.
mod ledger;
/// Clones of one repository that diverge and meet.
mod machines;
/// Messages between sessions.
mod messages;
/// What a release is made of.
mod packages;
/// `sync`, over every way to reach a server.
mod remote;
/// Who a session is.
mod sessions;
/// What prepares a repository, a machine or a shell.
mod setup;
/// What is said of resources.
mod states;
/// Lists of what is to be done.
mod tasks;
/// The rules of the house, held against the sources.
mod tidy;
mod turns;
