//! Files that `git` writes, and changes of files that it loses.
//!
//! Owns which verbs do that, and to how much of the work tree. Never looks at a repository.

use super::operands::{Read, into};
use crate::guard::shell::{TOP, Word};
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
/// Long options behind the verb that take a value.
const TAKES_BEHIND: [&str; 11] = [
    "source",
    "message",
    "output",
    "output-directory",
    "conflict",
    "exclude",
    "include",
    "orphan",
    "prefix",
    "directory",
    "format",
];
/// Options with which `git apply` changes no file.
const SHOWS: [&str; 6] = [
    "check",
    "stat",
    "numstat",
    "summary",
    "cached",
    "build-fake-ancestor",
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
    let asked = Read::of(rest, "msUobB", &TAKES_BEHIND);
    let output = asked.values(&["output"]).into_iter();
    let mut all: Vec<(Word, Reach)> = output.map(|file| (file, Reach::File)).collect();
    all.extend(match verb.known() {
        Some("mv") => moved(asked.plain),
        Some("rm") => below(specs(asked.plain), Reach::Below),
        // With `--staged` alone, only the index is changed.
        Some("restore") if asked.has(&["S", "staged"]) && !asked.has(&["W", "worktree"]) => {
            Vec::new()
        }
        Some("restore") => below(specs(asked.plain), Reach::Below),
        Some("checkout" | "switch") if asked.has(&["f", "force", "discard-changes"]) => whole(),
        Some("checkout") => checked_out(rest, &asked),
        Some("reset") if asked.has(&["hard", "merge", "keep"]) => whole(),
        Some("clean") if asked.has(&["n", "dry-run"]) || !asked.has(&["f", "force"]) => Vec::new(),
        Some("clean") => discarded(specs(asked.plain)),
        Some("stash") => stashed(rest),
        Some("worktree") if rest.first().and_then(Word::known) == Some("remove") => {
            below(asked.plain.into_iter().skip(1).collect(), Reach::Below)
        }
        Some("archive" | "format-patch") => {
            let output = asked.values(&["o", "output-directory"]).into_iter();
            output.map(|file| (file, Reach::File)).collect()
        }
        Some("bundle") => {
            let file = asked.plain.into_iter().nth(1).into_iter();
            file.map(|file| (file, Reach::File)).collect()
        }
        // Which files a patch changes stands in the patch.
        Some("apply") if !asked.has(&SHOWS) => vec![(Word::beginning("./"), Reach::File)],
        _ => Vec::new(),
    });
    all
}

/// Returns what `git mv` moves, and where.
fn moved(mut sources: Vec<Word>) -> Vec<(Word, Reach)> {
    let dest = sources.pop();
    let into = dest.map(|dest| into(&dest, &sources, Reach::Below));
    let mut all = below(sources, Reach::Below);
    all.extend(into.into_iter().flatten());
    all
}

/// Returns the files of `git checkout [tree] [--] path…`, and of `git checkout .`. A branch of
/// which the name is that of a file is taken for the file.
fn checked_out(rest: &[Word], asked: &Read) -> Vec<(Word, Reach)> {
    if let Some(at) = rest.iter().position(|word| word.text == "--") {
        let files = rest.iter().skip(at + 1);
        return below(specs(files.cloned().collect()), Reach::Below);
    }
    let makes = ["b", "B", "orphan", "detach", "t", "track"];
    if asked.has(&makes) || !asked.values(&makes).is_empty() {
        return Vec::new();
    }
    let is_name = |word: &Word| word.known().is_some() || word.is_pattern();
    let files = asked.plain.iter().filter(|word| is_name(word));
    below(specs(files.cloned().collect()), Reach::Below)
}

/// Returns what `git stash` puts away.
fn stashed(rest: &[Word]) -> Vec<(Word, Reach)> {
    let verb = rest.first().and_then(Word::known).unwrap_or_default();
    if STASH_READS.contains(&verb) {
        return Vec::new();
    }
    match rest.iter().position(|word| word.text == "--") {
        Some(at) => {
            let files = rest.iter().skip(at + 1);
            below(specs(files.cloned().collect()), Reach::Discarded)
        }
        None => whole(),
    }
}

/// Returns the words that Git reads as patterns, as words for what these match.
fn specs(words: Vec<Word>) -> Vec<Word> {
    words.iter().filter_map(spec).collect()
}

/// Returns the word for what a pathspec matches; `None` for one that only takes something out.
fn spec(word: &Word) -> Option<Word> {
    let Some(text) = word.known().filter(|_| !is_all(word)) else {
        return Some(word.clone());
    };
    let Some(magic) = text.strip_prefix(':') else {
        return Some(matching(text, &word.excerpt));
    };
    let (names, path) = match magic
        .strip_prefix('(')
        .and_then(|magic| magic.split_once(')'))
    {
        Some((names, path)) => (names.split(',').collect(), path),
        None => {
            let path = magic.trim_start_matches(['/', '!', '^']);
            let signs = &magic[..magic.len() - path.len()];
            let of = |sign| match sign {
                '/' => "top",
                _ => "exclude",
            };
            let names: Vec<&str> = signs.chars().map(of).collect();
            (names, path.strip_prefix(':').unwrap_or(path))
        }
    };
    let has = |name: &str| names.contains(&name);
    if has("exclude") {
        return None;
    }
    if has("icase") || names.iter().any(|name| name.starts_with("attr")) {
        return Some(Word::variable(TOP, &word.excerpt));
    }
    let of = match () {
        () if has("literal") => Word::literal(path),
        () if has("glob") => Word::pattern(path, &word.excerpt),
        () => matching(path, &word.excerpt),
    };
    Some(match has("top") {
        true => of.below_variable(TOP),
        false => of,
    })
}

/// Returns the word for a pattern of Git, in which `*` is for `/`, too.
fn matching(text: &str, excerpt: &str) -> Word {
    let Some(first) = text.find(['*', '?', '[']) else {
        return Word::literal(text);
    };
    let from = text[..first].rfind('/').map_or(0, |at| at + 1);
    let (folder, pattern) = text.split_at(from);
    let pattern = match pattern.rfind('*') {
        None => pattern.to_owned(),
        Some(_) if pattern.contains('/') => "**".to_owned(),
        Some(last) => format!("**/*{}", &pattern[last + 1..]),
    };
    Word::pattern(&format!("{folder}{pattern}"), excerpt)
}

/// Returns what is lost below these folders; below the working directory if there are none.
fn discarded(files: Vec<Word>) -> Vec<(Word, Reach)> {
    match files.is_empty() {
        true => vec![(Word::literal("."), Reach::Discarded)],
        false => below(files, Reach::Discarded),
    }
}

/// Returns files with a reach. What means all of a folder loses what was changed there.
fn below(files: Vec<Word>, reach: Reach) -> Vec<(Word, Reach)> {
    let of = |file: Word| match (is_all(&file), file.text.as_str()) {
        (true, ".") => (Word::literal("."), Reach::Discarded),
        (true, _) => (Word::literal("."), Reach::Tree),
        (false, _) => (file, reach),
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
