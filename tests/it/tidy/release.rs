//! What is for tests and must not be in a release.
//!
//! Owns the variables of the tests: the program reads them in builds with debug assertions only.
//! `.ci/run` looks for their names in the program that was installed.

use std::path::Path;

use super::scan::Source;
use super::{Complaint, check, none, sources};

/// What the names of all such variables begin with.
const PREFIX: &str = "\"GIT_PRESENCE_TEST";
/// What makes a function no part of a release.
const GATE: &str = "#[cfg(debug_assertions)]";

/// The variable stands in a function, and right above its head stands the gate.
fn ungated(source: &Source) -> Vec<Complaint> {
    let lines = &source.raw;
    let mut complaints = Vec::new();
    let named = lines.iter().enumerate();
    for (at, _) in named.filter(|(_, line)| line.contains(PREFIX)) {
        let heads = lines[..at].iter().rposition(|line| line.starts_with("fn "));
        let above = heads.and_then(|head| head.checked_sub(1));
        if above.is_none_or(|above| lines[above] != GATE) {
            let rule = format!("a variable of the tests, without {GATE} above its function");
            complaints.push(source.complaint(at, rule));
        }
    }
    complaints
}

#[test]
fn variables_of_the_tests_are_not_in_a_release() {
    none(sources().iter().flat_map(ungated));
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    assert!(!manifest.contains("debug-assertions"), "in a release, too");
}

#[test]
fn a_variable_without_a_gate_is_found() {
    let a = |text: &str, lines: &[usize]| check(ungated, "src/host/a.rs", text, lines);
    let read = format!("fn f() {{\n    env({PREFIX}_NOW\");\n}}\n");
    a(&format!("{GATE}\n{read}"), &[]);
    a(&read, &[2]);
    a(&format!("{GATE}\nfn g() {{}}\n\n{read}"), &[5]);
    a(&format!("const A: &str = {PREFIX}\";\n"), &[1]);
}
