//! The room for the lines of a briefing: [`add`].
//!
//! Owns how much of a text each [`Group`] of lines may take, so that none of them pushes another
//! out, and the line that says how many are left out. Lines are whole. Never knows what they say.

/// Room for the line that says how many are left out.
const REST_CHARS: usize = 100;

/// Lines of one kind, the most relevant first.
pub(in crate::integrations::harness) struct Group {
    /// How many there are.
    pub(in crate::integrations::harness) count: usize,
    /// The first of them, at least as many as there may be room for.
    pub(in crate::integrations::harness) lines: Vec<String>,
    /// How many things each line is about; empty if each is about one.
    pub(in crate::integrations::harness) of_each: Vec<usize>,
    /// What is left out, and the command that shows it.
    pub(in crate::integrations::harness) rest: &'static str,
}

impl Group {
    /// Returns how many things the first lines are about.
    fn about(&self, lines: usize) -> usize {
        match self.of_each.is_empty() {
            true => lines,
            false => self.of_each.iter().take(lines).sum(),
        }
    }

    /// Returns how many characters all lines take; more than there are for lines that were not
    /// written down.
    fn needs(&self) -> usize {
        let known: usize = self.lines.iter().map(|line| chars(line)).sum();
        match self.count > self.about(self.lines.len()) {
            true => usize::MAX,
            false => known,
        }
    }
}

/// Adds the lines of each group to a text of at most `chars_max` characters. The first group has
/// half of the room, the others share the rest, and what one does not need the others have, the
/// first ones before the last. Returns how many lines of each group were added.
pub(in crate::integrations::harness) fn add(
    text: &mut String,
    groups: &[Group],
    chars_max: usize,
) -> Vec<usize> {
    let room = chars_max.saturating_sub(chars(text));
    let parts = groups.len().max(2) + 1;
    let mut later: usize = 0;
    let least = |group: &Group| group.needs().min(room / parts);
    for group in groups.iter().skip(1) {
        later += least(group);
    }
    let mut left = room;
    let mut told = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            later -= least(group);
        }
        let share = left.saturating_sub(later);
        let before = chars(text);
        told.push(add_group(text, group, share));
        left = left.saturating_sub(chars(text) - before);
    }
    told
}

fn add_group(text: &mut String, group: &Group, share: usize) -> usize {
    if group.needs() <= share {
        text.extend(group.lines.iter().map(String::as_str));
        return group.lines.len();
    }
    let mut left = share.saturating_sub(REST_CHARS);
    let mut told = 0;
    for line in &group.lines {
        let needed = chars(line);
        if needed > left {
            break;
        }
        left -= needed;
        told += 1;
        text.push_str(line);
    }
    let hidden = group.count - group.about(told);
    text.push_str(&format!("- and {hidden} more{}\n", group.rest));
    told
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn group(count: usize, length: usize, mark: char) -> Group {
        let line = |n: usize| format!("- {mark}{n:<length$}\n");
        Group {
            count,
            lines: (0..count.min(30)).map(line).collect(),
            of_each: Vec::new(),
            rest: " of them: command",
        }
    }

    fn told(groups: &[Group], chars_max: usize) -> String {
        let mut text = "head\n".to_owned();
        let told = add(&mut text, groups, chars_max);
        for (told, mark) in told.into_iter().zip(['a', 'b', 'c']) {
            let is_its = |line: &&str| {
                let rest = line
                    .strip_prefix("- ")
                    .and_then(|rest| rest.strip_prefix(mark));
                rest.is_some_and(|rest| !rest.starts_with("nd "))
            };
            assert_eq!(text.lines().filter(is_its).count(), told, "{text}");
        }
        text
    }

    fn shown(text: &str, mark: char) -> usize {
        let is_its = |line: &&str| line.starts_with(&format!("- {mark}"));
        text.lines().filter(is_its).count()
    }

    #[test]
    fn no_group_pushes_another_out() {
        let many = |mark| group(1000, 100, mark);
        let text = told(&[many('a'), many('b'), many('c')], 2000);
        assert!(shown(&text, 'a') >= 5, "{text}");
        assert!(shown(&text, 'b') >= 2 && shown(&text, 'c') >= 2, "{text}");
        assert_eq!(text.matches("more of them: command").count(), 3, "{text}");
    }

    #[test]
    fn what_one_does_not_need_another_has() {
        let none = || group(0, 0, 'x');
        let text = told(&[none(), group(3, 100, 'b'), group(1000, 100, 'c')], 2000);
        assert_eq!(shown(&text, 'b'), 3, "{text}");
        assert!(shown(&text, 'c') >= 12, "{text}");
        let text = told(&[group(1000, 100, 'a'), none(), group(1, 100, 'c')], 2000);
        assert!(shown(&text, 'a') >= 13 && shown(&text, 'c') == 1, "{text}");
        let all = told(
            &[group(4, 100, 'a'), group(4, 100, 'b'), group(4, 100, 'c')],
            2000,
        );
        assert!(!all.contains("more"), "{all}");
    }

    proptest! {
        #[test]
        fn it_fits_and_counts(
            groups in proptest::collection::vec((0usize..60, 1usize..500), 1..4),
        ) {
            let marked = groups.iter().zip(['a', 'b', 'c']);
            let marked: Vec<Group> =
                marked.map(|((count, length), mark)| group(*count, *length, mark)).collect();
            let text = told(&marked, 2000);
            prop_assert!(text.chars().count() <= 2000);
            prop_assert!(text.ends_with('\n'));
            let hidden = text.lines().filter_map(|line| {
                let count = line.strip_prefix("- and ")?.split(' ').next()?;
                count.parse::<usize>().ok()
            });
            let all: usize = groups.iter().map(|(count, _)| count).sum();
            let shown: usize = ['a', 'b', 'c'].iter().map(|mark| shown(&text, *mark)).sum();
            // Lines begin with `- a…`, which is not a number, so the two cannot be mixed up.
            prop_assert_eq!(shown - text.matches("\n- and ").count() + hidden.sum::<usize>(), all);
        }
    }
}
