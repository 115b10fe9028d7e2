//! The wrapping of a line into a narrow column.
//!
//! Owns how wide a text is on a terminal and where it may be broken, in a [`Wrap`]: at a space
//! where that does not waste much, between two graphemes otherwise. Never pads, never cuts.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// So little room behind a word is left empty, rather than to break the next one.
const ROOM_LEFT_MAX: usize = 2;

/// Returns whether every byte is one column.
fn is_plain(text: &str) -> bool {
    // A loop without a way out takes many bytes at a time.
    text.bytes()
        .fold(true, |all, byte| all & matches!(byte, 0x20..0x7f))
}

/// Returns how many columns a text takes.
pub(in crate::output) fn width(text: &str) -> usize {
    if is_plain(text) {
        text.len()
    } else {
        text.width()
    }
}

/// Returns as many whole graphemes from the start of a text as fit into this many columns.
pub(in crate::output) fn prefix(text: &str, columns: usize) -> &str {
    if is_plain(text) {
        return &text[..text.len().min(columns)];
    }
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += width(grapheme);
        if used > columns {
            return &text[..at];
        }
    }
    text
}

/// Returns as many whole graphemes from the end of a text as fit into this many columns.
pub(in crate::output) fn suffix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        used += width(grapheme);
        if used > columns {
            return &text[at + grapheme.len()..];
        }
    }
    text
}

/// The parts of a text that go below each other in a column. What fits is one part as it is; in
/// what is broken, spaces at the start of a part are dropped.
pub(in crate::output) struct Wrap<'t> {
    text: &'t str,
    columns: usize,
    /// Whether all of it is one part.
    fits: bool,
    /// Where the next word starts.
    at: Option<usize>,
}

impl<'t> Wrap<'t> {
    /// Wraps a text that is one line into this many columns, of which there is at least one.
    pub(in crate::output) fn new(text: &'t str, columns: usize) -> Self {
        Self {
            text,
            columns,
            fits: width(text) <= columns,
            at: Some(0),
        }
    }

    /// Returns where a word that is wider than a line is broken: behind what fits into `room`. At
    /// the start of a line a first character stays there even where it is too wide.
    fn split(word: &str, room: usize, starts: bool) -> usize {
        match prefix(word, room).len() {
            0 if starts => word.chars().next().map_or(0, char::len_utf8),
            length => length,
        }
    }
}

impl<'t> Iterator for Wrap<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        if self.fits {
            return self.at.take().map(|_| self.text);
        }
        let text = self.text;
        let (mut start, mut end, mut used) = (0, 0, 0);
        while let Some(at) = self.at {
            let starts = start == end;
            let word = text[at..].split(' ').next().unwrap_or_default();
            let (needed, behind) = (width(word), at + word.len());
            let taken = used + usize::from(!starts);
            if taken + needed <= self.columns {
                start = if starts { at } else { start };
                (end, used) = (behind, taken + needed);
                self.at = (behind < text.len()).then_some(behind + 1);
                if used > self.columns.saturating_sub(ROOM_LEFT_MAX) {
                    return Some(&text[start..end]);
                }
                continue;
            }
            let room = self.columns.saturating_sub(taken);
            if !starts && (room <= ROOM_LEFT_MAX || needed <= self.columns) {
                return Some(&text[start..end]);
            }
            let split = at + Self::split(word, room, starts);
            self.at = Some(split);
            return Some(&text[if starts { at } else { start }..split]);
        }
        (start < end).then(|| &text[start..end])
    }
}
