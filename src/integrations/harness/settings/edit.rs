//! Edits of JSON with comments.
//!
//! Owns two edits, [`insert`] and [`delete`], each the inverse of the other. They keep every space,
//! comment and order of the rest. Never knows what is inserted.

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use super::{SettingsError, Style};

const DEPTH_MAX: usize = 6;
const ERROR_CHARS_MAX: usize = 200;

/// Type of a JSON value, as far as an edit needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    Other,
}

/// A value and its place in the text, with its name if it is a property.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub name: String,
    pub kind: Kind,
    pub value: Value,
    pub items: Vec<Node>,
    /// Byte range of the whole, with its name.
    start: usize,
    end: usize,
    /// First byte of the value: the place of its bracket.
    open: usize,
}

impl Node {
    /// Parses a file. Fails if it is not a JSON object.
    pub(super) fn root(text: &str) -> Result<Self, SettingsError> {
        let options = ParseOptions {
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            ..ParseOptions::default()
        };
        let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
            let what = crate::model::text::harmless(&error.to_string(), ERROR_CHARS_MAX);
            SettingsError::NotJson(what)
        })?;
        let root = parsed
            .value
            .map(|value| Self::new(String::new(), &value, None, 0));
        let root = root.filter(|root| root.kind == Kind::Object);
        root.ok_or_else(|| SettingsError::NotJson("it is no object".to_owned()))
    }

    fn new(
        name: String,
        value: &ast::Value<'_>,
        whole: Option<(usize, usize)>,
        depth: usize,
    ) -> Self {
        let (kind, items) = match value {
            _ if depth > DEPTH_MAX => (Kind::Other, Vec::new()),
            ast::Value::Object(object) => {
                let items = object.properties.iter().map(|property| {
                    let name = match &property.name {
                        ObjectPropName::String(name) => name.value.to_string(),
                        ObjectPropName::Word(word) => word.value.to_owned(),
                    };
                    let whole = Some((property.start(), property.end()));
                    Self::new(name, &property.value, whole, depth + 1)
                });
                (Kind::Object, items.collect())
            }
            ast::Value::Array(array) => {
                let items = array.elements.iter();
                let items = items.map(|item| Self::new(String::new(), item, None, depth + 1));
                (Kind::Array, items.collect())
            }
            _ => (Kind::Other, Vec::new()),
        };
        let (start, end) = whole.unwrap_or((value.start(), value.end()));
        Self {
            name,
            kind,
            value: value.clone().into(),
            items,
            start,
            end,
            open: value.start(),
        }
    }

    /// Returns the property of this name. Fails if there are two.
    pub(super) fn only(&self, name: &str) -> Result<Option<&Self>, SettingsError> {
        let mut all = self.items.iter().filter(|item| item.name == name);
        match (all.next(), all.next()) {
            (one, None) => Ok(one),
            _ => Err(SettingsError::Unexpected(format!(
                "{name:?}, which is there twice,"
            ))),
        }
    }

    /// Checks whether a blank follows the opening bracket.
    pub(super) fn is_spread(&self, text: &str) -> bool {
        text[self.open + 1..].starts_with([' ', '\t', '\r', '\n'])
    }

    /// Checks whether the first item follows the opening bracket directly.
    pub(super) fn is_filled(&self) -> bool {
        let first = self.items.first();
        first.is_some_and(|first| first.start == self.open + 1)
    }
}

/// Renders a value as it stands at a depth.
pub(super) fn pretty(value: &Value, unit: &str, line_end: &str, depth: usize) -> String {
    use serde::Serialize as _;
    let mut bytes = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(unit.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, format);
    // Writing a value to memory cannot fail.
    let _ = value.serialize(&mut serializer);
    let text = String::from_utf8_lossy(&bytes);
    text.replace('\n', &format!("{line_end}{}", unit.repeat(depth)))
}

/// Adds an item at the end of a container.
pub(super) fn insert(text: &str, into: &Node, item: &str, depth: usize, style: &Style) -> String {
    let Some(last) = into.items.last() else {
        let at = into.open + 1;
        return format!("{}{item}{}", &text[..at], &text[at..]);
    };
    let lead = format!("{}{}", style.line_end, style.unit.repeat(depth));
    match comma_after(text, last.end) {
        Some(comma) => {
            let at = comment_after(text, comma + 1);
            format!("{}{lead}{item},{}", &text[..at], &text[at..])
        }
        None => {
            let at = comment_after(text, last.end);
            let between = &text[last.end..at];
            format!("{},{between}{lead}{item}{}", &text[..last.end], &text[at..])
        }
    }
}

/// Removes an item, and what was added with it.
pub(super) fn delete(text: &str, from: &Node, index: usize) -> String {
    let item = &from.items[index];
    let before = index.checked_sub(1).map(|at| &from.items[at]);
    let start = before.map_or(from.open + 1, |before| before.end);
    // Between two items there are only blanks, comments and a comma.
    let from_lead = start + without_lead(&text[start..item.start]).len();
    if let Some(comma) = comma_after(text, item.end) {
        return format!("{}{}", &text[..from_lead], &text[comma + 1..]);
    }
    let comma = before.and_then(|before| comma_after(text, before.end));
    match comma {
        Some(comma) => format!(
            "{}{}{}",
            &text[..comma],
            &text[comma + 1..from_lead.max(comma + 1)],
            &text[item.end..]
        ),
        None => format!("{}{}", &text[..from_lead], &text[item.end..]),
    }
}

/// Removes the line end and indentation at the end of a text. Blanks before those, such as one at
/// the end of a comment, are not ours.
fn without_lead(text: &str) -> &str {
    let text = text.trim_end_matches([' ', '\t']);
    match text.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => text,
    }
}

/// Returns the place of the next comma, if only blanks and comments stand before it.
fn comma_after(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = &text[at..];
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        let rest = &text[at..];
        if rest.starts_with(',') {
            return Some(at);
        }
        at += comment_bytes(rest)?;
    }
}

/// Returns the end of a comment that follows on the same line; `at` if there is none.
fn comment_after(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    match comment_bytes(&rest[blank..]) {
        Some(bytes) if !rest[blank..blank + bytes].contains('\n') => at + blank + bytes,
        _ => at,
    }
}

/// Returns the length of a comment; `None` if there is none.
fn comment_bytes(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        let line = text.split(['\n', '\r']).next().unwrap_or(text);
        return Some(line.len());
    }
    let inner = text.strip_prefix("/*")?;
    inner.find("*/").map(|end| end + 4)
}
