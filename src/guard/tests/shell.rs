//! What a shell reads.
//!
//! Owns examples of words, groups and what is not understood, and the bounds on time and depth.

use proptest::prelude::*;

use super::super::shell::{Command, DEPTH_MAX, List, SyntaxError, Word, parse, quote};

/// The words of the only command of a script.
fn words(script: &str) -> Vec<Word> {
    let list = parse(script, 0).expect(script);
    let [chain] = list.chains.as_slice() else {
        panic!("{script}: {list:?}");
    };
    match chain.links[0].1.commands.as_slice() {
        [Command::Simple(simple)] => simple.words.clone(),
        other => panic!("{script}: {other:?}"),
    }
}

/// How many commands there are, those within words and groups as well.
fn count(list: &List) -> usize {
    let pipelines = list.chains.iter().flat_map(|chain| &chain.links);
    let commands = pipelines.flat_map(|(_, pipeline)| &pipeline.commands);
    let held = |words: &[Word]| -> usize {
        let lists = words.iter().flat_map(|word| &word.commands);
        lists.map(|list| count(&list.0)).sum()
    };
    let of = |command: &Command| match command {
        Command::Simple(simple) => {
            let values = simple.assignments.iter().map(|(_, value)| value);
            let values: usize = values.map(|v| held(std::slice::from_ref(v))).sum();
            1 + held(&simple.words) + values + held(&simple.redirections.words)
        }
        Command::Group(group) => group.lists.iter().map(count).sum::<usize>() + held(&group.words),
    };
    commands.map(of).sum()
}

#[test]
fn words_that_mean_themselves() {
    for (script, expected) in [
        ("a b  c\t d", &["a", "b", "c", "d"] as &[&str]),
        ("a 'b c' \"d e\"", &["a", "b c", "d e"]),
        (
            r#"a\ b "\"\$\`\\" '\' "\n""#,
            &["a b", "\"$`\\", "\\", "\\n"],
        ),
        ("a'b'\"c\"d", &["abcd"]),
        ("'' \"\"", &["", ""]),
        ("a \\\n b", &["a", "b"]),
        ("a\\\nb", &["ab"]),
        ("a # b c", &["a"]),
        ("a#b", &["a#b"]),
        (r"$'a\tb\x41\101\u00e4\'' b", &["a\tbAAä'", "b"]),
        ("a $ b$ '$c' \\$d", &["a", "$", "b$", "$c", "$d"]),
        (
            "a {} { b } a=b x{",
            &["a", "{}", "{", "b", "}", "a=b", "x{"],
        ),
        ("a >b 2>&1 <c 2>> d &>e f", &["a", "f"]),
        ("A=b c=d e f=g", &["e", "f=g"]),
        ("a 'x\ny'", &["a", "x\ny"]),
        ("[ a ]", &["[", "a", "]"]),
    ] {
        let found = words(script);
        let texts: Vec<Option<&str>> = found.iter().map(Word::known).collect();
        let expected: Vec<Option<&str>> = expected.iter().copied().map(Some).collect();
        assert_eq!(texts, expected, "{script}");
    }
}

#[test]
fn words_that_are_not_certain() {
    for (word, beginning) in [
        ("$a", ""),
        ("a$b", "a"),
        ("a\"b$c\"d", "ab"),
        ("${a:-b}c", ""),
        ("x$(b)", "x"),
        ("x`b`", "x"),
        ("x$((1 + (2)))", "x"),
        ("*.rs", ""),
        ("a?", "a"),
        ("a[0]", "a"),
        ("{a,b}", ""),
        ("<(a)", ""),
        ("$'\\cA'", ""),
        ("-f$a", "-f"),
    ] {
        let script = format!("x {word}");
        let found = words(&script);
        assert_eq!(found[1].known(), None, "{word}");
        assert_eq!(found[1].text, beginning, "{word}");
    }
}

#[test]
fn the_end_of_a_word_can_be_certain() {
    for (word, end) in [
        ("$a/b", "/b"),
        ("\"${a:-'b}/c\"'d'e", "/cde"),
        ("$a/b/$c/d", "/d"),
        ("a/$b", ""),
        ("$(a)/*/c", "/c"),
        ("a", ""),
    ] {
        assert_eq!(words(word)[0].tail, end, "{word}");
    }
}

