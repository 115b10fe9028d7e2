//! The answer of `guard test`: how much of a table the rules judge as it expects.
//!
//! Owns its words and its JSON. Never counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::present::{Present, Terminal};
use super::shapes;
use super::style::{BOLD, DIM, WARN, more};
use super::table::Table;
use crate::guard::measured::{Counts, Expected, Measured, Wrong};
use crate::model::text::harmless;

/// The most rows that are shown to people.
const WRONG_MAX: usize = 200;
/// How much of a line is shown.
const LINE_BYTES_MAX: usize = 120;

/// What `guard test` answers to programs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MeasuredAnswer<'a> {
    #[serde(flatten)]
    all: Figures,
    /// the same figures for the lines of each family
    families: Vec<OfFamily<'a>>,
    /// the lines that are judged otherwise, or whose names are not those of the table
    wrong: Vec<WrongRow<'a>>,
}

/// How many lines of a family are judged as the table expects.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct OfFamily<'a> {
    /// which family
    family: &'a str,
    #[serde(flatten)]
    figures: Figures,
}

/// How many lines of a table are judged as it expects.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Figures {
    /// lines that change something
    changes: usize,
    /// those that are judged `mutating`
    caught: usize,
    /// those that are judged `unknown`
    doubted: usize,
    /// lines that change nothing
    harmless: usize,
    /// those that are judged `mutating`
    false_alarms: usize,
    /// those that are judged `unknown`
    harmless_doubted: usize,
    /// lines judged `mutating` of which the table has names
    nameable: usize,
    /// those whose names are all given
    named: usize,
}

/// A line of a table that is judged otherwise.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct WrongRow<'a> {
    /// the first column of its row
    id: &'a str,
    /// the line
    line: &'a str,
    /// `yes`, `no` or `unclear`
    expected: &'static str,
    /// the class that it is given
    class: &'static str,
    /// the labels that it is given, those of what encloses the change included
    labels: &'a [String],
    /// whether the class is right, and only the names are not
    only_names: bool,
}

impl From<&Counts> for Figures {
    fn from(counts: &Counts) -> Self {
        Self {
            changes: counts.changes,
            caught: counts.caught,
            doubted: counts.doubted,
            harmless: counts.harmless,
            false_alarms: counts.false_alarms,
            harmless_doubted: counts.harmless_doubted,
            nameable: counts.nameable,
            named: counts.named,
        }
    }
}

impl Present for Measured {
    fn text(&self, terminal: &Terminal) -> String {
        let all = &self.all;
        let mut out = String::new();
        for (name, share, part, whole) in [
            (
                "recall",
                all.recall(),
                all.caught + all.doubted,
                all.changes,
            ),
            (
                "precision",
                all.precision(),
                all.caught,
                all.caught + all.false_alarms,
            ),
            ("names", all.names(), all.named, all.nameable),
        ] {
            let share = percent(share);
            let _ = writeln!(
                out,
                "{BOLD}{name:<10}{BOLD:#} {share:>6}  {part} of {whole}"
            );
        }
        let _ = writeln!(
            out,
            "{BOLD}{:<10}{BOLD:#} {} of the changes, {} of {} harmless lines",
            "unknown", all.doubted, all.harmless_doubted, all.harmless
        );
        out.push_str(&by_family(&self.families, terminal.width));
        for wrong in self.wrong.iter().take(WRONG_MAX) {
            out.push_str(&shown(wrong));
        }
        more(&mut out, self.wrong.len(), WRONG_MAX);
        out
    }

    fn json(&self) -> Value {
        let families = self.families.iter().map(|(family, counts)| OfFamily {
            family,
            figures: counts.into(),
        });
        let wrong = self.wrong.iter().map(|wrong| WrongRow {
            id: &wrong.row.id,
            line: &wrong.row.line,
            expected: word(wrong.row.expected),
            class: wrong.class,
            labels: &wrong.labels,
            only_names: wrong.is_name,
        });
        shapes::value(&MeasuredAnswer {
            all: (&self.all).into(),
            families: families.collect(),
            wrong: wrong.collect(),
        })
    }
}

fn percent(share: Option<f64>) -> String {
    share.map_or("-".to_owned(), |share| format!("{share:.1} %"))
}

const fn word(expected: Expected) -> &'static str {
    match expected {
        Expected::Change => "yes",
        Expected::Nothing => "no",
        Expected::Either => "unclear",
    }
}

/// Returns a table with a row for each family.
fn by_family(families: &BTreeMap<String, Counts>, width: usize) -> String {
    let header = [
        "FAMILY", "CHANGES", "RECALL", "UNKNOWN", "HARMLESS", "FALSE", "NAMES",
    ];
    let mut table = Table::new(&header);
    for (name, counts) in families {
        table.cell(harmless(name, LINE_BYTES_MAX));
        table.cell(counts.changes);
        table.cell(percent(counts.recall()));
        table.cell(counts.doubted);
        table.cell(counts.harmless);
        table.cell(counts.false_alarms);
        table.cell(percent(counts.names()));
    }
    table.render(width)
}

/// Returns what is shown of a line that is judged otherwise.
fn shown(wrong: &Wrong) -> String {
    let line = harmless(&wrong.row.line, LINE_BYTES_MAX);
    let id = harmless(&wrong.row.id, LINE_BYTES_MAX);
    let what = match wrong.is_name {
        true => "other names".to_owned(),
        false => format!("{}, expected {}", wrong.class, word(wrong.row.expected)),
    };
    let mut out = format!("{WARN}{id}{WARN:#} {what}: {line}\n");
    if wrong.is_name {
        let names: Vec<String> = wrong.row.names.iter().map(|one| one.join("|")).collect();
        for (what, labels) in [("expected", &names), ("given", &wrong.labels)] {
            let labels = labels.join(" ");
            let labels = harmless(&labels, LINE_BYTES_MAX);
            let _ = writeln!(out, "  {DIM}{what:<8}{DIM:#} {labels}");
        }
    }
    out
}

/// Returns the tables of `docs/json.md` that show these answers.
#[cfg(test)]
pub(super) fn tables() -> Vec<super::tests::Table> {
    use super::tests::{fields, schema, whole};
    let figures = schema::<Figures>();
    vec![
        whole::<MeasuredAnswer<'_>>("guard test"),
        (
            "guard test families",
            fields(&schema::<OfFamily<'_>>(), &[&figures]),
        ),
        whole::<WrongRow<'_>>("guard test wrong"),
    ]
}
