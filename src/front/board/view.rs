//! The board as a frame of a terminal: [`view`].
//!
//! Owns where each part stands at each size, and how a row is fitted into its columns. Pure: a
//! state and a frame, nothing else. Never knows a key.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use super::look::Look;
use super::sections::{Row, Screen, Section};
use super::shares::{shares, window};
use super::state::{Mode, State};
use super::{details, keys};
use crate::output::cut::{cut_end, cut_middle, cut_start, width};

/// From this many columns on, sections stand side by side.
const WIDE: u16 = 120;
/// The space between two columns of sections.
const GAP: u16 = 2;
/// The sections that stand on the left where there are two columns.
const ON_THE_LEFT: [&str; 3] = ["Notes", "In flight", "Turns"];
/// The columns of the sign before a row, and the spaces between its parts.
const SIGN: usize = 2;
const SPACE: usize = 2;

/// Draws the board.
pub(super) fn view(state: &State, look: Look, frame: &mut Frame<'_>) {
    let area = frame.area();
    frame.render_widget(Clear, area);
    let (head, body, foot) = parts(area, state.mode == Mode::Still);
    let shown = state.shown();
    if let Some(area) = head {
        frame.render_widget(title(&shown, look, area.width), area);
    }
    match &state.mode {
        Mode::Details(from) => {
            let row = state.row();
            lines(frame, body, &details::of(row.as_ref(), body.width), *from);
        }
        Mode::Keys => {
            lines(
                frame,
                body,
                &details::wrapped(&keys::lines(), body.width),
                0,
            );
        }
        _ => rows(state, &shown, look, frame, body),
    }
    if let Some(area) = foot {
        frame.render_widget(footer(state, look, area.width), area);
    }
}

/// Returns how many lines a screen needs at this width so that nothing is left out.
pub(super) fn height(screen: &Screen, width: u16) -> u16 {
    let lines = columns(screen, Rect::new(0, 0, width, 1)).into_iter();
    let lines = lines.map(|(_, sections)| {
        let rows = sections.iter().map(|(_, section)| section.rows.len() + 1);
        rows.sum::<usize>()
    });
    u16::try_from(lines.max().unwrap_or(0) + 1).unwrap_or(u16::MAX)
}

/// Returns where the head, the rows and the foot stand. Where there is little room, the rows stay.
fn parts(area: Rect, is_still: bool) -> (Option<Rect>, Rect, Option<Rect>) {
    let line = |y: u16| Rect::new(area.x, y, area.width, 1);
    let body = |from: u16, height: u16| Rect::new(area.x, area.y + from, area.width, height);
    let last = area.bottom().saturating_sub(1);
    match (area.height, is_still) {
        (0 | 1, _) => (None, area, None),
        (height, true) => (Some(line(area.y)), body(1, height - 1), None),
        (2, false) => (None, body(0, 1), Some(line(last))),
        (height, false) => (Some(line(area.y)), body(1, height - 2), Some(line(last))),
    }
}

fn title(screen: &Screen, look: Look, columns: u16) -> Line<'static> {
    let columns = usize::from(columns);
    let right = cut_end(&screen.remote, columns / 2);
    let left = columns.saturating_sub(width(&right) + SPACE);
    let left = padded(&screen.head, left, cut_end);
    let gap = " ".repeat(columns.saturating_sub(width(&left) + width(&right)));
    Line::from(format!("{left}{gap}{right}")).style(look.title())
}

