//! Settings of `git -c key=value`, as Git hands them to a subcommand.
//!
//! Owns the reader of `GIT_CONFIG_PARAMETERS`, see [`parse_parameters`]. Never reads the
//! environment and never interprets a setting.

/// Reads the value of `GIT_CONFIG_PARAMETERS`: shell-quoted `'key'='value'`, or `'key=value'`
/// before Git 2.31. Returns `key=value` for each; leaves out a word with an unclosed quote.
pub(super) fn parse_parameters(text: &str) -> Vec<String> {
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
