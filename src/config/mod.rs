//! Settings, typed.
//!
//! Owns [`Config`], its defaults, and the error that names key, value, place and what is allowed.
//! [`SETTINGS`] has a row for each. The caller hands in raw settings; never reads a file itself.

mod table;
mod values;

pub use table::{SETTINGS, Setting, Unset};
pub use values::{
    AcceptWork, Archive, ColorWhen, Enforce, InboxAt, OnConflict, PrePush, Required, boolean,
};

use crate::ledger::raw_settings::RawSetting;
use crate::model::retention::Retention;
use crate::model::time::Ttl;

/// Prefix of the keys that belong to this program alone.
const PREFIX: &str = "presence.";
/// What the names of checks and agents stand behind, as keys of their commands.
const COMMANDS: [&str; 2] = ["presence.check.", "presence.agent."];

/// Default of the shortest time between two heartbeats.
const HEARTBEAT_SECS_DEFAULT: u64 = 120;
/// Clocks that are kept by the network are within a second; this is generous.
const CLOCK_SKEW_SECS_DEFAULT: u64 = 30;
/// Default age from which on a reading verb fetches in the background.
const STALE_AFTER_SECS_DEFAULT: u64 = 30;
/// Default of how long a claim waits for the remote.
const DEADLINE_SECS_DEFAULT: u64 = 3;
/// Default of how long a first look may take.
const FIRST_LOOK_SECS_DEFAULT: u64 = 20;
/// Hosts ask for about six pushes a minute to one repository, from all users together.
const WAIT_GRACE_SECS_DEFAULT: u64 = 30;
const PUSHES_PER_MINUTE_DEFAULT: usize = 4;

/// All settings of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The path of the repository that keeps the board, if it is another one.
    pub ledger: Option<String>,
    /// What stands in front of paths and branches on a board that is shared; `None`: it is derived.
    pub project: Option<String>,
    /// How long a claim lasts without a heartbeat, unless the claim says so itself.
    pub ttl: Ttl,
    /// The shortest time between two written heartbeats, in seconds.
    pub heartbeat_secs: u64,
    /// What `claim` does when another session holds the resource.
    pub on_conflict: OnConflict,
    /// How far the clocks of different machines may differ, in seconds.
    pub clock_skew_secs: u64,
    /// How long a wait that ended without the resource keeps its place in the queue, in seconds.
    pub wait_grace_secs: u64,
    /// Whether a reported write survives a power cut.
    pub fsync: bool,
    /// When output is coloured.
    pub color: ColorWhen,
    color_source: Color,
    /// What concerns the hooks of agents.
    pub agents: AgentConfig,
    /// What the pre-push hook does about claims of other sessions.
    pub pre_push: PrePush,
    /// What needs a claim of the session that does it.
    pub required: Required,
    /// Whether all that have one `GIT_PRESENCE_SESSION` are one session.
    pub shared_session: bool,
    /// The names of sessions of tmux whose panes are sessions; `*` is any run of characters.
    pub session_pattern: Option<String>,
    /// What concerns the remote.
    pub sync: SyncConfig,
}

/// Which family of keys has set the colour; `color.presence` wins over `color.ui`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Color {
    Git,
    Presence,
}

/// Settings for the hooks of agents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentConfig {
    /// What a hook does before a command that conflicts with a claim.
    pub enforce: Enforce,
    /// Whether a change of this machine needs a claim also while no other session of it lives.
    pub guard_alone: bool,
    /// Whether the first edit of a file claims it.
    pub claim_on_edit: bool,
    /// Whether a process renews an agent's claims for as long as its harness runs.
    pub keeper: bool,
    /// When messages are handed over to an agent.
    pub inbox: InboxAt,
    /// Whose tasks a supervisor of this clone works on.
    pub accept_work: AcceptWork,
}

