//! Settings about agents.
//!
//! Owns what hooks do about the commands of an agent, and whether claims are kept alive for it.
//! Never reads a file itself.

use super::{ConfigError, refused, switch};

use crate::ledger::repository::RawSetting;

/// What the hook of an agent does about a command that changes what is not claimed by the agent,
/// or by somebody else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforce {
    Off,
    /// The agent is told.
    #[default]
    Warn,
    /// The user is asked.
    Ask,
    /// It does not run.
    Deny,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentConfig {
    pub enforce: Enforce,
    /// Whether a process renews what an agent claims for as long as its harness runs.
    pub keeper: bool,
}

impl AgentConfig {
    /// Whether the setting is one of these.
    pub(super) fn take(&mut self, setting: &RawSetting) -> Result<bool, ConfigError> {
        match setting.key.as_str() {
            "presence.enforce" => self.enforce = enforce(setting)?,
            "presence.keeper" => self.keeper = switch("presence.keeper", setting)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn enforce(setting: &RawSetting) -> Result<Enforce, ConfigError> {
    match setting.value.as_str() {
        "off" => Ok(Enforce::Off),
        "warn" => Ok(Enforce::Warn),
        "ask" => Ok(Enforce::Ask),
        "deny" => Ok(Enforce::Deny),
        _ => Err(refused("presence.enforce", setting, "off, warn, ask, deny")),
    }
}