/// Returns what is typed or asked, what was said last, or what the keys do.
fn footer(state: &State, look: Look, columns: u16) -> Line<'static> {
    let columns = usize::from(columns);
    let typing = |before: &str, text: &str| {
        let room = columns.saturating_sub(width(before) + 1);
        let text = format!("{before}{}_", cut_start(text, room));
        Line::from(cut_end(&text, columns)).style(look.strong())
    };
    match &state.mode {
        Mode::Filter => typing("/", &state.filter),
        Mode::Write(to, text) => {
            let before = format!("Tell {}: ", to.session);
            typing(&cut_middle(&before, columns / 2), text)
        }
        Mode::Ask(question, _) => {
            let answers = "  y yes  n no";
            let room = columns.saturating_sub(width(answers));
            let line = format!("{}{answers}", cut_middle(question, room));
            Line::from(cut_end(&line, columns)).style(look.trouble())
        }
        _ if !state.said.is_empty() => {
            Line::from(cut_end(&state.said, columns)).style(look.strong())
        }
        Mode::Details(_) => Line::from(cut_end(keys::IN_DETAILS, columns)).style(look.quiet()),
        Mode::Keys => Line::from(cut_end(keys::IN_KEYS, columns)).style(look.quiet()),
        Mode::Rows if !state.filter.is_empty() => {
            let line = format!("/{}  esc all rows  {}", state.filter, keys::IN_ROWS);
            Line::from(cut_end(&line, columns)).style(look.quiet())
        }
        Mode::Rows | Mode::Still => Line::from(cut_end(keys::IN_ROWS, columns)).style(look.quiet()),
    }
}

/// Draws lines from one on.
fn lines(frame: &mut Frame<'_>, area: Rect, all: &[String], from: usize) {
    let shown = all.iter().skip(from).take(area.height.into());
    let shown: Vec<Line<'_>> = shown.map(|line| Line::from(line.as_str())).collect();
    frame.render_widget(Paragraph::new(shown), area);
}

/// A section with the place of its first row among all.
type Placed<'s> = (usize, &'s Section);

/// Returns the columns of sections: one, or two side by side where there is room.
fn columns(screen: &Screen, area: Rect) -> Vec<(Rect, Vec<Placed<'_>>)> {
    let mut start = 0;
    let placed = screen.sections.iter().map(|section| {
        let placed = (start, section);
        start += section.rows.len();
        placed
    });
    let all: Vec<Placed<'_>> = placed.collect();
    if area.width < WIDE {
        return vec![(area, all)];
    }
    let is_left = |one: &Placed<'_>| ON_THE_LEFT.contains(&one.1.title);
    let (left, right): (Vec<_>, Vec<_>) = all.iter().partition(|one| is_left(one));
    if left.is_empty() || right.is_empty() {
        return vec![(area, all)];
    }
    let half = (area.width - GAP) / 2;
    let right_at = area.x + half + GAP;
    let right_width = area.width - half - GAP;
    vec![
        (Rect::new(area.x, area.y, half, area.height), left),
        (Rect::new(right_at, area.y, right_width, area.height), right),
    ]
}

fn rows(state: &State, screen: &Screen, look: Look, frame: &mut Frame<'_>, area: Rect) {
    let selected = (state.mode != Mode::Still).then_some(state.selected.1);
    for (area, sections) in columns(screen, area) {
        let lines = column(&sections, area, selected, look);
        frame.render_widget(Paragraph::new(lines), area);
    }
}

