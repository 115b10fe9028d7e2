//! Command lines that people and agents guess.
//!
//! Owns how [`understood`] turns a line in the words of other tools into one of ours, where there
//! can be no doubt of what is meant. Names of a verb alone are hidden aliases beside the verb.

use std::ffi::OsString;

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
        (Some("ls" | "list"), Some("claims")) => replace(&mut arguments, 2, &["list"]),
        (Some("log" | "history"), Some(count)) => {
            let digits = count.strip_prefix('-').unwrap_or_default();
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
                let digits = digits.to_owned();
                replace(&mut arguments, 2, &["log", "-n", &digits]);
            }
        }
        _ => {}
    }
    arguments
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
            ("ls claims --mine", "list --mine"),
            ("log -5", "log -n 5"),
            ("history -12 path:x", "log -n 12 path:x"),
            // These are ours, or nothing.
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
