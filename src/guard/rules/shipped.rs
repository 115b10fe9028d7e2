//! Shipped rules.
//!
//! Owns the texts of the rules that come with the program, line by line. Never reads them.

const SHIPPED: [&str; 4] = [
    include_str!("infrastructure.txt"),
    include_str!("containers.txt"),
    include_str!("cloud.txt"),
    include_str!("wrappers.txt"),
];

/// Variables that carry arguments, as far as they can change what a command does.
const ARGUMENTS: [&str; 9] = [
    "TF_CLI_ARGS",
    "TF_CLI_ARGS_apply",
    "TF_CLI_ARGS_destroy",
    "TF_CLI_ARGS_import",
    "TF_CLI_ARGS_init",
    "TF_CLI_ARGS_plan",
    "TF_CLI_ARGS_refresh",
    "TF_CLI_ARGS_state",
    "TF_CLI_ARGS_workspace",
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

/// Checks whether a line states something about the program `name`.
pub(super) fn is_about(line: &str, name: &str) -> bool {
    let programs = line.split_whitespace().next().unwrap_or("#");
    programs != "#" && programs.split('|').any(|program| program == name)
}

/// Returns the names of variables in the holes of templates, and of those that carry arguments.
pub(super) fn variables<'t>() -> impl Iterator<Item = &'t str> {
    let rules = shipped_lines().map(without_comment);
    let marks = rules.flat_map(|rule| rule.split('$').skip(1));
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let named = marks.filter_map(move |mark| mark.split(|c| !is_part(c)).next());
    named.chain(ARGUMENTS)
}
