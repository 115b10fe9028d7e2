//! Tables that fit the terminal.
//!
//! Owns the layout of columns, in a [`Table`]: no borders, two spaces between, a row a line, cells
//! cut with `…` where the terminal is narrow, in the style that they were added with. Never
//! measures time.

mod fit;
pub(in crate::output) mod wrap;

use std::fmt::{Display, Write as _};

use anstyle::Style;

use super::style::BOLD;
use fit::{Fit, Order};
use wrap::{Wrap, prefix, suffix, width};

/// Narrower than this nothing can be read; rather let the terminal wrap.
const WIDTH_MIN: usize = 40;
/// Spaces behind each column.
const GAP: usize = 2;
/// A column that needs this many fewer than its share leaves them to the others.
const SPARE_MIN: usize = 3;
/// The least width of a column without a name that has anything wider.
const CELL_MIN: usize = 4;
/// How far a line below a row is indented.
const INDENT: usize = 6;
/// What a cell ends with that was cut; one column wide.
const CUT: &str = "…";
/// What it ends with if it was in quotes; two columns wide.
const CUT_IN_QUOTES: &str = "…\"";
const SPACES: &str = "                                                                ";

/// Rows of cells below a header.
pub(super) struct Table<'h> {
    header: &'h [&'h str],
    /// All cells, row by row.
    text: String,
    /// Where each cell ends, and how wide it is.
    ends: Vec<(usize, usize)>,
    /// The width of the widest cell of each column.
    widest: Vec<usize>,
    /// Which columns give way where there is no room; none if it has no columns that are kept.
    order: Order<'h>,
    /// Whether the names of columns stand out.
    bolds: bool,
    /// The cells that have a style, by their numbers, in order.
    styles: Vec<(usize, Style)>,
}

