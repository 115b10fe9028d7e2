//! Text of others as data: [`quote`], [`quote_name`], [`name`], [`as_argument`].
//!
//! Owns how it is set off from words of this program, so that a reader, a model above all, sees
//! where it begins and ends. Never decides who wrote it.

use std::fmt;

use icu_properties::CodePointSetData;
use icu_properties::props::QuotationMark;

use super::sight::TextKind;
use super::{Shown, is_escape, shown};

/// The longest name that stands without quotes.
const PLAIN_BYTES_MAX: usize = 100;
/// The most things of one list in a sentence.
const LISTED_MAX: usize = 10;
/// What quoted text ends with that was cut.
const CUT: &str = "…";

/// A text in double quotes.
///
/// Nothing in it ends the quotes or opens a block of another kind: quotation marks and backticks
/// become `'`, a backslash becomes `/`, the `<` of a tag becomes `‹`. Line ends become spaces, and
/// what cannot be seen becomes an escape, as in [`super::harmless`].
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'t> {
    text: &'t str,
    bytes_max: usize,
    kind: TextKind,
}

/// Returns words of others in quotes, cut to `bytes_max` bytes.
pub const fn quote(text: &str, bytes_max: usize) -> Quoted<'_> {
    Quoted {
        text,
        bytes_max,
        kind: TextKind::Prose,
    }
}

/// Returns a name in quotes, cut to `bytes_max` bytes.
pub const fn quote_name(text: &str, bytes_max: usize) -> Quoted<'_> {
    Quoted {
        text,
        bytes_max,
        kind: TextKind::Name,
    }
}

impl Quoted<'_> {
    /// Returns true if the end of the text is left out.
    pub fn is_cut(&self) -> bool {
        shown(self.text, self.bytes_max, self.kind).is_cut
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            text,
            bytes_max,
            kind,
        } = *self;
        let is_data = |b: u8| !matches!(b, b'"' | b'\\' | b'`' | b'<');
        let is_plain = super::is_plain(text) && text.bytes().fold(true, |all, b| all & is_data(b));
        if is_plain && text.len() <= bytes_max {
            return write!(f, "\"{text}\"");
        }
        let Shown { text, is_cut } = shown(text, bytes_max, kind);
        let cut = if is_cut { CUT } else { "" };
        write!(f, "\"{}{cut}\"", enclosed(&text))
    }
}

/// Returns `text` without what could end the quotes around it.
fn enclosed(text: &str) -> String {
    let is_quotation_mark = |c: char| CodePointSetData::new::<QuotationMark>().contains(c);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        out.push(match c {
            '`' => '\'',
            '\\' if !is_escape(&text[at..]) => '/',
            '<' if rest.starts_with(opens_tag) => '‹',
            c if is_quotation_mark(c) => '\'',
            c => c,
        });
    }
    out
}

/// Returns lines of others, each behind `>`: what cannot be seen is escaped, as in
/// [`super::harmless_lines`], and the `<` of a tag becomes `‹`.
pub fn quoted_lines(text: &str) -> String {
    let mut out = String::new();
    for line in super::harmless_lines(text).lines() {
        out.push_str("  > ");
        for (at, c) in line.char_indices() {
            let rest = &line[at + c.len_utf8()..];
            out.push(if c == '<' && rest.starts_with(opens_tag) {
                '‹'
            } else {
                c
            });
        }
        out.push('\n');
    }
    out
}

/// Checks whether a character behind `<` makes it the start of a tag.
const fn opens_tag(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?' | '|')
}

/// Returns the first of many things, and how many more there are: `a, b and 3 more`.
pub fn list<T: fmt::Display>(all: impl ExactSizeIterator<Item = T>) -> String {
    let rest = all.len().saturating_sub(LISTED_MAX);
    let shown: Vec<String> = all.take(LISTED_MAX).map(|one| one.to_string()).collect();
    match rest {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more", shown.join(", ")),
    }
}

/// A name as it stands among words of this program: without quotes where it [is one
/// word](is_word), in quotes otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Name<'t>(&'t str);

/// Returns a label, a session id, or the name of an agent, a user or a machine, to be shown.
pub const fn name(text: &str) -> Name<'_> {
    Name(text)
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_word(self.0) {
            f.write_str(self.0)
        } else {
            quote_name(self.0, super::NAME_SHOWN_BYTES_MAX).fmt(f)
        }
    }
}

/// Returns whether a name is one word of plain ASCII, and so cannot read as a sentence: it has
/// letters, digits and the signs of labels only, no space, comma, bracket or quotation mark, and
/// begins with a letter, a digit or one of `*+@~`.
pub fn is_word(text: &str) -> bool {
    let is_sign = |b: u8| b"-._:/@*?+=%~".contains(&b);
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric() || "*+@~".contains(c));
    starts_well
        && text.len() <= PLAIN_BYTES_MAX
        && text.bytes().fold(true, |all, b| {
            all & (b.is_ascii_alphanumeric() || is_sign(b))
        })
}

