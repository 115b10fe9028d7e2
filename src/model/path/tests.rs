//! Examples of patterns: what they match, how they are spelled, why they are refused.
//!
//! This file owns the cases that a person can check by eye. `brute_force` compares whole families
//! of patterns with a second matcher; `laws` states what holds for any text. None of them ever
//! touches a disk.

mod brute_force;
mod laws;

use super::{PathError, PathPattern, spelling::MAX_BYTES};

fn pattern(text: &str) -> PathPattern {
    PathPattern::parse(text).expect(text)
}

fn assert_overlap(pairs: &[(&str, &str)], expected: bool) {
    for (a, b) in pairs {
        assert_eq!(pattern(a).overlaps(&pattern(b)), expected, "{a} and {b}");
        assert_eq!(pattern(b).overlaps(&pattern(a)), expected, "{b} and {a}");
    }
}

#[test]
fn some_file_matches_both() {
    assert_overlap(
        &[
            ("src", "src"),
            ("src", "src/lib.rs"),
            ("src", "./src/"),
            (".", "a/b/c"),
            (".", "*"),
            ("**", "a"),
            ("a/**", "a/b"),
            ("a/**", "a"),
            ("a", "a/*"),
            ("a/b", "a/*"),
            ("a/b/c", "a/**/c"),
            ("a/c", "a/**/c"),
            ("*.rs", "lib.*"),
            ("*.rs", "?.rs"),
            ("src/*.rs", "src"),
            ("src/*.rs", "src/l[hi]b.rs"),
            ("src/**/*.rs", "src/lib.rs"),
            ("**/mod.rs", "src/model/*"),
            ("**/a/**", "**/b/**"),
            ("**/x/*", "**/x"),
            ("*a*b*", "*b*a*"),
            ("a*/b", "*a/b"),
            ("{a,b}/c", "b/*"),
            ("{a,b}/c", "b"),
            ("{a,b/c}/d", "b/?/d"),
            ("x{,y,{z,w}}", "xw"),
            ("*/", "src/*/a"),
            ("src/*/", "src/a/b/c"),
            ("docs/*/", "docs/a"),
            ("[a-z]", "[!a-y]"),
            ("[!a]", "[!b]"),
            ("[]]", "]"),
            ("[^]]", "?"),
            ("[a-]", "-"),
            ("[a-cb-z]", "x"),
            ("[a-zb-c]", "x"),
            ("[\\]a]", "\\]"),
            ("\\*", "?"),
            ("\\*", "[*]"),
            ("a**b", "axyb"),
            ("[.]a", ".a"),
            ("[.]*", "..?"),
            ("**/*.lock", "Cargo.lock"),
            ("é*", "*è"),
            ("**{/**,}/x", "x"),
            ("{*,a}*/b", "p/q/b"),
            ("{a/,b}", "a/x/y"),
            ("{.,a/*}", "q"),
            // File names may hold control characters, though patterns cannot spell them.
            ("[! -\u{10ffff}]", "**"),
        ],
        true,
    );
}

#[test]
fn no_file_matches_both() {
    assert_overlap(
        &[
            ("src", "src2"),
            ("src", "sr"),
            ("src/a", "src/b"),
            ("a/**", "[a]"),
            ("a/*", "[a]"),
            ("docs/*", "docs/a/b"),
            ("docs/*", "docs/a/?"),
            ("*.rs", "*.toml"),
            ("*.rs", "src/*.rs"),
            ("a?", "a"),
            ("src/*/", "src/?"),
            ("src/*/", "{src/a,src/b}"),
            ("{a,b}", "a/c"),
            ("{a,b}/c", "c/*"),
            ("{a/,b}", "b/x"),
            ("[!a]", "a/b"),
            ("[a-c]", "[d-f]"),
            ("[!b]", "a/b"),
            ("[ -~]b", "a/b"),
            ("\\*", "a"),
            ("\\*.rs", "lib.rs"),
            ("a**b", "a/b"),
            ("a**b", "[a]/**/b"),
            ("***", "a/?"),
            ("*a", "*b"),
            ("*ab*", "ba"),
            ("A", "a"),
            ("é*", "*è/x"),
            ("**/x", "**/y"),
            ("?/*/x", "**/xy/z"),
            ("a{b,c}d", "a{bc,cb}d"),
        ],
        false,
    );
}