impl<'h> Table<'h> {
    /// Returns a table without rows, with a column for each word of the header.
    pub(super) fn new(header: &'h [&'h str]) -> Self {
        Self {
            header,
            text: String::new(),
            ends: Vec::new(),
            widest: header.iter().map(|name| width(name).max(1)).collect(),
            order: Order::default(),
            bolds: false,
            styles: Vec::new(),
        }
    }

    /// Cuts the cells of these columns in the middle, since ids and labels differ at their ends;
    /// each has the least width at which it can be read.
    pub(super) fn cutting_in_the_middle(mut self, columns: &'h [(usize, usize)]) -> Self {
        self.order.middles = columns;
        self
    }

    /// Lets the names of columns stand out, if `has_styles`.
    pub(super) fn with_styles(mut self, has_styles: bool) -> Self {
        self.bolds = has_styles;
        self
    }

    /// Gives these columns what they need, in this order, before the others; the names of columns
    /// are not broken.
    pub(super) fn keeping(mut self, columns: &'h [usize]) -> Self {
        self.order.kept = columns;
        self
    }

    /// Lets columns give way before cells are cut to less than can be read: first those in
    /// `dropped` are left out, the first one first; then those in `below` go into a line below
    /// their row.
    pub(super) fn giving_way(mut self, dropped: &'h [usize], below: &'h [usize]) -> Self {
        self.order.dropped = dropped;
        self.order.below = below;
        self
    }

    /// Adds the next cell, which is one line; a row is full with as many as there are columns.
    pub(super) fn cell(&mut self, cell: impl Display) {
        let (start, column) = (self.text.len(), self.ends.len() % self.header.len());
        // Writing into a text does not fail.
        let _ = write!(self.text, "{cell}");
        let width = width(&self.text[start..]);
        self.ends.push((self.text.len(), width));
        self.widest[column] = self.widest[column].max(width);
    }

    /// Adds the next cell in a style.
    pub(super) fn styled(&mut self, style: Style, cell: impl Display) {
        self.cell(cell);
        if self.ends.last().is_some_and(|(_, width)| *width > 0) {
            self.styles.push((self.ends.len() - 1, style));
        }
    }

    /// Returns the lines of the table, none wider than `width` columns where that is possible.
    pub(super) fn render(&self, width: usize) -> String {
        let width = width.clamp(WIDTH_MIN, u16::MAX.into());
        let fit = self.arrange(width);
        let mut out = String::with_capacity(self.text.len() * 2);
        self.render_header(&fit.widths, &mut out);
        self.render_rows(&fit, width, &mut out, &mut |_| {});
        out
    }

    /// Returns the rows alone, as [`Self::render`] does, each with its lines.
    pub(super) fn rows(&self, width: usize) -> Vec<String> {
        let width = width.clamp(WIDTH_MIN, u16::MAX.into());
        let (mut out, mut ends) = (String::with_capacity(self.text.len() * 2), Vec::new());
        self.render_rows(&self.arrange(width), width, &mut out, &mut |out| {
            ends.push(out.len());
        });
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let spans = starts.zip(&ends).map(|(start, end)| start..*end);
        spans.map(|span| out[span].to_owned()).collect()
    }

    /// Adds the rows; `ended` is called behind each.
    fn render_rows(
        &self,
        fit: &Fit,
        line_width: usize,
        out: &mut String,
        ended: &mut dyn FnMut(&str),
    ) {
        let columns = self.header.len();
        let mut styles = self.styles.iter().peekable();
        for row in 0..self.ends.len() / columns {
            let cells = row * columns..(row + 1) * columns;
            let mut styled = vec![None; columns];
            while let Some((cell, style)) = styles.next_if(|(cell, _)| *cell < cells.end) {
                styled[cell - cells.start] = Some(style);
            }
            let line = out.len();
            for (column, width) in fit.widths.iter().enumerate() {
                let Some(width) = *width else { continue };
                let left = dressed(styled[column], out, |out| {
                    self.render_cell((row, column), width, out)
                });
                pad(out, left);
            }
            end_line(out, line);
            self.render_below(row, fit, (&styled, line_width), out);
            ended(out);
        }
    }

    /// Adds the line below a row, if anything is to stand there.
    fn render_below(
        &self,
        row: usize,
        fit: &Fit,
        (styles, line_width): (&[Option<&Style>], usize),
        out: &mut String,
    ) {
        let (line, mut left) = (out.len(), line_width.saturating_sub(INDENT));
        let shown = fit.below.iter().filter(|at| self.at(row, **at).1 > 0);
        for column in shown {
            match out.len() == line {
                true => pad(out, INDENT - GAP),
                false => pad(out, 0),
            }
            let width = self.at(row, *column).1.min(left);
            dressed(styles[*column], out, |out| {
                self.render_cell((row, *column), width, out)
            });
            left = left.saturating_sub(width + GAP);
            if left < CELL_MIN {
                break;
            }
        }
        if out.len() > line {
            end_line(out, line);
        }
    }

    /// Adds a cell, and returns how much of its width it leaves.
    fn render_cell(&self, (row, column): (usize, usize), width: usize, out: &mut String) -> usize {
        let (cell, needed) = self.at(row, column);
        if needed <= width {
            out.push_str(cell);
            return width - needed;
        }
        let is_cut_inside = self.order.middles.iter().any(|(at, _)| *at == column);
        if is_cut_inside && width > self::width(CUT) {
            let room = width - self::width(CUT);
            let (head, tail) = (prefix(cell, room - room / 2), suffix(cell, room / 2));
            let taken = self::width(head) + self::width(tail);
            out.push_str(head);
            out.push_str(CUT);
            out.push_str(tail);
            return room.saturating_sub(taken);
        }
        let mut parts = Wrap::new(cell, width);
        let first = parts.next().unwrap_or_default();
        if parts.next().is_none() {
            out.push_str(first);
            return width.saturating_sub(self::width(first));
        }
        let cut = mark_of_a_cut(cell, width);
        let room = width - self::width(cut);
        let kept = prefix(first, room);
        out.push_str(kept);
        out.push_str(cut);
        room.saturating_sub(self::width(kept))
    }

    /// The names of columns are not cut; they go on in the next line.
    fn render_header(&self, widths: &[Option<usize>], out: &mut String) {
        if self.bolds {
            let _ = write!(out, "{BOLD}");
        }
        self.render_names(widths, out);
        if self.bolds {
            // The style ends within the line.
            out.pop();
            let _ = writeln!(out, "{BOLD:#}");
        }
    }

    fn render_names(&self, widths: &[Option<usize>], out: &mut String) {
        let names = self.header.iter().zip(widths);
        let shown = names.filter_map(|(name, width)| Some((name, (*width)?)));
        let (mut names, widths): (Vec<_>, Vec<usize>) = shown
            .map(|(name, width)| (Wrap::new(name, width), width))
            .unzip();
        loop {
            let parts: Vec<_> = names.iter_mut().map(Iterator::next).collect();
            if parts.iter().all(Option::is_none) {
                break;
            }
            let line = out.len();
            for (part, width) in parts.into_iter().zip(&widths) {
                let part = part.unwrap_or_default();
                out.push_str(part);
                pad(out, width.saturating_sub(self::width(part)));
            }
            end_line(out, line);
        }
    }

    /// Returns a cell, and how wide it is.
    fn at(&self, row: usize, column: usize) -> (&str, usize) {
        let n = row * self.header.len() + column;
        let start = n.checked_sub(1).map_or(0, |before| self.ends[before].0);
        let (end, width) = self.ends[n];
        (&self.text[start..end], width)
    }

    /// Returns the layout. Where no column is kept, one that needs no more than its share of what
    /// is left has what it needs, and one that needs less once it is wrapped has that; the others
    /// share the rest.
    fn arrange(&self, width: usize) -> Fit {
        if !self.order.kept.is_empty() {
            let names = self.header.iter().map(|name| self::width(name));
            return Fit::of(&self.order, &self.widest, &names.collect::<Vec<_>>(), width);
        }
        let mut widths = vec![0; self.widest.len()];
        let mut left = Left {
            width: width.saturating_sub(GAP * widths.len()),
            columns: widths.len(),
        };
        let fits = |column: usize, share: usize| {
            let widest = self.widest[column];
            (widest <= share).then_some(widest)
        };
        left.settle(&mut widths, &fits);
        let wrapped = |column: usize, share: usize| self.wrapped(column, share);
        left.settle(&mut widths, &wrapped);
        left.spread(&mut widths);
        Fit::beside(widths)
    }

    /// Returns the width of a column whose cells are wrapped into its share, where that spares
    /// something.
    fn wrapped(&self, column: usize, share: usize) -> Option<usize> {
        let enough = share.checked_sub(SPARE_MIN)?;
        let mut widest = 0;
        let rows = 0..self.ends.len() / self.header.len();
        let cells = rows.map(|row| self.at(row, column).0);
        for cell in std::iter::once(self.header[column]).chain(cells) {
            for part in Wrap::new(cell, share) {
                widest = widest.max(width(part));
                if widest > enough {
                    return None;
                }
            }
        }
        Some(widest)
    }
}

