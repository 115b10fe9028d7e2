//! Owns the tests of the settings: what is taken, what is refused, and what the error names.

use super::*;

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
        ("presence.prePush", "block"),
        ("presence.requireClaim", "on"),
        ("presence.newer", "x"),
    ])
    .unwrap();
    assert_eq!(read.ttl.as_secs(), 1800);
    assert_eq!(read.on_conflict, OnConflict::Refuse);
    assert_eq!((read.fsync, read.heartbeat_secs), (false, 0));
    assert_eq!((read.pre_push, read.required.apply), (PrePush::Block, true));
    assert_eq!(config(&[]).unwrap(), Config::default());
}

#[test]
fn what_needs_a_claim_is_a_list_of_words() {
    let required = |s: &[(&str, &str)]| config(s).unwrap().required;
    let read = required(&[
        ("presence.requireClaim", "true"),
        ("presence.requireClaimFor", "edit, push"),
    ]);
    assert_eq!((read.edit, read.push, read.apply), (true, true, true));
    assert_eq!((read.commit, read.pipeline), (false, false));
    let read = required(&[
        ("presence.requireClaimFor", "edit push"),
        ("presence.requireClaimFor", "commit,pipeline"),
    ]);
    assert_eq!((read.edit, read.commit, read.pipeline), (false, true, true));
    assert_eq!(
        required(&[("presence.requireClaimFor", "")]),
        Required::default()
    );
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
        ("presence.prePush", "refuse"),
        ("presence.requireClaim", "perhaps"),
        ("presence.requireClaimFor", "edit,pull"),
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
fn the_table_has_the_defaults_that_hold() {
    let mut config = Config::default();
    for row in SETTINGS {
        if let Unset::Value(value) = row.default {
            assert!((row.set)(&mut config, value), "{} = {value}", row.key);
        }
    }
    assert_eq!(config, Config::default());
}

#[test]
fn every_key_has_one_row_and_is_found_in_any_case() {
    for row in SETTINGS {
        let found = find(&row.key.to_ascii_uppercase()).unwrap();
        assert!(std::ptr::eq(found, row), "{} has two rows", row.key);
    }
    assert!(find("presence").is_none());
}
