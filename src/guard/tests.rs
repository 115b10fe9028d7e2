//! Command lines and what they do.
//!
//! Owns the table of real lines (`lines.txt`) and the place in which they run. `laws` states what
//! holds of any line, `files` what is judged of Makefiles and their like, `spelled` what holds of
//! other spellings, `shell` what a shell reads, `rules` what the language of rules is, `families`
//! how much of a table of lines by family is judged as it expects, `written` which files are
//! written.

mod families;
mod files;
mod laws;
mod rules;
mod shell;
mod spelled;
mod written;

use super::{Class, Part, Place, Rules, Verdict, classify_line};

const LINES: &str = include_str!("tests/lines.txt");

pub(super) fn place() -> Place {
    let text = |text: &str| Some(text.to_owned());
    Place {
        root: text("/repo"),
        dir: text("infra"),
        branch: text("main"),
        host: text("devvm"),
        variables: std::collections::BTreeMap::new(),
        ..Place::default()
    }
}

pub(super) fn judged(line: &str) -> Verdict {
    thread_local!(static RULES: Rules = Rules::shipped());
    RULES.with(|rules| classify_line(line, rules, &place()))
}

/// What a verdict says, as the table writes it.
pub(super) fn said(verdict: &Verdict) -> String {
    let class = verdict.class();
    let is_same = |part: &&Part| part.class.as_str() == class.as_str();
    let (mut resources, mut within, mut more) = (Vec::new(), Vec::new(), false);
    let add = |into: &mut Vec<String>, label: &str| {
        if !into.iter().any(|known| known == label) {
            into.push(label.to_owned());
        }
    };
    if *class == Class::Mutating {
        for part in verdict.parts.iter().filter(is_same) {
            part.resources
                .iter()
                .for_each(|r| add(&mut resources, r.label()));
            part.within.iter().for_each(|r| add(&mut within, r.label()));
            more |= !part.unnamed.is_empty();
        }
    }
    let mut words = vec![class.as_str().to_owned()];
    words.append(&mut resources);
    if !within.is_empty() {
        words.push("within".to_owned());
        words.append(&mut within);
    }
    if more {
        words.push("?".to_owned());
    }
    words.join(" ")
}

/// The lines of the table, with what is expected.
pub(super) fn table() -> Vec<(String, &'static str)> {
    let rows = LINES.lines().filter_map(|row| row.split_once(" ==> "));
    rows.filter(|(line, _)| !line.starts_with("# <"))
        .map(|(line, expected)| (line.replace('⏎', "\n"), expected))
        .collect()
}

#[test]
fn real_lines() {
    let mut wrong = String::new();
    for (line, expected) in table() {
        let verdict = judged(&line);
        let said = said(&verdict);
        if said != expected {
            let whys: Vec<&str> = verdict.parts.iter().map(|part| part.why.as_str()).collect();
            wrong += &format!("{line}\n  expected {expected}\n  said     {said}: {whys:?}\n");
            let unnamed: Vec<_> = verdict.parts.iter().flat_map(|p| &p.unnamed).collect();
            wrong += &format!("  unnamed  {unnamed:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(table().len() >= 550, "{} lines", table().len());
}
