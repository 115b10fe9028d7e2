//! Generated documents: the command line reference and the tables of the guide.
//!
//! Owns the making of `docs/cli-reference.md` from the command line's own help and of the tables
//! of verbs and settings in `docs/guide.md`, and the check that exit codes are documented.
//! `UPDATE_DOCS=1 cargo test --test it cli_reference` writes the files anew; without it, a
//! difference fails.

use std::fmt::Write as _;
use std::path::Path;

use git_presence::cli::{areas, command};
use git_presence::config::{SETTINGS, Unset};
use git_presence::failure::Kind;

const REFERENCE: &str = "docs/cli-reference.md";
const GUIDE: &str = "docs/guide.md";
/// The same on every terminal.
const WIDTH: usize = 100;

const PREFACE: &str = "\
# Command line reference

This page is generated from the program's help, by
`UPDATE_DOCS=1 cargo test --test it cli_reference`.

`git presence <verb> --help` prints the same, `git presence <verb> -h` a shorter form. The manual
pages have it too: after `git presence man --install`, run `man git-presence-claim` or
`git presence --help` (which Git turns into `man git-presence`).
";

fn reference() -> String {
    let mut command = command().term_width(WIDTH);
    command.build();
    let mut out = PREFACE.to_owned();
    sections(&mut out, "git presence", &command);
    out
}

/// Writes a command, and after it what stands below it.
fn sections(out: &mut String, title: &str, command: &clap::Command) {
    section(out, title, command);
    for below in command.get_subcommands() {
        if below.get_name() != "help" && !below.is_hide_set() {
            sections(out, &format!("{title} {}", below.get_name()), below);
        }
    }
}

fn section(out: &mut String, title: &str, command: &clap::Command) {
    let help = command.clone().render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(
        out,
        "\n## {title}\n\n```text\n{}\n```\n",
        lines.join("\n").trim_end()
    );
}

fn path(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn read(file: &str) -> String {
    std::fs::read_to_string(path(file)).unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the one switch of the documents")]
fn updates() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1")
}

/// Checks that a file is `current`, or makes it so.
fn keep_current(file: &str, current: &str) {
    if updates() {
        std::fs::write(path(file), current).unwrap();
    }
    let written = read(file);
    let mut pairs = written.lines().zip(current.lines()).enumerate();
    let differs = pairs.find(|(_, (written, current))| written != current);
    assert!(
        written == current,
        "{file} is not what the program says (UPDATE_DOCS=1 writes it anew): {differs:?}"
    );
}

/// The text with what stands between the marks of a generated table replaced.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let begin = format!("<!-- generated: {name} -->\n");
    let (before, rest) = text.split_once(&begin).expect("the mark before the table");
    let (_, after) = rest.split_once("<!-- end -->").expect("the mark after it");
    format!("{before}{begin}\n{table}\n<!-- end -->{after}")
}

fn settings() -> String {
    let mut out = "| Key | Values | Default | Meaning |\n|---|---|---|---|\n".to_owned();
    for row in SETTINGS {
        let default = match row.default {
            Unset::Value(value) => format!("`{value}`"),
            Unset::Rule(rule) => rule.to_owned(),
        };
        let (key, allowed, meaning) = (row.key, row.allowed, row.meaning);
        let _ = writeln!(out, "| `{key}` | {allowed} | {default} | {meaning} |");
    }
    out
}

fn verbs() -> String {
    let mut out = "| Area | Verb | What it does |\n|---|---|---|\n".to_owned();
    for (area, command) in areas() {
        let mut heading = area;
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
            let name = verb.get_name();
            let about = verb.get_about().expect("each verb says what it does");
            let link = format!("[`{name}`](cli-reference.md#git-presence-{name})");
            let _ = writeln!(out, "| {heading} | {link} | {about} |");
            heading = "";
        }
    }
    out
}

#[test]
fn every_verb_is_in_an_area() {
    let areas = areas();
    let in_areas = areas.iter().flat_map(|(_, area)| area.get_subcommands());
    let in_areas = in_areas.filter(|verb| !verb.is_hide_set());
    let all = command();
    assert!(
        in_areas.map(clap::Command::get_name).eq(all
            .get_subcommands()
            .filter(|verb| !verb.is_hide_set())
            .map(clap::Command::get_name))
    );
}

#[test]
fn the_reference_is_current() {
    keep_current(REFERENCE, &reference());
}

#[test]
fn the_tables_of_the_guide_are_current() {
    let current = with_table(&read(GUIDE), "settings", &settings());
    let current = with_table(&current, "verbs", &verbs());
    keep_current(GUIDE, &current);
}

#[test]
fn every_exit_code_stands_in_the_guide_and_on_the_json_page() {
    let all = [
        Kind::Broken,
        Kind::Refused,
        Kind::Contended,
        Kind::Remote,
        Kind::NoRepository,
        Kind::Usage,
    ];
    for file in [GUIDE, "docs/json.md"] {
        let text = read(file);
        for kind in all {
            let row = format!("| {} | `{}` |", kind.exit_code(), kind.as_str());
            assert!(text.contains(&row), "{file} lacks {row}");
        }
    }
}
