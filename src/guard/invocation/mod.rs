//! The words of one command, sorted: verbs and arguments, options with their values, and the
//! command that it wrappers.
//!
//! Owns which word is what, by what the rules say of the program's options, and which rule
//! applies. What follows an option that no rule knows is never taken for certain.

mod matching;
mod sort;

use crate::guard::rules::rule::{Program, Wrapper};
use crate::guard::shell::Word;
use crate::guard::targets::Targets;

/// A command with its words sorted.
#[derive(Debug)]
pub(in crate::guard) struct Invocation<'r> {
    program: &'r Program,
    /// Verbs and arguments.
    words: Vec<Word>,
    /// CommandStart this word on, any may be the value of an option that is not known.
    unsure: Option<(usize, String)>,
    options: Vec<Given>,
    /// The working directories that options name, in their order.
    pub(in crate::guard) dirs: Vec<Word>,
    pub(in crate::guard) wrapped: Option<Wrapped<'r>>,
    /// How many of the words are verbs, after a rule was found.
    pub(in crate::guard) verbs: usize,
    pub(in crate::guard) star: Option<usize>,
    /// Why another rule may apply than the one that was found; it would come to the same.
    pub(in crate::guard) doubt: Option<String>,
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
pub(in crate::guard) struct Wrapped<'r> {
    pub(in crate::guard) words: Vec<Word>,
    pub(in crate::guard) wrapper: &'r Wrapper,
}

impl<'r> Invocation<'r> {
    /// `words` are those after the name of the program.
    pub(in crate::guard) fn new(program: &'r Program, words: &[Word]) -> Self {
        let mut invocation = Self {
            program,
            words: Vec::new(),
            unsure: None,
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

    /// The values that were given to an option.
    pub(in crate::guard) fn values<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Word> {
        let given = self.options.iter().filter(move |given| given.name == name);
        given.filter_map(|given| given.value.as_ref())
    }

    pub(in crate::guard) fn has(&self, names: &[&str]) -> bool {
        self.options
            .iter()
            .any(|given| names.contains(&given.name.as_str()))
    }

    /// Verbs and arguments, those that are not certain as words of which nothing is known.
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

    /// Why the command that it wrappers may begin elsewhere.
    pub(in crate::guard) fn is_sure(&self) -> Result<(), String> {
        match &self.unsure {
            Some((_, why)) => Err(why.clone()),
            None => Ok(()),
        }
    }

    pub(in crate::guard) fn is_bare(&self) -> bool {
        self.words.is_empty() && self.wrapped.is_none()
    }

    /// The first words, for a text.
    pub(in crate::guard) fn verb(&self) -> &str {
        self.words.first().map_or("", |word| &word.excerpt)
    }
}