/// What is left for columns whose width is not settled: it is 0.
struct Left {
    width: usize,
    columns: usize,
}

impl Left {
    fn share(&self) -> usize {
        self.width.checked_div(self.columns).unwrap_or(0)
    }

    /// Settles what `needs` answers for a column and its share, until it answers nothing new.
    fn settle(&mut self, widths: &mut [usize], needs: &dyn Fn(usize, usize) -> Option<usize>) {
        let mut goes_on = true;
        while goes_on && self.share() > 0 {
            goes_on = false;
            for (column, width) in widths
                .iter_mut()
                .enumerate()
                .filter(|(_, width)| **width == 0)
            {
                if let Some(needed) = needs(column, self.share()) {
                    *width = needed.max(1);
                    self.width = self.width.saturating_sub(needed);
                    self.columns -= 1;
                    goes_on = true;
                }
            }
        }
    }

    /// Spreads what is left evenly, the first columns one wider where it does not come out even.
    fn spread(&self, widths: &mut [usize]) {
        let width = self.width.max(self.columns);
        let open = widths.iter_mut().filter(|width| **width == 0);
        for (n, open) in open.enumerate() {
            *open = width / self.columns + usize::from(n < width % self.columns);
        }
    }
}

/// Adds what `add` adds, in a style if it has one.
fn dressed<T>(style: Option<&Style>, out: &mut String, add: impl FnOnce(&mut String) -> T) -> T {
    if let Some(style) = style {
        let _ = write!(out, "{style}");
    }
    let added = add(out);
    if let Some(style) = style {
        let _ = write!(out, "{style:#}");
    }
    added
}

/// Returns what a cell ends with that was cut: quotes are closed again, if there is room.
fn mark_of_a_cut(cell: &str, width: usize) -> &'static str {
    match cell.ends_with('"') && width > self::width(CUT_IN_QUOTES) {
        true => CUT_IN_QUOTES,
        false => CUT,
    }
}

/// Fills the columns that a cell leaves, and the gap behind it.
fn pad(out: &mut String, left: usize) {
    let mut count = left + GAP;
    while count > 0 {
        let some = count.min(SPACES.len());
        out.push_str(&SPACES[..some]);
        count -= some;
    }
}

fn end_line(out: &mut String, start: usize) {
    let length = out[start..].trim_end().len();
    out.truncate(start + length);
    out.push('\n');
}

#[cfg(test)]
mod tests;
