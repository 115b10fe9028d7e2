//! Wrong lines, each with what is said and the line that is right.

use super::super::Cli;
use super::*;

fn said(line: &str) -> (String, Vec<String>) {
    let words: Vec<String> = format!("git-presence {line}")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let error = Cli::try_parse_from(&words).expect_err(line);
    let failure = failure(&error, &words);
    (failure.error.to_string(), failure.hints)
}

/// Checks what is said of each line, and that a hint has the line that is right.
fn check(lines: &[(&str, &str, &str)]) {
    for (line, message, hint) in lines {
        let (said, hints) = said(line);
        assert!(said.contains(message), "{line}: {said}");
        let hints = hints.join("\n");
        assert!(hints.contains(hint), "{line}: {hints}");
        assert!(!said.contains("invalid digit"), "{said}");
    }
}

#[test]
fn each_misuse_has_its_words_and_a_right_line() {
    check(&[
        (
            "frobnicate",
            "there is no verb frobnicate",
            "git presence -h",
        ),
        (
            "finish path:x",
            "there is no verb finish",
            "git presence release",
        ),
        (
            "path:x",
            "there is no verb path:x",
            "git presence peek path:x",
        ),
        (
            "claim",
            "claim also needs --purpose <TEXT>, <RESOURCE>...",
            "git presence claim path:",
        ),
        (
            "claim a:b -p x --foo",
            "claim has no option --foo",
            "git presence claim -h",
        ),
        (
            "status a:b",
            "status does not take a:b",
            "git presence status",
        ),
        (
            "release a:b --all-mine",
            "[RESOURCE]... and --all-mine exclude each other",
            "git presence release",
        ),
        (
            "log -n x",
            "--max-count <N> does not take x: write a number",
            "git presence log",
        ),
        (
            "list --type",
            "--type <TYPE> needs a value",
            "git presence list",
        ),
        (
            "completions vi",
            "<SHELL> does not take vi, but one of bash, zsh, fish",
            "git presence completions bash",
        ),
        (
            "run a:b -p x make",
            "",
            "behind two dashes: git presence run",
        ),
        (
            "claim a:b -p x --over-shared",
            "--over-shared goes with --exclusive",
            "leave --over-shared out: git presence claim a:b -p x",
        ),
    ]);
}

#[test]
fn a_slip_and_a_word_of_another_tool_are_put_right() {
    check(&[
        (
            "release --reason why path:x",
            "--reason goes with --force",
            "leave --reason out: git presence release path:x",
        ),
        (
            "turn take --reason why",
            "--reason goes with --force",
            "git presence turn take -h",
        ),
        (
            "claim a:b -p x --exclusve",
            "claim has no option --exclusve",
            "write --exclusive: git presence claim a:b -p x --exclusive",
        ),
        (
            "claim a:b -p x -x --timeout 5m",
            "claim has no option --timeout",
            "write --wait: git presence claim a:b -p x -x --wait=5m",
        ),
        (
            "turn pas --status x --next y",
            "turn has no verb pas",
            "write pass: git presence turn pass --status x --next y",
        ),
        (
            "task finish abcd2345",
            "task has no verb finish",
            "write done: git presence task done abcd2345",
        ),
        (
            "relaese path:x",
            "there is no verb relaese",
            "if that is meant: git presence release path:x",
        ),
        (
            "ask",
            "there is no verb ask",
            "if that is meant: git presence tell",
        ),
        (
            "handoff",
            "there is no verb handoff",
            "if that is meant: git presence turn pass --status",
        ),
        (
            "freeze branch:main",
            "there is no verb freeze",
            "git presence state branch:main frozen",
        ),
        (
            "state branch:main --reason x",
            "--reason goes with",
            "git presence state branch:main --clear --force --reason",
        ),
        (
            "steal",
            "steal also needs <RESOURCE>",
            "git presence steal stack:infra/dns",
        ),
        (
            "turn take --foo",
            "turn take has no option --foo",
            "git presence turn take -h",
        ),
    ]);
}

#[test]
fn the_name_of_a_list_is_kept() {
    for (line, hint) in [
        ("task list later", "git presence task --list later"),
        ("task next later", "git presence task next --list later"),
        ("task later", "git presence task --list later"),
    ] {
        let (_, hints) = said(line);
        assert!(hints.join("\n").contains(hint), "{line}: {hints:?}");
    }
}
