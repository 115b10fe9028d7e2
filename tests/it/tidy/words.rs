//! Old words, for which the field has better ones.
//!
//! Owns the list of old words, each with what is said instead (`docs/glossary.md`), and the folders
//! that still have some. Words that are stored or stand in JSON stay as they are; code in documents
//! and the strings of tests are what the program prints, so they follow it by themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::scan::Source;
use super::{Complaint, all_below, none, sources};

struct Old {
    word: &'static str,
    /// Whole words, in any case and any spelling: `in the way` is `in_the_way` and `InTheWay`, too.
    forms: &'static [&'static str],
    instead: &'static str,
}

const ACTOR: &str = "name the actor: another session, the holder, the caller";

const OLD_WORDS: &[Old] = &[
    Old {
        word: "nobody",
        forms: &["nobody"],
        instead: ACTOR,
    },
    Old {
        word: "somebody",
        forms: &["somebody"],
        instead: ACTOR,
    },
    Old {
        word: "anybody",
        forms: &["anybody"],
        instead: ACTOR,
    },
    Old {
        word: "whoever",
        forms: &["whoever", "whomever"],
        instead: ACTOR,
    },
    Old {
        word: "he",
        forms: &["he", "him", "his", "himself"],
        instead: "a session or a user is \"it\" or \"they\"",
    },
    Old {
        word: "hold alone",
        forms: &["hold alone", "holds alone", "held alone", "holding alone"],
        instead: "hold exclusively",
    },
    Old {
        word: "lapse",
        forms: &["lapse", "lapses", "lapsed", "lapsing"],
        instead: "expire",
    },
    Old {
        word: "mend",
        forms: &["mend", "mends", "mended", "mending"],
        instead: "repair",
    },
    Old {
        word: "sign of life",
        forms: &["sign of life", "signs of life"],
        instead: "heartbeat",
    },
    Old {
        word: "behind the scenes",
        forms: &["behind the scenes"],
        instead: "in the background",
    },
    Old {
        word: "wish",
        forms: &["wish", "wishes", "wished", "wishing"],
        instead: "queued request",
    },
    Old {
        word: "in the way",
        forms: &["in the way"],
        instead: "conflicting",
    },
    Old {
        word: "give back",
        forms: &[
            "give back",
            "gives back",
            "gave back",
            "given back",
            "giving back",
        ],
        instead: "release",
    },
];

/// Names of types that have a better one.
const OLD_NAMES: &[(&str, &str)] = &[
    ("Belief", "LocalLease"),
    ("Believed", "OwnedLease"),
    ("Carried", "Publication"),
    ("Carry", "Wrapper"),
    ("CellNext", "PreparedWrite"),
    ("CellRead", "Snapshot"),
    ("Decided", "Decision"),
    ("HereAndThere", "GitReplicas"),
    ("Machine", "Clock"),
    ("Manners", "RemoteOptions"),
    ("Patience", "Mode"),
    ("Remembered", "RemoteState"),
    ("Stated", "HarnessSession"),
    ("Touched", "Targets"),
    ("Undecided", "ArbiterError"),
    ("Wanted", "OpenOptions"),
];

/// Literals that are stored or stand in JSON.
const STORED: &[&str] = &["\"lapse\"", "\"lapsed\"", "\"lapsing\"", "Presence-Lapsed"];

/// Folders that still have a word. Delete the word with its last occurrence in the folder.
const EXCUSED: &[(&str, &[&str])] = &[];

/// Files that keep a word for good, and why.
const KEPT: &[(&str, &str, &str)] = &[
    (
        "docs/decisions/README.md",
        "nobody",
        "the file name of a decision, which stays so that links to it work",
    ),
    ("hooks/pre-push", "somebody", INSTALLED),
    ("hooks/pre-push.block", "somebody", INSTALLED),
    ("hooks/pre-push.beside", "somebody", INSTALLED),
];