#[test]
fn every_command_is_found() {
    for (script, expected) in [
        ("", 0),
        ("# a", 0),
        ("a; b & c\nd", 4),
        ("a && b || c | d |& e", 5),
        ("(a; b); { c; d; }", 4),
        ("if a; then b; elif c; then d; else e; fi", 5),
        ("while a; do b; done; until c; do d; done", 4),
        ("for i in 1 2; do a; done", 1),
        ("for i; do a; done", 1),
        ("for ((i=0; i<3; i++)); do a; done", 1),
        ("case $a in b) c ;; (d|e) f;; *) g; h; esac", 4),
        ("f() { a; }\nfunction g { b; }; function h() (c)", 3),
        ("! a && ! b", 2),
        ("[[ $a == b && ( -f $(c) ) ]] && d", 2),
        ("((a + 1)) && b", 1),
        ("( (a) )", 1),
        ("((a); b)", 2),
        ("x $(a $(b `c`)) \"$(d)\" ${e:-$(f)}", 6),
        ("A=$(b) C=(d $(e))", 3),
        ("a <(b) > >(c)", 3),
        ("a <<X; b\nnot c\nX\nd", 3),
        ("a <<'X' | b\n$(c)\nX", 2),
        ("a <<-X\n\tb\n\tX\nc", 2),
        ("$(a <<X\n)\nX\n)", 2),
        ("if\n a\nthen\n b # c\nfi > x", 2),
        ("coproc a; coproc b { c; d; }; e > >(f)", 5),
        ("a ${ b; c; }", 3),
        ("a;\n\n;", usize::MAX),
    ] {
        let found = parse(script, 0).map(|list| count(&list));
        let expected = (expected < usize::MAX).then_some(expected);
        assert_eq!(found.clone().ok(), expected, "{script}: {found:?}");
    }
}

#[test]
fn what_has_no_end_is_refused() {
    for script in [
        "a 'b",
        "a \"b",
        "a `b",
        "a $(b",
        "a ${b",
        "a \\",
        "(a",
        "{ a",
        "{ a }",
        "if a; then b",
        "while a; do b",
        "for a in b; do c",
        "case a in b) c",
        "a <<X\nb",
        "a <<X",
        "[[ a",
        "a &&",
        "a |",
        "&& a",
        "a )",
        "a ;; b",
        "a; fi",
        "} a",
        "a >",
        "f() a",
        "a b(c)",
        "a=(b",
        "coproc",
        "$'a",
        "a <<$(b)\n",
        "\"$(\"",
        "echo $(( $(a) ))",
    ] {
        assert!(
            parse(script, 0).is_err(),
            "{script}: {:?}",
            parse(script, 0)
        );
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |open: &str, close: &str, n: usize| {
        parse(&format!("{}a{}", open.repeat(n), close.repeat(n)), 0).map(|_| ())
    };
    for (open, close) in [
        ("( ", " )"),
        ("{ ", "; }"),
        ("$(", ")"),
        ("\"$(", ")\""),
        ("${a:-", "}"),
        ("a <(", ")"),
        ("if ", "; then b; fi"),
        ("f() { ", "; }"),
        ("case x in y) ", ";; esac"),
        ("a=(", ")"),
        ("[[ $(", ") ]]"),
    ] {
        assert_eq!(nested(open, close, 2), Ok(()), "{open}");
        for n in [1000, 100_000] {
            assert_ne!(nested(open, close, n), Ok(()), "{open}");
        }
    }
    assert_eq!(nested("( ", " )", DEPTH_MAX), Ok(()));
    assert_eq!(nested("( ", " )", DEPTH_MAX + 1), Err(SyntaxError::TooDeep));
    assert_eq!(
        parse("(a)", DEPTH_MAX).map(|_| ()),
        Err(SyntaxError::TooDeep)
    );
}

proptest! {
    #[test]
    fn a_quoted_word_is_read_back(texts in proptest::collection::vec(any::<String>(), 1..4)) {
        let script = texts.iter().map(|text| quote(text)).collect::<Vec<_>>().join(" ");
        let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
        let found = words(&format!("x {script}"));
        let found: Vec<Option<&str>> = found[1..].iter().map(Word::known).collect();
        prop_assert_eq!(found, texts);
    }
}
