//! Console blocks of the documents, run and compared.
//!
//! Owns the reading of ` ```console ` blocks and the comparison of what they print with what the
//! built program prints. A prompt is a name and a dollar sign; each name is a terminal of its own
//! that keeps its folder and its variables. `...` stands for anything on a line, and alone for
//! any number of lines. Object ids, the name of this machine and the scratch folder are evened
//! out on both sides. `<!-- run <command> -->` between the blocks runs a command that no reader
//! sees. `sleep 11`, or `<!-- sleep 2m -->` between the blocks, moves the clock of the
//! world and takes no time.

use std::collections::BTreeMap;
use std::path::Path;

use crate::world::{World, needs};

const ANYTHING: &str = "...";
/// What stands before a commit that is shown shortly.
const FETCH_FIRST: &str = "fetch first: ";
/// Shorter runs of hex digits are words or numbers.
const ID_DIGITS_MIN: usize = 10;

/// One command of a document, and what it prints there.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    /// Counted from 1.
    line: usize,
    terminal: String,
    command: String,
    prints: Vec<String>,
}

impl Step {
    fn new(line: usize, terminal: &str, command: &str) -> Self {
        Self {
            line,
            terminal: terminal.to_owned(),
            command: command.to_owned(),
            prints: Vec::new(),
        }
    }
}

/// The commands of all console blocks, in order.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut is_console, mut is_fenced) = (false, false);
    for (index, line) in text.lines().enumerate() {
        if let Some(language) = line.strip_prefix("```") {
            is_fenced = !is_fenced;
            is_console = is_fenced && language == "console";
        } else if let Some(span) = line.strip_prefix("<!-- sleep ") {
            let span = span.trim_end_matches(" -->");
            steps.push(Step::new(index + 1, "", &format!("sleep {span}")));
        } else if let Some(command) = line.strip_prefix("<!-- run ") {
            let command = command.trim_end_matches(" -->");
            steps.push(Step::new(index + 1, "", command));
        } else if is_console {
            match (prompt(line), steps.last_mut()) {
                (Some((terminal, command)), _) => {
                    steps.push(Step::new(index + 1, terminal, command));
                }
                (None, Some(step)) if step.command.ends_with('\\') => {
                    step.command.push('\n');
                    step.command.push_str(line);
                }
                (None, Some(step)) => step.prints.push(line.to_owned()),
                (None, None) => panic!("line {}: no command printed this", index + 1),
            }
        }
    }
    steps
}

/// `a$ git presence list` is a command in terminal `a`.
fn prompt(line: &str) -> Option<(&str, &str)> {
    let (name, command) = line.split_once("$ ")?;
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric());
    is_name.then_some((name, command))
}

/// Whether `lines` are what `expected` shows.
fn matches(expected: &[String], lines: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == ANYTHING => {
            (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..]))
        }
        Some((first, rest)) => match lines.split_first() {
            Some((line, others)) => line_matches(first, line) && matches(rest, others),
            None => false,
        },
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    let Some((head, tail)) = expected.split_once(ANYTHING) else {
        return expected == line;
    };
    let Some(rest) = line.strip_prefix(head) else {
        return false;
    };
    let mut starts = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    starts.any(|at| line_matches(tail, &rest[at..]))
}

/// What differs from run to run, evened out.
struct Evened {
    host: String,
    root: String,
}

impl Evened {
    fn line(&self, line: &str) -> String {
        let line = line.trim_end().replace(&self.root, "/home/wizard");
        let mut out = String::new();
        let is_word = |c: char| c.is_ascii_alphanumeric();
        for part in line.split_inclusive(|c| !is_word(c)) {
            let word = part.trim_end_matches(|c| !is_word(c));
            let is_id = word.len() >= ID_DIGITS_MIN
                && word
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            match is_id {
                true => out.push_str(&part.replacen(word, "<id>", 1)),
                false => out.push_str(part),
            }
        }
        // A commit of the tour, short.
        if let Some((before, after)) = out.split_once(FETCH_FIRST)
            && let Some((_, after)) = after.split_once(' ')
        {
            out = format!("{before}{FETCH_FIRST}<id> {after}");
        }
        let host = format!("wizard@{}", self.host);
        for end in [")", ",", ">", "\""] {
            out = out.replace(&format!("{host}{end}"), &format!("wizard@devvm{end}"));
        }
        let named = format!("host = \"{}\"", self.host);
        out.replace(&named, "host = \"devvm\"").replace(
            &format!("\"host\": \"{}\"", self.host),
            "\"host\": \"devvm\"",
        )
    }