/// Settings for the sync. They are read from the repository that keeps the board, whose remotes
/// they name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncConfig {
    /// The configured remote.
    pub remote: Option<String>,
    /// Whether verbs push and fetch without being asked to.
    pub auto: bool,
    /// How old the last fetch may be, in seconds.
    pub stale_after_secs: u64,
    /// How long `claim` and `release` wait for the remote, in seconds.
    pub deadline_secs: u64,
    /// How long they wait at most while a first look brings the board, in seconds.
    pub first_look_secs: u64,
    /// How many pushes a minute this clone makes in the background.
    pub pushes_per_minute: usize,
    /// Whether ssh calls share one connection.
    pub ssh_multiplex: bool,
    /// How long what is over stays on the board.
    pub retention: Retention,
    /// Where the histories of folded sessions are kept.
    pub archive: Archive,
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self {
            remote: None,
            auto: true,
            stale_after_secs: STALE_AFTER_SECS_DEFAULT,
            deadline_secs: DEADLINE_SECS_DEFAULT,
            first_look_secs: FIRST_LOOK_SECS_DEFAULT,
            pushes_per_minute: PUSHES_PER_MINUTE_DEFAULT,
            ssh_multiplex: true,
            retention: Retention::DEFAULT,
            archive: Archive::Local,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ledger: None,
            project: None,
            ttl: Ttl::DEFAULT,
            heartbeat_secs: HEARTBEAT_SECS_DEFAULT,
            on_conflict: OnConflict::Warn,
            clock_skew_secs: CLOCK_SKEW_SECS_DEFAULT,
            wait_grace_secs: WAIT_GRACE_SECS_DEFAULT,
            fsync: true,
            color: ColorWhen::Auto,
            color_source: Color::Git,
            agents: AgentConfig::default(),
            pre_push: PrePush::Exclusive,
            required: Required::default(),
            shared_session: false,
            session_pattern: None,
            sync: SyncConfig::default(),
        }
    }
}

/// A setting whose value is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} = {value:?} (in {origin}) is not accepted; allowed: {allowed}")]
pub struct ConfigError {
    /// The key as it is documented.
    pub key: &'static str,
    /// The value as it was found.
    pub value: String,
    /// The file or other place that the value comes from.
    pub origin: String,
    /// The accepted values, in words.
    pub allowed: &'static str,
}

impl Config {
    /// Reads settings in the order in which Git lists them: a later one wins. Ignores keys that
    /// are in no row.
    ///
    /// # Errors
    ///
    /// Returns the first setting whose value is not accepted.
    pub fn from_settings(settings: &[RawSetting]) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for raw in settings {
            let Some(setting) = find(&raw.key) else {
                continue;
            };
            if !(setting.set)(&mut config, &raw.value) {
                return Err(ConfigError {
                    key: setting.key,
                    value: raw.value.clone(),
                    origin: raw.origin.clone(),
                    allowed: setting.allowed,
                });
            }
        }
        Ok(config)
    }
}

/// Returns the documented keys that belong to this program alone: those below `presence.`.
pub fn own_keys() -> impl Iterator<Item = &'static str> {
    let keys = SETTINGS.iter().map(|setting| setting.key);
    keys.filter(|key| key.starts_with(PREFIX))
}

/// Returns the settings below `presence.` that are in no row: a typo, or a newer version's.
pub fn unknown_keys(settings: &[RawSetting]) -> Vec<&RawSetting> {
    let is_ours = |raw: &&RawSetting| raw.key.starts_with(PREFIX);
    let is_command = |raw: &&RawSetting| COMMANDS.iter().any(|kind| raw.key.starts_with(kind));
    let unknown = settings
        .iter()
        .filter(is_ours)
        .filter(|raw| !is_command(raw));
    unknown.filter(|raw| find(&raw.key).is_none()).collect()
}

/// Returns the row of a key, which Git compares without regard to case.
fn find(key: &str) -> Option<&'static Setting> {
    let mut rows = SETTINGS.iter();
    rows.find(|setting| setting.key.eq_ignore_ascii_case(key))
}

#[cfg(test)]
mod tests;
