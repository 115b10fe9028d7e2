//! Verbs and settings that prepare a repository, a machine or a shell.
//!
//! Owns what they add, find and repair.

/// What a job of a CI system is told, and claims.
mod ci;
/// Completions, asked by the shells themselves.
mod completions;
/// Settings from every place.
mod config;
/// `doctor`, and what it repairs.
mod doctor;
/// `init`, and how it is undone.
mod init;
/// How it is left, without a trace.
mod leaving;
/// Which repository holds the board.
mod ledgers;
/// Manual pages, found by `man` and by Git.
mod manual;
/// Shared and read-only repositories, several users.
mod permissions;
/// What keeps the paths of several repositories on one board apart.
mod projects;
/// What a plain `git fetch` does after `init`.
mod refspec;
/// Every kind of repository: bare, worktree, submodule, shallow, SHA-256, reftable.
mod repositories;
