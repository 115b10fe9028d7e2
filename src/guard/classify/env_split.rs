//! `env -S`, which splits one word into several.
//!
//! Owns its quotes and escapes, which are not those of a shell. Never classifies.

use crate::guard::shell::Word;

/// Options of `env` that take the next word, if no value is attached.
const TAKES: [&str; 7] = ["-u", "--unset", "-C", "--chdir", "-a", "--argv0", "-P"];

/// Returns the words of `env` with what `-S` holds in its place; `None` without `-S`. Fails with
/// the reason if that is not certain.
pub(super) fn split(words: &[Word]) -> Option<Result<Vec<Word>, String>> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        if !text.starts_with('-') || text == "--" || text == "-" {
            return None;
        }
        let (value, taken) = match attached(word) {
            Some(value) if value.text.is_empty() && !value.dynamic => {
                (words.get(at + 1)?.clone(), 2)
            }
            Some(value) => (value, 1),
            None => {
                at += if TAKES.contains(&text) { 2 } else { 1 };
                continue;
            }
        };
        let before = words[..at].iter().cloned();
        let after = words.get(at + taken..).unwrap_or_default();
        return Some(match value.known().and_then(pieces) {
            None => Err(format!(
                "{} is split by env, and is not certain",
                value.excerpt
            )),
            Some(pieces) => Ok(before
                .chain(pieces.iter().map(Word::literal))
                .chain(after.iter().cloned())
                .collect()),
        });
    }
    None
}

/// Returns what is attached to `-S` or `--split-string`, alone or behind flags.
fn attached(word: &Word) -> Option<Word> {
    let text = word.text.as_str();
    if let Some(rest) = text.strip_prefix("--") {
        let (name, _) = rest.split_once('=').unwrap_or((rest, ""));
        let is_it = name.starts_with('s') && "split-string".starts_with(name);
        let from = (2 + name.len() + 1).min(text.len());
        return is_it.then(|| word.after(from));
    }
    let at = text.find('S')?;
    let flags = text.get(1..at)?;
    let only_flags = flags.bytes().all(|flag| b"i0v".contains(&flag));
    only_flags.then(|| word.after(at + 1))
}

/// Splits a text as `env` does; `None` if it has a variable, or is not valid.
fn pieces(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let literal = match (character, quote) {
            ('\'' | '"', None) => {
                quote = Some(character);
                word.get_or_insert_default();
                continue;
            }
            (closing, Some(open)) if closing == open => {
                quote = None;
                continue;
            }
            ('\\', _) => match (rest.next()?, quote) {
                ('_', None) | ('n' | 't' | 'r' | 'f' | 'v', None) => {
                    words.extend(word.take());
                    continue;
                }
                (same @ ('\\' | '\''), Some('\'')) => same,
                (other, Some('\'')) => {
                    word.get_or_insert_default().push('\\');
                    other
                }
                ('_', _) => ' ',
                ('n' | 't' | 'r' | 'f' | 'v', _) => '\n',
                ('c', None) => break,
                (other, _) => other,
            },
            ('$', None | Some('"')) => return None,
            ('#', None) if word.is_none() && words.is_empty() => break,
            (blank, None) if blank.is_whitespace() => {
                words.extend(word.take());
                continue;
            }
            (other, _) => other,
        };
        word.get_or_insert_default().push(literal);
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_as_env_does() {
        for (text, expected) in [
            ("a b\tc", Some(vec!["a", "b", "c"])),
            (r"a\_b\tc", Some(vec!["a", "b", "c"])),
            (r#"'a b' "c\_d" ''"#, Some(vec!["a b", "c d", ""])),
            (r"a\c b", Some(vec!["a"])),
            (r#"a\"b \$c"#, Some(vec!["a\"b", "$c"])),
            ("a ${B}", None),
            ("a 'b", None),
            ("# a", Some(vec![])),
        ] {
            let found = pieces(text);
            let expected = expected.map(|words| words.into_iter().map(str::to_owned).collect());
            assert_eq!(found, expected, "{text}");
        }
    }
}
