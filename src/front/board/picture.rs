//! The picture of the board in docs/boards.md, made of a frame that the program draws.
//!
//! Owns how a frame becomes SVG. `UPDATE_DOCS=1 cargo test --lib front::board` writes it anew.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::frame::drawn;
use super::state::State;
use super::view::tests::scene;

const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/board.svg");
const SIZE: u16 = 14;
const ADVANCE: f64 = 8.4;
const LINE: u16 = 19;
const PAD: u16 = 14;
const BACKGROUND: &str = "#16181d";
const PLAIN: &str = "#d7dae0";
const FAINT: &str = "#8b909c";

fn color(cell: &Cell) -> &'static str {
    match cell.fg {
        Color::Yellow => "#f2c55c",
        Color::Green => "#6bd68a",
        Color::Magenta => "#c99bff",
        Color::Cyan => "#5fd0d0",
        _ if cell.modifier.contains(Modifier::DIM) => FAINT,
        _ => PLAIN,
    }
}

/// Returns a frame as SVG. Cells of one style are one text, so that its words can be found.
fn svg(buffer: &Buffer, title: &str) -> String {
    let (columns, lines) = (buffer.area.width, buffer.area.height);
    let width = (f64::from(columns) * ADVANCE).round() + f64::from(2 * PAD);
    let height = lines * LINE + 2 * PAD;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" font-size=\"{SIZE}\" font-family=\"ui-monospace, \
         SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\">\n<title>{title}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for (y, cells) in buffer.content().chunks(columns.into()).enumerate() {
        let top = f64::from(PAD) + y as f64 * f64::from(LINE);
        let mut x = 0;
        while x < cells.len() {
            let like = |cell: &Cell| cell.fg == cells[x].fg && cell.modifier == cells[x].modifier;
            let count = cells[x..].iter().take_while(|cell| like(cell)).count();
            let text: String = cells[x..x + count].iter().map(Cell::symbol).collect();
            let left = f64::from(PAD) + x as f64 * ADVANCE;
            push_text(&mut out, &cells[x], &text, (left, top));
            x += count;
        }
    }
    out.push_str("</svg>\n");
    out
}

fn push_text(out: &mut String, cell: &Cell, text: &str, (left, top): (f64, f64)) {
    let is_reversed = cell.modifier.contains(Modifier::REVERSED);
    let columns = text.chars().count() as f64 * ADVANCE;
    if is_reversed {
        let fill = color(cell);
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top}\" width=\"{columns:.1}\" height=\"{LINE}\" \
             fill=\"{fill}\"/>"
        );
    }
    if text.trim().is_empty() {
        return;
    }
    let fill = if is_reversed { BACKGROUND } else { color(cell) };
    let bold = match cell.modifier.contains(Modifier::BOLD) {
        true => " font-weight=\"bold\"",
        false => "",
    };
    let words = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let base = top + f64::from(SIZE);
    let _ = writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"{base}\" fill=\"{fill}\"{bold} textLength=\"{columns:.1}\" \
         xml:space=\"preserve\">{words}</text>"
    );
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "who runs the test asks for a new picture in the environment"
)]
fn the_picture_is_what_the_board_draws() {
    let state = State {
        screen: scene(),
        ..State::default()
    };
    let title = "The board in a terminal: claims in conflict, turns, tasks, messages and states";
    let drawn = svg(&drawn(&state, (80, 24)), title);
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        std::fs::write(PICTURE, &drawn).unwrap();
        return;
    }
    let written = std::fs::read_to_string(PICTURE).unwrap();
    assert!(
        drawn == written,
        "{PICTURE} is not what is drawn (UPDATE_DOCS=1 writes it anew)"
    );
}
