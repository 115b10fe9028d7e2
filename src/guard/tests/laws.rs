//! What holds of any line.
//!
//! Owns the laws: no line panics or takes long, what starts a command does not change what it
//! does, a dry run changes nothing, and only a known mutating verb is called mutating.

use std::time::Instant;

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::shell::{self, BYTES_MAX, Command, quote};
use super::{Class, Part, judged, place, said, table};
use crate::guard::{Rules, classify_arguments};

/// What lines are made of; the rest is for `any::<String>()`.
const PIECES: [&str; 72] = [
    " ",
    " ",
    " ",
    " ",
    "\n",
    ";",
    "&&",
    "||",
    "|",
    "&",
    "(",
    ")",
    "{",
    "}",
    "((",
    "))",
    "[[",
    "]]",
    "'",
    "\"",
    "`",
    "\\",
    "$",
    "$(",
    "${",
    "$((",
    "$'",
    "<",
    ">",
    "<<",
    "<<-",
    "<<<",
    "2>&1",
    "<(",
    "#",
    "~",
    "*",
    "!",
    "=",
    "A=b",
    "EOF",
    "\t",
    "if",
    "then",
    "fi",
    "for",
    "in",
    "do",
    "done",
    "case",
    "esac",
    "function",
    "f()",
    "sudo",
    "env",
    "xargs",
    "bash",
    "-c",
    "--",
    "-n",
    "-f",
    "--dry-run",
    "terraform",
    "apply",
    "-chdir=x",
    "kubectl",
    "delete",
    "pod",
    "cd",
    "git push",
    "psql -c",
    "ä\u{0}",
];

/// A command of one program, as words that mean themselves.
pub(super) fn simple_lines() -> Vec<(String, Vec<String>, &'static str)> {
    let mut lines = Vec::new();
    for (line, expected) in table() {
        let Ok(list) = shell::parse(&line, 0) else {
            continue;
        };
        let [chain] = list.chains.as_slice() else {
            continue;
        };
        let [(_, pipeline)] = chain.links.as_slice() else {
            continue;
        };
        let [Command::Simple(simple)] = pipeline.commands.as_slice() else {
            continue;
        };
        let plain = simple.assignments.is_empty()
            && simple.redirections.words.is_empty()
            && simple.redirections.documents.is_empty()
            && !chain.background
            && !line.starts_with(['!', '{', '(']);
        let words: Option<Vec<&str>> = simple.words.iter().map(|word| word.known()).collect();
        if let (true, Some(words)) = (plain, words) {
            let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
            // `exec` and its like are the shell's own, and `env` starts no alias of it.
            if !words.is_empty() && !matches!(words[0].as_str(), "eval" | "trap" | "time") {
                lines.push((line, words, expected));
            }
        }
    }
    lines
}

fn wrapped(line: &str, how: usize) -> String {
    match how {
        0 => format!("env A=b {line}"),
        1 => format!("sudo {line}"),
        2 => format!("sudo -E -u root -- {line}"),
        3 => format!("nohup {line}"),
        4 => format!("timeout 10 {line}"),
        5 => format!("A=b {line}"),
        6 => format!("nice -n 5 {line}"),
        7 => format!("time {line}"),
        8 => format!("{line} 2>&1 > log"),
        9 => format!("command {line}"),
        _ => anywhere(line, how - 10),
    }
}

/// Around any script.
fn anywhere(line: &str, how: usize) -> String {
    match how {
        0 => format!("bash -c {}", quote(line)),
        1 => format!("sh -lc {}", quote(line)),
        2 => format!("( {line}\n)"),
        3 => format!("{{ {line}\n}}"),
        4 => format!("true\n{line}"),
        5 => format!("{line}\ntrue"),
        6 => format!("eval {}", quote(line)),
        7 => format!("if true; then {line}\nfi"),
        8 => format!("x=$({line}\n)"),
        _ => format!("bash -euo pipefail <<'OU'TER\n{line}\nOUTER"),
    }
}

/// What a table row says when something harmless stands beside it.
fn beside(expected: &str) -> &str {
    match expected {
        "unmatched" => "reading",
        other => other,
    }
}

fn same(line: &str, wrapped: &str, expected: &str) -> Result<(), TestCaseError> {
    let found = said(&judged(wrapped));
    prop_assert!(
        found == expected || beside(expected) == found,
        "{} is {}, and {} is {}",
        line,
        expected,
        wrapped,
        found
    );
    Ok(())
}

#[test]
fn each_program_of_the_table_can_be_wrapped() {
    let lines = simple_lines();
    assert!(lines.len() > 150, "{}", lines.len());
    for (line, _, expected) in &lines {
        for how in 0..10 {
            same(line, &wrapped(line, how), expected).unwrap();
        }
    }
}

#[test]
fn each_line_of_the_table_can_stand_anywhere() {
    for (line, expected) in table() {
        // Broken lines can be repaired by what stands around them.
        if shell::parse(&line, 0).is_err() {
            continue;
        }
        // A shell in a script that is read from the input would read the rest of it.
        let reads_on = line.ends_with(" bash") || line == "ssh web1";
        let hows = if reads_on { 0..9 } else { 0..10 };
        for how in hows {
            same(&line, &anywhere(&line, how), expected).unwrap();
        }
    }
}

