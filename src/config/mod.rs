//! Settings, typed.
//!
//! Owns the keys below `presence.`, their defaults, their limits, and the error that names key,
//! value, place and what is allowed. Raw settings are handed in; never reads a file itself.

#![expect(
    missing_docs,
    reason = "not documented yet; goes when every public item here is"
)]

mod agents;

use std::fmt;
use std::ops::RangeInclusive;

pub use agents::{AgentConfig, Enforce};

use crate::ledger::repository::RawSetting;
use crate::model::time::{Ttl, parse_span_secs};

/// How often a session renews itself at most, by default.
const HEARTBEAT_SECS_DEFAULT: u64 = 120;
/// Clocks that are kept by the network are within a second; this is generous.
const CLOCK_SKEW_SECS_DEFAULT: u64 = 30;
const SPAN_SECS_MAX: u64 = 24 * 60 * 60;
/// How old the view of a remote may be before it is renewed behind the scenes.
const STALE_AFTER_SECS_DEFAULT: u64 = 30;
/// How long a claim waits for the remote.
const DEADLINE_SECS_DEFAULT: u64 = 3;
/// Hosts ask for about six pushes a minute to one repository, by everybody together.
const PUSHES_PER_MINUTE_DEFAULT: usize = 4;
const PUSHES_PER_MINUTE_MAX: usize = 60;

/// What `claim` does when others hold the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Claim, and say who else does.
    Warn,
    /// Write nothing and exit 3.
    Refuse,
}

/// What the hook before a push does where others hold what it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrePush {
    /// Does not look.
    Off,
    /// Says who.
    Warn,
    /// Stops the push where somebody holds it alone; of a shared claim it says who.
    Exclusive,
    /// Stops the push whoever holds it.
    Block,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub ledger: Option<String>,
    pub ttl: Ttl,
    pub heartbeat_secs: u64,
    pub on_conflict: OnConflict,
    /// How far the clocks of different machines may be apart.
    pub clock_skew_secs: u64,
    pub fsync: bool,
    pub color: ColorWhen,
    pub agents: AgentConfig,
    pub pre_push: PrePush,
    /// Whether what is applied has to be claimed by whoever applies it.
    pub require_claim: bool,
    pub sync: SyncConfig,
}

/// How to sync. These settings are those of the repository that keeps the board: its remotes are
/// meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncConfig {
    pub remote: Option<String>,
    pub auto: bool,
    pub stale_after_secs: u64,
    pub deadline_secs: u64,
    pub pushes_per_minute: usize,
    pub ssh_multiplex: bool,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            remote: None,
            auto: true,
            stale_after_secs: STALE_AFTER_SECS_DEFAULT,
            deadline_secs: DEADLINE_SECS_DEFAULT,
            pushes_per_minute: PUSHES_PER_MINUTE_DEFAULT,
            ssh_multiplex: true,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ledger: None,
            ttl: Ttl::DEFAULT,
            heartbeat_secs: HEARTBEAT_SECS_DEFAULT,
            on_conflict: OnConflict::Warn,
            clock_skew_secs: CLOCK_SKEW_SECS_DEFAULT,
            fsync: true,
            color: ColorWhen::Auto,
            agents: AgentConfig::default(),
            pre_push: PrePush::Exclusive,
            require_claim: false,
            sync: SyncConfig::default(),
        }
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    pub key: &'static str,
    pub value: String,
    pub origin: String,
    pub allowed: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} = {:?} (in {}) is not accepted; allowed: {}",
            self.key, self.value, self.origin, self.allowed
        )
    }
}

/// The keys as they are documented, in camelCase, with what they mean.
pub const KEYS: [(&str, &str); 17] = [
    (
        "presence.ledger",
        "path of another repository that keeps the board",
    ),
    ("presence.ttl", "how long a claim lasts: 10s to 24h (15m)"),
    (
        "presence.heartbeat",
        "renew at most this often: up to 24h (2m)",
    ),
    (
        "presence.onConflict",
        "warn or refuse when others hold a resource (warn)",
    ),
    (
        "presence.clockSkew",
        "how far clocks may be apart: an exclusive claim is taken over so long after it lapsed (30s)",
    ),
    (
        "presence.fsync",
        "whether a reported write survives a power cut (true)",
    ),
    (
        "presence.prePush",
        "what the pre-push hook does about claims of others: off, warn, exclusive, block (exclusive)",
    ),
    (
        "presence.requireClaim",
        "whether pre-apply wants what is applied to be claimed by you (false)",
    ),
    (
        "presence.remote",
        "the remote that the board is shared through (origin, or the only one)",
    ),
    (
        "presence.autoSync",
        "whether verbs sync with the remote by themselves (true)",
    ),
    (
        "presence.staleAfter",
        "look at the remote in the background after this long: up to 24h (30s)",
    ),
    (
        "presence.syncDeadline",
        "how long claim and release wait for the remote: 1s to 60s (3s)",
    ),
    (
        "presence.pushesPerMinute",
        "how many background pushes a minute: 0 to 60 (4)",
    ),
    (
        "presence.sshMultiplex",
        "whether calls of ssh share a connection for a minute (true)",
    ),
    (
        "presence.enforce",
        "off, warn, ask or deny when an agent changes what it does not claim, or others do (warn)",
    ),
    (
        "presence.guard",
        "a rule about command lines that change something; any number of them",
    ),
    (
        "presence.keeper",
        "whether claims of an agent are renewed for as long as its harness runs (false)",
    ),
];

