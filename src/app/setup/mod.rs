//! Setting up and examining: `init`, `install`, `uninstall`, `doctor`.
//!
//! Owns which foreign files are changed and what is reported about them. Never writes a foreign
//! format: that is `integrations`.

pub mod agent_hooks;
pub mod doctor;
pub mod git_hooks;
pub mod hook_state;
pub mod init;
pub mod leave;
pub mod man_pages;
pub mod origin;
pub mod scope;
