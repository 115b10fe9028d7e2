//! Which columns of a table stand beside each other, and how wide they are.
//!
//! Owns what gives way where there is no room for all, in a [`Fit`]: first columns that matter
//! less, then what can stand in a line below, and only then is a cell cut to less than can be read.
//! Never renders.

use super::{CELL_MIN, GAP};

/// The least width of a column that is cut at its end, unless it needs less.
const READABLE: usize = 24;

/// Which columns give way, and how.
#[derive(Clone, Copy, Default)]
pub(super) struct Order<'h> {
    /// Columns that are cut last.
    pub kept: &'h [usize],
    /// Columns that are cut in the middle, each with the least width that can be read.
    pub middles: &'h [(usize, usize)],
    /// Columns that are left out, the first one first.
    pub dropped: &'h [usize],
    /// Columns that go into a line below their row, the first one first.
    pub below: &'h [usize],
}

/// A layout.
pub(super) struct Fit {
    /// The width of each column; `None` for one that does not stand in the row.
    pub widths: Vec<Option<usize>>,
    /// The columns below the row, in the order of the columns.
    pub below: Vec<usize>,
}

impl Fit {
    /// Takes the widths of columns that all stand beside each other.
    pub(super) fn beside(widths: Vec<usize>) -> Self {
        Self {
            widths: widths.into_iter().map(Some).collect(),
            below: Vec::new(),
        }
    }

    /// Fits columns, of which the widest cells and the names have these widths, into `width`.
    pub(super) fn of(order: &Order<'_>, widest: &[usize], names: &[usize], width: usize) -> Self {
        let columns = 0..widest.len();
        let least = |column: usize| {
            let middle = order.middles.iter().find(|(at, _)| *at == column);
            let readable = middle.map_or(READABLE, |(_, least)| *least);
            readable.max(names[column]).min(widest[column])
        };
        let least: Vec<usize> = columns.clone().map(least).collect();
        let gives_way = || order.dropped.iter().chain(order.below);
        let steps = gives_way().count();
        let shown = |step: usize| {
            let is_away = |at: &usize| gives_way().take(step).any(|away| away == at);
            columns
                .clone()
                .filter(|at| !is_away(at))
                .collect::<Vec<usize>>()
        };
        let fits = |step: &usize| {
            let shown = shown(*step);
            let taken: usize = shown.iter().map(|at| least[*at]).sum();
            taken + GAP * shown.len().saturating_sub(1) <= width
        };
        let step = (0..steps).find(fits).unwrap_or(steps);
        let shown = shown(step);
        let mut below: Vec<usize> = order.below.to_vec();
        below.truncate(step.saturating_sub(order.dropped.len()));
        below.sort_unstable();
        let mut widths = vec![None; widest.len()];
        let mut left = width.saturating_sub(GAP * shown.len().saturating_sub(1));
        for at in &shown {
            let start = names[*at].max(CELL_MIN).min(widest[*at]);
            left = left.saturating_sub(start);
            widths[*at] = Some(start);
        }
        // What can be read comes first, then all of it, and each time what is kept.
        for aims in [&least[..], widest] {
            for at in order.kept.iter().filter(|at| shown.contains(at)) {
                spread(&mut widths, &[*at], aims, &mut left);
            }
            spread(&mut widths, &shown, aims, &mut left);
        }
        Self { widths, below }
    }
}

/// Gives columns what they lack of their `aims`, evenly: the least wide one first.
fn spread(widths: &mut [Option<usize>], of: &[usize], aims: &[usize], left: &mut usize) {
    while *left > 0 {
        let open = of.iter().copied();
        let open = open.filter(|at| widths[*at].is_some_and(|width| width < aims[*at]));
        let Some(narrowest) = open.min_by_key(|at| widths[*at]) else {
            return;
        };
        widths[narrowest] = widths[narrowest].map(|width| width + 1);
        *left -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fits the columns of a list, with a resource, a session and a purpose as wide as that.
    fn fitted(cells: [usize; 3], width: usize) -> (Vec<Option<usize>>, Vec<usize>) {
        let [resource, session, purpose] = cells;
        let widest = [2, resource, 9, session, purpose, 4, 7];
        let names = [0, 8, 5, 7, 7, 4, 7];
        let order = Order {
            kept: &[1, 3, 2],
            middles: &[(1, 28), (3, 16)],
            dropped: &[5],
            below: &[4, 2, 3],
        };
        let fit = Fit::of(&order, &widest, &names, width);
        (fit.widths, fit.below)
    }

    #[test]
    fn columns_give_way_before_cells_are_cut_to_stubs() {
        let all = |widths: [usize; 7]| widths.map(Some).to_vec();
        for (cells, width, widths, below) in [
            // There is room for all, or the purpose is cut and can be read.
            ([20, 10, 30], 200, all([2, 20, 9, 10, 30, 4, 7]), vec![]),
            ([20, 10, 99], 100, all([2, 20, 9, 10, 36, 4, 7]), vec![]),
            // The last heartbeat goes first, then the purpose goes below, then the state.
            (
                [20, 10, 99],
                84,
                [
                    Some(2),
                    Some(20),
                    Some(9),
                    Some(10),
                    Some(26),
                    None,
                    Some(7),
                ]
                .to_vec(),
                vec![],
            ),
            (
                [30, 18, 99],
                80,
                [Some(2), Some(30), Some(9), Some(18), None, None, Some(7)].to_vec(),
                vec![4],
            ),
            (
                [30, 18, 99],
                60,
                [Some(2), Some(29), None, Some(16), None, None, Some(7)].to_vec(),
                vec![2, 4],
            ),
            (
                [30, 18, 99],
                40,
                [Some(2), Some(27), None, None, None, None, Some(7)].to_vec(),
                vec![2, 3, 4],
            ),
        ] {
            assert_eq!(
                fitted(cells, width),
                (widths, below),
                "{cells:?} in {width}"
            );
        }
    }
}
