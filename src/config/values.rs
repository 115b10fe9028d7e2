//! Values of settings: their types and their readers.
//!
//! Owns the enums that a setting can name and the reader of each kind of value, such as
//! [`boolean`]. A reader returns `None` for what is not accepted. Never names a key.

use std::ops::RangeInclusive;

use crate::model::time::parse_span_secs;

/// What `claim` does when another session holds the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Claims, and reports the other sessions.
    Warn,
    /// Writes nothing and exits with 3.
    Refuse,
}

/// What the pre-push hook does when another session claims what the push changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrePush {
    /// Skips the check.
    Off,
    /// Reports the claims.
    Warn,
    /// Stops the push on an exclusive claim and reports shared ones.
    Exclusive,
    /// Stops the push on any claim.
    Block,
}

/// What needs a claim of the session that does it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Required {
    /// An edit by a tool of an agent: of the file.
    pub edit: bool,
    /// A commit: of each file in it.
    pub commit: bool,
    /// A push: of the files that it changes, or of each branch that it moves.
    pub push: bool,
    /// What calls `hook pre-apply`: of the resources that it names.
    pub pipeline: bool,
    /// The same, by the older setting `presence.requireClaim`.
    pub apply: bool,
}

impl Required {
    /// Takes the words of the new setting, and leaves what the older one says.
    pub(super) fn take(&mut self, words: Option<Self>) -> bool {
        let apply = self.apply;
        put(self, words.map(|words| Self { apply, ..words }))
    }
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorWhen {
    /// On a terminal.
    Auto,
    /// Also in a pipe or a file.
    Always,
    /// Not at all.
    Never,
}

/// When messages are handed over to an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InboxAt {
    /// Never.
    Off,
    /// When it starts, at a prompt, and after a tool.
    Prompt,
    /// Also when a turn is about to end.
    #[default]
    Stop,
}

/// What an agent's hook does before a command that changes what the agent does not claim, or what
/// another session claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enforce {
    /// Skips the check.
    Off,
    /// Informs the agent.
    #[default]
    Warn,
    /// Asks the user.
    Ask,
    /// Denies the command.
    Deny,
}

/// Where the histories of folded sessions are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Archive {
    /// In this clone.
    #[default]
    Local,
    /// In this clone and at the remote.
    Remote,
    /// Nowhere.
    None,
}

/// Stores a value that was read; returns false if there is none.
pub(super) fn put<T>(slot: &mut T, read: Option<T>) -> bool {
    read.map(|value| *slot = value).is_some()
}

/// Reads a time span within `range`, in seconds: `30`, `2m` or `1h30m`.
pub(super) fn span(value: &str, range: RangeInclusive<u64>) -> Option<u64> {
    let secs = parse_span_secs(value).ok();
    secs.filter(|secs| range.contains(secs))
}

/// Reads a whole number of at most `max`.
pub(super) fn count(value: &str, max: usize) -> Option<usize> {
    let count = value.trim().parse().ok();
    count.filter(|count| *count <= max)
}

pub(super) fn on_conflict(value: &str) -> Option<OnConflict> {
    match value {
        "warn" => Some(OnConflict::Warn),
        "refuse" => Some(OnConflict::Refuse),
        _ => None,
    }
}

pub(super) fn pre_push(value: &str) -> Option<PrePush> {
    match value {
        "off" => Some(PrePush::Off),
        "warn" => Some(PrePush::Warn),
        "exclusive" => Some(PrePush::Exclusive),
        "block" => Some(PrePush::Block),
        _ => None,
    }
}

/// Reads words with commas or spaces between; an empty value is none.
pub(super) fn required(value: &str) -> Option<Required> {
    let mut required = Required::default();
    let words = value.split(|c: char| c == ',' || c.is_whitespace());
    for word in words.filter(|word| !word.is_empty()) {
        match word {
            "edit" => required.edit = true,
            "commit" => required.commit = true,
            "push" => required.push = true,
            "pipeline" => required.pipeline = true,
            _ => return None,
        }
    }
    Some(required)
}

impl Enforce {
    /// Returns the word of a value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }

    /// Reads the word of a value.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Self::Off),
            "warn" => Some(Self::Warn),
            "ask" => Some(Self::Ask),
            "deny" => Some(Self::Deny),
            _ => None,
        }
    }
}

/// Whose tasks a supervisor works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AcceptWork {
    /// Those that were made in this clone.
    #[default]
    Mine,
    /// Those of all clones.
    Team,
}

pub(super) fn accept_work(value: &str) -> Option<AcceptWork> {
    match value {
        "mine" => Some(AcceptWork::Mine),
        "team" => Some(AcceptWork::Team),
        _ => None,
    }
}

pub(super) fn inbox(value: &str) -> Option<InboxAt> {
    match value {
        "off" => Some(InboxAt::Off),
        "prompt" => Some(InboxAt::Prompt),
        "stop" => Some(InboxAt::Stop),
        _ => None,
    }
}

pub(super) fn archive(value: &str) -> Option<Archive> {
    match value {
        "local" => Some(Archive::Local),
        "remote" => Some(Archive::Remote),
        "none" => Some(Archive::None),
        _ => None,
    }
}

/// Reads when to colour, as Git does: `true` means `auto`.
pub(super) fn color(value: &str) -> Option<ColorWhen> {
    match value {
        "always" => Some(ColorWhen::Always),
        "auto" => Some(ColorWhen::Auto),
        "never" => Some(ColorWhen::Never),
        other => boolean(other).map(|is_on| {
            if is_on {
                ColorWhen::Auto
            } else {
                ColorWhen::Never
            }
        }),
    }
}

/// Reads a boolean as Git spells it: `true`, `yes`, `on`, `1` or the opposites, in any case. An
/// empty value is false.
pub fn boolean(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" | "" => Some(false),
        _ => None,
    }
}
