//! Hooks: of agents, of Git, and what guards commands.
//!
//! Owns what is stopped, what is let through, and what is recorded about it.

/// Hooks of agent harnesses.
pub mod agent;
/// Hooks of Git, beside those of other managers.
mod git;
/// `guard`: the verdict on a command line.
mod guard;
/// A real `terraform apply` under a claim, where Terraform is installed.
mod terraform;
