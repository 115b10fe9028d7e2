//! A resource: what can be claimed, spelled `<type>:<name>`.
//!
//! Owns [`Resource`], its [`ResourceKind`], the types that help lists, and when two resources
//! overlap. Never knows which sessions claim them.

use std::fmt;

use super::id::LABEL_BYTES_MAX;
use super::path::{PathError, PathPattern, Work};
use super::text::{self, TextError, TextKind};

/// The type of a resource, as far as the rules treat it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceKind<'r> {
    /// `path:…`: files of the repository, as a pattern. Two of these can overlap.
    Path,
    /// `branch:…`: a branch of the repository, by its name without `refs/heads/`.
    Branch,
    /// Any other type. Two resources of it overlap only when they are equal.
    Named(&'r str),
}

impl<'r> ResourceKind<'r> {
    /// Returns the type as it is spelled before the colon.
    pub const fn as_str(self) -> &'r str {
        match self {
            Self::Path => "path",
            Self::Branch => "branch",
            Self::Named(word) => word,
        }
    }
}

/// The types that help and completion list; any other type is accepted as well.
pub const KNOWN_TYPES: [&str; 9] = [
    "node", "host", "stack", "service", "db", "pvc", "infra", "path", "branch",
];

const TYPE_BYTES_MAX: usize = 32;

/// What can be claimed: `<type>:<name>`, for example `node:k8s-1` or `path:src/**`.
#[derive(Clone, Debug)]
pub struct Resource {
    label: String,
    shape: Shape,
}

/// The parts of a label, as they were parsed.
#[derive(Clone, Debug)]
enum Shape {
    Path(Box<PathPattern>),
    Branch,
    Named { colon: usize },
}

impl Resource {
    /// Parses a label that a user typed, of at most [`LABEL_BYTES_MAX`] bytes, in which nothing is
    /// invisible. Equal paths get one spelling.
    ///
    /// # Errors
    ///
    /// The first reason for which the label is not accepted.
    pub fn parse(text: &str) -> Result<Self, ResourceError> {
        text::check(text, LABEL_BYTES_MAX, TextKind::Name).map_err(ResourceError::Text)?;
        Self::from_record(text)
    }

    /// Takes the label of something that exists: of a claim, which older versions accepted with
    /// more characters, of a file, of a branch.
    ///
    /// # Errors
    ///
    /// The first reason for which it is no label.
    pub fn from_record(text: &str) -> Result<Self, ResourceError> {
        text::check_record(text, LABEL_BYTES_MAX).map_err(ResourceError::Text)?;
        let (kind, name) = text.split_once(':').ok_or(ResourceError::NoType)?;
        let starts_well = kind.starts_with(|c: char| c.is_ascii_lowercase());
        let type_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !starts_well || kind.len() > TYPE_BYTES_MAX || !kind.bytes().all(type_byte) {
            return Err(ResourceError::BadType {
                kind: kind.to_owned(),
            });
        }
        if name.is_empty() || name.trim() != name {
            return Err(ResourceError::NoName);
        }
        let mut label = text.to_owned();
        let shape = match kind {
            "path" => {
                let path = PathPattern::parse(name).map_err(ResourceError::Path)?;
                label = format!("path:{}", path.as_str());
                text::check_record(&label, LABEL_BYTES_MAX).map_err(ResourceError::Text)?;
                Shape::Path(Box::new(path))
            }
            "branch" => Shape::Branch,
            _ => Shape::Named { colon: kind.len() },
        };
        Ok(Self { label, shape })
    }

    /// Returns `path:**`, which overlaps every path and nothing else.
    #[expect(clippy::expect_used, reason = "a constant label, which a test parses")]
    pub fn every_path() -> Self {
        Self::parse("path:.").expect("a resource")
    }

