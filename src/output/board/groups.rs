//! Groups of lines that fit on one screen: [`Group`].
//!
//! Owns how many rows of each group are shown ([`fitted`]): at most five, fewer where the whole
//! would be too long, and below them how many more there are, with the command that shows them.
//! Never words a row.

use crate::output::style::more_in;

/// The most rows of a group.
const ROWS_MAX: usize = 5;

/// Lines that belong together.
#[derive(Default)]
pub(super) struct Group {
    /// The lines above the rows, which are always shown.
    pub head: String,
    /// The first of its rows, each with its lines.
    pub rows: Vec<String>,
    /// How many rows there are in all.
    pub all: usize,
    /// The command that shows all of them; empty if the head names it.
    pub command: &'static str,
    /// Whether a line is left empty above it where there is room for that.
    pub is_apart: bool,
}

impl Group {
    /// Returns a group of lines that are always shown.
    pub(super) fn of_lines(head: String) -> Self {
        Self {
            head,
            ..Self::default()
        }
    }

    /// Returns the group with an empty line above it, if `is_apart`.
    pub(super) fn apart(mut self, is_apart: bool) -> Self {
        self.is_apart = is_apart;
        self
    }

    fn is_empty(&self) -> bool {
        self.head.is_empty() && self.rows.is_empty()
    }

    /// Returns what is shown of it with so many rows.
    fn text(&self, shown: usize) -> String {
        let mut out = self.head.clone();
        out.extend(self.rows.iter().take(shown).map(String::as_str));
        if !self.command.is_empty() {
            more_in(&mut out, self.all, shown, self.command);
        }
        out
    }

    fn lines(&self, shown: usize) -> usize {
        self.text(shown).lines().count()
    }
}

/// Returns the groups one after the other, in at most `lines_max` lines where that is possible.
pub(super) fn fitted(mut groups: Vec<Group>, lines_max: usize) -> String {
    groups.retain(|group| !group.is_empty());
    let mut shown: Vec<usize> = groups
        .iter()
        .map(|one| one.rows.len().min(ROWS_MAX))
        .collect();
    // One row of each group stays where that is enough.
    for least in [1, 0] {
        while total(&groups, &shown) > lines_max {
            let gives = longest(&groups, &shown, least);
            let Some(rows) = gives.and_then(|at| shown.get_mut(at)) else {
                break;
            };
            *rows -= 1;
        }
    }
    let gaps = groups.iter().skip(1).filter(|group| group.is_apart).count();
    let has_gaps = total(&groups, &shown) + gaps <= lines_max;
    let mut out = String::new();
    for (group, rows) in groups.iter().zip(&shown) {
        if has_gaps && group.is_apart && !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&group.text(*rows));
    }
    out
}

fn total(groups: &[Group], shown: &[usize]) -> usize {
    let all = groups.iter().zip(shown);
    all.map(|(group, rows)| group.lines(*rows)).sum()
}

/// Returns which group gives up a row: the one that takes the most lines with its rows, the last
/// one of several. A group without a head would not be seen without a row.
fn longest(groups: &[Group], shown: &[usize], least: usize) -> Option<usize> {
    let all = groups.iter().zip(shown).enumerate();
    let can_give = all.filter(|(_, (group, rows))| {
        let least = if group.head.is_empty() { 1 } else { least };
        **rows > least
    });
    let longest = can_give.max_by_key(|(_, (group, rows))| group.lines(**rows));
    longest.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, rows: usize) -> Group {
        Group {
            head: format!("{name}\n"),
            rows: (0..rows).map(|n| format!("{name}{n}\n")).collect(),
            all: rows,
            command: "more",
            is_apart: true,
        }
    }

    #[track_caller]
    fn check(rows: &[usize], lines_max: usize, expected: &str) {
        let names = ["a", "b", "c"].iter().zip(rows);
        let groups = names.map(|(name, rows)| group(name, *rows)).collect();
        let text = fitted(groups, lines_max);
        assert_eq!(text.lines().collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn the_longest_group_gives_up_rows() {
        check(&[1, 2], 9, "a a0  b b0 b1");
        check(&[1, 2], 5, "a a0 b b0 b1");
        check(&[1, 9], 20, "a a0  b b0 b1 b2 b3 b4   and 4 more: more");
        check(&[3, 5], 8, "a a0 a1 a2 b b0 b1   and 3 more: more");
        check(&[1, 5], 5, "a a0 b b0   and 4 more: more");
        check(&[1, 5], 4, "a a0 b   and 5 more: more");
    }

    #[test]
    fn what_has_no_head_keeps_a_row() {
        let mut one = group("a", 5);
        one.head.clear();
        assert_eq!(fitted(vec![one], 1), "a0\n  and 4 more: more\n");
        assert_eq!(fitted(vec![Group::default()], 1), "");
    }
}
