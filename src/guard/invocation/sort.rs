//! Sorting of a command's words.
//!
//! Owns which word is a verb or an argument, an option or its value, and where a wrapped command
//! begins. Never chooses a rule.

use super::{Given, Invocation, Wrapped};
use crate::guard::rules::rule::{CommandStart, OptionKind, Wrapper};
use crate::guard::shell::Word;

impl<'r> Invocation<'r> {
    /// Sorts all words of the command.
    pub(super) fn sort(&mut self, words: &[Word]) {
        let mut options_end = false;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            if !options_end && word.known() == Some("--") {
                options_end = true;
                if let Some(wrapper) = self.wrapper(&CommandStart::Dashes) {
                    return self.take_wrapped(wrapper, &words[at..]);
                }
            } else if !options_end && word.text.len() > 1 && word.text.starts_with('-') {
                at += usize::from(self.option(word, words.get(at)));
            } else {
                if let Some(wrapper) = self.wrapper_at_next() {
                    if !matches!(wrapper.from, CommandStart::Nothing(_)) {
                        return self.take_wrapped(wrapper, &words[at - 1..]);
                    }
                    options_end = true;
                }
                self.words.push(word.clone());
            }
        }
        let by_option = |wrapper: &&Wrapper| match &wrapper.from {
            CommandStart::Option(names) => {
                let is_given = names.iter().any(|name| self.values(name).next().is_some());
                is_given && self.begins(&wrapper.verbs).is_some()
            }
            _ => false,
        };
        if let Some(wrapper) = self.program.wrappers.iter().rev().find(by_option) {
            let CommandStart::Option(names) = &wrapper.from else {
                return;
            };
            let values = names.iter().flat_map(|name| self.values(name));
            let values: Vec<Word> = values.cloned().collect();
            self.take_wrapped(wrapper, &values);
        }
    }

    /// Records a wrapped command, unless it has no words.
    fn take_wrapped(&mut self, wrapper: &'r Wrapper, words: &[Word]) {
        if !words.is_empty() {
            let words = words.to_vec();
            self.wrapped = Some(Wrapped { words, wrapper });
        }
    }

    /// Returns the last wrapper of the program that starts its command at `from`.
    fn wrapper(&self, from: &CommandStart) -> Option<&'r Wrapper> {
        let begins =
            |wrapper: &&Wrapper| wrapper.from == *from && self.begins(&wrapper.verbs).is_some();
        self.program.wrappers.iter().rev().find(begins)
    }

    /// Returns the wrapper whose command begins at the next word.
    fn wrapper_at_next(&self) -> Option<&'r Wrapper> {
        let begins = |wrapper: &&Wrapper| match wrapper.from {
            CommandStart::Word(n) | CommandStart::Nothing(n) => {
                wrapper.verbs.len() + n - 1 == self.words.len()
                    && self.begins(&wrapper.verbs).is_some()
            }
            _ => false,
        };
        self.program.wrappers.iter().rev().find(begins)
    }

    /// Finds an option by name. Returns its kind and the name that rules know it by; the rule with
    /// the most verbs wins.
    fn lookup(&self, name: &str) -> Option<(OptionKind, String)> {
        let twin = match name.strip_prefix("--") {
            Some(long) if long.len() > 1 => format!("-{long}"),
            None if name.len() > 2 => format!("-{name}"),
            _ => String::new(),
        };
        let mut found: Option<(usize, OptionKind, &str)> = None;
        for options in &self.program.options {
            let named = [name, &twin].into_iter().find(|name| options.has(name));
            if let (Some(named), Some(verbs)) = (named, self.begins(&options.verbs))
                && found.is_none_or(|(most, ..)| verbs >= most)
            {
                found = Some((verbs, options.kind, named));
            }
        }
        found.map(|(_, kind, named)| (kind, named.to_owned()))
    }

    /// Finds the one long option that begins with `name`, if the program takes beginnings. Records
    /// why it is not certain which one is meant if there are several.
    fn beginning(&mut self, name: &str, word: &Word) -> Option<(OptionKind, String)> {
        if name.len() < 3 || !name.starts_with("--") {
            return None;
        }
        let program = self.program;
        let takes = program.abbreviates.iter();
        let below = takes.filter_map(|verbs| self.begins(verbs)).max()?;
        let mut found: Option<(OptionKind, &str)> = None;
        for options in &program.options {
            let verbs = self.begins(&options.verbs);
            if verbs.is_none_or(|verbs| verbs < below) {
                continue;
            }
            for one in options.names().filter(|one| one.starts_with(name)) {
                match found {
                    Some((_, known)) if known != one => {
                        let why = format!("{} is the beginning of several options", word.excerpt);
                        self.ambiguous.get_or_insert(why);
                        return None;
                    }
                    _ => found = Some((options.kind, one)),
                }
            }
        }
        found.map(|(kind, one)| (kind, one.to_owned()))
    }

    /// Sorts in an option. Returns true if it took the next word as its value.
    fn option(&mut self, word: &Word, next: Option<&Word>) -> bool {
        let text = &word.text;
        if let Some((name, _)) = text.split_once('=') {
            let known = self.lookup(name).or_else(|| self.beginning(name, word));
            let (kind, named) = known.unwrap_or((OptionKind::Joins, name.to_owned()));
            self.give(kind, named, Some(word.after(name.len() + 1)));
            return false;
        }
        if !word.dynamic {
            let known = self.lookup(text);
            if let Some((kind, named)) = known.or_else(|| self.beginning(text, word)) {
                return self.give_with_next(kind, named, next);
            }
            if text[1..].bytes().all(|b| b.is_ascii_digit()) {
                return false;
            }
        }
        if text.starts_with("--") {
            self.do_not_know(word);
            return false;
        }
        self.bundle(word, next)
    }

    /// Sorts in options of one letter that are written as one word. Returns true if the last took
    /// the next word.
    fn bundle(&mut self, word: &Word, next: Option<&Word>) -> bool {
        for (at, letter) in word.text.char_indices().skip(1) {
            let after = at + letter.len_utf8();
            let Some((kind, name)) = self.lookup(&format!("-{letter}")) else {
                self.do_not_know(word);
                return false;
            };
            let is_last = after == word.text.len();
            match kind {
                OptionKind::Flag => self.give(kind, name, None),
                _ if is_last && !word.dynamic => return self.give_with_next(kind, name, next),
                _ => {
                    self.give(kind, name, Some(word.after(after)));
                    return false;
                }
            }
        }
        if word.dynamic {
            self.do_not_know(word);
        }
        false
    }

    /// Records an option that takes the next word if its kind has a value.
    fn give_with_next(&mut self, kind: OptionKind, name: String, next: Option<&Word>) -> bool {
        let takes = matches!(kind, OptionKind::Takes | OptionKind::Dir);
        let value = next.filter(|_| takes).cloned();
        let took = value.is_some();
        self.give(kind, name, value);
        took
    }

    /// Records an option.
    fn give(&mut self, kind: OptionKind, name: String, value: Option<Word>) {
        if let (OptionKind::Dir, Some(dir)) = (kind, &value) {
            self.dirs.push(dir.clone());
        }
        let takes = matches!(kind, OptionKind::Takes | OptionKind::Dir);
        self.options.push(Given { name, value, takes });
    }

    /// Records an unknown option, which makes what follows it uncertain.
    fn do_not_know(&mut self, word: &Word) {
        let name = word.text.clone();
        let why = if word.dynamic {
            format!("{} is an expansion", word.excerpt)
        } else {
            format!("unknown option {}", word.excerpt)
        };
        self.options.push(Given {
            name,
            value: None,
            takes: false,
        });
        if self.program.is_lenient && !word.dynamic {
            return;
        }
        self.unsure.get_or_insert((self.words.len(), why));
    }
}
