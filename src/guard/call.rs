//! The words of one command, sorted: verbs and arguments, options with their values, and the
//! command that it carries.
//!
//! Owns which word is what, by what the rules say of the program's options, and which rule
//! applies. What follows an option that no rule knows is never taken for certain.

use super::rules::{Carry, Condition, From, OptionKind, Outcome, Pattern, Program, Ruling};
use super::shell::Word;
use super::template::Touched;

/// A command with its words sorted.
#[derive(Debug)]
pub(super) struct Call<'r> {
    program: &'r Program,
    /// Verbs and arguments.
    words: Vec<Word>,
    /// From this word on, any may be the value of an option that is not known.
    unsure: Option<(usize, String)>,
    options: Vec<Given>,
    /// The working directories that options name, in their order.
    pub(super) dirs: Vec<Word>,
    pub(super) carried: Option<Carried<'r>>,
    /// How many of the words are verbs, after a rule was found.
    pub(super) verbs: usize,
    pub(super) star: Option<usize>,
    /// Why another rule may apply than the one that was found; it would come to the same.
    pub(super) doubt: Option<String>,
}

#[derive(Debug)]
struct Given {
    name: String,
    value: Option<Word>,
    /// It takes a value, so that one is no answer to whether it is there.
    takes: bool,
}

/// The words of a command that another one starts.
#[derive(Debug)]
pub(super) struct Carried<'r> {
    pub(super) words: Vec<Word>,
    pub(super) carry: &'r Carry,
}

/// Whether something holds, as far as the line says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    Perhaps(String),
}

impl<'r> Call<'r> {
    /// `words` are those after the name of the program.
    pub(super) fn new(program: &'r Program, words: &[Word]) -> Self {
        let mut call = Self {
            program,
            words: Vec::new(),
            unsure: None,
            options: Vec::new(),
            dirs: Vec::new(),
            carried: None,
            verbs: 0,
            star: None,
            doubt: None,
        };
        call.sort(words);
        call
    }

