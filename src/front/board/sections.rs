//! What the board shows: rows in sections.
//!
//! Owns the shape that the view draws and the keys move in ([`Screen`], [`Section`], [`Row`]), and
//! which rows pass a filter. All text in it is safe to show. Never knows a terminal.

use crate::model::message::MessageId;
use crate::model::resource::Resource;
use crate::model::text::harmless_lines;

/// How much a row wants to be seen. Each has a sign of its own, since colour alone says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// It conflicts with another row, or is wrong.
    Trouble,
    /// It is for the session that asks.
    ForMe,
    /// It belongs to the session that asks.
    Mine,
    /// It is of others.
    #[default]
    Plain,
    /// It holds nothing.
    Quiet,
}

impl Mark {
    /// Returns the sign before a row.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Trouble => "!",
            Self::ForMe => "*",
            Self::Mine => "+",
            Self::Plain | Self::Quiet => " ",
        }
    }
}

/// To whom a message can be written from a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addressee {
    /// The session, as it is typed.
    pub(super) session: String,
    /// The message that is answered.
    pub(super) reply_to: Option<MessageId>,
}

/// One line of the board, and what is behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// What it is about, the same after it was read again.
    pub(super) key: String,
    /// How much it wants to be seen.
    pub(super) mark: Mark,
    /// What it is about, for people.
    pub(super) name: String,
    /// The session, or the state.
    pub(super) who: String,
    /// What else there is to say.
    pub(super) what: String,
    /// When it ends or was, shortly.
    pub(super) when: String,
    /// All that is known, a line each.
    pub(super) details: Vec<String>,
    /// The other session that it belongs to.
    pub(super) to: Option<Addressee>,
    /// What the session that asks can release.
    pub(super) release: Option<Resource>,
}

/// Rows of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    /// Its name.
    pub(super) title: &'static str,
    /// What stands beside its name.
    pub(super) summary: String,
    /// Its rows, the most important first.
    pub(super) rows: Vec<Row>,
}

/// All that is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Screen {
    /// Which session looks, and at what time.
    pub(super) head: String,
    /// What is known of the remote.
    pub(super) remote: String,
    /// The sections, in their order.
    pub(super) sections: Vec<Section>,
}

impl Row {
    /// Returns the row with what cannot be seen escaped, each part in one line.
    pub(super) fn safe(mut self) -> Self {
        for part in [
            &mut self.name,
            &mut self.who,
            &mut self.what,
            &mut self.when,
        ] {
            *part = one_line(part);
        }
        let details = self.details.iter().map(|lines| harmless_lines(lines));
        let details: Vec<String> = details.collect();
        let lines = details.iter().flat_map(|lines| lines.split('\n'));
        self.details = lines.map(str::to_owned).collect();
        self
    }

    /// Returns true if a part of the row has `wanted`, which is in lower case.
    fn has(&self, wanted: &str) -> bool {
        let parts = [&self.name, &self.who, &self.what];
        parts
            .iter()
            .any(|part| part.to_lowercase().contains(wanted))
    }
}

fn one_line(text: &str) -> String {
    harmless_lines(text).replace('\n', " ")
}

impl Screen {
    /// Returns the screen with the rows that pass a filter, and the sections that have some: those
    /// whose title has it are whole. Without a filter, it is all of it.
    pub(super) fn filtered(&self, filter: &str) -> Self {
        let wanted = filter.trim().to_lowercase();
        let mut shown = self.clone();
        for section in &mut shown.sections {
            if !section.title.to_lowercase().contains(&wanted) {
                section.rows.retain(|row| row.has(&wanted));
            }
        }
        shown
            .sections
            .retain(|section| !section.rows.is_empty() || wanted.is_empty());
        shown
    }

    /// Returns all rows, in their order.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.sections.iter().flat_map(|section| &section.rows)
    }

    /// Returns where the section of a row begins, and that of the next one.
    pub(super) fn span_of(&self, at: usize) -> (usize, usize) {
        let mut start = 0;
        for section in &self.sections {
            let end = start + section.rows.len();
            if at < end {
                return (start, end);
            }
            start = end;
        }
        (start, start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, who: &str) -> Row {
        Row {
            name: name.to_owned(),
            who: who.to_owned(),
            ..Row::default()
        }
    }

    fn screen() -> Screen {
        let section = |title, rows| Section {
            title,
            rows,
            ..Section::default()
        };
        Screen {
            sections: vec![
                section("In flight", vec![row("db:x", "bob"), row("node:y", "Ann")]),
                section("Turns", vec![row("turn:main", "bob")]),
                section("Tasks", Vec::new()),
            ],
            ..Screen::default()
        }
    }

    #[track_caller]
    fn check(filter: &str, expected: &[&str]) {
        let shown = screen().filtered(filter);
        let names: Vec<&str> = shown.rows().map(|row| row.name.as_str()).collect();
        assert_eq!(names, expected, "{filter}");
    }

    #[test]
    fn a_filter_looks_at_names_and_sessions_and_titles() {
        check("", &["db:x", "node:y", "turn:main"]);
        check("bob", &["db:x", "turn:main"]);
        check(" ANN ", &["node:y"]);
        check("flight", &["db:x", "node:y"]);
        check("nothing", &[]);
        assert_eq!(screen().filtered("").sections.len(), 3);
        assert_eq!(screen().filtered("ann").sections.len(), 1);
    }

    #[test]
    fn the_section_of_a_row() {
        let screen = screen();
        for (at, span) in [(0, (0, 2)), (1, (0, 2)), (2, (2, 3)), (3, (3, 3))] {
            assert_eq!(screen.span_of(at), span, "{at}");
        }
    }

    #[test]
    fn text_of_others_does_nothing_to_a_terminal() {
        let mut hostile = row("a\u{1b}[2J\nb", "c\u{202e}d");
        hostile.details = vec!["one\ntwo\u{7}".to_owned()];
        let safe = hostile.safe();
        assert_eq!(safe.name, "a\\u{1b}[2J b");
        assert_eq!(safe.who, "c\\u{202e}d");
        assert_eq!(safe.details, ["one", "two\\u{7}"]);
    }
}
