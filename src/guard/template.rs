//! Resources made of what stands on a line.
//!
//! Owns the language of templates (`stack:{dir}`, `service:{1..}`) and how each becomes labels.
//! Never decides whether a command changes anything.

use super::call::Call;
use super::kubernetes;
use super::place::{Place, State, folder};
use super::shell::Word;
use crate::model::path::literal;
use crate::model::resource::Resource;

/// More resources of one command are not listed.
const RESOURCES_MAX: usize = 64;

/// `<prefix>{<how> <sources>}<suffix>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template {
    prefix: String,
    suffix: String,
    how: How,
    pub(super) sources: Vec<Source>,
}

/// What is made of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// There is no hole to fill.
    Fixed,
    Plain,
    /// Several, with `,` or `:` between them.
    List,
    /// What stands before `=`.
    Key,
    /// The name of a unit, without `.service`.
    Unit,
    /// A file or folder of the repository.
    Path,
    /// The folder of a file, or the working directory where none is named.
    Folder,
    /// The machine in `user@host:port` or in a URL.
    HostName,
    /// The machine in a URL or in `host=… dbname=…`, and nothing else.
    Server,
    /// The database in a URL, in `host=… dbname=…`, or as it stands.
    Database,
    /// Kubernetes objects: `deploy/web`, or `deploy web api`.
    Objects,
    /// A Kubernetes object that is a pod unless it says otherwise.
    Pod,
}

/// Where a word is taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The n-th word after the verbs.
    Word(usize),
    WordsFrom(usize),
    /// The word that the last `*` of the pattern stands for.
    Star,
    Option(String),
    Variable(String),
    Dir,
    Host,
}

/// Resources, and why there may be more.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    pub(super) resources: Vec<Resource>,
    pub(super) unnamed: Vec<String>,
}

impl Touched {
    pub(super) fn label(&mut self, label: &str) {
        match Resource::parse(label) {
            Ok(resource) if self.resources.contains(&resource) => {}
            Ok(_) if self.resources.len() >= RESOURCES_MAX => {
                self.unsure("it names more than are listed");
            }
            Ok(resource) => self.resources.push(resource),
            Err(error) => self.unsure(&format!("a part of the line names no resource: {error}")),
        }
    }

    pub(super) fn unsure(&mut self, why: &str) {
        if !self.unnamed.iter().any(|known| known == why) {
            self.unnamed.push(why.to_owned());
        }
    }
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let fixed = |prefix: &str| Self {
            prefix: prefix.to_owned(),
            suffix: String::new(),
            how: How::Fixed,
            sources: Vec::new(),
        };
        let Some((prefix, rest)) = text.split_once('{') else {
            Resource::parse(text).map_err(|error| format!("{text} is no resource: {error}"))?;
            return Ok(fixed(text));
        };
        let (hole, suffix) = rest.split_once('}').ok_or(format!("{text} has no }}"))?;
        if suffix.contains(['{', '}']) {
            return Err(format!("{text} has more than one hole"));
        }
        let words: Vec<&str> = hole.split_whitespace().collect();
        let (how, sources) = match words.as_slice() {
            [sources] => (How::Plain, *sources),
            [how, sources] => (How::parse(how)?, *sources),
            _ => return Err(format!("{{{hole}}} is not understood")),
        };
        let is_whole = matches!(how, How::Objects | How::Pod);
        let sample = format!("{prefix}x{suffix}");
        if !is_whole && Resource::parse(&sample).is_err()
            || is_whole && text != format!("{{{hole}}}")
        {
            return Err(format!("{text} makes no resource"));
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
            how,
            sources: sources
                .split('|')
                .map(Source::parse)
                .collect::<Result<_, _>>()?,
        })
    }

    /// Add the resources that it names.
    pub(super) fn fill(&self, call: &Call<'_>, state: &State, place: &Place, into: &mut Touched) {
        if self.how == How::Fixed {
            return into.label(&self.prefix);
        }
        let mut words = Vec::new();
        for source in &self.sources {
            words = source.words(call, state, into);
            if !words.is_empty() {
                break;
            }
        }
        match self.how {
            How::Objects => return kubernetes::objects(&words, into),
            How::Pod => return kubernetes::pod(&words, into),
            How::Folder if words.is_empty() => words.push(Word::literal(".")),
            _ => {}
        }
        for word in &words {
            self.fill_word(word, state, place, into);
        }
    }

    fn fill_word(&self, word: &Word, state: &State, place: &Place, into: &mut Touched) {
        if self.how == How::Path || self.how == How::Folder || self.sources == [Source::Dir] {
            let is_folder = self.how == How::Folder && word.known() != Some(".");
            if word.text == "-" || word.text.contains("://") {
                return into.unsure(&format!("{} is no file of the repository", word.excerpt));
            }
            return match state.path(word, place) {
                Ok(path) if is_folder => self.add(&or_top(folder(&path)), into),
                Ok(path) => self.add(&or_top(&path), into),
                Err(why) => into.unsure(&why),
            };
        }
        let Some(text) = word.known() else {
            return into.unsure(&format!("{} is an expansion", word.excerpt));
        };
        match self.how {
            How::List => {
                for name in text.split([',', ':']).filter(|name| !name.is_empty()) {
                    self.plain(name, into);
                }
            }
            How::Key => self.plain(text.split('=').next().unwrap_or_default(), into),
            How::Unit => self.plain(text.strip_suffix(".service").unwrap_or(text), into),
            How::HostName => self.optional(host_name(text), into),
            How::Server => self.optional(server(text), into),
            How::Database => self.optional(database(text), into),
            _ => self.plain(text, into),
        }
    }

    fn optional(&self, name: Option<&str>, into: &mut Touched) {
        if let Some(name) = name {
            self.plain(name, into);
        }
    }

    /// A name that is no pattern of names.
    fn plain(&self, name: &str, into: &mut Touched) {
        match name.contains(['*', '?', '[', '!', '&']) {
            true => into.unsure(&format!("{} names several", super::shell::quote(name))),
            false => self.add(name, into),
        }
    }

    fn add(&self, name: &str, into: &mut Touched) {
        let is_path = self.prefix == "path:";
        let name = if is_path {
            literal(name)
        } else {
            name.to_owned()
        };
        into.label(&format!("{}{name}{}", self.prefix, self.suffix));
    }
}