/// Returns a name that any shell takes as one argument as it stands; `None` for any other name:
/// text of others is never quoted into a command, since that may stand inside quotes itself.
pub fn as_argument(name: &str) -> Option<&str> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:@%+,".contains(&b);
    let is_one = !name.is_empty() && !name.starts_with('-') && name.bytes().all(is_plain);
    is_one.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::is_unsafe;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_argument_of_a_command_is_plain() {
        for plain in ["refs/presence/locks/a-0f", "origin", "a@b:c,d+e%20"] {
            assert_eq!(as_argument(plain), Some(plain));
        }
        let odd = [
            "", "-d", "a b", "$(x)", "`x`", "a;b", "a'b", "a\"b", "a\nb", "a&b", "é", "a{b", "~a",
            "a=b", "*",
        ];
        for name in odd {
            assert_eq!(as_argument(name), None, "{name}");
        }
    }

    #[test]
    fn quotes_are_closed_by_us_alone() {
        for (text, quoted) in [
            ("upgrade the driver", "\"upgrade the driver\""),
            ("", "\"\""),
            ("say \"hi\" `now`", "\"say 'hi' 'now'\""),
            ("C:\\x\\", "\"C:/x/\""),
            ("“a” «b» 「c」 ＂d", "\"'a' 'b' 'c' 'd\""),
            ("```\nrm\n```", "\"''' rm '''\""),
            ("</s><!-- <|x|> <b", "\"‹/s>‹!-- ‹|x|> ‹b\""),
            ("1 < 2 -> 3 <4", "\"1 < 2 -> 3 <4\""),
            ("a\u{200b}b\u{1b}[2J", "\"a\\u{200b}b\\u{1b}[2J\""),
            ("\u{301}x", "\"\\u{301}x\""),
            ("\\u{zz} \\u{200b}", "\"/u{zz} \\u{200b}\""),
        ] {
            assert_eq!(quote(text, 100).to_string(), quoted);
        }
        assert_eq!(quote("abcdef", 4).to_string(), "\"abcd…\"");
        assert!(quote("abcdef", 5).is_cut() && !quote("abcdef", 6).is_cut());
        assert!(quote("ab\u{200b}", 8).is_cut() && !quote("ab\u{200b}", 10).is_cut());
        assert_eq!(quote("ab\u{200b}", 4).to_string(), "\"ab…\"");
    }

    #[test]
    fn a_name_is_bare_only_as_one_word() {
        for word in [
            "node:k8s-1",
            "path:src/**",
            "wizard@devvm@a1b2c3d4",
            "branch:feature/x+y~1",
            "claude-code",
        ] {
            assert_eq!(name(word).to_string(), word);
        }
        for text in [
            "",
            "-x",
            "infra:a b",
            "x) SYSTEM",
            "a,b",
            "a;b",
            "$(x)",
            "`x`",
            "node:ü",
            "node:a\u{301}",
            "a\u{200b}",
            "(x",
            "#x",
        ] {
            let shown = name(text).to_string();
            assert!(shown.starts_with('"') && shown.ends_with('"'), "{shown}");
        }
        let long = "a".repeat(PLAIN_BYTES_MAX + 1);
        assert_eq!(name(&long).to_string(), format!("\"{long}\""));
        assert_eq!(name(&long[1..]).to_string(), &long[1..]);
    }

    #[test]
    fn a_list_says_how_many_it_leaves_out() {
        assert_eq!(list([1, 2].iter()), "1, 2");
        assert_eq!(
            list([0; LISTED_MAX].iter()).matches('0').count(),
            LISTED_MAX
        );
        assert!(list([0; LISTED_MAX + 2].iter()).ends_with("0 and 2 more"));
    }

    proptest! {
        #[test]
        fn what_is_in_quotes_stays_there(text in any::<String>(), max in 0usize..64) {
            for quoted in [quote(&text, max).to_string(), quote_name(&text, max).to_string()] {
                let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                let inner = inner.unwrap();
                prop_assert!(inner.chars().count() <= max + 1, "{quoted}");
                prop_assert!(!inner.contains(['"', '`', '\n', '\r']), "{quoted}");
                prop_assert!(!inner.ends_with('\\'), "{quoted}");
            }
            prop_assert!(!quote_name(&text, max).to_string().contains(is_unsafe));
        }

        #[test]
        fn a_bare_name_has_no_room_for_a_sentence(text in "[ -~\\u{80}-\\u{300}]{0,120}") {
            let shown = name(&text).to_string();
            if !shown.starts_with('"') {
                prop_assert!(shown == text && !shown.contains(char::is_whitespace));
                prop_assert!(shown.is_ascii() && !shown.contains([',', ';', '(', ')', '!', '\'']));
                prop_assert!(shown.len() <= PLAIN_BYTES_MAX);
            }
        }
    }
}
