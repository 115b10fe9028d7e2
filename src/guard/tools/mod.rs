//! Tools that rules alone cannot describe.
//!
//! Owns what is known of the words of Kubernetes, SQL, `git push` and settings of Git. Never walks
//! over a line.

pub(super) mod copies;
pub(super) mod git_push;
pub(super) mod git_settings;
pub(super) mod kubernetes;
pub(super) mod powershell;
pub(super) mod sql;
