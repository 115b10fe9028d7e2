//! Lines that are cut to the width of a terminal: [`cut_lines`].
//!
//! Owns how a line with styles is cut between two graphemes, by the columns that it takes, so that
//! it is one line on the terminal, too. Never breaks a line, never decides how wide one may be.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// What a line ends with that was cut; one column wide.
const CUT: char = '…';

/// Returns `text` with each line cut to `columns`. Styles that a line begins end in it.
pub(super) fn cut_lines(text: &str, columns: usize) -> String {
    let fits = |line: &str| line.len() <= columns;
    if text.lines().all(fits) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match fits(line) {
            true => out.push_str(line),
            false => push_cut(&mut out, line, columns.max(1)),
        }
        out.push('\n');
    }
    out
}

/// A part of a line: a code that sets a style, or what is shown.
enum Part<'l> {
    Style(&'l str),
    Shown(&'l str),
}

/// Returns the parts of a line, in order.
fn parts(mut line: &str) -> impl Iterator<Item = Part<'_>> {
    std::iter::from_fn(move || {
        let first = line.chars().next()?;
        let code = line
            .starts_with("\u{1b}[")
            .then(|| line.find('m'))
            .flatten();
        let (part, rest) = match code {
            Some(end) => {
                let (code, rest) = line.split_at(end + 1);
                (Part::Style(code), rest)
            }
            // An escape that is no style is shown as it is; what comes here has none.
            None => {
                let behind = first.len_utf8();
                let end = line[behind..].find('\u{1b}').map(|at| at + behind);
                let (shown, rest) = line.split_at(end.unwrap_or(line.len()));
                (Part::Shown(shown), rest)
            }
        };
        line = rest;
        Some(part)
    })
}

fn push_cut(out: &mut String, line: &str, columns: usize) {
    let all: usize = parts(line)
        .map(|part| match part {
            Part::Style(_) => 0,
            Part::Shown(text) => text.width(),
        })
        .sum();
    if all <= columns {
        return out.push_str(line);
    }
    let (mut left, mut is_cut, mut is_quoted) = (columns, false, false);
    for part in parts(line) {
        let text = match part {
            Part::Style(code) => {
                out.push_str(code);
                continue;
            }
            Part::Shown(_) if is_cut => continue,
            Part::Shown(text) => text,
        };
        for grapheme in text.graphemes(true) {
            // What is cut in quotes has its end, too.
            let end = 1 + usize::from(is_quoted);
            let width = grapheme.width();
            if width + end > left {
                is_cut = true;
                if left > 0 {
                    out.push(CUT);
                }
                if left > 1 && is_quoted {
                    out.push('"');
                }
                break;
            }
            is_quoted ^= grapheme == "\"";
            out.push_str(grapheme);
            left -= width;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::style::BOLD;

    #[test]
    fn lines_are_cut_by_the_columns_that_they_take() {
        for (line, columns, cut) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("a \"bcdef\" g", 7, "a \"bc…\""),
            ("a \"b\" cdef", 8, "a \"b\" c…"),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("ae\u{301}b", 2, "a…"),
            ("abc", 0, "…"),
        ] {
            assert_eq!(cut_lines(line, columns).trim_end(), cut, "{line} {columns}");
        }
    }

    #[test]
    fn a_style_takes_no_room_and_ends_in_its_line() {
        let line = format!("{BOLD}abc{BOLD:#}def\n");
        assert_eq!(cut_lines(&line, 6), line);
        assert_eq!(cut_lines(&line, 2), format!("{BOLD}a…{BOLD:#}\n"));
    }
}