impl How {
    fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "list" => Self::List,
            "key" => Self::Key,
            "unit" => Self::Unit,
            "path" => Self::Path,
            "folder" => Self::Folder,
            "hostname" => Self::HostName,
            "server" => Self::Server,
            "database" => Self::Database,
            "objects" => Self::Objects,
            "pod" => Self::Pod,
            _ => return Err(format!("{word} is no way to take a name from a word")),
        })
    }
}

impl Source {
    fn parse(text: &str) -> Result<Self, String> {
        let number = |digits: &str| digits.parse().ok().filter(|n| (1..=99).contains(n));
        Ok(match text {
            "dir" => Self::Dir,
            "host" => Self::Host,
            "*" => Self::Star,
            option if option.len() > 1 && option.starts_with('-') => {
                Self::Option(option.to_owned())
            }
            other => {
                if let Some(name) = other.strip_prefix('$').filter(|n| super::shell::is_name(n)) {
                    Self::Variable(name.to_owned())
                } else if let Some(first) = other.strip_suffix("..").and_then(number) {
                    Self::WordsFrom(first)
                } else if let Some(word) = number(other) {
                    Self::Word(word)
                } else {
                    return Err(format!("{other:?} names no word, option or variable"));
                }
            }
        })
    }

    fn words(&self, call: &Call<'_>, state: &State, into: &mut Touched) -> Vec<Word> {
        let after = |n: usize| call.verbs + n - 1;
        match self {
            Self::Word(n) => call.words_at(after(*n), 1, into),
            Self::WordsFrom(n) => call.words_at(after(*n), usize::MAX, into),
            Self::Star => call
                .star
                .into_iter()
                .flat_map(|at| call.words_at(at, 1, into))
                .collect(),
            Self::Option(name) => call.values(name).cloned().collect(),
            Self::Variable(name) => state.variables.get(name).cloned().into_iter().collect(),
            Self::Dir => vec![Word::literal(".")],
            Self::Host => match &state.host {
                Some(host) => vec![Word::literal(host)],
                None => {
                    into.unsure("it is not known which machine it runs on");
                    Vec::new()
                }
            },
        }
    }
}

fn or_top(path: &str) -> String {
    match path {
        "" => ".".to_owned(),
        path => path.to_owned(),
    }
}

/// The machine in `[scheme://][user@]host[:port][/…]`; none in a path or an empty text.
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

fn server(text: &str) -> Option<&str> {
    match text.contains("://") {
        true => host_name(text),
        false => setting(text, "host"),
    }
}

fn database(text: &str) -> Option<&str> {
    let Some((_, rest)) = text.split_once("://") else {
        return match text.contains('=') {
            true => setting(text, "dbname"),
            false => Some(text).filter(|text| !text.is_empty()),
        };
    };
    let (_, path) = rest.split_once('/')?;
    path.split('?').next().filter(|name| !name.is_empty())
}

fn setting<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut settings = text
        .split_whitespace()
        .filter_map(|part| part.split_once('='));
    settings
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}
