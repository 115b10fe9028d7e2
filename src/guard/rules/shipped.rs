//! Shipped rules.
//!
//! Owns the texts of the rules that come with the program, line by line. Never reads them.

const SHIPPED: [&str; 4] = [
    include_str!("infrastructure.txt"),
    include_str!("containers.txt"),
    include_str!("cloud.txt"),
    include_str!("wrappers.txt"),
];

/// Returns the lines of the shipped rules, comments and empty lines included.
pub(super) fn shipped_lines<'t>() -> impl Iterator<Item = &'t str> {
    SHIPPED.iter().flat_map(|text| text.lines()).map(str::trim)
}

/// Removes a comment.
pub(super) fn without_comment(line: &str) -> &str {
    match line {
        "#" => "",
        line => line.split("# ").next().unwrap_or_default().trim(),
    }
}
