//! Files that `git` writes, and changes of files that it loses.
//!
//! Owns which verbs do that, and to how much of the work tree. Never looks at a repository.

use super::operands::plain;
use crate::guard::shell::Word;
use crate::guard::verdict::Reach;

/// Options of `git` before the verb that take a value, besides `-C`.
const TAKES: [&str; 6] = [
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--config-env",
    "--super-prefix",
];
/// Verbs of `git stash` that change no file, or only bring changes back.
const STASH_READS: [&str; 9] = [
    "list", "show", "pop", "apply", "drop", "clear", "branch", "create", "store",
];

/// Returns the folders that options before the verb name, and the words from the verb on.
pub(super) fn without_options(words: &[Word]) -> (Vec<&Word>, &[Word]) {
    let (mut dirs, mut rest) = (Vec::new(), words);
    while let Some((first, after)) = rest.split_first() {
        let text = first.text.as_str();
        rest = match text {
            "-C" => {
                dirs.extend(after.first());
                after.get(1..).unwrap_or_default()
            }
            _ if TAKES.contains(&text) => after.get(1..).unwrap_or_default(),
            _ if text.starts_with('-') => after,
            _ => break,
        };
    }
    (dirs, rest)
}

/// Returns what a verb writes or loses, and how much of it.
pub(super) fn written(words: &[Word]) -> Vec<(Word, Reach)> {
    let Some((verb, rest)) = words.split_first() else {
        return Vec::new();
    };
    let has = |options: &[&str]| {
        let mut known = rest.iter().filter_map(Word::known);
        known.any(|text| options.contains(&text))
    };
    match verb.known() {
        Some("mv" | "rm") => below(plain(rest), Reach::Below),
        // With `--staged` alone, only the index is changed.
        Some("restore") if has(&["-S", "--staged"]) && !has(&["-W", "--worktree"]) => Vec::new(),
        Some("restore") => below(plain(rest), Reach::Below),
        Some("checkout" | "switch") if has(&["-f", "--force", "--discard-changes"]) => whole(),
        Some("checkout") => checked_out(rest),
        Some("reset") if has(&["--hard", "--merge", "--keep"]) => whole(),
        Some("clean") if has(&["-n", "--dry-run"]) || !rest.iter().any(is_forced) => Vec::new(),
        Some("clean") => discarded(plain(rest)),
        Some("stash") => stashed(rest),
        Some("worktree") if rest.first().and_then(Word::known) == Some("remove") => {
            below(plain(rest.get(1..).unwrap_or_default()), Reach::Below)
        }
        _ => Vec::new(),
    }
}

/// Returns the files of `git checkout [tree] -- path…`, and of `git checkout .`.
fn checked_out(rest: &[Word]) -> Vec<(Word, Reach)> {
    let after = match rest.iter().position(|word| word.text == "--") {
        Some(at) => rest.get(at + 1..).unwrap_or_default(),
        None => rest,
    };
    let has_dashes = after.len() < rest.len();
    let files = after.iter();
    let files = files.filter(|word| has_dashes || is_all(word));
    below(files.collect(), Reach::Below)
}

/// Returns what `git stash` puts away.
fn stashed(rest: &[Word]) -> Vec<(Word, Reach)> {
    let verb = rest.first().and_then(Word::known).unwrap_or_default();
    if STASH_READS.contains(&verb) {
        return Vec::new();
    }
    match rest.iter().position(|word| word.text == "--") {
        Some(at) => below(rest.iter().skip(at + 1).collect(), Reach::Discarded),
        None => whole(),
    }
}

/// Returns what is lost below these folders; below the working directory if there are none.
fn discarded(files: Vec<&Word>) -> Vec<(Word, Reach)> {
    match files.is_empty() {
        true => vec![(Word::literal("."), Reach::Discarded)],
        false => below(files, Reach::Discarded),
    }
}

/// Returns files with a reach. What means all of a folder loses what was changed there.
fn below(files: Vec<&Word>, reach: Reach) -> Vec<(Word, Reach)> {
    let of = |file: &Word| match (is_all(file), file.text.as_str()) {
        (true, ".") => (Word::literal("."), Reach::Discarded),
        (true, _) => (Word::literal("."), Reach::Tree),
        (false, _) => (file.clone(), reach),
    };
    files.into_iter().map(of).collect()
}

/// Returns the whole work tree.
fn whole() -> Vec<(Word, Reach)> {
    vec![(Word::literal("."), Reach::Tree)]
}

/// Checks whether a path means all of the working directory, or of the work tree.
fn is_all(word: &Word) -> bool {
    matches!(word.known(), Some("." | ":/" | ":" | "*" | "./" | ":/*"))
}

/// Checks whether a word is an option without which `git clean` does nothing.
fn is_forced(word: &Word) -> bool {
    let text = word.text.as_str();
    let letters = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    text == "--force" || letters.is_some_and(|letters| letters.contains('f'))
}
