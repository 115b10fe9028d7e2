//! How many rows of each section are seen: [`shares`], [`window`].
//!
//! Owns how the lines of a column are divided, so that every section is seen for as long as there
//! is room. Pure. Never draws.

/// Returns how many rows of each section are shown in a column of `height` lines, in which each
/// section has a line above its rows; `None` for a section that has no room at all. The section in
/// `focus` comes first where there is little.
pub(super) fn shares(rows: &[usize], height: usize, focus: Option<usize>) -> Vec<Option<usize>> {
    let mut shown: Vec<Option<usize>> = vec![None; rows.len()];
    let mut left = height;
    let first = focus.filter(|at| *at < rows.len());
    let others = (0..rows.len()).filter(|at| Some(*at) != first);
    for at in first.into_iter().chain(others) {
        let least = 1 + rows[at].min(1);
        match () {
            () if left >= least => {
                shown[at] = Some(rows[at].min(1));
                left -= least;
            }
            // A row is worth more than the name of its section.
            () => break,
        }
    }
    while left > 0 {
        let wants = |at: &usize| shown[*at].is_some_and(|count| count < rows[*at]);
        let favour = |at: &usize| (shown[*at], Some(*at) != first);
        let Some(poorest) = (0..rows.len()).filter(wants).min_by_key(favour) else {
            break;
        };
        shown[poorest] = shown[poorest].map(|count| count + 1);
        left -= 1;
    }
    shown
}

/// Returns the first row that is shown of a section with so many rows, of which `shown` fit, so
/// that the row `selected` is among them.
pub(super) fn window(rows: usize, shown: usize, selected: Option<usize>) -> usize {
    let selected = selected.unwrap_or(0);
    let last_start = rows.saturating_sub(shown);
    // In the middle, so that what comes before and behind is seen, too.
    selected.saturating_sub(shown / 2).min(last_start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rows: &[usize], height: usize, focus: Option<usize>, expected: &[Option<usize>]) {
        assert_eq!(shares(rows, height, focus), expected);
    }

    #[test]
    fn every_section_is_seen_while_there_is_room() {
        check(&[9, 2], 20, None, &[Some(9), Some(2)]);
        check(&[9, 2], 8, None, &[Some(4), Some(2)]);
        check(&[60, 60, 60], 12, None, &[Some(3), Some(3), Some(3)]);
        check(&[60, 60, 60], 13, None, &[Some(4), Some(3), Some(3)]);
        check(&[60, 60, 60], 13, Some(2), &[Some(3), Some(3), Some(4)]);
        check(&[60, 0, 60], 7, None, &[Some(2), Some(0), Some(2)]);
    }

    #[test]
    fn where_there_is_little_the_focus_is_seen() {
        check(&[5, 5, 5], 4, Some(2), &[Some(1), None, Some(1)]);
        check(&[5, 5, 5], 2, Some(1), &[None, Some(1), None]);
        check(&[5, 5, 5], 1, Some(1), &[None, None, None]);
        check(&[], 5, None, &[]);
    }

    #[test]
    fn the_selected_row_is_in_the_window() {
        for (rows, shown, selected, first) in [
            (9, 3, None, 0),
            (9, 3, Some(0), 0),
            (9, 3, Some(4), 3),
            (9, 3, Some(8), 6),
            (2, 3, Some(1), 0),
            (9, 0, Some(4), 4),
        ] {
            assert_eq!(window(rows, shown, selected), first);
        }
    }
}
