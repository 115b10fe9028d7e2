//! Every command line that a text of ours advises is one that the program accepts.
//!
//! Owns how lines are taken out of documents, rules, the skill and the hints in the source, and
//! what stands in for a placeholder. A line may be refused, but never for how it is written.

use std::path::Path;

use crate::world::World;

/// Texts for people and models, with the folder of the sources whose strings are shown.
const TEXTS: [&str; 9] = [
    "README.md",
    "docs/guide.md",
    "docs/agents.md",
    "docs/hooks.md",
    "docs/operations.md",
    "docs/leaving.md",
    "docs/ci.md",
    "plugin/skills/presence/SKILL.md",
    "src/integrations/harness/rules.md",
];
const SOURCES: &str = "src";
const CALL: &str = "git presence ";
/// What stands in for a placeholder of a text.
const PLACEHOLDERS: [(&str, &str); 14] = [
    ("\"...\"", "why"),
    ("'...'", "why"),
    ("<type>:<name>", "infra:x"),
    ("<file, folder or glob>", "x"),
    ("<resource>", "infra:x"),
    ("<span>", "1s"),
    ("<id>", "me"),
    ("<number>", "1"),
    ("<agent>", "claude"),
    ("<remote>", "origin"),
    ("<dir>", "."),
    ("<path>", "."),
    ("<text>", "why"),
    ("...", ""),
];
/// Where a sentence goes on behind a call that is not in a code span.
const SENTENCES: [&str; 7] = [
    " brings",
    " does so",
    " removes",
    " added",
    " from another",
    " are installed",
    "\\n",
];
/// Verbs that would write outside of the scratch repository, or go on for ever.
const NOT_RUN: [&str; 2] = ["keep", "bound"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a text")
}

/// Returns the calls in a document: in code spans and blocks, up to where another command, a
/// comment or the span ends.
fn of_document(text: &str) -> Vec<String> {
    let mut calls = Vec::new();
    for line in text.lines() {
        for (at, _) in line.match_indices(CALL) {
            let is_code = line[..at].ends_with(['`', '$', ' ', '(', '>']) || at == 0;
            let is_span = line[..at].matches('`').count() % 2 == 1;
            let before = &line[..at];
            let is_block = at == 0
                || before.ends_with("$ ")
                || before.ends_with("&& ")
                || line.starts_with("  ");
            if is_code && (is_span || is_block) {
                calls.extend(call(&line[at + CALL.len()..], is_span));
            }
        }
    }
    calls
}

/// Returns the calls in the strings of a source, without tests.
fn of_source(text: &str) -> Vec<String> {
    let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
    let shipped = shipped.split("mod tests {").next().unwrap_or_default();
    // A string goes on behind a line that ends with a backslash.
    let mut joined = String::new();
    for line in shipped.lines() {
        let line = match joined.ends_with('\\') {
            true => {
                joined.pop();
                line.trim_start()
            }
            false => {
                joined.push('\n');
                line
            }
        };
        joined.push_str(line);
    }
    let strings = joined
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut calls = Vec::new();
    for line in strings {
        for (at, _) in line.match_indices(CALL) {
            let rest = line[at + CALL.len()..].replace("\\\"", "'");
            let end = rest.find('"').unwrap_or(rest.len());
            calls.extend(call(&rest[..end], rest[..end].contains('`')));
        }
    }
    calls
}