/// One clone has the folder, and takes what is typed as its name; another one has it not.
#[test]
fn brackets_are_also_a_name() {
    assert_overlap(
        &[
            ("app/[id]/page.tsx", "app/\\[id]/page.tsx"),
            ("app/[id]/page.tsx", "app/\\[id]"),
            ("app/[id]/[tab]/x", "app/\\[id]/[tab]/x"),
            ("app/[id]/a/[tab]/x", "app/\\[id]/a/\\[tab]/x"),
            ("app/[id]/[tab]/x", "app/i/\\[tab]/x"),
            ("app/[id]/[tab]/[x]", "app/\\[id]/t/\\[x]"),
            ("app/[[...slug]]/page.tsx", "app/\\[\\[...slug]]/page.tsx"),
            ("app/[id]*", "app/\\[id].tsx"),
            ("x{1}", "x\\{1}"),
            ("x{1}", "x1"),
            ("{a,b}.rs", "\\{a,b}.rs"),
            ("a{b/[c]d,e}f", "a\\{b/\\[c]d,e}f"),
            ("[\\]a]", "\\[\\]a]"),
            ("[.]", "**"),
            ("[.]", "[.]"),
            // As a name it may be a folder, as any plain path.
            ("a/**/c", "a/b/[d]"),
        ],
        true,
    );
    assert_overlap(
        &[
            ("app/[id]", "app/\\[id]x"),
            ("src/[a-m]*", "src/[n-z]*"),
            ("**/*.{ts,tsx}", "**/*.{js,jsx}"),
            ("app/[id]/page.tsx", "app/\\[id]/layout.tsx"),
            ("x{1}", "x{2}"),
            ("[id]x", "\\[id"),
        ],
        false,
    );
    for (text, file, expected) in [
        ("app/[id]/page.tsx", "app/[id]/page.tsx", true),
        ("app/[id]/page.tsx", "app/i/page.tsx", true),
        ("app/[id]/page.tsx", "app/id/page.tsx", false),
        ("app/[id]", "app/[id]/x", true),
        ("app/[id]", "app/i/x", false),
        ("[a]?", "[a]b", true),
        ("[a]?", "[a]", false),
        ("[*]", "[*]", true),
        ("[*]", "[x]", false),
        ("{a/..x,b}", "{a/..x,b}", true),
    ] {
        assert_eq!(pattern(text).matches(file), expected, "{text} and {file}");
    }
}

#[test]
fn spellings_become_canonical() {
    let cases = [
        ("src", "src"),
        ("src/", "src"),
        ("./src", "src"),
        ("././src/./a/.", "src/a"),
        (".", "**"),
        ("./", "**"),
        ("./.", "**"),
        ("**", "**"),
        ("**/", "**"),
        ("*/", "*/**"),
        ("src/*/", "src/*/**"),
        ("./src/*/.", "src/*/**"),
        ("src/*/./", "src/*/**"),
        ("src/**/", "src/**"),
        ("**/**/a/**/**", "**/a/**"),
        ("a**b", "a**b"),
        ("{a,b}/", "{a,b}/**"),
        ("./{./a,b/}", "{./a,b/}"),
        ("\\é\\.\\*\\]", "é.\\*]"),
        ("\\./a", "a"),
        ("a\\,b\\}", "a,b}"),
        ("{a\\,b\\},\\_}", "{a\\,b\\},_}"),
        ("[\\]a-c]", "[\\]a-c]"),
        ("...", "..."),
        (" a b ", " a b "),
    ];
    for (text, canonical) in cases {
        assert_eq!(pattern(text).as_str(), canonical, "{text}");
        assert_eq!(pattern(text), pattern(canonical), "{text}");
    }
}

