//! Templates of resources.
//!
//! [`Template`] owns the language of templates: `stack:{dir}`, `service:{1..}`. Never fills one.

use crate::guard::shell;
use crate::model::resource::Resource;

/// Types of objects of Kubernetes.
const OBJECTS: [&str; 4] = ["node", "pvc", "service", "infra"];

/// A label with at most one hole: `<prefix>{<extractor> <sources>}<suffix>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) struct Template {
    pub(in crate::guard) prefix: String,
    pub(in crate::guard) suffix: String,
    pub(in crate::guard) extractor: Extractor,
    pub(in crate::guard) sources: Vec<Source>,
}

/// How a name is taken from a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Extractor {
    /// The template has no hole.
    Fixed,
    /// The whole word.
    Plain,
    /// Several names, separated by `,` or `:`.
    List,
    /// The part before `=`.
    Key,
    /// The name of a systemd unit, without `.service`.
    Unit,
    /// A file or folder of the repository.
    Path,
    /// The folder of a file, or the working directory if no file is named.
    Folder,
    /// The host in `user@host:port` or in a URL.
    HostName,
    /// The host in a URL or in `host=… dbname=…`; other text has none.
    Server,
    /// The database in a URL or in `host=… dbname=…`; other text is the name itself.
    Database,
    /// Kubernetes objects: `deploy/web`, or `deploy web api`.
    Objects,
    /// The name of an image without the transport before it.
    Image,
    /// A bucket behind the name of a server: `server/bucket/file`.
    Bucket,
    /// The branch in a path of a forge: `repos/a/b/branches/main/protection`.
    Branch,
    /// A dataset in `project:dataset.table`.
    Dataset,
    /// A Kubernetes object, a pod unless the word names another kind.
    Pod,
}

/// Where a template takes its word from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::guard) enum Source {
    /// The n-th word after the verbs, counted from 1.
    Word(usize),
    /// All words from the n-th on.
    WordsFrom(usize),
    /// The word that the last `*` of the rule's verbs stands for.
    Star,
    /// The values of an option.
    Option(String),
    /// A variable.
    Variable(String),
    /// The working directory.
    Dir,
    /// The machine.
    Host,
}

impl Template {
    /// Parses a template. Fails with what is wrong with it.
    pub(in crate::guard) fn parse(text: &str) -> Result<Self, String> {
        let fixed = |prefix: &str| Self {
            prefix: prefix.to_owned(),
            suffix: String::new(),
            extractor: Extractor::Fixed,
            sources: Vec::new(),
        };
        let Some((prefix, rest)) = text.split_once('{') else {
            Resource::parse(text).map_err(|error| format!("{text} is not a resource: {error}"))?;
            return Ok(fixed(text));
        };
        let (hole, suffix) = rest.split_once('}').ok_or(format!("{text} has no }}"))?;
        if suffix.contains(['{', '}']) {
            return Err(format!("{text} has more than one hole"));
        }
        let words: Vec<&str> = hole.split_whitespace().collect();
        let (extractor, sources) = match words.as_slice() {
            [sources] => (Extractor::Plain, *sources),
            [extractor, sources] => (Extractor::parse(extractor)?, *sources),
            _ => {
                return Err(format!(
                    "{{{hole}}} has more than an extractor and a source"
                ));
            }
        };
        let is_whole = matches!(extractor, Extractor::Objects | Extractor::Pod);
        let sample = format!("{prefix}x{suffix}");
        if !is_whole && Resource::parse(&sample).is_err()
            || is_whole && text != format!("{{{hole}}}")
        {
            return Err(format!("{text} does not form a resource"));
        }
        Ok(Self {
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
            extractor,
            sources: sources
                .split('|')
                .map(Source::parse)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Template {
    /// Returns the types of what it names.
    pub(in crate::guard) fn kinds(&self) -> impl Iterator<Item = &str> {
        let objects: &[&str] = match self.extractor {
            Extractor::Objects | Extractor::Pod => &OBJECTS,
            _ => &[],
        };
        let kind = self.prefix.split_once(':').map(|(kind, _)| kind);
        kind.into_iter().chain(objects.iter().copied())
    }
}

impl Extractor {
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
            "image" => Self::Image,
            "bucket" => Self::Bucket,
            "branch" => Self::Branch,
            "dataset" => Self::Dataset,
            _ => return Err(format!("{word} is not an extractor")),
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
                if let Some(name) = other.strip_prefix('$').filter(|n| shell::is_name(n)) {
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
}