    fn sort(&mut self, words: &[Word]) {
        let mut options_end = false;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            at += 1;
            if !options_end && word.known() == Some("--") {
                options_end = true;
                if let Some(carry) = self.carry(&From::Dashes) {
                    return self.carry_on(carry, &words[at..]);
                }
            } else if !options_end && word.text.len() > 1 && word.text.starts_with('-') {
                at += usize::from(self.option(word, words.get(at)));
            } else {
                if let Some(carry) = self.carry_at_next() {
                    if !matches!(carry.from, From::Nothing(_)) {
                        return self.carry_on(carry, &words[at - 1..]);
                    }
                    options_end = true;
                }
                self.words.push(word.clone());
            }
        }
        let by_option = |carry: &&Carry| match &carry.from {
            From::Option(names) => {
                let is_given = names.iter().any(|name| self.values(name).next().is_some());
                is_given && self.begins(&carry.verbs).is_some()
            }
            _ => false,
        };
        if let Some(carry) = self.program.carries.iter().rev().find(by_option) {
            let From::Option(names) = &carry.from else {
                return;
            };
            let values = names.iter().flat_map(|name| self.values(name));
            let values: Vec<Word> = values.cloned().collect();
            self.carry_on(carry, &values);
        }
    }

    fn carry_on(&mut self, carry: &'r Carry, words: &[Word]) {
        if !words.is_empty() {
            let words = words.to_vec();
            self.carried = Some(Carried { words, carry });
        }
    }

    fn carry(&self, from: &From) -> Option<&'r Carry> {
        let begins = |carry: &&Carry| carry.from == *from && self.begins(&carry.verbs).is_some();
        self.program.carries.iter().rev().find(begins)
    }

    /// What the next word begins, if it is no argument like others.
    fn carry_at_next(&self) -> Option<&'r Carry> {
        let begins = |carry: &&Carry| match carry.from {
            From::Word(n) | From::Nothing(n) => {
                carry.verbs.len() + n - 1 == self.words.len() && self.begins(&carry.verbs).is_some()
            }
            _ => false,
        };
        self.program.carries.iter().rev().find(begins)
    }

    /// How many verbs these are, where the words are certain to begin with them.
    fn begins(&self, verbs: &[Pattern]) -> Option<usize> {
        (self.verbs_hold(verbs) == Holds::Yes).then_some(verbs.len())
    }

    /// The option with this name: its kind and the name under which rules know it. The longest
    /// verbs speak.
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

    /// Take an option; true where it took the next word as well.
    fn option(&mut self, word: &Word, next: Option<&Word>) -> bool {
        let text = &word.text;
        if let Some((name, _)) = text.split_once('=') {
            let (kind, named) = self
                .lookup(name)
                .unwrap_or((OptionKind::Joins, name.to_owned()));
            self.give(kind, named, Some(word.after(name.len() + 1)));
            return false;
        }
        if !word.dynamic {
            if let Some((kind, named)) = self.lookup(text) {
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

    /// Options of one letter, written in one word.
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

    fn give_with_next(&mut self, kind: OptionKind, name: String, next: Option<&Word>) -> bool {
        let takes = matches!(kind, OptionKind::Takes | OptionKind::Dir);
        let value = next.filter(|_| takes).cloned();
        let took = value.is_some();
        self.give(kind, name, value);
        took
    }

    fn give(&mut self, kind: OptionKind, name: String, value: Option<Word>) {
        if let (OptionKind::Dir, Some(dir)) = (kind, &value) {
            self.dirs.push(dir.clone());
        }
        let takes = matches!(kind, OptionKind::Takes | OptionKind::Dir);
        self.options.push(Given { name, value, takes });
    }

    fn do_not_know(&mut self, word: &Word) {
        let name = word.text.clone();
        let why = match word.dynamic {
            true => format!("{} is an expansion", word.excerpt),
            false => format!("the option {} is not known here", word.excerpt),
        };
        self.options.push(Given {
            name,
            value: None,
            takes: false,
        });
        self.unsure.get_or_insert((self.words.len(), why));
    }

    /// The values that were given to an option.
    pub(super) fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Word> {
        let given = self.options.iter().filter(move |given| given.name == name);
        given.filter_map(|given| given.value.as_ref())
    }

    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options
            .iter()
            .any(|given| names.contains(&given.name.as_str()))
    }

    /// Verbs and arguments, those that are not certain as words of which nothing is known.
    pub(super) fn words_at(&self, from: usize, count: usize, into: &mut Touched) -> Vec<Word> {
        let end = from.saturating_add(count).min(self.words.len());
        let sure = self.unsure.as_ref().map_or(end, |(at, _)| end.min(*at));
        if let (true, Some((_, why))) = (sure < end, &self.unsure) {
            into.unsure(&format!("{why}, so that what follows it may be its value"));
        }
        self.words.get(from..sure).unwrap_or_default().to_vec()
    }

    /// Why the command that it carries may begin elsewhere.
    pub(super) fn is_sure(&self) -> Result<(), String> {
        match &self.unsure {
            Some((_, why)) => Err(why.clone()),
            None => Ok(()),
        }
    }

    pub(super) fn is_bare(&self) -> bool {
        self.words.is_empty() && self.carried.is_none()
    }

    /// The first words, for a text.
    pub(super) fn verb(&self) -> &str {
        self.words.first().map_or("", |word| &word.excerpt)
    }

    fn verbs_hold(&self, verbs: &[Pattern]) -> Holds {
        let mut holds = Holds::Yes;
        for (at, pattern) in verbs.iter().enumerate() {
            let Some(word) = self.words.get(at) else {
                return Holds::No;
            };
            let unsure = self.unsure.as_ref().filter(|(from, _)| *from <= at);
            match (unsure, word.known()) {
                (Some((_, why)), _) => {
                    let why = format!("{why}, so that it is not certain which word is the verb");
                    return Holds::Perhaps(why);
                }
                (None, Some(text)) if !pattern.matches(text) => return Holds::No,
                (None, None) if !pattern.is_any() => {
                    holds = Holds::Perhaps(format!("{} is an expansion", word.excerpt));
                }
                _ => {}
            }
        }
        holds
    }

    fn condition_holds(&self, condition: &Condition) -> Holds {
        let is_meant = |given: &&Given| condition.options.contains(&given.name);
        let Some(given) = self.options.iter().rev().find(is_meant) else {
            return if condition.absent {
                Holds::Yes
            } else {
                Holds::No
            };
        };
        let holds = match (&condition.values, given.value.as_ref()) {
            (None, Some(value)) if !given.takes => match value.known() {
                Some(text) => !matches!(text, "false" | "none" | "False" | "0" | "no"),
                None => return Holds::Perhaps(format!("{} is an expansion", value.excerpt)),
            },
            (None, _) => true,
            (Some(_), None) => false,
            (Some(values), Some(value)) => match value.known() {
                Some(text) => values.matches(text),
                None => return Holds::Perhaps(format!("{} is an expansion", value.excerpt)),
            },
        };
        if holds == condition.absent {
            Holds::No
        } else {
            Holds::Yes
        }
    }

    /// The rule that applies, the last one that says something wins; or why that is not certain.
    /// Where all that may apply say the same, it is the first of them that does.
    pub(super) fn outcome(&mut self) -> Result<Option<&'r Outcome>, String> {
        let mut perhaps: Option<(String, &Ruling)> = None;
        for outcome in self.program.outcomes.iter().rev() {
            let mut holds = self.verbs_hold(&outcome.verbs);
            for condition in &outcome.conditions {
                holds = match (holds, self.condition_holds(condition)) {
                    (Holds::No, _) | (_, Holds::No) => Holds::No,
                    (Holds::Perhaps(why), _) | (_, Holds::Perhaps(why)) => Holds::Perhaps(why),
                    (Holds::Yes, Holds::Yes) => Holds::Yes,
                };
            }
            match holds {
                Holds::No => {}
                Holds::Perhaps(why) => match &perhaps {
                    Some((why, other)) if **other != outcome.ruling => return Err(why.clone()),
                    Some(_) => {}
                    None => perhaps = Some((why, &outcome.ruling)),
                },
                Holds::Yes => {
                    if let Some((why, other)) = perhaps {
                        if *other != outcome.ruling || !outcome.ruling.is_plain() {
                            return Err(why);
                        }
                        self.doubt = Some(why);
                    }
                    self.verbs = outcome.verbs.len();
                    self.star = outcome.verbs.iter().rposition(Pattern::is_any);
                    return Ok(Some(outcome));
                }
            }
        }
        if let Some((why, _)) = perhaps {
            return Err(why);
        }
        match self.words.first() {
            Some(word) if word.dynamic => Err(format!("{} is an expansion", word.excerpt)),
            _ => Ok(None),
        }
    }
}
