//! Operands of commands for files.
//!
//! Owns which words of such a command are neither options nor their values, and which are the
//! values of some options. Never says what the command does with them.

use crate::guard::shell::Word;

/// Options of commands for files that take a value.
const TAKES: [&str; 9] = [
    "-t",
    "--target-directory",
    "-s",
    "--size",
    "-S",
    "-m",
    "-o",
    "-g",
    "--suffix",
];

/// Returns the words that are neither options nor their values.
pub(super) fn plain(rest: &[Word]) -> Vec<&Word> {
    let mut found = Vec::new();
    let mut is_value = false;
    let mut is_end = false;
    for word in rest {
        if std::mem::take(&mut is_value) {
            continue;
        }
        match word.text.as_str() {
            "--" if !is_end => is_end = true,
            text if !is_end && text.starts_with('-') && text.len() > 1 => {
                is_value = TAKES.contains(&text) || matches!(text, "-e" | "--expression");
            }
            _ => found.push(word),
        }
    }
    found
}

/// Returns the values of options that take the next word.
pub(super) fn values<'w>(rest: &'w [Word], options: &[&str]) -> Vec<&'w Word> {
    let pairs = rest.windows(2);
    let is_one = |word: &Word| options.iter().any(|option| word.text == *option);
    let values = pairs.filter_map(|pair| match pair {
        [option, value] if is_one(option) => Some(value),
        _ => None,
    });
    values.collect()
}