impl Config {
    /// Later settings win, as in Git.
    pub fn from_settings(settings: &[RawSetting]) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let mut presence_color = false;
        for setting in settings {
            match setting.key.as_str() {
                "presence.ledger" => config.ledger = Some(setting.value.clone()),
                "presence.ttl" => config.ttl = ttl(setting)?,
                "presence.heartbeat" => config.heartbeat_secs = heartbeat(setting)?,
                "presence.onconflict" => config.on_conflict = on_conflict(setting)?,
                "presence.clockskew" => {
                    let allowed = "0 to 24h, written as 30 or 2m";
                    config.clock_skew_secs =
                        span("presence.clockSkew", setting, 0..=SPAN_SECS_MAX, allowed)?;
                }
                "presence.prepush" => config.pre_push = pre_push(setting)?,
                "presence.requireclaim" => {
                    config.require_claim = switch("presence.requireClaim", setting)?;
                }
                "presence.fsync" => config.fsync = switch("presence.fsync", setting)?,
                "color.presence" => {
                    presence_color = true;
                    config.color = color("color.presence", setting)?;
                }
                "color.ui" if !presence_color => config.color = color("color.ui", setting)?,
                _ if config.agents.take(setting)? => {}
                _ => config.sync.take(setting)?,
            }
        }
        Ok(config)
    }
}

impl SyncConfig {
    fn take(&mut self, setting: &RawSetting) -> Result<(), ConfigError> {
        match setting.key.as_str() {
            "presence.remote" => self.remote = Some(setting.value.clone()),
            "presence.autosync" => self.auto = switch("presence.autoSync", setting)?,
            "presence.sshmultiplex" => {
                self.ssh_multiplex = switch("presence.sshMultiplex", setting)?;
            }
            "presence.staleafter" => {
                let allowed = "0 to 24h, written as 30 or 2m";
                let secs = span("presence.staleAfter", setting, 0..=SPAN_SECS_MAX, allowed);
                self.stale_after_secs = secs?;
            }
            "presence.syncdeadline" => {
                let secs = span("presence.syncDeadline", setting, 1..=60, "1s to 60s");
                self.deadline_secs = secs?;
            }
            "presence.pushesperminute" => {
                let count = setting.value.trim().parse().ok();
                let count = count.filter(|count| *count <= PUSHES_PER_MINUTE_MAX);
                self.pushes_per_minute =
                    count.ok_or_else(|| refused("presence.pushesPerMinute", setting, "0 to 60"))?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Keys below `presence.` that mean nothing here: a typo, or a newer version's.
pub fn unknown_keys(settings: &[RawSetting]) -> Vec<&RawSetting> {
    let known = |key: &str| {
        KEYS.iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(key))
    };
    settings
        .iter()
        .filter(|setting| setting.key.starts_with("presence.") && !known(&setting.key))
        .collect()
}

fn refused(key: &'static str, setting: &RawSetting, allowed: impl Into<String>) -> ConfigError {
    ConfigError {
        key,
        value: setting.value.clone(),
        origin: setting.origin.clone(),
        allowed: allowed.into(),
    }
}

fn ttl(setting: &RawSetting) -> Result<Ttl, ConfigError> {
    let allowed = "10s to 24h, written as 900, 15m or 1h30m";
    Ttl::parse(&setting.value).map_err(|_| refused("presence.ttl", setting, allowed))
}

fn heartbeat(setting: &RawSetting) -> Result<u64, ConfigError> {
    let allowed = "0 to 24h, written as 120 or 2m";
    span("presence.heartbeat", setting, 0..=SPAN_SECS_MAX, allowed)
}

fn span(
    key: &'static str,
    setting: &RawSetting,
    range: RangeInclusive<u64>,
    allowed: &str,
) -> Result<u64, ConfigError> {
    let secs = parse_span_secs(&setting.value).ok();
    secs.filter(|secs| range.contains(secs))
        .ok_or_else(|| refused(key, setting, allowed))
}

fn switch(key: &'static str, setting: &RawSetting) -> Result<bool, ConfigError> {
    boolean(&setting.value).ok_or_else(|| refused(key, setting, "true or false"))
}

fn on_conflict(setting: &RawSetting) -> Result<OnConflict, ConfigError> {
    match setting.value.as_str() {
        "warn" => Ok(OnConflict::Warn),
        "refuse" => Ok(OnConflict::Refuse),
        _ => Err(refused("presence.onConflict", setting, "warn, refuse")),
    }
}

fn pre_push(setting: &RawSetting) -> Result<PrePush, ConfigError> {
    match setting.value.as_str() {
        "off" => Ok(PrePush::Off),
        "warn" => Ok(PrePush::Warn),
        "exclusive" => Ok(PrePush::Exclusive),
        "block" => Ok(PrePush::Block),
        _ => {
            let allowed = "off, warn, exclusive, block";
            Err(refused("presence.prePush", setting, allowed))
        }
    }
}

fn color(key: &'static str, setting: &RawSetting) -> Result<ColorWhen, ConfigError> {
    match setting.value.as_str() {
        "always" => Ok(ColorWhen::Always),
        "auto" => Ok(ColorWhen::Auto),
        "never" => Ok(ColorWhen::Never),
        // As Git reads it: "true" is "auto".
        other => match boolean(other) {
            Some(true) => Ok(ColorWhen::Auto),
            Some(false) => Ok(ColorWhen::Never),
            None => Err(refused(key, setting, "auto, always, never")),
        },
    }
}

/// A boolean as Git spells it.
pub fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" | "" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