#[test]
fn bad_patterns_are_refused() {
    let long = "a".repeat(256);
    // 255 bytes as written, two more once the trailing slash is spelled out.
    let long_once_canonical = format!("{}*/", "a".repeat(253));
    let cases = [
        ("", PathError::Empty),
        ("{,a}", PathError::Empty),
        ("{}", PathError::Empty),
        ("./{,a}", PathError::Empty),
        ("/", PathError::Absolute),
        ("/a", PathError::Absolute),
        ("//", PathError::Absolute),
        ("{/a,b}", PathError::Absolute),
        ("..", PathError::ParentComponent),
        ("a/../b", PathError::ParentComponent),
        ("a/..", PathError::ParentComponent),
        ("\\.\\./a", PathError::ParentComponent),
        ("a/{b,..}/c", PathError::ParentComponent),
        (".{.,a}", PathError::ParentComponent),
        ("a//b", PathError::EmptyComponent),
        ("a//", PathError::EmptyComponent),
        (".//a", PathError::EmptyComponent),
        ("a/{,b}/c", PathError::EmptyComponent),
        ("{a/,b}/c", PathError::EmptyComponent),
        ("a\tb", PathError::Control),
        ("a\0", PathError::Control),
        ("a\u{85}", PathError::Control),
        ("a\\", PathError::TrailingBackslash),
        ("a\\/b", PathError::EscapedSlash),
        ("[a\\/]", PathError::EscapedSlash),
        ("src\\main.rs", PathError::EscapedLetter),
        ("..\\*\\Docs", PathError::EscapedLetter),
        ("v\\2", PathError::EscapedLetter),
        ("{a,\\b}", PathError::EscapedLetter),
        ("[\\d]", PathError::EscapedLetter),
        ("[!-\\z]", PathError::EscapedLetter),
        ("[a", PathError::UnclosedClass),
        ("[]", PathError::UnclosedClass),
        ("[!]", PathError::UnclosedClass),
        ("[a/b]", PathError::UnclosedClass),
        ("[a-", PathError::UnclosedClass),
        ("[z-a]", PathError::ReversedRange),
        ("{a", PathError::UnclosedBrace),
        ("{a,{b}", PathError::UnclosedBrace),
        ("{a,b\\}", PathError::UnclosedBrace),
        (
            "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}",
            PathError::TooManyAlternatives,
        ),
        (&long, PathError::TooLong),
        (&long_once_canonical, PathError::TooLong),
    ];
    for (text, error) in cases {
        assert_eq!(PathPattern::parse(text), Err(error), "{text}");
    }
    pattern("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}");
    pattern(&long[1..]);
}

#[test]
fn files_are_matched() {
    let cases = [
        ("src", "src", true),
        ("src", "src/a/b", true),
        ("src", "srca", false),
        (".", "a/b", true),
        (".", "a//b", false),
        (".", "a/../b", false),
        (".", "", false),
        (".", "/a", false),
        ("?", "\0", false),
        ("src", "src/\0", false),
        ("?", "\n", true),
        ("docs/*", "docs/a", true),
        ("docs/*", "docs/a/b", false),
        ("docs/*/", "docs/a/b", true),
        ("a/**/b", "a/b", true),
        ("a/**/b", "a/x/y/b", true),
        ("a/**/b", "a/xb", false),
        ("\\[a\\]", "[a]", true),
        ("[!a-c]x", "dx", true),
        ("[!a-c]x", "bx", false),
        ("{a,b/*}.rs", "b/c.rs", true),
    ];
    for (text, file, expected) in cases {
        assert_eq!(pattern(text).matches(file), expected, "{text} and {file}");
    }
}

/// How they begin tells most patterns apart, and work that is used up leaves the answer open.
#[test]
fn patterns_are_told_apart_by_how_they_begin() {
    for (a, b, expected) in [
        ("da*", "db*", false),
        ("d*", "da", true),
        ("src/[id]", "src/[id]/x", true),
        ("src/\\[id]*", "src/[id]", true),
        ("src", "src/{a,b}", true),
        ("srca", "src/{a,b}", false),
        ("**/a", "x/a", true),
    ] {
        assert_eq!(pattern(a).overlaps(&pattern(b)), expected, "{a} and {b}");
        let mut none = super::Work(0);
        let within = pattern(a).overlaps_within(&pattern(b), &mut none);
        assert!(within.is_none_or(|is| is == expected), "{a} and {b}");
    }
    assert_eq!(
        pattern("d*").overlaps_within(&pattern("da*"), &mut super::Work(0)),
        None
    );
    assert!(!pattern("d[ab]").matches("ca"));
}

/// Braces share states, so the automaton stays of the size of the text and the walk of two of
/// them stays short; were the alternatives spelled out, this would take minutes.
#[test]
fn nasty_patterns_stay_small() {
    let braces = "{a,b}{a,}{,b}{a,*}{*,b}{?,*}";
    let stars = "*a?".repeat(74);
    let texts = [
        format!("{braces}{stars}a"),
        format!("{stars}{braces}b"),
        format!("{}{braces}c", "**/*a/".repeat(37)),
    ];
    for a in &texts {
        assert!(pattern(a).nfa().states.len() <= 4 * MAX_BYTES + 2);
        for b in &texts {
            assert_eq!(pattern(a).overlaps(&pattern(b)), a == b, "{a} and {b}");
        }
    }
}