#[test]
fn arguments_are_judged_as_the_line_is() {
    let rules = Rules::shipped();
    for (line, words, expected) in simple_lines() {
        let verdict = classify_arguments(&words, &rules, &place());
        assert_eq!(said(&verdict), expected, "{line}");
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    const VERBS: [&str; 17] = [
        "apply",
        "create",
        "delete",
        "scale",
        "patch",
        "label",
        "annotate",
        "taint",
        "drain",
        "cordon",
        "uncordon",
        "set",
        "expose",
        "autoscale",
        "upgrade",
        "rollback",
        "install",
    ];
    let mut tried = 0;
    for (line, words, expected) in simple_lines() {
        let is_one = matches!(words[0].as_str(), "kubectl" | "helm")
            && VERBS
                .iter()
                .any(|verb| words.iter().any(|word| word == verb));
        if is_one && expected.starts_with("mutating") && !line.contains("--dry-run=") {
            tried += 1;
            let dry = format!("{line} --dry-run=server");
            let verdict = judged(&dry);
            assert_ne!(*verdict.class(), Class::Mutating, "{dry}");
        }
    }
    assert!(tried > 25, "{tried}");
}

#[test]
fn what_is_not_certain_has_a_reason() {
    let has_reason = |part: &Part| match &part.class {
        Class::Unknown(why) => !why.is_empty() && *why == part.why,
        Class::Mutating => !(part.resources.is_empty() && part.unnamed.is_empty()),
        _ => !part.why.is_empty(),
    };
    for (line, _) in table() {
        let verdict = judged(&line);
        for part in &verdict.parts {
            assert!(has_reason(part), "{line}: {part:?}");
            let knows = matches!(part.class, Class::Mutating | Class::DryRun);
            assert!(!knows || part.rule.is_some(), "{line}: {part:?}");
        }
    }
}

/// A mebibyte takes a tenth of a second, ten times that without optimization, and who knows what on
/// a busy machine. What is quadratic takes an hour.
const SECS_MAX: u64 = 60;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long it takes is what is tested"
)]
fn long_lines_take_no_longer_than_they_are() {
    const FEW: [&str; 24] = [
        "(",
        "{",
        "a",
        "$a",
        "'a'",
        "\\a",
        "a|",
        "<<X ",
        "{{",
        "((a);b);",
        "a=(b) ",
        "$(a) ",
        "find -exec ",
        "terraform apply\n",
        "cd a; ",
        "if a; then b; fi; ",
        "é",
        "env ",
        "eval ",
        "bash -c ",
        "-a ",
        "\\\\",
        "<<<a ",
        "{a ",
    ];
    const LONGEST: [&str; 8] = ["(", "a", "$a", "a ", "-a ", "`a` ", "a;", "sudo "];
    let short = PIECES
        .into_iter()
        .chain(FEW)
        .map(|piece| (piece, BYTES_MAX / 32));
    for (piece, bytes) in short.chain(LONGEST.map(|piece| (piece, BYTES_MAX))) {
        let line = piece.repeat(bytes / piece.len());
        let started = Instant::now();
        let parts = judged(&line).parts.len();
        assert!(parts <= 514, "{piece}: {parts}");
        if bytes < BYTES_MAX {
            judged(&format!("kubectl delete pod {line}"));
            judged(&format!("psql -c {}", quote(&line)));
        }
        let secs = started.elapsed().as_secs();
        assert!(secs < SECS_MAX, "a line of {piece:?} takes {secs} s");
    }
    let too_long = "a".repeat(BYTES_MAX + 1);
    assert!(matches!(judged(&too_long).class(), Class::Unknown(_)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60_000))]

    #[test]
    fn no_line_of_pieces_panics(pieces in proptest::collection::vec(select(&PIECES[..]), 0..16)) {
        let line = pieces.concat();
        judged(&line);
        // What is added is seen; a line end that is escaped is none.
        if shell::parse(&line, 0).is_ok() && !line.ends_with('\\') {
            let longer = format!("{line}\nterraform apply");
            let class = judged(&longer).class().clone();
            let can_be_read = shell::parse(&longer, 0).is_ok();
            let is_told = class == Class::Mutating || !can_be_read && matches!(class, Class::Unknown(_));
            prop_assert!(is_told, "{} is {:?}", longer, class);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..32)) {
        judged(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_damaged_line_panics_neither(at in any::<Index>(), cut in any::<Index>(), piece in select(&PIECES[..])) {
        thread_local!(static TABLE: Vec<(String, &'static str)> = table());
        let line = TABLE.with(|table| table[at.index(table.len())].0.clone());
        let cut = cut.index(line.len() + 1);
        if line.is_char_boundary(cut) {
            let (before, after) = line.split_at(cut);
            judged(before);
            judged(after);
            judged(&format!("{before}{piece}{after}"));
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>()) {
        judged(&text);
    }

    #[test]
    fn wrappers_can_be_stacked(at in any::<Index>(), hows in proptest::collection::vec(0_usize..19, 1..4)) {
        thread_local!(static SIMPLE: Vec<(String, Vec<String>, &'static str)> = simple_lines());
        let (line, expected) = SIMPLE.with(|lines| {
            let (line, _, expected) = &lines[at.index(lines.len())];
            (line.clone(), *expected)
        });
        let mut around = line.clone();
        // What wraps one program comes first, what wraps a script after it.
        let (single, script): (Vec<usize>, Vec<usize>) = hows.into_iter().partition(|how| *how < 10);
        for how in single.into_iter().chain(script) {
            around = wrapped(&around, how);
        }
        same(&line, &around, expected)?;
    }
}
