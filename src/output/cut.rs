//! Lines that are cut to the width of a terminal: `cut_lines`, [`cut_end`], [`cut_middle`].
//!
//! Owns how a line is cut between two graphemes, by the columns that it takes, so that it is one
//! line on the terminal, too. Never decides how wide one may be.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::table::wrap::{self, Wrap, prefix, suffix};

/// What a line ends with that was cut; one column wide.
const CUT: char = '…';

/// Returns how many columns a text takes.
pub fn width(text: &str) -> usize {
    wrap::width(text)
}

/// Returns a line with its end cut off, if it takes more columns.
pub fn cut_end(line: &str, columns: usize) -> String {
    match width(line) <= columns {
        true => line.to_owned(),
        false => with_cut(prefix(line, columns.saturating_sub(1)), "", columns),
    }
}

/// Returns a line with its start cut off, if it takes more columns.
pub fn cut_start(line: &str, columns: usize) -> String {
    match width(line) <= columns {
        true => line.to_owned(),
        false => with_cut("", suffix(line, columns.saturating_sub(1)), columns),
    }
}

/// Returns a line without its middle, if it takes more columns: names differ at their ends.
pub fn cut_middle(line: &str, columns: usize) -> String {
    if width(line) <= columns {
        return line.to_owned();
    }
    let room = columns.saturating_sub(1);
    with_cut(
        prefix(line, room - room / 2),
        suffix(line, room / 2),
        columns,
    )
}

fn with_cut(head: &str, tail: &str, columns: usize) -> String {
    match columns {
        0 => String::new(),
        _ => format!("{head}{CUT}{tail}"),
    }
}

/// Returns a line in lines of at most this many columns, broken at spaces where that is possible.
/// An empty line is one line.
pub fn wrap(line: &str, columns: usize) -> Vec<String> {
    let parts: Vec<String> = Wrap::new(line, columns.max(1)).map(str::to_owned).collect();
    match parts.is_empty() {
        true => vec![String::new()],
        false => parts,
    }
}

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
    fn a_line_is_cut_at_either_end_or_inside() {
        let line = "abcdefgh";
        for (columns, parts) in [
            (8, ["abcdefgh", "abcdefgh", "abcdefgh"]),
            (5, ["abcd…", "ab…gh", "…efgh"]),
            (2, ["a…", "a…", "…h"]),
            (1, ["…", "…", "…"]),
            (0, ["", "", ""]),
        ] {
            let cut = [
                cut_end(line, columns),
                cut_middle(line, columns),
                cut_start(line, columns),
            ];
            assert_eq!(cut, parts, "{columns}");
        }
        assert_eq!(cut_middle("日本語日本語", 6), "日…語");
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(wrap("ab cd", 3), ["ab", "cd"]);
    }

    #[test]
    fn a_style_takes_no_room_and_ends_in_its_line() {
        let line = format!("{BOLD}abc{BOLD:#}def\n");
        assert_eq!(cut_lines(&line, 6), line);
        assert_eq!(cut_lines(&line, 2), format!("{BOLD}a…{BOLD:#}\n"));
    }
}
