//! Measure of the rules: how much of a table of command lines they judge as the table expects.
//!
//! The root type is [`Measured`]. Owns the format of the table and what counts as right. Never
//! classifies: the caller hands in the verdicts.

use std::collections::BTreeMap;

use super::verdict::{Class, Part, Verdict};

/// What a table expects of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// `yes`: it changes something.
    Change,
    /// `no`: it changes nothing that others can see.
    Nothing,
    /// `unclear`: either answer is right.
    Either,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name, for messages.
    pub id: String,
    /// The kind of line, by which rows are counted.
    pub family: String,
    /// The command line.
    pub line: String,
    /// What is expected of it.
    pub expected: Expected,
    /// What it changes: each is a list of labels of which one is enough. The label `-` means that
    /// naming nothing is right, too.
    pub names: Vec<Vec<String>>,
}

/// An invalid row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the table {what}")]
pub struct TableError {
    /// Number of the line, counted from 1.
    pub line: usize,
    /// What is wrong with it, as a fragment of a sentence.
    pub what: &'static str,
}

/// What was counted of one family, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that change something.
    pub changes: usize,
    /// Those of them that are judged `mutating`.
    pub caught: usize,
    /// Those of them that are judged `unknown`.
    pub doubted: usize,
    /// Lines that change nothing.
    pub harmless: usize,
    /// Those of them that are judged `mutating`.
    pub false_alarms: usize,
    /// Those of them that are judged `unknown`.
    pub harmless_doubted: usize,
    /// Lines judged `mutating` of which the table names what they change.
    pub nameable: usize,
    /// Those of them of which all of it is named.
    pub named: usize,
}

/// A row that is not judged as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The row.
    pub row: Row,
    /// The class that the line was given.
    pub class: &'static str,
    /// The labels that it was given, enclosing ones included.
    pub labels: Vec<String>,
    /// Whether the class is right, and the names are not.
    pub is_name: bool,
}

/// How much of a table was judged as it expects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// All rows together.
    pub all: Counts,
    /// By family, in the order of their names.
    pub families: BTreeMap<String, Counts>,
    /// The rows that were judged otherwise, in the order of the table.
    pub wrong: Vec<Wrong>,
}

impl Counts {
    /// Returns the share of changes that are told, `mutating` or `unknown`, in percent.
    pub fn recall(&self) -> Option<f64> {
        percent(self.caught + self.doubted, self.changes)
    }

    /// Returns the share of what is judged `mutating` that does change something, in percent.
    pub fn precision(&self) -> Option<f64> {
        percent(self.caught, self.caught + self.false_alarms)
    }

    /// Returns the share of lines with all names among those that can be named, in percent.
    pub fn names(&self) -> Option<f64> {
        percent(self.named, self.nameable)
    }

    fn count(&mut self, row: &Row, class: &Class, is_named: Option<bool>) {
        let (acts, doubts) = (
            *class == Class::Mutating,
            matches!(class, Class::Unknown(_)),
        );
        match row.expected {
            Expected::Change => {
                self.changes += 1;
                self.caught += usize::from(acts);
                self.doubted += usize::from(doubts);
            }
            Expected::Nothing => {
                self.harmless += 1;
                self.false_alarms += usize::from(acts);
                self.harmless_doubted += usize::from(doubts);
            }
            Expected::Either => {}
        }
        self.nameable += usize::from(is_named.is_some());
        self.named += usize::from(is_named == Some(true));
    }
}

/// Returns a share in percent; `None` of nothing.
fn percent(part: usize, whole: usize) -> Option<f64> {
    let exact = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    (whole > 0).then(|| exact(part) * 100.0 / exact(whole))
}

impl Measured {
    /// Judges the rows by `judge`, and counts what is as expected.
    pub fn of(rows: Vec<Row>, mut judge: impl FnMut(&str) -> Verdict) -> Self {
        let mut measured = Self::default();
        for row in rows {
            let verdict = judge(&row.line);
            measured.add(row, &verdict);
        }
        measured
    }

    fn add(&mut self, row: Row, verdict: &Verdict) {
        // What claims for itself needs no claim.
        let told = verdict.parts.iter().filter(|part| !part.covered);
        let class = told.map(|part| &part.class).max();
        let class = class.unwrap_or(&Class::Unmatched);
        let labels = labels(verdict);
        let can_be_named =
            row.expected == Expected::Change && *class == Class::Mutating && !row.names.is_empty();
        let is_named = can_be_named.then(|| row.names.iter().all(|one| is_met(one, &labels)));
        self.all.count(&row, class, is_named);
        let family = self.families.entry(row.family.clone()).or_default();
        family.count(&row, class, is_named);
        let told = matches!(class, Class::Mutating | Class::Unknown(_));
        let is_right = match row.expected {
            Expected::Change => told,
            Expected::Nothing => !told,
            Expected::Either => true,
        };
        let is_name = is_right && is_named == Some(false);
        if !is_right || is_name {
            let class = class.as_str();
            self.wrong.push(Wrong {
                row,
                class,
                labels,
                is_name,
            });
        }
    }
}

/// Checks whether one of the alternatives is among the labels, or nothing need be.
fn is_met(alternatives: &[String], labels: &[String]) -> bool {
    let is_there = |label: &String| label == "-" || labels.contains(label);
    alternatives.iter().any(is_there)
}

/// Returns the labels of all parts that change something, each once.
fn labels(verdict: &Verdict) -> Vec<String> {
    let acts = |part: &&Part| matches!(part.class, Class::Mutating | Class::Unknown(_));
    let mut labels: Vec<String> = Vec::new();
    for part in verdict.parts.iter().filter(acts) {
        for resource in part.resources.iter().chain(&part.within) {
            let label = resource.label();
            if !labels.iter().any(|known| known == label) {
                labels.push(label.to_owned());
            }
        }
    }
    labels
}

/// Reads a table: a row a line, with `id`, `family`, `line`, `expected` and `resources` between
/// tabs. In a line, `\n`, `\t` and `\\` stand for a line end, a tab and a backslash. A first row
/// with the names of the columns is passed over, as are empty ones and those that begin with `#`.
pub fn read_table(text: &str) -> Result<Vec<Row>, TableError> {
    let mut rows = Vec::new();
    for (at, row) in text.lines().enumerate() {
        let is_head = at == 0 && row.starts_with("id\t");
        if is_head || row.trim().is_empty() || row.starts_with('#') {
            continue;
        }
        let wrong = |what: &'static str| TableError { line: at + 1, what };
        let columns: Vec<&str> = row.split('\t').collect();
        let [id, family, line, expected, names] = columns.as_slice() else {
            return Err(wrong("does not have five columns between tabs"));
        };
        rows.push(Row {
            id: (*id).to_owned(),
            family: (*family).to_owned(),
            line: unescaped(line),
            expected: match *expected {
                "yes" => Expected::Change,
                "no" => Expected::Nothing,
                "unclear" => Expected::Either,
                _ => return Err(wrong("expects something other than yes, no or unclear")),
            },
            names: match *names {
                "-" | "" => Vec::new(),
                names => names.split(' ').map(alternatives).collect(),
            },
        });
    }
    Ok(rows)
}

fn alternatives(name: &str) -> Vec<String> {
    name.split('|').map(str::to_owned).collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, character == '\\') {
            (other, false) => plain.push(other),
            (_, true) => match characters.next() {
                Some('n') => plain.push('\n'),
                Some('t') => plain.push('\t'),
                Some('\\') => plain.push('\\'),
                other => plain.extend(['\\'].into_iter().chain(other)),
            },
        }
    }
    plain
}
