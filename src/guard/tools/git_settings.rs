//! Settings of one call of Git: `git -c`, `--config-env`, `GIT_CONFIG_…`.
//!
//! [`Setting`] owns how they stand on a line. Never knows what a setting does, and never reads a
//! file.

use crate::guard::invocation::Invocation;
use crate::guard::place::ShellState;
use crate::guard::shell::Word;

/// At most this many settings of the environment are read.
const SETTINGS_MAX: usize = 32;

/// A setting of one call.
pub(in crate::guard) struct Setting {
    /// Its name in lower case.
    pub(in crate::guard) key: String,
    pub(in crate::guard) value: Word,
}

/// Returns the settings of one call.
pub(in crate::guard) fn of_call(invocation: &Invocation<'_>, state: &ShellState) -> Vec<Setting> {
    let mut settings = from_environment(state);
    settings.extend(invocation.values("-c").map(Setting::of));
    let hidden = invocation.values("--config-env");
    settings.extend(hidden.map(|word| Setting::hidden(&word.text)));
    settings
}

impl Setting {
    /// Reads `key=value`.
    pub(in crate::guard) fn of(word: &Word) -> Self {
        let (key, _) = word.text.split_once('=').unwrap_or((&word.text, ""));
        Self {
            key: key.to_lowercase(),
            value: word.after(key.len() + 1),
        }
    }

    /// Reads `key=VARIABLE`, whose value is not on the line.
    pub(in crate::guard) fn hidden(pair: &str) -> Self {
        let (key, variable) = pair.rsplit_once('=').unwrap_or((pair, ""));
        Self {
            key: key.to_lowercase(),
            value: Word::unknown(&format!("${variable}")),
        }
    }
}

/// Returns the settings in variables that the line sets.
pub(in crate::guard) fn from_environment(state: &ShellState) -> Vec<Setting> {
    let mut settings = Vec::new();
    let value_of = |name: &str| state.variables.get(name).cloned();
    for at in 0..SETTINGS_MAX {
        let Some(key) = value_of(&format!("GIT_CONFIG_KEY_{at}")) else {
            break;
        };
        let value = value_of(&format!("GIT_CONFIG_VALUE_{at}"));
        settings.push(Setting {
            key: key.text.to_lowercase(),
            value: value.unwrap_or_else(|| Word::unknown("a setting")),
        });
    }
    // `'alias.x=!command' 'a=b'`.
    if let Some(all) = value_of("GIT_CONFIG_PARAMETERS") {
        let pairs = all.text.split('\'').filter(|pair| pair.contains('='));
        settings.extend(pairs.map(|pair| Setting::of(&Word::literal(pair))));
    }
    settings
}