const INSTALLED: &str = "an installed hook is known by its bytes, or else it could not be removed";

/// A text with the words that count in it, each with its line, counted from 0.
struct Text {
    path: String,
    words: Vec<(String, usize)>,
    names: Vec<(String, usize)>,
}

impl Text {
    /// `strings` are read as well where users see them.
    fn rust(source: &Source, strings: bool) -> Self {
        let mut words = Vec::new();
        let lines = source.code.iter().zip(&source.comments).zip(&source.raw);
        for (line, ((code, comment), raw)) in lines.enumerate() {
            if strings && !source.is_test[line] {
                split(&without_stored(raw), line, &mut words);
            } else {
                split(code, line, &mut words);
                split(comment, line, &mut words);
            }
        }
        let tokens = source.tokens().into_iter();
        Self {
            path: source.path.clone(),
            words,
            names: tokens.map(|token| (token.text, token.line)).collect(),
        }
    }

    /// Markdown, or a script: what stands in backticks or in a fence is code.
    fn prose(path: &str, text: &str) -> Self {
        let mut words = Vec::new();
        let mut is_fenced = false;
        for (line, text) in text.lines().enumerate() {
            is_fenced ^= text.trim_start().starts_with("```");
            if !is_fenced {
                let outside = text.split('`').step_by(2).collect::<Vec<_>>();
                split(&without_stored(&outside.join(" ")), line, &mut words);
            }
        }
        Self {
            path: path.to_owned(),
            words,
            names: Vec::new(),
        }
    }

    /// What stands in it: the word, its line, and what is said instead.
    fn found(&self) -> Vec<(&'static str, usize, &'static str)> {
        let mut by_first: BTreeMap<&str, Vec<(Vec<&str>, &Old)>> = BTreeMap::new();
        for old in OLD_WORDS {
            for form in old.forms {
                let form: Vec<&str> = form.split(' ').collect();
                by_first.entry(form[0]).or_default().push((form, old));
            }
        }
        let mut found = Vec::new();
        for (at, (first, line)) in self.words.iter().enumerate() {
            for (form, old) in by_first.get(first.as_str()).into_iter().flatten() {
                let here = self.words[at..].iter().map(|(word, _)| word.as_str());
                if here.take(form.len()).eq(form.iter().copied()) {
                    found.push((old.word, *line, old.instead));
                }
            }
        }
        for (token, line) in &self.names {
            let old = OLD_NAMES.iter().find(|(name, _)| token == name);
            found.extend(old.map(|(name, instead)| (*name, *line, *instead)));
        }
        found.sort_by_key(|(_, line, _)| *line);
        found
    }

    fn complaints(&self) -> Vec<(&'static str, Complaint)> {
        let found = self.found().into_iter();
        let complaint = |(word, line, instead)| {
            let complaint = Complaint {
                file: self.path.clone(),
                line: line + 1,
                rule: format!("\"{word}\": {instead} (docs/glossary.md)"),
            };
            (word, complaint)
        };
        found.map(complaint).collect()
    }
}

fn without_stored(line: &str) -> String {
    STORED
        .iter()
        .fold(line.to_owned(), |line, stored| line.replace(stored, " "))
}

/// The words of a line in lower case; `holdAlone` and `hold_alone` are two.
fn split(line: &str, number: usize, words: &mut Vec<(String, usize)>) {
    let mut word = String::new();
    let mut last = ' ';
    for c in line.chars().chain([' ']) {
        let is_hump = c.is_uppercase() && last.is_lowercase();
        if !word.is_empty() && (!c.is_alphabetic() || is_hump) {
            words.push((std::mem::take(&mut word).to_lowercase(), number));
        }
        if c.is_alphabetic() {
            word.push(c);
        }
        last = c;
    }
}

