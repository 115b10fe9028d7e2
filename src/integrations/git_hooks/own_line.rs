//! Lines of a user that call our hook from a hook of their own.
//!
//! [`OwnLine`] owns whether a script has such a line, and whether the script heeds the answer.
//! Pure. Never parses a shell: a line that may heed the answer counts as one that does.

/// What a script does with the answer of our hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnLine {
    /// It does not call our hook.
    Absent,
    /// It ends with the answer, or may do so.
    Heeded,
    /// It goes on whatever the answer is.
    Unheeded,
}

/// Words with which a line passes on that a command failed, or asks whether it did.
const HEEDS: [&str; 9] = [
    "exec", "exit", "return", "if", "elif", "while", "until", "!", "trap",
];
/// Words that only end a block.
const CLOSERS: [&str; 6] = ["fi", "done", "esac", "}", ";;", "else"];

/// Returns what `script` does with the answer of the hook `name`.
pub fn of(script: &str, name: &str) -> OwnLine {
    let call = format!("presence hook {name}");
    let first = script.lines().next().unwrap_or_default();
    let first = first.strip_prefix("#!").unwrap_or("sh");
    let lines = script.lines().map(str::trim);
    let is_code = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let lines: Vec<&str> = lines.filter(is_code).collect();
    let Some(at) = lines.iter().position(|line| line.contains(&call)) else {
        return OwnLine::Absent;
    };
    let (line, after) = (lines[at], &lines[at + 1..]);
    let may_stop = !first.contains("sh")
        || first.contains(" -e")
        || lines[..at].iter().any(|line| sets_errexit(line));
    let is_last = after.iter().all(|line| CLOSERS.contains(line));
    let next = after.first().copied().unwrap_or_default();
    let mut words = line.split([' ', '\t', ';', '|', '&', '(', '{']);
    let heeds = words.any(|word| HEEDS.contains(&word)) || line.ends_with('\\');
    match may_stop || is_last || heeds || line.contains("$?") || next.contains("$?") {
        true => OwnLine::Heeded,
        false => OwnLine::Unheeded,
    }
}

/// Checks whether a line makes the shell end with the first command that fails.
fn sets_errexit(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_set = words.next() == Some("set");
    let is_short =
        |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains('e');
    is_set && words.any(|word| is_short(word) || word == "errexit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_heeds_the_answer_or_goes_on() {
        const CALL: &str = "git presence hook pre-push \"$@\"";
        for (script, expected) in [
            ("#!/bin/sh\necho x\n".to_owned(), OwnLine::Absent),
            (format!("#!/bin/sh\n# {CALL}\n"), OwnLine::Absent),
            (format!("#!/bin/sh\n{CALL}\n"), OwnLine::Heeded),
            (format!("#!/bin/sh\n{CALL}\n\n# the end\n"), OwnLine::Heeded),
            (format!("#!/bin/sh\n{CALL}\nmake test\n"), OwnLine::Unheeded),
            (format!("{CALL}\nmake test\n"), OwnLine::Unheeded),
            (
                format!("#!/bin/sh\n{CALL} || exit $?\nmake\n"),
                OwnLine::Heeded,
            ),
            (
                format!("#!/bin/sh\n{CALL} || exit 1\nmake\n"),
                OwnLine::Heeded,
            ),
            (
                format!("#!/bin/sh\n{CALL} || true\nmake\n"),
                OwnLine::Unheeded,
            ),
            (
                format!("#!/bin/sh\nset -eu\n{CALL}\nmake\n"),
                OwnLine::Heeded,
            ),
            (
                format!("#!/bin/sh\nset -o errexit\n{CALL}\nmake\n"),
                OwnLine::Heeded,
            ),
            (format!("#!/bin/bash -e\n{CALL}\nmake\n"), OwnLine::Heeded),
            (
                format!("#!/bin/sh\nset -u\n{CALL}\nmake\n"),
                OwnLine::Unheeded,
            ),
            (
                format!("#!/bin/sh\n{CALL}\nset -e\nmake\n"),
                OwnLine::Unheeded,
            ),
            (
                format!("#!/bin/sh\n{CALL}\nrc=$?\nmake\nexit $rc\n"),
                OwnLine::Heeded,
            ),
            (
                format!("#!/bin/sh\nif ! {CALL}; then exit 1; fi\nmake\n"),
                OwnLine::Heeded,
            ),
            (
                format!("#!/bin/sh\nif true; then\n  {CALL}\nfi\n"),
                OwnLine::Heeded,
            ),
            (
                format!("#!/usr/bin/perl\nsystem('{CALL}');\nmore\n"),
                OwnLine::Heeded,
            ),
            (format!("#!/bin/sh\nexec {CALL}\nmake\n"), OwnLine::Heeded),
        ] {
            assert_eq!(of(&script, "pre-push"), expected, "{script}");
        }
        assert_eq!(of(&format!("{CALL}\n"), "pre-apply"), OwnLine::Absent);
    }
}
