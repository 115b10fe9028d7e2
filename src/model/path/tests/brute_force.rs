//! Whole families of short patterns against a second matcher.
//!
//! This file owns that matcher and the files it tries. It shares nothing with the automata, and
//! knows only as much of the grammar as the families use. Brackets are patterns alone here: their
//! other reading is one more pattern of the same kind.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;

use super::super::spelling::canonical;
use super::super::{PathError, PathPattern};

/// Symbols of the patterns that are compared with brute force.
const SYMBOLS: [&str; 9] = ["a", "b", ".", "/", "*", "?", "**", "[ab]", "[!a]"];

/// All well formed paths of at most 6 characters over `a`, `b`, `.` and `/`, by component.
///
/// They decide every overlap of two patterns of at most three `SYMBOLS`. Characters: any other
/// one is read only by `*`, `?`, `**` and `[!a]`, and all of these read `b`. Length: in a
/// shortest common file, a character that neither pattern reads at a fixed place only pads a
/// component into a proper name, one per component. Two patterns with a loop fix two
/// characters each and need two components: 2 + 2 + 2. A plain path fixes three, and then only
/// the component below it can need padding: 3 + 2 + 1.
static SHORT_FILES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let (mut files, mut grown) = (Vec::new(), vec![String::new()]);
    for _ in 0..6 {
        let longer = |file: &String| ["a", "b", ".", "/"].map(|c| file.clone() + c);
        grown = grown.iter().flat_map(longer).collect();
        let is_name = |name| !matches!(name, "" | "." | "..");
        files.extend(grown.iter().filter(|f| f.split('/').all(is_name)).cloned());
    }
    files
});

fn parse(text: &str) -> Result<PathPattern, PathError> {
    PathPattern::of(canonical(text)?, |_, lexemes, _| vec![lexemes.to_vec()])
}

fn row(matches: impl Fn(&str) -> bool) -> Vec<u64> {
    let bits = |files: &[String]| files.iter().fold(0, |b, f| b << 1 | u64::from(matches(f)));
    SHORT_FILES.chunks(64).map(bits).collect()
}

fn share_a_file(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}

/// The short files that match according to the reference, one bit each. The reference backtracks
/// over the text; it knows no escapes, and no classes but `[ab]` and `[!a]`.
fn reference_row(text: &str) -> Vec<u64> {
    let spelled = spelled_out(text);
    let mut alternatives: Vec<_> = spelled.iter().map(|a| components(a)).collect();
    if text.contains(['*', '?', '[', '{']) {
        for (text, parts) in spelled.iter().zip(&mut alternatives) {
            if text.ends_with('/') || text == "." || text.ends_with("/.") {
                parts.push("**");
            }
        }
    } else {
        alternatives.push([&components(text)[..], &["**"]].concat());
    }
    row(|file| {
        let file: Vec<_> = file.split('/').collect();
        alternatives
            .iter()
            .any(|parts| components_match(parts, &file))
    })
}

fn components(alternative: &str) -> Vec<&str> {
    let says_something = |component: &&str| !matches!(*component, "" | ".");
    alternative.split('/').filter(says_something).collect()
}

fn spelled_out(text: &str) -> Vec<String> {
    let Some(open) = text.find('{') else {
        return vec![text.to_owned()];
    };
    let (mut depth, mut options, mut start) = (0, Vec::new(), open + 1);
    for (at, c) in text.char_indices().skip(open) {
        match c {
            '{' => depth += 1,
            ',' if depth == 1 => {
                options.push(&text[start..at]);
                start = at + 1;
            }
            '}' if depth == 1 => {
                options.push(&text[start..at]);
                let whole = |option: &&str| [&text[..open], option, &text[at + 1..]].concat();
                return options
                    .iter()
                    .flat_map(|o| spelled_out(&whole(o)))
                    .collect();
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    unreachable!("a parsed pattern closes its braces")
}

fn components_match(parts: &[&str], file: &[&str]) -> bool {
    match parts {
        [] => file.is_empty(),
        ["**"] => !file.is_empty(),
        ["**", rest @ ..] => (0..=file.len()).any(|n| components_match(rest, &file[n..])),
        [part, rest @ ..] => file.split_first().is_some_and(|(name, below)| {
            name_matches(part.as_bytes(), name.as_bytes()) && components_match(rest, below)
        }),
    }
}

fn name_matches(part: &[u8], name: &[u8]) -> bool {
    let first = name.first();
    match part {
        [] => name.is_empty(),
        [b'*', rest @ ..] => (0..=name.len()).any(|n| name_matches(rest, &name[n..])),
        [b'?', rest @ ..] => first.is_some() && name_matches(rest, &name[1..]),
        [b'[', b'a', b'b', b']', rest @ ..] => {
            matches!(first, Some(b'a' | b'b')) && name_matches(rest, &name[1..])
        }
        [b'[', b'!', b'a', b']', rest @ ..] => {
            first.is_some_and(|c| *c != b'a') && name_matches(rest, &name[1..])
        }
        [c, rest @ ..] => first == Some(c) && name_matches(rest, &name[1..]),
    }
}

#[test]
fn all_short_patterns_agree_with_brute_force() {
    let mut texts = vec![String::new()];
    for start in [0, 1, 1 + SYMBOLS.len()] {
        let longer = |text: &String| SYMBOLS.map(|symbol| text.clone() + symbol);
        texts.extend(texts[start..].iter().flat_map(longer).collect::<Vec<_>>());
    }
    let accepted = texts.iter().filter_map(|t| Some((parse(t).ok()?, t)));
    let rows: Vec<_> = accepted
        .map(|(p, text)| (p, text, reference_row(text)))
        .collect();
    assert!(rows.len() > 600);
    for (index, (a, a_text, a_row)) in rows.iter().enumerate() {
        if a.plain.is_some() {
            assert_eq!(&row(|file| a.matches(file)), a_row, "{a_text}");
        }
        for (b, b_text, b_row) in &rows[index..] {
            let expected = share_a_file(a_row, b_row);
            assert_eq!(a.overlaps(b), expected, "{a_text} and {b_text}");
        }
    }
}

/// Patterns with braces and at most three `SYMBOLS` in each alternative.
fn braces() -> impl Strategy<Value = (String, PathPattern)> {
    let maybe = || prop_oneof![Just(""), select(&SYMBOLS[..])];
    let inner = prop_oneof![
        4 => maybe().prop_map(str::to_owned),
        1 => (maybe(), maybe()).prop_map(|(a, b)| format!("{{{a},{b}}}")),
    ];
    let options = prop::collection::vec(inner, 1..4);
    (maybe(), options, maybe()).prop_filter_map("refused", |(before, options, after)| {
        let text = format!("{before}{{{}}}{after}", options.join(","));
        Some((text.clone(), parse(&text).ok()?))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn braces_agree_with_brute_force((a_text, a) in braces(), (b_text, b) in braces()) {
        let (a_row, b_row) = (reference_row(&a_text), reference_row(&b_text));
        prop_assert_eq!(a.overlaps(&b), share_a_file(&a_row, &b_row));
        prop_assert_eq!(row(|file| a.matches(file)), a_row);
    }
}
