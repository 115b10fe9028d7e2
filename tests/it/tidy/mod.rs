//! The house rules, held against the sources.
//!
//! Owns the rules that no compiler checks: which room may mention what, how long a file and a
//! function may be, what a file's head says, and where ref names are spelled. Each rule is a pure
//! function from sources to complaints, tried on made-up sources first and on `src/` after.

mod circles;
mod prose;
mod release;
mod scan;
mod text;
mod walls;
mod words;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use scan::{Source, Token};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Files that belong to no room: they join the rooms together.
const JOINTS: [&str; 2] = ["src/main.rs", "src/lib.rs"];

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helpers", "types", "misc", "imp"];

/// A rule that a source does not keep.
#[derive(Debug)]
struct Complaint {
    file: String,
    /// Counted from 1.
    line: usize,
    rule: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.rule)
    }
}

impl Source {
    /// `line` is counted from 0.
    fn complaint(&self, line: usize, rule: impl Into<String>) -> Complaint {
        Complaint {
            file: self.path.clone(),
            line: line + 1,
            rule: rule.into(),
        }
    }
}

/// A file opens with two or more lines that say what it owns.
fn head(source: &Source) -> Option<Complaint> {
    if JOINTS.contains(&source.path.as_str()) {
        let says = source
            .raw
            .first()
            .is_some_and(|line| line.starts_with("//!"));
        return (!says).then(|| source.complaint(0, "a file opens with `//!`"));
    }
    let head: Vec<&str> = source
        .raw
        .iter()
        .map_while(|line| line.strip_prefix("//!"))
        .collect();
    let text = head.join(" ").to_lowercase();
    let owns = ["owns", "the only", "the one"]
        .iter()
        .any(|word| text.contains(word));
    if head.len() < 2 {
        return Some(source.complaint(0, "a file opens with `//!`, two lines or more"));
    }
    (!owns).then(|| source.complaint(0, "the head says what the file owns (\"Owns …\")"))
}

fn lengths(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let lines = source.raw.len();
    if lines > FILE_LINES_MAX {
        let rule = format!("{lines} lines; a file has at most {FILE_LINES_MAX}");
        complaints.push(source.complaint(FILE_LINES_MAX, rule));
    }
    for (name, line, lines) in source.functions() {
        if lines > FUNCTION_LINES_MAX {
            let rule = format!("fn {name}: {lines} lines; at most {FUNCTION_LINES_MAX}");
            complaints.push(source.complaint(line, rule));
        }
    }
    complaints
}

fn names_nothing(path: &str) -> bool {
    let names = path.trim_end_matches(".rs").split('/');
    names.into_iter().any(|name| EMPTY_NAMES.contains(&name))
}

/// Lints are expected with a reason, never silenced; nothing is left for later.
fn shortcuts(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let tokens = source.tokens();
    for (at, token) in tokens.iter().enumerate() {
        let next = |n: usize| tokens.get(at + n).map(|token| token.text.as_str());
        let calls = next(1) == Some("(") && in_attribute(&tokens, at);
        let rule = match token.text.as_str() {
            "allow" if calls => "`#[expect(…, reason = …)]`, never `#[allow(…)]`",
            "expect" if calls && !has_reason(&tokens[at + 2..]) => "`#[expect(…)]` gives a reason",
            "todo" | "unimplemented" | "dbg" if next(1) == Some("!") => {
                "no todo!, unimplemented! or dbg!"
            }
            _ => continue,
        };
        complaints.push(source.complaint(token.line, rule));
    }
    complaints
}

/// Whether the token stands between `#[` or `#![` and its `]`.
fn in_attribute(tokens: &[Token], at: usize) -> bool {
    let mut depth = 0_usize;
    for index in (0..at).rev() {
        match tokens[index].text.as_str() {
            "]" | ")" => depth += 1,
            "(" => depth = depth.saturating_sub(1),
            "[" if depth == 0 => {
                let before = index.checked_sub(1).map(|n| tokens[n].text.as_str());
                return matches!(before, Some("#" | "!"));
            }
            "[" => depth -= 1,
            ";" | "{" | "}" => return false,
            _ => {}
        }
    }
    false
}

fn has_reason(inside: &[Token]) -> bool {
    let mut depth = 1_usize;
    for token in inside {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "reason" => return true,
            _ => {}
        }
        if depth == 0 {
            return false;
        }
    }
    false
}

/// Ref names have one place, so that the layout can be read there and changed there.
fn ref_names(source: &Source) -> Vec<Complaint> {
    if source.path == "src/ledger/layout.rs" {
        return Vec::new();
    }
    let spells =
        |(line, text): &(usize, &String)| text.contains("refs/presence") && !source.is_test[*line];
    let lines = source.strings.iter().enumerate().filter(spells);
    lines
        .map(|(line, _)| source.complaint(line, "ref names are spelled in src/ledger/layout.rs"))
        .collect()
}

/// Every source below these folders, ordered by path.
fn all_below(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in folders {
        collect(root, folder, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Everything below `src/` that is not a test, ordered by path.
fn sources() -> Vec<Source> {
    let mut found = all_below(&["src"]);
    let tests: BTreeSet<String> = found.iter().flat_map(test_files).collect();
    found.retain(|source| {
        let folder = source
            .path
            .trim_end_matches(".rs")
            .split('/')
            .any(|name| name == "tests");
        !folder && !tests.contains(&source.path)
    });
    found
}

/// Where the modules can stand that `source` declares for tests only.
fn test_files(source: &Source) -> Vec<String> {
    let (folder, name) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
    let folder = match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ => source.path.trim_end_matches(".rs").to_owned(),
    };
    let modules = source.test_modules().into_iter();
    modules
        .flat_map(|name| {
            [
                format!("{folder}/{name}.rs"),
                format!("{folder}/{name}/mod.rs"),
            ]
        })
        .collect()
}

fn collect(root: &Path, folder: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &path, found);
        } else if path.ends_with(".rs") {
            found.push(Source::new(
                &path,
                &std::fs::read_to_string(entry.path()).unwrap(),
            ));
        }
    }
}

