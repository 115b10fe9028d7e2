//! Raw settings, as Git has them.
//!
//! Owns [`RawSetting`]: what stands below `presence.` and `color.`, and the folder of hooks, each
//! with its origin. Never interprets a setting.

use std::path::{Path, PathBuf};

use crate::ledger::look;
use crate::ledger::overrides::{self, Conditioned, Override};
use crate::model::text;

/// The origin of a setting of `git -c`.
const COMMAND_LINE: &str = "git -c";
/// The key of the setting for the folder in which Git looks for hooks, in lower case.
pub const HOOKS_PATH: &str = "core.hookspath";

/// One line of Git configuration, with its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSetting {
    /// The key in lower case: `presence.onconflict`.
    pub key: String,
    /// The value; `true` for a key without one.
    pub value: String,
    /// The file, or what else has the setting, for messages.
    pub origin: String,
}

/// Checks that files of settings can be read to their end: they are plain files of a sensible size,
/// as are those that they include, or are not there. Returns what is odd otherwise.
pub fn user_settings_are_plain(files: &[PathBuf], home: Option<&Path>) -> Result<(), String> {
    let odd = look::of_user_settings(files, home);
    odd.map_err(|odd| {
        format!(
            "{} {}",
            text::name(&odd.path.display().to_string()),
            odd.what
        )
    })
}

/// Returns the settings outside any repository: of the system and the user, of the environment, and
/// of `git -c`.
pub fn settings_outside(overrides: &[Override]) -> Vec<RawSetting> {
    let files = [
        gix::config::File::from_globals(),
        gix::config::File::from_environment_overrides(),
        Ok(overrides::file(overrides, Conditioned::default())),
    ];
    let mut found = Vec::new();
    for file in files.into_iter().flatten() {
        found.extend(read_settings(&file));
    }
    found
}

/// The subsections of `presence` that are read.
const COMMANDS: [&str; 2] = ["check", "agent"];

/// Returns the settings below `presence.` and `color.`, and the hooks path, in the order of `file`.
pub(super) fn read_settings(file: &gix::config::File) -> Vec<RawSetting> {
    let mut found = Vec::new();
    for section in file.sections() {
        let header = section.header();
        let name = header.name().to_string().to_ascii_lowercase();
        if !matches!(name.as_str(), "presence" | "color" | "core") {
            continue;
        }
        // The commands of checks and agents stand below these two.
        let name = match header.subsection_name().map(ToString::to_string) {
            None => name,
            Some(below) if name == "presence" && COMMANDS.contains(&below.as_str()) => {
                format!("{name}.{below}")
            }
            Some(_) => continue,
        };
        let meta = section.meta();
        let origin = match &meta.path {
            Some(path) => path.display().to_string(),
            None => match meta.source {
                gix::config::Source::Cli => COMMAND_LINE.to_owned(),
                _ => "the environment".to_owned(),
            },
        };
        let names: Vec<String> = section.body().value_names().collect();
        let is_same = |at: usize, other: &String| other.eq_ignore_ascii_case(&names[at]);
        for (at, value_name) in names.iter().enumerate() {
            let key = format!("{name}.{}", value_name.to_ascii_lowercase());
            // Of Git's own settings, only the one for hooks matters.
            if name == "core" && key != HOOKS_PATH {
                continue;
            }
            let before = names[..at].iter().filter(|n| is_same(at, n)).count();
            let all = names.iter().filter(|n| is_same(at, n)).count();
            let values = section.body().values(value_name);
            // To Git, a key without `=` means "true".
            let value = match values.get(before) {
                Some(value) if all > 1 && values.len() == all => Some(value.clone()),
                _ => section.body().value(value_name),
            };
            let value = value.map_or_else(|| "true".to_owned(), |value| value.to_string());
            found.push(RawSetting {
                key,
                value,
                origin: origin.clone(),
            });
        }
    }
    found
}
