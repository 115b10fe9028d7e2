//! Texts that a command line hands to a program.
//!
//! Owns which arguments, here-documents and pipes reach a program that a line names, also within
//! groups, expansions and the scripts of a shell. Errs on the side of too much: of a text with an
//! expansion, the whole line is taken. Never judges what the program does.

use super::{Command, DEPTH_MAX, Group, List, Redirections, Simple, Word, parse_beginning};

/// Programs that run an argument as a script.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "zsh", "ksh", "eval"];

/// What is sought, and what was found.
struct Search<'s> {
    programs: &'s [&'s str],
    found: Vec<String>,
    /// Whether a text is not certain.
    is_uncertain: bool,
}

/// Returns the texts that the programs of these names may get from a line: the whole line where
/// that is not certain, and none if the line calls no such program.
pub fn texts_for(line: &str, programs: &[&str]) -> Vec<String> {
    let mut search = Search {
        programs,
        found: Vec::new(),
        is_uncertain: false,
    };
    search.script(line, 0);
    match search.is_uncertain {
        true => vec![line.to_owned()],
        false => search.found,
    }
}

impl Search<'_> {
    fn script(&mut self, text: &str, depth: usize) {
        let (list, error) = parse_beginning(text, depth);
        let names = |name: &&str| text.contains(*name);
        self.is_uncertain |= error.is_some() && self.programs.iter().any(names);
        self.list(&list, depth);
    }

    fn list(&mut self, list: &List, depth: usize) {
        for (_, pipeline) in list.chains.iter().flat_map(|chain| &chain.links) {
            let mut reaches = false;
            for command in &pipeline.commands {
                reaches |= self.command(command, depth);
            }
            if reaches {
                pipeline.commands.iter().for_each(|one| self.take(one));
            }
        }
    }

    /// Searches one command. Returns true if it calls one of the programs itself.
    fn command(&mut self, command: &Command, depth: usize) -> bool {
        let (words, redirections) = match command {
            Command::Simple(simple) => (&simple.words, &simple.redirections),
            Command::Group(group) => {
                let found = self.found.len();
                group.lists.iter().for_each(|list| self.list(list, depth));
                self.inner(&group.words, depth);
                self.inner(&group.redirections.words, depth);
                // A program in a group also reads what the group reads.
                return self.found.len() > found;
            }
        };
        self.inner(words, depth);
        self.inner(&redirections.words, depth);
        if let Command::Simple(simple) = command {
            simple.assignments.iter().for_each(|(_, value)| {
                self.inner(std::slice::from_ref(value), depth);
            });
        }
        self.documents(redirections)
            .into_iter()
            .for_each(|document| self.inner(&[document], depth));
        let names = |word: &Word, names: &[&str]| {
            let base = word
                .known()
                .map(|text| text.rsplit(['/', '\\']).next().unwrap_or(text));
            base.is_some_and(|base| names.contains(&base))
        };
        if words.iter().any(|word| names(word, &SHELLS)) && depth < DEPTH_MAX {
            let scripts = words.iter().filter(|word| {
                self.programs.iter().any(|name| word.text.contains(*name))
                    && word.text.contains(' ')
            });
            for script in scripts.cloned().collect::<Vec<_>>() {
                self.is_uncertain |= script.dynamic;
                self.script(&script.text, depth + 1);
            }
            for document in self.documents(redirections) {
                self.script(&document.text, depth + 1);
            }
        }
        words.iter().any(|word| names(word, self.programs))
    }

    /// Searches the commands within words.
    fn inner(&mut self, words: &[Word], depth: usize) {
        for inner in words.iter().flat_map(|word| &word.commands) {
            self.list(&inner.0, depth);
        }
    }

    /// Takes what a command hands on.
    fn take(&mut self, command: &Command) {
        let texts: Vec<Word> = match command {
            Command::Simple(Simple {
                words,
                redirections,
                ..
            }) => [words.clone(), self.documents(redirections)].concat(),
            Command::Group(Group { redirections, .. }) => {
                self.is_uncertain = true;
                self.documents(redirections)
            }
        };
        self.is_uncertain |= texts.iter().any(|word| word.dynamic);
        self.found.extend(texts.into_iter().map(|word| word.text));
    }

    fn documents(&self, redirections: &Redirections) -> Vec<Word> {
        let documents = redirections.documents.iter();
        documents.filter_map(|body| body.get().cloned()).collect()
    }
}
