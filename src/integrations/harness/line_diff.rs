//! Line diff of a file before and after a change.
//!
//! Owns the comparison of two texts, line by line. Never prints.

use similar::{ChangeTag, TextDiff};

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Both texts have it.
    Same,
    /// Only the new text has it.
    Added,
    /// Only the old text has it.
    Removed,
}

/// Returns the lines of both texts in order, each with what happened to it.
pub fn compare(before: &str, after: &str) -> Vec<(Change, String)> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let diff = TextDiff::from_slices(&old, &new);
    let lines = diff.iter_all_changes().map(|change| {
        let mark = match change.tag() {
            ChangeTag::Equal => Change::Same,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        (mark, change.value().to_owned())
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_and_removed_lines_are_marked() {
        let marks = |before: &str, after: &str| -> String {
            let lines = compare(before, after).into_iter();
            let marked = lines.map(|(change, line)| match change {
                Change::Same => format!(" {line}"),
                Change::Added => format!("+{line}"),
                Change::Removed => format!("-{line}"),
            });
            marked.collect::<Vec<_>>().join("|")
        };
        assert_eq!(marks("a\nb\nc", "a\nx\nb\nc"), " a|+x| b| c");
        assert_eq!(marks("a\nb\nc\nd", "a\nb,\nc\ne\nd"), " a|-b|+b,| c|+e| d");
        assert_eq!(marks("", "a"), "+a");
        assert_eq!(marks("a", ""), "-a");
        assert_eq!(marks("a\na", "a"), " a|-a");
        assert_eq!(marks("a\r\nb", "a\nb\n"), " a| b");
    }
}