    /// Returns the whole label, in the one spelling under which the resource is stored. It is
    /// shown with [`fmt::Display`].
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the type of the resource.
    pub fn kind(&self) -> ResourceKind<'_> {
        match self.shape {
            Shape::Path(_) => ResourceKind::Path,
            Shape::Branch => ResourceKind::Branch,
            Shape::Named { colon } => ResourceKind::Named(&self.label[..colon]),
        }
    }

    /// Returns the label without its type and the colon.
    pub fn name(&self) -> &str {
        &self.label[self.kind().as_str().len() + 1..]
    }

    /// Returns true if this is a path that names `file`, a path from the repository root.
    pub fn names_file(&self, file: &str) -> bool {
        matches!(&self.shape, Shape::Path(path) if path.matches(file))
    }

    /// Returns true if the two overlap, or if more than the work that is left is needed to tell.
    pub fn may_overlap(&self, other: &Self, work: &mut Work) -> bool {
        match (&self.shape, &other.shape) {
            (Shape::Path(mine), Shape::Path(theirs)) => {
                mine.overlaps_within(theirs, work).unwrap_or(true)
            }
            _ => self == other,
        }
    }

    /// Returns true if the two are equal, or are paths that a file could both match.
    pub fn overlaps(&self, other: &Self) -> bool {
        match (&self.shape, &other.shape) {
            (Shape::Path(mine), Shape::Path(theirs)) => mine.overlaps(theirs),
            _ => self == other,
        }
    }
}

impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        self.label == other.label
    }
}

impl Eq for Resource {}

/// The label as it is shown: another session may have chosen it.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::name(&self.label).fmt(f)
    }
}

/// Why a resource is not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceError {
    /// The text is empty, too long, or unsafe to show.
    Text(TextError),
    /// It has no colon.
    NoType,
    /// The type has other characters than a-z, 0-9 and `-`, or more than 32.
    BadType {
        /// What stands before the colon.
        kind: String,
    },
    /// The name is empty, or starts or ends with a space.
    NoName,
    /// The name of a `path:` is not a pattern.
    Path(PathError),
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(error) => error.fmt(f),
            Self::NoType => f.write_str("it has no type; a resource is written <type>:<name>"),
            Self::BadType { kind } if kind.is_empty() => f.write_str("its type is empty"),
            Self::BadType { kind } => write!(
                f,
                "the type {kind:?} is not accepted; a type is at most {TYPE_BYTES_MAX} \
                 characters a-z, 0-9 and -, and starts with a letter"
            ),
            Self::NoName => f.write_str("its name is empty or starts or ends with a space"),
            Self::Path(error) => error.fmt(f),
        }
    }
}

/// A filter over labels for `list --resource`: `*` is any run of characters, `?` is one.
#[derive(Clone, Debug)]
pub struct LabelGlob(Vec<char>);

impl LabelGlob {
    /// Takes any text as a pattern.
    pub fn new(pattern: &str) -> Self {
        Self(pattern.chars().collect())
    }

