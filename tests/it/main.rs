//! The integration tests: the built program, real repositories, one process a command.
//!
//! `world` is what they stand on; then a file per verb or topic. House rules: docs/testing.md.

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

mod forge;
mod said;
mod servers;
mod snapshot;
mod world;

mod claim;
mod claim_input;
mod expiry;
mod fenced;
mod guard;
mod heartbeat;
mod hooks;
mod init;
mod list;
mod log;
mod peek;
mod release;
mod run;
mod sessions_cache;
mod status;
mod supersede;
mod sync;
mod waits;
mod whoami;

mod git_hooks;

mod broken_refs;
mod compat;
mod config;
mod doctor;
mod hostile_environment;
mod hostile_text;
mod ledgers;
mod permissions;
mod records;
mod repositories;
mod transports;
mod untouched;

mod completions;
mod manual;
mod output;

mod cli_reference;
mod crash;
mod durability;
mod exclusive;
mod guide;
mod linearizable;
mod machines;
mod races;
mod strace;
mod terraform;
mod tidy;
