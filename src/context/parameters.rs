//! Settings of `git -c key=value`, as Git hands them to a subcommand.
//!
//! Owns the reader of `GIT_CONFIG_PARAMETERS`, see [`parse_parameters`]. Never reads the
//! environment and never interprets a setting.

use crate::ledger::overrides::Override;

/// Reads the value of `GIT_CONFIG_PARAMETERS`: shell-quoted `'key'='value'`, or `'key=value'`
/// before Git 2.31, with any white space between. Ends where Git would refuse it.
pub(super) fn parse_parameters(text: &str) -> Vec<Override> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let Some((one, left)) = parameter(rest) else {
            break;
        };
        found.push(one);
        rest = left.trim_start_matches(is_space);
    }
    found
}

/// The characters that Git takes for white space.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// Reads the first parameter, and returns what follows it.
fn parameter(text: &str) -> Option<(Override, &str)> {
    let (key, rest) = quoted(text)?;
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(is_space);
    let Some(after) = rest.strip_prefix('=') else {
        let (key, value) = match key.split_once('=') {
            Some((key, value)) => (key, Some(value.to_owned())),
            None => (key.as_str(), None),
        };
        let key = key.trim().to_owned();
        return ends(rest).then_some((Override { key, value }, rest));
    };
    if ends(after) {
        return Some((Override { key, value: None }, after));
    }
    let (value, rest) = quoted(after)?;
    let value = Some(value);
    ends(rest).then_some((Override { key, value }, rest))
}

/// Reads one text in single quotes, with `'\''` and `'\!'` inside of it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut rest = text.strip_prefix('\'')?;
    loop {
        let (part, after) = rest.split_once('\'')?;
        word.push_str(part);
        let mut chars = after.chars();
        let escaped = match (chars.next(), chars.next()) {
            (Some('\\'), Some(c @ ('\'' | '!'))) => c,
            _ => return Some((word, after)),
        };
        word.push(escaped);
        rest = chars.as_str().strip_prefix('\'')?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameters_of_git_dash_c() {
        for (text, words) in [
            ("'presence.ttl'='1h'", vec![("presence.ttl", Some("1h"))]),
            (
                "'presence.ttl=1h' 'a.b'='c d'",
                vec![("presence.ttl", Some("1h")), ("a.b", Some("c d"))],
            ),
            (
                " 'a.b'='x'\t'a.c'='y'\n'a.d'\r\n",
                vec![("a.b", Some("x")), ("a.c", Some("y")), ("a.d", None)],
            ),
            ("'a.b=c.d'='e=f'", vec![("a.b=c.d", Some("e=f"))]),
            ("'a.b'='it'\\''s'", vec![("a.b", Some("it's"))]),
            ("'a.b'='it'\\!'s'", vec![("a.b", Some("it!s"))]),
            ("'a.b'= 'c.d'=''", vec![("a.b", None), ("c.d", Some(""))]),
            ("'a.b'", vec![("a.b", None)]),
            ("", vec![]),
            ("'a.b'='unclosed", vec![]),
            ("'a.b'='x''y' 'c.d'", vec![]),
        ] {
            let read = parse_parameters(text);
            let read: Vec<_> = read
                .iter()
                .map(|one| (one.key.as_str(), one.value.as_deref()))
                .collect();
            assert_eq!(read, words, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_parameters_panic(text in any::<String>()) {
            let _ = parse_parameters(&text);
        }
    }
}
