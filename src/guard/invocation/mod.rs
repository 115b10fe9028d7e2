//! Invocation of a program: its words sorted into verbs, arguments, options and a wrapped command.
//!
//! [`Invocation`] owns which word is what, by what the rules say of the program's options, and
//! which rule matches. Never takes for certain what follows an option that no rule knows.

mod matching;
mod sort;

pub(in crate::guard) use matching::is_false;

use crate::guard::place::ShellState;
use crate::guard::rules::rule::{Local, Program, Wrapper};
use crate::guard::shell::Word;
use crate::guard::targets::Targets;

/// A command with its words sorted.
#[derive(Debug)]
pub(in crate::guard) struct Invocation<'r> {
    program: &'r Program,
    /// Verbs and arguments, in order.
    words: Vec<Word>,
    /// Index of the first word that may be the value of an unknown option, and the reason.
    unsure: Option<(usize, String)>,
    /// Why it is not certain which option is given: it is the beginning of several.
    ambiguous: Option<String>,
    /// Options in the order in which they stand on the line.
    options: Vec<Given>,
    /// Working directories that options name, in order.
    pub(in crate::guard) dirs: Vec<Word>,
    /// The command that this one starts, if any.
    pub(in crate::guard) wrapped: Option<Wrapped<'r>>,
    /// Number of words that are verbs; set once a rule matches.
    pub(in crate::guard) verbs: usize,
    /// Index of the word that the last `*` of the matching rule stands for.
    pub(in crate::guard) star: Option<usize>,
    /// Why another rule with the same effect may apply instead.
    pub(in crate::guard) doubt: Option<String>,
}

/// An option on the line.
#[derive(Debug)]
struct Given {
    name: String,
    value: Option<Word>,
    /// Whether the option takes a value. If it does, a value such as `false` does not negate it.
    takes: bool,
}

/// The words of a command that another one starts.
#[derive(Debug)]
pub(in crate::guard) struct Wrapped<'r> {
    pub(in crate::guard) words: Vec<Word>,
    pub(in crate::guard) wrapper: &'r Wrapper,
}

impl<'r> Invocation<'r> {
    /// Sorts `words`, which are those after the name of the program.
    pub(in crate::guard) fn new(program: &'r Program, words: &[Word]) -> Self {
        let mut invocation = Self {
            program,
            words: Vec::new(),
            unsure: None,
            ambiguous: None,
            options: Vec::new(),
            dirs: Vec::new(),
            wrapped: None,
            verbs: 0,
            star: None,
            doubt: None,
        };
        invocation.sort(words);
        invocation
    }

    /// Checks whether what it changes is of the machine where it runs.
    pub(in crate::guard) fn is_local(&self, state: &ShellState) -> bool {
        let leads_away = |word: &String| match word.strip_prefix('$') {
            Some(name) => state
                .variables
                .get(name)
                .is_some_and(|v| !v.excerpt.is_empty()),
            None => self.has(&[word.as_str()]),
        };
        let holds = |local: &Local| {
            self.begins(&local.verbs).is_some() && !local.unless.iter().any(leads_away)
        };
        self.program.locals.iter().any(holds)
    }

    /// Returns the values given to an option.
    pub(in crate::guard) fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Word> {
        let given = self.options.iter().filter(move |given| given.name == name);
        given.filter_map(|given| given.value.as_ref())
    }

    /// Checks whether one of these options is given.
    pub(in crate::guard) fn has(&self, names: &[&str]) -> bool {
        self.options
            .iter()
            .any(|given| names.contains(&given.name.as_str()))
    }

    /// Checks whether the last of these options is taken back: `--no-x` stands after `--x`.
    pub(in crate::guard) fn negates<S: AsRef<str>>(&self, names: &[S]) -> bool {
        let negated = |given: &Given| {
            let long = given.name.strip_prefix("--no-");
            long.is_some_and(|long| {
                let is_long = |name: &S| name.as_ref().trim_start_matches('-') == long;
                names.iter().any(is_long)
            })
        };
        let is_one = |given: &Given| names.iter().any(|name| name.as_ref() == given.name);
        let last = self.options.iter().rposition(is_one);
        self.options.iter().rposition(negated) > last
    }

    /// Returns `count` verbs and arguments from index `from`. If some may be values of an unknown
    /// option, leaves them out and records the reason in `into`.
    pub(in crate::guard) fn words_at(
        &self,
        from: usize,
        count: usize,
        into: &mut Targets,
    ) -> Vec<Word> {
        let end = from.saturating_add(count).min(self.words.len());
        let sure = self.unsure.as_ref().map_or(end, |(at, _)| end.min(*at));
        if let (true, Some((_, why))) = (sure < end, &self.unsure) {
            into.incomplete(&format!("{why}, so that what follows it may be its value"));
        }
        self.words.get(from..sure).unwrap_or_default().to_vec()
    }

    /// Returns the n-th word after the verbs, counted from 1, if that is certain.
    pub(in crate::guard) fn word(&self, number: usize) -> Option<&Word> {
        let at = (self.verbs + number).checked_sub(1)?;
        let is_sure = self.unsure.as_ref().is_none_or(|(from, _)| at < *from);
        self.words.get(at).filter(|_| is_sure)
    }

    /// Returns the words that are no options, verbs included.
    pub(in crate::guard) fn all_words(&self) -> &[Word] {
        &self.words
    }

    /// Returns the words that are no options, without the verbs.
    pub(in crate::guard) fn arguments(&self) -> &[Word] {
        self.words.get(self.verbs..).unwrap_or_default()
    }

    /// Fails with the reason if it is not certain where the wrapped command begins.
    pub(in crate::guard) fn is_sure(&self) -> Result<(), String> {
        match &self.unsure {
            Some((_, why)) => Err(why.clone()),
            None => Ok(()),
        }
    }

    /// Checks whether there are no verbs, no arguments and no wrapped command.
    pub(in crate::guard) fn is_bare(&self) -> bool {
        self.words.is_empty() && self.wrapped.is_none()
    }

    /// Returns the first word as written, for a message.
    pub(in crate::guard) fn verb(&self) -> &str {
        self.words.first().map_or("", |word| &word.excerpt)
    }
}