/// All that is read: sources, documents, and what is handed to users.
fn texts() -> Vec<Text> {
    let shown: BTreeSet<String> = sources().into_iter().map(|source| source.path).collect();
    let all = all_below(&["src", "tests", "benches", "fuzz/fuzz_targets"]);
    // This very file has to spell them.
    let others = all
        .iter()
        .filter(|source| source.path != "tests/it/tidy/words.rs");
    let mut texts: Vec<Text> = others
        .map(|source| Text::rust(source, shown.contains(&source.path)))
        .collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec!["README.md".to_owned(), "AGENTS.md".to_owned()];
    for folder in ["docs", "plugin", "hooks", "src"] {
        prose_below(root, folder, &mut files);
    }
    for file in files {
        let text = std::fs::read_to_string(root.join(&file)).unwrap();
        texts.push(Text::prose(&file, &text));
    }
    texts
}

fn prose_below(root: &Path, folder: &str, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            prose_below(root, &path, files);
        } else if path.ends_with(".md") || path.starts_with("hooks/") {
            files.push(path);
        }
    }
}

/// The longest folder (or file) among the excused that `path` stands in.
fn excused_folder(path: &str) -> Option<usize> {
    let stands_in = |folder: &str| {
        let rest = path.strip_prefix(folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
    };
    let folders = EXCUSED.iter().enumerate();
    let around = folders.filter(|(_, (folder, _))| stands_in(folder));
    around
        .max_by_key(|(_, (folder, _))| folder.len())
        .map(|(at, _)| at)
}

#[test]
fn the_old_words_are_gone() {
    let mut used: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut complaints = Vec::new();
    for text in texts() {
        let folder = excused_folder(&text.path).map(|at| EXCUSED[at]);
        for (word, complaint) in text.complaints() {
            let mut kept = KEPT.iter();
            let excuse = match kept.find(|(file, kept, _)| *file == text.path && *kept == word) {
                Some((file, ..)) => Some(*file),
                None => folder
                    .filter(|(_, words)| words.contains(&word))
                    .map(|(name, _)| name),
            };
            match excuse {
                Some(excuse) => drop(used.insert((excuse, word))),
                None => complaints.push(complaint),
            }
        }
    }
    none(complaints);
    let excused = EXCUSED
        .iter()
        .flat_map(|(folder, words)| words.iter().map(|word| (*folder, *word)));
    let kept = KEPT.iter().map(|(file, word, _)| (*file, *word));
    let unused: Vec<_> = excused
        .chain(kept)
        .filter(|excuse| !used.contains(excuse))
        .collect();
    assert!(
        unused.is_empty(),
        "these excuses in tidy/words.rs are not used any more; delete them: {unused:?}"
    );
}

#[test]
fn an_old_word_is_found() {
    let check = |text: Text, expected: &[(&str, usize)]| {
        let found: Vec<_> = text
            .found()
            .into_iter()
            .map(|(word, line, _)| (word, line))
            .collect();
        assert_eq!(found, expected);
    };
    let rust = |text: &str, strings| Text::rust(&Source::new("src/a.rs", text), strings);
    let text =
        "/// Nobody's.\nfn is_in_the_way() {}\nstruct InTheWay;\nlet a = \"a sign\\n of life\";\n";
    check(
        rust(text, false),
        &[("nobody", 0), ("in the way", 1), ("in the way", 2)],
    );
    let text = "f(\"somebody\"); // a sign of\n    // life\nf(\"lapsed\");\nlet lapsed = 1;\n\
                #[cfg(test)]\nmod tests { const A: &str = \"nobody\"; }\n";
    check(
        rust(text, true),
        &[("somebody", 0), ("sign of life", 0), ("lapse", 3)],
    );
    check(
        rust("use a::Belief;\n// Belief\nfn f(a: Beliefs) {}\n", true),
        &[("Belief", 0)],
    );
    let text = "They mend it; `mended`,\n```text\nnobody\n```\nhe amends the wishbone, the way\n";
    check(Text::prose("docs/a.md", text), &[("mend", 0), ("he", 4)]);
}
