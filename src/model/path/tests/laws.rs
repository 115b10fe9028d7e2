//! What holds for any text and any file.
//!
//! This file owns the laws of spelling, symmetry and witnesses, tried on random patterns. It never
//! decides which file a pattern should match, beyond building patterns around one.

use proptest::prelude::*;
use proptest::sample::select;

use super::super::{PathPattern, alternatives, bracketed, spelling};
use super::pattern;

/// Any text that has a fair chance to be a pattern.
fn any_text() -> impl Strategy<Value = String> {
    let pieces = "a b é . .. / / * ** ? [ ] ! ^ - [a-c] [!b] { , } {a,b} {.,} \\ \\.";
    let pieces: Vec<_> = pieces.split(' ').collect();
    let text = prop::collection::vec(select(pieces), 0..20);
    prop_oneof![4 => text.prop_map(|pieces| pieces.concat()), 1 => any::<String>()]
}

fn file() -> impl Strategy<Value = String> {
    let characters: Vec<_> = "ab é./*?[]{},-!^\\".chars().collect();
    let text = prop::collection::vec(select(characters), 1..=8);
    text.prop_map(String::from_iter)
        .prop_filter("not well formed", |f| pattern(".").matches(f))
}

/// A pattern that matches `file`: each character stays or gives way to something wider.
fn widened(file: &str, choices: &[usize]) -> String {
    let widen = |(c, choice): (char, &usize)| {
        let literal = format!("{}{c}", if c.is_ascii_alphanumeric() { "" } else { "\\" });
        match (c, choice % 8) {
            ('/', 0) => "/**/".to_owned(),
            ('/', 1) => "{/,/x/}".to_owned(),
            ('/', _) => "/".to_owned(),
            (_, 0) => "?".to_owned(),
            (_, 1) => "*".to_owned(),
            (_, 2) => "[!x]".to_owned(),
            (_, 3) => format!("[{literal}x]"),
            (_, 4) => format!("{{x,{literal}}}"),
            (_, 5) => format!("{{{literal},}}*"),
            _ => literal,
        }
    };
    file.chars().zip(choices).map(widen).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_refused_at_a_glance_is_refused_when_it_is_spelled_out(text in any_text()) {
        let Ok(text) = spelling::canonical(&text) else { return Ok(()) };
        let is_pattern = PathPattern::of(text.clone(), bracketed::readings).is_ok();
        let spelled = alternatives(&text, bracketed::readings);
        prop_assert_eq!(is_pattern, spelled.is_ok(), "{}: {:?}", text, spelled.err());
    }

    #[test]
    fn any_texts_keep_the_laws(a in any_text(), b in any_text()) {
        let Ok(a) = PathPattern::parse(&a) else { return Ok(()) };
        prop_assert_eq!(&pattern(a.as_str()), &a);
        let satisfiable = a.overlaps(&pattern("**"));
        prop_assert_eq!(a.overlaps(&a), satisfiable);
        let Ok(b) = PathPattern::parse(&b) else { return Ok(()) };
        prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
        // A pattern read as a file name is a plain file as good as any.
        if a.matches(b.as_str()) && b.matches(b.as_str()) {
            prop_assert!(a.overlaps(&b));
        }
    }

    #[test]
    fn patterns_of_one_file_overlap(
        file in file(),
        a_choices in prop::collection::vec(any::<usize>(), 8),
        b_choices in prop::collection::vec(any::<usize>(), 8),
    ) {
        let (a, b) = (widened(&file, &a_choices), widened(&file, &b_choices));
        let (Ok(a), Ok(b)) = (PathPattern::parse(&a), PathPattern::parse(&b)) else {
            return Ok(()) // more than 64 alternatives
        };
        prop_assert!(a.matches(&file) && b.matches(&file));
        prop_assert!(a.overlaps(&b));
    }
}
