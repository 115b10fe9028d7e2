//! The prose of the sources.
//!
//! Owns how wide a comment may be. Never reads code, which has a formatter of its own.

use super::scan::Source;
use super::{Complaint, all_below, check, none};

/// The formatter keeps code within this and leaves comments as they are.
const COMMENT_COLUMNS_MAX: usize = 100;

fn columns(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (line, text) in source.comments.iter().enumerate() {
        let columns = text.trim_end().chars().count();
        if columns > COMMENT_COLUMNS_MAX {
            let rule = format!("a comment of {columns} columns; at most {COMMENT_COLUMNS_MAX}");
            complaints.push(source.complaint(line, rule));
        }
    }
    complaints
}

#[test]
fn comments_are_narrow() {
    let folders = ["src", "tests", "benches", "fuzz/fuzz_targets"];
    none(all_below(&folders).iter().flat_map(columns));
}

#[test]
fn a_wide_comment_is_found() {
    let wide = |columns: usize| "x".repeat(columns);
    let a = |text: &str, lines: &[usize]| check(columns, "src/model/a.rs", text, lines);
    a(&format!("// {}\n// {}\n", wide(97), wide(98)), &[2]);
    a(&format!("    /// {}\nfn f() {{}}\n", wide(93)), &[1]);
    a(&format!("let a = \"{} // no comment\";\n", wide(100)), &[]);
    a(&format!("let a = \"{}\"; // a comment\n", wide(90)), &[1]);
    a(&format!("/*\n{}\n*/\n", wide(101)), &[2]);
}
