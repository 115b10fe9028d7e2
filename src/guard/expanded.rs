//! Words of a line in the state of the shell that reads them.
//!
//! Owns the values of variables that are certain, and which files a word names with them. Never
//! looks at a disk.

use super::named::Named;
use super::place::{Place, ShellState, below};
use super::shell::{FileNames, SCRIPT_FOLDER, TOP, WORKING_DIR, Word};
use crate::model::path::literal;

impl ShellState {
    /// Returns a word with the certain values of its variables, or several words.
    pub(super) fn expanded(&self, word: &Word, place: &Place) -> Option<Vec<Word>> {
        word.expanded(|name| self.value_of(name, place))
    }

    /// Returns the certain value of a variable.
    fn value_of<'s>(&'s self, name: &str, place: &'s Place) -> Option<&'s str> {
        let set = self.literals.get(name).map(String::as_str);
        set.or_else(|| match name {
            WORKING_DIR if !self.variables.contains_key(name) => self.at.as_deref(),
            // A top that is spelled is that of a tree which is known.
            TOP => {
                let at = self.at.as_deref()?;
                let own = place.siblings.iter().map(|tree| &tree.top);
                let all = own.chain(&place.foreign).chain(&place.root);
                let all = all.filter(|top| below(top, at).is_some());
                all.max_by_key(|top| top.len()).map(String::as_str)
            }
            SCRIPT_FOLDER => self.script_folder.as_deref(),
            "HOME" if !self.variables.contains_key(name) => place.home.as_deref(),
            _ => None,
        })
    }

    /// Returns which files a word names.
    pub(super) fn named(&self, word: &Word, place: &Place) -> Vec<Named> {
        if let Some(files) = word.lone_variable().and_then(|name| self.files.get(name)) {
            return files.clone();
        }
        let at = |text: &str| {
            let word = Word::literal(if text.is_empty() { "." } else { text });
            let at = self.absolute(&word, place);
            at.or_else(|| text.starts_with('/').then(|| text.to_owned()))
        };
        let names = word.file_names(|name| self.value_of(name, place));
        vec![match names {
            FileNames::One(text) => at(&text).map_or(Named::Anywhere, Named::File),
            FileNames::Matching { folder, pattern } => match at(&folder) {
                Some(folder) => Named::Matching { folder, pattern },
                None => Named::Anywhere,
            },
            FileNames::Beginning(text) => {
                let from = text.rfind('/').map_or(0, |slash| slash + 1);
                let (folder, name) = text.split_at(from);
                match at(folder) {
                    _ if text.is_empty() || name.starts_with('~') && folder.is_empty() => {
                        Named::Anywhere
                    }
                    Some(folder) if name.is_empty() || matches!(name, "." | "..") => {
                        Named::Below(folder)
                    }
                    Some(folder) => Named::Some {
                        folder,
                        pattern: format!("{}*", literal(name)),
                    },
                    None => Named::Anywhere,
                }
            }
        }]
    }
}
