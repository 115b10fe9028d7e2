//! Resources from templates.
//!
//! Owns how a [`Template`] and the words of an [`Invocation`] become labels. Never decides whether
//! a command changes anything.

use super::invocation::Invocation;
use super::place::{Place, ShellState, folder};
use super::rules::template::{Extractor, Source, Template};
use super::shell::Word;
use super::targets::Targets;
use super::tools::kubernetes;
use crate::model::path::literal;

impl Template {
    /// Adds the resources that this template names for `invocation`.
    pub(super) fn fill(
        &self,
        invocation: &Invocation<'_>,
        state: &ShellState,
        place: &Place,
        into: &mut Targets,
    ) {
        if self.extractor == Extractor::Fixed {
            return into.add_label(&self.prefix);
        }
        let mut words = Vec::new();
        for source in &self.sources {
            words = source.words(invocation, state, into);
            if !words.is_empty() {
                break;
            }
        }
        match self.extractor {
            Extractor::Objects => return kubernetes::objects(&words, into),
            Extractor::Pod => return kubernetes::pod(&words, into),
            Extractor::Folder if words.is_empty() => words.push(Word::literal(".")),
            _ => {}
        }
        for word in &words {
            self.fill_word(word, state, place, into);
        }
    }

    /// Adds the resource that the template makes of one word.
    fn fill_word(&self, word: &Word, state: &ShellState, place: &Place, into: &mut Targets) {
        if self.extractor == Extractor::Path
            || self.extractor == Extractor::Folder
            || self.sources == [Source::Dir]
        {
            let is_folder = self.extractor == Extractor::Folder && word.known() != Some(".");
            if word.text == "-" || word.text.contains("://") {
                return into
                    .incomplete(&format!("{} is not a file of the repository", word.excerpt));
            }
            into.at(state.absolute(word, place));
            return match state.path(word, place) {
                Ok(path) if is_folder => self.add(&or_top(folder(&path)), into),
                Ok(path) => self.add(&or_top(&path), into),
                Err(why) => into.incomplete(&why),
            };
        }
        // Of a URL the server may be certain, whatever the path is.
        let is_of_url = matches!(self.extractor, Extractor::Server | Extractor::HostName);
        let url = word.text.split_once("://");
        if let Some((_, rest)) = url.filter(|_| word.dynamic && is_of_url)
            && rest.contains('/')
        {
            return self.optional(host_name(&word.text), into);
        }
        let Some(text) = word.known() else {
            return into.incomplete(&format!("{} is an expansion", word.excerpt));
        };
        match self.extractor {
            Extractor::List => {
                for name in text.split([',', ':']).filter(|name| !name.is_empty()) {
                    self.plain(name, into);
                }
            }
            Extractor::Key => self.plain(text.split('=').next().unwrap_or_default(), into),
            Extractor::Unit => self.plain(text.strip_suffix(".service").unwrap_or(text), into),
            Extractor::HostName => self.optional(host_name(text), into),
            Extractor::Server => self.optional(server(text), into),
            Extractor::Database => self.optional(database(text), into),
            Extractor::Image => self.plain(after_transport(text), into),
            Extractor::Bucket => self.optional(text.split('/').nth(1), into),
            Extractor::Branch => self.optional(branch_of(text), into),
            Extractor::Dataset => self.optional(dataset(text), into),
            _ => self.plain(text, into),
        }
    }

    /// Adds the name, if there is one.
    fn optional(&self, name: Option<&str>, into: &mut Targets) {
        if let Some(name) = name {
            self.plain(name, into);
        }
    }

    /// Adds a name, unless it is a pattern that may match several.
    fn plain(&self, name: &str, into: &mut Targets) {
        if name.contains(['*', '?', '[', '!', '&']) {
            into.incomplete(&format!(
                "{} matches several names",
                super::shell::quote(name)
            ));
        } else {
            self.add(name, into);
        }
    }

    /// Adds the label that the template makes of a name.
    fn add(&self, name: &str, into: &mut Targets) {
        let is_path = self.prefix == "path:";
        let name = if is_path {
            literal(name)
        } else {
            name.to_owned()
        };
        into.add_label(&format!("{}{name}{}", self.prefix, self.suffix));
    }
}

impl Source {
    /// Returns the words that this source stands for on the line.
    fn words(
        &self,
        invocation: &Invocation<'_>,
        state: &ShellState,
        into: &mut Targets,
    ) -> Vec<Word> {
        let after = |n: usize| invocation.verbs + n - 1;
        match self {
            Self::Word(n) => invocation.words_at(after(*n), 1, into),
            Self::WordsFrom(n) => invocation.words_at(after(*n), usize::MAX, into),
            Self::Star => invocation
                .star
                .into_iter()
                .flat_map(|at| invocation.words_at(at, 1, into))
                .collect(),
            Self::Option(name) => invocation.values(name).cloned().collect(),
            Self::Variable(name) => state.variables.get(name).cloned().into_iter().collect(),
            Self::Dir => vec![Word::literal(".")],
            Self::Host => match &state.host {
                Some(host) => vec![Word::literal(host)],
                None => {
                    into.incomplete("the machine that it runs on is not known");
                    Vec::new()
                }
            },
        }
    }
}

/// Returns `.` for the top of the work tree.
fn or_top(path: &str) -> String {
    match path {
        "" => ".".to_owned(),
        path => path.to_owned(),
    }
}

/// Extracts the host from `[scheme://][user@]host[:port][/…]`; `None` for a path or an empty text.
fn host_name(text: &str) -> Option<&str> {
    let after = text.split_once("://");
    if after.is_some_and(|(scheme, _)| scheme == "unix") {
        return None;
    }
    let text = after.map_or(text, |(_, rest)| rest);
    let host = text.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    Some(host).filter(|host| !host.is_empty())
}

/// Extracts the host from a URL or from `host=… dbname=…`.
fn server(text: &str) -> Option<&str> {
    if text.contains("://") {
        host_name(text)
    } else {
        setting(text, "host")
    }
}

/// Extracts the database from a URL or from `host=… dbname=…`; other text is the name itself.
fn database(text: &str) -> Option<&str> {
    let Some((_, rest)) = text.split_once("://") else {
        return if text.contains('=') {
            setting(text, "dbname")
        } else {
            Some(text).filter(|text| !text.is_empty())
        };
    };
    let (_, path) = rest.split_once('/')?;
    path.split('?').next().filter(|name| !name.is_empty())
}

/// Returns the value of `name` in a list of `key=value` separated by blanks.
fn setting<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut settings = text
        .split_whitespace()
        .filter_map(|part| part.split_once('='));
    settings
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Returns the name of an image without `docker://` and its like.
fn after_transport(text: &str) -> &str {
    text.split_once("://").map_or(text, |(_, name)| name)
}

/// Returns the branch in a path of a forge.
fn branch_of(path: &str) -> Option<&str> {
    path.split_once("/branches/")?.1.split('/').next()
}

/// Returns the dataset in `project:dataset.table`.
fn dataset(text: &str) -> Option<&str> {
    let text = text.rsplit(':').next().unwrap_or(text);
    text.split('.').next().filter(|name| !name.is_empty())
}