#[track_caller]
fn none(complaints: impl IntoIterator<Item = Complaint>) {
    let lines: Vec<String> = complaints.into_iter().map(|c| format!("  {c}\n")).collect();
    assert!(
        lines.is_empty(),
        "the house is not in order:\n{}",
        lines.concat()
    );
}

#[track_caller]
fn check(rule: impl Fn(&Source) -> Vec<Complaint>, file: &str, text: &str, lines: &[usize]) {
    let complaints = rule(&Source::new(file, text));
    let found: Vec<usize> = complaints.iter().map(|complaint| complaint.line).collect();
    assert_eq!(found, lines, "{file}: {complaints:?}\n{text}");
}

#[test]
fn every_file_says_what_it_owns() {
    none(sources().iter().filter_map(head));
}

#[test]
fn a_file_without_a_head_is_found() {
    let rule = |source: &Source| head(source).into_iter().collect();
    check(
        rule,
        "src/model/a.rs",
        "//! Names.\n//!\n//! Owns them. Never prints.\n",
        &[],
    );
    check(
        rule,
        "src/model/a.rs",
        "//! Names.\n\n// Owns them.\n",
        &[1],
    );
    check(
        rule,
        "src/model/a.rs",
        "//! Names.\n//! Many of them.\n",
        &[1],
    );
    check(rule, "src/model/a.rs", "use std::fmt;\n", &[1]);
    check(rule, "src/main.rs", "//! The executable.\n", &[]);
    check(rule, "src/main.rs", "fn main() {}\n", &[1]);
}

#[test]
fn files_and_functions_are_short() {
    let all = all_below(&["src", "tests", "benches", "fuzz/fuzz_targets"]);
    none(all.iter().flat_map(lengths));
}

#[test]
fn a_long_file_and_a_long_function_are_found() {
    let lines = |n: usize| "    a();\n".repeat(n);
    let file = "src/model/a.rs";
    check(lengths, file, &"x();\n".repeat(400), &[]);
    check(lengths, file, &"x();\n".repeat(401), &[401]);
    check(lengths, file, &format!("fn f() {{\n{}}}\n", lines(68)), &[]);
    check(
        lengths,
        file,
        &format!("\nfn f(\n) {{\n{}}}\n", lines(68)),
        &[2],
    );
    check(
        lengths,
        file,
        &format!("#[test]\nfn f() {{\n{}}}\n", lines(69)),
        &[2],
    );
    let test = format!(
        "#[cfg(test)]\nmod tests {{\nfn f() {{\n{}}}\n}}\n",
        lines(69)
    );
    check(lengths, file, &test, &[]);
    let braces = format!("fn f() {{ let a = \"}}\"; // }}\n{}}}\n", lines(69));
    check(lengths, file, &braces, &[1]);
}

#[test]
fn no_lint_is_silenced_and_nothing_is_left_for_later() {
    none(sources().iter().flat_map(shortcuts));
}

#[test]
fn a_shortcut_is_found() {
    let a = |text: &str, lines: &[usize]| check(shortcuts, "src/model/a.rs", text, lines);
    a("#[allow(dead_code)]\nfn f() {}\n", &[1]);
    a("#![allow(dead_code)]\n", &[1]);
    a("#[cfg_attr(windows, allow(dead_code))]\nfn f() {}\n", &[1]);
    a("#[expect(dead_code)]\nfn f() {}\n", &[1]);
    a(
        "#[expect(\n    dead_code,\n    reason = \"later\"\n)]\nfn f() { x.expect(\"y\"); }\n",
        &[],
    );
    a(
        "fn f() { allow(x); todo!(); }\n// todo!()\nfn g() { dbg!(1); }\n",
        &[1, 3],
    );
    a("fn f() {\n    \"todo!\";\n    unimplemented!()\n}\n", &[3]);
}

#[test]
fn no_name_is_empty() {
    let empty = |source: &Source| names_nothing(&source.path);
    let named = |source: &Source| source.complaint(0, "the name says nothing");
    none(sources().iter().filter(|s| empty(s)).map(named));
    assert!(names_nothing("src/util.rs") && names_nothing("src/ledger/misc/a.rs"));
    assert!(!names_nothing("src/utility.rs"));
}

#[test]
fn ref_names_have_one_place() {
    none(sources().iter().flat_map(ref_names));
}

#[test]
fn a_ref_name_elsewhere_is_found() {
    let text = "//! refs/presence/\n/// refs/presence/\nconst A: &str = \"refs/presence/x\";\n\
                #[cfg(test)]\nmod tests { const B: &str = \"refs/presence/\"; }\n";
    check(ref_names, "src/ledger/health.rs", text, &[3]);
    check(ref_names, "src/ledger/layout.rs", text, &[]);
    check(
        ref_names,
        "src/output/claims.rs",
        "f(r#\"in refs/presence\"#);\n",
        &[1],
    );
}

#[test]
fn the_sources_are_found() {
    let paths: Vec<String> = sources().into_iter().map(|source| source.path).collect();
    for path in [
        "src/lib.rs",
        "src/model/board.rs",
        "src/ledger/refs/files.rs",
    ] {
        assert!(
            paths.iter().any(|found| found == path),
            "{path} in {paths:?}"
        );
    }
    // In memory, for tests: declared under `#[cfg(test)]`.
    assert!(!paths.iter().any(|path| path.ends_with("refs/memory.rs")));
}