    fn lines(&self, lines: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
        let mut lines: Vec<String> = lines.into_iter().map(|l| self.line(l.as_ref())).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines
    }
}

/// Run the console blocks of a document, one after the other, in one new world.
fn run(document: &str) {
    let steps = steps(&read(document));
    assert!(!steps.is_empty(), "{document} shows nothing");
    let world = World::empty();
    let evened = Evened {
        host: world.sh("uname -n").out.trim_end().to_owned(),
        root: world.root().display().to_string(),
    };
    let mut codes: BTreeMap<&str, i32> = BTreeMap::new();
    let mut wrong = Vec::new();
    for step in &steps {
        if let Some(secs) = step.command.strip_prefix("sleep ") {
            world.later(secs);
            continue;
        }
        let code = codes.entry(&step.terminal).or_default();
        let said = world.sh(&script(&world, step, *code));
        *code = said.code.unwrap_or(-1);
        let (expected, found) = (evened.lines(&step.prints), evened.lines(said.out.lines()));
        if !matches(&expected, &found) {
            wrong.push(format!(
                "{document}:{}: {}$ {}\n--- the document\n{}\n--- the program (exit {code})\n{}\n",
                step.line,
                step.terminal,
                step.command,
                expected.join("\n"),
                found.join("\n"),
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The command, between the state that its terminal was left in and the one that it leaves.
fn script(world: &World, step: &Step, last_code: i32) -> String {
    let state = world.root().join(format!("terminal-{}", step.terminal));
    let (state, now) = (state.display(), world.now().to_rfc3339());
    format!(
        "exec 2>&1\n\
         set -a\n\
         if test -f {state}; then . {state}; fi\n\
         export GIT_PRESENCE_TEST_NOW={now}\n\
         (exit {last_code})\n\
         {}\n\
         code=$?\n\
         {{ export -p; printf 'cd %q\\n' \"$PWD\"; }} > {state}\n\
         exit $code\n",
        step.command
    )
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path);
    text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Everything that is written for readers, relative to the crate.
fn documents() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec!["README.md".to_owned(), "AGENTS.md".to_owned()];
    for folder in ["docs", "docs/decisions"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    found.sort();
    found
}

/// The targets of `[text](target)` and `![text](target)` that stand in this repository: the file,
/// empty for the document itself, and the anchor, empty for the whole file.
fn links(text: &str) -> Vec<(&str, &str)> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets
        .filter(|target| !target.contains("://"))
        .map(|target| target.split_once('#').unwrap_or((target, "")))
        .collect()
}

/// The anchors that a forge makes of the headings of a document: lower case, words joined by
/// dashes, everything else left out, the second of the same name with `-1`.
fn anchors(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_fenced = false;
    for line in text.lines() {
        is_fenced ^= line.starts_with("```");
        let title = line.trim_start_matches('#');
        if is_fenced || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let anchor: String = title.trim().chars().filter(kept).collect();
        let anchor = anchor.to_lowercase().replace(' ', "-");
        let same = |other: &&String| **other == anchor || is_numbered(other, &anchor);
        match found.iter().filter(same).count() {
            0 => found.push(anchor),
            n => found.push(format!("{anchor}-{n}")),
        }
    }
    found
}

/// Whether `other` is `anchor` with a dash and a number.
fn is_numbered(other: &str, anchor: &str) -> bool {
    let number = other.strip_prefix(anchor).and_then(|n| n.strip_prefix('-'));
    number.is_some_and(|n| n.parse::<usize>().is_ok())
}

/// The files that a text names as `src/…`, `tests/…` or `docs/…`.
fn named_files(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_file = |word: &&str| {
        let rooms = ["src/", "tests/", "docs/", "benches/", ".ci/"];
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        rooms.iter().any(|room| word.starts_with(room)) && word.chars().all(plain)
    };
    quoted.filter(is_file).collect()
}

#[test]
fn the_commands_of_the_readme_are_true() {
    run("README.md");
}

#[test]
fn the_tour_of_the_guide_is_true() {
    run("docs/guide.md");
}

#[test]
fn the_worked_example_of_the_ledger_format_is_true() {
    // The process of a session is known only there.
    if cfg!(target_os = "linux") {
        run("docs/ledger-format.md");
    }
}

#[test]
fn the_shapes_of_the_json_page_are_true() {
    if cfg!(target_os = "linux") && needs("jq") {
        run("docs/json.md");
    }
}

#[test]
fn links_and_named_files_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in documents() {
        let text = read(&document);
        let folder = root.join(&document);
        let folder = folder.parent().unwrap();
        for (file, anchor) in links(&text) {
            let target = match file {
                "" => root.join(&document),
                file => folder.join(file),
            };
            assert!(target.exists(), "{document} links to {file}");
            if !anchor.is_empty() {
                let there = anchors(&std::fs::read_to_string(&target).unwrap());
                let found = there.iter().any(|other| other == anchor);
                assert!(found, "{document} links to {file}#{anchor}; {there:?}");
            }
        }
        for file in named_files(&text) {
            assert!(root.join(file).exists(), "{document} names {file}");
        }
    }
}

#[test]
fn console_blocks_are_read() {
    let text = "```sh\n$ not this\n```\n<!-- sleep 2m -->\n```console\na$ one \\\n  two\nprinted\n\nb$ three\n```\n";
    let step = |line, terminal, command, prints: &[&str]| Step {
        prints: prints.iter().map(ToString::to_string).collect(),
        ..Step::new(line, terminal, command)
    };
    let expected = [
        step(4, "", "sleep 2m", &[]),
        step(6, "a", "one \\\n  two", &["printed", ""]),
        step(10, "b", "three", &[]),
    ];
    assert_eq!(steps(text), expected);
    assert_eq!(prompt("costs 5$ here"), None);
    assert_eq!(prompt("$ git status"), Some(("", "git status")));
}

#[test]
fn what_differs_is_found() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let same = |expected: &str, found: &str| matches(&lines(expected), &lines(found));
    assert!(same("a\nb", "a\nb"));
    assert!(same("a ... c", "a b b c"));
    assert!(same("a...", "a"));
    assert!(same("a\n...\nd", "a\nb\nc\nd"));
    assert!(same("...", ""));
    assert!(!same("a", "a\nb"));
    assert!(!same("a\nb", "a"));
    assert!(!same("a ... c", "a b d"));
    assert!(!same("a\n...\nd", "a\nb\nc"));
}

#[test]
fn what_varies_is_evened_out() {
    let evened = Evened {
        host: "box".to_owned(),
        root: "/tmp/x".to_owned(),
    };
    for (line, even) in [
        ("commit 93c86dbf14fe", "commit <id>"),
        (
            "sessions/wizard-devvm-a-b0632d130665b051",
            "sessions/wizard-devvm-a-<id>",
        ),
        ("deadbeef, 2026-11-21", "deadbeef, 2026-11-21"),
        ("(wizard@box): in a box", "(wizard@devvm): in a box"),
        ("ledger /tmp/x/demo/.git  ", "ledger /home/wizard/demo/.git"),
    ] {
        assert_eq!(evened.line(line), even);
    }
}

#[test]
fn links_and_names_are_found() {
    let text = "See [a](docs/a.md#part), ![b](b.svg), [c](https://c.example), [d](#d), `src/a.rs`, \
                `src/<x>` and `a.rs`.";
    let expected = [("docs/a.md", "part"), ("b.svg", ""), ("", "d")];
    assert_eq!(links(text), expected);
    assert_eq!(named_files(text), ["src/a.rs"]);
}

#[test]
fn anchors_are_made_of_headings() {
    let text =
        "# Who am I?\n```sh\n# not this\n```\n## `--wait`, and *why*\n#hashtag\n### Who am I\n";
    assert_eq!(anchors(text), ["who-am-i", "--wait-and-why", "who-am-i-1"]);
}