/// Returns what a call has behind the program; nothing where a text only speaks of a verb.
fn call(rest: &str, is_span: bool) -> Option<String> {
    let ends: &[&str] = match is_span {
        true => &["`"],
        false => &[
            " #", " && ", " | ", "; ", " (", ")", ", ", ". ", "  ", ": {", " …",
        ],
    };
    let mut text = rest.to_owned();
    for end in ends
        .iter()
        .chain(if is_span { &[][..] } else { &SENTENCES[..] })
    {
        text = text.split(end).next().unwrap_or_default().to_owned();
    }
    for (placeholder, instead) in PLACEHOLDERS {
        text = text.replace(placeholder, instead);
    }
    let text = text
        .trim_end_matches(['.', ',', ';', ':'])
        .replace('\'', "\"");
    // Other placeholders stand for one word each.
    let mut out = String::new();
    let mut depth = 0_i32;
    for c in text.chars() {
        match c {
            '<' | '{' => {
                if depth == 0 {
                    out.push_str("infra:x");
                }
                depth += 1;
            }
            '>' | '}' => depth -= 1,
            _ if depth == 0 => out.push(c),
            _ => {}
        }
    }
    let verb = out.split_whitespace().next()?;
    let is_verb = verb.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let out = out
        .replace("--token infra:x", "--token 1")
        .replace("--reply infra:x", "--reply 0123456789ab")
        .replace("--reply me", "--reply 0123456789ab")
        .replace("inbox infra:x", "inbox 0123456789ab")
        .replace("log --after infra:x", "log --after 0123456789")
        .replace("task show infra:x", "task show abcd2345")
        .replace("task log infra:x", "task log abcd2345")
        .replace("task done infra:x", "task done abcd2345")
        .replace("task drop infra:x", "task drop abcd2345")
        .replace("task edit infra:x", "task edit abcd2345")
        .replace("task start infra:x", "task start abcd2345")
        .replace("task back infra:x", "task back abcd2345")
        .replace("--remote infra:x", "--remote origin");
    // A word that is put together from several is not known here.
    let glued = |word: &str| word.ends_with("infra:x") && word.len() > "infra:x".len();
    let is_known = !out.contains(['…', '[', '*', '$']) && !out.split(' ').any(glued);
    // A text may speak of the program.
    let is_call = is_verb && is_known && !["are", "is", "from"].contains(&verb);
    is_call.then(|| out.trim().to_owned())
}

/// Returns the line that is run: of a verb that is only named, its help.
fn run_as(call: &str) -> String {
    let only_named = call
        .split(' ')
        .all(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
    match only_named {
        true => format!("{call} -h"),
        false => call.to_owned(),
    }
}

fn sources(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        match path.is_dir() {
            true if name != "tests" => sources(&path, found),
            false if name.ends_with(".rs") && name != "tests.rs" => found.push(path),
            _ => {}
        }
    }
}

/// Returns every call, once, with a file that has it.
fn all() -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |calls: Vec<String>, file: &str| {
        for call in calls {
            if found.iter().all(|(other, _)| *other != call) {
                found.push((call, file.to_owned()));
            }
        }
    };
    for path in TEXTS {
        add(of_document(&read(&root().join(path))), path);
    }
    let mut files = Vec::new();
    sources(&root().join(SOURCES), &mut files);
    files.sort();
    for path in files {
        add(of_source(&read(&path)), &path.display().to_string());
    }
    found
}

#[test]
fn each_is_accepted_as_it_is_written() {
    let world = World::new();
    world.git("commit --quiet --allow-empty -m first");
    world.git("init --quiet --bare ../hub.git");
    world.git("remote add origin ../hub.git");
    let calls = all();
    assert!(calls.len() > 60, "{calls:#?}");
    let mut wrong = Vec::new();
    for (call, file) in calls {
        if NOT_RUN.iter().any(|verb| call.starts_with(verb)) {
            continue;
        }
        let said = world
            .with("GIT_PRESENCE_SESSION", "me")
            .anyone(&run_as(&call));
        if said.code == Some(129) {
            wrong.push(format!("{file}: git presence {call}\n{}", said.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn calls_are_found() {
    let document = "Type `git presence wait <resource>` then.\n$ git presence list --mine # all\n\
                    git presence claim a:b --purpose \"x y\" && git presence peek a:b\nno git \
                    presence here";
    assert_eq!(
        of_document(document),
        [
            "wait infra:x",
            "list --mine",
            "claim a:b --purpose \"x y\"",
            "peek a:b"
        ]
    );
    let source = "    .hint(\"see it: git presence list\")\n    // git presence no\n    format!(\"x: \
                  git presence \\\n        wait {label}\")\n#[cfg(test)]\n\"git presence never\"";
    assert_eq!(of_source(source), ["list", "wait infra:x"]);
}
