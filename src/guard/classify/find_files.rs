//! Files that `find` finds.
//!
//! Owns where it starts and which names it asks for. What else it asks of a file is not known, so
//! it may be any of them. Never looks at a disk.

use crate::guard::named::Named;
use crate::guard::shell::Word;

/// Stands for what was found among the names of variables.
pub(super) const FOUND: &str = "what find found";
/// Words without which all below the start is found.
const SELECTS: [&str; 9] = [
    "-delete",
    "-depth",
    "-mindepth",
    "1",
    "-type",
    "f",
    "-print",
    "-xdev",
    "-noleaf",
];
/// Words that turn a test round, or join several.
const JOINS: [&str; 6] = ["!", "-not", "-o", "-or", "(", ","];

/// Returns the folders in which it starts.
pub(super) fn starts(rest: &[Word]) -> Vec<Word> {
    let is_option = |word: &&Word| matches!(word.known(), Some("-H" | "-L" | "-P"));
    let options = rest.iter().take_while(is_option).count();
    let rest = &rest[options..];
    let is_test = |word: &Word| word.text.starts_with(['-', '(', '!']);
    let until = rest.iter().position(is_test).unwrap_or(rest.len());
    match until {
        0 => vec![Word::literal(".")],
        until => rest[..until].to_vec(),
    }
}

/// Returns a pattern that all match which are found, from where it starts.
pub(super) fn pattern(rest: &[Word]) -> String {
    let is_joined = rest
        .iter()
        .any(|word| JOINS.iter().any(|join| word.text == *join));
    let mut names = rest.windows(2).filter_map(|pair| match pair {
        [test, name] if test.text == "-name" => name.known(),
        _ => None,
    });
    match (names.next(), names.next()) {
        (Some(name), None) if !is_joined && !name.contains(['\\', '{']) => format!("**/{name}"),
        _ => "**".to_owned(),
    }
}

/// Checks whether all that is below the start is found.
pub(super) fn is_all(rest: &[Word]) -> bool {
    let tests = rest
        .iter()
        .skip_while(|word| !word.text.starts_with(['-', '(', '!']));
    let mut tests = tests.filter_map(Word::known);
    tests.all(|word| SELECTS.contains(&word))
}

/// Returns those that match a pattern from a start.
pub(super) fn some_in(start: Named, pattern: &str) -> Named {
    let pattern = pattern.to_owned();
    match start {
        Named::File(folder) => Named::Some { folder, pattern },
        Named::Matching { folder, .. } | Named::Some { folder, .. } | Named::Below(folder) => {
            Named::Below(folder)
        }
        Named::Anywhere => Named::Anywhere,
    }
}
