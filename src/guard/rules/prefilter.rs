//! Prefilter: can a command line change anything at all?
//!
//! Owns the check whether a line has a word that some rule takes for a program that changes
//! something, and a word for its verb. Reading the rules costs more than everything else a hook
//! does, and most lines only read. Never says that a line does change something.

use std::collections::BTreeSet;

use super::shipped::shipped_lines;

/// Effects of rules that may change something.
const CHANGES: [&str; 4] = ["mutating", "inside", "push", "sql("];

/// At most this many options of one letter are expected in one word.
const BUNDLE_MAX: usize = 16;

/// Returns false if no rule can classify the line as mutating. `own` are the values of
/// `presence.guard`.
pub fn may_change<'o>(line: &str, own: impl IntoIterator<Item = &'o str>) -> bool {
    let plain = unquoted(line);
    let words = names(&plain);
    // The rules of a program follow one another, so its name is looked up once.
    let mut last = ("", false);
    let mut is_named = |rule: &'o str| {
        let program = rule.split_whitespace().next().unwrap_or_default();
        if program != last.0 {
            last = (program, is_among(program, &words));
        }
        last.1
    };
    let mut rules = shipped_lines().chain(own);
    rules.any(|rule| is_named(rule) && concerns(rule, &words))
}

/// Returns the line without quotes and escapes.
pub(super) fn unquoted(line: &str) -> String {
    let joined = line.replace("\\\n", "");
    let letters = joined.chars();
    let mut plain: String = letters
        .filter(|c| !matches!(c, '\'' | '"' | '\\'))
        .collect();
    if joined.contains('\\') {
        // A backslash in quotes stays, and separates folders.
        plain.push(' ');
        let quotes = |c: &char| !matches!(c, '\'' | '"');
        plain.extend(joined.replace('\\', " ").chars().filter(quotes));
    }
    plain
}

/// Returns every word that may be the name of a program or a verb.
pub(super) fn names(plain: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '@' | '%');
    let mut words = BTreeSet::new();
    for word in plain.split(|c: char| !is_name(c)) {
        words.extend([word, word.trim_end_matches(".exe")]);
        if word.starts_with('-') && !word.starts_with("--") {
            // The value of an option may be attached to it: `su -cterraform`.
            let starts = word.char_indices().skip(2).take(BUNDLE_MAX);
            words.extend(starts.map(|(at, _)| word[at..].trim_end_matches(".exe")));
        }
    }
    words
}

/// Checks whether a rule of a named program may take the line for one that changes something.
fn concerns(rule: &str, words: &BTreeSet<&str>) -> bool {
    if rule.split_whitespace().nth(1) == Some("is") {
        return true;
    }
    let mut after = rule
        .split_whitespace()
        .skip_while(|word| *word != "=>")
        .skip(1);
    let effect = after.next().unwrap_or_default();
    if !CHANGES.iter().any(|word| effect.starts_with(word)) {
        return false;
    }
    has_verb(rule, words)
}

/// Checks whether the words contain the verb of a rule, if it has one.
pub(super) fn has_verb(rule: &str, words: &BTreeSet<&str>) -> bool {
    let second = rule.split_whitespace().nth(1).unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '|');
    let is_verb = !second.starts_with('-') && second != "=>" && second.chars().all(is_plain);
    !is_verb || is_among(second, words)
}

/// Checks whether one of the alternatives in `a|b` is among the words.
pub(super) fn is_among(alternatives: &str, words: &BTreeSet<&str>) -> bool {
    alternatives.split('|').any(|word| words.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::tests::{judged, table};
    use crate::guard::{Class, Rules, classify_line};

    #[test]
    fn no_line_that_changes_something_is_passed_over() {
        let mut seen = 0;
        for (line, _) in table() {
            let changes = judged(&line)
                .parts
                .iter()
                .any(|p| p.class == Class::Mutating);
            assert!(!changes || may_change(&line, []), "{line}");
            seen += usize::from(changes);
        }
        assert!(seen > 50, "{seen} lines");
    }

    /// Rules about programs that a line does not name say nothing about it.
    #[test]
    fn the_rules_about_a_line_judge_it_as_all_of_them_do() {
        let place = crate::guard::tests::place();
        for (line, _) in table() {
            let few = Rules::about(&line, []).unwrap();
            assert_eq!(classify_line(&line, &few, &place), judged(&line), "{line}");
        }
        let own = ["b is kubectl", "a is b", "c is a --context x"];
        let all = Rules::with(own).unwrap();
        for line in ["a delete node n", "c cordon n", "docker-compose up", "x"] {
            let few = Rules::about(line, own).unwrap();
            assert_eq!(
                classify_line(line, &few, &place),
                classify_line(line, &all, &place)
            );
        }
    }

    #[test]
    fn lines_that_only_look_around_are_told_at_once() {
        for line in [
            "ls -la && cat README.md",
            "cargo test --lib 2>&1 | tail -5",
            "git status && git log --oneline | head",
            "kubectl get pods -A",
            "terraform plan -out=x",
        ] {
            assert!(!may_change(line, []), "{line}");
        }
        assert!(may_change(
            "make deploy",
            ["make deploy => mutating stack:{dir}"]
        ));
        assert!(may_change("k apply -f x", ["k is kubectl"]));
        assert!(may_change("/usr/local/bin/kube\"ctl\" app\\ly -f x", []));
    }
}
