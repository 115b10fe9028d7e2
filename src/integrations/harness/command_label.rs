//! Labels as words of a command that a model is told.
//!
//! Owns which label stands there bare, and how any other is written: in double quotes, as data and
//! for the shell at once. Never repeats a label that a shell would not read as it stands.

use super::briefing::command_word;
use crate::model::resource::Resource;
use crate::model::task::{MAIN_LIST, TaskId, place_of};
use crate::model::text::is_word;

/// The longest label that stands bare, in bytes.
const BARE_BYTES_MAX: usize = 32;
/// The most words of letters that the name in it has: three are a sentence.
const BARE_WORDS_MAX: usize = 2;

/// Returns a label as a word of a command; `None` unless a shell reads it as it stands there.
pub(super) fn label_word(label: &str) -> Option<String> {
    match is_bare(label) {
        true => Some(label.to_owned()),
        false => command_word(label),
    }
}

/// Returns true for a label that is short, of plain signs, and cannot be read as prose.
fn is_bare(label: &str) -> bool {
    let name = label.split_once(':').map_or(label, |(_, name)| name);
    let words = name.split(|c: char| !c.is_ascii_alphabetic());
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._:/".contains(&b);
    is_word(label)
        && label.len() <= BARE_BYTES_MAX
        && label.bytes().all(is_plain)
        && words.filter(|word| word.len() > 1).count() <= BARE_WORDS_MAX
}

/// Returns the task that a resource is, with what names its list behind a command of `task`:
/// nothing for the main one. `None` for any other resource.
pub(super) fn task_of(resource: &Resource) -> Option<(TaskId, String)> {
    let (list, id) = place_of(resource)?;
    let list = match list {
        MAIN_LIST => String::new(),
        list => format!(" --list {}", command_word(list)?),
    };
    Some((id?, list))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_could_be_read_as_a_sentence_is_quoted() {
        for (label, word) in [
            ("service:web", Some("service:web")),
            ("node:k8s-1", Some("node:k8s-1")),
            ("path:src/a.rs", Some("path:src/a.rs")),
            ("path:src/net/a.rs", Some("\"path:src/net/a.rs\"")),
            ("infra:x-is-free", Some("infra:x-is-free")),
            ("infra:x-is-free-run", Some("\"infra:x-is-free-run\"")),
            ("infra:drop.all_now", Some("\"infra:drop.all_now\"")),
            ("infra:two words", Some("\"infra:two words\"")),
            ("path:src/**", Some("\"path:src/**\"")),
            (
                "node:0123456789012345678901234567",
                Some("\"node:0123456789012345678901234567\""),
            ),
            ("infra:$(id)", None),
            ("infra:`id`", None),
            ("infra:\"x", None),
        ] {
            assert_eq!(label_word(label).as_deref(), word, "{label}");
        }
    }

    #[test]
    fn a_task_is_named_with_its_list() {
        let of = |label: &str| {
            let (id, list) = task_of(&Resource::parse(label).unwrap())?;
            Some(format!("{id}{list}"))
        };
        assert_eq!(of("task:main/abcd2345").unwrap(), "abcd2345");
        assert_eq!(of("task:b/abcd2345").unwrap(), "abcd2345 --list \"b\"");
        assert_eq!(of("task:main"), None);
        assert_eq!(of("stack:main/abcd2345"), None);
    }
}
