//! Tables as they look, and against the crate whose layout they keep.

use comfy_table::{ContentArrangement, presets};
use proptest::prelude::*;

use super::*;

fn ours(header: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let mut table = Table::new(header);
    for cell in rows.iter().flatten() {
        table.cell(cell);
    }
    table.render(width)
}

/// What these tables looked like first, and what they are to look like for as long as scripts
/// read them.
fn theirs(header: &[&str], rows: &[Vec<String>], width: usize) -> String {
    let mut table = comfy_table::Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width.max(WIDTH_MIN)).unwrap_or(u16::MAX))
        .set_truncation_indicator(CUT)
        .set_header(header.to_vec());
    for row in rows {
        let mut row = comfy_table::Row::from(row);
        row.max_height(1);
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let text = table.to_string();
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

#[test]
fn cells_are_cut_and_lines_fit() {
    let rows = vec![vec!["node:a".into(), "x".repeat(300), "10:04".into()]];
    let text = ours(&["RESOURCE", "PURPOSE", "SINCE"], &rows, 60);
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

#[test]
fn wide_characters_take_their_room() {
    let rows = [
        ["* node:日本", "説明 e\u{301}", "now"]
            .map(str::to_owned)
            .to_vec(),
        ["  a", "👩‍👩‍👧 family", "in 2 d"].map(str::to_owned).to_vec(),
    ];
    let text = ours(&["  RESOURCE", "PURPOSE", "EXPIRES"], &rows, 80);
    assert_eq!(
        text,
        "  RESOURCE   PURPOSE    EXPIRES\n\
         * node:日本  説明 e\u{301}     now\n  \
           a          👩‍👩‍👧 family  in 2 d\n"
    );
}

#[test]
fn quotes_that_were_cut_are_closed() {
    let rows = [["a", "(exclusive) \"drain the node and its disks\"", "x"]
        .map(str::to_owned)
        .to_vec()];
    let text = ours(&["A", "PURPOSE", "B"], &rows, 40);
    let line = text.lines().nth(1).unwrap();
    assert!(
        line.contains("\"drain the") && line.contains("…\"  x"),
        "{text}"
    );
    assert!(width(line) <= 40, "{text}");
}

/// Words, runs of spaces, wide and combined characters, and any character but controls, which no
/// cell holds, and quotation marks, which are closed again where a cell is cut.
fn cell() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-z0-9:/*-]{1,12}",
        4 => " {1,3}",
        1 => "[a-z]{20,70}",
        1 => "[日本語한국ｆ]{1,9}",
        1 => "(e\u{301}|👩‍👩‍👧|🙂‍↕️|🇩🇪|❤️|\u{200d}|\u{301}|…|ﷺ){1,4}",
        1 => "\\PC{0,5}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat().replace('"', "'"))
}

fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    (1..7_usize).prop_flat_map(|columns| {
        let row = proptest::collection::vec(cell(), columns);
        let header = proptest::collection::vec("( {0,2}[A-Z]{1,9}){1,2}", columns);
        (header, proptest::collection::vec(row, 0..6))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_table_looks_as_it_did((header, rows) in table(), width in 0..200_usize) {
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        prop_assert_eq!(ours(&header, &rows, width), theirs(&header, &rows, width));
    }
}

#[test]
fn what_is_kept_is_cut_last_and_names_are_never_broken() {
    let header = ["", "RESOURCE", "STATE", "PURPOSE", "EXPIRES"];
    let resource = "path:services/payments/src/retry/loop.rs";
    let cells = ["!", resource, "gone, exclusive", &"why ".repeat(40), "12m"];
    for columns in [40, 60, 80, 120] {
        let mut table = Table::new(&header)
            .cutting_in_the_middle(&[(1, 40)])
            .keeping(&[1, 2]);
        cells.iter().for_each(|cell| table.cell(cell));
        let text = table.render(columns);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(lines.iter().all(|line| width(line) <= columns), "{text}");
        let has_room = columns >= 80;
        assert_eq!(lines[1].contains(resource), has_room, "{text}");
        assert!(lines[1].ends_with("12m"), "{text}");
        header
            .iter()
            .for_each(|name| assert!(lines[0].contains(name), "{text}"));
    }
    let mut table = Table::new(&["A"]).with_styles(true);
    table.cell("x");
    assert_eq!(table.render(80), "\u{1b}[1mA\u{1b}[0m\nx\n");
}