    /// Returns true if the whole label matches. It takes `pattern × label` steps at most.
    pub fn matches(&self, label: &str) -> bool {
        let label: Vec<char> = label.chars().collect();
        let (mut p, mut l) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while l < label.len() {
            match self.0.get(p) {
                Some('*') => {
                    retry = Some((p, l));
                    p += 1;
                }
                Some(c) if *c == '?' || *c == label[l] => {
                    p += 1;
                    l += 1;
                }
                _ => match retry {
                    Some((star, eaten)) => {
                        retry = Some((star, eaten + 1));
                        p = star + 1;
                        l = eaten + 1;
                    }
                    None => return false,
                },
            }
        }
        self.0[p..].iter().all(|c| *c == '*')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepted() {
        for (text, kind, label) in [
            ("node:k8s-1", "node", "node:k8s-1"),
            ("gpu-slot:a b", "gpu-slot", "gpu-slot:a b"),
            ("db:prod:users", "db", "db:prod:users"),
            ("path:./src//", "", ""),
            ("path:./src/", "path", "path:src"),
            ("path:.", "path", "path:**"),
            ("stack:Ünïcode", "stack", "stack:Ünïcode"),
        ] {
            match Resource::parse(text) {
                Ok(resource) => {
                    let spelled = (resource.kind().as_str(), resource.label());
                    assert_eq!(spelled, (kind, label), "{text}");
                }
                Err(_) => assert_eq!(label, "", "{text}"),
            }
        }
    }

    #[test]
    fn refused_with_the_reason() {
        let reason = |text: &str| Resource::parse(text).unwrap_err().to_string();
        assert_eq!(reason(""), "it is empty");
        assert!(reason("k8s-1").starts_with("it has no type"));
        assert_eq!(reason(":x"), "its type is empty");
        assert!(reason("Node:x").contains("\"Node\" is not accepted"));
        assert!(reason("1x:y").contains("starts with a letter"));
        assert!(reason("node:").contains("name is empty"));
        assert!(reason("node: x").contains("starts or ends with a space"));
        assert!(reason("node:a\u{7}").contains("U+0007"));
        assert!(reason(&format!("node:{}", "x".repeat(251))).contains("256 bytes"));
        assert!(Resource::parse(&format!("node:{}", "x".repeat(250))).is_ok());
    }

    #[test]
    fn overlap_is_equality_except_for_paths() {
        let overlap = |a: &str, b: &str| {
            let (a, b) = (Resource::parse(a).unwrap(), Resource::parse(b).unwrap());
            assert_eq!(a.overlaps(&b), b.overlaps(&a));
            a.overlaps(&b)
        };
        assert!(overlap("node:a", "node:a"));
        assert!(!overlap("node:a", "node:ab"));
        assert!(!overlap("node:a", "host:a"));
        assert!(overlap("path:src", "path:src/a.rs"));
        assert!(overlap("path:src/**", "path:src/a.rs"));
        assert!(!overlap("path:src", "path:src2/a.rs"));
        assert!(!overlap("path:a", "node:a"));
    }

    #[test]
    fn every_path_is_what_its_label_says() {
        let every = Resource::every_path();
        let parsed = Resource::parse("path:.").unwrap();
        assert_eq!(every.label(), parsed.label());
        assert!(every.names_file("a/b/c") && every.overlaps(&parsed));
        assert!(!every.overlaps(&Resource::parse("node:a").unwrap()));
        assert_eq!((every.kind(), every.name()), (ResourceKind::Path, "**"));
    }

    #[test]
    fn files_are_named_by_paths_alone() {
        let names = |text: &str, file: &str| Resource::parse(text).unwrap().names_file(file);
        assert!(names("path:src", "src/a/b.rs") && names("path:src", "src"));
        assert!(names("path:src/*.rs", "src/a.rs") && !names("path:src/*.rs", "src/a/b.rs"));
        assert!(!names("path:src", "src2/a.rs") && !names("branch:src", "src"));
        assert_eq!(
            Resource::parse("db:prod:users").unwrap().name(),
            "prod:users"
        );
    }

    #[test]
    fn label_globs() {
        for (glob, label, yes) in [
            ("node:*", "node:a/b", true),
            ("node:*", "node:", true),
            ("node:*", "nodes:a", false),
            ("*prod*", "db:prod", true),
            ("node:k8s-?", "node:k8s-1", true),
            ("node:k8s-?", "node:k8s-12", false),
            ("*a*b*", "xxbxxa", false),
            ("", "x", false),
            ("**", "x", true),
        ] {
            assert_eq!(LabelGlob::new(glob).matches(label), yes, "{glob} {label}");
        }
    }

    proptest! {
        #[test]
        fn a_parsed_label_parses_to_itself(text in "[a-z]{1,3}:[ -~]{1,12}") {
            if let Ok(resource) = Resource::parse(&text) {
                let again = Resource::parse(resource.label()).unwrap();
                prop_assert_eq!(again.label(), resource.label());
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>(), glob in any::<String>()) {
            let _ = Resource::parse(&text);
            let _ = LabelGlob::new(&glob).matches(&text);
        }
    }
}
