//! Settings of one command (`git -c`), as a configuration.
//!
//! Owns [`Override`], and how Git applies them: after every file and the environment, with the
//! files that they include. Never reads the environment, never interprets a setting.

use std::path::Path;

use gix::bstr::{BStr, BString};
use gix::config::file::includes::conditional::Context as Conditions;
use gix::config::file::{Metadata, includes, init};
use gix::config::path::interpolate;
use gix::config::{File, Source};
use gix::refs::FullName;

/// One setting of `git -c`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The key: `section.name`, or with any text between two dots.
    pub key: String,
    /// The value; `None` for a key without one, which means "true".
    pub value: Option<String>,
}

/// Where settings are applied, for the conditions of `includeIf`.
#[derive(Clone, Copy, Default)]
pub(super) struct Conditioned<'a> {
    pub git_dir: Option<&'a Path>,
    pub branch: Option<&'a FullName>,
}

/// Returns the settings with those that they include. One that Git would not accept is left out:
/// Git itself stops at it.
pub(super) fn file(overrides: &[Override], on: Conditioned<'_>) -> File {
    let mut file = File::new(Metadata::from(Source::Cli));
    for one in overrides {
        let Some((section, name)) = one.key.rsplit_once('.') else {
            continue;
        };
        let (section, below) = match section.split_once('.') {
            Some((section, below)) => (section, Some(BString::from(below))),
            None => (section, None),
        };
        // gix knows the names of includes in one spelling only.
        let section = match section.to_ascii_lowercase().as_str() {
            "includeif" => "includeIf".to_owned(),
            section => section.to_owned(),
        };
        if let Ok(mut section) = file.new_section(&section, below) {
            let _ = section.push(name, one.value.as_deref().map(BStr::new));
        }
    }
    let home = gix::path::env::home_dir();
    let names = interpolate::Context {
        home_dir: home.as_deref(),
        ..interpolate::Context::default()
    };
    let conditions = Conditions {
        git_dir: on.git_dir,
        branch_name: on.branch.map(FullName::as_ref),
    };
    let options = init::Options {
        includes: includes::Options {
            err_on_max_depth_exceeded: false,
            err_on_missing_config_path: false,
            ..includes::Options::follow(names, conditions)
        },
        ..init::Options::default()
    };
    // What was included before a failure stays.
    let _ = file.resolve_includes(options);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_have_anything_between_its_dots() {
        let set = |key: &str, value: &str| Override {
            key: key.to_owned(),
            value: Some(value.to_owned()),
        };
        let all = [
            set("remote.a=b.c.pushUrl", " x\t\"#;\\y\n"),
            set("nodots", "x"),
            set("Presence.TTL", "1h"),
            Override {
                key: "presence.autoSync".to_owned(),
                value: None,
            },
        ];
        let file = file(&all, Conditioned::default());
        let value = file.string_by("remote", Some("a=b.c".into()), "pushurl");
        assert_eq!(
            value.map(|v| v.to_string()).as_deref(),
            Some(" x\t\"#;\\y\n")
        );
        let value = file.string("presence.ttl").map(|v| v.to_string());
        assert_eq!(value.as_deref(), Some("1h"));
        assert_eq!(file.boolean("presence.autosync").ok().flatten(), Some(true));
    }
}