/// Returns the lines of a column.
fn column(
    sections: &[Placed<'_>],
    area: Rect,
    selected: Option<usize>,
    look: Look,
) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let within = |one: &Placed<'_>| {
        let at = selected?.checked_sub(one.0)?;
        (at < one.1.rows.len()).then_some(at)
    };
    let focus = sections.iter().position(|one| within(one).is_some());
    let counts: Vec<usize> = sections
        .iter()
        .map(|(_, section)| section.rows.len())
        .collect();
    let height = usize::from(area.height);
    let shown = shares(&counts, height, focus);
    // A line between sections where nothing is left out for it.
    let needed = counts.iter().map(|count| count + 2).sum::<usize>();
    let has_gaps = needed <= height + 1;
    let mut lines = Vec::new();
    for (placed, count) in sections.iter().zip(shown) {
        let Some(count) = count else { continue };
        let at = within(placed);
        let first = window(placed.1.rows.len(), count, at);
        if has_gaps && !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(heading(placed.1, (first, count), columns, look));
        let rows: Vec<&Row> = placed.1.rows.iter().skip(first).take(count).collect();
        let widths = Widths::of(&rows, columns);
        lines.extend(rows.iter().enumerate().map(|(n, row)| {
            let line = widths.line(row, look);
            match at == Some(first + n) {
                true => line.style(look.selected()),
                false => line,
            }
        }));
    }
    if lines.is_empty() {
        // One line is left: the selected row is worth more than a name.
        let row = sections.iter().find_map(|one| one.1.rows.get(within(one)?));
        lines.extend(row.map(|row| {
            let line = Widths::of(&[row], columns).line(row, look);
            line.style(look.selected())
        }));
    }
    lines
}

/// Returns the line above the rows of a section: its name, and which of its rows are seen.
fn heading(
    section: &Section,
    (first, count): (usize, usize),
    columns: usize,
    look: Look,
) -> Line<'static> {
    let all = section.rows.len();
    let seen = match count < all {
        true => format!("  {}-{} of {all}", first + 1, first + count),
        false => String::new(),
    };
    let title = cut_end(section.title, columns);
    let room = columns.saturating_sub(width(&title) + width(&seen));
    let summary = match section.summary.is_empty() {
        true => String::new(),
        false => cut_end(&format!("  {}", section.summary), room),
    };
    Line::from(vec![
        Span::styled(title, look.heading()),
        Span::styled(summary, look.quiet()),
        Span::styled(seen, look.strong()),
    ])
}

/// How wide the parts of the rows of a section are.
struct Widths {
    name: usize,
    who: usize,
    what: usize,
    when: usize,
}

impl Widths {
    fn of(rows: &[&Row], columns: usize) -> Self {
        let widest = |part: fn(&Row) -> &String| {
            let widths = rows.iter().map(|row| width(part(row)));
            widths.max().unwrap_or(0)
        };
        let when = widest(|row| &row.when).min(columns / 5);
        let name = widest(|row| &row.name).min(columns * 2 / 5);
        let who = widest(|row| &row.who).min(columns / 4);
        let gaps = [name, who, when].iter().filter(|width| **width > 0).count() * SPACE;
        let taken = SIGN + name + who + when + gaps;
        Self {
            name,
            who,
            what: columns.saturating_sub(taken),
            when,
        }
    }

    fn line(&self, row: &Row, look: Look) -> Line<'static> {
        let style = look.of(row.mark);
        let part = |text: &str, width: usize, cut: fn(&str, usize) -> String| match width {
            0 => String::new(),
            width => padded(text, width, cut) + &" ".repeat(SPACE),
        };
        let sign = format!("{:<SIGN$}", row.mark.sign());
        let gap = if self.when > 0 { SPACE } else { 0 };
        Line::from(vec![
            Span::styled(sign, style),
            Span::styled(part(&row.name, self.name, cut_middle), style),
            Span::raw(part(&row.who, self.who, cut_middle)),
            Span::raw(padded(&row.what, self.what, cut_end)),
            Span::raw(" ".repeat(gap)),
            Span::styled(aligned(&row.when, self.when), look.quiet()),
        ])
    }
}

/// Returns a text of exactly this width, with spaces behind it.
fn padded(text: &str, columns: usize, cut: fn(&str, usize) -> String) -> String {
    let text = cut(text, columns);
    let rest = columns.saturating_sub(width(&text));
    text + &" ".repeat(rest)
}

/// Returns a text of exactly this width, with spaces before it.
fn aligned(text: &str, columns: usize) -> String {
    let text = cut_end(text, columns);
    let rest = columns.saturating_sub(width(&text));
    " ".repeat(rest) + &text
}

#[cfg(test)]
pub(super) mod tests;
