//! Command lines that people and agents guess.
//!
//! Owns how [`understood`] turns a line in the words of other tools into one of ours, where there
//! can be no doubt of what is meant. Names of a verb alone are hidden aliases beside the verb.

use std::ffi::OsString;

/// Verbs of `guard` that take no command line.
const VERBS: [&str; 3] = ["list", "test", "learn"];

/// Returns the arguments, with the program first, as this program spells them.
pub fn understood(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let word = |at: usize| arguments.get(at).and_then(|word| word.to_str());
    match (word(1), word(2)) {
        (None, _) => arguments.push("status".into()),
        (Some("-v" | "version"), None) => replace(&mut arguments, 1, &["--version"]),
        (Some("lock"), Some("acquire" | "claim")) => {
            replace(&mut arguments, 2, &["claim", "--exclusive"]);
        }
        (Some("lock" | "locks"), Some("list" | "ls")) => replace(&mut arguments, 2, &["list"]),
        (Some("lock"), Some("release")) => replace(&mut arguments, 2, &["release"]),
        (Some("lock"), Some(_)) => replace(&mut arguments, 1, &["claim", "--exclusive"]),
        // Who guesses a verb does not mean all of it.
        (Some("unlock" | "unclaim" | "drop" | "free" | "done"), _) => {
            replace(&mut arguments, 1, &["release", "--guessed"]);
        }
        (Some("ask"), Some(_)) => replace(&mut arguments, 1, &["tell", "--ask"]),
        (Some("answer" | "reply"), Some(_)) => replace(&mut arguments, 1, &["tell", "--reply"]),
        (Some("ls" | "list"), Some("claims")) => replace(&mut arguments, 2, &["list"]),
        (Some("log" | "history"), Some(count)) => {
            let digits = count.strip_prefix('-').unwrap_or_default();
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
                let digits = digits.to_owned();
                replace(&mut arguments, 2, &["log", "-n", &digits]);
            }
        }
        _ => explained(&mut arguments),
    }
    arguments
}

/// Completes `guard <command line>`, and `guard explain <command line>`, to what they mean. What
/// follows a command line in one word is an option of ours.
fn explained(arguments: &mut Vec<OsString>) {
    let is = |at: usize, word: &str| arguments.get(at).is_some_and(|found| found == word);
    let mut at = 1;
    loop {
        at += match arguments.get(at).and_then(|word| word.to_str()) {
            Some("--json") => 1,
            Some("-C" | "--ledger") => 2,
            _ => break,
        };
    }
    if !is(at, "guard") {
        return;
    }
    let verb = at + 1;
    if VERBS.iter().any(|other| is(verb, other)) {
        return;
    }
    let says_verb = is(verb, "explain");
    let mut line = verb + usize::from(says_verb);
    while is(line, "--json") {
        line += 1;
    }
    let Some(first) = arguments.get(line).and_then(|word| word.to_str()) else {
        return;
    };
    let is_line = first.contains(char::is_whitespace);
    if first != "--" && (first.starts_with('-') || first == "help") {
        return;
    }
    if is_line && arguments.len() == line + 2 && is(line + 1, "--json") {
        arguments.swap(line, line + 1);
        line += 1;
    }
    if arguments.get(line).is_some_and(|word| word != "--") {
        arguments.insert(line, "--".into());
    }
    if !says_verb {
        arguments.insert(verb, "explain".into());
    }
}

/// Replaces the first `count` words after the program.
fn replace(arguments: &mut Vec<OsString>, count: usize, words: &[&str]) {
    arguments.splice(1..=count, words.iter().map(OsString::from));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> String {
        let words = line.split_whitespace().map(OsString::from);
        let all = std::iter::once(OsString::from("git-presence")).chain(words);
        let read = understood(all.collect());
        let words = read.iter().skip(1).map(|word| word.to_str().unwrap());
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_line_in_one_word_is_followed_by_options_of_ours() {
        let line = "cd a && make x";
        let words = ["git-presence", "guard", line, "--json"].map(OsString::from);
        let read = understood(words.to_vec());
        let read: Vec<&str> = read.iter().filter_map(|word| word.to_str()).collect();
        assert_eq!(
            read,
            ["git-presence", "guard", "explain", "--json", "--", line]
        );
    }

    #[test]
    fn what_can_mean_one_thing_only_is_understood() {
        for (guessed, ours) in [
            ("", "status"),
            ("version", "--version"),
            ("-v", "--version"),
            (
                "lock acquire stack:x -p y",
                "claim --exclusive stack:x -p y",
            ),
            ("lock stack:x -p y", "claim --exclusive stack:x -p y"),
            ("lock release stack:x", "release stack:x"),
            ("locks list", "list"),
            ("free", "release --guessed"),
            ("unlock stack:x", "release --guessed stack:x"),
            ("release", "release"),
            ("ask stack:x -m y", "tell --ask stack:x -m y"),
            ("reply 0123 -m y", "tell --reply 0123 -m y"),
            ("ls claims --mine", "list --mine"),
            ("log -5", "log -n 5"),
            ("history -12 path:x", "log -n 12 path:x"),
            ("guard terraform apply", "guard explain -- terraform apply"),
            ("guard -- kubectl get x", "guard explain -- kubectl get x"),
            ("guard explain make x", "guard explain -- make x"),
            ("-C a guard make x", "-C a guard explain -- make x"),
            ("guard --json make", "guard explain --json -- make"),
            // These are ours, or nothing.
            ("guard", "guard"),
            ("guard explain", "guard explain"),
            ("guard --help", "guard --help"),
            ("guard test lines.tsv", "guard test lines.tsv"),
            ("guard explain --help", "guard explain --help"),
            ("guard explain -- a --json", "guard explain -- a --json"),
            ("status", "status"),
            ("log -n 5", "log -n 5"),
            ("log path:x", "log path:x"),
            ("log -x", "log -x"),
            ("lock", "lock"),
            ("claim -x a:b", "claim -x a:b"),
            ("--help", "--help"),
        ] {
            assert_eq!(read(guessed), ours, "{guessed}");
        }
    }
}
