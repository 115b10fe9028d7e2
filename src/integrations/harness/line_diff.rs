//! What a change of a file comes to, line by line.
//!
//! Owns the comparison of two texts. Never prints.

/// More lines than this in the part that differs are shown as gone and new.
const LINES_MAX: usize = 2000;

/// A line of a comparison, with what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Same,
    Added,
    Removed,
}

/// The lines of both texts in order.
pub fn compare(before: &str, after: &str) -> Vec<(Change, String)> {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = rest.take_while(|(a, b)| a == b).count();
    let (gone, come) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mark = |change: Change| move |line: &&str| (change, (*line).to_owned());
    let mut lines: Vec<(Change, String)> = old[..head].iter().map(mark(Change::Same)).collect();
    match gone.len() <= LINES_MAX && come.len() <= LINES_MAX {
        true => lines.extend(middle(gone, come)),
        false => {
            lines.extend(gone.iter().map(mark(Change::Removed)));
            lines.extend(come.iter().map(mark(Change::Added)));
        }
    }
    lines.extend(old[old.len() - tail..].iter().map(mark(Change::Same)));
    lines
}

/// By the longest sequence of lines that both have.
fn middle(old: &[&str], new: &[&str]) -> Vec<(Change, String)> {
    let width = new.len() + 1;
    let mut longest = vec![0_usize; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = match old[i] == new[j] {
                true => longest[(i + 1) * width + j + 1] + 1,
                false => longest[(i + 1) * width + j].max(longest[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        let drops = j == new.len()
            || i < old.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1];
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((Change::Same, old[i].to_owned()));
            (i, j) = (i + 1, j + 1);
        } else if drops {
            lines.push((Change::Removed, old[i].to_owned()));
            i += 1;
        } else {
            lines.push((Change::Added, new[j].to_owned()));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_went_is_told() {
        let marks = |before: &str, after: &str| -> String {
            let lines = compare(before, after).into_iter();
            let told = lines.map(|(change, line)| match change {
                Change::Same => format!(" {line}"),
                Change::Added => format!("+{line}"),
                Change::Removed => format!("-{line}"),
            });
            told.collect::<Vec<_>>().join("|")
        };
        assert_eq!(marks("a\nb\nc", "a\nx\nb\nc"), " a|+x| b| c");
        assert_eq!(marks("a\nb\nc\nd", "a\nb,\nc\ne\nd"), " a|-b|+b,| c|+e| d");
        assert_eq!(marks("", "a"), "+a");
        assert_eq!(marks("a", ""), "-a");
        assert_eq!(marks("a\na", "a"), " a|-a");
    }
}
