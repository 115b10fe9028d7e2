//! A table of lines by family, written from the documentation of the tools.
//!
//! Owns how much of it the rules have to judge as it expects (`families.tsv`). A family that is
//! known less well shows that a kind of command is missing.

use super::place;
use crate::guard::measured::{Measured, read_table};
use crate::guard::{Place, Rules, classify_line};

const TABLE: &str = include_str!("families.tsv");

#[test]
fn the_rules_know_each_family_of_tools() {
    let place = Place {
        dir: Some(String::new()),
        host: Some("this-machine".to_owned()),
        ..place()
    };
    let rules = Rules::shipped();
    let rows = read_table(TABLE).unwrap();
    assert!(rows.len() > 400, "{}", rows.len());
    let measured = Measured::of(rows, |line| classify_line(line, &rules, &place));
    let wrong: Vec<&str> = measured
        .wrong
        .iter()
        .map(|one| one.row.line.as_str())
        .collect();
    let all = measured.all;
    let share = |share: Option<f64>| share.unwrap_or(100.0);
    assert!(share(all.recall()) >= 98.0, "{wrong:#?}");
    assert!(share(all.precision()) >= 99.0, "{wrong:#?}");
    assert!(share(all.names()) >= 98.0, "{wrong:#?}");
    assert!(all.harmless_doubted * 50 <= all.harmless, "{wrong:#?}");
    for (family, counts) in &measured.families {
        assert!(share(counts.recall()) >= 90.0, "{family}: {wrong:#?}");
        assert_eq!(counts.false_alarms, 0, "{family}: {wrong:#?}");
    }
}
