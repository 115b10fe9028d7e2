//! Settings, typed.
//!
//! Owns the keys below `presence.`, their defaults, their limits, and the error that names key,
//! value, place and what is allowed. Raw settings are handed in; never reads a file itself.

use std::fmt;

use crate::ledger::repository::RawSetting;
use crate::model::time::{Ttl, parse_span_secs};

/// How often a session renews itself at most, by default.
const HEARTBEAT_SECS_DEFAULT: u64 = 120;
const HEARTBEAT_SECS_MAX: u64 = 24 * 60 * 60;

/// What `claim` does when others hold the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Claim, and say who else does.
    Warn,
    /// Write nothing and exit 3.
    Refuse,
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
    pub fsync: bool,
    pub color: ColorWhen,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ledger: None,
            ttl: Ttl::DEFAULT,
            heartbeat_secs: HEARTBEAT_SECS_DEFAULT,
            on_conflict: OnConflict::Warn,
            fsync: true,
            color: ColorWhen::Auto,
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
pub const KEYS: [(&str, &str); 5] = [
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
        "presence.fsync",
        "whether a reported write survives a power cut (true)",
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
                "presence.fsync" => {
                    config.fsync = boolean(&setting.value)
                        .ok_or_else(|| refused("presence.fsync", setting, "true or false"))?;
                }
                "color.presence" => {
                    presence_color = true;
                    config.color = color("color.presence", setting)?;
                }
                "color.ui" if !presence_color => config.color = color("color.ui", setting)?,
                _ => {}
            }
        }
        Ok(config)
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
    let secs = parse_span_secs(&setting.value).ok();
    secs.filter(|secs| *secs <= HEARTBEAT_SECS_MAX)
        .ok_or_else(|| {
            refused(
                "presence.heartbeat",
                setting,
                "0 to 24h, written as 120 or 2m",
            )
        })
}

fn on_conflict(setting: &RawSetting) -> Result<OnConflict, ConfigError> {
    match setting.value.as_str() {
        "warn" => Ok(OnConflict::Warn),
        "refuse" => Ok(OnConflict::Refuse),
        _ => Err(refused("presence.onConflict", setting, "warn, refuse")),
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
fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" | "" => Some(false),
        _ => None,
    }
}

/// Read `GIT_CONFIG_PARAMETERS`, in which `git -c key=value` hands settings to a subcommand:
/// shell-quoted `'key'='value'`, or `'key=value'` from before Git 2.31. Words that cannot be read
/// are left out.
pub fn parse_parameters(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut any) = (false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' => (quoted, any) = (!quoted, true),
            '\\' if !quoted => word.extend(chars.next()),
            ' ' if !quoted => {
                if any {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            c => word.push(c),
        }
    }
    if any && !quoted {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn setting(key: &str, value: &str) -> RawSetting {
        RawSetting {
            key: key.to_ascii_lowercase(),
            value: value.to_owned(),
            origin: "/etc/gitconfig".to_owned(),
        }
    }

    fn config(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let raw: Vec<_> = settings.iter().map(|(k, v)| setting(k, v)).collect();
        Config::from_settings(&raw)
    }

    #[test]
    fn the_last_one_wins_and_the_rest_is_default() {
        let read = config(&[
            ("presence.ttl", "1h"),
            ("presence.ttl", "30m"),
            ("presence.onConflict", "refuse"),
            ("presence.fsync", "no"),
            ("presence.heartbeat", "0"),
            ("presence.newer", "x"),
        ])
        .unwrap();
        assert_eq!(read.ttl.as_secs(), 1800);
        assert_eq!(read.on_conflict, OnConflict::Refuse);
        assert_eq!((read.fsync, read.heartbeat_secs), (false, 0));
        assert_eq!(config(&[]).unwrap(), Config::default());
    }

    #[test]
    fn colour_of_presence_beats_colour_of_git() {
        let color = |s: &[(&str, &str)]| config(s).unwrap().color;
        assert_eq!(color(&[("color.ui", "always")]), ColorWhen::Always);
        assert_eq!(color(&[("color.ui", "true")]), ColorWhen::Auto);
        assert_eq!(
            color(&[("color.presence", "never"), ("color.ui", "always")]),
            ColorWhen::Never
        );
    }

    #[test]
    fn an_error_names_key_value_place_and_what_is_allowed() {
        for (key, value) in [
            ("presence.ttl", "5s"),
            ("presence.ttl", "soon"),
            ("presence.heartbeat", "25h"),
            ("presence.onConflict", "maybe"),
            ("presence.fsync", "perhaps"),
            ("color.ui", "mauve"),
        ] {
            let error = config(&[(key, value)]).unwrap_err();
            assert_eq!((error.key, error.value.as_str()), (key, value));
            let text = error.to_string();
            assert!(
                text.contains("/etc/gitconfig") && text.contains("allowed: "),
                "{text}"
            );
        }
    }

    #[test]
    fn unknown_keys_are_found() {
        let raw = [
            setting("presence.tll", "1h"),
            setting("presence.ttl", "1h"),
            setting("color.ui", "auto"),
        ];
        let unknown = unknown_keys(&raw);
        assert_eq!(unknown.len(), 1);
        assert_eq!(unknown[0].key, "presence.tll");
    }

    #[test]
    fn parameters_of_git_dash_c() {
        for (text, words) in [
            ("'presence.ttl'='1h'", vec!["presence.ttl=1h"]),
            (
                "'presence.ttl=1h' 'a.b'='c d'",
                vec!["presence.ttl=1h", "a.b=c d"],
            ),
            ("'a.b'='it'\\''s'", vec!["a.b=it's"]),
            ("'a.b'", vec!["a.b"]),
            ("", vec![]),
            ("'a.b'='unclosed", vec![]),
        ] {
            assert_eq!(parse_parameters(text), words, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_parameters_panic(text in any::<String>()) {
            let _ = parse_parameters(&text);
        }
    }
}
