//! Tables that fit the terminal.
//!
//! Owns the layout of columns: no borders, two spaces between, cells cut with `…` where the
//! terminal is narrow. Never colours, never measures time.

use comfy_table::{ContentArrangement, Table, presets};

/// Narrower than this nothing can be read; rather let the terminal wrap.
const WIDTH_MIN: usize = 40;

pub fn render(header: &[&str], rows: Vec<Vec<String>>, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width.max(WIDTH_MIN)).unwrap_or(u16::MAX))
        .set_truncation_indicator("…")
        .set_header(header.to_vec());
    for row in rows {
        let mut row = comfy_table::Row::from(row);
        row.max_height(1);
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut out = String::new();
    for line in table.to_string().lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_and_lines_fit() {
        let rows = vec![vec!["node:a".into(), "x".repeat(300), "10:04".into()]];
        let text = render(&["RESOURCE", "PURPOSE", "SINCE"], rows, 60);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines.iter().all(|line| line.chars().count() <= 60),
            "{text}"
        );
        assert!(
            lines[1].contains('…') && lines[1].ends_with("10:04"),
            "{text}"
        );
    }
}
